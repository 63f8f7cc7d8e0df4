//! Caches, controllers and leader election for Kubernetes, on the [`Watcher`](kubewright::watch::Watcher) of [`kubewright`].
//!
//! | module | purpose |
//! |---|---|
//! | [`cache`] | one watch for all users of a kind |
//! | [`mod@controller`] | controllers: a function that is called for each object that may have changed |
//! | [`election`] | leader election by a Lease: of several replicas, one acts |
//! | [`events`] | Kubernetes Events about objects |
//! | [`fencing`] | tokens that writes carry, so that a stale leader's are rejected |
//! | [`finalizer`] | cleanup before an object is deleted |
//! | [`gate`] | which objects this replica may act on, and until when |
//! | `health` | with the feature `health`: liveness and readiness endpoints |
//! | [`key`] | the key of an object in caches and queues: namespace and name |
//! | [`metrics`] | metrics, with the names of controller-runtime |
//! | [`owner`] | owner references |
//! | [`predicate`] | which changes lead to a reconcile |
//! | [`queue`] | the work queue of a controller |
//! | [`rbac`] | the RBAC rules of a program, computed from what it declares |
//! | [`reflector`] | fills a store from a watch |
//! | [`ring`] | hashes of objects and ranges of them, by which replicas share the work |
//! | [`sharding`] | scale-out: replicas share the objects that they act on |
//! | [`signal`] | the signals that ask a program to end |
//! | [`status`] | the status of an object, with its conditions |
//! | [`store`] | caches: reading, indexes, subscribers |
//! | `testing` | an API server that answers from a script (feature `testing`) |
//! | [`version`] | comparison of resource versions |
//! | `webhook` | with the feature `webhooks`: admission and conversion webhooks, and a server for them |

mod action;
pub mod cache;
mod clock;
pub mod controller;
mod coverage;
pub mod election;
pub mod events;
pub mod fencing;
pub mod finalizer;
pub mod gate;
#[cfg(feature = "health")]
pub mod health;
mod host;
pub mod key;
mod lease_error;
pub mod metrics;
pub mod owner;
mod panics;
pub mod predicate;
pub mod queue;
pub mod rbac;
pub mod reflector;
pub mod ring;
#[cfg(any(feature = "health", feature = "webhooks"))]
mod serve;
pub mod sharding;
pub mod signal;
pub mod status;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod version;
#[cfg(feature = "webhooks")]
pub mod webhook;

pub use action::Action;
pub use cache::Cache;
pub use controller::{Context, Controller, ControllerError, ControllerMetrics, Ended, ReconcileStatistics, Trigger};
pub use election::{LeaderElection, Leadership};
pub use fencing::{FencingError, FencingToken};
pub use gate::{Gate, GateChanges, Gatekeeper, Permit};
pub use key::ObjectKey;
pub use lease_error::LeaseError;
pub use predicate::{ObjectChange, Predicate};
pub use reflector::Reflector;
pub use ring::{HashRange, ShardKey};
pub use sharding::Membership;
pub use store::{Change, Index, Snapshot, Store, Subscription};
