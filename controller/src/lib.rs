//! Caches, controllers and leader election for Kubernetes, on the [`Watcher`](kubewright::watch::Watcher) of [`kubewright`].
//!
//! | module | purpose |
//! |---|---|
//! | `health` | with the feature `health`: liveness and readiness endpoints |
//! | [`key`] | the key of an object in caches and queues: namespace and name |
//! | [`rbac`] | the RBAC rules of a program, computed from what it declares |
//! | [`signal`] | the signals that ask a program to end |
//! | `webhook` | with the feature `webhooks`: admission and conversion webhooks, and a server for them |

#[cfg(feature = "health")]
pub mod health;
pub mod key;
pub mod rbac;
#[cfg(any(feature = "health", feature = "webhooks"))]
mod serve;
pub mod signal;
#[cfg(feature = "webhooks")]
pub mod webhook;

pub use key::ObjectKey;
