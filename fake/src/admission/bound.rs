//! Admission policies that a binding asks for: only these have an effect.

use std::sync::Arc;

use crate::catalog::StorageKey;
use crate::server::State;
use crate::stored::Stored;

/// The policies that validate.
pub(crate) const VALIDATING: [&str; 2] = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
/// The policies that change objects.
pub(crate) const MUTATING: [&str; 2] = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];

fn storage(plural: &str) -> StorageKey {
    StorageKey::new("admissionregistration.k8s.io", plural)
}

/// The policies of a kind that are bound, each with its bindings, both by name.
pub(crate) fn bound<'s>(state: &'s State, kinds: [&str; 2]) -> Vec<(&'s Arc<Stored>, Vec<&'s Arc<Stored>>)> {
    let [policies, bindings] = kinds.map(storage);
    let policies = state.store.all(&policies).map(|(name, policy)| {
        let of_policy = state.store.all(&bindings).map(|(_, binding)| binding);
        (policy, of_policy.filter(|binding| binding["spec"]["policyName"] == **name).collect::<Vec<_>>())
    });
    policies.filter(|(_, bindings)| !bindings.is_empty()).collect()
}
