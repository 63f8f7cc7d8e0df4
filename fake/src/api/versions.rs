//! The versions of a kind, for its managers of fields.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::builtin;
use crate::catalog::Resource;
use crate::ownership::Versions;
use crate::schema::Schema;

/// The versions of a kind, as far as the server has them.
pub(super) struct KindVersions<'a> {
    pub resource: &'a Resource,
    /// Another version of a built-in kind, to which objects are converted.
    pub other: Option<Arc<Resource>>,
    /// What a write is about; empty for the object itself.
    pub subresource: &'a str,
}

impl KindVersions<'_> {
    /// The built-in kind in another version than that of the request.
    fn other(&self, api_version: &str) -> Option<&Resource> {
        self.other.as_deref().filter(|other| other.api_version() == api_version)
    }
}

impl Versions for KindVersions<'_> {
    fn schema(&self, api_version: &str) -> Option<Schema<'_>> {
        if let Some(other) = self.other(api_version) {
            return Some(other.schema());
        }
        // Of other versions of a custom kind, the fields are read by this one's schema.
        let is_of_group = self.resource.api_version() == api_version
            || (self.resource.custom().is_some() && api_version.split('/').next() == Some(&self.resource.group));
        is_of_group.then(|| self.resource.schema())
    }

    /// Of a write of a custom object itself, it knows so in the version of the request alone: a status that is not sent is
    /// taken from the managers in other versions, though it stays.
    fn ignores(&self, api_version: &str) -> bool {
        let is_of_all = self.resource.custom().is_none() || !self.subresource.is_empty();
        is_of_all || self.resource.api_version() == api_version
    }

    fn convert(&self, object: &Value, api_version: &str) -> Value {
        if let Some(to) = self.other(api_version) {
            return builtin::converted(object, to);
        }
        if self.other.is_some() {
            return builtin::converted(object, self.resource);
        }
        let mut object = object.clone();
        if object.is_object() {
            object["apiVersion"] = json!(api_version);
        }
        object
    }
}
