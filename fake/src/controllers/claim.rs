//! Which objects a controller manages: it adopts those that its selector selects, and releases others.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions>

use std::sync::Arc;

use serde_json::{Value, json};

use super::context::Context;
use super::kinds::Kind;
use super::values::{controller_of, is_deleted, is_managed_by, managed_by, namespace, owners, uid};
use crate::builtin::selects;
use crate::stored::Stored;

/// The objects that an owner manages, after it has adopted and released some.
pub(super) fn claim(context: &mut Context<'_>, kind: Kind, owner: &Value, owner_kind: Kind) -> Vec<Arc<Stored>> {
    let selector = &owner["spec"]["selector"];
    let may_adopt = !is_deleted(owner);
    let mut claimed = Vec::new();
    for object in context.list_in(kind, namespace(owner)) {
        let is_selected = !selector.is_null() && selects(selector, &object["metadata"]["labels"]);
        if is_managed_by(&object, uid(owner)) {
            if is_selected || !may_adopt {
                claimed.push(object);
            } else {
                let others: Vec<&Value> = owners(&object).iter().filter(|known| known["uid"] != uid(owner)).collect();
                write(context, kind, &object, json!(others));
            }
        } else if is_selected && may_adopt && controller_of(&object).is_none() && !is_deleted(&object) {
            let mut all = owners(&object).to_vec();
            all.retain(|known| known["uid"] != uid(owner));
            all.push(managed_by(owner, owner_kind));
            write(context, kind, &object, json!(all));
        }
    }
    claimed
}

/// Writes the owners of an object, unless it has changed since.
fn write(context: &mut Context<'_>, kind: Kind, object: &Value, owners: Value) {
    let patch = json!({
        "metadata": { "ownerReferences": owners, "resourceVersion": object["metadata"]["resourceVersion"] },
    });
    // What is refused is tried again in the next turn, if anything has changed.
    let _ = context.patch(kind, object, &patch);
}
