//! Objects of kinds known only at run time.

use compact_str::CompactString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{DynamicResource, Object};
use crate::message::{Descriptor, Field, Message, MessageType, Slot, UnknownFields, Value, field};
use crate::meta::v1::ObjectMeta;
use crate::types::RawJson;

/// An object of any kind: metadata that is typed, and everything else as JSON.
///
/// Top-level fields other than `apiVersion`, `kind` and `metadata` are kept as text, and parsed on access.
///
/// ```
/// use kubewright_core::{DynamicObject, DynamicResource};
/// use serde_json::json;
///
/// let resource = DynamicResource {
///     group: "stable.example.com".into(),
///     version: "v1".into(),
///     kind: "CronTab".into(),
///     plural: "crontabs".into(),
///     namespaced: true,
/// };
/// let mut object = DynamicObject::new(&resource, "nightly");
/// object.set("spec", json!({ "schedule": "0 3 * * *" }))?;
/// assert_eq!(object.pointer("/spec/schedule")?, Some(json!("0 3 * * *")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct DynamicObject {
    /// The group and version, such as `apps/v1`.
    pub api_version: CompactString,
    /// The kind, such as `Deployment`.
    pub kind: CompactString,
    /// The object's metadata.
    pub metadata: ObjectMeta,
    /// Every other top-level field, such as `spec` and `status`.
    pub unknown_fields: UnknownFields,
}

crate::message!(DynamicObject);

impl DynamicObject {
    /// Creates an object of this resource's kind, with only a name.
    pub fn new(resource: &DynamicResource, name: &str) -> Self {
        Self {
            api_version: resource.api_version().into(),
            kind: resource.kind.as_str().into(),
            metadata: ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() },
            unknown_fields: UnknownFields::default(),
        }
    }

    /// Returns a top-level field, such as `spec`, deserialized. `None` if it is absent.
    ///
    /// # Errors
    /// If the field can't be deserialized.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        self.unknown_fields.get(name).map(|raw| serde_json::from_str(raw.as_str())).transpose()
    }

    /// Sets a top-level field, such as `spec`.
    ///
    /// # Errors
    /// If the value can't be encoded as JSON.
    pub fn set(&mut self, name: &str, value: impl Serialize) -> Result<(), serde_json::Error> {
        let value = serde_json::to_value(value)?;
        self.unknown_fields.insert(name, RawJson::from(value));
        Ok(())
    }

    /// Returns the value at a JSON pointer (RFC 6901) below the top level, such as `/spec/replicas`. `None` if it does
    /// not exist.
    ///
    /// # Errors
    /// If the field is not valid JSON, which a decoded one always is.
    pub fn pointer(&self, pointer: &str) -> Result<Option<Json>, serde_json::Error> {
        let Some(path) = pointer.strip_prefix('/') else { return Ok(None) };
        let (name, rest) = path.split_once('/').map_or((path, ""), |(name, _)| (name, &path[name.len()..]));
        let name = name.replace("~1", "/").replace("~0", "~");
        Ok(self.get::<Json>(&name)?.and_then(|value| value.pointer(rest).cloned()))
    }
}

impl MessageType for DynamicObject {
    fn table() -> &'static Descriptor {
        static TABLE: Descriptor = Descriptor::new(
            "DynamicObject",
            None,
            &[field("\"kind\":"), field("\"apiVersion\":"), field("\"metadata\":").message(ObjectMeta::table)],
        );
        &TABLE
    }

    fn complete(&mut self, api_version: &str, kind: &str) {
        if self.kind.is_empty() {
            self.kind = kind.into();
        }
        if self.api_version.is_empty() {
            self.api_version = api_version.into();
        }
    }
}

impl Message for DynamicObject {
    fn descriptor(&self) -> &'static Descriptor {
        Self::table()
    }

    fn slot(&mut self, field: usize) -> Slot<'_> {
        match field {
            0 => self.kind.as_slot(),
            1 => self.api_version.as_slot(),
            2 => self.metadata.as_slot(),
            _ => Slot::None,
        }
    }

    fn value(&self, field: usize) -> Value<'_> {
        match field {
            0 => self.kind.as_value(),
            1 => self.api_version.as_value(),
            2 => self.metadata.as_value(),
            _ => Value::Absent,
        }
    }

    fn unknown_fields(&self) -> &UnknownFields {
        &self.unknown_fields
    }

    fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
        &mut self.unknown_fields
    }
}

impl Object for DynamicObject {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

crate::verbs!(DynamicObject: Get, List, Watch, Create, Replace, Patch, Delete, DeleteCollection);
