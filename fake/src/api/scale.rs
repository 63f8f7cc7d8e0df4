//! The scale of an object, and who owns its replicas.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/scale-v1/>

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::negotiate::Encoding;
use super::read::{corrupt, key_of, present, shown};
use super::refusals::conflicted;
use super::target::ResourcePath;
use super::write::{Writing, replace_field, take_managed_fields};
use crate::builtin;
use crate::catalog::{Resource, as_go_writes_version};
use crate::crd::ScalePaths;
use crate::objects::{self, kind_of};
use crate::ownership::{self, ApplyError, FieldSet, Managers, OneVersion, Owned, Write};
use crate::quoted::quoted;
use crate::schema::Schema;
use crate::server::State;
use crate::status::{About, Cause, Status};
use crate::stored::Stored;
use crate::webhooks::GroupVersionKind;

const API_VERSION: &str = "autoscaling/v1";
const SCHEMA: &str = "io.k8s.api.autoscaling.v1.Scale";

/// What a custom resource that asks for no number of replicas is patched as: Go's smallest int32.
const UNSET: i64 = i32::MIN as i64;

/// Reads the scale of an object.
pub(super) fn read(state: &State, call: &Call, resource: &Resource, path: &ResourcePath) -> Result<Answer, Status> {
    let name = path.name.as_deref().unwrap_or_default();
    let object = present(state, resource, path.namespace.as_deref(), name)?;
    let key = key_of(path.namespace.as_deref(), name);
    let object = shown(call, resource, &object).map_err(|status| corrupt(status, resource, &key))?;
    let (scale, has_replicas) = scale_of(&object, resource)?;
    if !has_replicas {
        let why = format!("the spec replicas field {} does not exist", quoted(&shown_path(resource)));
        return Err(Status::internal(&why));
    }
    Ok(Answer::ok(scale))
}

/// The scale, and whether the object says how many replicas it asks for.
fn scale_of(object: &Value, resource: &Resource) -> Result<(Value, bool), Status> {
    match paths(resource) {
        Some(paths) => builtin::custom_scale_of(object, paths).map_err(Status::unexplained),
        None => Ok((builtin::scale_of(object), true)),
    }
}

/// Where a custom resource has its scale.
fn paths(resource: &Resource) -> Option<&ScalePaths> {
    resource.custom()?.scales.get(&resource.api_version())?.as_ref()
}

/// Where the replicas are that are asked for.
fn replicas_path(resource: &Resource) -> Vec<String> {
    paths(resource).map_or_else(of_spec, |paths| paths.spec.clone())
}

fn of_spec() -> Vec<String> {
    vec!["spec".to_owned(), "replicas".to_owned()]
}

fn shown_path(resource: &Resource) -> String {
    format!(".{}", replicas_path(resource).join("."))
}

fn replicas_of(scale: &Value) -> i64 {
    scale["spec"]["replicas"].as_i64().unwrap_or(0)
}

/// What a manager of a version owns of the object, for its scale.
enum Path {
    /// The replicas, at this path.
    At(Vec<String>),
    /// Nothing: the version has no scale.
    Nowhere,
}

fn path_of(resource: &Resource, api_version: &str) -> Option<Path> {
    match resource.custom() {
        Some(custom) => custom.scales.get(api_version).map(|paths| match paths {
            Some(paths) => Path::At(paths.spec.clone()),
            None => Path::Nowhere,
        }),
        None => (api_version == resource.api_version()).then(|| Path::At(of_spec())),
    }
}

/// The managers of the scale of an object.
fn managers_of_scale(managers: &Managers, resource: &Resource) -> Managers {
    let mut of_scale = Managers::new();
    for (manager, owned) in managers {
        let Some(Path::At(path)) = path_of(resource, &owned.api_version) else { continue };
        if !owned.fields.has_names(&path) {
            continue;
        }
        let mut manager = manager.clone();
        manager.version = manager.version.map(|_| API_VERSION.to_owned());
        let fields = FieldSet::of_names(&of_spec());
        of_scale.insert(manager, Owned { fields, api_version: API_VERSION.to_owned(), time: owned.time.clone() });
    }
    of_scale
}

/// The managers of an object after a write of its scale.
fn managers_of_object(managers: &Managers, mut of_scale: Managers, resource: &Resource) -> Managers {
    let mut all = Managers::new();
    for (manager, owned) in managers {
        let path = match path_of(resource, &owned.api_version) {
            // Of a version that is not there any more, nothing is known.
            None => continue,
            Some(Path::At(path)) if owned.fields.has_names(&path) => path,
            Some(_) => {
                all.insert(manager.clone(), owned.clone());
                continue;
            }
        };
        if of_scale.remove(manager).is_some() {
            all.insert(manager.clone(), owned.clone());
            continue;
        }
        let fields = owned.fields.clone().difference(&FieldSet::of_names(&path));
        if !fields.is_empty() {
            all.insert(manager.clone(), Owned { fields, ..owned.clone() });
        }
    }
    for (manager, owned) in of_scale {
        if !owned.fields.has_names(&of_spec()) {
            continue;
        }
        // It is entered without a time, unless it has one in the object; and beside an entry of the same manager.
        let time = managers.get(&manager).and_then(|owned| owned.time.clone());
        let fields = FieldSet::of_names(&replicas_path(resource));
        all.insert(manager, Owned { fields, api_version: resource.api_version(), time });
    }
    all
}

/// An object whose scale is written, as it is before.
struct Scaled {
    found: Arc<Stored>,
    /// The object in the version of the request, without its managed fields.
    live: Value,
    managed: Value,
    managers: Managers,
    of_scale: Managers,
    /// The scale: of a custom resource that asks for no number of replicas with [`UNSET`].
    scale: Value,
}

impl Writing<'_> {
    /// PUT of the scale of an object.
    pub fn replace_scale(&mut self) -> Result<Answer, Status> {
        let scale = self.body()?;
        if let Some(why) = mistyped(&scale) {
            let message = format!("Scale in version \"v1\" cannot be handled as a Scale: {why}");
            return Err(Status::bad_request(message));
        }
        self.check_name_of_scale(&scale)?;
        let scaled = self.scaled()?;
        self.write_scale(scaled, &scale)
    }

    /// PATCH of the scale of an object.
    pub fn patch_scale(&mut self) -> Result<Answer, Status> {
        if self.media_type() == "application/apply-patch+yaml" {
            return self.apply_scale();
        }
        let patch = self.received_patch()?;
        let scaled = self.scaled()?;
        let mut scale = scaled.scale.clone();
        self.put_patch(&mut scale, &patch, Schema::anything())?;
        if let Some(why) = mistyped(&scale) {
            let cause = Cause::invalid("patch", &json!(scale.to_string()), &why);
            let mut status = Status::invalid(About { group: "", kind: "", name: "" }, std::slice::from_ref(&cause));
            status.details = json!({ "causes": status.details["causes"] });
            return Err(status);
        }
        self.check_name_of_scale(&scale)?;
        self.write_scale(scaled, &scale)
    }

    /// Server-side apply of the scale of an object.
    fn apply_scale(&mut self) -> Result<Answer, Status> {
        let manager = self.call.query.get("fieldManager").unwrap_or_default().to_owned();
        if manager.is_empty() {
            let about = About { group: "meta.k8s.io", kind: "PatchOptions", name: "" };
            return Err(Status::invalid(about, &[Cause::required("fieldManager", "is required for apply patch")]));
        }
        let (applied, _) = self.received_apply()?;
        if applied["apiVersion"] != API_VERSION || applied["kind"] != "Scale" {
            let text = |name: &str| applied[name].as_str().unwrap_or_default();
            let (version, kind) = (text("apiVersion"), text("kind"));
            let version = as_go_writes_version(version);
            return Err(Status::bad_request(format!("invalid object type: {version}, Kind={kind}")));
        }
        if applied["metadata"].get("managedFields").is_some_and(|managed| !managed.is_null()) {
            return Err(Status::bad_request("metadata.managedFields must be nil"));
        }
        let mut applied = applied;
        self.check_name_of_scale(&applied)?;
        let namespace = applied["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
        if let Some(namespace) = &self.path.namespace {
            applied["metadata"]["namespace"] = json!(namespace);
        }
        let mut scaled = self.scaled()?;
        let force = self.call.query.is_true("force");
        let merged =
            self.write_of_scale(&manager, |write| write.apply(&scaled.scale, &applied, &mut scaled.of_scale, force));
        let scale = match merged {
            Ok(Some(_)) if self.resource.custom().is_some() => {
                // A real server takes the scale for a version of the custom resource.
                let name = self.path.name.clone().unwrap_or_default();
                return Err(Status::unexplained(format!(
                    "failed to convert new object ({namespace}/{name}; {API_VERSION}, Kind=Scale) to proper version: request to convert CR to an invalid group/version: {API_VERSION}"
                )));
            }
            Ok(merged) => merged.unwrap_or_else(|| scaled.scale.clone()),
            Err(ApplyError::Conflicts(conflicts)) => return Err(conflicted(&conflicts)),
            Err(ApplyError::Unconverted(why)) => return Err(Status::unexplained(why)),
            Err(ApplyError::Mistakes(what)) => {
                let name = self.path.name.clone().unwrap_or_default();
                return Err(Status::unexplained(format!(
                    "failed to create typed patch object ({namespace}/{name}; {API_VERSION}, Kind=Scale): {what}"
                )));
            }
        };
        self.store_scale(scaled, &scale)
    }

    /// The object whose scale is written.
    fn scaled(&self) -> Result<Scaled, Status> {
        let name = self.path.name.as_deref().unwrap_or_default();
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), name)?;
        let mut live = shown(self.call, self.resource, &found)?;
        let (mut scale, has_replicas) = scale_of(&live, self.resource)?;
        if !has_replicas {
            scale["spec"]["replicas"] = json!(UNSET);
        }
        let managed = take_managed_fields(&mut live);
        let managers = ownership::decode(&managed).unwrap_or_default();
        let of_scale = managers_of_scale(&managers, self.resource);
        Ok(Scaled { found, live, managed, managers, of_scale, scale })
    }

    /// The body of a PUT.
    fn body(&self) -> Result<Value, Status> {
        let encoding = Encoding::of_body(self.call.header(http::header::CONTENT_TYPE)).unwrap_or(Encoding::Json);
        let body = self.call.object(encoding)?;
        if body.is_object() { Ok(body) } else { Err(Status::bad_request("the object provided is unrecognized")) }
    }

    fn check_name_of_scale(&self, scale: &Value) -> Result<(), Status> {
        let given = scale["metadata"]["name"].as_str().unwrap_or_default();
        objects::check_name(given, self.path.name.as_deref().unwrap_or_default())
    }

    /// Writes a scale that was sent as a whole.
    fn write_scale(&mut self, mut scaled: Scaled, scale: &Value) -> Result<Answer, Status> {
        let mut after = scaled.scale.clone();
        after["spec"] = match replicas_of(scale) {
            // It is left out, and so nobody owns it.
            0 => json!({}),
            replicas => json!({ "replicas": replicas }),
        };
        let manager = self.call.field_manager();
        self.write_of_scale(&manager, |write| write.update(Some(&scaled.scale), &after, &mut scaled.of_scale));
        let mut sent = json!({
            "kind": "Scale", "apiVersion": API_VERSION, "metadata": scale["metadata"], "spec": after["spec"],
            "status": { "replicas": 0 },
        });
        if let Some(namespace) = &self.path.namespace {
            sent["metadata"]["namespace"] = json!(namespace);
        }
        if sent["metadata"]["resourceVersion"] == "" {
            replace_field(&mut sent["metadata"], "resourceVersion", None);
        }
        for (name, value) in scale["status"].as_object().into_iter().flatten() {
            sent["status"][name] = value.clone();
        }
        self.store_scale(scaled, &sent)
    }

    /// Stores an object with the replicas of a scale.
    fn store_scale(&mut self, scaled: Scaled, scale: &Value) -> Result<Answer, Status> {
        let scale = &self.mutate_scale(&scaled, scale)?;
        let Scaled { found, live, managed, managers, of_scale, scale: before } = scaled;
        let name = self.path.name.clone().unwrap_or_default();
        let is_custom = self.resource.custom().is_some();
        let replicas = replicas_of(scale);
        if is_custom && replicas == UNSET {
            let why = format!("the spec replicas field {} cannot be empty", quoted(&shown_path(self.resource)));
            return Err(Status::bad_request(why));
        }
        if !is_custom && replicas < 0 {
            let about = About { group: "autoscaling", kind: "Scale", name: &name };
            let cause = Cause::invalid("spec.replicas", &json!(replicas), "must be greater than or equal to 0");
            return Err(Status::invalid(about, &[cause]));
        }
        let text = |field: &str| scale["metadata"][field].as_str().unwrap_or_default().to_owned();
        let mut version = text("resourceVersion");
        if is_custom && version.is_empty() {
            // Unlike a custom resource itself, its scale may be written without one.
            version = found["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
        }
        self.check_preconditions(&found, &version, &text("uid"), &name)?;
        let object = builtin::set_replicas(&live, &replicas_path(self.resource), replicas);
        let mut object = object.map_err(Status::unexplained)?;
        let managers = managers_of_object(&managers, of_scale, self.resource);
        self.complete(&live, &mut object, "scale")?;
        // Validating webhooks see what the object makes of it.
        let mut after = before.clone();
        after["spec"] = scale["spec"].clone();
        self.validate_other(&kind_of_scale(), (&after, Some(&before)), "scale")?;
        let answer = self.finish(&found, &live, object, (managed, &managers), "scale")?;
        let (scale, _) = scale_of(&answer.object.into_value(), self.resource)?;
        Ok(Answer { code: answer.code, object: scale.into() })
    }

    /// Sends a scale, as it was sent, to the mutating webhooks. Returns it as they leave it.
    fn mutate_scale(&mut self, scaled: &Scaled, scale: &Value) -> Result<Value, Status> {
        if !self.may_be_mutated() {
            return Ok(scale.clone());
        }
        let with_managers = |scale: &Value, managers: &Managers| {
            let mut scale = scale.clone();
            replace_field(&mut scale["metadata"], "managedFields", ownership::encode(managers));
            scale
        };
        let old = with_managers(&scaled.scale, &managers_of_scale(&scaled.managers, self.resource));
        let new = with_managers(scale, &scaled.of_scale);
        self.mutate_other(&kind_of_scale(), (new, Some(&old)), "scale")
    }

    /// Checks what the scale of a custom resource reads.
    pub(super) fn check_scale(&self, object: &Value, subresource: &str) -> Vec<Cause> {
        let scales = self.resource.custom().map(|custom| &custom.scales);
        let Some(Some(paths)) = scales.and_then(|scales| scales.get(&self.resource.api_version())) else {
            return Vec::new();
        };
        let mut causes = Vec::new();
        let written = if subresource == "status" { None } else { Some(&paths.spec) };
        for path in written.into_iter().chain([&paths.status]) {
            let field = format!(".{}", path.join("."));
            match builtin::number_at(object, path) {
                Err(why) => causes.push(Cause::invalid(field, &json!(0), &why)),
                Ok(Some(number)) if number < 0 => {
                    causes.push(Cause::invalid(field, &json!(number), "should be a non-negative integer"));
                }
                Ok(Some(number)) if number > i64::from(i32::MAX) => {
                    let why = format!("should be less than or equal to {}", i32::MAX);
                    causes.push(Cause::invalid(field, &json!(number), &why));
                }
                Ok(_) => {}
            }
        }
        for path in paths.selector.iter() {
            if let Err(why) = builtin::text_at(object, path) {
                causes.push(Cause::invalid(format!(".{}", path.join(".")), &json!(""), &why));
            }
        }
        causes
    }

    fn write_of_scale<T>(&self, manager: &str, run: impl FnOnce(&Write<'_>) -> T) -> T {
        let schema = self.server.documents.schema("apps", "v1", SCHEMA);
        let versions = OneVersion { api_version: API_VERSION, schema };
        run(&Write {
            versions: &versions,
            nothing: &json!({
                "apiVersion": API_VERSION, "kind": "Scale", "metadata": {}, "spec": {}, "status": { "replicas": 0 },
            }),
            api_version: API_VERSION,
            manager,
            subresource: "scale",
            ignored: &FieldSet::default(),
            now: "",
        })
    }
}

fn kind_of_scale() -> GroupVersionKind {
    GroupVersionKind::new("autoscaling", "v1", "Scale")
}

/// The first value of a scale that is of another type, as Go says it.
fn mistyped(scale: &Value) -> Option<String> {
    let said = |found: &str, field: &str, wanted: &str| {
        Some(format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}"))
    };
    for (name, wanted) in [("metadata", "v1.ObjectMeta"), ("spec", "v1.ScaleSpec")] {
        if let Some(found) = kind_of(&scale[name]).filter(|found| *found != "object") {
            return said(found, &format!("Scale.{name}"), wanted);
        }
    }
    let replicas = &scale["spec"]["replicas"];
    let is_fine = replicas.is_null() || replicas.as_i64().is_some_and(|replicas| i32::try_from(replicas).is_ok());
    match kind_of(replicas) {
        Some(found) if !is_fine => said(found, "ScaleSpec.spec.replicas", "int32"),
        _ => None,
    }
}
