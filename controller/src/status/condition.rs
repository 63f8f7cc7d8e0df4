//! Conditions of a status.

use kubewright::Object;
use kubewright::meta::v1::Condition;
use kubewright::types::Time;
use serde_json::{Value, json};

use super::encode;

/// A condition as it was observed in a reconcile.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/condition-v1-meta/>
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ConditionUpdate {
    type_: String,
    status: &'static str,
    reason: String,
    message: String,
}

impl ConditionUpdate {
    /// Creates a condition of this type, such as `Ready`, that is true or false. Its reason, which the API requires, is the
    /// type unless [another](Self::reason) is set.
    pub fn new(type_: impl Into<String>, is_true: bool) -> Self {
        Self::with_status(type_.into(), if is_true { "True" } else { "False" })
    }

    /// Creates a condition of this type whose status could not be determined.
    pub fn unknown(type_: impl Into<String>) -> Self {
        Self::with_status(type_.into(), "Unknown")
    }

    fn with_status(type_: String, status: &'static str) -> Self {
        Self { reason: type_.clone(), type_, status, message: String::new() }
    }

    /// Sets the reason: a word in CamelCase for programs, such as `TooFewReplicas`.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Sets the message for people. A message that changes each time makes each reconcile write.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    pub(super) fn type_(&self) -> &str {
        &self.type_
    }

    /// Returns the condition as it is to be sent: with the time of its last transition, which `known` has if the status is
    /// still the same.
    pub(super) fn to_json(&self, known: Option<&Value>, generation: Option<i64>) -> Value {
        let Self { type_, status, reason, message } = self;
        let since = known.filter(|known| known["status"] == *status).map(|known| known["lastTransitionTime"].clone());
        let since = since.filter(Value::is_string).unwrap_or_else(|| Time::now().to_string().into());
        let mut condition = json!({
            "type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": since,
        });
        if let Some(generation) = generation {
            condition["observedGeneration"] = generation.into();
        }
        condition
    }
}

/// Returns a condition of an object's `status.conditions` by its type; `None` if there is none, or none that can be decoded.
pub fn condition<K: Object>(object: &K, type_: &str) -> Option<Condition> {
    let object = encode(object).ok()?;
    let found = find(&object["status"], type_)?;
    kubewright::json::from_str(&found.to_string()).ok()
}

/// Finds a condition in a status.
pub(super) fn find<'a>(status: &'a Value, type_: &str) -> Option<&'a Value> {
    status["conditions"].as_array()?.iter().find(|condition| condition["type"] == type_)
}
