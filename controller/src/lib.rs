//! Caches, controllers and leader election for Kubernetes, on the [`Watcher`](kubewright::watch::Watcher) of [`kubewright`].
//!
//! | module | purpose |
//! |---|---|
//! | [`key`] | the key of an object in caches and queues: namespace and name |

pub mod key;

pub use key::ObjectKey;
