//! What is decided on a request of a certificate.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/>

use serde_json::Value;

/// Puts back the conditions of a request of a certificate that only its approval writes, if there are as many as before.
pub(super) fn keep_decisions(status: &mut Value, live: &Value) {
    let of_kind = |kind: &'static str| move |condition: &&Value| condition["type"] == kind;
    for kind in ["Approved", "Denied"] {
        let known = live["conditions"].as_array().into_iter().flatten().filter(of_kind(kind));
        let known: Vec<Value> = known.cloned().collect();
        let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) else { return };
        let own: Vec<&mut Value> = conditions.iter_mut().filter(|condition| condition["type"] == kind).collect();
        if own.len() == known.len() {
            own.into_iter().zip(known).for_each(|(own, known)| *own = known);
        }
    }
}
