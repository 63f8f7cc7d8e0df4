//! `authorizer` of expressions: whether the user of a request, or a service account, may do something else.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library>

use std::sync::Arc;

use cel::Value as Cel;
use cel::objects::Opaque;
use kubewright_core::validate::expression::Library;

use crate::access::{Attributes, Authorizer, Decision, User};
use crate::catalog::StorageKey;
use crate::objects::texts;
use crate::store::Store;

/// What a value of the library is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Authorizer(User),
    PathCheck(User, String),
    GroupCheck(User, String),
    ResourceCheck(User, Attributes),
    Decision(Decision),
}

impl Opaque for Part {
    fn runtime_type_name(&self) -> &str {
        match self {
            Self::Authorizer(_) => "kubernetes.authorization.Authorizer",
            Self::PathCheck(..) => "kubernetes.authorization.PathCheck",
            Self::GroupCheck(..) => "kubernetes.authorization.GroupCheck",
            Self::ResourceCheck(..) => "kubernetes.authorization.ResourceCheck",
            Self::Decision(_) => "kubernetes.authorization.Decision",
        }
    }
}

/// `authorizer`, and `authorizer.requestResource` for what a request is about.
pub(crate) fn variables(user: &User, requested: Attributes) -> [(String, Cel); 2] {
    [
        ("authorizer".to_owned(), value(Part::Authorizer(user.clone()))),
        ("authorizer.requestResource".to_owned(), value(Part::ResourceCheck(user.clone(), requested))),
    ]
}

/// The functions of the library, by the roles as they are now.
pub(crate) fn library(store: &Store, minor: u32) -> Library {
    let roles = ["clusterrolebindings", "clusterroles", "rolebindings", "roles"];
    let roles = Arc::new(store.only(roles.map(|plural| StorageKey::new("rbac.authorization.k8s.io", plural))));
    let mut library = Library::default().function("check", move |arguments| {
        let (target, verb) = with_text(arguments)?;
        let (user, asked) = match target {
            Part::PathCheck(user, path) => (user, Attributes { path: Some(path.clone()), ..Attributes::default() }),
            Part::ResourceCheck(user, attributes) => (user, attributes.clone()),
            _ => return Err(NO_OVERLOAD.to_owned()),
        };
        let asked = Attributes { verb: verb.to_owned(), ..asked };
        Ok(value(Part::Decision(Authorizer { store: &roles, minor }.decide(user, &asked))))
    });
    for (name, function) in FUNCTIONS {
        library = library.function(name, function);
    }
    library
}

/// The functions by their names alone, for expressions that are not evaluated yet.
pub(crate) fn declarations() -> Library {
    let none: Function = |_| Err(NO_OVERLOAD.to_owned());
    let names = FUNCTIONS.iter().map(|(name, _)| *name).chain(["check"]);
    names.fold(Library::default(), |library, name| library.function(name, none))
}

type Function = fn(&[Cel]) -> Result<Cel, String>;

const NO_OVERLOAD: &str = "no such overload";

/// All but `check`, which asks.
const FUNCTIONS: [(&str, Function); 13] = [
    ("allowed", |arguments| Ok(decision(arguments)?.is_allowed.into())),
    ("reason", |arguments| Ok(decision(arguments)?.reason.as_str().into())),
    // The authorizer here can't fail.
    ("errored", |arguments| decision(arguments).map(|_| false.into())),
    ("error", |arguments| decision(arguments).map(|_| "".into())),
    ("path", |arguments| match with_text(arguments)? {
        (Part::Authorizer(_), path) if path.trim().is_empty() => Err("path must not be empty".to_owned()),
        (Part::Authorizer(user), path) => Ok(value(Part::PathCheck(user.clone(), path.to_owned()))),
        _ => Err(NO_OVERLOAD.to_owned()),
    }),
    ("group", |arguments| match with_text(arguments)? {
        (Part::Authorizer(user), group) => Ok(value(Part::GroupCheck(user.clone(), group.to_owned()))),
        _ => Err(NO_OVERLOAD.to_owned()),
    }),
    ("serviceAccount", service_account),
    ("resource", |arguments| match with_text(arguments)? {
        (Part::GroupCheck(..), resource) if resource.trim().is_empty() => Err("resource must not be empty".to_owned()),
        (Part::GroupCheck(user, group), resource) => {
            let (group, resource) = (group.clone(), resource.to_owned());
            Ok(value(Part::ResourceCheck(user.clone(), Attributes { group, resource, ..Attributes::default() })))
        }
        _ => Err(NO_OVERLOAD.to_owned()),
    }),
    ("subresource", |arguments| narrowed(arguments, |attributes, text| attributes.subresource = text)),
    ("namespace", |arguments| narrowed(arguments, |attributes, text| attributes.namespace = text)),
    ("name", |arguments| narrowed(arguments, |attributes, text| attributes.name = text)),
    // Roles don't look at selectors.
    ("fieldSelector", |arguments| narrowed(arguments, |_, _| {})),
    ("labelSelector", |arguments| narrowed(arguments, |_, _| {})),
];

fn value(part: Part) -> Cel {
    Cel::Opaque(Arc::new(part))
}

fn part(value: &Cel) -> Result<&Part, String> {
    let part = match value {
        Cel::Opaque(opaque) => opaque.downcast_ref::<Part>(),
        _ => None,
    };
    part.ok_or_else(|| NO_OVERLOAD.to_owned())
}

fn decision(arguments: &[Cel]) -> Result<&Decision, String> {
    match arguments {
        [target] => match part(target)? {
            Part::Decision(decision) => Ok(decision),
            _ => Err(NO_OVERLOAD.to_owned()),
        },
        _ => Err(NO_OVERLOAD.to_owned()),
    }
}

fn with_text(arguments: &[Cel]) -> Result<(&Part, &str), String> {
    match arguments {
        [target, Cel::String(text)] => Ok((part(target)?, text)),
        _ => Err(NO_OVERLOAD.to_owned()),
    }
}

fn narrowed(arguments: &[Cel], narrow: fn(&mut Attributes, String)) -> Result<Cel, String> {
    let (Part::ResourceCheck(user, attributes), text) = with_text(arguments)? else {
        return Err(NO_OVERLOAD.to_owned());
    };
    let mut attributes = attributes.clone();
    narrow(&mut attributes, text.to_owned());
    Ok(value(Part::ResourceCheck(user.clone(), attributes)))
}

fn service_account(arguments: &[Cel]) -> Result<Cel, String> {
    let [target, Cel::String(namespace), Cel::String(name)] = arguments else {
        return Err(NO_OVERLOAD.to_owned());
    };
    let Part::Authorizer(_) = part(target)? else { return Err(NO_OVERLOAD.to_owned()) };
    if !texts::subdomain(name).is_empty() {
        return Err("Invalid service account name".to_owned());
    }
    if !texts::label(namespace).is_empty() {
        return Err("Invalid service account namespace".to_owned());
    }
    Ok(value(Part::Authorizer(User::service_account_alone(namespace, name))))
}

#[cfg(test)]
mod tests {
    use kubewright_core::validate::expression::{Expression, Failure};
    use serde_json::json;

    use super::*;

    fn evaluate(text: &str) -> Result<Cel, Failure> {
        let mut store = Store::new(10);
        let rules = json!([{ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"] }]);
        let role = json!({ "metadata": { "name": "a" }, "rules": rules });
        store.put(&StorageKey::new("rbac.authorization.k8s.io", "clusterroles"), "a", role);
        let subjects = json!([{ "kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io" }]);
        let binding = json!({ "metadata": { "name": "b" }, "subjects": subjects,
            "roleRef": { "kind": "ClusterRole", "name": "a", "apiGroup": "rbac.authorization.k8s.io" } });
        store.put(&StorageKey::new("rbac.authorization.k8s.io", "clusterrolebindings"), "b", binding);
        let requested =
            Attributes { group: "apps".to_owned(), resource: "deployments".to_owned(), ..Attributes::default() };
        let variables = variables(&User::authenticated("jane"), requested);
        let expression = Expression::with(text, &library(&store, 37)).expect("an expression");
        expression.evaluate(variables.iter().map(|(name, value)| (name.as_str(), value.clone())))
    }

    #[test]
    fn an_authorizer_decides_by_roles_and_says_why() {
        for (text, expected) in [
            ("authorizer.group('apps').resource('deployments').namespace('x').name('y').check('get').allowed()", true),
            ("authorizer.group('apps').resource('deployments').check('list').allowed()", false),
            ("authorizer.requestResource.check('get').allowed()", true),
            ("authorizer.requestResource.subresource('scale').check('get').allowed()", false),
            ("authorizer.serviceAccount('a', 'b').group('apps').resource('deployments').check('get').allowed()", false),
            ("authorizer.path('/x').check('get').errored()", false),
            (
                "authorizer.requestResource.check('get').reason().startsWith('RBAC: allowed by ClusterRoleBinding')",
                true,
            ),
        ] {
            assert_eq!(evaluate(text), Ok(expected.into()), "{text}");
        }
        let error = |text: &str| match evaluate(text) {
            Err(Failure::Error(why)) => why,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(error("authorizer.path(' ').check('get').allowed()"), "path must not be empty");
        assert_eq!(
            error("authorizer.serviceAccount('A', 'b').path('/').check('')"),
            "Invalid service account namespace"
        );
    }
}
