//! The admission plugin `PodSecurity`: what the labels of a namespace say of the pods in it.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-admission/>

mod capabilities;
mod checks;
mod host;
mod namespaces;
mod policy;
mod privileges;
mod profiles;
mod template;
mod volumes;

use serde_json::Value;

use self::checks::Outcome;
use self::policy::{Level, Policy};
use self::template::Template;
use crate::catalog::{Resource, StorageKey};
use crate::status::{About, Status};
use crate::store::Store;

/// A write of an object that has been checked.
#[derive(Clone, Copy)]
pub(crate) struct Reviewed<'r> {
    pub object: &'r Value,
    pub old: Option<&'r Value>,
    pub resource: &'r Resource,
    pub subresource: &'r str,
    /// The minor of the server, of which `latest` is.
    pub minor: u32,
}

/// Writes through these are of no interest.
const IGNORED: [&str; 2] = ["binding", "status"];

/// Admits a write by the levels of its namespace. Returns what is warned of.
///
/// # Errors
/// If a pod violates the level that is enforced, or a namespace has labels that can't be read.
pub(crate) fn review(write: Reviewed<'_>, store: &Store) -> Result<Vec<String>, Status> {
    let Reviewed { object, old, resource, subresource, minor } = write;
    if resource.is_namespaces() {
        return if subresource.is_empty() { namespaces::review(write, store) } else { Ok(Vec::new()) };
    }
    let is_pod = resource.group.is_empty() && resource.plural == "pods";
    let is_reviewed = if is_pod { !IGNORED.contains(&subresource) } else { subresource.is_empty() };
    let Some(template) = Template::of(object, resource).filter(|_| is_reviewed) else { return Ok(Vec::new()) };
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    let Some(namespace) = store.get(&StorageKey::new("", "namespaces"), namespace) else { return Ok(Vec::new()) };
    // Labels that can't be read may have been there before the server was told to mind them.
    let (policy, _) = Policy::of(&namespace["metadata"]["labels"]);
    if is_pod && old.is_some_and(|old| !template::is_changed(object, old)) {
        return Ok(Vec::new());
    }
    if is_pod {
        let outcome = Outcome::of(policy.enforce, template, minor);
        if outcome.is_violated() {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let why = format!("violates PodSecurity \"{}\": {}", policy.enforce, outcome.details());
            return Err(Status::forbidden(About { group: "", kind: "pods", name }, &why, Value::Null));
        }
    }
    let outcome = match policy.warn.level {
        Level::Privileged => return Ok(Vec::new()),
        _ => Outcome::of(policy.warn, template, minor),
    };
    if !outcome.is_violated() {
        return Ok(Vec::new());
    }
    Ok(vec![format!("would violate PodSecurity \"{}\": {}", policy.warn, outcome.details())])
}
