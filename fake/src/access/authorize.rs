//! The authorizer: whether a user may do what is asked for.

use super::attributes::Attributes;
use super::grants::{MissingRole, grants};
use super::user::User;
use crate::status::Status;
use crate::store::Store;

/// The first minor whose reasons begin with the name of the authorizer, where nothing is allowed.
const NAMED_REASONS: u32 = 37;

/// Whether something is allowed, and why. The reason is empty where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub is_allowed: bool,
    pub reason: String,
}

impl Decision {
    /// 403 if it is not allowed.
    pub fn check(&self, user: &User, asked: &Attributes) -> Result<(), Status> {
        if self.is_allowed { Ok(()) } else { Err(asked.forbidden(user, &self.reason)) }
    }
}

/// The authorizer of a minor, which decides by the roles in the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authorizer<'a> {
    pub store: &'a Store,
    pub minor: u32,
}

impl Authorizer<'_> {
    /// Whether a user may do something.
    pub fn decide(self, user: &User, asked: &Attributes) -> Decision {
        if user.is_privileged() {
            return Decision { is_allowed: true, reason: String::new() };
        }
        let grants = grants(self.store, user, &asked.namespace);
        if let Some(granted) = grants.rules.iter().find(|granted| granted.rule.allows(asked)) {
            return Decision { is_allowed: true, reason: format!("RBAC: allowed by {}", granted.by) };
        }
        let missing = together(grants.missing.iter().map(MissingRole::said_by_authorizer));
        let authorizer = if self.minor >= NAMED_REASONS { "rbac: " } else { "" };
        let reason = if missing.is_empty() { missing } else { format!("{authorizer}RBAC: {missing}") };
        Decision { is_allowed: false, reason }
    }

    /// As [`decide`](Self::decide), with the 403.
    pub fn check(self, user: &User, asked: &Attributes) -> Result<(), Status> {
        self.decide(user, asked).check(user, asked)
    }
}

/// Several errors as one, each once.
pub(crate) fn together(errors: impl Iterator<Item = String>) -> String {
    let mut said: Vec<String> = Vec::new();
    for error in errors {
        if !said.contains(&error) {
            said.push(error);
        }
    }
    match said.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}
