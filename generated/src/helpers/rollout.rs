//! Rollouts: restart, pause, resume. Waiting for one is [`wait::rolled_out`](super::wait::rolled_out).

use kubewright_runtime::{Error, MicroTime, Patch, Result};
use serde_json::json;

use crate::apps::v1::{DaemonSet, DaemonSets, Deployment, Deployments, StatefulSet, StatefulSets};

/// The annotation of the pod template that `kubectl rollout restart` sets.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

impl Deployments {
    /// Replaces every pod by a new one of the same template, as the rollout strategy says: `kubectl rollout restart`. It
    /// sets an annotation of the pod template to the present, by a patch, and gives the deployment as it is then; to wait
    /// for the new pods, see [`wait::rolled_out`](crate::wait::rolled_out).
    ///
    /// # Errors
    /// A deployment that is paused is not restarted ([`Error::is_abandoned`]): [`resume`](Self::resume) it first.
    ///
    /// <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/>
    pub async fn restart(&self, name: &str) -> Result<Deployment> {
        let deployment = self.get(name).await?;
        if deployment.spec.paused == Some(true) {
            return Err(Error::abandoned(format!(
                "the deployment {name} is paused, and a restart would have no effect before it is resumed: resume it first"
            )));
        }
        self.patch(name, restart()).await
    }

    /// Stops the rollout where it is: further changes of the pod template have no effect before [`resume`](Self::resume).
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment>
    pub async fn pause(&self, name: &str) -> Result<Deployment> {
        self.patch(name, Patch::merge(json!({ "spec": { "paused": true } }))).await
    }

    /// Goes on with a rollout that was [paused](Self::pause).
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment>
    pub async fn resume(&self, name: &str) -> Result<Deployment> {
        self.patch(name, Patch::merge(json!({ "spec": { "paused": null } }))).await
    }
}

impl StatefulSets {
    /// Replaces every pod by a new one of the same template, as the update strategy says: `kubectl rollout restart`. Under
    /// the strategy `OnDelete` pods are new once somebody deletes the old ones.
    ///
    /// <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/>
    pub async fn restart(&self, name: &str) -> Result<StatefulSet> {
        self.patch(name, restart()).await
    }
}

impl DaemonSets {
    /// Replaces every pod by a new one of the same template, as the update strategy says: `kubectl rollout restart`. Under
    /// the strategy `OnDelete` pods are new once somebody deletes the old ones.
    ///
    /// <https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/>
    pub async fn restart(&self, name: &str) -> Result<DaemonSet> {
        self.patch(name, restart()).await
    }
}

/// The present to the microsecond: two restarts within a second are two.
fn restart() -> Patch {
    let now = MicroTime::now().to_string();
    Patch::strategic(json!({ "spec": { "template": { "metadata": { "annotations": { RESTARTED_AT: now } } } } }))
}
