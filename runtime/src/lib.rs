//! The hand-written runtime under kubewright's generated Kubernetes clients.
//!
//! Most programs depend on the crate `kubewright`, which has every built-in kind and re-exports this one. Programs that
//! generate a client from their own cluster (`cargo xtask gen --from-cluster`) depend on this crate alone.
//!
//! - [`Client`] is a cheap handle over a [`tower`] service: by default HTTP/2 over rustls, by a [`Config`].
//! - Generated handles, such as `client.core_v1().pods("shop")`, have exactly the verbs and subresources that the API
//!   server's documents list. [`Api`] is the same for code that is generic over the kind, and for kinds that are known
//!   only at run time ([`DynamicObject`]).
//! - Every call is a builder ([`request`]) that implements `IntoFuture`; lists and watches are streams, decoded while
//!   they come in, and what is not needed of the objects can be left out.
//! - What takes several calls is a builder as well: read, change and write back, retried on conflict
//!   ([`request::ModifyRequest`]), and wait until an object reaches a desired state ([`mod@wait`]).
//! - Commands in containers, attaching and port-forwards are [streams](mod@stream) that read and write independently.
//! - Kinds that have [protobuf](mod@protobuf), as every built-in one, travel in it; the others in [JSON](mod@json). See
//!   [`Encoding`].
//! - Generated types are plain structs with a table ([`message`](mod@message)). JSON, comparison, printing, server-side apply and
//!   extraction are one engine each, which walks the table.
//! - [`Error`] tells apart at which step a call failed, and what the API server said.
//!
//! Decoding is lenient and writing is exact: what a newer server sends and this client does not know is kept and written
//! back, enums are open, absent and null leave the default, and only what is wrong is an error.
//!
//! # Testing without a cluster
//! Any [`tower::Service`] can answer in the API server's place: see [`Client::from_service`].
#![deny(missing_docs)]
// What one feature alone needs of the others' files stands there, unmarked. With the default features, by which everything
// else is built, what is unused is a warning.
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
pub use error::{Error, Operation, Result};
#[doc(hidden)]
pub use kubewright_core::table;
#[cfg(feature = "yaml")]
pub use kubewright_core::yaml;
pub use kubewright_core::{
    Base64, ByteString, CompactString, DateTime, Duration, DynamicObject, DynamicResource, FieldsV1, IntOrString, List,
    Map, MicroTime, Nullable, Number, Object, PartialObjectMetadata, Patch, Quantity, RawJson, Resource, ResourceDesc,
    Served, Table, Time, extract, extract_subresource, json, message, meta, open_enum, protobuf, reflect, resource,
    serde, types, verbs,
};
pub use request::{Deleted, FieldValidation, Modified, PropagationPolicy, ResourceVersionMatch};
pub use watch::WatchEvent;
