//! The second stage: the documents of one server, or of several minors, as one model.
//!
//! Here a schema is what it means ([`Shape`]), not how OpenAPI spells it, and an operation belongs to a resource.

mod availability;
mod build;
pub mod merge;
mod operation;
mod origin;
mod restrictions;
mod schema;
mod select;

pub use availability::Availability;
pub use build::build;
pub use operation::{Operation, Parameter, ParameterType, Payload, Resource, Subresource, Verb};
pub use origin::Origin;
pub use schema::{EnumValue, Field, MergeRule, Object, Schema, Shape, is_zero};

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::documents::{GroupVersion, Minor};

/// Everything that can be generated.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The minors that were merged, oldest first; one for a live cluster.
    pub minors: Vec<Minor>,
    /// Every schema, by its name in the documents.
    pub types: BTreeMap<String, TypeDef>,
    /// Every group-version with its resources.
    pub versions: BTreeMap<GroupVersion, Version>,
    /// What was left out or decided on the way, for people to read.
    pub notes: Vec<String>,
    /// What differs between the minors and needed no rule, for people to read.
    pub drift: Vec<String>,
    /// What was asked for and is not there.
    pub missing: Vec<String>,
}

/// A group, version and kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct Gvk {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl Gvk {
    /// The group and version.
    pub fn group_version(&self) -> GroupVersion {
        GroupVersion::new(&self.group, &self.version)
    }
}

/// A named schema.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// The name in the documents: `io.k8s.api.apps.v1.Deployment`.
    pub name: String,
    /// Where it comes from: Go types, or a CustomResourceDefinition.
    pub origin: Origin,
    /// The kinds that it stands for: none, one, or many for what every group shares, such as `DeleteOptions`.
    pub kinds: Vec<Gvk>,
    /// What it is.
    pub schema: Schema,
    /// Of a custom kind the schema as JSON, with what it restricts.
    pub raw: Option<serde_json::Value>,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// A version of a group.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// Its resources, by their name in URLs.
    pub resources: BTreeMap<String, Resource>,
    /// Which of the merged minors have it.
    pub availability: Availability,
}
