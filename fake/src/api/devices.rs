//! What may be written of claims of devices: by which namespaces, and by whom.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#admin-access>

use serde_json::Value;

use super::write::Writing;
use crate::access::Attributes;
use crate::builtin::{admin_access, changed_drivers};
use crate::catalog::{Source, StorageKey};
use crate::status::Cause;

const LABEL: &str = "resource.kubernetes.io/admin-access";
/// The first minor in which a status is written by those who may bind claims, or are drivers.
const AUTHORIZED_SINCE: u32 = 36;

impl Writing<'_> {
    /// Checks a write of a claim, or of a template of claims, by what is beside it: the namespace, and the rights of the user.
    pub fn check_claim(&self, object: &Value, old: Option<&Value>, subresource: &str) -> Vec<Cause> {
        let is_built_in = matches!(self.resource.source, Source::BuiltIn { .. });
        if self.resource.group != "resource.k8s.io" || !is_built_in {
            return Vec::new();
        }
        const RESULTS: &str = "/status/allocation/devices/results";
        match (self.resource.plural.as_str(), subresource, old) {
            ("resourceclaims", "", None) => {
                self.check_admin_access(object, "/spec/devices/requests", "exactly", "spec.devices.requests")
            }
            // A server names the requests of a template as those of a claim.
            ("resourceclaimtemplates", "", None) => {
                self.check_admin_access(object, "/spec/spec/devices/requests", "exactly", "spec.devices.requests")
            }
            ("resourceclaims", "status", Some(old)) => {
                let mut causes = Vec::new();
                if admin_access(old, RESULTS, "").is_none() {
                    causes = self.check_admin_access(object, RESULTS, "", "status.allocation.devices.results");
                }
                causes.extend(self.check_rights(&object["status"], &old["status"]));
                causes
            }
            _ => Vec::new(),
        }
    }

    fn check_admin_access(&self, object: &Value, path: &str, request: &str, field: &str) -> Vec<Cause> {
        let Some(index) = admin_access(object, path, request) else { return Vec::new() };
        let namespace = self.path.namespace.as_deref().unwrap_or_default();
        let found = self.state.store.get(&StorageKey::new("", "namespaces"), namespace);
        if found.is_some_and(|namespace| namespace["metadata"]["labels"][LABEL] == "true") {
            return Vec::new();
        }
        let why = format!("admin access to devices requires the `{LABEL}: true` label on the containing namespace");
        vec![Cause::forbidden(format!("{field}[{index}].adminAccess"), &why)]
    }

    /// Checks that the user may bind claims, and speak for the drivers of devices.
    fn check_rights(&self, status: &Value, before: &Value) -> Vec<Cause> {
        let mut causes = Vec::new();
        if self.server.documents.minor < AUTHORIZED_SINCE || self.call.user.is_privileged() {
            return causes;
        }
        let asked = Attributes::of(self.call);
        let verb = asked.verb.clone();
        let refusal =
            |asked: &Attributes| self.authorizer().check(&self.call.user, asked).err().map(|refused| refused.message);
        if ["allocation", "reservedFor"].iter().any(|name| status[name] != before[name]) {
            let asked = Attributes {
                subresource: "binding".to_owned(),
                namespace: String::new(),
                name: String::new(),
                ..asked.clone()
            };
            if let Some(refused) = refusal(&asked) {
                let why = format!(
                    "changing status.allocation or status.reservedFor requires resource=\"resourceclaims/binding\", verb=\"{verb}\" permission: {refused}"
                );
                causes.push(Cause::forbidden("status.allocation", &why));
            }
        }
        if status["allocation"].is_null() {
            return causes;
        }
        let node = node_of(&status["allocation"]);
        let mut verbs = vec![format!("arbitrary-node:{verb}")];
        if node.is_some_and(|node| self.call.user.is_on_node(node)) {
            verbs.insert(0, format!("associated-node:{verb}"));
        }
        for driver in changed_drivers(status, before) {
            let asked = |verb: &String| Attributes {
                verb: verb.clone(),
                subresource: "driver".to_owned(),
                name: driver.clone(),
                ..asked.clone()
            };
            let refusals: Vec<Option<String>> = verbs.iter().map(|verb| refusal(&asked(verb))).collect();
            if let (true, Some(Some(refused))) = (refusals.iter().all(Option::is_some), refusals.first()) {
                let shown = verbs.join(" ");
                let why = format!(
                    "changing status.devices requires resource=\"resourceclaims/driver\", verb=\"[{shown}]\" permission: {refused}"
                );
                causes.push(Cause::forbidden("status.devices", &why));
            }
        }
        causes
    }
}

/// The one node that an allocation is for.
fn node_of(allocation: &Value) -> Option<&str> {
    let one = |list: &'_ Value| list.as_array().is_some_and(|list| list.len() == 1);
    let terms = &allocation["nodeSelector"]["nodeSelectorTerms"];
    let (term, field) = (&terms[0], &terms[0]["matchFields"][0]);
    let is_one = one(terms)
        && term["matchExpressions"].as_array().is_none_or(Vec::is_empty)
        && one(&term["matchFields"])
        && field["key"] == "metadata.name"
        && field["operator"] == "In"
        && one(&field["values"]);
    field["values"][0].as_str().filter(|_| is_one)
}
