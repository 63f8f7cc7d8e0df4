//! Deleting objects and collections.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::{Answer, decode};
use super::negotiate::Encoding;
use super::read::{self, about, corrupt, key_of, number, present, shown};
use super::unknown_dry_run;
use super::write::{Writing, is_definition, is_ready_to_go, replace_field};
use crate::builtin;
use crate::quoted::quoted;
use crate::status::{About, Cause, Status};
use crate::stored::Stored;

/// What a deletion is asked to do.
#[derive(Debug, Default)]
pub(super) struct Options {
    is_dry_run: bool,
    /// `gracePeriodSeconds`
    grace: Option<i64>,
    policy: Option<String>,
    uid: Option<String>,
    version: Option<String>,
}

/// The finalizers that a policy of propagation sets.
const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// The warning of a deletion that leaves pods.
const ORPHANED: &str = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

/// The namespaces that a server does not delete.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle>
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

impl Writing<'_> {
    /// DELETE of an object.
    pub fn delete(&mut self) -> Result<Answer, Status> {
        let options = self.options()?;
        self.warn_of_orphans(&options);
        let name = self.path.name.clone().unwrap_or_default();
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        let key = key_of(self.path.namespace.as_deref(), &name);
        let old = shown(self.call, self.resource, &found).map_err(|status| corrupt(status, self.resource, &key))?;
        check(&options, &found, About { kind: &self.resource.kind, ..about(self.resource, &name) })?;
        if self.resource.is_namespaces() && IMMORTAL.contains(&&*name) {
            let why = "this namespace may not be deleted";
            return Err(Status::forbidden(about(self.resource, &name), why, Value::Null));
        }
        self.admit_by_policies_with(None, Some(&old), "", &self.written(&found, &options))?;
        self.admit_deletion_of(&found, &options)?;
        Ok(Answer::ok(self.delete_one(&found, &options)?))
    }

    /// Warns of pods that stay, also where nothing is deleted.
    fn warn_of_orphans(&mut self, options: &Options) {
        if options.policy.is_none() && self.is_of_jobs() {
            self.warnings.push(ORPHANED.to_owned());
        }
    }

    /// The options of a deletion that another operation has in its body, with their preconditions checked.
    pub fn deletion_of(&self, found: &Value, body: &Value) -> Result<Options, Status> {
        let options = Options::of_body(body)?;
        let name = self.path.name.as_deref().unwrap_or_default();
        check(&options, found, About { kind: &self.resource.kind, ..about(self.resource, name) })?;
        Ok(options)
    }

    /// Deletes an object for another operation.
    pub fn delete_for(&mut self, found: &Arc<Stored>, options: &Options) -> Result<Value, Status> {
        self.delete_one(found, options)
    }

    /// DELETE of a collection. The answer has the objects as they were.
    pub fn delete_collection(&mut self) -> Result<Answer, Status> {
        let options = self.options()?;
        self.warn_of_orphans(&options);
        // What is deleted is what a list has.
        let (call, state, gates) = (self.call, &*self.state, self.server.gates);
        let listed = call.memory.list(|| {
            read::list(state, call, self.resource, self.path, gates).map(|list| list.into_value(self.resource))
        })?;
        let storage = self.resource.storage_key();
        for item in listed["items"].as_array().into_iter().flatten() {
            let metadata = &item["metadata"];
            let key = key_of(metadata["namespace"].as_str(), metadata["name"].as_str().unwrap_or_default());
            if call.memory.is_done(&key) {
                continue;
            }
            if let Some(object) = self.state.store.get(&storage, &key).cloned() {
                // Objects that come before one that is not deleted, for a precondition, a policy or a webhook, are.
                let name = metadata["name"].as_str().unwrap_or_default();
                check(&options, &object, About { kind: &self.resource.kind, ..about(self.resource, name) })?;
                let old = shown(call, self.resource, &object)?;
                self.admit_by_policies_with(None, Some(&old), "", &self.written(&object, &options))?;
                self.admit_deletion_of(&object, &options)?;
                self.delete_one(&object, &options)?;
            }
            call.memory.set_done(key);
        }
        Ok(Answer::ok(listed))
    }

    /// Asks webhooks about a deletion, unless it changes nothing of one that has begun.
    fn admit_deletion_of(&mut self, found: &Arc<Stored>, options: &Options) -> Result<(), Status> {
        if !self.has_webhooks() {
            return Ok(());
        }
        let grace = self.grace(found, options);
        let begun = found["metadata"]["deletionGracePeriodSeconds"].as_i64();
        let is_shorter = begun.is_none_or(|begun| begun == 0 || grace.is_some_and(|grace| grace < begun));
        if grace.is_some() && !is_shorter {
            return Ok(());
        }
        let written = self.written(found, options);
        let shown = shown(self.call, self.resource, found)?;
        self.admit_deletion(&shown, written.clone(), options.is_dry_run)?;
        if grace != Some(0) {
            return Ok(());
        }
        // What ends at once is marked, and then deleted: the second is a deletion again.
        let mut marked = shown;
        if !options.is_dry_run {
            let finalizers = finalizers(found, self.policy(options));
            if !finalizers.is_empty() {
                return Ok(());
            }
            marked = self.marked(found, &finalizers, 0)?;
            marked["metadata"]["resourceVersion"] = json!((self.state.store.revision() + 1).to_string());
        }
        self.admit_deletion(&marked, written, options.is_dry_run)
    }

    /// The options as admission sees them: with the time that the object has.
    fn written(&self, found: &Value, options: &Options) -> Value {
        let mut written = options.to_json();
        if let Some(grace) = self.grace(found, options) {
            written["gracePeriodSeconds"] = json!(grace);
        }
        written
    }

    /// Deletes an object, or marks it if something keeps it. Returns what is answered.
    fn delete_one(&mut self, found: &Arc<Stored>, options: &Options) -> Result<Value, Status> {
        let metadata = &found["metadata"];
        let text = |name: &str| metadata[name].as_str().unwrap_or_default();
        let (name, namespace) = (text("name"), metadata["namespace"].as_str());
        let key = key_of(namespace, name);
        if let Some(answer) = self.delete_definition(&key, found, options) {
            return Ok(answer);
        }
        let policy = self.policy(options);
        let finalizers = finalizers(found, policy);
        let is_namespace = self.resource.is_namespaces();
        let grace = self.grace(found, options);
        if finalizers.is_empty() && !is_namespace && grace.is_none() {
            let deleted = if options.is_dry_run { Some(found.clone()) } else { self.delete_stored(&key) };
            let found = deleted.as_ref().unwrap_or(found);
            let is_returned = builtin::of(self.resource).is_some_and(|kind| kind.is_returned_when_deleted);
            return if is_returned { shown(self.call, self.resource, found) } else { Ok(self.success(found)) };
        }
        let mut marked = self.marked(found, &finalizers, grace.unwrap_or(0))?;
        if is_namespace {
            replace_field(&mut marked["metadata"], "deletionGracePeriodSeconds", None);
            // It stays until a controller has emptied it and calls `finalize`.
            marked["status"]["phase"] = json!("Terminating");
        }
        if options.is_dry_run || marked == shown(self.call, self.resource, found)? {
            return Ok(marked);
        }
        let stored = self.store(&key, marked)?.into_value();
        if grace.is_some() && is_ready_to_go(&stored) {
            // It is answered as watches have it: with the version of its deletion.
            let deleted = self.delete_stored(&key).map(|deleted| shown(self.call, self.resource, &deleted));
            return deleted.unwrap_or(Ok(stored));
        }
        Ok(stored)
    }

    /// Deletes a definition with its objects. Returns what is answered; `None` for other objects, and for one that was deleted before.
    fn delete_definition(&mut self, key: &str, found: &Stored, options: &Options) -> Option<Value> {
        let storage = self.resource.storage_key();
        if !is_definition(&storage) {
            return None;
        }
        let now = self.now();
        let marked = builtin::cleanup::begin(found, &now)?;
        if options.is_dry_run {
            return Some(marked);
        }
        let marked = self.state.store.put(&storage, key, marked);
        let answer = marked.with(Value::clone);
        builtin::cleanup::empty(&mut self.state.store, &marked, &self.server.documents, &now);
        self.settle_definitions(key);
        Some(answer)
    }

    /// How long an object has until it ends: of the kinds that end gracefully, which are pods.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
    fn grace(&self, pod: &Value, options: &Options) -> Option<i64> {
        if !self.resource.group.is_empty() || self.resource.plural != "pods" {
            return None;
        }
        let metadata = &pod["metadata"];
        if metadata.get("deletionTimestamp").is_some() {
            // It can only be made shorter.
            let present = metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
            return Some(options.grace.unwrap_or(present).min(present));
        }
        let own = pod["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(0);
        let has_ended = matches!(pod["status"]["phase"].as_str(), Some("Failed" | "Succeeded"));
        let runs_nowhere = pod["spec"]["nodeName"].as_str().unwrap_or_default().is_empty();
        let period = if runs_nowhere || has_ended { 0 } else { options.grace.unwrap_or(own) };
        Some(if period < 0 { 1 } else { period })
    }

    /// The policy of propagation: jobs and replication controllers leave their pods by default.
    fn policy<'o>(&self, options: &'o Options) -> Option<&'o str> {
        options.policy.as_deref().or_else(|| self.orphans_by_default().then_some("Orphan"))
    }

    fn orphans_by_default(&self) -> bool {
        let is_controller = self.resource.group.is_empty() && self.resource.plural == "replicationcontrollers";
        is_controller || self.is_of_jobs()
    }

    fn is_of_jobs(&self) -> bool {
        self.resource.group == "batch" && self.resource.plural == "jobs"
    }

    /// The object with the time of its deletion, `grace` seconds from now.
    fn marked(&self, found: &Value, finalizers: &[Value], grace: i64) -> Result<Value, Status> {
        let mut object = shown(self.call, self.resource, found)?;
        let metadata = &mut object["metadata"];
        let is_new = metadata.get("deletionTimestamp").is_none();
        replace_field(metadata, "finalizers", (!finalizers.is_empty()).then(|| json!(finalizers)));
        let present = metadata["deletionGracePeriodSeconds"].as_i64();
        if is_new {
            metadata["deletionTimestamp"] = json!(self.now_after(grace));
            metadata["deletionGracePeriodSeconds"] = json!(grace);
            if let Some(generation) = metadata["generation"].as_i64() {
                metadata["generation"] = json!(generation + 1);
            }
        } else if let Some(shorter) = present.map(|present| present - grace).filter(|shorter| *shorter > 0) {
            let time = metadata["deletionTimestamp"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
            if let Some(time) = time.and_then(|time| time.checked_sub(SignedDuration::from_secs(shorter)).ok()) {
                metadata["deletionTimestamp"] = json!(time.to_string());
            }
            metadata["deletionGracePeriodSeconds"] = json!(grace);
        }
        Ok(object)
    }

    /// `Status` of an object that is gone.
    fn success(&self, found: &Value) -> Value {
        let metadata = &found["metadata"];
        let mut details = json!({ "name": metadata["name"], "kind": self.resource.plural, "uid": metadata["uid"] });
        if !self.resource.group.is_empty() {
            details["group"] = json!(self.resource.group);
        }
        json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
    }

    /// The options. If there is a body, whatever it says, those of the query don't count.
    fn options(&self) -> Result<Options, Status> {
        if self.call.body.is_empty() {
            let query = &self.call.query;
            let orphans = query.get("orphanDependents").map(|_| query.is_true("orphanDependents"));
            let policy = query.get("propagationPolicy").map(str::to_owned);
            if policy.is_some() && orphans.is_some() {
                return Err(two_policies(&json!(policy)));
            }
            if let Some(cause) = unknown_dry_run(query) {
                return Err(invalid(cause));
            }
            check_policy(policy.as_deref())?;
            if query.is_true(IGNORED_READ_ERRORS) {
                return Err(Status::not_done(IGNORED_READ_ERRORS));
            }
            return Ok(Options {
                is_dry_run: self.is_dry_run(),
                grace: number(query, "gracePeriodSeconds")?,
                policy: policy
                    .or_else(|| orphans.map(|orphans| if orphans { "Orphan" } else { "Background" }.to_owned())),
                ..Options::default()
            });
        }
        let encoding = Encoding::of_body(self.call.header(CONTENT_TYPE)).unwrap_or(Encoding::Json);
        let body = decode(&self.call.body, encoding)?;
        Options::of_body(&body)
    }
}

/// The option that deletes what can't be read.
const IGNORED_READ_ERRORS: &str = "ignoreStoreReadErrorWithClusterBreakingPotential";

impl Options {
    /// As webhooks get them.
    fn to_json(&self) -> Value {
        let mut options = json!({ "kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1" });
        if self.is_dry_run {
            options["dryRun"] = json!(["All"]);
        }
        if let Some(grace) = self.grace {
            options["gracePeriodSeconds"] = json!(grace);
        }
        if let Some(policy) = &self.policy {
            options["propagationPolicy"] = json!(policy);
        }
        for (name, value) in [("uid", &self.uid), ("resourceVersion", &self.version)] {
            if let Some(value) = value {
                options["preconditions"][name] = json!(value);
            }
        }
        options
    }

    /// Those of a `DeleteOptions`.
    fn of_body(body: &Value) -> Result<Self, Status> {
        check_body(body)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if body["orphanDependents"].is_boolean() && body["propagationPolicy"].is_string() {
            return Err(two_policies(&body["propagationPolicy"]));
        }
        let options = Self {
            is_dry_run: body["dryRun"].as_array().is_some_and(|values| values.iter().any(|value| value == "All")),
            grace: body["gracePeriodSeconds"].as_i64(),
            policy: text(&body["propagationPolicy"]).or_else(|| {
                let orphans = body["orphanDependents"].as_bool()?;
                Some(if orphans { "Orphan" } else { "Background" }.to_owned())
            }),
            uid: text(&body["preconditions"]["uid"]),
            version: text(&body["preconditions"]["resourceVersion"]),
        };
        check_policy(options.policy.as_deref())?;
        if body["dryRun"].as_array().is_some_and(|values| values.iter().any(|value| value != "All")) {
            let message = format!("Unsupported value: {}: supported values: \"All\"", body["dryRun"]);
            return Err(invalid(Cause { reason: "FieldValueNotSupported", message, field: "dryRun".to_owned() }));
        }
        Ok(options)
    }
}

/// Checks that a body is that of options, whatever they say.
fn check_body(body: &Value) -> Result<(), Status> {
    type Fits = fn(&Value) -> bool;
    let refused = |what: &str| Err(Status::bad_request(format!("json: cannot unmarshal {what}")));
    if !body.is_object() && !body.is_null() {
        return refused("what is no object into DeleteOptions");
    }
    let kind = body["kind"].as_str().unwrap_or_default();
    if !matches!(kind, "" | "DeleteOptions") {
        return Err(Status::bad_request(format!("{kind} is no kind of options")));
    }
    let fields: [(&str, Fits, &str); 5] = [
        ("gracePeriodSeconds", Value::is_i64, "int64"),
        ("dryRun", Value::is_array, "[]string"),
        ("orphanDependents", Value::is_boolean, "bool"),
        ("propagationPolicy", Value::is_string, "v1.DeletionPropagation"),
        ("preconditions", Value::is_object, "v1.Preconditions"),
    ];
    for (field, fits, kind) in fields {
        if !body[field].is_null() && !fits(&body[field]) {
            return refused(&format!("another type into Go struct field DeleteOptions.{field} of type {kind}"));
        }
    }
    if body[IGNORED_READ_ERRORS] == true {
        return Err(Status::not_done(IGNORED_READ_ERRORS));
    }
    Ok(())
}

/// The error of options that say in two ways the outcome of dependents.
fn two_policies(policy: &Value) -> Status {
    let detail = "orphanDependents and deletionPropagation cannot be both set";
    invalid(Cause::invalid("propagationPolicy", policy, detail))
}

fn check_policy(policy: Option<&str>) -> Result<(), Status> {
    match policy {
        None | Some("Background" | "Foreground" | "Orphan") => Ok(()),
        Some(other) => {
            let message = format!(
                "Unsupported value: {}: supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
                quoted(other)
            );
            Err(invalid(Cause { reason: "FieldValueNotSupported", message, field: "propagationPolicy".to_owned() }))
        }
    }
}

fn invalid(cause: Cause) -> Status {
    Status::invalid(About { group: "meta.k8s.io", kind: "DeleteOptions", name: "" }, &[cause])
}

/// Checks the preconditions.
fn check(options: &Options, found: &Value, about: About<'_>) -> Result<(), Status> {
    let metadata = &found["metadata"];
    let text = |name: &str| metadata[name].as_str().unwrap_or_default();
    if let Some(wanted) = options.uid.as_deref().filter(|wanted| *wanted != text("uid")) {
        let why = format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({}). The object might have been deleted and then recreated",
            text("uid")
        );
        return Err(Status::conflict(about, &why));
    }
    if let Some(wanted) = options.version.as_deref().filter(|wanted| *wanted != text("resourceVersion")) {
        let why = format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({}). The object might have been modified",
            text("resourceVersion")
        );
        return Err(Status::conflict(about, &why));
    }
    Ok(())
}

/// The finalizers of an object that is to be deleted by a policy.
fn finalizers(object: &Value, policy: Option<&str>) -> Vec<Value> {
    let present = object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
    let of_policy = match policy {
        Some("Orphan") => Some(ORPHAN),
        Some("Foreground") => Some(FOREGROUND),
        Some(_) => None,
        None => return present,
    };
    let others = present.into_iter().filter(|name| name != ORPHAN && name != FOREGROUND);
    others.chain(of_policy.map(Value::from)).collect()
}
