//! Caches, controllers and leader election for Kubernetes, on the [`Watcher`](kubewright::watch::Watcher) of [`kubewright`].
//!
//! | module | purpose |
//! |---|---|
//! | [`key`] | the key of an object in caches and queues: namespace and name |
//! | [`version`] | comparison of resource versions |
//! | [`store`] | caches: reading, indexes, subscribers |
//! | [`reflector`] | fills a store from a watch |
//! | [`cache`] | one watch for all users of a kind |

pub mod cache;
pub mod key;
pub mod reflector;
pub mod store;
pub mod version;

pub use cache::Cache;
pub use key::ObjectKey;
pub use reflector::Reflector;
pub use store::{Change, Index, Snapshot, Store, Subscription};
