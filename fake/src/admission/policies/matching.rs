//! Which requests a policy or a binding is about.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Request;
use crate::admission::{self, Asked, selects_all, selects_any};
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
        || !selects_any(&constraints["objectSelector"], request.object, request.old)
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
    let names = rule["resourceNames"].as_array().map(Vec::as_slice).unwrap_or_default();
    let asked = Asked {
        operation: request.operation.name(),
        group: &resource.group,
        version: &resource.version,
        resource: &resource.plural,
        subresource: request.subresource,
        namespace: request.namespace.unwrap_or_default(),
    };
    admission::matches(rule, asked) && (names.is_empty() || names.contains(&json!(request.name)))
}

fn matches_namespace(request: &Request<'_>, selector: &Value) -> bool {
    let is_namespace = request.resource.is_namespaces();
    if selects_all(selector) || (request.namespace.is_none() && !is_namespace) {
        return true;
    }
    let sent = request.object.filter(|_| is_namespace && request.subresource.is_empty());
    let labels = match sent {
        Some(object) => object["metadata"]["labels"].clone(),
        None => {
            let storage = StorageKey::new("", "namespaces");
            let name = request.namespace.unwrap_or(request.name);
            let found = request.state.store.get(&storage, name);
            found.map(|namespace| namespace["metadata"]["labels"].clone()).unwrap_or_default()
        }
    };
    builtin::selects(selector, &labels)
}
