//! Operations on well-known kinds beyond single calls: drain a node, evict a pod, restart a rollout, debug a running
//! pod, read the logs of many.
//!
//! Each is a method that an extension trait adds to a handle of [`kubewright`]. The [`prelude`] re-exports these
//! traits:
//!
//! ```no_run
//! use std::time::Duration;
//! use kubewright::prelude::*;
//! use kubewright_ops::prelude::*;
//! use kubewright_ops::wait;
//!
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let deployments = client.apps_v1().deployments("shop");
//! deployments.restart("web").await?;
//! deployments.wait("web").timeout(Duration::from_secs(300)).until(wait::rolled_out).await?;
//! client.core_v1().nodes().drain("node-1").ignore_daemon_sets().await?;
//! # Ok(())
//! # }
//! ```
//!
//! | module | methods | of |
//! |---|---|---|
//! | [`drain`] | `drain` | nodes |
//! | [`cordon`] | `cordon`, `uncordon` | nodes |
//! | [`evict`] | `evict` | pods |
//! | [`debug`] | `debug` | pods |
//! | [`mod@logs`] | `logs` | pods |
//! | [`resize`] | `resize` | pods |
//! | [`binding`] | `bind` | pods |
//! | [`rollout`] | `restart`; `pause`, `resume` | deployments, stateful sets, daemon sets; deployments |
//! | [`token`] | `token` | service accounts |
//! | [`approval`] | `approve`, `deny` | certificate signing requests |
//! | [`finalize`] | `finalize` | namespaces |
//!
//! Conditions of the built-in kinds to wait for are in [`mod@wait`].
//!
//! Everything here uses only the public API of `kubewright`, so that your own helpers can do the same. What works on
//! every kind, such as `wait` and `modify`, is in `kubewright` itself.
//!
//! # Kubernetes versions
//! The features `v1_34`, `v1_35`, … and `latest`, the default, are those of `kubewright`, and enable them there.
#![deny(missing_docs)]

pub mod approval;
pub mod binding;
pub mod cordon;
pub mod debug;
pub mod drain;
pub mod evict;
pub mod finalize;
pub mod logs;
pub mod prelude;
pub mod resize;
pub mod rollout;
mod sealed;
pub mod token;
pub mod wait;

/// Future of a request builder.
macro_rules! future {
    ($name:ident => $output:ty) => {
        impl ::std::future::IntoFuture for $name {
            type Output = ::kubewright_runtime::Result<$output>;
            type IntoFuture = ::kubewright_runtime::request::ResponseFuture<$output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.run())
            }
        }
    };
}
use future;
