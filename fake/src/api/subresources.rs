//! Subresources that are no part of the object: `scale`, `binding`, `eviction`.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, decode};
use super::negotiate::Encoding;
use super::read::{key_of, present, shown};
use super::target::ResourcePath;
use super::write::Writing;
use crate::builtin;
use crate::catalog::Resource;
use crate::schema::Schema;
use crate::server::State;
use crate::status::{About, Cause, Status};

/// Reads the scale of an object.
pub(super) fn scale(state: &State, resource: &Resource, path: &ResourcePath) -> Result<Answer, Status> {
    if resource.custom().is_some() {
        return Err(Status::not_done(format_args!("the scale of {}", resource.plural)));
    }
    let name = path.name.as_deref().unwrap_or_default();
    let object = present(state, resource, path.namespace.as_deref(), name)?;
    Ok(Answer::ok(builtin::scale_of(&object)))
}

impl Writing<'_> {
    /// PUT of the scale of an object.
    pub fn replace_scale(&mut self) -> Result<Answer, Status> {
        let scale = self.body()?;
        if let Some(why) = mistyped(&scale) {
            let message = format!("Scale in version \"v1\" cannot be handled as a Scale: {why}");
            return Err(Status::bad_request(message));
        }
        self.write_scale(scale)
    }

    /// PATCH of the scale of an object.
    pub fn patch_scale(&mut self) -> Result<Answer, Status> {
        if self.media_type() == "application/apply-patch+yaml" {
            return Err(Status::not_done(format_args!("apply of {}/scale", self.resource.plural)));
        }
        let patch = self.received_patch()?;
        let name = self.path.name.clone().unwrap_or_default();
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let mut scale = builtin::scale_of(&found);
        self.put_patch(&mut scale, &patch, Schema::anything())?;
        if let Some(why) = mistyped(&scale) {
            let cause = Cause::invalid("patch", &json!(scale.to_string()), &why);
            let mut status = Status::invalid(About { group: "", kind: "", name: "" }, std::slice::from_ref(&cause));
            status.details = json!({ "causes": status.details["causes"] });
            return Err(status);
        }
        // What a patch doesn't name stays, but for the version.
        if patch["metadata"].get("resourceVersion").is_none() {
            scale["metadata"]["resourceVersion"] = json!("");
        }
        self.write_scale(scale)
    }

    fn write_scale(&mut self, scale: Value) -> Result<Answer, Status> {
        if self.resource.custom().is_some() {
            return Err(Status::not_done(format_args!("the scale of {}", self.resource.plural)));
        }
        let name = self.path.name.clone().unwrap_or_default();
        let given = scale["metadata"]["name"].as_str().unwrap_or_default();
        if given != name {
            return Err(Status::bad_request(if given.is_empty() {
                format!("the name of the object ({name} based on URL) was undeterminable: name must be provided")
            } else {
                format!("the name of the object ({given}) does not match the name on the URL ({name})")
            }));
        }
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let replicas = builtin::replicas_of(&scale);
        if replicas < 0 {
            let about = About { group: "autoscaling", kind: "Scale", name: &name };
            let cause = Cause::invalid("spec.replicas", &json!(replicas), "must be greater than or equal to 0");
            return Err(Status::invalid(about, &[cause]));
        }
        let mut object = builtin::set_replicas(&shown(self.resource, &found), replicas);
        for field in ["resourceVersion", "uid"] {
            object["metadata"][field] = scale["metadata"].get(field).cloned().unwrap_or_default();
        }
        let answer = self.update(&found, object, "scale")?;
        Ok(Answer { object: builtin::scale_of(&answer.object), ..answer })
    }

    /// POST of a `Binding`: assigns a pod to a node.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/>
    pub fn bind(&mut self) -> Result<Answer, Status> {
        let binding = self.body()?;
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
        let mut pod = shown(self.resource, &found);
        pod["spec"]["nodeName"] = json!(node);
        for (key, value) in metadata["annotations"].as_object().into_iter().flatten() {
            pod["metadata"]["annotations"][key] = value.clone();
        }
        self.put_condition(&mut pod, json!({ "type": "PodScheduled", "status": "True" }));
        let key = key_of(self.path.namespace.as_deref(), &name);
        self.store(&key, pod);
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
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let options = &eviction["deleteOptions"];
        let is_dry_run = self.is_dry_run()
            || options["dryRun"].as_array().is_some_and(|values| values.iter().any(|value| value == "All"));
        let spent = builtin::budgets::spend(&found, &self.state.store, &self.server.clock.text())?;
        if is_dry_run {
            return Ok(success());
        }
        if let Some((key, budget)) = spent {
            self.state.store.put(&builtin::budgets::storage(), &key, budget);
        }
        let mut pod = shown(self.resource, &found);
        self.put_condition(
            &mut pod,
            json!({
                "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
                "message": "Eviction API: evicting",
            }),
        );
        let key = key_of(self.path.namespace.as_deref(), &name);
        self.store(&key, pod);
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let options = if options.is_null() { json!({}) } else { options.clone() };
        self.delete_for(&found, &options)?;
        Ok(success())
    }

    /// Sets a condition of a pod, in place of the one of its type.
    fn put_condition(&self, pod: &mut Value, mut condition: Value) {
        condition["lastProbeTime"] = Value::Null;
        condition["lastTransitionTime"] = json!(self.server.clock.text());
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
    fn body(&self) -> Result<Value, Status> {
        let encoding = Encoding::of_body(self.call.header(http::header::CONTENT_TYPE)).unwrap_or(Encoding::Json);
        let body = decode(&self.call.body, encoding)?;
        if body.is_object() { Ok(body) } else { Err(Status::bad_request("the object provided is unrecognized")) }
    }
}

/// The first value of a scale that is of another type, as Go says it.
fn mistyped(scale: &Value) -> Option<String> {
    let kind = |value: &Value| match value {
        Value::Null => None,
        Value::Bool(_) => Some("bool"),
        Value::Number(_) => Some("number"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    };
    let said = |found: &str, field: &str, wanted: &str| {
        Some(format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}"))
    };
    for (name, wanted) in [("metadata", "v1.ObjectMeta"), ("spec", "v1.ScaleSpec")] {
        if let Some(found) = kind(&scale[name]).filter(|found| *found != "object") {
            return said(found, &format!("Scale.{name}"), wanted);
        }
    }
    let replicas = &scale["spec"]["replicas"];
    let is_fine = replicas.is_null() || replicas.as_i64().is_some_and(|replicas| i32::try_from(replicas).is_ok());
    match kind(replicas) {
        Some(found) if !is_fine => said(found, "ScaleSpec.spec.replicas", "int32"),
        _ => None,
    }
}

/// 201 of what makes no object.
fn success() -> Answer {
    let status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 });
    Answer { code: StatusCode::CREATED, ..Answer::ok(status) }
}
