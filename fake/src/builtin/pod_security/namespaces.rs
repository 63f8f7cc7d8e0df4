//! Namespaces: the labels themselves, and the pods that are there when they change.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::Reviewed;
use super::checks::Outcome;
use super::policy::{Level, LevelVersion, Policy};
use super::template::{Template, items};
use crate::catalog::StorageKey;
use crate::status::{About, Status};
use crate::store::Store;
use crate::stored::Stored;

/// How many pods are checked at most.
const CHECKED: usize = 3000;

/// Refuses labels that can't be read, unless they were there before, and warns of pods that a stricter level would refuse.
pub(super) fn review(write: Reviewed<'_>, store: &Store) -> Result<Vec<String>, Status> {
    let Reviewed { object, old, minor, .. } = write;
    let (policy, problems) = Policy::of(&object["metadata"]["labels"]);
    let before = old.map(|old| Policy::of(&old["metadata"]["labels"]));
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if !problems.is_empty() && before.as_ref().is_none_or(|(_, before)| *before != problems) {
        return Err(Status::invalid(About { group: "", kind: "Namespace", name }, &problems));
    }
    let Some((before, _)) = before else { return Ok(Vec::new()) };
    let (new, old) = (policy.enforce, before.enforce);
    let is_no_stricter = new.version == old.version && new.level <= old.level;
    if new.level == Level::Privileged || is_no_stricter {
        return Ok(Vec::new());
    }
    Ok(of_pods(name, new, minor, store))
}

/// What the pods of a namespace violate, each violation once.
fn of_pods(namespace: &str, level: LevelVersion, minor: u32, store: &Store) -> Vec<String> {
    let pods = prioritized(namespace, store);
    let mut violations: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for pod in pods.iter().take(CHECKED) {
        let outcome = Outcome::of(level, Template::of_pod(pod), minor);
        if outcome.is_violated() {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            violations.entry(outcome.reasons()).or_default().push(name);
        }
    }
    let mut warnings = Vec::new();
    if pods.len() > CHECKED {
        let all = pods.len();
        warnings.push(format!(
            "new PodSecurity enforce level only checked against the first {CHECKED} of {all} existing pods"
        ));
    }
    if !violations.is_empty() {
        warnings.push(format!(
            "existing pods in namespace \"{namespace}\" violate the new PodSecurity enforce level \"{level}\""
        ));
    }
    let shown = violations.iter().map(|(reasons, pods)| {
        let first = pods.iter().min().copied().unwrap_or_default();
        match pods.len() {
            1 => format!("{first}: {reasons}"),
            2 => format!("{first} (and 1 other pod): {reasons}"),
            several => format!("{first} (and {} other pods): {reasons}", several - 1),
        }
    });
    let mut shown: Vec<String> = shown.collect();
    shown.sort();
    warnings.extend(shown);
    warnings
}

/// The pods of a namespace, of each controller one before the others.
fn prioritized<'s>(namespace: &str, store: &'s Store) -> Vec<&'s Arc<Stored>> {
    let (mut first, mut others, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    let storage = StorageKey::new("", "pods");
    let pods = store.all(&storage).map(|(_, pod)| pod);
    for pod in pods.filter(|pod| pod["metadata"]["namespace"] == namespace) {
        let controller = items(&pod["metadata"]["ownerReferences"]).find(|owner| owner["controller"] == true);
        let is_another =
            controller.is_some_and(|owner: &Value| !known.insert(owner["uid"].as_str().unwrap_or_default()));
        if is_another { others.push(pod) } else { first.push(pod) }
    }
    first.extend(others);
    first
}
