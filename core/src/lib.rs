//! Kubernetes objects as data: what the generated types of kubewright are made of, without any input or output.
//!
//! - [`message`](mod@message): a generated type is a plain struct with a table, its [`Descriptor`](message::Descriptor).
//! - [`json`], [`protobuf`] and, with the feature `yaml`, [`yaml`]: one codec each, which walks the table.
//! - [`types`]: quantities, times, maps, raw JSON and the like, kept as they were read.
//! - [`meta`]: the types of `meta/v1` that every kind has, such as [`ObjectMeta`](meta::v1::ObjectMeta).
//! - [`resource`]: what discovery says of a resource, and the traits of kinds that are stored and served.
//! - [`Registry`](resource::Registry): which resources and types a generated tree has, as data.
//! - With the feature `schemars`, [`crd`]: CustomResourceDefinitions of kinds that are derived from Rust types.
//! - [`patch`]: the bodies of the four sorts of patches, and [`extract`]: what a field manager applied.
//!
//! There is neither a client nor a runtime in it, nor any C code: it builds for `wasm32-unknown-unknown`. Programs that
//! talk to a cluster depend on `kubewright`, which re-exports all of this.
//!
//! Decoding is lenient and writing is exact: what a newer server sends and this client does not know is kept and written
//! back, enums are open, absent and null leave the default, and only what is wrong is an error.
#![deny(missing_docs)]

pub(crate) mod codec;
#[doc(hidden)]
pub mod codegen;
#[cfg(feature = "schemars")]
pub mod crd;
pub mod json;
pub mod message;
pub mod meta;
pub mod patch;
pub mod prelude;
pub mod protobuf;
pub mod reflect;
pub mod resource;
pub mod types;
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
