//! Where writes meet admission policies.

use std::sync::Arc;

use serde_json::Value;

use super::write::Writing;
use crate::admission::{Operation, Request, policies};
use crate::catalog::Resource;
use crate::status::Status;

impl Writing<'_> {
    /// Admits a write by the policies of the cluster: the end of the validating admission.
    pub(super) fn admit_by_policies(
        &mut self,
        object: Option<&Value>,
        old: Option<&Value>,
        subresource: &str,
    ) -> Result<(), Status> {
        let kind = if old.is_none() { "CreateOptions" } else { "UpdateOptions" };
        let options = self.options_of(kind);
        self.admit_by_policies_with(object, old, subresource, &options)
    }

    /// The same with these options, of a deletion or another operation.
    pub(super) fn admit_by_policies_with(
        &mut self,
        object: Option<&Value>,
        old: Option<&Value>,
        subresource: &str,
        options: &Value,
    ) -> Result<(), Status> {
        let operation = match (object, old) {
            (None, _) => Operation::Delete,
            (_, None) => Operation::Create,
            _ => Operation::Update,
        };
        let resource = self.requested_resource();
        let resource = resource.as_deref().unwrap_or(self.resource);
        // Of a new object too: a name that the server makes is known by then.
        let of_object = object.and_then(|object| object["metadata"]["name"].as_str());
        let name = self.path.name.as_deref().or(of_object).unwrap_or_default();
        let metadata = &object.or(old).unwrap_or(&Value::Null)["metadata"];
        let request = Request {
            server: self.server,
            state: self.state,
            user: &self.call.user,
            resource,
            other_kind: None,
            subresource,
            operation,
            name,
            namespace: if resource.namespaced { metadata["namespace"].as_str() } else { None },
            object,
            old,
            is_dry_run: self.is_dry_run(),
            options,
        };
        policies::admit(&request, &mut self.warnings)
    }

    /// The resource of the request, if objects are stored in another version.
    fn requested_resource(&self) -> Option<Arc<Resource>> {
        if self.path.version == self.resource.version {
            return None;
        }
        self.server.resource(self.state, &self.path.group, &self.path.version, &self.path.plural).ok()
    }
}
