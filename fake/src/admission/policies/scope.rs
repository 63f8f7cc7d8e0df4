//! What expressions of policies can name, and their values.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use cel::Value as Cel;
use kubewright_core::validate::expression::{self, Expression, Failure, Library};
use serde_json::{Value, json};

use super::matching::Matched;
use super::params::Param;
use super::{Request, values};
use crate::access::Attributes;
use crate::admission::authz;
use crate::builtin;
use crate::catalog::StorageKey;
use crate::quoted::quoted;
use crate::status::Status;

/// Why an expression has no value.
pub(super) enum Problem {
    /// It has an error, in the API server's words.
    Error(String),
    /// It can't be evaluated here.
    NotDone(Status),
}

pub(super) type Evaluated = Result<Cel, Problem>;

/// Whether all conditions hold. One that doesn't decides; else an error does.
pub(super) fn conditions(scope: &Scope<'_>, conditions: &Value) -> Result<Result<bool, String>, Status> {
    let mut errors = Vec::new();
    for condition in items(conditions) {
        match scope.evaluate(text(&condition["expression"])) {
            Ok(Cel::Bool(true)) => {}
            Ok(Cel::Bool(false)) => return Ok(Ok(false)),
            Ok(_) => return Err(not_done(text(&condition["expression"]), "it is neither true nor false")),
            Err(Problem::Error(error)) => errors.push(error),
            Err(Problem::NotDone(status)) => return Err(status),
        }
    }
    Ok(match errors.as_slice() {
        [] => Ok(true),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    })
}

/// What expressions can name.
pub(super) struct Scope<'a> {
    request: &'a Request<'a>,
    /// The functions of `authorizer`, once an expression asks it.
    library: OnceCell<Library>,
    variables: BTreeMap<String, Cel>,
    /// The variables of the policy.
    own: HashMap<String, Cel>,
    /// Those that have no value, which matters where they are used.
    broken: HashMap<String, Problem>,
}

impl<'a> Scope<'a> {
    /// What match conditions can name.
    pub fn of(request: &'a Request<'a>, matched: &Matched, param: Option<&Param>) -> Self {
        let resource = matched.other.as_deref().unwrap_or(request.resource);
        let in_version = |object: Option<&Value>| match request.other_kind {
            Some(_) => object.map_or(Cel::Null, expression::of_json),
            None => {
                let object = object.map(|object| builtin::in_version(object, resource));
                values::object(object.as_ref(), resource)
            }
        };
        let mut variables = BTreeMap::from([
            ("object".to_owned(), in_version(request.object)),
            ("oldObject".to_owned(), in_version(request.old)),
            ("request".to_owned(), expression::of_json(&described(request, matched))),
            (
                "params".to_owned(),
                param.map_or(Cel::Null, |param| values::object(Some(&param.object), &param.resource)),
            ),
            ("namespaceObject".to_owned(), Cel::Null),
        ]);
        variables.extend(authz::variables(request.user, asked(request)));
        Self { request, library: OnceCell::new(), variables, own: HashMap::new(), broken: HashMap::new() }
    }

    /// Adds what match conditions can't name: the namespace, and the variables of a policy.
    pub fn complete(&mut self, policy: &Value) {
        self.variables.insert("namespaceObject".to_owned(), namespace(self.request));
        for variable in items(&policy["variables"]) {
            let evaluated = self.evaluate(text(&variable["expression"]));
            self.add(text(&variable["name"]), evaluated);
        }
    }

    fn add(&mut self, name: &str, evaluated: Evaluated) {
        match evaluated {
            Ok(value) => {
                self.own.insert(name.to_owned(), value);
            }
            Err(problem) => {
                self.broken.insert(name.to_owned(), problem);
            }
        }
    }

    /// The value of an expression.
    pub fn evaluate(&self, written: &str) -> Evaluated {
        self.value_of(&self.parse(written)?, written)
    }

    /// Parses an expression, which may make structs as well.
    pub fn parse(&self, written: &str) -> Result<Expression, Problem> {
        let library = match written.contains("authorizer") {
            true => self.library.get_or_init(|| {
                let Request { state, server, .. } = self.request;
                with_patches(authz::library(&state.store, server.documents.minor))
            }),
            false => &with_patches(Library::default()),
        };
        Expression::with(written, library).map_err(|why| Problem::NotDone(not_done(written, &why)))
    }

    /// The value of an expression that was parsed.
    pub fn value_of(&self, expression: &Expression, written: &str) -> Evaluated {
        let own = Cel::Map(self.own.clone().into());
        let variables = self.variables.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let evaluated = expression.evaluate(variables.chain([("variables", own)]));
        let failed = |why: &str| Problem::Error(format!("expression '{written}' resulted in error: {why}"));
        evaluated.map_err(|failure| match failure {
            Failure::Error(why) => match self.broken_in(written, &why) {
                Some((name, Problem::Error(error))) => {
                    let (_, error) = error.split_once(" resulted in error: ").unwrap_or(("", error));
                    failed(&format!("composited variable {} fails to evaluate: {error}", quoted(name)))
                }
                Some((_, Problem::NotDone(status))) => Problem::NotDone(status.clone()),
                None => failed(&why),
            },
            Failure::Unknown(why) => Problem::NotDone(not_done(written, &why)),
        })
    }

    /// The value of a message, for which nobody is asked.
    pub fn message(&self, written: &str) -> Evaluated {
        if written.contains("authorizer") {
            return Err(Problem::NotDone(not_done(written, "messages can't ask authorizer")));
        }
        self.evaluate(written)
    }

    /// The variable without a value that an expression failed for.
    fn broken_in(&self, written: &str, error: &str) -> Option<(&str, &Problem)> {
        let name = error.strip_prefix("no such key: ")?;
        let is_used = written.contains(&format!("variables.{name}"));
        self.broken.get_key_value(name).filter(|_| is_used).map(|(name, problem)| (name.as_str(), problem))
    }
}

/// What patches are made with.
pub(crate) fn with_patches(library: Library) -> Library {
    let is_patch = |name: &str| matches!(name, "JSONPatch" | "Object") || name.starts_with("Object.");
    library.structs(is_patch).function("jsonpatch.escapeKey", |arguments| match arguments {
        [Cel::String(key)] => Ok(key.replace('~', "~0").replace('/', "~1").as_str().into()),
        _ => Err("no such overload".to_owned()),
    })
}

/// `authorizer.requestResource`.
fn asked(request: &Request<'_>) -> Attributes {
    Attributes {
        group: request.resource.group.clone(),
        resource: request.resource.plural.clone(),
        subresource: request.subresource.to_owned(),
        namespace: request.namespace.unwrap_or_default().to_owned(),
        name: request.name.to_owned(),
        ..Attributes::default()
    }
}

/// The namespace of a request, as far as expressions see it. Null for what is in none, and for namespaces themselves.
fn namespace(request: &Request<'_>) -> Cel {
    let storage = StorageKey::new("", "namespaces");
    let is_namespace = request.resource.is_namespaces();
    let found = request.namespace.filter(|_| !is_namespace).and_then(|name| request.state.store.get(&storage, name));
    let Some(found) = found else { return Cel::Null };
    let mut namespace = (**found).clone();
    if let Value::Object(fields) = &mut namespace {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    if let Value::Object(metadata) = &mut namespace["metadata"] {
        metadata.remove("managedFields");
        metadata.remove("ownerReferences");
    }
    let resources = request.server.resources(request.state);
    let resource = resources.iter().find(|resource| resource.is_namespaces());
    resource.map_or(Cel::Null, |resource| values::object(Some(&namespace), resource))
}

/// `AdmissionRequest`.
fn described(request: &Request<'_>, matched: &Matched) -> Value {
    let resource = request.resource;
    let kind = |group: &str, version: &str, kind: &str| match request.other_kind {
        Some(other) => other.to_json(),
        None => json!({ "group": group, "version": version, "kind": kind }),
    };
    let mut described = json!({
        "kind": kind(&matched.group, &matched.version, &matched.kind),
        "resource": { "group": matched.group, "version": matched.version, "resource": matched.plural },
        "requestKind": kind(&resource.group, &resource.version, &resource.kind),
        "requestResource": { "group": resource.group, "version": resource.version, "resource": resource.plural },
        "operation": request.operation.name(),
        "userInfo": request.user.to_json(),
        "dryRun": request.is_dry_run,
        "options": request.options,
    });
    for (name, value) in [
        ("name", Some(request.name)),
        ("namespace", request.namespace),
        ("subResource", Some(request.subresource)),
        ("requestSubResource", Some(request.subresource)),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            described[name] = json!(value);
        }
    }
    described
}

pub(super) fn not_done(written: &str, why: &str) -> Status {
    Status::not_done(format_args!("the expression {} of a policy: {why}", quoted(written)))
}

pub(super) fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
