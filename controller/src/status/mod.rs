//! Status of an object: what its controller has observed, by server-side apply, with conditions.
//!
//! ```no_run
//! use kubewright::Api;
//! use kubewright::apps::v1::Deployment;
//! use kubewright_controller::status::{ConditionUpdate, StatusUpdate};
//! use serde_json::json;
//!
//! # async fn run(api: &Api<Deployment>, object: &Deployment) -> Result<(), kubewright_controller::status::StatusError> {
//! StatusUpdate::of(object, "shop-operator")
//!     .fields(json!({ "readyReplicas": 3 }))
//!     .condition(ConditionUpdate::new("Ready", true).reason("AllReady").message("3 of 3 are ready"))
//!     .apply(api)
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! - A condition's `lastTransitionTime` changes with its status alone, and its `observedGeneration` is that of the object that
//!   was reconciled.
//! - If nothing changes, nothing is sent: a reconcile that finds everything as it should be costs no request.
//! - The field manager owns the fields and conditions that it sends, and no others. What it sent before and does not send any
//!   more is removed.
//!
//! In a CRD of your own, `status.conditions` must be a list with the key `type` (`x-kubernetes-list-type: map`), or each
//! manager would replace the conditions of the others.
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties>

mod condition;
#[cfg(test)]
mod tests;

use kubewright::{Api, Error, Object, Patch, extract_subresource, verbs};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use self::condition::{ConditionUpdate, condition};

/// The status that an object is to have. See the [module](self).
#[derive(Debug)]
#[must_use = "nothing is sent before `apply`"]
pub struct StatusUpdate<'a, K> {
    object: &'a K,
    field_manager: String,
    fields: Result<Map<String, Value>, StatusError>,
    conditions: Vec<ConditionUpdate>,
}

/// Why a status was not updated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The fields can't be encoded as JSON.
    #[error("cannot encode the status as JSON: {0}")]
    Encode(String),
    /// The fields are not an object, but a text or a list for example.
    #[error("a status must be an object with fields")]
    NotAnObject,
    /// The request failed.
    #[error(transparent)]
    Request(Error),
}

/// Outcome of [`StatusUpdate::apply`].
#[derive(Clone, Debug, PartialEq)]
pub enum StatusOutcome<K> {
    /// The status was sent. This is the object that the server returned.
    Applied(K),
    /// The object has the status already; nothing was sent.
    Unchanged,
}

impl<'a, K: Object> StatusUpdate<'a, K> {
    /// Starts with the object as it was reconciled, which has the current status, and the field manager that applies it.
    pub fn of(object: &'a K, field_manager: impl Into<String>) -> Self {
        Self { object, field_manager: field_manager.into(), fields: Ok(Map::new()), conditions: Vec::new() }
    }

    /// Adds fields of the status: a struct for it, or JSON. Of fields that are set twice, the last counts. Nulls are not
    /// sent.
    pub fn fields(mut self, fields: impl Serialize) -> Self {
        let fields = match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(StatusError::NotAnObject),
            Err(error) => Err(StatusError::Encode(error.to_string())),
        };
        self.fields = match (self.fields, fields) {
            (Ok(mut known), Ok(fields)) => {
                known.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
                Ok(known)
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        self
    }

    /// Adds `observedGeneration`, for a status that has it: the generation of the object that was reconciled.
    pub fn observed_generation(self) -> Self {
        let generation = self.object.metadata().generation;
        self.fields(json!({ "observedGeneration": generation }))
    }

    /// Adds a condition, or replaces the one of the same type that was added before.
    pub fn condition(mut self, condition: ConditionUpdate) -> Self {
        self.conditions.retain(|known| known.type_() != condition.type_());
        self.conditions.push(condition);
        self
    }

    /// Sends the status, unless the object has it already. Fields that another manager owns are taken over, as is usual for
    /// a controller.
    ///
    /// What the field manager owns is read from `metadata.managedFields` of the object. If it has none, as in a cache that
    /// drops them, the update is compared with the whole status: it is then also sent if another manager has fields there.
    ///
    /// The object's uid is sent as well: the status of another object that was created by the same name is not changed
    /// (conflict).
    ///
    /// # Errors
    /// If the fields are no JSON object of a form that the kind has, or the request fails.
    pub async fn apply(self, api: &Api<K>) -> Result<StatusOutcome<K>, StatusError>
    where
        K: verbs::Patch,
    {
        let metadata = self.object.metadata();
        let current = encode(self.object)?;
        let mut status = self.fields?;
        if !self.conditions.is_empty() {
            let conditions = self.conditions.iter().map(|condition| {
                let known = condition::find(&current["status"], condition.type_());
                condition.to_json(known, metadata.generation)
            });
            status.insert("conditions".into(), conditions.collect());
        }
        let (resource, name) = (api.resource(), metadata.name.as_deref().unwrap_or_default());
        let mut wanted = json!({
            "apiVersion": resource.api_version(),
            "kind": resource.kind,
            "metadata": { "name": name },
            "status": status,
        });
        for (field, value) in [("namespace", &metadata.namespace), ("uid", &metadata.uid)] {
            if let Some(value) = value {
                wanted["metadata"][field] = value.as_str().into();
            }
        }
        if has(self.object, &current, &wanted, &self.field_manager)? {
            return Ok(StatusOutcome::Unchanged);
        }
        let patch =
            api.patch_subresource(name, "status", Patch::apply(wanted)).field_manager(&self.field_manager).force();
        patch.await.map(StatusOutcome::Applied).map_err(StatusError::Request)
    }
}

/// Whether an object has the status that is wanted, and the field manager owns no more of it.
fn has<K: Object>(object: &K, current: &Value, wanted: &Value, field_manager: &str) -> Result<bool, StatusError> {
    // In the form that objects have after a round trip through the type, without zeros and with the same times.
    let wanted: K =
        kubewright::json::from_str(&wanted.to_string()).map_err(|error| StatusError::Encode(error.to_string()))?;
    let wanted = comparable(encode(&wanted)?);
    if object.metadata().managed_fields.is_empty() {
        return Ok(comparable(current.clone()) == wanted);
    }
    // Managed fields that can't be parsed are no reason not to write.
    Ok(extract_subresource(object, field_manager, "status")
        .is_ok_and(|own| encode(&own).is_ok_and(|own| comparable(own) == wanted)))
}

/// Returns a status so that two can be compared: the order of conditions does not matter.
fn comparable(mut object: Value) -> Value {
    let mut status = object["status"].take();
    if status.is_null() {
        status = json!({});
    }
    if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        conditions.sort_by_key(|condition| condition["type"].as_str().map(str::to_owned));
    }
    status
}

/// Returns an object as JSON.
fn encode<K: Object>(object: &K) -> Result<Value, StatusError> {
    let text = kubewright::json::to_vec(object).map_err(|error| StatusError::Encode(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| StatusError::Encode(error.to_string()))
}
