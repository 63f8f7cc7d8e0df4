//! A rule of a role, and what it allows.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole>

use serde_json::{Value, json};

use super::attributes::Attributes;

/// What stands for all verbs, groups, resources or paths.
const ALL: &str = "*";

/// A rule of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    pub verbs: Vec<String>,
    pub groups: Vec<String>,
    pub resources: Vec<String>,
    pub names: Vec<String>,
    pub urls: Vec<String>,
}

impl Rule {
    pub fn of(rule: &Value) -> Self {
        let texts = |name: &str| -> Vec<String> {
            let values = rule[name].as_array().into_iter().flatten();
            values.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            verbs: texts("verbs"),
            groups: texts("apiGroups"),
            resources: texts("resources"),
            names: texts("resourceNames"),
            urls: texts("nonResourceURLs"),
        }
    }

    /// The rules of a role.
    pub fn all_of(role: &Value) -> Vec<Self> {
        role["rules"].as_array().into_iter().flatten().map(Self::of).collect()
    }

    /// Whether it allows what is asked for.
    pub fn allows(&self, asked: &Attributes) -> bool {
        if !has(&self.verbs, &asked.verb) {
            return false;
        }
        match &asked.path {
            Some(path) => self.urls.iter().any(|url| is_within(path, url)),
            None => {
                has(&self.groups, &asked.group)
                    && self.has_resource(&asked.combined(), &asked.subresource)
                    && (self.names.is_empty() || self.names.contains(&asked.name))
            }
        }
    }

    /// Whether it names a resource, or a subresource of all: `*/scale`.
    fn has_resource(&self, combined: &str, subresource: &str) -> bool {
        let of_all = (!subresource.is_empty()).then(|| format!("*/{subresource}"));
        self.resources
            .iter()
            .any(|known| known == ALL || known == combined || of_all.as_ref().is_some_and(|of_all| known == of_all))
    }

    /// As rules of the `SelfSubjectRulesReview`: of resources, and of other paths.
    pub fn to_json(&self) -> (Option<Value>, Option<Value>) {
        let of_resources = (!self.resources.is_empty()).then(|| {
            let mut rule = json!({ "verbs": self.verbs });
            for (name, values) in
                [("apiGroups", &self.groups), ("resources", &self.resources), ("resourceNames", &self.names)]
            {
                if !values.is_empty() {
                    rule[name] = json!(values);
                }
            }
            rule
        });
        let of_paths = (!self.urls.is_empty()).then(|| json!({ "verbs": self.verbs, "nonResourceURLs": self.urls }));
        (of_resources, of_paths)
    }
}

/// Whether a list has a value, or all.
fn has(list: &[String], value: &str) -> bool {
    list.iter().any(|known| known == ALL || known == value)
}

/// Whether a path is that of a rule, or begins with it if a star ends it.
pub(super) fn is_within(path: &str, url: &str) -> bool {
    url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(verb: &str, group: &str, resource: &str, subresource: &str, name: &str) -> Attributes {
        let [verb, group, resource, subresource, name] = [verb, group, resource, subresource, name].map(str::to_owned);
        Attributes { verb, group, resource, subresource, name, ..Attributes::default() }
    }

    #[test]
    fn a_rule_allows_its_verbs_on_its_resources_and_no_others() {
        let rule = Rule::of(&json!({
            "verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["pods", "pods/log", "*/scale"],
        }));
        for (expected, asked) in [
            (true, asked("get", "", "pods", "", "a")),
            (true, asked("get", "apps", "pods", "log", "a")),
            (true, asked("get", "apps", "deployments", "scale", "a")),
            (false, asked("list", "", "pods", "", "")),
            (false, asked("get", "batch", "pods", "", "a")),
            (false, asked("get", "", "pods", "status", "a")),
            (false, asked("get", "apps", "deployments", "", "a")),
        ] {
            assert_eq!(rule.allows(&asked), expected, "{asked:?}");
        }
        let all = Rule::of(&json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }));
        assert!(all.allows(&asked("get", "apps", "deployments", "scale", "a")));
        assert!(!all.allows(&Attributes {
            verb: "get".into(),
            path: Some("/metrics".into()),
            ..Attributes::default()
        }));
    }

    #[test]
    fn names_are_those_of_requests_that_have_one() {
        let rule =
            Rule::of(&json!({ "verbs": ["*"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"] }));
        assert!(rule.allows(&asked("get", "", "secrets", "", "a")));
        assert!(!rule.allows(&asked("get", "", "secrets", "", "b")));
        assert!(!rule.allows(&asked("create", "", "secrets", "", "")), "the path has no name");
    }

    #[test]
    fn a_star_ends_a_path() {
        let rule = Rule::of(&json!({ "verbs": ["get"], "nonResourceURLs": ["/healthz", "/openapi/*"] }));
        let allows = |path: &str| {
            rule.allows(&Attributes { verb: "get".into(), path: Some(path.into()), ..Attributes::default() })
        };
        assert!(allows("/healthz") && allows("/openapi/v3") && allows("/openapi/"));
        assert!(!allows("/healthz/ping") && !allows("/openapi") && !allows("/"));
    }
}
