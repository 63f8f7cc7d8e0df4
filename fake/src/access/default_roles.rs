//! The roles and bindings that every cluster has.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings>

use std::sync::LazyLock;

use serde_json::Value;

/// What an API server makes of them when it starts, without what a controller puts into the aggregated ones.
static DEFAULT_ROLES: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../defaults/rbac-v1.37.json")).unwrap_or_default());

/// The roles, then the bindings.
pub(crate) fn default_roles() -> &'static [Value] {
    &DEFAULT_ROLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_is_of_a_role_that_is_there() {
        let of_kind = |kind: &'static str| default_roles().iter().filter(move |object| object["kind"] == kind);
        assert!(of_kind("ClusterRole").any(|role| role["metadata"]["name"] == "cluster-admin"));
        assert!(of_kind("ClusterRoleBinding").count() > 10);
        for binding in of_kind("ClusterRoleBinding") {
            let name = &binding["roleRef"]["name"];
            assert!(of_kind("ClusterRole").any(|role| role["metadata"]["name"] == *name), "{name}");
        }
    }
}
