//! The writes that webhooks are asked about.

use serde_json::{Value, json};

use super::admission::Admission;
use super::connect::Connect;
use super::write::{Writing, put_managers, replace_field, take_managed_fields};
use crate::builtin;
use crate::ownership::{self, Managers};
use crate::status::Status;
use crate::webhooks::{Attributes, GroupVersionKind, VALIDATING};

/// The warning of a webhook that leaves managers which can't be read.
const BROKEN_MANAGERS: &str = ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests";

impl Writing<'_> {
    fn admission(&mut self) -> Admission<'_> {
        Admission {
            server: self.server,
            state: self.state,
            call: self.call,
            resource: self.resource,
            warnings: &mut self.warnings,
        }
    }

    /// Whether there are webhooks of any kind, or mutating policies, that may be asked.
    pub(super) fn has_webhooks(&mut self) -> bool {
        let admission = self.admission();
        admission.may_mutate() || admission.are_asked(VALIDATING)
    }

    /// Whether there are mutating webhooks or policies that may be asked.
    pub(super) fn may_be_mutated(&mut self) -> bool {
        self.admission().may_mutate()
    }

    /// What webhooks are told of a creation or an update of the object, or through a subresource.
    fn attributes(&self, is_new: bool, subresource: &str, object: &Value) -> Attributes {
        let (operation, options) = if is_new { ("CREATE", "CreateOptions") } else { ("UPDATE", "UpdateOptions") };
        let of_path = self.path.name.as_deref();
        let name = of_path.or(object["metadata"]["name"].as_str()).unwrap_or_default().to_owned();
        Attributes {
            operation,
            kind: GroupVersionKind::of(self.resource),
            subresource: subresource.to_owned(),
            namespace: self.namespace_of(&name),
            name,
            options: self.options_of(options),
            is_dry_run: self.is_dry_run(),
            user: self.call.user.to_json(),
        }
    }

    fn namespace_of(&self, name: &str) -> String {
        match &self.path.namespace {
            Some(namespace) => namespace.clone(),
            None if self.resource.is_namespaces() => name.to_owned(),
            None => String::new(),
        }
    }

    /// The parameters of the request, as an object.
    pub(super) fn options_of(&self, kind: &str) -> Value {
        let mut options = json!({ "kind": kind, "apiVersion": "meta.k8s.io/v1" });
        if self.is_dry_run() {
            options["dryRun"] = json!(["All"]);
        }
        for name in ["fieldManager", "fieldValidation"] {
            if let Some(value) = self.call.query.get(name).filter(|value| !value.is_empty()) {
                options[name] = json!(value);
            }
        }
        options
    }

    /// Sends an object to the mutating webhooks, as the client has sent it, with defaults, and with the managers that has made. The
    /// present object comes with its managed fields. Returns the object as webhooks leave it; `None` if they leave it as it is.
    pub(super) fn mutate(
        &mut self,
        object: &Value,
        live: Option<(&Value, &Value)>,
        managers: &mut Managers,
        subresource: &str,
    ) -> Result<Option<Value>, Status> {
        let mut asked = object.clone();
        let resource = self.resource;
        let live_object = live.map(|(live, _)| live);
        if subresource.is_empty() {
            builtin::admit(&mut asked, live_object, resource, &self.state.store)?;
        }
        let before = ownership::encode(managers);
        put_managers(&mut asked, managers);
        let old = live.map(|(live, managed)| with_managed(live, managed));
        let attributes = self.attributes(live.is_none(), subresource, object);
        let mut admission = self.admission();
        let store = &admission.state.store;
        let again = |object: &mut Value| match subresource {
            "" => builtin::admit(object, live_object, resource, store),
            _ => Ok(()),
        };
        let Some(mut changed) = admission.mutate(&attributes, Some(asked), old.as_ref(), again)? else {
            return Ok(None);
        };
        let managed = take_managed_fields(&mut changed);
        if Some(&managed) != before.as_ref().or(Some(&Value::Null)) {
            match &managed {
                Value::Null => managers.clear(),
                _ => match ownership::decode(&managed) {
                    Some(known) => *managers = known,
                    None => self.warnings.push(BROKEN_MANAGERS.to_owned()),
                },
            }
        }
        Ok(Some(changed))
    }

    /// Sends an object that is complete and checked to the validating webhooks, with these managers, if it has none yet.
    pub(super) fn validate(
        &mut self,
        object: &Value,
        live: Option<(&Value, &Value)>,
        managers: Option<&Managers>,
        subresource: &str,
    ) -> Result<(), Status> {
        if !self.admission().are_asked(VALIDATING) {
            return Ok(());
        }
        let mut object = object.clone();
        if let Some(managers) = managers {
            put_managers(&mut object, managers);
        }
        let old = live.map(|(live, managed)| with_managed(live, managed));
        let attributes = self.attributes(live.is_none(), subresource, &object);
        self.admission().validate(&attributes, (Some(&object), old.as_ref()))
    }

    /// Sends an object of another kind, by which a subresource is written, to the mutating webhooks. Returns it as they leave it.
    pub(super) fn mutate_other(
        &mut self,
        kind: &GroupVersionKind,
        (object, old): (Value, Option<&Value>),
        subresource: &str,
    ) -> Result<Value, Status> {
        let attributes = self.attributes(old.is_none(), subresource, &Value::Null);
        let attributes = Attributes { kind: kind.clone(), ..attributes };
        let changed = self.admission().mutate(&attributes, Some(object.clone()), old, |_| Ok(()))?;
        Ok(changed.unwrap_or(object))
    }

    /// The same with the validating webhooks.
    pub(super) fn validate_other(
        &mut self,
        kind: &GroupVersionKind,
        (object, old): (&Value, Option<&Value>),
        subresource: &str,
    ) -> Result<(), Status> {
        let attributes = self.attributes(old.is_none(), subresource, &Value::Null);
        let attributes = Attributes { kind: kind.clone(), ..attributes };
        self.admission().validate(&attributes, (Some(object), old))
    }

    /// Sends what is created by a subresource to all webhooks. Returns it as they leave it.
    pub(super) fn admit_other(
        &mut self,
        kind: &GroupVersionKind,
        object: Value,
        subresource: &str,
    ) -> Result<Value, Status> {
        let object = self.mutate_other(kind, (object, None), subresource)?;
        self.validate_other(kind, (&object, None), subresource)?;
        Ok(object)
    }

    /// Asks all webhooks about the deletion of an object by these options. That of a collection has no name.
    pub(super) fn admit_deletion(&mut self, found: &Value, options: Value, is_dry_run: bool) -> Result<(), Status> {
        let name = self.path.name.clone().unwrap_or_default();
        let attributes = Attributes {
            operation: "DELETE",
            namespace: self.namespace_of(&name),
            name,
            options,
            is_dry_run,
            ..self.attributes(false, "", &Value::Null)
        };
        self.admission().mutate(&attributes, None, Some(found), |_| Ok(()))?;
        self.admission().validate(&attributes, (None, Some(found)))
    }
}

/// An object with its managed fields.
fn with_managed(object: &Value, managed: &Value) -> Value {
    let mut object = object.clone();
    replace_field(&mut object["metadata"], "managedFields", Some(managed.clone()).filter(|managed| !managed.is_null()));
    object
}

/// Asks all webhooks about a connection to a pod.
pub(super) fn connection(connect: &Connect<'_>, name: &str) -> Result<(), Status> {
    let Connect { server, state, call, resource, path } = *connect;
    let subresource = path.subresource.clone().unwrap_or_default();
    let kind = match subresource.as_str() {
        "exec" => "PodExecOptions",
        "attach" => "PodAttachOptions",
        _ => "PodPortForwardOptions",
    };
    let attributes = Attributes {
        operation: "CONNECT",
        kind: GroupVersionKind::new("", "v1", kind),
        subresource,
        name: name.to_owned(),
        namespace: path.namespace.clone().unwrap_or_default(),
        options: Value::Null,
        is_dry_run: false,
        user: call.user.to_json(),
    };
    let mut options = json!({ "kind": kind, "apiVersion": "v1" });
    let query = &call.query;
    for flag in ["stdin", "stdout", "stderr", "tty"].into_iter().filter(|flag| query.is_true(flag)) {
        options[flag] = json!(true);
    }
    if let Some(container) = query.get("container").filter(|container| !container.is_empty()) {
        options["container"] = json!(container);
    }
    let list = |name| query.all(name).map(str::to_owned).collect::<Vec<_>>();
    match kind {
        "PodExecOptions" => options["command"] = json!(list("command")),
        "PodPortForwardOptions" => {
            let ports: Vec<i64> = list("ports").iter().filter_map(|port| port.parse().ok()).collect();
            if !ports.is_empty() {
                options["ports"] = json!(ports);
            }
        }
        _ => {}
    }
    // There is no response that warnings could be in.
    let mut warnings = Vec::new();
    let mut admission = Admission { server, state, call, resource, warnings: &mut warnings };
    let changed = admission.mutate(&attributes, Some(options.clone()), None, |_| Ok(()))?;
    if changed.is_some() {
        return Err(Status::not_done("options of a connection that a webhook changes"));
    }
    admission.validate(&attributes, (Some(&options), None))
}
