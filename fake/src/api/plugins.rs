//! Where writes meet the admission plugins that check an object when it is complete, before policies and webhooks do.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>

use serde_json::Value;

use super::write::Writing;
use crate::builtin::pod_security::{self, Reviewed};
use crate::builtin::{self, limit_ranges};
use crate::status::Status;

impl Writing<'_> {
    /// Admits a creation or an update by the plugins, and then by policies.
    pub(super) fn admit_checked(
        &mut self,
        object: &Value,
        old: Option<&Value>,
        subresource: &str,
    ) -> Result<(), Status> {
        limit_ranges::check(object, old, self.resource, subresource, &self.state.store)?;
        let minor = self.server.documents.minor;
        let reviewed = Reviewed { object, old, resource: self.resource, subresource, minor };
        let warnings = pod_security::review(reviewed, &self.state.store)?;
        self.warnings.extend(warnings);
        if let (Some(old), "resize") = (old, subresource) {
            builtin::fits_node(object, old, minor, &self.state.store)?;
        }
        self.admit_by_policies(Some(object), old, subresource)
    }
}
