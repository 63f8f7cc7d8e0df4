//! What is used of a quota, counted from the objects that there are.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::usage::Counted;
use super::{json as listed, scopes, uncounted};
use crate::builtin::resource_lists::{self, ResourceList, read};
use crate::catalog::StorageKey;
use crate::store::Store;

/// Counts again what is used of a quota, of the resources that there are by group and plural name. Returns its status, if that is
/// another one than before. What no resource has that name for stays as it was written.
pub(crate) fn recount(
    quota: &Value,
    resources: &BTreeSet<(String, String)>,
    store: &Store,
    minor: u32,
    mut has_ended: impl FnMut(&Value) -> bool,
) -> Option<Value> {
    let prefix = format!("{}/", quota["metadata"]["namespace"].as_str().unwrap_or_default());
    let (hard, known) = (read(&quota["spec"]["hard"]), read(&quota["status"]["used"]));
    let mut used: ResourceList = known.clone();
    for (group, plural) in resources {
        let Some(counted) = Counted::of(group, plural) else { continue };
        let limited: Vec<&String> = hard.keys().filter(|name| counted.has(name)).collect();
        if limited.is_empty() {
            continue;
        }
        let mut sum = ResourceList::new();
        let storage = StorageKey::new(group, plural);
        for (_, object) in store.all(&storage).filter(|(key, _)| key.starts_with(&prefix)) {
            if scopes::have(quota, &counted, object) {
                // What can't be counted stays as it was counted before.
                if uncounted(object, None, quota).is_some() {
                    return None;
                }
                resource_lists::add(&mut sum, &counted.usage(object, minor, &mut has_ended));
            }
        }
        for name in limited {
            used.insert(name.clone(), sum.remove(name).unwrap_or_default());
        }
    }
    used.retain(|name, _| hard.contains_key(name));
    let is_new = read(&quota["status"]["hard"]) != hard || known != used;
    is_new.then(|| json!({ "hard": quota["spec"]["hard"], "used": listed(&used) }))
}
