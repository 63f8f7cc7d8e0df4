//! Query parameters: those that the runtime's builders know, and methods for those that they don't.

use std::collections::BTreeMap;

use super::connection::Connection;
use crate::model::{Model, Operation, Parameter, Verb};

/// What the runtime's builder of a verb has methods for.
fn known(verb: Verb, operation: &Operation) -> &'static [&'static str] {
    match verb {
        Verb::Connect => Connection::of(operation).known_parameters(),
        Verb::Get => &["pretty", "resourceVersion"],
        Verb::List | Verb::Watch => &[
            "allowWatchBookmarks",
            "continue",
            "fieldSelector",
            "labelSelector",
            "limit",
            "pretty",
            "resourceVersion",
            "resourceVersionMatch",
            "sendInitialEvents",
            "shardSelector",
            "timeoutSeconds",
            "watch",
        ],
        Verb::Create | Verb::Replace => &["dryRun", "fieldManager", "fieldValidation", "pretty"],
        Verb::Patch => &["dryRun", "fieldManager", "fieldValidation", "force", "pretty"],
        Verb::Delete => &[
            "dryRun",
            "gracePeriodSeconds",
            "ignoreStoreReadErrorWithClusterBreakingPotential",
            "orphanDependents",
            "pretty",
            "propagationPolicy",
        ],
        // Custom resources list the parameters of watching here too, where they have no meaning.
        Verb::DeleteCollection => &[
            "allowWatchBookmarks",
            "watch",
            "continue",
            "dryRun",
            "fieldSelector",
            "gracePeriodSeconds",
            "ignoreStoreReadErrorWithClusterBreakingPotential",
            "labelSelector",
            "limit",
            "orphanDependents",
            "pretty",
            "propagationPolicy",
            "resourceVersion",
            "resourceVersionMatch",
            "sendInitialEvents",
            "shardSelector",
            "timeoutSeconds",
        ],
    }
}

/// The runtime's builder of a verb.
fn builder(verb: Verb, operation: &Operation) -> &'static str {
    match verb {
        Verb::Connect => Connection::of(operation).builder(),
        Verb::Get => "GetRequest",
        Verb::List => "ListRequest",
        Verb::Watch => "WatchRequest",
        Verb::Create => "CreateRequest",
        Verb::Replace => "ReplaceRequest",
        Verb::Patch => "PatchRequest",
        Verb::Delete => "DeleteRequest",
        Verb::DeleteCollection => "DeleteCollectionRequest",
    }
}

/// Methods that one builder lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The builder.
    pub builder: &'static str,
    /// The parameters, by name.
    pub parameters: Vec<Parameter>,
}

/// The methods that the runtime's builders lack for this server.
pub fn extensions(model: &Model) -> Vec<Extension> {
    let mut missing: BTreeMap<&'static str, BTreeMap<String, Parameter>> = BTreeMap::new();
    let resources = model.versions.values().flat_map(|version| version.resources.values());
    let operations = resources.flat_map(|resource| {
        let below = resource.subresources.values().flat_map(|subresource| &subresource.operations);
        resource.operations.iter().chain(&resource.all_namespaces).chain(below)
    });
    for (verb, operation) in operations.filter(|(verb, operation)| !is_text(**verb, operation)) {
        let (known, builder) = (known(*verb, operation), builder(*verb, operation));
        for parameter in operation.parameters.iter().filter(|parameter| !known.contains(&parameter.name.as_str())) {
            let mut parameter = parameter.clone();
            parameter.availability = parameter.availability.within(operation.availability);
            let known = missing.entry(builder).or_default().entry(parameter.name.clone());
            let known = known.or_insert_with(|| parameter.clone());
            known.availability = known.availability.or(parameter.availability);
        }
    }
    missing
        .into_iter()
        .map(|(builder, parameters)| Extension { builder, parameters: parameters.into_values().collect() })
        .collect()
}

/// Whether an operation reads text, and so has a builder of its own.
pub(super) fn is_text(verb: Verb, operation: &Operation) -> bool {
    verb == Verb::Get && operation.response == Some(crate::model::Payload::Text)
}
