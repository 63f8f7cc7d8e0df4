//! The rules that bindings grant a user.

use serde_json::Value;

use super::rule::Rule;
use super::user::User;
use crate::builtin::selects;
use crate::catalog::StorageKey;
use crate::quoted::quoted;
use crate::store::Store;

/// The group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// What a user may do.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    pub rules: Vec<Granted>,
    /// The roles that bindings name, and that don't exist.
    pub missing: Vec<MissingRole>,
}

/// A rule, and why a user has it.
#[derive(Debug)]
pub(crate) struct Granted {
    pub rule: Rule,
    /// The binding, the role and the subject, as reasons name them.
    pub by: String,
}

/// A role that a binding names, and that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingRole {
    pub is_of_cluster: bool,
    pub name: String,
}

impl MissingRole {
    /// As the authorizer says it.
    pub fn said_by_authorizer(&self) -> String {
        let kind = if self.is_of_cluster { "clusterrole" } else { "role" };
        format!("{kind}.{GROUP} {} not found", quoted(&self.name))
    }
}

pub(super) fn storage(plural: &str) -> StorageKey {
    StorageKey::new(GROUP, plural)
}

/// What a user may do: everywhere, and in a namespace unless that is empty.
pub(crate) fn grants(store: &Store, user: &User, namespace: &str) -> Grants {
    let mut grants = Grants::default();
    for (_, binding) in store.all(&storage("clusterrolebindings")) {
        grants.add(store, user, binding, "");
    }
    if !namespace.is_empty() {
        let bindings = storage("rolebindings");
        let is_in_namespace = |binding: &Value| binding["metadata"]["namespace"] == namespace;
        for (_, binding) in store.all(&bindings).filter(|(_, binding)| is_in_namespace(binding)) {
            grants.add(store, user, binding, namespace);
        }
    }
    grants
}

impl Grants {
    /// Adds what a binding grants, if it is the user's.
    fn add(&mut self, store: &Store, user: &User, binding: &Value, namespace: &str) {
        let subjects = binding["subjects"].as_array().into_iter().flatten();
        let Some(subject) = subjects.into_iter().find(|subject| is_user(user, subject, namespace)) else { return };
        match rules_of(store, &binding["roleRef"], namespace) {
            Ok(rules) => {
                let by = described(binding, subject, namespace);
                self.rules.extend(rules.into_iter().map(|rule| Granted { rule, by: by.clone() }));
            }
            Err(missing) => self.missing.push(missing),
        }
    }
}

/// Whether a subject of a binding is a user, or has the user.
fn is_user(user: &User, subject: &Value, namespace: &str) -> bool {
    let name = text(&subject["name"]);
    match text(&subject["kind"]) {
        "User" => user.name == name,
        "Group" => user.is_in(name),
        "ServiceAccount" => {
            let place = match text(&subject["namespace"]) {
                "" => namespace,
                own => own,
            };
            !place.is_empty() && user.name == User::service_account(place, name).name
        }
        _ => false,
    }
}

/// The rules of the role that a binding refers to.
pub(super) fn rules_of(store: &Store, reference: &Value, namespace: &str) -> Result<Vec<Rule>, MissingRole> {
    let name = text(&reference["name"]);
    let is_of_cluster = reference["kind"] == "ClusterRole";
    let missing = || MissingRole { is_of_cluster, name: name.to_owned() };
    if !is_of_cluster {
        let role = store.get(&storage("roles"), &format!("{namespace}/{name}")).ok_or_else(missing)?;
        return Ok(Rule::all_of(role));
    }
    let role = store.get(&storage("clusterroles"), name).ok_or_else(missing)?;
    let mut rules = Vec::new();
    collect(store, role, &mut vec![name.to_owned()], &mut rules);
    Ok(rules)
}

/// Collects the rules of a role of the cluster: its own, or if it aggregates others theirs, which a controller would have put into
/// it.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>
fn collect(store: &Store, role: &Value, seen: &mut Vec<String>, rules: &mut Vec<Rule>) {
    let selectors = role["aggregationRule"]["clusterRoleSelectors"].as_array().map(Vec::as_slice).unwrap_or_default();
    if selectors.is_empty() {
        for rule in Rule::all_of(role) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        return;
    }
    for (name, other) in store.all(&storage("clusterroles")) {
        let is_selected = selectors.iter().any(|selector| selects(selector, &other["metadata"]["labels"]));
        if is_selected && !seen.contains(name) {
            seen.push(name.clone());
            collect(store, other, seen, rules);
        }
    }
}

/// A binding, as reasons name it.
fn described(binding: &Value, subject: &Value, namespace: &str) -> String {
    let (name, role) = (text(&binding["metadata"]["name"]), &binding["roleRef"]);
    let (kind, mut subject_name) = (text(&subject["kind"]), text(&subject["name"]).to_owned());
    if kind == "ServiceAccount" {
        let place = subject["namespace"].as_str().filter(|place| !place.is_empty()).unwrap_or(namespace);
        subject_name = format!("{subject_name}/{place}");
    }
    let binding = match namespace {
        "" => format!("ClusterRoleBinding {}", quoted(name)),
        namespace => format!("RoleBinding {}", quoted(&format!("{name}/{namespace}"))),
    };
    format!("{binding} of {} {} to {kind} {}", text(&role["kind"]), quoted(&text(&role["name"])), quoted(&subject_name))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(store: &mut Store, name: &str, labels: &Value, selector: Option<Value>, resource: &str) {
        let rules = json!([{ "verbs": ["get"], "apiGroups": [""], "resources": [resource] }]);
        let mut role = json!({ "metadata": { "name": name, "labels": labels }, "rules": rules });
        if let Some(selector) = selector {
            role["aggregationRule"] = json!({ "clusterRoleSelectors": [selector] });
        }
        store.put(&storage("clusterroles"), name, role);
    }

    #[test]
    fn a_role_has_the_rules_of_those_that_it_aggregates_and_no_others() {
        let mut store = Store::new(10);
        let matches = |label: &str| Some(json!({ "matchLabels": { label: "true" } }));
        role(&mut store, "all", &json!({ "x": "true" }), matches("x"), "unused");
        role(&mut store, "some", &json!({ "x": "true" }), matches("y"), "unused");
        role(&mut store, "one", &json!({ "y": "true" }), None, "pods");
        role(&mut store, "two", &json!({ "x": "true" }), None, "services");
        role(&mut store, "other", &json!({}), None, "secrets");
        let reference = json!({ "kind": "ClusterRole", "name": "all" });
        let rules = rules_of(&store, &reference, "").expect("rules");
        let resources: Vec<&String> = rules.iter().flat_map(|rule| &rule.resources).collect();
        assert_eq!(resources, ["pods", "services"]);
    }

    #[test]
    fn a_binding_of_a_namespace_holds_there_alone() {
        let mut store = Store::new(10);
        role(&mut store, "reader", &json!({}), None, "pods");
        store.put(
            &storage("rolebindings"),
            "shop/b",
            json!({
                "metadata": { "name": "b", "namespace": "shop" },
                "roleRef": { "kind": "ClusterRole", "name": "reader" },
                "subjects": [{ "kind": "ServiceAccount", "name": "web" }],
            }),
        );
        let web = User::service_account("shop", "web");
        let granted = grants(&store, &web, "shop");
        assert_eq!(
            granted.rules.iter().map(|granted| granted.by.as_str()).collect::<Vec<_>>(),
            ["RoleBinding \"b/shop\" of ClusterRole \"reader\" to ServiceAccount \"web/shop\""],
        );
        assert!(grants(&store, &web, "other").rules.is_empty());
        assert!(grants(&store, &web, "").rules.is_empty());
        assert!(grants(&store, &User::service_account("other", "web"), "shop").rules.is_empty());
    }
}
