//! Requests, as admission policies see them.

use serde_json::Value;

use crate::access::User;
use crate::catalog::Resource;
use crate::server::{Server, State};
use crate::webhooks::GroupVersionKind;

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

impl Operation {
    /// The one of a name: those that no policy knows are connections.
    pub fn of(name: &str) -> Self {
        match name {
            "CREATE" => Self::Create,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            _ => Self::Connect,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }
}

/// A request that is admitted.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub server: &'a Server,
    pub state: &'a State,
    pub user: &'a User,
    pub resource: &'a Resource,
    /// The kind of what is sent, where it is none of the resource's: a `Scale`, an `Eviction`, the options of a connection.
    pub other_kind: Option<&'a GroupVersionKind>,
    /// Empty for the object itself.
    pub subresource: &'a str,
    pub operation: Operation,
    /// The name that was sent: empty if it was generated, or where a collection is deleted.
    pub name: &'a str,
    pub namespace: Option<&'a str>,
    /// The object as it is to be stored; `None` for a deletion.
    pub object: Option<&'a Value>,
    /// The object before.
    pub old: Option<&'a Value>,
    pub is_dry_run: bool,
    /// `CreateOptions` and the like; null if the operation has none.
    pub options: &'a Value,
}
