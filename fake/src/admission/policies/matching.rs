//! Which requests a policy or a binding is about.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Request;
use crate::builtin;
use crate::catalog::{Resource, StorageKey};
use crate::status::Status;

/// The version in which a policy sees the objects of a request.
pub(super) struct Matched {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    /// The resource, if it is another version than that of the request.
    pub other: Option<Arc<Resource>>,
}

impl Matched {
    fn of(resource: &Resource, other: Option<Arc<Resource>>) -> Self {
        let Resource { group, version, kind, plural, .. } = resource.clone();
        Self { group, version, kind, plural, other }
    }
}

/// Whether constraints match a request, and in which version. `None` if they don't.
pub(super) fn matches(request: &Request<'_>, constraints: &Value) -> Result<Option<Matched>, Status> {
    if !matches_namespace(request, &constraints["namespaceSelector"])
        || !matches_object(request, &constraints["objectSelector"])
    {
        return Ok(None);
    }
    let is_exact = constraints["matchPolicy"] == "Exact";
    if by_rules(request, &constraints["excludeResourceRules"], is_exact).is_some() {
        return Ok(None);
    }
    let rules = &constraints["resourceRules"];
    if rules.as_array().is_none_or(Vec::is_empty) {
        return Ok(Some(Matched::of(request.resource, None)));
    }
    Ok(by_rules(request, rules, is_exact))
}

/// Whether the rules of constraints are about the resource and the operation of a request, whatever its object is.
pub(super) fn has_rule_for(request: &Request<'_>, constraints: &Value) -> bool {
    by_rules(request, &constraints["resourceRules"], constraints["matchPolicy"] == "Exact").is_some()
}

fn by_rules(request: &Request<'_>, rules: &Value, is_exact: bool) -> Option<Matched> {
    let rules = rules.as_array().map(Vec::as_slice).unwrap_or_default();
    if rules.iter().any(|rule| matches_rule(request, request.resource, rule)) {
        return Some(Matched::of(request.resource, None));
    }
    if is_exact {
        return None;
    }
    let storage = request.resource.storage_key();
    let all = request.server.resources(request.state);
    let mut equivalents = all.into_iter().filter(|other| {
        let is_own = other.group == request.resource.group && other.version == request.resource.version;
        other.storage_key() == storage && !is_own && other.is_served()
    });
    let found = equivalents.find(|other| rules.iter().any(|rule| matches_rule(request, other, rule)))?;
    Some(Matched::of(&found.clone(), Some(found)))
}

fn matches_rule(request: &Request<'_>, resource: &Resource, rule: &Value) -> bool {
    let has = |name: &str, wanted: &str| {
        let mut items = rule[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        items.any(|item| item == "*" || item == wanted)
    };
    let is_namespace = resource.group.is_empty() && resource.plural == "namespaces";
    let is_in_namespace = request.namespace.is_some() && !is_namespace;
    let is_in_scope = match rule["scope"].as_str() {
        Some("Namespaced") => is_in_namespace,
        Some("Cluster") => !is_in_namespace,
        _ => true,
    };
    let is_resource = rule["resources"].as_array().into_iter().flatten().filter_map(Value::as_str).any(|known| {
        let (plural, subresource) = known.split_once('/').unwrap_or((known, ""));
        (plural == "*" || plural == resource.plural) && (subresource == "*" || subresource == request.subresource)
    });
    let names = rule["resourceNames"].as_array().map(Vec::as_slice).unwrap_or_default();
    is_in_scope
        && has("operations", request.operation.name())
        && has("apiGroups", &resource.group)
        && has("apiVersions", &resource.version)
        && is_resource
        && (names.is_empty() || names.contains(&json!(request.name)))
}

fn matches_namespace(request: &Request<'_>, selector: &Value) -> bool {
    let is_namespace = request.resource.group.is_empty() && request.resource.plural == "namespaces";
    if selector_is_empty(selector) || (request.namespace.is_none() && !is_namespace) {
        return true;
    }
    let sent = request.object.filter(|_| is_namespace && request.subresource.is_empty());
    let labels = match sent {
        Some(object) => object["metadata"]["labels"].clone(),
        None => {
            let storage = StorageKey { group: String::new(), plural: "namespaces".to_owned() };
            let name = request.namespace.unwrap_or(request.name);
            let found = request.state.store.get(&storage, name);
            found.map(|namespace| namespace["metadata"]["labels"].clone()).unwrap_or_default()
        }
    };
    builtin::selects(selector, &labels)
}

fn matches_object(request: &Request<'_>, selector: &Value) -> bool {
    let mut objects = [request.object, request.old].into_iter().flatten();
    selector_is_empty(selector) || objects.any(|object| builtin::selects(selector, &object["metadata"]["labels"]))
}

fn selector_is_empty(selector: &Value) -> bool {
    selector["matchLabels"].as_object().is_none_or(serde_json::Map::is_empty)
        && selector["matchExpressions"].as_array().is_none_or(Vec::is_empty)
}
