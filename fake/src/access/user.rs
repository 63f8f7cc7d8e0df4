//! Users: nothing is stored of them, a request says who sends it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The group whose members may do everything.
const PRIVILEGED: &str = "system:masters";

/// The group of all users who are known.
pub(super) const AUTHENTICATED: &str = "system:authenticated";

/// The group of those who are not.
pub(super) const UNAUTHENTICATED: &str = "system:unauthenticated";

/// The name of those who are not known.
pub(super) const ANONYMOUS: &str = "system:anonymous";

/// What the names of service accounts begin with.
const ACCOUNT: &str = "system:serviceaccount:";

/// Who sends a request.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct User {
    pub name: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: BTreeMap<String, Vec<String>>,
}

impl User {
    /// The default user, who may do everything.
    pub fn admin() -> Self {
        Self { groups: vec![PRIVILEGED.to_owned(), AUTHENTICATED.to_owned()], ..Self::named("admin") }
    }

    /// Whoever sends no credentials.
    pub fn anonymous() -> Self {
        Self { groups: vec![UNAUTHENTICATED.to_owned()], ..Self::named(ANONYMOUS) }
    }

    /// A user who has credentials. Others have none of the groups that come with that.
    pub fn authenticated(name: &str) -> Self {
        Self { groups: vec![AUTHENTICATED.to_owned()], ..Self::named(name) }
    }

    /// The user that a service account is.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        let mut account = Self::service_account_alone(namespace, name);
        account.groups.push(AUTHENTICATED.to_owned());
        account
    }

    /// The same without credentials: it is not in the group of those who have some.
    pub fn service_account_alone(namespace: &str, name: &str) -> Self {
        Self { groups: groups_of_accounts(namespace), ..Self::named(format!("{ACCOUNT}{namespace}:{name}")) }
    }

    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Puts a user into a group, before the group of all users.
    pub fn join(&mut self, group: String) {
        let end = match self.groups.last().map(String::as_str) {
            Some(AUTHENTICATED | UNAUTHENTICATED) => self.groups.len() - 1,
            _ => self.groups.len(),
        };
        self.groups.insert(end, group);
    }

    /// Whether it has credentials.
    #[cfg(feature = "listen")]
    pub fn is_authenticated(&self) -> bool {
        self.is_in(AUTHENTICATED)
    }

    /// Whether a group is that of all who have credentials.
    #[cfg(feature = "listen")]
    pub fn is_of_all(group: &str) -> bool {
        group == AUTHENTICATED
    }

    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|known| known == group)
    }

    /// Whether roles don't matter.
    pub fn is_privileged(&self) -> bool {
        self.is_in(PRIVILEGED)
    }

    /// Whether it is a node, whose rights are not those of roles.
    pub fn is_node(&self) -> bool {
        self.name.starts_with("system:node:") && self.is_in("system:nodes")
    }

    /// The namespace and the name of a service account. `None` for other users.
    pub fn account(&self) -> Option<(&str, &str)> {
        account(&self.name)
    }

    /// Whether it is a service account whose token is one of a pod on a node.
    pub fn is_on_node(&self, node: &str) -> bool {
        let known = self.extra.get("authentication.kubernetes.io/node-name").map(Vec::as_slice);
        self.account().is_some() && known == Some(&[node.to_owned()])
    }

    /// As `UserInfo` of the API.
    pub fn to_json(&self) -> Value {
        let mut info = json!({ "username": self.name });
        if !self.uid.is_empty() {
            info["uid"] = json!(self.uid);
        }
        if !self.groups.is_empty() {
            info["groups"] = json!(self.groups);
        }
        if !self.extra.is_empty() {
            info["extra"] = json!(self.extra);
        }
        info
    }
}

/// The groups of the service accounts of a namespace.
pub(super) fn groups_of_accounts(namespace: &str) -> Vec<String> {
    vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]
}

/// The namespace and the name of the service account that a name is of.
pub(super) fn account(name: &str) -> Option<(&str, &str)> {
    let (namespace, name) = name.strip_prefix(ACCOUNT)?.split_once(':')?;
    let is_name = |text: &str| {
        let is_part = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"-.".contains(&letter);
        !text.is_empty() && text.bytes().all(is_part)
    };
    (is_name(namespace) && is_name(name)).then_some((namespace, name))
}

/// Whether a group is that of those who may do everything.
pub(super) fn is_privileged_group(group: &str) -> bool {
    group == PRIVILEGED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_account_is_a_user_in_two_groups_of_its_own() {
        let builder = User::service_account("ci", "builder");
        assert_eq!(builder.name, "system:serviceaccount:ci:builder");
        assert_eq!(builder.groups, ["system:serviceaccounts", "system:serviceaccounts:ci", AUTHENTICATED]);
        assert_eq!(builder.account(), Some(("ci", "builder")));
        for other in ["jane", "system:serviceaccount:ci", "system:serviceaccount:ci:", "system:serviceaccount:a:b:c"] {
            assert_eq!(account(other), None, "{other}");
        }
    }

    #[test]
    fn groups_come_before_that_of_all_users() {
        let mut jane = User::authenticated("jane");
        jane.join("a".to_owned());
        jane.join("b".to_owned());
        assert_eq!(jane.groups, ["a", "b", AUTHENTICATED]);
    }
}
