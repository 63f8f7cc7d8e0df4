//! Kubernetes objects as data: the foundation of kubewright's generated types, without IO.
//!
//! - [`message`](mod@message): a generated type is a plain struct with a table, its [`Descriptor`](message::Descriptor).
//! - [`json`], [`protobuf`] and, with the feature `yaml`, [`yaml`]: codecs that walk the table.
//! - [`types`]: quantities, times, maps, raw JSON and the like, which preserve their text.
//! - [`meta`]: the types of `meta/v1` that every kind has, such as [`ObjectMeta`](meta::v1::ObjectMeta).
//! - [`resource`]: the description of a resource, as in discovery, and the traits of kinds that are stored and served.
//! - [`Registry`](resource::Registry): the resources and types of a generated tree, as data.
//! - [`crd`]: what CustomResourceDefinitions say of their kinds; with the feature `schemars`, the definitions of kinds that
//!   are derived from Rust types.
//! - With the feature `validate`, `validate`: what a CustomResourceDefinition checks, checked on the client.
//! - [`selector`]: label and field selectors, matched in memory.
//! - [`patch`]: the bodies of the four patch types, and [`extract`]: the fields that a field manager applied.
//!
//! It contains no client, no async runtime and no C code, and builds for `wasm32-unknown-unknown`. Programs that
//! connect to a cluster depend on `kubewright`, which re-exports all of this.
//!
//! Decoding is lenient and encoding is exact: unknown fields of newer servers are preserved and written back, enums are
//! open, absent and null fields keep their default, and only malformed values are errors.
#![deny(missing_docs)]

pub(crate) mod codec;
#[doc(hidden)]
pub mod codegen;
pub mod crd;
pub mod json;
pub mod message;
pub mod meta;
pub mod patch;
pub mod prelude;
pub mod protobuf;
pub mod reflect;
pub mod resource;
pub mod selector;
pub mod types;
#[cfg(feature = "validate")]
pub mod validate;
#[cfg(feature = "yaml")]
pub mod yaml;

pub use compact_str::CompactString;
pub use meta::v1::{List, PartialObjectMetadata, Table};
pub use patch::Patch;
pub use resource::{
    DynamicObject, DynamicResource, Object, Resource, ResourceDesc, Served, extract, extract_subresource, verbs,
};
#[cfg(feature = "schemars")]
pub use schemars;
pub use serde;
pub use types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};
