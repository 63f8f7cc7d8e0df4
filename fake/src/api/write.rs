//! Writing: create, replace, patch, apply.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, decode};
use super::begin::{Ahead, Begun, NewName, Sight};
use super::call::Call;
use super::decisions::keep_decisions;
use super::findings::Sent;
use super::negotiate::Encoding;
use super::read::{about, key_of, present, shown};
use super::received::{Origin, STRATEGIC, Validation};
use super::refusals::{conflicted, rejected};
use super::shown::Shown;
use super::size;
use super::target::ResourcePath;
use super::versions::KindVersions;
use crate::builtin;
use crate::catalog::{Resource, StorageKey};
use crate::exponents;
use crate::objects::{self, Scope};
use crate::ownership::{self, ApplyError, FieldSet, Managers, Write};
use crate::patch;
use crate::quoted::quoted;
use crate::schema::Schema;
use crate::server::{Server, State};
use crate::status::{About, Cause, Status};
use crate::stored::Stored;
use crate::webhooks::ConversionWebhook;

/// Whether a PUT creates an object where there is none.
fn is_created_by_put(resource: &Resource) -> bool {
    builtin::of(resource).is_some_and(|kind| kind.is_created_by_put)
}

/// Whether an object is replaced with a resourceVersion alone: custom ones, and of the built-in kinds some.
fn needs_version(resource: &Resource) -> bool {
    builtin::of(resource).is_none_or(|kind| kind.needs_version)
}

/// A write of an object, by any verb.
pub(super) struct Writing<'a, S = &'a mut State> {
    pub server: &'a Server,
    /// The state; or [`Unseen`](super::begin::Unseen), for what a write does before it is locked.
    pub state: S,
    pub call: &'a Call,
    pub resource: &'a Resource,
    pub path: &'a ResourcePath,
    /// What the client is warned of, whether the write succeeds or not.
    pub warnings: Vec<String>,
}

/// What Go reads patches into.
const MAP: &str = "map[string]interface {}";

impl Writing<'_> {
    /// POST.
    pub fn create(&mut self) -> Result<Answer, Status> {
        let ahead = if self.may_be_mutated() { None } else { self.call.take_begun() };
        if let Some(Ahead { begun, name, warnings }) = ahead {
            self.warnings.extend(warnings);
            let name = self.name_of(name);
            self.check_place(&name)?;
            return self.create_begun(begun, None, &name);
        }
        let mut object = self.received()?;
        let name = self.named(&mut object)?;
        let name = self.name_of(name);
        self.create_object(object, &name)
    }

    /// The name of a new object.
    fn name_of(&self, name: NewName) -> String {
        match name {
            // An address is a name that nothing can be added to.
            NewName::Generated(base) if self.resource.storage_key() == builtin::addresses::storage() => base,
            NewName::Generated(base) => objects::generate(&base, self.call.memory.uid()),
            NewName::Given(name) => name,
        }
    }

    fn create_object(&mut self, object: Value, name: &str) -> Result<Answer, Status> {
        self.check_place(name)?;
        let sent = self.may_be_mutated().then(|| without_managed_fields(&object));
        let begun = self.begin_new(object)?;
        self.create_begun(begun, sent, name)
    }

    /// Checks that there may be new objects where this one is to be.
    fn check_place(&self, name: &str) -> Result<(), Status> {
        if let Some(namespace) = &self.path.namespace {
            self.state.check_namespace(self.resource, namespace, name)?;
        }
        if self.resource.custom().is_some()
            && builtin::cleanup::has_begun(&self.state.store, &self.resource.storage_key())
        {
            let why = "create not allowed while custom resource definition is terminating";
            return Err(Status::forbidden(about(self.resource, name), why, Value::Null));
        }
        Ok(())
    }

    /// Creates an object that was begun, after mutating webhooks have got it as it was sent, if there are any.
    fn create_begun(&mut self, begun: Begun, sent: Option<Value>, name: &str) -> Result<Answer, Status> {
        let Begun { mut object, unstored, mut managed, has_version } = begun;
        let before = unstored.is_some().then(|| object.clone());
        if sent.is_some() {
            let mut managers = managed.as_ref().and_then(ownership::decode).unwrap_or_default();
            self.mutate_new(sent, &mut object, &mut managers)?;
            // A mutation may have changed it.
            if let Some(namespace) = &self.path.namespace {
                objects::set_namespace(&mut object, namespace)?;
            }
            managed = ownership::encode(&managers);
        }
        let object = unstored.filter(|_| before.as_ref() == Some(&object)).unwrap_or(object);
        self.in_stored_form(object, |writing, object| writing.add(object, managed, name, has_version))
    }

    /// Adds a new object that is in the form in which it is stored.
    fn add(
        &mut self,
        mut object: Value,
        managed: Option<Value>,
        name: &str,
        has_version: bool,
    ) -> Result<Answer, Status> {
        self.check_escalation(&object, None)?;
        let name = &self.identify(&mut object, name);
        let key = key_of(self.path.namespace.as_deref(), name);
        self.prepare_new(&mut object)?;
        self.check_may_create(name)?;
        self.admit_checked(&object, None, "")?;
        replace_field(&mut object["metadata"], "managedFields", managed);
        self.validate(&object, None, None, "")?;
        self.charge(&object, None, "")?;
        if has_version {
            return Err(Status::unexplained("resourceVersion should not be set on objects to be created"));
        }
        if let Some(present) = self.state.store.get(&self.resource.storage_key(), &key) {
            let mut status = Status::already_exists(about(self.resource, name));
            if present["metadata"].get("deletionTimestamp").is_some() {
                status.message = format!("object is being deleted: {}", status.message);
            }
            return Err(status);
        }
        Ok(Answer::created(self.store(&key, object)?))
    }

    /// Resumes a write with an object in the form in which those of its kind are stored. The answer is in the form of the request.
    fn in_stored_form(
        &mut self,
        object: Value,
        run: impl FnOnce(&mut Writing<'_>, Value) -> Result<Answer, Status>,
    ) -> Result<Answer, Status> {
        let Some(stored) = self.stored_form() else { return run(self, object) };
        let object = builtin::converted(&object, &stored);
        let mut writing = Writing {
            server: self.server,
            state: &mut *self.state,
            call: self.call,
            resource: &stored,
            path: self.path,
            warnings: std::mem::take(&mut self.warnings),
        };
        let answer = run(&mut writing, object);
        self.warnings = writing.warnings;
        let mut answer = answer?;
        answer.object = shown(self.call, self.resource, &answer.object.into_value())?.into();
        Ok(answer)
    }

    /// Sets the managers of an object that is not stored.
    pub fn track_new(&self, object: &mut Value) -> Result<(), Status> {
        let managed = take_managed_fields(object);
        let mut managers = ownership::decode(&managed).unwrap_or_default();
        self.write("", |write| write.update(None, object, &mut managers))?;
        put_managers(object, &managers);
        Ok(())
    }

    /// PUT, of the object or of its status.
    pub fn replace(&mut self, subresource: &str) -> Result<Answer, Status> {
        let mut object = self.received()?;
        let name = self.path.name.clone().unwrap_or_default();
        let scope = Scope { namespace: self.path.namespace.as_deref(), name: Some(&name) };
        objects::validate(&mut object, self.resource, scope)?;
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name);
        let present = match found {
            Ok(present) => present,
            Err(_) if subresource.is_empty() && is_created_by_put(self.resource) => {
                if let Some(uid) = object["metadata"]["uid"].as_str().filter(|uid| !uid.is_empty()) {
                    return Err(self.of_another_uid(&name, uid, ""));
                }
                let version =
                    object["metadata"].as_object_mut().and_then(|metadata| metadata.remove("resourceVersion"));
                let mut answer = self.create_object(object, &name)?;
                self.keep_version(&mut answer, version.as_ref());
                return Ok(answer);
            }
            Err(error) => return Err(error),
        };
        let (sent, known) = (&object["metadata"]["uid"], &present["metadata"]["uid"]);
        if sent.as_str().is_some_and(|sent| !sent.is_empty()) && sent != known {
            let text = |uid: &Value| uid.as_str().unwrap_or_default().to_owned();
            return Err(self.of_another_uid(&name, &text(sent), &text(known)));
        }
        self.update(&present, object, subresource)
    }

    /// The conflict of an object that is replaced by its uid and has another one, or is not there.
    fn of_another_uid(&self, name: &str, sent: &str, known: &str) -> Status {
        let place = builtin::storage_place(self.resource);
        let key = key_of(self.path.namespace.as_deref(), name);
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{place}/{key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {sent}, UID in object meta: {known}"
        );
        Status::conflict(about(self.resource, name), &why)
    }

    /// Answers a dry run that creates by another verb than POST with the version that was sent: nothing has written another
    /// one into it.
    fn keep_version(&self, answer: &mut Answer, sent: Option<&Value>) {
        if let (true, Some(version)) = (self.is_dry_run(), sent.filter(|version| !version.is_null() && **version != ""))
            && let Shown::Value(object) = &mut answer.object
        {
            object["metadata"]["resourceVersion"] = version.clone();
        }
    }

    /// PATCH, of the object or of a subresource.
    pub fn patch(&mut self, subresource: &str) -> Result<Answer, Status> {
        if self.media_type() == "application/apply-patch+yaml" {
            return self.apply(subresource);
        }
        let name = self.path.name.clone().unwrap_or_default();
        let patch = self.received_patch()?;
        let present = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let mut object = shown(self.call, self.resource, &present)?;
        self.put_patch(&mut object, &patch, self.resource.schema())?;
        let is_strategic = self.media_type() == STRATEGIC;
        if self.resource.custom().is_none() {
            self.check_patched_kind(&mut object, is_strategic, &name)?;
        }
        let quoted = if is_strategic { patch::as_go_shows(&patch) } else { object.to_string() };
        let found = self.found_in_patch(&patch);
        self.fit(&mut object, Origin::Patched { quoted, found })?;
        if self.resource.custom().is_some() {
            self.check_patched_custom_kind(&mut object, &name)?;
        }
        let scope = Scope { namespace: self.path.namespace.as_deref(), name: Some(&name) };
        objects::validate(&mut object, self.resource, scope)?;
        self.update(&present, object, subresource)
    }

    /// The patch that was sent.
    pub fn received_patch(&self) -> Result<Value, Status> {
        let known = ["application/json-patch+json", "application/merge-patch+json", STRATEGIC];
        let is_known = known.contains(&self.media_type());
        if self.resource.custom().is_some() && (!is_known || self.media_type() == STRATEGIC) {
            let message = "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            return Err(Status::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Some("UnsupportedMediaType"), message));
        }
        if !is_known {
            let mut status = Status::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Some("UnsupportedMediaType"),
                "415: Unsupported Media Type",
            );
            status.details = json!({});
            return Err(status);
        }
        let mut patch: Value =
            serde_json::from_slice(&self.call.body).map_err(|_| Status::bad_request("invalid JSON patch"))?;
        if self.resource.custom().is_none() {
            let (body, schema) = (&self.call.body, self.resource.schema());
            match self.media_type() {
                "application/merge-patch+json" => exponents::keep(&mut patch, body, schema),
                "application/json-patch+json" => exponents::keep_in_operations(&mut patch, body, schema),
                _ => {}
            }
        }
        if self.media_type() == STRATEGIC {
            // Go reads it into numbers, and these into fields: whole ones are integers.
            objects::with_integers(&mut patch);
        }
        Ok(patch)
    }

    /// Puts a patch, of any sort but apply, onto an object.
    pub fn put_patch(&self, object: &mut Value, patch: &Value, schema: Schema<'_>) -> Result<(), Status> {
        let validation = self.validation()?;
        match self.media_type() {
            "application/json-patch+json" => patch::json_patch(object, patch).map_err(rejected)?,
            "application/merge-patch+json" => {
                let found = objects::kind_of(patch).filter(|found| *found != "object");
                if patch.is_null() {
                    return Err(Status::bad_request("Invalid JSON Patch"));
                }
                if let Some(found) = found.filter(|_| validation != Validation::Ignore) {
                    let why = format!("json: cannot unmarshal {found} into Go value of type {MAP}");
                    return Err(Status::bad_request(format!("error decoding patch: {why}")));
                }
                patch::merge_patch(object, patch);
            }
            _ if patch.is_null() => {}
            _ if !patch.is_object() => {
                let found = objects::kind_of(patch).unwrap_or_default();
                return Err(Status::bad_request(format!("json: cannot unmarshal {found} into Go value of type {MAP}")));
            }
            _ => patch::strategic_merge_patch(object, patch, schema).map_err(|error| match error {
                patch::StrategicError::Malformed(why) => Status::bad_request(why),
                patch::StrategicError::Failed(why) => Status::unexplained(why),
            })?,
        }
        if object.is_object() { Ok(()) } else { Err(Status::bad_request("the patch makes no object of the object")) }
    }

    /// Server-side apply.
    fn apply(&mut self, subresource: &str) -> Result<Answer, Status> {
        let query = &self.call.query;
        let manager = query.get("fieldManager").unwrap_or_default().to_owned();
        if manager.is_empty() {
            let about = About { group: "meta.k8s.io", kind: "PatchOptions", name: "" };
            return Err(Status::invalid(about, &[Cause::required("fieldManager", "is required for apply patch")]));
        }
        let (mut applied, sent) = self.received_apply()?;
        if applied.get("apiVersion").is_none() && applied.get("kind").is_none() {
            return Err(Status::bad_request("invalid object type: /, Kind="));
        }
        self.check_kind(&applied, true)?;
        let name = self.path.name.clone().unwrap_or_default();
        if applied["metadata"].get("managedFields").is_some_and(|managed| !managed.is_null()) {
            return Err(Status::bad_request("metadata.managedFields must be nil"));
        }
        let scope = Scope { namespace: self.path.namespace.as_deref(), name: Some(&name) };
        let namespace = applied["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
        let misfit = |what: String, name: &str| {
            let Resource { group, version, kind, .. } = self.resource;
            Status::unexplained(format!(
                "failed to create typed patch object ({namespace}/{name}; {group}/{version}, Kind={kind}): {what}"
            ))
        };
        let key = key_of(self.path.namespace.as_deref(), &name);
        let found = self.state.store.get(&self.resource.storage_key(), &key).cloned();
        if found.is_none() && !subresource.is_empty() {
            objects::validate(&mut applied, self.resource, scope)?;
            return Err(Status::not_found(about(self.resource, &name)));
        }
        let own_name = applied["metadata"]["name"].as_str().unwrap_or_default();
        if let Some(what) = ownership::mistakes(&applied, self.resource.schema()) {
            return Err(misfit(what, own_name));
        }
        objects::validate(&mut applied, self.resource, scope)?;
        let uid = applied["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        if found.is_none() {
            if !uid.is_empty() {
                let why =
                    format!("uid mismatch: the provided object specified uid {uid}, and no existing object was found");
                return Err(Status::conflict(about(self.resource, &name), &why));
            }
            if let Some(namespace) = &self.path.namespace {
                self.state.check_namespace(self.resource, namespace, &name)?;
            }
        }
        let mut live = match &found {
            Some(found) => shown(self.call, self.resource, found)?,
            None => objects::nothing(self.resource).clone(),
        };
        let managed = take_managed_fields(&mut live);
        let mut managers = ownership::decode(&managed).unwrap_or_default();
        let before = managers.clone();
        let force = query.is_true("force");
        let merged =
            self.write_as(&manager, subresource, |write| write.apply(&live, &applied, &mut managers, force))?;
        let merged = match merged {
            Ok(merged) => merged,
            Err(ApplyError::Conflicts(conflicts)) => return Err(conflicted(&conflicts)),
            Err(ApplyError::Unconverted(why)) => return Err(Status::unexplained(why)),
            Err(ApplyError::Mistakes(what)) => return Err(misfit(what, &name)),
        };
        self.check_applied(sent)?;
        let Some(found) = found else {
            let mut object = merged.unwrap_or(live);
            self.fit_merged(&mut object, &namespace)?;
            let sent = self.may_be_mutated().then(|| object.clone());
            self.begin(&mut object)?;
            self.mutate_new(sent, &mut object, &mut managers)?;
            let managed = ownership::encode(&managers);
            let mut answer =
                self.in_stored_form(object, |writing, object| writing.add(object, managed, &name, false))?;
            self.keep_version(&mut answer, applied["metadata"].get("resourceVersion"));
            return Ok(answer);
        };
        // What is applied without a version has that of the present object.
        let version = applied["metadata"].get("resourceVersion").unwrap_or(&found["metadata"]["resourceVersion"]);
        let version = version.as_str().unwrap_or_default();
        let is_settled = !self.state.is_unsettled(&self.resource.storage_key(), &key);
        if merged.is_none() && managers == before && is_settled && !self.has_webhooks() {
            self.check_preconditions(&found, version, &uid, &name)?;
            self.admit_checked(&live, Some(&live), subresource)?;
            self.charge(&live, Some(&live), subresource)?;
            return Ok(Answer::ok(Shown::of(self.call, self.resource, &found)?));
        }
        let mut object = merged.unwrap_or_else(|| live.clone());
        self.fit_merged(&mut object, &namespace)?;
        self.mutate_present(&mut object, (&live, &managed), &mut managers, subresource)?;
        self.check_escalation(&object, Some(&live))?;
        self.check_preconditions(&found, version, &uid, &name)?;
        self.change(&found, live, object, (managed, &managers), subresource)
    }

    /// What is applied: YAML, of which JSON is a part.
    pub fn received_apply(&self) -> Result<(Value, Sent), Status> {
        let body = &self.call.body;
        let (mut applied, encoding) = match serde_json::from_slice(body) {
            Ok(json) => (json, Encoding::Json),
            Err(_) => (decode(body, Encoding::Yaml)?, Encoding::Yaml),
        };
        objects::with_integers(&mut applied);
        let sent = Sent::new(encoding, body, &applied);
        Ok((applied, sent))
    }

    /// Stores a changed object, with the managers that the change makes.
    pub fn update(&mut self, found: &Arc<Stored>, mut object: Value, subresource: &str) -> Result<Answer, Status> {
        let name = self.path.name.clone().unwrap_or_default();
        let mut live = shown(self.call, self.resource, found)?;
        let live_managed = take_managed_fields(&mut live);
        let sent = take_managed_fields(&mut object);
        let mut managers = match &sent {
            // An empty list, or one empty entry, clears it.
            Value::Array(list) if subresource.is_empty() && is_reset(list) => Managers::new(),
            Value::Array(_) if subresource.is_empty() => ownership::decode(&sent)
                .filter(|managers| !managers.is_empty())
                .or_else(|| ownership::decode(&live_managed))
                .unwrap_or_default(),
            _ => ownership::decode(&live_managed).unwrap_or_default(),
        };
        // Managers are those of what was sent, before what can't be written is put back.
        let is_typed = self.is_typed(&object);
        self.settle(&mut object)?;
        let settled = self.through_stored_form(&mut object);
        if is_typed {
            self.write(subresource, |write| write.update(Some(&live), &object, &mut managers))?;
        } else {
            managers = ownership::decode(&live_managed).unwrap_or_default();
        }
        let before = settled.is_some().then(|| object.clone());
        self.mutate_present(&mut object, (&live, &live_managed), &mut managers, subresource)?;
        let object = settled.filter(|_| before.as_ref() == Some(&object)).unwrap_or(object);
        self.check_escalation(&object, Some(found))?;
        let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
        self.check_preconditions(found, &text("resourceVersion"), &text("uid"), &name)?;
        self.check_immutable(found, &object, &name)?;
        self.change(found, live, object, (live_managed, &managers), subresource)
    }

    /// Completes a changed object and stores it, once its managers are known.
    fn change(
        &mut self,
        found: &Arc<Stored>,
        live: Value,
        object: Value,
        managers: (Value, &Managers),
        subresource: &str,
    ) -> Result<Answer, Status> {
        self.in_stored_form(object, |writing, mut object| {
            let is_as_stored = writing.path.version == writing.resource.version;
            let live = if is_as_stored { live } else { without_managed_fields(found) };
            writing.complete(&live, &mut object, subresource)?;
            writing.finish(found, &live, object, managers, subresource)
        })
    }

    /// Sends a new object to the mutating webhooks, as it was sent, and takes what they make of it.
    fn mutate_new(&mut self, sent: Option<Value>, object: &mut Value, managers: &mut Managers) -> Result<(), Status> {
        let Some(mut sent) = sent else { return Ok(()) };
        objects::wipe(&mut sent);
        self.settle(&mut sent)?;
        if let Some(changed) = self.mutate(&sent, None, managers, "")? {
            *object = changed;
            self.begin(object)?;
        }
        Ok(())
    }

    /// The same with one that is in place of another.
    fn mutate_present(
        &mut self,
        object: &mut Value,
        live: (&Value, &Value),
        managers: &mut Managers,
        subresource: &str,
    ) -> Result<(), Status> {
        if !self.may_be_mutated() {
            return Ok(());
        }
        let mut sent = object.clone();
        self.settle(&mut sent)?;
        if let Some(changed) = self.mutate(&sent, Some(live), managers, subresource)? {
            *object = changed;
        }
        Ok(())
    }

    /// Sets the name of a new object, its uid and the time of its creation. Returns the name.
    fn identify(&self, object: &mut Value, name: &str) -> String {
        let metadata = &mut object["metadata"];
        if metadata["name"].as_str().unwrap_or_default().is_empty() && !name.is_empty() {
            metadata["name"] = json!(name);
        }
        metadata["uid"] = json!(self.call.memory.uid().to_string());
        metadata["creationTimestamp"] = json!(self.now());
        metadata["name"].as_str().unwrap_or_default().to_owned()
    }

    /// Admits a new object, sets what only the server sets, and checks it.
    fn prepare_new(&mut self, object: &mut Value) -> Result<(), Status> {
        builtin::admit(object, None, self.resource, &self.state.store)?;
        if self.resource.is_at("", "v1", "pods") {
            builtin::pod_level::complete(object, self.server.documents.minor);
        }
        let store = &self.state.store;
        let times = (&*self.now(), self.is_dry_run());
        let random = || self.call.memory.uid();
        builtin::prepare_new(object, self.resource, store, &self.call.user, times, random)?;
        if objects::begins_with_generation(self.resource) {
            object["metadata"]["generation"] = json!(1);
        }
        self.check(object, None, "")?;
        self.warnings.extend(builtin::warnings(object, None, self.resource));
        Ok(())
    }

    /// Sets what a write doesn't change to what it is, and defaults.
    pub(super) fn complete(&self, live: &Value, object: &mut Value, subresource: &str) -> Result<(), Status> {
        self.keep_unwritable(live, object, subresource);
        // What came in another version was settled in that one. What an apply doesn't change gets no defaults of a version that the
        // object is not stored in.
        let is_as_it_was = self.resource.custom().is_some_and(|custom| !custom.siblings.are_alike()) && object == live;
        if self.path.version == self.resource.version && !is_as_it_was {
            self.settle(object)?;
        }
        objects::keep_of_present(object, live);
        Ok(())
    }

    /// Stores a changed object, or deletes it if that was all that was left to do. The managed fields are those of before and the
    /// managers of after.
    pub(super) fn finish(
        &mut self,
        found: &Arc<Stored>,
        live: &Value,
        mut object: Value,
        (managed, managers): (Value, &Managers),
        subresource: &str,
    ) -> Result<Answer, Status> {
        self.check_finalizers(live, &object)?;
        if is_of_status(subresource) {
            builtin::prepare_status(&mut object, live, self.resource, &self.now());
        }
        if subresource.is_empty() {
            let (store, is_dry_run) = (&self.state.store, self.is_dry_run());
            builtin::admit(&mut object, Some(live), self.resource, store)?;
            let random = || self.call.memory.uid();
            builtin::prepare_devices(&mut object, live, self.resource, || self.now());
            builtin::prepare_update(&mut object, live, self.resource, store, (is_dry_run, random))?;
        }
        self.check(&object, Some(live), subresource)?;
        if subresource.is_empty() {
            self.warnings.extend(builtin::warnings(&object, Some(live), self.resource));
        }
        let counts = !is_of_status(subresource) && objects::has_generation(self.resource);
        if counts && objects::is_new_generation(self.resource, live, &self.as_stored(&object)) {
            let generation = live["metadata"]["generation"].as_i64().unwrap_or(0) + 1;
            object["metadata"]["generation"] = json!(generation);
        }
        self.admit_checked(&object, Some(live), subresource)?;
        // A scale was sent to them by itself.
        if subresource != "scale" {
            self.validate(&object, Some((live, &managed)), Some(managers), subresource)?;
        }
        self.charge(&object, Some(live), subresource)?;
        let name = self.path.name.clone().unwrap_or_default();
        let key = key_of(self.path.namespace.as_deref(), &name);
        let mut encoded = object.clone();
        let is_read_as_stored = self.encode(&mut encoded);
        let is_settled = is_read_as_stored && !self.state.is_unsettled(&self.resource.storage_key(), &key);
        let has_same_managers = without_times(&ownership::encode(managers)) == without_times(&Some(managed));
        let is_same = is_settled && has_same_managers && encoded == *live && self.is_stored_so(&encoded, found)?;
        if is_same {
            return Ok(Answer::ok(Shown::of(self.call, self.resource, found)?));
        }
        put_managers(&mut object, managers);
        if is_ready_to_go(&encoded) {
            // The answer has the version of before; who watches sees the object of before deleted.
            if !self.is_dry_run() {
                self.delete_stored(&key);
            }
            put_managers(&mut encoded, managers);
            return Ok(Answer::ok(encoded));
        }
        Ok(Answer::ok(self.store(&key, object)?))
    }

    /// Checks version and uid of an object that is written over another.
    pub(super) fn check_preconditions(
        &self,
        found: &Value,
        version: &str,
        uid: &str,
        name: &str,
    ) -> Result<(), Status> {
        let metadata = &found["metadata"];
        let is_without = matches!(version, "" | "0");
        if is_without && needs_version(self.resource) {
            let about = About { group: &self.resource.group, kind: &self.resource.plural, name };
            let cause = Cause::invalid("metadata.resourceVersion", &json!(0), "must be specified for an update");
            return Err(Status::invalid(about, &[cause]));
        }
        if !is_without && metadata["resourceVersion"] != version {
            return Err(Status::stale(about(self.resource, name)));
        }
        if !uid.is_empty() && metadata["uid"] != uid {
            let about = About { group: &self.resource.group, kind: &self.resource.kind, name };
            return Err(Status::invalid(about, &[Cause::invalid("metadata.uid", &json!(uid), "field is immutable")]));
        }
        Ok(())
    }

    /// That an object is being deleted is not written by clients.
    fn check_immutable(&self, found: &Value, object: &Value, name: &str) -> Result<(), Status> {
        for field in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
            let sent = &object["metadata"][field];
            if !sent.is_null() && *sent != found["metadata"][field] {
                let about = About { group: &self.resource.group, kind: &self.resource.kind, name };
                let cause = Cause::invalid(format!("metadata.{field}"), sent, "field is immutable");
                return Err(Status::invalid(about, &[cause]));
            }
        }
        Ok(())
    }

    /// An object that is being deleted gets no new finalizers.
    fn check_finalizers(&self, live: &Value, object: &Value) -> Result<(), Status> {
        if live["metadata"].get("deletionTimestamp").is_none() {
            return Ok(());
        }
        let names =
            |object: &Value| -> Vec<Value> { object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default() };
        let known = names(live);
        let mut new: Vec<String> =
            names(object).iter().filter(|name| !known.contains(name)).map(ToString::to_string).collect();
        new.sort();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            new.join(", ")
        );
        let about = About { group: &self.resource.group, kind: &self.resource.kind, name };
        let cause = Cause::forbidden("metadata.finalizers", &detail);
        // Metadata of custom resources are checked twice.
        let causes = if self.resource.custom().is_some() { vec![cause.clone(), cause] } else { vec![cause] };
        Err(Status::invalid(about, &causes))
    }

    /// Checks an object, a new one or one in place of another: a custom resource by its definition.
    fn check(&self, object: &Value, old: Option<&Value>, subresource: &str) -> Result<(), Status> {
        let minor = self.server.documents.minor;
        let causes = match subresource {
            "status" | "approval" => {
                let now = self.call.memory.now(&self.server.clock);
                builtin::check_status(object, old.unwrap_or(&Value::Null), self.resource, subresource, now)
            }
            "ephemeralcontainers" => builtin::check_ephemeral(object, old),
            "resize" => builtin::check_resize(object, old.unwrap_or(&Value::Null), minor),
            _ if builtin::is_view(self.resource) => {
                let stored = self.server.other_form(self.resource);
                let of = |object: &Value| {
                    stored.as_deref().map_or_else(|| object.clone(), |to| builtin::converted(object, to))
                };
                builtin::check(&of(object), old.map(of).as_ref(), self.resource)
            }
            _ => builtin::check(object, old, self.resource),
        };
        let Some(custom) = self.resource.custom() else {
            let of_claim = self.check_claim(object, old, subresource);
            self.refuse(object, &of_claim.into_iter().chain(causes).collect::<Vec<_>>())?;
            #[cfg(not(feature = "cel"))]
            crate::without_cel::refuse(object, &self.resource.storage_key())?;
            return Ok(());
        };
        let schema = match &custom.checks {
            Ok(schema) => schema,
            Err(why) => return Err(Status::not_done(format_args!("the schema of {}: {why}", self.resource.plural))),
        };
        let causes: Vec<Cause> = causes.into_iter().chain(self.check_scale(object, subresource)).collect();
        // It is complete by now; nulls that are left are those of an apply, and are values.
        let validation = schema.validate_as_is(object, old);
        let found = validation.errors().iter().map(|error| Cause {
            reason: error.reason.as_str(),
            message: match subresource {
                "status" => without_status(&error.message, &error.field),
                _ => error.message.clone(),
            },
            field: if error.field.is_empty() { "<nil>".to_owned() } else { error.field.clone() },
        });
        self.refuse(object, &causes.into_iter().chain(found).collect::<Vec<_>>())?;
        match validation.unchecked().first() {
            Some(unchecked) => Err(Status::not_done(format_args!(
                "the rule {} of {} at {}: {}",
                quoted(&unchecked.rule),
                self.resource.plural,
                quoted(&unchecked.field),
                unchecked.why
            ))),
            None => Ok(()),
        }
    }

    /// 422 if there is a cause.
    pub fn refuse(&self, object: &Value, causes: &[Cause]) -> Result<(), Status> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        // What a view has is of the group that it is stored in.
        let group = self.resource.storage_key().group;
        let about = About { group: &group, kind: &self.resource.kind, name };
        if causes.is_empty() { Ok(()) } else { Err(Status::invalid(about, causes)) }
    }

    /// Sets what this write can't change to what it is: the status in a write of the object, all else in one of the status.
    fn keep_unwritable(&self, live: &Value, object: &mut Value, subresource: &str) {
        match subresource {
            "" => {
                self.drop_status(object, Some(live));
                if self.is_namespace() {
                    // They are written by `finalize`.
                    replace_field(&mut object["spec"], "finalizers", live["spec"].get("finalizers").cloned());
                }
                if self.is_request_of_a_certificate() {
                    replace_field(object, "spec", live.get("spec").cloned());
                }
            }
            "status" | "approval" => {
                let mut status = object["status"].take();
                if subresource == "approval" {
                    let conditions = status.get("conditions").cloned();
                    status = live["status"].clone();
                    replace_field(&mut status, "conditions", conditions);
                } else if self.is_request_of_a_certificate() {
                    keep_decisions(&mut status, &live["status"]);
                }
                let mut kept = live.clone();
                if let Some(kind) = builtin::of(self.resource) {
                    for name in ["labels", "annotations", "finalizers", "ownerReferences"] {
                        if !kind.kept_by_status.contains(&name) {
                            replace_field(&mut kept["metadata"], name, object["metadata"].get(name).cloned());
                        }
                    }
                }
                replace_field(&mut kept, "status", Some(status).filter(|status| !status.is_null()));
                *object = kept;
            }
            "finalize" => self.drop_status(object, Some(live)),
            "ephemeralcontainers" => {
                let containers = object["spec"].get("ephemeralContainers").cloned();
                *object = live.clone();
                replace_field(&mut object["spec"], "ephemeralContainers", containers);
            }
            "resize" => {
                let mut asked = std::mem::take(object);
                builtin::limit_ranges::set_defaults(&mut asked, &self.state.store);
                *object = builtin::resized(&asked, live, self.server.documents.minor);
            }
            _ => {}
        }
    }

    fn is_namespace(&self) -> bool {
        self.resource.is_namespaces()
    }

    pub fn is_dry_run(&self) -> bool {
        self.call.query.all("dryRun").any(|value| value == "All")
    }

    /// An object in which lists without items are as in one that was stored.
    fn as_stored(&self, object: &Value) -> Value {
        let mut object = object.clone();
        if self.resource.custom().is_none() {
            objects::as_stored(&mut object, self.resource.schema());
        }
        object
    }

    /// Changes an object as the store does. Returns whether it is stored as it is read afterwards: of a custom resource, empty
    /// metadata and nulls are stored, and left out when it is read.
    fn encode(&self, object: &mut Value) -> bool {
        let schema = self.resource.schema();
        if self.resource.custom().is_none() {
            // In protobuf, in which built-in kinds are stored, a list without items is none.
            objects::as_stored(object, schema);
            return self.is_settled(object);
        }
        objects::with_integers(object);
        let stored = object.clone();
        // What doesn't fit was refused before, but for nulls.
        objects::fit_custom(object, schema);
        objects::as_go_writes(&mut object["metadata"], schema.field("metadata"));
        // What is converted to the version that is stored is read on the way.
        stored == *object || !self.resource.custom().is_some_and(|custom| custom.is_stored)
    }

    /// Whether an object that is to be written is what is stored, but for its managers: the way to the version that it is stored in,
    /// and back, may change something.
    fn is_stored_so(&self, object: &Value, found: &Value) -> Result<bool, Status> {
        let stored = match self.converted_by() {
            Some((webhook, version)) => webhook.convert(&self.call.memory, vec![object.clone()], version)?,
            None => match self.resource.custom().filter(|custom| !custom.siblings.are_alike()) {
                Some(custom) => {
                    let mut stored = object.clone();
                    custom.siblings.convert(&mut stored, &custom.stored_version);
                    vec![stored]
                }
                None => return Ok(true),
            },
        };
        let mut found = found.clone();
        take_managed_fields(&mut found);
        Ok(stored.first() == Some(&found))
    }

    /// The webhook that converts objects to the version that they are stored in, which is another one than that of the request.
    fn converted_by(&self) -> Option<(&ConversionWebhook, &str)> {
        let custom = self.resource.custom().filter(|custom| custom.stored_version != self.resource.api_version())?;
        Some((custom.conversion.as_deref()?, &custom.stored_version))
    }

    /// An object as it is stored in another version than that of the request, and as it is read from there. `None` if it is stored
    /// in that of the request.
    fn stored_and_shown(&self, object: &Value) -> Result<Option<(Value, Value)>, Status> {
        let Some((webhook, version)) = self.converted_by() else { return Ok(None) };
        let memory = &self.call.memory;
        let one =
            |objects: Vec<Value>| objects.into_iter().next().ok_or_else(|| Status::internal("nothing was converted"));
        let mut stored = one(webhook.convert(memory, vec![object.clone()], version)?)?;
        let (group, plural) = (&self.resource.group, &self.resource.plural);
        let name = version.rsplit('/').next().unwrap_or_default();
        if let Ok(resource) = self.server.resource(self.state, group, name, plural) {
            objects::fit_custom(&mut stored, resource.schema());
        }
        let shown = one(webhook.convert(memory, vec![stored.clone()], &self.resource.api_version())?)?;
        Ok(Some((stored, shown)))
    }

    /// Sets the defaults that an object gets when it is read, as one that was sent in an older version may lack them. Returns whether
    /// it lacked none.
    fn is_settled(&self, object: &mut Value) -> bool {
        if !builtin::has_older(self.resource) {
            return true;
        }
        let stored = object.clone();
        // It was read before, and so can be.
        let _ = self.settle(object);
        objects::as_stored(object, self.resource.schema());
        stored == *object
    }

    /// Stores an object, unless this is a dry run. Returns it as it is answered.
    pub fn store(&mut self, key: &str, mut object: Value) -> Result<Shown, Status> {
        let mut is_read_as_stored = self.encode(&mut object);
        if let Some(custom) = self.resource.custom().filter(|custom| !custom.siblings.are_alike()) {
            custom.siblings.convert(&mut object, &custom.stored_version);
            is_read_as_stored &= custom.siblings.settle(&mut object);
        }
        let mut answered = None;
        if let Some((stored, shown)) = self.stored_and_shown(&object)? {
            (object, answered) = (stored, Some(shown));
        }
        if self.is_dry_run() {
            let mut object = answered.unwrap_or(object);
            if let Some(custom) = self.resource.custom().filter(|custom| !custom.siblings.are_alike()) {
                custom.siblings.convert(&mut object, &self.resource.api_version());
            }
            return Ok(object.into());
        }
        let is_view = builtin::is_view(self.resource);
        if let Some(stored_as) = is_view.then(|| self.server.other_form(self.resource)).flatten() {
            object = builtin::converted(&object, &stored_as);
        }
        size::check(&object, self.resource)?;
        let storage = self.resource.storage_key();
        self.state.set_unsettled(&storage, key, !is_read_as_stored);
        let before = self.state.store.get(&storage, key).filter(|_| builtin::addresses::are(&storage)).cloned();
        let stored = self.state.store.put(&storage, key, object);
        self.settle_others(key, before.as_deref());
        if let Some(mut answered) = answered {
            answered["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"].clone();
            return Ok(answered.into());
        }
        Shown::of(self.call, self.resource, &stored)
    }

    /// Does what the API server's controllers do with a definition that has changed, and with the others, for which names may be free
    /// now.
    pub(super) fn settle_definitions(&mut self, key: &str) {
        let (server, now) = (self.server, self.now());
        self.state.settle_definitions(key, &server.documents, &now);
    }

    /// Deletes an object. Returns it with the version of its deletion.
    pub fn delete_stored(&mut self, key: &str) -> Option<Arc<Stored>> {
        self.state.set_unsettled(&self.resource.storage_key(), key, false);
        let deleted = self.state.store.delete(&self.resource.storage_key(), key);
        self.settle_others(key, deleted.as_deref());
        deleted
    }

    /// Does what the API server's own controllers do soon after a write of an object, which was another one before.
    fn settle_others(&mut self, key: &str, before: Option<&Stored>) {
        let (storage, now) = (self.resource.storage_key(), self.now());
        if is_definition(&storage) {
            self.settle_definitions(key);
        } else if self.resource.custom().is_some() {
            let documents = &self.server.documents;
            if let Some(definition) = builtin::cleanup::finish(&mut self.state.store, &storage, documents, &now) {
                self.settle_definitions(&definition);
            }
        } else if builtin::flows::are(&storage) {
            builtin::flows::settle(&mut self.state.store, &now);
        } else if builtin::addresses::are(&storage) {
            let before = before.map(|before| -> &Value { before });
            builtin::addresses::settle(&mut self.state.store, &storage, key, before, &now);
        }
        if builtin::api_services::are(&storage) {
            builtin::api_services::settle(&mut self.state.store, &storage, &self.server.documents, &now);
        }
    }
}

/// What needs no state, and is done before it is locked too.
impl<S: Sight> Writing<'_, S> {
    /// The time of the request, as objects have it.
    pub fn now(&self) -> String {
        self.now_after(0)
    }

    /// The same in some seconds.
    pub fn now_after(&self, seconds: i64) -> String {
        self.call.memory.text_after(&self.server.clock, seconds)
    }

    /// Sets defaults, and brings a built-in object into its form.
    pub fn settle(&self, object: &mut Value) -> Result<(), Status> {
        settle(object, self.resource)?;
        if let Some(field) = builtin::lost_field(object, self.resource) {
            return Err(Status::not_done(format_args!("{field} of {}", self.resource.api_version())));
        }
        builtin::date_taints(object, self.resource, || self.now());
        Ok(())
    }

    /// Such a request stays as it is, and what is decided on it is written through subresources.
    fn is_request_of_a_certificate(&self) -> bool {
        let Resource { group, plural, .. } = self.resource;
        group == "certificates.k8s.io" && plural == "certificatesigningrequests" && self.resource.custom().is_none()
    }

    /// The status of a kind with the subresource is written through that alone.
    pub(super) fn drop_status(&self, object: &mut Value, live: Option<&Value>) {
        let is_kept = live.is_none() && builtin::of(self.resource).is_some_and(|kind| kind.is_created_with_status);
        if !is_kept && self.has_status_of_its_own() {
            let kept = live.and_then(|live| live.get("status")).cloned();
            replace_field(object, "status", kept);
        }
    }

    /// Whether the status is written through the subresource alone.
    fn has_status_of_its_own(&self) -> bool {
        self.resource.subresources.contains_key("status") && !builtin::addresses::has_open_status(self.resource)
    }

    pub(super) fn write<T>(&self, subresource: &str, run: impl FnOnce(&Write<'_>) -> T) -> Result<T, Status> {
        self.write_as(&self.call.field_manager(), subresource, run)
    }

    pub(super) fn write_as<T>(
        &self,
        manager: &str,
        subresource: &str,
        run: impl FnOnce(&Write<'_>) -> T,
    ) -> Result<T, Status> {
        let now = self.now();
        let api_version = self.resource.api_version();
        let versions = KindVersions::new(self, subresource);
        let ignored = self.ignored(subresource);
        let nothing = objects::nothing(self.resource);
        let outcome = run(&Write {
            nothing,
            versions: &versions,
            api_version: &api_version,
            manager,
            subresource,
            ignored: &ignored,
            now: &now,
        });
        versions.unanswered().map_or(Ok(outcome), Err)
    }

    /// The fields that a write doesn't reach.
    fn ignored(&self, subresource: &str) -> FieldSet {
        let has_status = self.has_status_of_its_own();
        let is_request = self.is_request_of_a_certificate();
        FieldSet::parse(&match subresource {
            "" if is_request => json!({ "f:spec": {}, "f:status": {} }),
            "status" if is_request => json!({ "f:spec": {}, "f:status": { "f:conditions": {} } }),
            "approval" => json!({ "f:spec": {}, "f:status": { "f:certificate": {} } }),
            "status" => match builtin::of(self.resource) {
                Some(kind) => {
                    let kept = kind.kept_by_status.iter().map(|name| (format!("f:{name}"), json!({})));
                    match kept.collect::<serde_json::Map<_, _>>() {
                        none if none.is_empty() => json!({ "f:spec": {} }),
                        kept => json!({ "f:spec": {}, "f:metadata": kept }),
                    }
                }
                None => json!({ "f:spec": {}, "f:metadata": {} }),
            },
            "" | "finalize" if has_status => json!({ "f:status": {} }),
            _ => json!({}),
        })
    }
}
/// Sets defaults, and brings a built-in object into its form.
pub(super) fn settle(object: &mut Value, resource: &Resource) -> Result<(), Status> {
    let is_custom = resource.custom().is_some();
    let empty = if is_custom { Vec::new() } else { builtin::empty_lists(object, resource) };
    if !is_custom {
        builtin::in_form(object, resource)?;
    }
    objects::set_defaults(object, resource.schema());
    if !is_custom {
        objects::as_go_writes(object, resource.schema());
        builtin::set_defaults(object, resource);
        objects::as_go_writes(object, resource.schema());
        builtin::set_nulls(object, resource);
        builtin::put_empty_lists(object, &empty);
    }
    Ok(())
}

pub(super) fn is_definition(storage: &StorageKey) -> bool {
    *storage == StorageKey::definitions()
}

/// Whether a write through a subresource is about the status.
fn is_of_status(subresource: &str) -> bool {
    matches!(subresource, "status" | "approval")
}

fn is_reset(managed: &[Value]) -> bool {
    managed.is_empty() || managed == [json!({})]
}

/// Whether an object that is being deleted has nothing left that keeps it.
pub(super) fn is_ready_to_go(object: &Value) -> bool {
    let metadata = &object["metadata"];
    let is_kept = metadata["finalizers"].as_array().is_some_and(|names| !names.is_empty())
        || metadata["deletionGracePeriodSeconds"].as_i64().is_some_and(|seconds| seconds > 0)
        || is_namespace_in_use(object);
    metadata.get("deletionTimestamp").is_some() && !is_kept
}

/// Whether a namespace has finalizers of its spec: until a controller has emptied it.
fn is_namespace_in_use(object: &Value) -> bool {
    object["kind"] == "Namespace"
        && object["apiVersion"] == "v1"
        && object["spec"]["finalizers"].as_array().is_some_and(|names| !names.is_empty())
}

/// What is said of a field in a write of the status, which is checked by itself: the fields in it have paths from there.
fn without_status(message: &str, field: &str) -> String {
    let inner = field.strip_prefix("status").map(|rest| rest.trim_start_matches('.'));
    inner.map_or_else(
        || message.to_owned(),
        |inner| message.replacen(&format!("{field} in body"), &format!("{inner} in body"), 1),
    )
}

/// Sets a field, or removes it.
pub(super) fn replace_field(object: &mut Value, name: &str, value: Option<Value>) {
    let Value::Object(fields) = object else { return };
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
}

/// Takes `managedFields` out of an object; null if there are none.
pub(super) fn take_managed_fields(object: &mut Value) -> Value {
    let taken = object["metadata"].as_object_mut().and_then(|metadata| metadata.remove("managedFields"));
    taken.unwrap_or_default()
}

fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    take_managed_fields(&mut object);
    object
}

pub(super) fn put_managers(object: &mut Value, managers: &Managers) {
    replace_field(&mut object["metadata"], "managedFields", ownership::encode(managers));
}

/// `managedFields` without its times, which alone make no change.
fn without_times(managed: &Option<Value>) -> Option<Value> {
    let mut managed = managed.clone().filter(|managed| !managed.is_null())?;
    for entry in managed.as_array_mut().into_iter().flatten() {
        replace_field(entry, "time", None);
    }
    Some(managed)
}
