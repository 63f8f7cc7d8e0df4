//! The expressions of a policy, for one request and one parameter.

use std::collections::{BTreeMap, HashMap};

use cel::Value as Cel;
use kubewright_core::validate::expression::{self, Expression, Failure};
use serde_json::{Value, json};

use super::matching::Matched;
use super::params::Param;
use super::{Request, values};
use crate::builtin;
use crate::catalog::StorageKey;
use crate::status::Status;

/// The longest message of an expression that is shown, in bytes.
const LONGEST: usize = 5 * 1024;

/// A validation that failed.
pub(super) struct Failed {
    pub message: String,
    pub reason: &'static str,
}

/// What a policy says of a request.
#[derive(Default)]
pub(super) struct Verdict {
    pub failed: Vec<Failed>,
    /// What is wrong with values for the audit log, which denies a request by itself.
    pub annotation_errors: Vec<String>,
}

/// Why an expression has no value.
enum Problem {
    /// It has an error, in the API server's words.
    Error(String),
    /// It can't be evaluated here.
    NotDone(Status),
}

type Evaluated = Result<Cel, Problem>;

/// Evaluates a policy.
///
/// # Errors
/// 501 for what can't be evaluated here.
pub(super) fn evaluate(
    request: &Request<'_>,
    matched: &Matched,
    policy: &Value,
    param: Option<&Param>,
) -> Result<Verdict, Status> {
    let mut verdict = Verdict::default();
    let fails = policy["failurePolicy"] != "Ignore";
    let mut scope = Scope::of(request, matched, param);
    match conditions(&scope, &policy["matchConditions"])? {
        Ok(true) => {}
        Ok(false) => return Ok(verdict),
        Err(message) => {
            if fails {
                verdict.failed.push(Failed { message, reason: "Invalid" });
            }
            return Ok(verdict);
        }
    }
    scope.variables.insert("namespaceObject".to_owned(), namespace(request));
    for variable in items(&policy["variables"]) {
        let evaluated = scope.evaluate(text(&variable["expression"]));
        scope.add(text(&variable["name"]), evaluated);
    }
    for validation in items(&policy["validations"]) {
        let written = text(&validation["expression"]);
        match scope.evaluate(written) {
            Ok(Cel::Bool(true)) => {}
            Ok(Cel::Bool(false)) => {
                let reason = match text(&validation["reason"]) {
                    "Forbidden" => "Forbidden",
                    "Unauthorized" => "Unauthorized",
                    "RequestEntityTooLarge" => "RequestEntityTooLarge",
                    _ => "Invalid",
                };
                verdict.failed.push(Failed { message: message(&scope, validation)?, reason });
            }
            Ok(_) => return Err(not_done(written, "it is neither true nor false")),
            Err(Problem::Error(message)) if fails => verdict.failed.push(Failed { message, reason: "" }),
            Err(Problem::Error(_)) => {}
            Err(Problem::NotDone(status)) => return Err(status),
        }
    }
    for annotation in items(&policy["auditAnnotations"]) {
        match scope.evaluate(text(&annotation["valueExpression"])) {
            Err(Problem::Error(message)) if fails => verdict.annotation_errors.push(message),
            Err(Problem::NotDone(status)) => return Err(status),
            _ => {}
        }
    }
    Ok(verdict)
}

/// Whether all conditions hold. One that doesn't decides; else an error does.
fn conditions(scope: &Scope, conditions: &Value) -> Result<Result<bool, String>, Status> {
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

/// What is said of a validation that failed.
fn message(scope: &Scope, validation: &Value) -> Result<String, Status> {
    let written = text(&validation["messageExpression"]);
    if !written.is_empty() {
        match scope.evaluate(written) {
            Ok(Cel::String(said)) => {
                let said = said.trim();
                if !said.is_empty() && said.len() <= LONGEST && !said.contains('\n') {
                    return Ok(said.to_owned());
                }
            }
            Ok(_) | Err(Problem::Error(_)) => {}
            Err(Problem::NotDone(status)) => return Err(status),
        }
    }
    Ok(match text(&validation["message"]).trim() {
        "" => format!("failed expression: {}", text(&validation["expression"]).trim()),
        message => message.to_owned(),
    })
}

/// What expressions can name.
struct Scope {
    variables: BTreeMap<String, Cel>,
    /// The variables of the policy.
    own: HashMap<String, Cel>,
    /// Those that have no value, which matters where they are used.
    broken: HashMap<String, Problem>,
}

impl Scope {
    fn of(request: &Request<'_>, matched: &Matched, param: Option<&Param>) -> Self {
        let resource = matched.other.as_deref().unwrap_or(request.resource);
        let in_version = |object: Option<&Value>| {
            let object = object.map(|object| builtin::in_version(object, resource));
            values::object(object.as_ref(), resource)
        };
        let variables = BTreeMap::from([
            ("object".to_owned(), in_version(request.object)),
            ("oldObject".to_owned(), in_version(request.old)),
            ("request".to_owned(), expression::of_json(&described(request, matched))),
            (
                "params".to_owned(),
                param.map_or(Cel::Null, |param| values::object(Some(&param.object), &param.resource)),
            ),
            ("namespaceObject".to_owned(), Cel::Null),
        ]);
        Self { variables, own: HashMap::new(), broken: HashMap::new() }
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

    fn evaluate(&self, written: &str) -> Evaluated {
        let unknown = |why: &str| Problem::NotDone(not_done(written, why));
        if written.contains("request.options") {
            return Err(unknown("the options of the request are not known"));
        }
        let compiled = Expression::new(written).map_err(|why| unknown(&why))?;
        let own = Cel::Map(self.own.clone().into());
        let variables = self.variables.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let evaluated = compiled.evaluate(variables.chain([("variables", own)]));
        let failed = |why: &str| Problem::Error(format!("expression '{written}' resulted in error: {why}"));
        evaluated.map_err(|failure| match failure {
            Failure::Error(why) => match self.broken_in(written, &why) {
                Some((name, Problem::Error(error))) => {
                    let (_, error) = error.split_once(" resulted in error: ").unwrap_or(("", error));
                    failed(&format!("composited variable {name:?} fails to evaluate: {error}"))
                }
                Some((_, Problem::NotDone(status))) => Problem::NotDone(status.clone()),
                None => failed(&why),
            },
            Failure::Unknown(why) => unknown(&why),
        })
    }

    /// The variable without a value that an expression failed for.
    fn broken_in(&self, written: &str, error: &str) -> Option<(&str, &Problem)> {
        let name = error.strip_prefix("no such key: ")?;
        let is_used = written.contains(&format!("variables.{name}"));
        self.broken.get_key_value(name).filter(|_| is_used).map(|(name, problem)| (name.as_str(), problem))
    }
}

/// The namespace of a request, as far as expressions see it. Null for what is in none, and for namespaces themselves.
fn namespace(request: &Request<'_>) -> Cel {
    let storage = StorageKey { group: String::new(), plural: "namespaces".to_owned() };
    let is_namespace = request.resource.group.is_empty() && request.resource.plural == "namespaces";
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
    let resource = resources.iter().find(|resource| resource.group.is_empty() && resource.plural == "namespaces");
    resource.map_or(Cel::Null, |resource| values::object(Some(&namespace), resource))
}

/// `AdmissionRequest`.
fn described(request: &Request<'_>, matched: &Matched) -> Value {
    let resource = request.resource;
    let mut described = json!({
        "kind": { "group": matched.group, "version": matched.version, "kind": matched.kind },
        "resource": { "group": matched.group, "version": matched.version, "resource": matched.plural },
        "requestKind": { "group": resource.group, "version": resource.version, "kind": resource.kind },
        "requestResource": { "group": resource.group, "version": resource.version, "resource": resource.plural },
        "operation": request.operation.name(),
        "userInfo": request.user.to_json(),
        "dryRun": request.is_dry_run,
        "uid": "",
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

fn not_done(written: &str, why: &str) -> Status {
    Status::not_done(format_args!("the expression {written:?} of a policy: {why}"))
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
