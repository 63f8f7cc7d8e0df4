//! Hand-written runtime of kubewright's generated Kubernetes clients.
//!
//! Most programs depend on the crate `kubewright`, which has every built-in kind and re-exports this one. Programs that
//! generate a client from their own cluster (`cargo kubewright gen`) depend on this crate alone.
//!
//! - [`Client`] is a cheap handle over a [`tower`] service: by default HTTP/2 over rustls, set up from a [`Config`].
//! - Generated handles, such as `client.core_v1().pods("shop")`, have exactly the verbs and subresources of the API
//!   server's OpenAPI documents. [`Api`] is the same for code that is generic over the kind, and for kinds that are
//!   known only at run time ([`DynamicObject`]).
//! - Every call is a builder ([`request`]) that implements `IntoFuture`; lists and watches are streams, decoded
//!   incrementally, and unneeded fields can be skipped while decoding.
//! - Operations of more than one call are builders as well: read, change and replace, retrying on conflict
//!   ([`request::ModifyRequest`]), and waiting until an object meets a condition ([`mod@wait`]).
//! - Commands in containers, attaching and port-forwards are [streams](mod@stream) that read and write independently.
//! - Kinds that support [protobuf](mod@protobuf), such as every built-in one, are sent and received in it; the others
//!   in [JSON](mod@json). See [`Encoding`].
//! - Generated types are plain structs with a table ([`message`](mod@message)). JSON, comparison, `Debug`, server-side
//!   apply and extraction are one engine each, which walks the table.
//! - [`Error`] reports at which step a call failed, and the API server's `Status`.
//!
//! Decoding is lenient and encoding is exact: unknown fields of newer servers are preserved and written back, enums are
//! open, absent and null fields keep their default, and only malformed values are errors.
//!
//! # Testing without a cluster
//! Any [`tower::Service`] can replace the API server: see [`Client::from_service`], and the crate `kubewright-fake`.
#![deny(missing_docs)]
// With some features off, parts of the remaining files are unused, without being marked as such. With the default
// features, which everything else is built with, unused code is a warning.
#![cfg_attr(not(all(feature = "kubeconfig", feature = "logs", feature = "streams")), allow(dead_code, unused_imports))]

pub mod api;
pub mod auth;
pub mod client;
#[doc(hidden)]
pub mod codegen;
pub mod config;
pub mod discovery;
pub mod error;
mod generated_for;
mod list;
#[cfg(feature = "logs")]
pub mod log;
pub mod metrics;
pub mod prelude;
pub mod request;
pub mod retry;
#[cfg(feature = "streams")]
pub mod stream;
pub mod transport;
mod version;
pub mod wait;
pub mod watch;
mod wire;

pub use api::{AllNamespaces, Api, Scope};
pub use client::{Client, ClientBuilder, Encoding, ServerVersion, Warning};
pub use config::Config;
pub use error::{Error, ErrorKind, Operation, Result};
#[cfg(feature = "validate")]
pub use kubewright_core::validate;
#[cfg(feature = "validate")]
#[doc(hidden)]
pub use kubewright_core::validation;
#[cfg(feature = "yaml")]
pub use kubewright_core::yaml;
pub use kubewright_core::{
    Base64, ByteString, CompactString, DateTime, Duration, DynamicObject, DynamicResource, FieldsV1, IntOrString, List,
    Map, MicroTime, Nullable, Number, Object, PartialObjectMetadata, Patch, Quantity, RawJson, Resource, ResourceDesc,
    Served, Table, Time, crd, extract, extract_subresource, json, message, meta, open_enum, protobuf, reflect,
    resource, selector, serde, types, verbs,
};
#[doc(hidden)]
pub use kubewright_core::{registry, table};
pub use request::{Deleted, FieldValidation, ModifyOutcome, PropagationPolicy, ResourceVersionMatch};
pub use watch::WatchEvent;
