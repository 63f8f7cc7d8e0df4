//! The typed Kubernetes client for Rust, generated from a cluster's own API documents.
//!
//! Every built-in kind of Kubernetes as a plain struct, and every resource as a handle with exactly the verbs and
//! subresources of the API server's OpenAPI documents:
//!
//! ```no_run
//! use kubewright::prelude::*;
//! use kubewright::core::v1::Pod;
//!
//! # async fn run() -> kubewright::Result<()> {
//! let client = Client::try_default().await?;
//! let pods = client.core_v1().pods("shop");
//! let web: Pod = pods.get("web-0").await?;
//! let ready = pods.list().labels("app=web").fields("status.phase=Running").await?;
//! println!("{:?} runs on {:?}, beside {} others", web.metadata.name, web.spec.node_name, ready.items.len());
//! # Ok(())
//! # }
//! ```
//!
//! - Modules are groups and versions: [`apps::v1`], [`core::v1`], [`batch::v1`], …; shared types are in [`meta::v1`].
//! - [`ApiGroups`] has the methods of a [`Client`] for each of them: `client.apps_v1().deployments("shop")`.
//! - Each call is a builder that is awaited; see [`request`] for the verbs and their options.
//! - Watches and long lists are streams: [`watch`], [`request::ListStream`].
//! - [`mod@wait`] waits until an object meets a condition, or is deleted; `modify` on every handle reads, changes and
//!   replaces an object, retrying on conflict ([`request::ModifyRequest`]).
//! - Server-side apply accepts the ordinary types: [`request::ApplyRequest`], [`extract`].
//! - Pods have commands, sessions, logs, port-forwards ([`stream`]), and with the feature `copy` files:
//!   `pods.copy_from("web-0", "/etc/nginx", "./nginx")`.
//! - [`Api`] is for code that is generic over the kind, or learns it at run time ([`DynamicObject`]).
//! - To test without a cluster, use the crate `kubewright-fake`, or a mock service: [`Client::from_service`].
//!
//! Operations of more than one call on well-known kinds are in the crate `kubewright-ops`: drain, evict, restart,
//! debug, the logs of many pods, and conditions of the built-in kinds to wait for.
//!
//! # Kubernetes versions
//! One source has several minors of Kubernetes. The features `v1_34`, `v1_35`, … add the additions of each minor to the
//! previous ones; `latest`, the default, is the newest. So two crates with different minors build together, with the
//! union of both. Items that a minor removed stay, and are deprecated from its feature on. With any features, fields
//! and values that only a newer server knows are preserved and written back. See `docs/versions.md` in the repository.
//!
//! For CRDs and aggregated APIs, generate a client of your own with `cargo kubewright gen` (`cargo install kubewright-cli`), or
//! in a build script. It uses the same runtime, `kubewright-runtime`, and works beside this crate.
#![deny(missing_docs)]
// Nightly's rustdoc, which docs.rs uses, then shows the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Items that a minor removed are deprecated for users; this crate itself uses them while they are pinned.
#![allow(deprecated)]
// Imports that only handles use are also imported without them.
#![cfg_attr(not(feature = "client"), allow(unused_imports))]

// Its modules are beside it, as in a user's own tree.
#[rustfmt::skip]
#[path = "api_tree.rs"]
mod api_tree;

pub use api_tree::*;
/// What `#[derive(CustomResource)]` writes stands on. It is for derived code, and not for people.
#[cfg(feature = "derive")]
#[doc(hidden)]
pub mod codegen {
    pub use kubewright_core::codegen::*;

    /// What stands for CustomResourceDefinitions here: the typed kind.
    pub type CustomResourceDefinition = crate::apiextensions::v1::CustomResourceDefinition;
}
#[cfg(feature = "validate")]
pub use kubewright_core::validate;
#[cfg(feature = "yaml")]
pub use kubewright_core::yaml;
pub use kubewright_core::{
    Base64, ByteString, CompactString, DateTime, Duration, DynamicObject, DynamicResource, IntOrString, List, Map,
    MicroTime, Number, Object, PartialObjectMetadata, Patch, Quantity, RawJson, Resource, ResourceDesc, Table, Time,
    crd, extract, extract_subresource, json, message, meta, protobuf, reflect, selector, types, verbs,
};
#[cfg(feature = "derive")]
pub use kubewright_core::{
    crd::{CrdError, CustomResource},
    schemars,
};
#[cfg(feature = "derive")]
pub use kubewright_derive::CustomResource;
#[cfg(feature = "client")]
pub use kubewright_runtime as runtime;
#[cfg(feature = "logs")]
pub use kubewright_runtime::log;
#[cfg(feature = "streams")]
pub use kubewright_runtime::stream;
#[cfg(feature = "client")]
pub use kubewright_runtime::{
    AllNamespaces, Api, Client, ClientBuilder, Config, Deleted, Encoding, Error, ErrorKind, FieldValidation,
    ModifyOutcome, Operation, PropagationPolicy, ResourceVersionMatch, Result, Scope, ServerVersion, Warning,
    WatchEvent, auth, config, metrics, request, retry, transport, wait, watch,
};
