//! Where writes meet the admission plugins that check an object when it is complete, before policies and webhooks do.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>

use serde_json::Value;

use super::write::Writing;
use crate::builtin::pod_security::{self, Reviewed};
use crate::builtin::quotas::{self, Spending};
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
        // What is scaled was admitted as the `Scale` that was sent.
        if subresource == "scale" { Ok(()) } else { self.admit_by_policies(Some(object), old, subresource) }
    }

    /// Charges a write to the quotas of its namespace, after everything else has let it pass. They are charged as well if the
    /// object is not stored in the end, as by a real server.
    pub(super) fn charge(&mut self, object: &Value, old: Option<&Value>, subresource: &str) -> Result<(), Status> {
        // A request that is run again is charged once.
        let done = format!("quotas of {}", object["metadata"]["uid"]);
        if self.call.memory.is_done(&done) {
            return Ok(());
        }
        let write = Spending { object, old, resource: self.resource, subresource };
        let charged = quotas::charge(write, &self.state.store, &self.server.documents, &self.now())?;
        if self.is_dry_run() || charged.is_empty() {
            return Ok(());
        }
        for (key, quota) in charged {
            self.state.store.put(&quotas::storage(), &key, quota);
        }
        self.call.memory.set_done(done);
        Ok(())
    }
}
