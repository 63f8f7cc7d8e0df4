//! Acting as another user, by the headers `Impersonate-User`, `-Group`, `-Uid` and `-Extra-…`.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>

use std::collections::{BTreeMap, HashMap};

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::attributes::Attributes;
use super::authorize::Authorizer;
use super::user::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, User, account, groups_of_accounts, is_privileged_group};
use crate::quoted::quoted;
use crate::status::Status;

/// What the headers of single extra fields begin with.
const EXTRA: &str = "impersonate-extra-";

/// The group of tokens, in which the newer modes of impersonation have users too.
const AUTHENTICATION: &str = "authentication.k8s.io";

/// The first minor in which impersonation may be limited to single verbs.
///
/// <https://kep.k8s.io/5284>
const CONSTRAINED: u32 = 36;

/// From how many groups or extra values on all are asked for at once.
const MANY: usize = 4;

/// The name of the user that a request is sent as: the impersonated one, whether it may do that or not.
pub(crate) fn requested_user<'a>(headers: &'a HeaderMap, user: &'a User) -> &'a str {
    text(headers, "impersonate-user").filter(|name| !name.is_empty()).unwrap_or(&user.name)
}

/// The user that a request wants to act as, as the headers have it. `None` if it doesn't.
pub(super) fn wanted(headers: &HeaderMap) -> Result<Option<User>, Status> {
    let one = |name: &str| text(headers, name).unwrap_or_default().to_owned();
    let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        if let (Some(key), Ok(value)) = (name.as_str().strip_prefix(EXTRA), value.to_str()) {
            let key = percent_decode_str(key).decode_utf8().map_or_else(|_| key.to_owned(), |key| key.into_owned());
            extra.entry(key).or_default().push(value.to_owned());
        }
    }
    let groups = headers.get_all("impersonate-group").iter().filter_map(|value| value.to_str().ok());
    let user = User {
        name: one("impersonate-user"),
        uid: one("impersonate-uid"),
        groups: groups.map(str::to_owned).collect(),
        extra,
    };
    if !user.name.is_empty() {
        return Ok(Some(user));
    }
    if user == User::default() {
        return Ok(None);
    }
    Err(Status::bad_request(format!("requested {} without impersonating a user name", in_go(&user))))
}

/// How each user, by its name, has acted as another the last time.
pub(crate) type LastModes = HashMap<String, Mode>;

/// Checks that a user may act as another. Returns that one, with the groups that come with it.
///
/// The mode that let the user in the last time is tried first. Which error a user gets depends on it: the first one is answered.
pub(super) fn impersonate(
    authorizer: Authorizer<'_>,
    last: &mut LastModes,
    (user, wanted): (&User, &User),
    asked: &Attributes,
) -> Result<User, Status> {
    let check = Check { authorizer, user, wanted, asked };
    if authorizer.minor < CONSTRAINED {
        return check.legacy();
    }
    let mut modes = check.modes();
    if let Some(tried_first) = last.get(&user.name) {
        modes.sort_by_key(|mode| mode != tried_first);
    }
    let mut refused = None;
    for mode in modes {
        let answer = if mode == Mode::Legacy { check.legacy() } else { check.constrained(mode) };
        match answer {
            Ok(impersonated) => {
                last.insert(user.name.clone(), mode);
                return Ok(impersonated);
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| asked.forbidden(user, "")))
}

/// How a user acts as another: by rights for single verbs of requests, or for all that the other may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A service account acts as the node that its pod is on.
    AssociatedNode,
    ArbitraryNode,
    ServiceAccount,
    UserInfo,
    /// By the verb `impersonate`.
    Legacy,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::AssociatedNode => "associated-node",
            Self::ArbitraryNode => "arbitrary-node",
            Self::ServiceAccount => "serviceaccount",
            Self::UserInfo => "user-info",
            Self::Legacy => "legacy",
        }
    }
}

struct Check<'a> {
    authorizer: Authorizer<'a>,
    user: &'a User,
    wanted: &'a User,
    asked: &'a Attributes,
}

impl Check<'_> {
    /// The modes that suit the wanted user, in the order in which they are tried.
    fn modes(&self) -> Vec<Mode> {
        let wanted = self.wanted;
        let is_name_alone = wanted.uid.is_empty() && wanted.groups.is_empty() && wanted.extra.is_empty();
        let mut modes = Vec::new();
        match (node(&wanted.name), account(&wanted.name)) {
            (Some(node), _) if is_name_alone => {
                let own = self.user.extra.get("authentication.kubernetes.io/node-name").map(Vec::as_slice);
                if self.user.account().is_some() && own.is_some_and(|own| own == [node]) {
                    modes.push(Mode::AssociatedNode);
                }
                modes.push(Mode::ArbitraryNode);
            }
            (None, Some(_)) if is_name_alone => modes.push(Mode::ServiceAccount),
            (None, None) => modes.push(Mode::UserInfo),
            _ => {}
        }
        modes.push(Mode::Legacy);
        modes
    }

    /// Asks for the verb of the request, and for the user.
    fn constrained(&self, mode: Mode) -> Result<User, Status> {
        let verb = format!("impersonate-on:{}:{}", mode.name(), self.asked.verb);
        self.ask(&Attributes { verb, ..self.asked.clone() })?;
        let verb = format!("impersonate:{}", mode.name());
        let of = |resource: &str, namespace: &str, name: &str| {
            self.of(&verb, AUTHENTICATION, (resource, ""), (namespace, name))
        };
        let mut groups = self.wanted.groups.clone();
        let name = match (node(&self.wanted.name), account(&self.wanted.name)) {
            (Some(node), _) => {
                groups = vec!["system:nodes".to_owned()];
                // It holds for every node that the account's pods come to.
                of("nodes", "", if mode == Mode::AssociatedNode { "*" } else { node })
            }
            (None, Some((namespace, name))) => {
                groups = groups_of_accounts(namespace);
                of("serviceaccounts", namespace, name)
            }
            (None, None) => of("users", "", &self.wanted.name),
        };
        self.ask(&name)?;
        self.uid(&verb)?;
        self.all_groups(&verb)?;
        self.all_extra(&verb)?;
        Ok(self.impersonated(groups))
    }

    /// Asks for the verb `impersonate` on each part of the user.
    fn legacy(&self) -> Result<User, Status> {
        let verb = "impersonate";
        let mut groups = self.wanted.groups.clone();
        let name = match account(&self.wanted.name) {
            Some((namespace, name)) => {
                if groups.is_empty() {
                    groups = groups_of_accounts(namespace);
                }
                self.of(verb, "", ("serviceaccounts", ""), (namespace, name))
            }
            None => self.of(verb, "", ("users", ""), ("", &self.wanted.name)),
        };
        self.ask(&name)?;
        self.uid(verb)?;
        for group in &self.wanted.groups {
            self.ask(&self.of(verb, "", ("groups", ""), ("", group)))?;
        }
        self.each_extra(verb)?;
        Ok(self.impersonated(groups))
    }

    fn uid(&self, verb: &str) -> Result<(), Status> {
        match self.wanted.uid.as_str() {
            "" => Ok(()),
            uid => self.ask(&self.of(verb, AUTHENTICATION, ("uids", ""), ("", uid))),
        }
    }

    fn all_groups(&self, verb: &str) -> Result<(), Status> {
        let of = |name: &str| self.of(verb, AUTHENTICATION, ("groups", ""), ("", name));
        let groups = &self.wanted.groups;
        if groups.iter().any(String::is_empty) {
            return Err(of("").forbidden(self.user, "impersonating the empty string group is not allowed"));
        }
        if let Some(group) = groups.iter().find(|group| is_privileged_group(group)) {
            return Err(of(group).forbidden(self.user, "impersonating the system:masters group is not allowed"));
        }
        if groups.len() >= MANY && self.ask(&of("*")).is_ok() {
            return Ok(());
        }
        groups.iter().try_for_each(|group| self.ask(&of(group)))
    }

    fn all_extra(&self, verb: &str) -> Result<(), Status> {
        let extra = &self.wanted.extra;
        let refused =
            |why: &str| Err(self.of(verb, AUTHENTICATION, ("userextras", ""), ("", "")).forbidden(self.user, why));
        for (key, values) in extra {
            if key.is_empty() {
                return refused("impersonating the empty string key in extra is not allowed");
            }
            if !is_qualified(key) {
                return Err(Status::not_done(format_args!("the check of the extra key {}", quoted(key))));
            }
            if values.iter().any(String::is_empty) {
                return refused("impersonating the empty string value in extra is not allowed");
            }
        }
        let is_large = extra.len() >= MANY || extra.values().map(Vec::len).sum::<usize>() >= MANY;
        if is_large && self.ask(&self.of(verb, AUTHENTICATION, ("userextras", "*"), ("", "*"))).is_ok() {
            return Ok(());
        }
        self.each_extra(verb)
    }

    fn each_extra(&self, verb: &str) -> Result<(), Status> {
        for (key, values) in &self.wanted.extra {
            for value in values {
                self.ask(&self.of(verb, AUTHENTICATION, ("userextras", key), ("", value)))?;
            }
        }
        Ok(())
    }

    /// The user, in the group of all users too unless it is said to be in that of the unknown.
    fn impersonated(&self, mut groups: Vec<String>) -> User {
        let has = |groups: &[String], wanted: &str| groups.iter().any(|group| group == wanted);
        let of_all = if self.wanted.name == ANONYMOUS { UNAUTHENTICATED } else { AUTHENTICATED };
        if !has(&groups, of_all) && !has(&groups, UNAUTHENTICATED) {
            groups.push(of_all.to_owned());
        }
        User { groups, ..self.wanted.clone() }
    }

    fn ask(&self, asked: &Attributes) -> Result<(), Status> {
        self.authorizer.check(self.user, asked)
    }

    fn of(
        &self,
        verb: &str,
        group: &str,
        (resource, subresource): (&str, &str),
        (namespace, name): (&str, &str),
    ) -> Attributes {
        let [verb, group, resource, subresource, namespace, name] =
            [verb, group, resource, subresource, namespace, name].map(str::to_owned);
        Attributes { verb, path: None, group, resource, subresource, namespace, name }
    }
}

/// The name of the node that a user is.
fn node(user: &str) -> Option<&str> {
    user.strip_prefix("system:node:").filter(|name| {
        let is_label = |label: &str| {
            let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !label.is_empty() && label.bytes().all(is_part) && !label.starts_with('-') && !label.ends_with('-')
        };
        name.len() <= 253 && name.split('.').all(is_label)
    })
}

/// Whether the key of an extra field is a domain and a path, which is all that is checked here.
fn is_qualified(key: &str) -> bool {
    let is_path = |path: &str| {
        !path.is_empty()
            && path.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte))
    };
    key.split_once('/').is_some_and(|(domain, path)| node(&format!("system:node:{domain}")).is_some() && is_path(path))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A user as Go prints the structure.
fn in_go(user: &User) -> String {
    let list = |values: &[String]| {
        let values: Vec<String> = values.iter().map(|value| format!("{}", quoted(value))).collect();
        format!("[]string{{{}}}", values.join(", "))
    };
    let groups = if user.groups.is_empty() { "[]string(nil)".to_owned() } else { list(&user.groups) };
    let extra = if user.extra.is_empty() {
        "map[string][]string(nil)".to_owned()
    } else {
        let pairs: Vec<String> =
            user.extra.iter().map(|(key, values)| format!("{}:{}", quoted(key), list(values))).collect();
        format!("map[string][]string{{{}}}", pairs.join(", "))
    };
    format!(
        "&user.DefaultInfo{{Name:{}, UID:{}, Groups:{groups}, Extra:{extra}}}",
        quoted(&user.name),
        quoted(&user.uid)
    )
}
