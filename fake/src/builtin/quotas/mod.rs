//! The admission plugin `ResourceQuota`: what of a namespace's resources is used, by the status of its quotas, and what is too much.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/>

mod recount;
mod running;
mod scopes;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kubewright_core::types::Quantity;
use serde_json::{Map, Value};

use self::usage::Counted;
use super::resource_lists::{self, ResourceList, read};
use crate::catalog::{Resource, StorageKey};
use crate::documents::Documents;
use crate::ownership::with_status_of_server;
use crate::schema::Schema;
use crate::status::{About, Status};
use crate::store::{Key, Store};
use crate::stored::Stored;

pub(crate) use recount::recount;

/// A write of an object that everything else has let pass.
#[derive(Clone, Copy)]
pub(crate) struct Spending<'s> {
    pub object: &'s Value,
    pub old: Option<&'s Value>,
    pub resource: &'s Resource,
    pub subresource: &'s str,
}

/// Where quotas are.
pub(crate) fn storage() -> StorageKey {
    StorageKey::new("", "resourcequotas")
}

/// Charges a write to the quotas of its namespace. Returns those of which more is used then, with their keys.
///
/// # Errors
/// 403 if a quota has not enough left, needs to know more of the object, or has no status yet.
pub(crate) fn charge(
    write: Spending<'_>,
    store: &Store,
    documents: &Documents,
    now: &str,
) -> Result<Vec<(Key, Value)>, Status> {
    let Spending { object, old, resource, .. } = write;
    let metadata = &object["metadata"];
    let Some(namespace) = metadata["namespace"].as_str().filter(|_| resource.namespaced) else { return Ok(Vec::new()) };
    let quotas = of_namespace(namespace, store);
    let counted = Counted::of(&resource.group, &resource.plural).filter(|counted| is_charged(counted, write));
    let Some(counted) = counted.filter(|_| !quotas.is_empty()) else { return Ok(Vec::new()) };
    let name = metadata["name"].as_str().unwrap_or_default();
    let about = About { group: &resource.group, kind: &resource.plural, name };
    let forbidden = |why: String| Status::forbidden(about, &why, Value::Null);
    let mut interested = Vec::new();
    for (key, quota) in quotas {
        let hard = read(&quota["status"]["hard"]);
        if resource.plural == "resourceclaims"
            && let Some(of_devices) = hard.keys().find(|name| name.contains(".deviceclass.resource.k8s.io/"))
        {
            return Err(Status::not_done(format_args!("a claim where a quota limits {of_devices}")));
        }
        let limited: Vec<&str> = hard.keys().map(String::as_str).filter(|name| counted.has(name)).collect();
        if limited.is_empty() || !scopes::have(&quota, &counted, object) {
            continue;
        }
        let name = quota["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        if counted == Counted::Pods {
            require(object, &limited).map_err(|why| forbidden(format!("failed quota: {name}: {why}")))?;
        }
        if let Some(what) = uncounted(object, old, &quota) {
            return Err(Status::not_done(format_args!("{what} in a namespace with the quota {name}")));
        }
        let used = read(&quota["status"]["used"]);
        if limited.iter().any(|name| !used.contains_key(*name)) {
            return Err(forbidden(format!("status unknown for quota: {name}, resources: {}", limited.join(","))));
        }
        interested.push((key, quota, name, hard, used));
    }
    let usage = counted.usage(object, documents.minor, has_ended);
    let negative: Vec<&str> =
        usage.iter().filter(|(_, amount)| amount.signum() == Ok(-1)).map(|(name, _)| name.as_str()).collect();
    if !negative.is_empty() {
        return Err(forbidden(format!("quota usage is negative for resource(s): {}", negative.join(","))));
    }
    let mut charged = Vec::new();
    for (key, quota, name, hard, mut used) in interested {
        let mut more = usage.clone();
        if let Some(old) = old.filter(|old| scopes::have(&quota, &counted, old)) {
            reduce(&mut more, &counted.usage(old, documents.minor, has_ended));
        }
        more.retain(|name, amount| !amount.is_zero() && hard.contains_key(name));
        if more.is_empty() {
            continue;
        }
        let before = used.clone();
        resource_lists::add(&mut used, &more);
        let is_exceeded = |name: &&String| used[*name] > hard[*name];
        let exceeded: BTreeSet<&String> = more.keys().filter(is_exceeded).collect();
        if !exceeded.is_empty() && write.subresource != "status" {
            let of = |list: &ResourceList| shown(list, &exceeded);
            return Err(forbidden(format!(
                "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
                of(&more),
                of(&before),
                of(&hard)
            )));
        }
        let mut spent = quota.with(Value::clone);
        spent["status"]["used"] = json(&used);
        charged.push((key, with_status_of_server(&quota, spent, schema(documents), now)));
    }
    Ok(charged)
}

fn schema(documents: &Documents) -> Schema<'_> {
    documents.schema("", "v1", "io.k8s.api.core.v1.ResourceQuota")
}

/// What of an object, of the one before, or of a quota is too much to be counted with.
fn uncounted(object: &Value, old: Option<&Value>, quota: &Value) -> Option<String> {
    let of_quota = [&quota["status"]["hard"], &quota["status"]["used"]];
    let of_objects = [Some(object), old].into_iter().flatten().flat_map(|object| {
        let of_claim = [&object["spec"]["resources"]["requests"], &object["status"]["allocatedResources"]];
        resource_lists::lists_of_pod(object).chain(of_claim)
    });
    resource_lists::uncounted(of_quota.into_iter().chain(of_objects), resource_lists::is_counted)
}

/// Whether a write is one that is charged.
fn is_charged(counted: &Counted, Spending { object, old, subresource, .. }: Spending<'_>) -> bool {
    let is_whole = subresource.is_empty();
    match (counted, old) {
        (Counted::Pods, Some(_)) if subresource == "resize" => true,
        (Counted::Pods, Some(old)) => is_whole && scopes::is_terminating(old) != scopes::is_terminating(object),
        (Counted::Services, _) | (_, None) => is_whole,
        // What is allocated to a claim, and its class, is in its status.
        (Counted::Claims, Some(_)) => is_whole || subresource == "status",
        (Counted::Objects { .. }, Some(_)) => false,
    }
}

/// Containers say how much they need of what a quota limits, unless the pod does as a whole.
fn require(pod: &Value, limited: &[&str]) -> Result<(), String> {
    if usage::has_amounts_of_its_own(pod) {
        return Ok(());
    }
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for container in
        ["containers", "initContainers"].into_iter().flat_map(|list| pod["spec"][list].as_array()).flatten()
    {
        let resources = &container["resources"];
        let said = usage::of_amounts(&read(&resources["requests"]), &read(&resources["limits"]));
        let required = limited.iter().filter(|name| usage::REQUIRED.contains(name) && !said.contains_key(**name));
        for name in required {
            missing.entry(name).or_default().insert(container["name"].as_str().unwrap_or_default());
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let of = |(name, containers): (&str, BTreeSet<&str>)| {
        format!("{name} for: {}", containers.into_iter().collect::<Vec<_>>().join(","))
    };
    Err(format!("must specify {}", missing.into_iter().map(of).collect::<Vec<_>>().join("; ")))
}

/// Takes what was used before out of what is used, down to nothing.
fn reduce(usage: &mut ResourceList, before: &ResourceList) {
    for (name, amount) in usage.iter_mut() {
        let Some(before) = before.get(name) else { continue };
        let left = amount.checked_sub(before).ok().filter(|left| left.signum() == Ok(1));
        *amount = left.unwrap_or_default();
    }
}

/// Whether a pod has ended.
fn has_ended(pod: &Value) -> bool {
    matches!(pod["status"]["phase"].as_str(), Some("Failed" | "Succeeded"))
}

fn of_namespace(namespace: &str, store: &Store) -> Vec<(Key, Arc<Stored>)> {
    let prefix = format!("{namespace}/");
    let storage = storage();
    let quotas = store.all(&storage).filter(|(key, _)| key.starts_with(&prefix));
    quotas.map(|(key, quota)| (key.clone(), quota.clone())).collect()
}

fn shown(list: &ResourceList, names: &BTreeSet<&String>) -> String {
    let shown = names.iter().filter_map(|name| list.get(*name).map(|amount| format!("{name}={amount}")));
    shown.collect::<Vec<_>>().join(",")
}

/// A list as objects have it.
fn json(list: &ResourceList) -> Value {
    let entry = |(name, amount): (&String, &Quantity)| (name.clone(), Value::from(amount.as_str()));
    Value::Object(list.iter().map(entry).collect::<Map<_, _>>())
}
