//! The versions of a definition without a conversion webhook: an object in another of them keeps the fields that this one has too.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{OBJECT, schemas_of};
use crate::documents::Documents;
use crate::objects;
use crate::schema::{Schema, Schemas};

/// The schemas of the versions of a definition, by version with group. None if they are the same, or a webhook converts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Siblings(Arc<BTreeMap<String, Schemas>>);

impl Siblings {
    /// Those of a definition's `spec`.
    pub(super) fn of(spec: &Value, documents: &Documents) -> Self {
        let versions = || spec["versions"].as_array().into_iter().flatten();
        let schema = |version: &Value| version["schema"]["openAPIV3Schema"].clone();
        let first = versions().next().map(schema).unwrap_or_default();
        if spec["conversion"]["strategy"] == "Webhook" || versions().all(|version| schema(version) == first) {
            return Self::default();
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let schemas = versions().map(|version| {
            let name = format!("{}/{}", text(&spec["group"]), text(&version["name"]));
            (name, schemas_of(&schema(version), documents))
        });
        Self(Arc::new(schemas.collect()))
    }

    /// Whether there are none.
    pub fn are_alike(&self) -> bool {
        self.0.is_empty()
    }

    /// The schema of a version.
    pub fn schema(&self, api_version: &str) -> Option<Schema<'_>> {
        self.0.get(api_version).and_then(|schemas| Schema::named(schemas, OBJECT))
    }

    /// Makes an object one of a version.
    pub fn convert(&self, object: &mut Value, api_version: &str) {
        if object["apiVersion"] == api_version {
            return;
        }
        object["apiVersion"] = json!(api_version);
        if let Some(schema) = self.schema(api_version) {
            objects::fit_custom(object, schema);
        }
    }

    /// Sets the defaults that an object gets when it is read in the version that it is stored in. Returns whether it lacked none.
    pub fn settle(&self, object: &mut Value) -> bool {
        let Some(schema) = object["apiVersion"].as_str().and_then(|version| self.schema(version)) else { return true };
        let before = object.clone();
        objects::set_defaults(object, schema);
        before == *object
    }
}
