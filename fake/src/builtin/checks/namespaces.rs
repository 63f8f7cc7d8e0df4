//! Checks of the phases of namespaces.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>

use serde_json::Value;

use super::findings::Findings;

pub(super) fn status(object: &Value, found: &mut Findings) {
    let phase = &object["status"]["phase"];
    let (wanted, when) = match object["metadata"].get("deletionTimestamp") {
        None => ("Active", "empty"),
        Some(_) => ("Terminating", "not empty"),
    };
    if *phase != wanted {
        found.invalid("status.Phase", phase, &format!("may only be '{wanted}' if `deletionTimestamp` is {when}"));
    }
}
