//! Where writes meet the admission plugins that check an object when it is complete, before policies and webhooks do.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>

use serde_json::Value;

use super::write::{Writing, put_managers, replace_field, take_managed_fields};
use crate::builtin::pod_security::{self, Reviewed};
use crate::builtin::quotas::{self, Charged, Spending};
use crate::builtin::{self, limit_ranges};
use crate::ownership;
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

    /// Charges a write to the quotas of its namespace, after everything else has let it pass. They are charged as well if the
    /// object is not stored in the end, as by a real server.
    pub(super) fn charge(&mut self, object: &Value, old: Option<&Value>, subresource: &str) -> Result<(), Status> {
        // A request that is run again is charged once.
        let done = format!("quotas of {}", object["metadata"]["uid"]);
        if self.call.memory.is_done(&done) {
            return Ok(());
        }
        let write = Spending { object, old, resource: self.resource, subresource };
        let charged = quotas::charge(write, &self.state.store)?;
        if self.is_dry_run() || charged.is_empty() {
            return Ok(());
        }
        let quotas = self.server.resource(self.state, "", "v1", "resourcequotas")?;
        for Charged { key, quota, used } in charged {
            let mut writing = Writing {
                server: self.server,
                state: &mut *self.state,
                call: self.call,
                resource: &quotas,
                path: self.path,
                warnings: Vec::new(),
            };
            writing.set_used(&key, quota.with(Value::clone), used)?;
        }
        self.call.memory.set_done(done);
        Ok(())
    }

    /// Writes what is used of a quota, as the API server itself.
    fn set_used(&mut self, key: &str, quota: Value, used: Value) -> Result<(), Status> {
        let mut live = quota;
        let managed = take_managed_fields(&mut live);
        let mut managers = ownership::decode(&managed).unwrap_or_default();
        let mut object = live.clone();
        replace_field(&mut object["status"], "used", Some(used));
        self.write_as("kube-apiserver", "status", |write| write.update(Some(&live), &object, &mut managers))?;
        put_managers(&mut object, &managers);
        self.store(key, object).map(drop)
    }
}
