//! Rollouts: restart, pause, resume. To wait for one, see [`wait::rolled_out`](crate::wait::rolled_out).

use kubewright::apps::v1::{DaemonSet, DaemonSets, Deployment, Deployments, StatefulSet, StatefulSets};
use kubewright_runtime::{Error, MicroTime, Patch, Result};
use serde_json::json;

use crate::sealed::Sealed;

/// The annotation of the pod template that `kubectl rollout restart` sets.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Restarting rollouts, as a method of [`Deployments`], [`StatefulSets`] and [`DaemonSets`].
pub trait RestartExt: Sealed {
    /// The kind that is restarted.
    type Workload;

    /// Replaces every pod by a new one of the same template, following the rollout or update strategy: `kubectl rollout
    /// restart`. It patches an annotation of the pod template with the current time and returns the workload; to wait
    /// for the new pods, see [`wait::rolled_out`](crate::wait::rolled_out). Under the strategy `OnDelete` of
    /// StatefulSets and DaemonSets, pods are replaced only when the old ones are deleted.
    ///
    /// # Errors
    /// A paused deployment is not restarted ([`Error::is_aborted`]): [`resume`](PauseExt::resume) it first.
    ///
    /// <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/>
    fn restart(&self, name: &str) -> impl Future<Output = Result<Self::Workload>> + Send;
}

impl RestartExt for Deployments {
    type Workload = Deployment;

    async fn restart(&self, name: &str) -> Result<Deployment> {
        let deployment = self.get(name).await?;
        if deployment.spec.paused == Some(true) {
            return Err(Error::aborted(format!(
                "deployment {name} is paused, so a restart would have no effect: resume it first"
            )));
        }
        self.patch(name, restart()).await
    }
}

impl RestartExt for StatefulSets {
    type Workload = StatefulSet;

    async fn restart(&self, name: &str) -> Result<StatefulSet> {
        self.patch(name, restart()).await
    }
}

impl RestartExt for DaemonSets {
    type Workload = DaemonSet;

    async fn restart(&self, name: &str) -> Result<DaemonSet> {
        self.patch(name, restart()).await
    }
}

/// Pausing rollouts, as methods of [`Deployments`].
pub trait PauseExt: Sealed {
    /// Pauses the rollout: further changes of the pod template have no effect before [`resume`](Self::resume).
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment>
    fn pause(&self, name: &str) -> impl Future<Output = Result<Deployment>> + Send;

    /// Resumes a [paused](Self::pause) rollout.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment>
    fn resume(&self, name: &str) -> impl Future<Output = Result<Deployment>> + Send;
}

impl PauseExt for Deployments {
    async fn pause(&self, name: &str) -> Result<Deployment> {
        self.patch(name, Patch::merge(json!({ "spec": { "paused": true } }))).await
    }

    async fn resume(&self, name: &str) -> Result<Deployment> {
        self.patch(name, Patch::merge(json!({ "spec": { "paused": null } }))).await
    }
}

/// The current time in microseconds, so that two restarts within a second differ.
fn restart() -> Patch {
    let now = MicroTime::now().to_string();
    Patch::strategic(json!({ "spec": { "template": { "metadata": { "annotations": { RESTARTED_AT: now } } } } }))
}
