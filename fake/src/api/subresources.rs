//! What is no object and no part of one: bindings and evictions of pods.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::other_kinds::{BINDING, EVICTION};
use super::read::{key_of, present, shown};
use super::write::{Writing, replace_field};
use crate::builtin;
use crate::objects::{self, Scope, texts};
use crate::quoted::{self, quoted};
use crate::status::{About, Status};

impl Writing<'_> {
    /// POST of a `Binding` of a pod: assigns it to a node.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/>
    pub fn bind(&mut self) -> Result<Answer, Status> {
        let binding = self.received_other(&BINDING)?;
        let binding = self.mutate_other(&BINDING.as_kind(), (binding, None), "binding")?;
        let name = self.path.name.clone().unwrap_or_default();
        if binding["metadata"]["name"].as_str().unwrap_or_default() != name {
            return Err(Status::bad_request("name in URL does not match name in Binding object"));
        }
        check_target(&binding["target"])?;
        self.validate_other(&BINDING.as_kind(), (&binding, None), "binding")?;
        self.assign(&binding, &name)
    }

    /// The same of a `Binding` that says itself which pod it is about.
    pub fn bind_by_name(&mut self) -> Result<Answer, Status> {
        let mut binding = self.received()?;
        let namespace = self.path.namespace.as_deref();
        objects::validate(&mut binding, self.resource, Scope { namespace, name: None })?;
        // As of a new object: which pod of the name it is about is not told in this way.
        objects::wipe(&mut binding);
        let name = binding["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        if let Some(namespace) = namespace {
            self.state.check_namespace(self.resource, namespace, &name)?;
        }
        let binding = self.mutate_other(&BINDING.as_kind(), (binding, None), "")?;
        if name.is_empty() {
            return Err(Status::bad_request("Name parameter required."));
        }
        check_target(&binding["target"])?;
        self.validate_other(&BINDING.as_kind(), (&binding, None), "")?;
        let pods = self.server.resource(self.state, "", "v1", "pods")?;
        let mut writing = Writing {
            server: self.server,
            state: &mut *self.state,
            call: self.call,
            resource: &pods,
            path: self.path,
            warnings: Vec::new(),
        };
        writing.assign(&binding, &name)
    }

    /// Assigns a pod to the node of a binding.
    fn assign(&mut self, binding: &Value, name: &str) -> Result<Answer, Status> {
        /// Since this minor a pod gets the labels of its binding, and is nominated no more.
        const WITH_LABELS: u32 = 35;
        let node = binding["target"]["name"].as_str().unwrap_or_default().to_owned();
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), name)?;
        let metadata = &binding["metadata"];
        for (field, said) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
            let present = &found["metadata"][field];
            if let Some(wanted) = metadata[field].as_str().filter(|wanted| !wanted.is_empty() && *present != **wanted) {
                let why = format!(
                    "StorageError: invalid object, Code: 4, Key: /registry/pods/{}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: {said} in precondition: {wanted}, {said} in object meta: {}",
                    key_of(self.path.namespace.as_deref(), name),
                    present.as_str().unwrap_or_default()
                );
                return Err(Status::conflict(About { group: "", kind: "pods", name }, &why));
            }
        }
        let conflict = |why: String| Err(Status::conflict(About { group: "", kind: "pods/binding", name }, &why));
        if found["metadata"].get("deletionTimestamp").is_some() {
            return conflict(format!("pod {name} is being deleted, cannot be assigned to a host"));
        }
        if let Some(present) = found["spec"]["nodeName"].as_str().filter(|present| !present.is_empty()) {
            return conflict(format!("pod {name} is already assigned to node {}", quoted(present)));
        }
        if found["spec"]["schedulingGates"].as_array().is_some_and(|gates| !gates.is_empty()) {
            return conflict(format!("pod {name} has non-empty .spec.schedulingGates"));
        }
        let mut pod = shown(self.call, self.resource, &found)?;
        pod["spec"]["nodeName"] = json!(node);
        let mut copied = vec!["annotations"];
        if self.server.documents.minor >= WITH_LABELS {
            copied.push("labels");
            replace_field(&mut pod["status"], "nominatedNodeName", None);
        }
        for map in copied {
            for (key, value) in metadata[map].as_object().into_iter().flatten() {
                pod["metadata"][map][key] = value.clone();
            }
        }
        self.put_condition(&mut pod, json!({ "type": "PodScheduled", "status": "True" }));
        let key = key_of(self.path.namespace.as_deref(), name);
        self.store(&key, pod)?;
        Ok(success())
    }

    /// POST of an `Eviction`: deletes a pod as its budget allows.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>
    pub fn evict(&mut self) -> Result<Answer, Status> {
        let eviction = self.received_other(&EVICTION)?;
        let name = self.path.name.clone().unwrap_or_default();
        if eviction["metadata"]["name"].as_str().unwrap_or_default() != name {
            return Err(Status::bad_request("name in URL does not match name in Eviction object"));
        }
        let kind = EVICTION.as_kind();
        let eviction = self.mutate_other(&kind, (eviction, None), "eviction")?;
        self.validate_other(&kind, (&eviction, None), "eviction")?;
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let options = &eviction["deleteOptions"];
        let is_dry_run = self.is_dry_run()
            || options["dryRun"].as_array().is_some_and(|values| values.iter().any(|value| value == "All"));
        let spent = builtin::budgets::spend(&found, &self.state.store, &self.server.documents, &self.now())?;
        // What it allows is spent, whether the pod is deleted or not.
        if let Some((key, budget)) = spent.filter(|_| !is_dry_run) {
            self.state.store.put(&builtin::budgets::storage(), &key, budget);
        }
        let deletion = self.deletion_of(&found, options)?;
        if is_dry_run {
            return Ok(success());
        }
        let mut pod = shown(self.call, self.resource, &found)?;
        self.put_condition(
            &mut pod,
            json!({
                "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
                "message": "Eviction API: evicting",
            }),
        );
        let key = key_of(self.path.namespace.as_deref(), &name);
        self.store(&key, pod)?;
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        self.delete_for(&found, &deletion)?;
        Ok(success())
    }

    /// Sets a condition of a pod, in place of the one of its type.
    fn put_condition(&self, pod: &mut Value, mut condition: Value) {
        condition["lastProbeTime"] = Value::Null;
        condition["lastTransitionTime"] = json!(self.now());
        let conditions = &mut pod["status"]["conditions"];
        if !conditions.is_array() {
            *conditions = json!([]);
        }
        let Value::Array(conditions) = conditions else { return };
        match conditions.iter_mut().find(|known| known["type"] == condition["type"]) {
            Some(known) if known["status"] == condition["status"] => {}
            Some(known) => *known = condition,
            None => conditions.push(condition),
        }
    }
}

/// Checks what a pod is to be bound to.
fn check_target(target: &Value) -> Result<(), Status> {
    let problems = problems_of_target(&target["kind"], target["name"].as_str().unwrap_or_default());
    match problems.as_slice() {
        [] => Ok(()),
        [one] => Err(Status::unexplained(one.clone())),
        several => Err(Status::unexplained(format!("[{}]", several.join(", ")))),
    }
}

/// What is wrong with what a pod is bound to.
fn problems_of_target(kind: &Value, node: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_node = kind.as_str().is_none_or(|kind| matches!(kind, "" | "Node"));
    if !is_node {
        let supported = "supported values: \"Node\", \"<empty>\"";
        problems.push(format!("target.kind: Unsupported value: {}: {supported}", quoted::shown(kind)));
    }
    if node.is_empty() {
        problems.push("target.name: Required value".to_owned());
    } else if is_node {
        let of_name = texts::subdomain(node).into_iter();
        problems.extend(of_name.map(|problem| format!("target.name: Invalid value: {}: {problem}", quoted(node))));
    }
    problems
}

/// 201 of what makes no object.
fn success() -> Answer {
    let status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 });
    Answer { code: StatusCode::CREATED, ..Answer::ok(status) }
}
