//! Checks of RBAC's kinds.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Checks a role of a namespace or of the cluster.
pub(super) fn role(object: &Value, is_namespaced: bool, found: &mut Findings) {
    let rules = items(&object["rules"]);
    for (index, rule) in rules.iter().enumerate() {
        let field = |name: &str| format!("rules[{index}].{name}");
        let has = |name: &str| !items(&rule[name]).is_empty();
        if has("nonResourceURLs") {
            let is_of_resources = has("apiGroups") || has("resources") || has("resourceNames");
            if is_namespaced {
                let why = "namespaced rules cannot apply to non-resource URLs";
                found.invalid(field("nonResourceURLs"), &rule["nonResourceURLs"], why);
            } else if is_of_resources {
                let why = "rules cannot apply to both regular resources and non-resource URLs";
                found.invalid(field("nonResourceURLs"), &rule["nonResourceURLs"], why);
            }
            continue;
        }
        if !has("apiGroups") {
            found.required_because(field("apiGroups"), "resource rules must supply at least one api group");
        }
        if !has("resources") {
            found.required_because(field("resources"), "resource rules must supply at least one resource");
        }
    }
    for (index, _) in rules.iter().enumerate().filter(|(_, rule)| items(&rule["verbs"]).is_empty()) {
        found.required(format!("rules[{index}].verbs"));
    }
}

/// Checks a binding of a namespace or of the cluster.
pub(super) fn binding(object: &Value, old: Option<&Value>, is_namespaced: bool, found: &mut Findings) {
    let role = &object["roleRef"];
    if text(&role["apiGroup"]) != GROUP {
        found.not_supported("roleRef.apiGroup", &role["apiGroup"], &[GROUP]);
    }
    let kinds: &[&str] = if is_namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    if !kinds.contains(&text(&role["kind"])) {
        found.not_supported("roleRef.kind", &json!(text(&role["kind"])), kinds);
    }
    let subjects = items(&object["subjects"]);
    for (index, subject) in subjects.iter().enumerate() {
        let field = |name: &str| format!("subjects[{index}].{name}");
        let group = text(&subject["apiGroup"]);
        match text(&subject["kind"]) {
            "ServiceAccount" => {
                if !group.is_empty() {
                    found.not_supported(field("apiGroup"), &subject["apiGroup"], &[""]);
                }
                if !is_namespaced && text(&subject["namespace"]).is_empty() {
                    found.required(field("namespace"));
                }
            }
            "User" | "Group" if group == GROUP => {}
            "User" | "Group" => found.not_supported(field("apiGroup"), &json!(group), &[GROUP]),
            kind => found.not_supported(field("kind"), &json!(kind), &["ServiceAccount", "User", "Group"]),
        }
    }
    for (index, _) in subjects.iter().enumerate().filter(|(_, subject)| text(&subject["name"]).is_empty()) {
        found.required(format!("subjects[{index}].name"));
    }
    if text(&role["name"]).is_empty() {
        found.required("roleRef.name");
    }
    if old.is_some_and(|old| old["roleRef"] != *role) {
        // As Go prints its struct.
        let printed =
            format!("{{\"APIGroup\":{},\"Kind\":{},\"Name\":{}}}", role["apiGroup"], role["kind"], role["name"]);
        found.invalid_text("roleRef", &printed, "field is immutable");
    }
}
