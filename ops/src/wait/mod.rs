//! Conditions of the built-in kinds to wait for.
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
//! Each function here checks an object and returns a [`Verdict`]: pass it to [`Wait::until`], or call it on an object
//! you have. What can't be met any more (a failed job, a rollout past its deadline) ends a wait at once. To wait for a
//! deletion, such as of a namespace, see [`Wait::deleted`]; for conditions of any kind, see [`Wait::for_condition`].

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

/// Formats a reason and a message, if set: ` (Reason: the message)`.
fn because(reason: &Option<CompactString>, message: &Option<CompactString>) -> String {
    let told: Vec<&str> = [reason, message].into_iter().flatten().map(|text| text.as_str()).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(": ")) }
}
