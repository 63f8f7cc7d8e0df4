//! Admission by policies and webhooks: mutating ones before an object is completed and checked, validating webhooks after that.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::Call;
use super::write::settle;
use crate::access as rights;
use crate::admission::policies::{self, Mutating};
use crate::admission::{Asked, Forms, Operation, Request, matches, selects_all, selects_any};
use crate::builtin;
use crate::catalog::{Resource, StorageKey};
use crate::objects;
use crate::patch;
use crate::quoted::quoted;
use crate::server::{Server, State};
use crate::status::{About, Status};
use crate::webhooks::{
    Attributes, Failure, GroupVersionKind, Hook, MUTATING, Question, REVIEWS, Reinvocation, Rights, VALIDATING,
    Verdict, are_configured, hooks, is_met,
};

/// A request that webhooks may have to be asked about.
pub(super) struct Admission<'a> {
    pub server: &'a Server,
    pub state: &'a State,
    pub call: &'a Call,
    pub resource: &'a Resource,
    /// What the client is warned of.
    pub warnings: &'a mut Vec<String>,
}

/// The version of a resource that a webhook is asked in.
struct Target {
    /// Another one than that of the request, which has the same objects.
    other: Option<Arc<Resource>>,
    kind: GroupVersionKind,
}

/// An object and the one before it.
type Objects<'o> = (Option<&'o Value>, Option<&'o Value>);

impl Admission<'_> {
    /// Evaluates the mutating policies and calls the mutating webhooks, one after the other; `again` is what the API server itself does to an object that they have
    /// changed. Returns the object as they leave it, or `None` if they leave it as it is.
    pub fn mutate(
        &mut self,
        attributes: &Attributes,
        mut object: Option<Value>,
        old: Option<&Value>,
        again: impl Fn(&mut Value) -> Result<(), Status>,
    ) -> Result<Option<Value>, Status> {
        if !self.may_mutate() {
            return Ok(None);
        }
        let hooks = if self.are_asked(MUTATING) { hooks(&self.state.store, MUTATING) } else { Vec::new() };
        let before = object.clone();
        let (mut policies, mut reinvocation) = (Mutating::default(), Reinvocation::default());
        let mut left = None;
        for round in 0..2 {
            if round == 1 {
                if !reinvocation.is_needed() && !policies.is_needed() {
                    break;
                }
                if let Some(object) = &mut object {
                    again(object)?;
                }
            }
            let patched = self.patched(&mut policies, attributes, (object.as_ref(), old), round)?;
            object = patched.or(object);
            if round == 1 && object != left {
                reinvocation.changed();
            }
            for (index, hook) in hooks.iter().enumerate() {
                let Some(target) = self.target(hook, attributes, (object.as_ref(), old))? else { continue };
                if round == 1 && !reinvocation.is_due(&index) {
                    continue;
                }
                let changed = self.change(hook, attributes, &target, (object.as_ref(), old), round)?;
                let has_changed = changed.is_some();
                object = changed.or(object);
                reinvocation.called(index, has_changed, hook.fields()["reinvocationPolicy"] == "IfNeeded");
            }
            left = object.clone();
        }
        Ok(if object == before { None } else { object })
    }

    /// Calls the validating webhooks, all at once.
    pub fn validate(&mut self, attributes: &Attributes, objects: Objects<'_>) -> Result<(), Status> {
        if !self.are_asked(VALIDATING) {
            return Ok(());
        }
        let (mut asked, mut questions) = (Vec::new(), Vec::new());
        for hook in hooks(&self.state.store, VALIDATING) {
            let Some(target) = self.target(&hook, attributes, objects)? else { continue };
            let converted = self.converted(objects, &target)?;
            let question = self.question(&hook, attributes, &target, (converted.0.as_ref(), converted.1.as_ref()), 0);
            let failure = match question {
                Ok(question) => {
                    questions.push(question);
                    None
                }
                Err(failure) => Some(failure),
            };
            asked.push((hook, failure));
        }
        let mut replies = self.call.memory.ask(questions)?.into_iter();
        let mut refused = None;
        for (hook, failure) in asked {
            let verdict = match failure {
                Some(failure) => Err(failure),
                None => match replies.next() {
                    Some(reply) => Verdict::of(&hook, &reply, false),
                    None => continue,
                },
            };
            // All of them are heard, and the first refusal is the answer.
            if let Err(status) = self.outcome(&hook, verdict) {
                refused.get_or_insert(status);
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// Evaluates the mutating policies in a round. Returns the object if they have patched it.
    fn patched(
        &self,
        policies: &mut Mutating,
        attributes: &Attributes,
        objects: Objects<'_>,
        round: usize,
    ) -> Result<Option<Value>, Status> {
        if !self.has_policies() {
            return Ok(None);
        }
        policies.run(&self.request_of(attributes, objects), round == 1, self)
    }

    /// Admits what is none of the resource's own objects by the validating policies.
    pub fn admit_by_policies(&mut self, attributes: &Attributes, objects: Objects<'_>) -> Result<(), Status> {
        let mut warnings = Vec::new();
        let admitted = policies::admit(&self.request_of(attributes, objects), &mut warnings);
        self.warn(warnings);
        admitted
    }

    /// A request, as policies see it.
    fn request_of<'o>(&'o self, attributes: &'o Attributes, (object, old): Objects<'o>) -> Request<'o> {
        let is_namespaced = self.resource.namespaced && !attributes.namespace.is_empty();
        let is_own = attributes.kind == GroupVersionKind::of(self.resource);
        Request {
            server: self.server,
            state: self.state,
            user: &self.call.user,
            resource: self.resource,
            other_kind: (!is_own).then_some(&attributes.kind),
            subresource: &attributes.subresource,
            operation: Operation::of(attributes.operation),
            name: &attributes.name,
            namespace: is_namespaced.then_some(attributes.namespace.as_str()),
            object,
            old,
            is_dry_run: attributes.is_dry_run,
            options: &attributes.options,
        }
    }

    /// Whether there are mutating policies that may be about the resource.
    fn has_policies(&self) -> bool {
        self.call.memory.is_open() && policies::are_mutating(self.state, self.resource)
    }

    /// Whether there are policies or webhooks that may change an object.
    pub fn may_mutate(&self) -> bool {
        self.are_asked(MUTATING) || self.has_policies()
    }

    /// Whether there are webhooks that may be asked.
    pub fn are_asked(&self, plural: &str) -> bool {
        self.call.memory.is_open() && are_configured(&self.state.store, plural, self.resource)
    }

    /// Calls a mutating webhook. Returns the object if it has changed it.
    fn change(
        &mut self,
        hook: &Hook,
        attributes: &Attributes,
        target: &Target,
        objects: Objects<'_>,
        round: usize,
    ) -> Result<Option<Value>, Status> {
        let (object, old) = self.converted(objects, target)?;
        let question = self.question(hook, attributes, target, (object.as_ref(), old.as_ref()), round);
        let verdict = match question {
            Ok(question) => match self.call.memory.ask(vec![question])?.first() {
                Some(reply) => Verdict::of(hook, reply, true),
                None => return Ok(None),
            },
            Err(failure) => Err(failure),
        };
        let Some(patch) = self.outcome(hook, verdict)? else { return Ok(None) };
        let Some(object) = object else {
            return Err(Status::internal(&format!(
                "admission webhook {} attempted to modify the object, which is not supported for this operation",
                quoted(hook.name())
            )));
        };
        let mut changed = object.clone();
        patch::json_patch(&mut changed, &patch).map_err(|_| {
            Status::internal(&format!("the JSON patch of admission webhook {} can't be applied", quoted(hook.name())))
        })?;
        let resource = target.other.as_deref().unwrap_or(self.resource);
        if attributes.kind == GroupVersionKind::of(self.resource) {
            self.read(&mut changed, resource)?;
        }
        if changed == object {
            return Ok(None);
        }
        self.convert(&changed, resource, self.resource).map(Some)
    }

    /// Reads what a webhook has made of an object.
    fn read(&self, object: &mut Value, resource: &Resource) -> Result<(), Status> {
        if resource.custom().is_none() {
            let unfit = objects::fit(object, resource.schema());
            if let Some((path, expected, found)) = unfit.mistyped {
                let kind = &resource.kind;
                let why =
                    format!("json: cannot unmarshal {found} into Go struct field {kind}.{path} of type {expected}");
                return Err(Status::internal(&why));
            }
        }
        if let Some(why) = objects::misshapen(object, resource) {
            return Err(Status::internal(&why));
        }
        settle(object, resource)
    }

    /// The patch of a webhook that lets the request pass, if it has one.
    fn outcome(&mut self, hook: &Hook, verdict: Result<Verdict, Failure>) -> Result<Option<Value>, Status> {
        match verdict {
            Ok(Verdict { warnings, patch }) => {
                self.warn(warnings);
                Ok(patch)
            }
            Err(Failure::Calling(_)) if hook.ignores_failures() => Ok(None),
            Err(Failure::Calling(why)) => Err(Failure::calling(hook, &why)),
            Err(Failure::Refused { status, warnings }) => {
                self.warn(warnings);
                Err(*status)
            }
        }
    }

    /// Adds warnings, each once.
    fn warn(&mut self, warnings: Vec<String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    /// What a webhook is asked.
    fn question(
        &self,
        hook: &Hook,
        attributes: &Attributes,
        target: &Target,
        (object, old): Objects<'_>,
        round: usize,
    ) -> Result<Question, Failure> {
        let fields = hook.fields();
        if attributes.is_dry_run && !matches!(fields["sideEffects"].as_str(), Some("None" | "NoneOnDryRun")) {
            let why = format!("admission webhook {} does not support dry run", quoted(hook.name()));
            return Err(Failure::refused(Status::bad_request(why)));
        }
        let Some(version) = hook.review_version() else {
            let why = "webhook does not accept known AdmissionReview versions (v1, v1beta1)";
            return Err(Failure::Calling(format!("could not create admission objects: {why}")));
        };
        let mut request = self.request(attributes, target);
        request["object"] = object.cloned().unwrap_or_default();
        request["oldObject"] = old.cloned().unwrap_or_default();
        Ok(Question {
            client: fields["clientConfig"].clone(),
            timeout: hook.timeout(),
            review: json!({ "kind": "AdmissionReview", "apiVersion": version.of_group(REVIEWS), "request": request }),
            round,
        })
    }

    /// The request of a review, without its objects.
    fn request(&self, attributes: &Attributes, target: &Target) -> Value {
        let asked = target.other.as_deref().unwrap_or(self.resource);
        attributes.to_json(self.resource, (asked, &target.kind))
    }

    /// The version in which a webhook is asked; `None` if it is not.
    fn target(&self, hook: &Hook, attributes: &Attributes, objects: Objects<'_>) -> Result<Option<Target>, Status> {
        let fields = hook.fields();
        let is_in_namespaces = self.is_in_namespaces(&fields["namespaceSelector"], attributes, objects);
        let is_selected = selects_any(&fields["objectSelector"], objects.0, objects.1);
        if is_in_namespaces == Ok(false) || !is_selected {
            return Ok(None);
        }
        let Some(target) = self.version(hook, attributes)? else { return Ok(None) };
        is_in_namespaces?;
        let has_conditions = fields["matchConditions"].as_array().is_some_and(|conditions| !conditions.is_empty());
        if !has_conditions {
            return Ok(Some(target));
        }
        let (object, old) = self.converted(objects, &target)?;
        let request = self.request(attributes, &target);
        let about = About { group: &self.resource.group, kind: &self.resource.plural, name: &attributes.name };
        let values = (&object.unwrap_or_default(), &old.unwrap_or_default());
        let rights = Rights {
            store: &self.state.store,
            minor: self.server.documents.minor,
            user: &self.call.user,
            requested: rights::Attributes {
                group: self.resource.group.clone(),
                resource: self.resource.plural.clone(),
                subresource: attributes.subresource.clone(),
                namespace: attributes.namespace.clone(),
                name: attributes.name.clone(),
                ..rights::Attributes::default()
            },
        };
        Ok(is_met(hook, values, &request, about, &rights)?.then_some(target))
    }

    /// The version that the rules of a webhook name: that of the request before all others.
    fn version(&self, hook: &Hook, attributes: &Attributes) -> Result<Option<Target>, Status> {
        let fields = hook.fields();
        let rules = fields["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
        let asked = |resource: &Resource, rule: &Value| {
            let asked = Asked {
                operation: attributes.operation,
                group: &resource.group,
                version: &resource.version,
                resource: &resource.plural,
                subresource: &attributes.subresource,
                namespace: &attributes.namespace,
            };
            matches(rule, asked)
        };
        if rules.iter().any(|rule| asked(self.resource, rule)) {
            return Ok(Some(Target { other: None, kind: attributes.kind.clone() }));
        }
        if fields["matchPolicy"] != "Equivalent" {
            return Ok(None);
        }
        let own = self.resource.storage_key();
        let others: Vec<Arc<Resource>> = self
            .server
            .resources(self.state)
            .into_iter()
            .filter(|other| other.storage_key() == own && other.api_version() != self.resource.api_version())
            .collect();
        let found = rules.iter().find_map(|rule| others.iter().find(|other| asked(other, rule)));
        let Some(other) = found else { return Ok(None) };
        if other.custom().is_none() && !builtin::are_same(other, self.resource) {
            let (plural, version) = (&other.plural, other.api_version());
            return Err(Status::not_done(format_args!(
                "webhook {} is asked about {plural} in {version}; its objects are in {} alone",
                quoted(hook.name()),
                self.resource.api_version()
            )));
        }
        let is_of_object = attributes.kind == GroupVersionKind::of(self.resource);
        let kind = if is_of_object { GroupVersionKind::of(other) } else { attributes.kind.clone() };
        Ok(Some(Target { other: Some(other.clone()), kind }))
    }

    /// Whether a selector of namespaces selects that of the request. What is in none is selected.
    fn is_in_namespaces(
        &self,
        selector: &Value,
        attributes: &Attributes,
        (object, _): Objects<'_>,
    ) -> Result<bool, Status> {
        let is_namespace = self.resource.is_namespaces();
        if (attributes.namespace.is_empty() && !is_namespace) || selects_all(selector) {
            return Ok(true);
        }
        let is_written =
            is_namespace && attributes.subresource.is_empty() && matches!(attributes.operation, "CREATE" | "UPDATE");
        if let Some(object) = object.filter(|_| is_written) {
            return Ok(builtin::selects(selector, &object["metadata"]["labels"]));
        }
        let namespaces = StorageKey::new("", "namespaces");
        let name = &attributes.namespace;
        let found = self.state.store.get(&namespaces, name);
        let found = found.ok_or_else(|| Status::not_found(About { group: "", kind: "namespaces", name }))?;
        Ok(builtin::selects(selector, &found["metadata"]["labels"]))
    }

    /// The objects in the version that a webhook is asked in.
    fn converted(&self, (object, old): Objects<'_>, target: &Target) -> Result<(Option<Value>, Option<Value>), Status> {
        let convert = |object: Option<&Value>| {
            let to = target.other.as_deref().unwrap_or(self.resource);
            object.map(|object| self.convert(object, self.resource, to)).transpose()
        };
        Ok((convert(object)?, convert(old)?))
    }
}

impl Forms for Admission<'_> {
    fn convert(&self, object: &Value, from: &Resource, to: &Resource) -> Result<Value, Status> {
        let version = to.api_version();
        if from.api_version() == version {
            return Ok(object.clone());
        }
        if to.custom().is_none() {
            return Ok(builtin::converted(object, to));
        }
        let mut object = object.clone();
        if let Some(webhook) = to.custom().and_then(|custom| custom.conversion.as_ref()) {
            let converted = webhook.convert(&self.call.memory, vec![object], &version)?;
            return converted.into_iter().next().ok_or_else(|| Status::internal("nothing was converted"));
        }
        object["apiVersion"] = json!(version);
        Ok(object)
    }
    fn settle(&self, object: &mut Value, resource: &Resource) -> Result<(), Status> {
        settle(object, resource)
    }
}
