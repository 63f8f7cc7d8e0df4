//! The first stage: a server's documents, fetched and parsed.
//!
//! Without IO: [`plan`] says what to fetch, [`Assembly`] takes the bytes that came. What a live cluster answers and
//! what lies in a `spec/` folder come out as the same [`Documents`].

mod assemble;
mod cache;
mod definition;
mod discovery;
mod fetch;
mod openapi;
mod version;

pub use assemble::Assembly;
pub use cache::Cache;
pub use definition::{Column, Definition, ScalePaths};
pub use discovery::{
    Discovery, DiscoveryGroup, DiscoveryKind, DiscoveryResource, DiscoverySubresource, DiscoveryVersion,
};
pub use fetch::{DISCOVERY_ACCEPT, DISCOVERY_PATHS, Fetch, INDEX_PATH, VERSION_PATH, plan};
pub use openapi::Document;
pub(crate) use openapi::parse_json;
pub use version::{GroupVersion, Minor, ServerVersion};

use std::collections::BTreeMap;

use crate::{error::DocumentError, spec::Facts};

/// Everything that one server says about itself.
#[derive(Debug, Default)]
pub struct Documents {
    /// The server's version.
    pub server: ServerVersion,
    /// Its groups, versions and resources.
    pub discovery: Discovery,
    /// Its OpenAPI documents, by path below `/openapi/v3`, such as `apis/apps/v1`.
    pub openapi: BTreeMap<String, Document>,
    /// What the documents leave out and the Go types of Kubernetes tell; empty for a live cluster.
    pub facts: Facts,
    /// What CustomResourceDefinitions say that their documents do not, by group-version and resource. A server that does not
    /// let its definitions be read has none.
    pub definitions: BTreeMap<(GroupVersion, String), Definition>,
    /// What could not be fetched or understood, and is missing here for that reason.
    pub problems: Vec<DocumentError>,
    /// What was decided on the way, for people to read.
    pub notes: Vec<String>,
}
