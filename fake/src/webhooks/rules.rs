//! Which requests a webhook is for, by its rules.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules>

use serde_json::Value;

/// What a request is about, for rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub operation: &'a str,
    pub group: &'a str,
    pub version: &'a str,
    pub resource: &'a str,
    /// Empty for the object itself.
    pub subresource: &'a str,
    /// Empty for what is in none; of a namespace its own name.
    pub namespace: &'a str,
}

/// Whether a rule (`rules[]`) matches a request.
pub(crate) fn matches(rule: &Value, asked: Asked<'_>) -> bool {
    let has = |name: &str, wanted: &str| texts(rule, name).any(|text| text == "*" || text == wanted);
    is_in_scope(rule["scope"].as_str().unwrap_or("*"), asked)
        && has("operations", asked.operation)
        && has("apiGroups", asked.group)
        && has("apiVersions", asked.version)
        && texts(rule, "resources").any(|resource| is_of(resource, asked))
}

fn texts<'r>(rule: &'r Value, name: &str) -> impl Iterator<Item = &'r str> {
    rule[name].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn is_in_scope(scope: &str, asked: Asked<'_>) -> bool {
    let is_namespace = asked.group.is_empty() && asked.version == "v1" && asked.resource == "namespaces";
    let is_namespaced = !is_namespace && !asked.namespace.is_empty();
    match scope {
        "*" => true,
        "Namespaced" => is_namespaced,
        "Cluster" => !is_namespaced,
        _ => false,
    }
}

/// Whether `pods`, `pods/log`, `pods/*`, `*/scale`, `*` or `*/*` names what a request is about.
fn is_of(named: &str, asked: Asked<'_>) -> bool {
    let (resource, subresource) = named.split_once('/').unwrap_or((named, ""));
    (resource == "*" || resource == asked.resource) && (subresource == "*" || subresource == asked.subresource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked<'a>(resource: &'a str, subresource: &'a str, namespace: &'a str) -> Asked<'a> {
        Asked { operation: "CREATE", group: "", version: "v1", resource, subresource, namespace }
    }

    fn rule(resources: &[&str]) -> Value {
        json!({ "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": resources })
    }

    #[test]
    fn resources_and_subresources_are_named_or_all() {
        for (named, pod, log) in [
            ("pods", true, false),
            ("pods/log", false, true),
            ("pods/*", true, true),
            ("*", true, false),
            ("*/*", true, true),
            ("*/log", false, true),
            ("secrets", false, false),
        ] {
            let rule = rule(&[named]);
            assert_eq!(matches(&rule, asked("pods", "", "a")), pod, "{named}");
            assert_eq!(matches(&rule, asked("pods", "log", "a")), log, "{named}");
        }
    }

    #[test]
    fn operations_groups_and_versions_all_count() {
        let changed = |field: &str, value: Value| {
            let mut rule = rule(&["pods"]);
            rule[field] = value;
            matches(&rule, asked("pods", "", "a"))
        };
        assert!(changed("operations", json!(["DELETE", "CREATE"])) && changed("operations", json!(["*"])));
        assert!(!changed("operations", json!(["DELETE"])) && !changed("operations", json!([])));
        assert!(changed("apiGroups", json!(["*"])) && !changed("apiGroups", json!(["apps"])));
        assert!(changed("apiVersions", json!(["*"])) && !changed("apiVersions", json!(["v2"])));
    }

    #[test]
    fn a_namespace_is_of_the_cluster_although_it_is_its_own_namespace() {
        let mut rule = rule(&["*"]);
        for (scope, pod, node, namespace) in
            [("*", true, true, true), ("Namespaced", true, false, false), ("Cluster", false, true, true)]
        {
            rule["scope"] = json!(scope);
            assert_eq!(matches(&rule, asked("pods", "", "a")), pod, "{scope}");
            assert_eq!(matches(&rule, asked("nodes", "", "")), node, "{scope}");
            assert_eq!(matches(&rule, asked("namespaces", "", "a")), namespace, "{scope}");
        }
    }
}
