//! Rights that depend on what a write turns out to be.

use serde_json::Value;

use super::write::Writing;
use crate::access::{Attributes, Authorizer, check_escalation};
use crate::status::Status;

impl Writing<'_> {
    pub fn authorizer(&self) -> Authorizer<'_> {
        Authorizer { store: &self.state.store, minor: self.server.documents.minor }
    }

    /// Checks that the user may create the object that a replacement or an apply turns out to create: the verb of the request was
    /// another one.
    pub fn check_may_create(&self, name: &str) -> Result<(), Status> {
        if self.call.user.is_privileged() {
            return Ok(());
        }
        let asked = Attributes::of(self.call);
        if asked.verb == "create" {
            return Ok(());
        }
        let asked = Attributes {
            verb: "create".to_owned(),
            namespace: self.path.namespace.clone().unwrap_or_default(),
            name: name.to_owned(),
            ..asked
        };
        self.authorizer().check(&self.call.user, &asked)
    }

    /// Checks that a role or a binding grants nothing that its writer doesn't have.
    pub fn check_escalation(&self, object: &Value, old: Option<&Value>) -> Result<(), Status> {
        check_escalation(self.authorizer(), self.call, self.resource, object, old)
    }
}
