//! Nobody grants rights that they don't have, unless they have the verb for that.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping>

use serde_json::Value;

use super::attributes::{Attributes, forbidden};
use super::authorize::{Authorizer, together};
use super::covers::{all_quoted, listed, uncovered};
use super::grants::{GROUP, MissingRole, grants, rules_of};
use super::rule::Rule;
use super::user::User;
use crate::api::Call;
use crate::catalog::Resource;
use crate::quoted::quoted;
use crate::status::{About, Status};

/// Checks that a user may write a role or a binding. Other objects are not checked.
///
/// # Errors
///
/// 403 if it grants what the user does not have; 404 for a binding of a role that does not exist.
pub(crate) fn check_escalation(
    authorizer: Authorizer<'_>,
    call: &Call,
    resource: &Resource,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let user = &*call.user;
    if resource.group != GROUP || user.is_privileged() || old.is_some_and(|old| is_for_collection(object, old)) {
        return Ok(());
    }
    let asked = &Attributes::of(call);
    let check = Check { authorizer, user, plural: &resource.plural, namespace: &asked.namespace, object };
    match resource.plural.as_str() {
        "roles" | "clusterroles" => check.role(asked, old),
        "rolebindings" | "clusterrolebindings" => check.binding(),
        _ => Ok(()),
    }
}

struct Check<'a> {
    authorizer: Authorizer<'a>,
    user: &'a User,
    plural: &'a str,
    namespace: &'a str,
    object: &'a Value,
}

impl Check<'_> {
    /// A role: its writer has the rights, or may escalate.
    fn role(&self, asked: &Attributes, old: Option<&Value>) -> Result<(), Status> {
        let escalate =
            Attributes { verb: "escalate".to_owned(), subresource: String::new(), path: None, ..asked.clone() };
        if self.authorizer.decide(self.user, &escalate).is_allowed {
            return Ok(());
        }
        self.holds(&Rule::all_of(self.object)).map_err(|why| self.forbidden(&why))?;
        let aggregates = |role: &Value| {
            role["aggregationRule"]["clusterRoleSelectors"].as_array().is_some_and(|selectors| !selectors.is_empty())
        };
        if !aggregates(self.object) && !old.is_some_and(aggregates) {
            return Ok(());
        }
        let all = || vec!["*".to_owned()];
        let everything = [
            Rule { verbs: all(), groups: all(), resources: all(), ..Rule::default() },
            Rule { verbs: all(), urls: all(), ..Rule::default() },
        ];
        let why = "must have cluster-admin privileges to use the aggregationRule";
        self.holds(&everything).map_err(|_| self.forbidden(why))
    }

    /// A binding: its writer has the rights of the role, or may bind it.
    fn binding(&self) -> Result<(), Status> {
        let reference = &self.object["roleRef"];
        let text = |name: &str| reference[name].as_str().unwrap_or_default().to_owned();
        let plural = match reference["kind"].as_str() {
            Some("ClusterRole") => "clusterroles",
            Some("Role") => "roles",
            // It is refused for that later.
            _ => return Ok(()),
        };
        let bind = Attributes {
            verb: "bind".to_owned(),
            group: text("apiGroup"),
            resource: plural.to_owned(),
            namespace: self.namespace.to_owned(),
            name: text("name"),
            ..Attributes::default()
        };
        if self.authorizer.decide(self.user, &bind).is_allowed {
            return Ok(());
        }
        // It is said of the resource of the request that it isn't there, and not of roles.
        let rules = rules_of(self.authorizer.store, reference, self.namespace)
            .map_err(|missing| Status::not_found(About { group: GROUP, kind: self.plural, name: &missing.name }))?;
        self.holds(&rules).map_err(|why| self.forbidden(&why))
    }

    /// Whether the user has all that rules allow. The error says what not.
    fn holds(&self, rules: &[Rule]) -> Result<(), String> {
        let grants = grants(self.authorizer.store, self.user, self.namespace);
        let held: Vec<&Rule> = grants.rules.iter().map(|granted| &granted.rule).collect();
        let left = uncovered(&held, rules);
        if left.is_empty() {
            return Ok(());
        }
        let mut why = format!(
            "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
            quoted(&self.user.name),
            all_quoted(&self.user.groups),
            listed(&left)
        );
        if !grants.missing.is_empty() {
            let said = |missing: &MissingRole| format!("{}.{GROUP} {} not found", self.plural, quoted(&missing.name));
            let missing = together(grants.missing.iter().map(said));
            why.push_str(&format!("; resolution errors: [{missing}]"));
        }
        Err(why)
    }

    fn forbidden(&self, why: &str) -> Status {
        let name = self.object["metadata"]["name"].as_str().unwrap_or_default();
        forbidden((GROUP, self.plural), name, why)
    }
}

/// Whether a write changes nothing but what the garbage collector needs.
fn is_for_collection(object: &Value, old: &Value) -> bool {
    let rest = |object: &Value| {
        let mut object = object.clone();
        if let Some(metadata) = object["metadata"].as_object_mut() {
            for field in ["ownerReferences", "finalizers", "managedFields"] {
                metadata.remove(field);
            }
        }
        object
    };
    rest(object) == rest(old)
}
