//! Waiting until an object reaches a desired state, and what the built-in kinds are waited for.
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
//!
//! let pods = client.core_v1().pods("shop");
//! pods.wait("web-0").for_condition("Ready").await?;
//! pods.wait("web-0").until(|pod| wait::pod_ready(pod).and(pod.status.pod_ip.is_some().into())).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The functions here say of an object what it lacks: each gives a [`Verdict`], to be passed to [`Wait::until`], or to be
//! called on an object that is at hand. What is hopeless (a job that failed, a rollout past its deadline) ends a wait at
//! once. A namespace and whatever else shall be gone is waited for by [`Wait::deleted`], conditions of any kind by
//! [`Wait::for_condition`].

mod cluster;
mod jobs;
mod pods;
mod rollouts;
mod storage;

pub use kubewright_runtime::wait::{Gone, Undecided, Unmet, Until, Verdict, Wait, WaitEvent, WhyUnmet, condition};

pub use cluster::{api_available, established, has_load_balancer, node_ready};
pub use jobs::job_complete;
pub use pods::{pod_completed, pod_ready, pod_running};
pub use rollouts::{Rollout, rolled_out};
pub use storage::claim_bound;

use kubewright_runtime::CompactString;

/// A reason and a message, as far as there are any: ` (Reason: the message)`.
fn because(reason: &Option<CompactString>, message: &Option<CompactString>) -> String {
    let told: Vec<&str> = [reason, message].into_iter().flatten().map(|text| text.as_str()).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(": ")) }
}
