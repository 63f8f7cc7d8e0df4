//! Whether a rollout is complete, by the rules of `kubectl rollout status`.

use kubewright::apps::v1::{
    DaemonSet, DaemonSetUpdateStrategyType, Deployment, StatefulSet, StatefulSetUpdateStrategyType,
};
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::wait::Verdict;

/// A workload whose pods are replaced step by step when their template changes: deployments, stateful sets, daemon sets.
pub trait Rollout {
    /// Whether all pods have the current template and are available.
    fn rollout(&self) -> Verdict;
}

/// Whether a rollout is complete: all pods have the current template and are available. The rules are those of `kubectl
/// rollout status`:
/// - nothing counts before the controller has observed the latest change (`observedGeneration`);
/// - a deployment is complete when all replicas are updated and available, and no old one is left. One that has
///   exceeded its progress deadline [never](Verdict::never) is;
/// - a stateful set is complete when all replicas are ready, and as many are updated as the partition leaves; without
///   rolling-update settings, when only the new revision is left;
/// - a daemon set is complete when a pod is updated and available on every node that should run one;
/// - the strategy `OnDelete` has no rollout to wait for: [never](Verdict::never).
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status>
pub fn rolled_out<W: Rollout>(workload: &W) -> Verdict {
    workload.rollout().goal("to be rolled out")
}

impl Rollout for Deployment {
    fn rollout(&self) -> Verdict {
        let status = &self.status;
        if !is_observed(&self.metadata, status.observed_generation) {
            return not_observed();
        }
        let progressing = status.conditions.iter().find(|condition| condition.type_ == "Progressing");
        if let Some(reason) =
            progressing.filter(|progressing| progressing.reason.as_deref() == Some("ProgressDeadlineExceeded"))
        {
            let told = reason.message.as_deref().unwrap_or("ProgressDeadlineExceeded");
            return Verdict::never(format!("it has exceeded its progress deadline: {told}"));
        }
        let count = |number: Option<i32>| number.unwrap_or_default();
        let (all, updated, available) =
            (count(status.replicas), count(status.updated_replicas), count(status.available_replicas));
        let paused = if self.spec.paused == Some(true) { ", and it is paused" } else { "" };
        match self.spec.replicas {
            Some(wanted) if updated < wanted => {
                Verdict::not_yet(format!("{updated} of {wanted} replicas are updated{paused}"))
            }
            _ if all > updated => Verdict::not_yet(format!("{} old replicas are still there{paused}", all - updated)),
            _ if available < updated => {
                Verdict::not_yet(format!("{available} of {updated} updated replicas are available{paused}"))
            }
            _ => Verdict::met(),
        }
    }
}

impl Rollout for DaemonSet {
    fn rollout(&self) -> Verdict {
        match &self.spec.update_strategy.type_ {
            Some(DaemonSetUpdateStrategyType::RollingUpdate) => {}
            other => return no_rollout(other.as_ref().map(|other| other.as_str())),
        }
        let status = &self.status;
        if !is_observed(&self.metadata, status.observed_generation) {
            return not_observed();
        }
        let (wanted, updated) = (status.desired_number_scheduled, status.updated_number_scheduled.unwrap_or_default());
        let available = status.number_available.unwrap_or_default();
        if updated < wanted {
            return Verdict::not_yet(format!("{updated} of {wanted} pods are updated"));
        }
        if available < wanted {
            return Verdict::not_yet(format!("{available} of {wanted} updated pods are available"));
        }
        Verdict::met()
    }
}

impl Rollout for StatefulSet {
    fn rollout(&self) -> Verdict {
        match &self.spec.update_strategy.type_ {
            Some(StatefulSetUpdateStrategyType::RollingUpdate) => {}
            other => return no_rollout(other.as_ref().map(|other| other.as_str())),
        }
        let status = &self.status;
        // No controller of stateful sets reports that it has observed generation 0.
        if status.observed_generation.unwrap_or_default() == 0
            || !is_observed(&self.metadata, status.observed_generation)
        {
            return not_observed();
        }
        let (ready, updated) = (status.ready_replicas.unwrap_or_default(), status.updated_replicas.unwrap_or_default());
        if let Some(wanted) = self.spec.replicas
            && ready < wanted
        {
            return Verdict::not_yet(format!("{ready} of {wanted} replicas are ready"));
        }
        if let Some(rolling) = &self.spec.update_strategy.rolling_update {
            let wanted =
                self.spec.replicas.zip(rolling.partition).map(|(replicas, kept)| replicas.saturating_sub(kept));
            return match wanted {
                Some(wanted) if updated < wanted => {
                    Verdict::not_yet(format!("{updated} of {wanted} replicas above the partition are updated"))
                }
                _ => Verdict::met(),
            };
        }
        if status.update_revision != status.current_revision {
            let revision = status.update_revision.as_deref().unwrap_or_default();
            return Verdict::not_yet(format!("{updated} replicas are at the new revision {revision}"));
        }
        Verdict::met()
    }
}

fn is_observed(metadata: &ObjectMeta, observed: Option<i64>) -> bool {
    metadata.generation.unwrap_or_default() <= observed.unwrap_or_default()
}

fn not_observed() -> Verdict {
    Verdict::not_yet("its controller has not observed the latest change yet")
}

fn no_rollout(strategy: Option<&str>) -> Verdict {
    let strategy = strategy.unwrap_or("none");
    Verdict::never(format!("its update strategy is {strategy}, but only RollingUpdate has a rollout to wait for"))
}
