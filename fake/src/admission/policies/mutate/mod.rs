//! Mutating admission policies: expressions that make patches, before mutating webhooks are asked.
//!
//! A real server evaluates policies in no particular order; here it is that of their names.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/>

mod patch;
mod written;

use std::sync::Arc;

use serde_json::{Value, json};

use super::matching::{self, Matched};
use super::params::{self, Param};
use super::scope::{Scope, conditions, items, text};
use crate::admission::bound::{MUTATING, bound};
use crate::admission::{Forms, Operation, Request};
use crate::catalog::Resource;
use crate::quoted::quoted;
use crate::server::State;
use crate::status::{About, Status};
use crate::webhooks::Reinvocation;
use patch::Unpatched;

/// What policies have done to the object of a request, in up to two rounds.
#[derive(Default)]
pub(crate) struct Mutating {
    reinvocation: Reinvocation<Key>,
    /// The object as they have left it.
    last: Option<Value>,
}

/// What a policy is evaluated for: its name, that of the binding, and that of the parameter.
type Key = (String, String, String);

/// A policy, bound, with one parameter.
struct Invocation<'s> {
    policy: &'s Value,
    binding: &'s Value,
    matched: Arc<Matched>,
    param: Option<Param>,
}

impl Invocation<'_> {
    fn key(&self) -> Key {
        let param = self.param.as_ref().map_or(&Value::Null, |param| &param.object["metadata"]);
        let param = format!("{}/{}", text(&param["namespace"]), text(&param["name"]));
        (name(self.policy).to_owned(), name(self.binding).to_owned(), param)
    }
}

/// What policies have against a request.
#[derive(Default)]
struct Refusals {
    messages: Vec<String>,
    /// That of the first.
    reason: Option<&'static str>,
}

impl Refusals {
    /// Adds what is wrong with a policy, or with it for this request, unless that is to be ignored.
    fn add(&mut self, policy: &Value, binding: Option<&Value>, why: &str, reason: &'static str) {
        if policy["spec"]["failurePolicy"] == "Ignore" {
            return;
        }
        let name_of_policy = name(policy);
        self.messages.push(match binding {
            Some(binding) => {
                format!("policy '{name_of_policy}' with binding '{}' denied request: {why}", name(binding))
            }
            None => format!("policy {} denied request: {why}", quoted(name_of_policy)),
        });
        self.reason.get_or_insert(reason);
    }

    fn into_result(self, request: &Request<'_>, object: Option<&Value>) -> Result<(), Status> {
        let Some(reason) = self.reason else { return Ok(()) };
        let metadata = object.map_or(&Value::Null, |object| &object["metadata"]);
        let names = [request.name, text(&metadata["name"]), text(&metadata["generateName"]), "Unknown"];
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let about = About { group: &request.resource.group, kind: &request.resource.plural, name };
        let causes: Vec<Value> = self.messages.iter().map(|message| json!({ "message": message })).collect();
        let message = self.messages.into_iter().next().unwrap_or_default();
        let status = Status::forbidden(about, "", json!(causes));
        Err(Status { message, reason: Some(reason.into()), ..status })
    }
}

/// Whether there are policies that may be about objects of a resource.
pub(crate) fn are_mutating(state: &State, resource: &Resource) -> bool {
    !is_exempt(resource) && !bound(state, MUTATING).is_empty()
}

/// Policies are about none of those that they could be changed by.
fn is_exempt(resource: &Resource) -> bool {
    resource.group == "admissionregistration.k8s.io" && !resource.plural.ends_with("webhookconfigurations")
}

impl Mutating {
    /// Whether there is a second round.
    pub fn is_needed(&self) -> bool {
        self.reinvocation.is_needed()
    }

    /// Evaluates the policies for a request in a round. Returns the object as they leave it; `None` if there is none, or nothing was
    /// patched.
    ///
    /// # Errors
    /// 403 if one has an error, and does not ignore it; 501 for what can't be evaluated here.
    pub fn run(&mut self, request: &Request<'_>, is_again: bool, forms: &dyn Forms) -> Result<Option<Value>, Status> {
        if is_exempt(request.resource) || request.operation == Operation::Delete {
            return Ok(None);
        }
        let mut refusals = Refusals::default();
        let invocations = invocations(request, &mut refusals)?;
        if let (Some(_), Some(first)) = (request.other_kind, invocations.first()) {
            let (plural, subresource) = (&request.resource.plural, request.subresource);
            return Err(Status::not_done(format_args!(
                "{plural}/{subresource} where a mutating policy is about it ({})",
                name(first.policy)
            )));
        }
        let mut patched: Option<Value> = None;
        if is_again && self.last.as_ref() != request.object {
            self.reinvocation.changed();
        }
        for invocation in &invocations {
            let Invocation { policy, binding, matched, param } = invocation;
            let now = Request { object: patched.as_ref().or(request.object), ..*request };
            match conditions(&Scope::of(&now, matched, param.as_ref()), &policy["spec"]["matchConditions"])? {
                Ok(true) => {}
                Ok(false) => continue,
                Err(why) => {
                    refusals.add(policy, Some(binding), &why, "Invalid");
                    continue;
                }
            }
            let key = invocation.key();
            if (is_again && !self.reinvocation.is_due(&key)) || request.object.is_none() {
                continue;
            }
            let before = patched.clone();
            for mutation in items(&policy["spec"]["mutations"]) {
                let now = Request { object: patched.as_ref().or(request.object), ..*request };
                match patch::patched(&now, matched, param.as_ref(), (&policy["spec"], mutation), forms) {
                    Ok(object) => patched = Some(object),
                    Err(Unpatched::Refused(why)) => refusals.add(policy, Some(binding), &why, "Invalid"),
                    Err(Unpatched::Failed(status)) => return Err(status),
                }
            }
            let has_changed = patched.as_ref().or(request.object) != before.as_ref().or(request.object);
            self.reinvocation.called(key, has_changed, policy["spec"]["reinvocationPolicy"] == "IfNeeded");
        }
        if patched.is_some() {
            // Of what was patched all see the outcome once more, also if nothing has changed.
            self.reinvocation.require();
        }
        if !invocations.is_empty() {
            self.last = patched.as_ref().or(request.object).cloned();
        }
        refusals.into_result(request, request.object)?;
        Ok(patched)
    }
}

/// The policies that are about a request, by what it begins with.
fn invocations<'s>(request: &Request<'s>, refusals: &mut Refusals) -> Result<Vec<Invocation<'s>>, Status> {
    let mut invocations = Vec::new();
    for (policy, bindings) in bound(request.state, MUTATING) {
        let policy: &Value = policy;
        let spec = &policy["spec"];
        let Some(matched) = matching::matches(request, &spec["matchConstraints"])? else { continue };
        let matched = Arc::new(matched);
        let param_kind = match params::kind(request, &spec["paramKind"]) {
            Ok(kind) => kind,
            Err(why) => {
                refusals.add(policy, None, &format!("failed to configure policy: {why}"), "Forbidden");
                continue;
            }
        };
        for binding in bindings {
            let binding: &Value = binding;
            let of_binding = &binding["spec"];
            if !of_binding["matchResources"].is_null()
                && matching::matches(request, &of_binding["matchResources"])?.is_none()
            {
                continue;
            }
            match params::collect(request, param_kind.as_deref(), &of_binding["paramRef"]) {
                Ok(params) => invocations.extend(params.into_iter().map(|param| Invocation {
                    policy,
                    binding,
                    matched: Arc::clone(&matched),
                    param,
                })),
                Err(why) => {
                    refusals.add(policy, Some(binding), &format!("failed to configure binding: {why}"), "Forbidden");
                }
            }
        }
    }
    Ok(invocations)
}

fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}
