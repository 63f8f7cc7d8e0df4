//! The garbage collector: deletes objects without an owner left, and completes foreground deletions and those that orphan.
//!
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::context::{Context, path_of};
use super::values::{has_finalizer, is_deleted, name, namespace, owners, text, uid, without_finalizer};
use crate::catalog::Resource;
use crate::stored::Stored;

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// An object of any kind.
struct Item {
    resource: Arc<Resource>,
    object: Arc<Stored>,
}

/// All objects, and who depends on whom.
struct Graph {
    items: Vec<Item>,
    /// By the group-version and the kind that owner references name: every version that is served.
    kinds: HashMap<(String, String), Arc<Resource>>,
    /// Places in `items` by the UIDs of the owners that they name.
    dependents: HashMap<String, Vec<usize>>,
}

/// What the owner that a reference names is.
enum Owner {
    /// It is there.
    Solid,
    /// It is not.
    Absent,
    /// It waits until its dependents are deleted.
    Waiting,
    /// Whether it is there can't be found out: its kind is not known, or is one of namespaces while the dependent is in none.
    Unknown,
}

pub(super) fn sync(context: &mut Context<'_>) {
    let graph = Graph::of(context);
    for item in &graph.items {
        if is_deleted(&item.object) && has_finalizer(&item.object, ORPHAN) {
            orphan(context, &graph, item);
        } else if is_deleted(&item.object) && has_finalizer(&item.object, FOREGROUND) {
            finish(context, &graph, item);
        }
        if !owners(&item.object).is_empty() {
            collect(context, &graph, item);
        }
    }
}

/// Takes an owner that leaves its dependents out of their references.
fn orphan(context: &mut Context<'_>, graph: &Graph, owner: &Item) {
    for dependent in graph.dependents_of(owner) {
        if without_owners(context, dependent, &[uid(&owner.object)]).is_err() {
            return;
        }
    }
    remove_finalizer(context, owner, ORPHAN);
}

/// Removes the finalizer of an owner that was waiting for its dependents, if none is left that blocks it.
fn finish(context: &mut Context<'_>, graph: &Graph, owner: &Item) {
    let is_blocked = |known: &Value| known["uid"] == uid(&owner.object) && known["blockOwnerDeletion"] == true;
    let blocks = |dependent: &Item| owners(&dependent.object).iter().any(is_blocked);
    if !graph.dependents_of(owner).any(blocks) {
        remove_finalizer(context, owner, FOREGROUND);
    }
}

/// Deletes an object that has no owner left, or takes those out of its references that are gone.
fn collect(context: &mut Context<'_>, graph: &Graph, item: &Item) {
    if is_deleted(&item.object) {
        return;
    }
    let (mut solid, mut gone, mut waiting) = (0, Vec::new(), Vec::new());
    for reference in owners(&item.object) {
        match graph.owner(context, reference, item) {
            Owner::Solid => solid += 1,
            Owner::Absent => gone.push(text(reference, "/uid")),
            Owner::Waiting => waiting.push(text(reference, "/uid")),
            Owner::Unknown => return,
        }
    }
    if solid > 0 {
        gone.extend(waiting);
        if !gone.is_empty() {
            // A conflict is resolved in the next turn.
            let _ = without_owners(context, item, &gone);
        }
        return;
    }
    let has_dependents = graph.dependents_of(item).next().is_some();
    let policy = if !waiting.is_empty() && has_dependents {
        let waits = |dependent: &Item| is_deleted(&dependent.object) && has_finalizer(&dependent.object, FOREGROUND);
        if graph.dependents_of(item).any(waits) {
            // They may wait for each other in a circle.
            unblock(context, item);
        }
        "Foreground"
    } else if has_finalizer(&item.object, ORPHAN) {
        "Orphan"
    } else if has_finalizer(&item.object, FOREGROUND) {
        "Foreground"
    } else {
        "Background"
    };
    // Not if it has changed since it was read: its owners may have left it behind in this turn.
    let version = &item.object["metadata"]["resourceVersion"];
    let preconditions = json!({ "uid": uid(&item.object), "resourceVersion": version });
    let options = json!({ "propagationPolicy": policy, "preconditions": preconditions });
    // Whoever has deleted it already has done the same, and a conflict is resolved in the next turn.
    let _ = context.send(Method::DELETE, &item.path(), &options);
}

fn unblock(context: &mut Context<'_>, item: &Item) {
    let mut references = owners(&item.object).to_vec();
    for reference in &mut references {
        reference["blockOwnerDeletion"] = json!(false);
    }
    let _ = patch(context, item, json!({ "ownerReferences": references }));
}

fn remove_finalizer(context: &mut Context<'_>, item: &Item, finalizer: &str) {
    // A conflict is resolved in the next turn.
    let _ = patch(context, item, json!({ "finalizers": without_finalizer(&item.object, finalizer) }));
}

fn without_owners(context: &mut Context<'_>, item: &Item, uids: &[&str]) -> Result<(), super::context::Refused> {
    let is_kept = |reference: &&Value| !uids.contains(&text(reference, "/uid"));
    let kept: Vec<&Value> = owners(&item.object).iter().filter(is_kept).collect();
    patch(context, item, json!({ "ownerReferences": kept }))
}

/// Changes the metadata of an object, unless it was changed since it was read.
fn patch(context: &mut Context<'_>, item: &Item, mut metadata: Value) -> Result<(), super::context::Refused> {
    metadata["resourceVersion"] = item.object["metadata"]["resourceVersion"].clone();
    context.send(Method::PATCH, &item.path(), &json!({ "metadata": metadata }))
}

impl Item {
    fn path(&self) -> String {
        let Resource { group, version, plural, .. } = &*self.resource;
        format!("{}/{}", path_of(group, version, namespace(&self.object), plural), name(&self.object))
    }
}

impl Graph {
    fn of(context: &Context<'_>) -> Self {
        let resources = context.resources();
        let state = context.server.state();
        let mut items = Vec::new();
        for resource in &resources {
            let storage = resource.storage_key();
            let objects = state.store.all(&storage);
            items.extend(objects.map(|(_, object)| Item { resource: resource.clone(), object: object.clone() }));
        }
        let mut dependents: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, item) in items.iter().enumerate() {
            for owner in owners(&item.object) {
                dependents.entry(text(owner, "/uid").to_owned()).or_default().push(place);
            }
        }
        let all = context.server.resources(&state).into_iter();
        let kinds = all.map(|resource| ((resource.api_version(), resource.kind.clone()), resource)).collect();
        Self { items, kinds, dependents }
    }

    fn dependents_of(&self, owner: &Item) -> impl Iterator<Item = &Item> {
        self.dependents.get(uid(&owner.object)).into_iter().flatten().map(|place| &self.items[*place])
    }

    /// What a reference leads to: an owner is looked up by kind and name, where the dependent is, and has to have the UID.
    fn owner(&self, context: &Context<'_>, reference: &Value, dependent: &Item) -> Owner {
        let id = (text(reference, "/apiVersion").to_owned(), text(reference, "/kind").to_owned());
        let Some(resource) = self.kinds.get(&id) else { return Owner::Unknown };
        let place = namespace(&dependent.object);
        if resource.namespaced && place.is_empty() {
            return Owner::Unknown;
        }
        let place = resource.namespaced.then_some(place);
        let key = crate::api::key_of(place, text(reference, "/name"));
        let state = context.server.state();
        match state.store.get(&resource.storage_key(), &key) {
            Some(owner) if uid(owner) != text(reference, "/uid") => Owner::Absent,
            Some(owner) if is_deleted(owner) && has_finalizer(owner, FOREGROUND) => Owner::Waiting,
            Some(_) => Owner::Solid,
            None => Owner::Absent,
        }
    }
}
