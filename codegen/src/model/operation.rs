//! Resources, and what can be done with them.

use std::collections::BTreeMap;

use super::{Availability, Gvk};
use crate::documents::Definition;

/// A resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The name in URLs: `deployments`.
    pub plural: String,
    /// The name for one: `deployment`.
    pub singular: String,
    /// Names for people in a hurry: `deploy`.
    pub short_names: Vec<String>,
    /// Groups of resources, such as `all`.
    pub categories: Vec<String>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// The kind of its objects.
    pub kind: Gvk,
    /// The schema of its objects.
    pub schema: String,
    /// What can be done with one object or a collection in a namespace, or in the cluster if it is not namespaced.
    pub operations: BTreeMap<Verb, Operation>,
    /// What can be done over all namespaces.
    pub all_namespaces: BTreeMap<Verb, Operation>,
    /// What hangs below one object.
    pub subresources: BTreeMap<String, Subresource>,
    /// What its CustomResourceDefinition says beside the schema, if that could be read.
    pub definition: Option<Definition>,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// What hangs below one object, such as `status`.
#[derive(Clone, Debug, Default)]
pub struct Subresource {
    /// What can be done with it.
    pub operations: BTreeMap<Verb, Operation>,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Reads one object.
    Get,
    /// Reads a collection.
    List,
    /// Follows a collection.
    Watch,
    /// Makes an object.
    Create,
    /// Replaces an object.
    Replace,
    /// Changes an object.
    Patch,
    /// Removes an object.
    Delete,
    /// Removes a collection.
    DeleteCollection,
    /// Connects to something below an object: bytes in both directions, or HTTP that is passed on.
    Connect,
}

impl Verb {
    /// Reads `x-kubernetes-action`. The deprecated `/watch/` paths have no verb here.
    pub fn from_action(action: &str) -> Option<Self> {
        Some(match action {
            "get" => Self::Get,
            "list" => Self::List,
            "post" => Self::Create,
            "put" => Self::Replace,
            "patch" => Self::Patch,
            "delete" => Self::Delete,
            "deletecollection" => Self::DeleteCollection,
            "connect" => Self::Connect,
            _ => return None,
        })
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path, with `{namespace}` and `{name}` in it.
    pub path: String,
    /// The query parameters, sorted by name.
    pub parameters: Vec<Parameter>,
    /// The kind that the documents say it is about.
    pub kind: Option<Gvk>,
    /// What is sent.
    pub request: Option<Payload>,
    /// What comes back.
    pub response: Option<Payload>,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// What is sent or comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A value of the schema of this name.
    Schema(String),
    /// Plain text.
    Text,
    /// Something else.
    Other,
}

/// A query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the query.
    pub name: String,
    /// What its values look like.
    pub ty: ParameterType,
    /// The server's description; pinned documents have none.
    pub description: Option<String>,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// What the values of a parameter look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// Text.
    Text,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
}
