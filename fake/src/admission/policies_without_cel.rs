//! Admission policies, in a build without CEL: none of them gets into a cluster. Should one be there, what it might be about is
//! refused, and not admitted without it.

use serde_json::Value;

use super::bound::{MUTATING, VALIDATING, bound};
use super::{Forms, Request};
use crate::catalog::Resource;
use crate::server::State;
use crate::status::Status;
use crate::without_cel;

/// Whether there are policies that may be about objects of a resource.
pub(crate) fn are_mutating(state: &State, _resource: &Resource) -> bool {
    !bound(state, MUTATING).is_empty()
}

/// Admits a request to a cluster without validating policies.
///
/// # Errors
/// 501 if one is bound.
pub(crate) fn admit(request: &Request<'_>, _warnings: &mut [String]) -> Result<(), Status> {
    match bound(request.state, VALIDATING).is_empty() {
        true => Ok(()),
        false => Err(without_cel::not_done("a ValidatingAdmissionPolicy")),
    }
}

/// What mutating policies do to the object of a request.
#[derive(Default)]
pub(crate) struct Mutating {}

impl Mutating {
    /// Whether there is a second round.
    pub fn is_needed(&self) -> bool {
        false
    }

    /// Refuses a request that policies may be about.
    ///
    /// # Errors
    /// 501 always: it is called where there are some.
    pub fn run(
        &mut self,
        _request: &Request<'_>,
        _is_again: bool,
        _forms: &dyn Forms,
    ) -> Result<Option<Value>, Status> {
        Err(without_cel::not_done("a MutatingAdmissionPolicy"))
    }
}
