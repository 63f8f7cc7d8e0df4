//! Match conditions of webhooks, in a build without CEL: no configuration with any gets into a cluster. Should one be there, the
//! request is refused, and the webhook neither asked nor skipped.

use serde_json::Value;

use super::hook::Hook;
use super::rights::Rights;
use crate::status::{About, Status};
use crate::without_cel;

/// Whether a request meets the conditions of a webhook that has some.
///
/// # Errors
/// 501 always.
pub(crate) fn is_met(
    _hook: &Hook,
    _objects: (&Value, &Value),
    _request: &Value,
    _about: About<'_>,
    _rights: &Rights<'_>,
) -> Result<bool, Status> {
    Err(without_cel::not_done("matchConditions of a webhook"))
}
