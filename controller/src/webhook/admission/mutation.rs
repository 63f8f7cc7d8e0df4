//! What a mutating webhook decides.

use kubewright::CompactString;

use super::{Decision, Denial};

/// The decision of a mutating webhook: the changed object, or no change, or a denial.
///
/// Handlers change the object of their request and return it. The response is a JSON Patch of what differs from the
/// object as it was decoded; everything else stays as the API server sent it, unknown fields and the order of lists
/// included.
#[derive(Clone, Debug)]
#[must_use]
pub struct Mutation<K> {
    pub(super) decision: Decision,
    pub(super) object: Option<K>,
}

impl<K> Mutation<K> {
    /// Admits the request with this object in place of its own.
    pub fn to(object: K) -> Self {
        Self { decision: Decision::allow(), object: Some(object) }
    }

    /// Admits the request as it is.
    pub fn unchanged() -> Self {
        Decision::allow().into()
    }

    /// Denies the request: [`Decision::deny`].
    pub fn deny(denial: impl Into<Denial>) -> Self {
        Decision::deny(denial).into()
    }

    /// Adds a warning: [`Decision::warn`].
    pub fn warn(mut self, warning: impl Into<CompactString>) -> Self {
        self.decision = self.decision.warn(warning);
        self
    }

    /// Adds an annotation to the audit event: [`Decision::audit`].
    pub fn audit(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.decision = self.decision.audit(key, value);
        self
    }
}

/// Without a change of the object.
impl<K> From<Decision> for Mutation<K> {
    fn from(decision: Decision) -> Self {
        Self { decision, object: None }
    }
}

impl<K> From<Denial> for Mutation<K> {
    fn from(denial: Denial) -> Self {
        Decision::deny(denial).into()
    }
}
