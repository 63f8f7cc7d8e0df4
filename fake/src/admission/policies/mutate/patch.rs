//! The patches that a policy makes, put onto an object.

use cel::Value as Cel;
use serde_json::{Value, json};

use super::super::Request;
use super::super::matching::Matched;
use super::super::params::Param;
use super::super::scope::{Problem, Scope, not_done, text};
use super::{Forms, written};
use crate::catalog::Resource;
use crate::objects;
use crate::ownership;
use crate::patch::{JsonPatchError, json_patch_of_expression};
use crate::quoted::quoted;
use crate::status::Status;

/// The first minor in which objects of built-in kinds are values of Go's types for expressions. In older ones they are JSON.
const TYPED: u32 = 37;

/// Why a patch was not put onto an object.
pub(super) enum Unpatched {
    /// The policy has an error, which it may ignore.
    Refused(String),
    /// The request fails in any case.
    Failed(Status),
}

impl From<Problem> for Unpatched {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Error(why) => Self::Refused(why),
            Problem::NotDone(status) => Self::Failed(status),
        }
    }
}

impl From<Status> for Unpatched {
    fn from(status: Status) -> Self {
        Self::Failed(status)
    }
}

/// The object of a request with the patch of a mutation, one of those of a policy, with defaults.
pub(super) fn patched(
    request: &Request<'_>,
    matched: &Matched,
    param: Option<&Param>,
    (policy, mutation): (&Value, &Value),
    forms: &dyn Forms,
) -> Result<Value, Unpatched> {
    let mut scope = Scope::of(request, matched, param);
    scope.complete(policy);
    let resource = matched.other.as_deref().unwrap_or(request.resource);
    let object = request.object.unwrap_or(&Value::Null);
    let mut object = forms.convert(object, request.resource, resource)?;
    if mutation["patchType"] == "JSONPatch" {
        by_operations(&scope, text(&mutation["jsonPatch"]["expression"]), &mut object, resource)?;
    } else {
        let expression = text(&mutation["applyConfiguration"]["expression"]);
        let is_json = resource.custom().is_some() || request.server.documents.minor < TYPED;
        object = by_configuration(&scope, (expression, is_json), &object, resource)?;
    }
    if resource.custom().is_none() && resource.api_version() != request.resource.api_version() {
        // A real server can't get back to the version of the request.
        let (kind, from, to) = (&resource.kind, &resource.version, &request.resource.version);
        return Err(Unpatched::Refused(format!("converting ({from}.{kind}) to ({to}.{kind}): unknown conversion")));
    }
    forms.settle(&mut object, resource)?;
    Ok(forms.convert(&object, resource, request.resource)?)
}

/// `applyConfiguration`
fn by_configuration(
    scope: &Scope<'_>,
    (expression, is_json): (&str, bool),
    object: &Value,
    resource: &Resource,
) -> Result<Value, Unpatched> {
    let parsed = scope.parse(expression)?;
    let Cel::Struct(made) = scope.value_of(&parsed, expression)? else {
        return Err(Status::not_done(format_args!(
            "the expression {} of a policy, which makes no Object",
            quoted(expression)
        ))
        .into());
    };
    let mut configuration = written::object(&made, &written::made_by(&parsed, is_json)).map_err(|odd| match odd {
        written::Odd::Refused(why) => Unpatched::Refused(why),
        written::Odd::NotDone(why) => Unpatched::Failed(not_done(expression, why)),
    })?;
    configuration["apiVersion"] = json!(resource.api_version());
    configuration["kind"] = json!(resource.kind);
    let merged = ownership::patched(object, &configuration, resource.schema());
    let mut merged = merged.map_err(|why| Unpatched::Refused(format!("error applying patch: {why}")))?;
    if resource.custom().is_none()
        && let Some((_, expected, found)) = objects::fit(&mut merged, resource.schema()).mistyped
    {
        let Resource { group, version, kind, .. } = resource;
        let found = if found.starts_with("number") { "float64" } else { found };
        return Err(Unpatched::Refused(format!(
            "unable to convert unstructured object to {group}/{version}, Kind={kind}: cannot convert {found} to {expected}"
        )));
    }
    Ok(merged)
}

/// `jsonPatch`
fn by_operations(
    scope: &Scope<'_>,
    expression: &str,
    object: &mut Value,
    resource: &Resource,
) -> Result<(), Unpatched> {
    let parsed = scope.parse(expression)?;
    let operations = written::operations(&scope.value_of(&parsed, expression)?).map_err(|odd| match odd {
        written::Odd::Refused(why) => Unpatched::Refused(why),
        written::Odd::NotDone(why) => Unpatched::Failed(not_done(expression, why)),
    })?;
    let mut changed = object.clone();
    match json_patch_of_expression(&mut changed, &operations) {
        Ok(()) => {}
        Err(JsonPatchError::TestFailed) => return Ok(()),
        Err(JsonPatchError::Rejected(why) | JsonPatchError::Malformed(why)) => {
            return Err(Unpatched::Refused(format!("JSON Patch: {why}")));
        }
        Err(JsonPatchError::TooMany(count)) => {
            return Err(Status::not_done(format_args!("a JSON patch of {count} operations, made by a policy")).into());
        }
    }
    if resource.custom().is_none() {
        let unfit = objects::fit(&mut changed, resource.schema());
        if let Some((path, expected, found)) = unfit.mistyped {
            let kind = &resource.kind;
            let why = format!("json: cannot unmarshal {found} into Go struct field {kind}.{path} of type {expected}");
            return Err(Status::internal(&why).into());
        }
        if !unfit.unknown.is_empty() {
            let unknown: Vec<String> =
                unfit.unknown.iter().map(|path| format!("unknown field {}", quoted(path))).collect();
            return Err(Status::internal(&format!("strict decoding error: {}", unknown.join(", "))).into());
        }
        changed["apiVersion"] = json!(resource.api_version());
        changed["kind"] = json!(resource.kind);
    }
    if let Some(why) = objects::misshapen(&changed, resource) {
        return Err(Status::internal(&why).into());
    }
    *object = changed;
    Ok(())
}
