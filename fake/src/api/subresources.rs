//! Subresources that are no part of the object: `binding`, `eviction`.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::negotiate::Encoding;
use super::read::{key_of, present, shown};
use super::write::Writing;
use crate::builtin;
use crate::status::{About, Status};
use crate::webhooks::GroupVersionKind;

impl Writing<'_> {
    /// POST of a `Binding`: assigns a pod to a node.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/>
    pub fn bind(&mut self) -> Result<Answer, Status> {
        let binding = self.body()?;
        let binding = self.admit_other(&GroupVersionKind::new("", "v1", "Binding"), binding, "binding")?;
        let name = self.path.name.clone().unwrap_or_default();
        if binding["metadata"]["name"].as_str().unwrap_or_default() != name {
            return Err(Status::bad_request("name in URL does not match name in Binding object"));
        }
        let node = binding["target"]["name"].as_str().unwrap_or_default().to_owned();
        let kind = &binding["target"]["kind"];
        if !kind.is_null() && *kind != "" && *kind != "Node" {
            let supported = "supported values: \"Node\", \"<empty>\"";
            return Err(Status::unexplained(format!("target.kind: Unsupported value: {kind}: {supported}")));
        }
        if node.is_empty() {
            return Err(Status::unexplained("target.name: Required value"));
        }
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let conflict =
            |why: String| Err(Status::conflict(About { group: "", kind: "pods/binding", name: &name }, &why));
        let metadata = &binding["metadata"];
        if let Some(uid) = metadata["uid"].as_str().filter(|uid| found["metadata"]["uid"] != *uid) {
            let present = found["metadata"]["uid"].as_str().unwrap_or_default();
            return conflict(format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {present}"));
        }
        if found["metadata"].get("deletionTimestamp").is_some() {
            return conflict(format!("pod {name} is being deleted, cannot be assigned to a host"));
        }
        if let Some(present) = found["spec"]["nodeName"].as_str().filter(|present| !present.is_empty()) {
            return conflict(format!("pod {name} is already assigned to node {present:?}"));
        }
        if found["spec"]["schedulingGates"].as_array().is_some_and(|gates| !gates.is_empty()) {
            return conflict(format!("pod {name} has non-empty .spec.schedulingGates"));
        }
        let mut pod = shown(self.call, self.resource, &found)?;
        pod["spec"]["nodeName"] = json!(node);
        for (key, value) in metadata["annotations"].as_object().into_iter().flatten() {
            pod["metadata"]["annotations"][key] = value.clone();
        }
        self.put_condition(&mut pod, json!({ "type": "PodScheduled", "status": "True" }));
        let key = key_of(self.path.namespace.as_deref(), &name);
        self.store(&key, pod)?;
        Ok(success())
    }

    /// POST of an `Eviction`: deletes a pod as its budget allows.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>
    pub fn evict(&mut self) -> Result<Answer, Status> {
        let eviction = self.body()?;
        let name = self.path.name.clone().unwrap_or_default();
        if eviction["metadata"]["name"].as_str().unwrap_or_default() != name {
            return Err(Status::bad_request("name in URL does not match name in Eviction object"));
        }
        let kind = GroupVersionKind::new("policy", "v1", "Eviction");
        let eviction = self.admit_other(&kind, eviction, "eviction")?;
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let options = &eviction["deleteOptions"];
        let is_dry_run = self.is_dry_run()
            || options["dryRun"].as_array().is_some_and(|values| values.iter().any(|value| value == "All"));
        let spent = builtin::budgets::spend(&found, &self.state.store, &self.now())?;
        if is_dry_run {
            return Ok(success());
        }
        if let Some((key, budget)) = spent {
            self.state.store.put(&builtin::budgets::storage(), &key, budget);
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
        let options = if options.is_null() { json!({}) } else { options.clone() };
        self.delete_for(&found, &options)?;
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

    /// The body of another kind than the resource's.
    pub fn body(&self) -> Result<Value, Status> {
        let encoding = Encoding::of_body(self.call.header(http::header::CONTENT_TYPE)).unwrap_or(Encoding::Json);
        let body = self.call.object(encoding)?;
        if body.is_object() { Ok(body) } else { Err(Status::bad_request("the object provided is unrecognized")) }
    }
}

/// 201 of what makes no object.
fn success() -> Answer {
    let status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 });
    Answer { code: StatusCode::CREATED, ..Answer::ok(status) }
}
