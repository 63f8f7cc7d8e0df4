//! The typed Kubernetes client for Rust, generated from what a cluster says about itself.
//!
//! Every built-in kind of Kubernetes as a plain struct, and every resource as a handle that has exactly the verbs and
//! subresources that the API server's documents list:
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
//! - [`ApiGroups`] leads from a [`Client`] to each of them: `client.apps_v1().deployments("shop")`.
//! - Each call is a builder that is awaited; see [`request`] for the verbs and their options.
//! - Watches and long lists are streams: [`watch`], [`request::ListStream`].
//! - [`mod@wait`] waits for a condition, for whatever else an object shall come to, or for a deletion; `modify` on every handle reads, changes and writes
//!   back until nobody comes in between ([`request::ModifyRequest`]).
//! - Server-side apply takes the ordinary types: [`request::ApplyRequest`], [`extract`].
//! - Pods have commands, sessions, logs, port-forwards ([`stream`]), and with the feature `copy` files:
//!   `pods.copy_from("web-0", "/etc/nginx", "./nginx")`.
//! - [`Api`] is for code that is generic over the kind, or learns it at run time ([`DynamicObject`]).
//! - To test without a cluster, let a service answer: [`Client::from_service`].
//!
//! What takes several calls on kinds known by name is in a crate of its own, `kubewright-ops`: drain, evict, restart, debug,
//! the logs of many pods, and what the built-in kinds are waited for.
//!
//! # Kubernetes versions
//! One source has several minors of Kubernetes. The features `v1_34`, `v1_35`, … add what each minor brought to what those
//! before it have; `latest`, the default, is the newest. So two crates that ask for different minors build together, with
//! what either needs. What a minor has no more stays, and is deprecated from its feature on. Whatever the features, fields
//! and values that only a newer server knows are read, kept and written back. See `docs/versions.md` in the repository.
//!
//! For CRDs and aggregated APIs, generate a client of your own from a cluster that has them: `cargo xtask gen
//! --from-cluster`. It stands on the same runtime, `kubewright-runtime`, and works beside this crate.
#![deny(missing_docs)]
// Nightly's rustdoc, which docs.rs uses, then shows the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]
// What a minor has no more is marked so for users; here it stands as long as it is pinned.
#![allow(deprecated)]
// What handles alone use is imported without them, too.
#![cfg_attr(not(feature = "client"), allow(unused_imports))]

// Its modules stand beside it, as they do in a tree of one's own.
#[rustfmt::skip]
#[path = "api_tree.rs"]
mod api_tree;

pub use api_tree::*;
#[cfg(feature = "yaml")]
pub use kubewright_core::yaml;
pub use kubewright_core::{
    Base64, ByteString, CompactString, DateTime, Duration, DynamicObject, DynamicResource, IntOrString, List, Map,
    MicroTime, Number, Object, PartialObjectMetadata, Patch, Quantity, RawJson, Resource, ResourceDesc, Table, Time,
    extract, extract_subresource, json, message, meta, protobuf, reflect, types, verbs,
};
#[cfg(feature = "client")]
pub use kubewright_runtime as runtime;
#[cfg(feature = "logs")]
pub use kubewright_runtime::log;
#[cfg(feature = "streams")]
pub use kubewright_runtime::stream;
#[cfg(feature = "client")]
pub use kubewright_runtime::{
    AllNamespaces, Api, Client, ClientBuilder, Config, Deleted, Encoding, Error, FieldValidation, Modified, Operation,
    PropagationPolicy, ResourceVersionMatch, Result, Scope, ServerVersion, Warning, WatchEvent, auth, config, metrics,
    request, retry, transport, wait, watch,
};
