//! The objects that a binding passes to its policy.

use std::sync::Arc;

use serde_json::Value;

use super::Request;
use crate::api::key_of;
use crate::builtin;
use crate::catalog::{Resource, as_go_writes_version};
use crate::stored::Stored;

/// A parameter, and what kind it is of.
pub(super) struct Param {
    pub object: Value,
    pub resource: Arc<Resource>,
}

/// The resource of a policy's `paramKind`. `None` if it takes no parameters; the error is that of a kind that isn't there.
pub(super) fn kind(request: &Request<'_>, kind: &Value) -> Result<Option<Arc<Resource>>, String> {
    let text = |name: &str| kind[name].as_str().unwrap_or_default();
    if kind.is_null() {
        return Ok(None);
    }
    let resources = request.server.resources(request.state);
    let found = resources
        .into_iter()
        .find(|resource| resource.api_version() == text("apiVersion") && resource.kind == text("kind"));
    found.map(Some).ok_or_else(|| {
        let (version, kind) = (text("apiVersion"), text("kind"));
        let version = as_go_writes_version(version);
        format!("failed to find resource referenced by paramKind: '{version}, Kind={kind}'")
    })
}

/// The parameters of a binding, each of which the policy is evaluated with: one that is none, if there is no reference to any.
pub(super) fn collect(
    request: &Request<'_>,
    kind: Option<&Resource>,
    reference: &Value,
) -> Result<Vec<Option<Param>>, String> {
    let Some(resource) = kind.filter(|_| !reference.is_null()) else { return Ok(vec![None]) };
    let text = |name: &str| reference[name].as_str().filter(|text| !text.is_empty());
    let namespace = match (resource.namespaced, text("namespace"), request.namespace) {
        (true, Some(namespace), _) | (true, None, Some(namespace)) => Some(namespace),
        (true, None, None) => {
            return Err(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources".to_owned()
            );
        }
        (false, Some(_), _) => {
            return Err("paramRef.namespace must not be provided for a cluster-scoped `paramKind`".to_owned());
        }
        (false, None, _) => None,
    };
    let storage = resource.storage_key();
    let store = &request.state.store;
    let found: Vec<&Arc<Stored>> = match text("name") {
        Some(name) => store.get(&storage, &key_of(namespace, name)).into_iter().collect(),
        None => {
            let is_there = |object: &&Arc<Stored>| {
                namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
                    && builtin::selects(&reference["selector"], &object["metadata"]["labels"])
            };
            store.all(&storage).map(|(_, object)| object).filter(is_there).collect()
        }
    };
    if found.is_empty() && reference["parameterNotFoundAction"] == "Deny" {
        return Err("no params found for policy binding with `Deny` parameterNotFoundAction".to_owned());
    }
    let resource = Arc::new(resource.clone());
    Ok(found
        .into_iter()
        .map(|object| Some(Param { object: builtin::in_version(object, &resource), resource: resource.clone() }))
        .collect())
}
