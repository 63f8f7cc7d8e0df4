//! The roles and bindings that every cluster has.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings>

use std::sync::LazyLock;

use serde_json::Value;

use super::grants::storage;
use crate::api::key_of;
use crate::objects;
use crate::store::Store;

/// What an API server makes of them when it starts, without what a controller puts into the aggregated ones, and without uids, versions
/// and times.
static DEFAULT_ROLES: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../defaults/rbac-v1.37.json")).unwrap_or_default());

/// Stores those that are not there yet, as a real server does that starts. They are written as they are, and not created: that
/// would take most of the time in which a cluster is made.
pub(crate) fn store_default_roles(store: &mut Store, now: &str) {
    for object in DEFAULT_ROLES.iter() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let key = key_of(metadata["namespace"].as_str(), &text(&metadata["name"]));
        let storage = storage(&format!("{}s", text(&object["kind"]).to_lowercase()));
        if store.get(&storage, &key).is_some() {
            continue;
        }
        let mut object = object.clone();
        objects::stamp(&mut object, now);
        store.put(&storage, &key, object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_is_of_a_role_that_is_there() {
        let of_kind = |kind: &'static str| DEFAULT_ROLES.iter().filter(move |object| object["kind"] == kind);
        assert!(of_kind("ClusterRole").any(|role| role["metadata"]["name"] == "cluster-admin"));
        assert!(of_kind("ClusterRoleBinding").count() > 10);
        for binding in of_kind("ClusterRoleBinding") {
            let name = &binding["roleRef"]["name"];
            assert!(of_kind("ClusterRole").any(|role| role["metadata"]["name"] == *name), "{name}");
        }
    }
}
