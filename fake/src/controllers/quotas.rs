//! Resource quotas: what they limit, and what of it is used.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/>

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::context::Context;
use super::kinds::RESOURCE_QUOTAS;
use super::pods::has_ended;
use super::values::{later, time};
use crate::builtin::quotas::recount;

pub(super) fn sync(context: &mut Context<'_>) {
    let quotas = context.list(RESOURCE_QUOTAS);
    if quotas.is_empty() {
        return;
    }
    let server = Arc::clone(context.server);
    for quota in quotas {
        let status = {
            let state = server.state();
            let namespaced = server.resources(&state).into_iter().filter(|resource| resource.namespaced);
            let resources: BTreeSet<_> =
                namespaced.map(|resource| (resource.group.clone(), resource.plural.clone())).collect();
            let minor = server.documents.minor;
            recount(&quota, &resources, &state.store, minor, |pod| has_ended(pod) || is_overdue(context, pod))
        };
        if let Some(status) = status {
            // A conflict is resolved in the next turn.
            let _ = context.update_status(RESOURCE_QUOTAS, &quota, status);
        }
    }
}

/// Whether a pod should have been gone for as long as it had to end.
fn is_overdue(context: &mut Context<'_>, pod: &Value) -> bool {
    let grace = pod["metadata"]["deletionGracePeriodSeconds"].as_i64();
    let end = time(pod, "/metadata/deletionTimestamp");
    end.zip(grace).is_some_and(|(end, grace)| context.is_due(later(end, grace)))
}
