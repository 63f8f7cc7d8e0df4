//! Conditions of persistent volume claims.

use kubewright::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimPhase};
use kubewright_runtime::wait::Verdict;

/// Whether a claim is bound to a volume. One that has lost its volume never will be.
///
/// With the binding mode `WaitForFirstConsumer`, a claim is bound once a pod uses it.
///
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding>
pub fn claim_bound(claim: &PersistentVolumeClaim) -> Verdict {
    let verdict = match &claim.status.phase {
        Some(PersistentVolumeClaimPhase::Bound) => Verdict::met(),
        Some(PersistentVolumeClaimPhase::Lost) => Verdict::never("it has lost its volume"),
        Some(phase) => Verdict::not_yet(format!("its phase is {phase}")),
        None => Verdict::not_yet("it has no phase yet"),
    };
    verdict.goal("to be bound")
}
