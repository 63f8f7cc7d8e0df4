//! The versions of a kind, for its managers of fields.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::{Value, json};

use super::begin::Sight;
use super::write::Writing;
use crate::builtin;
use crate::catalog::Resource;
use crate::ownership::Versions;
use crate::schema::Schema;
use crate::status::Status;
use crate::webhooks::Memory;

/// The versions of a kind, as far as the server has them.
pub(super) struct KindVersions<'a> {
    resource: &'a Resource,
    /// The versions of a built-in kind whose objects are converted, since they have other fields.
    others: Vec<Arc<Resource>>,
    /// What a write is about; empty for the object itself.
    subresource: &'a str,
    /// All versions of a kind that a webhook converts. Those of others have schemas by themselves, or that of the request's.
    versions: Vec<Arc<Resource>>,
    memory: &'a Memory,
    /// What ends the run of the request: a webhook that can't be asked, or has not answered yet.
    unanswered: RefCell<Option<Status>>,
}

impl<'a> KindVersions<'a> {
    pub fn new<S: Sight>(writing: &'a Writing<'_, S>, subresource: &'a str) -> Self {
        let resource = writing.resource;
        let is_converted = resource.custom().is_some_and(|custom| custom.conversion.is_some());
        let all = if is_converted { writing.state.resources(writing.server) } else { Vec::new() };
        let versions = all.into_iter().filter(|other| other.storage_key() == resource.storage_key()).collect();
        let others = match resource.custom().is_some() || builtin::have_same_fields(resource) {
            true => Vec::new(),
            false => writing.server.forms(resource),
        };
        Self { resource, others, subresource, versions, memory: &writing.call.memory, unanswered: RefCell::default() }
    }

    /// Why nothing that was found out can be relied on.
    pub fn unanswered(&self) -> Option<Status> {
        self.unanswered.take()
    }
}

impl KindVersions<'_> {
    /// The built-in kind in another version than that of the request.
    fn other(&self, api_version: &str) -> Option<&Resource> {
        let mut others = self.others.iter().map(|other| &**other);
        others.find(|other| other.api_version() == api_version)
    }
}

impl Versions for KindVersions<'_> {
    fn schema(&self, api_version: &str) -> Option<Schema<'_>> {
        if let Some(other) = self.other(api_version) {
            return Some(other.schema());
        }
        if let Some(other) = self.versions.iter().find(|other| other.api_version() == api_version) {
            return Some(other.schema());
        }
        if let Some(schema) = self.resource.custom().and_then(|custom| custom.siblings.schema(api_version)) {
            return Some(schema);
        }
        // Of other versions of a custom kind, the fields are read by this one's schema.
        let is_same = self.resource.custom().is_some() || builtin::have_same_fields(self.resource);
        let is_of_group = self.resource.api_version() == api_version
            || (is_same && api_version.split('/').next() == Some(&self.resource.group));
        is_of_group.then(|| self.resource.schema())
    }

    /// Of a write of a custom object itself, it knows so in the version of the request alone: a status that is not sent is
    /// taken from the managers in other versions, though it stays.
    fn ignores(&self, api_version: &str) -> bool {
        let is_of_all = self.resource.custom().is_none() || !self.subresource.is_empty();
        is_of_all || self.resource.api_version() == api_version
    }

    fn convert(&self, object: &Value, api_version: &str) -> Result<Value, String> {
        if let Some(to) = self.other(api_version) {
            return Ok(builtin::converted(object, to));
        }
        if !self.others.is_empty() {
            return Ok(builtin::converted(object, self.resource));
        }
        let mut object = object.clone();
        let webhook = self.resource.custom().and_then(|custom| custom.conversion.as_ref());
        if let Some(webhook) = webhook {
            let converted = webhook.convert(self.memory, vec![object], api_version);
            return converted.map(|converted| converted.into_iter().next().unwrap_or_default()).map_err(|status| {
                let why = status.message.clone();
                if self.memory.is_waiting() || !self.memory.is_open() {
                    self.unanswered.borrow_mut().get_or_insert(status);
                }
                why
            });
        }
        if object.is_object() {
            object["apiVersion"] = json!(api_version);
        }
        Ok(object)
    }
}
