//! Conditions of pods.

use kubewright::core::v1::{Pod, PodPhase};
use kubewright_runtime::wait::{Verdict, condition};

use super::because;

/// Whether a pod's condition `Ready` is true. A pod that has terminated never will be.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>
pub fn pod_ready(pod: &Pod) -> Verdict {
    let ready = condition(pod, "Ready", "True");
    if ready.is_met() {
        return ready;
    }
    ended(pod).unwrap_or_else(|| Verdict::not_yet(what_it_does(pod, ready.text()))).goal("to be ready")
}

/// Whether a pod runs: its containers are created, and at least one is running or restarting. A terminated pod never
/// will.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
pub fn pod_running(pod: &Pod) -> Verdict {
    let verdict = match &pod.status.phase {
        Some(PodPhase::Running) => Verdict::met(),
        _ => ended(pod).unwrap_or_else(|| Verdict::not_yet(what_it_does(pod, ""))),
    };
    verdict.goal("to run")
}

/// Whether all containers of a pod have succeeded. A failed pod never will.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
pub fn pod_completed(pod: &Pod) -> Verdict {
    let verdict = match &pod.status.phase {
        Some(PodPhase::Succeeded) => Verdict::met(),
        _ => ended(pod).unwrap_or_else(|| Verdict::not_yet(what_it_does(pod, ""))),
    };
    verdict.goal("to be completed")
}

/// Returns a verdict if the pod has terminated: pods do not restart.
fn ended(pod: &Pod) -> Option<Verdict> {
    match &pod.status.phase {
        Some(phase @ (PodPhase::Succeeded | PodPhase::Failed)) => {
            let told = because(&pod.status.reason, &pod.status.message);
            Some(Verdict::never(format!("it has ended, and its phase is {phase}{told}")))
        }
        _ => None,
    }
}

/// Returns the phase and the reasons for which containers wait, such as an image that can't be pulled.
fn what_it_does(pod: &Pod, besides: &str) -> String {
    let mut told: Vec<String> = Vec::new();
    told.extend(pod.status.phase.as_ref().map(|phase| format!("its phase is {phase}")));
    told.extend(Some(besides).filter(|besides| !besides.is_empty()).map(str::to_owned));
    for container in pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses) {
        if let Some(reason) = container.state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref()) {
            told.push(format!("container {} waits: {reason}", container.name));
        }
    }
    told.join(", ")
}
