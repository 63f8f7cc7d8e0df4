//! Deleting objects and collections.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::answer::{Answer, decode};
use super::negotiate::Encoding;
use super::read::{self, about, key_of, present, shown};
use super::write::{Writing, replace_field};
use crate::status::{About, Cause, Status};

/// What a deletion is asked to do.
#[derive(Debug, Default)]
struct Options {
    is_dry_run: bool,
    policy: Option<String>,
    uid: Option<String>,
    version: Option<String>,
}

/// The finalizers that a policy of propagation sets.
const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

impl Writing<'_> {
    /// DELETE of an object.
    pub fn delete(&mut self) -> Result<Answer, Status> {
        let options = self.options()?;
        let name = self.path.name.clone().unwrap_or_default();
        let found = present(self.state, self.resource, self.path.namespace.as_deref(), &name)?;
        check(&options, &found, About { kind: &self.resource.kind, ..about(self.resource, &name) })?;
        Ok(Answer::ok(self.delete_one(&found, &options)))
    }

    /// DELETE of a collection. The answer has the objects as they were.
    pub fn delete_collection(&mut self) -> Result<Answer, Status> {
        let options = self.options()?;
        // What is deleted is what a list has.
        let listed = read::list(self.state, self.call, self.resource, self.path)?;
        let storage = self.resource.storage_key();
        for item in listed.object["items"].as_array().into_iter().flatten() {
            let metadata = &item["metadata"];
            let key = key_of(metadata["namespace"].as_str(), metadata["name"].as_str().unwrap_or_default());
            if let Some(object) = self.state.store.get(&storage, &key).cloned() {
                self.delete_one(&object, &options);
            }
        }
        Ok(listed)
    }

    /// Deletes an object, or marks it if something keeps it. Returns what is answered.
    fn delete_one(&mut self, found: &Arc<Value>, options: &Options) -> Value {
        let metadata = &found["metadata"];
        let text = |name: &str| metadata[name].as_str().unwrap_or_default();
        let (name, namespace) = (text("name"), metadata["namespace"].as_str());
        let key = key_of(namespace, name);
        let finalizers = finalizers(found, options.policy.as_deref());
        let is_namespace = self.resource.group.is_empty() && self.resource.plural == "namespaces";
        if finalizers.is_empty() && !is_namespace {
            if !options.is_dry_run {
                self.delete_stored(&key);
            }
            return self.success(found);
        }
        let mut marked = self.marked(found, &finalizers);
        if is_namespace {
            // It stays until a controller has emptied it and calls `finalize`.
            marked["status"]["phase"] = json!("Terminating");
        }
        if options.is_dry_run || marked == **found { marked } else { self.store(&key, marked) }
    }

    /// The object with the time of its deletion.
    fn marked(&self, found: &Value, finalizers: &[Value]) -> Value {
        let mut object = shown(self.resource, found);
        let is_new = object["metadata"].get("deletionTimestamp").is_none();
        replace_field(&mut object["metadata"], "finalizers", (!finalizers.is_empty()).then(|| json!(finalizers)));
        if is_new {
            object["metadata"]["deletionTimestamp"] = json!(self.server.clock.text());
            // The kinds that are served end without grace.
            object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            if let Some(generation) = object["metadata"]["generation"].as_i64() {
                object["metadata"]["generation"] = json!(generation + 1);
            }
        }
        object
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
            return Ok(Options {
                is_dry_run: self.is_dry_run(),
                policy: policy
                    .or_else(|| orphans.map(|orphans| if orphans { "Orphan" } else { "Background" }.to_owned())),
                ..Options::default()
            });
        }
        let encoding = Encoding::of_body(self.call.header(CONTENT_TYPE)).unwrap_or(Encoding::Json);
        let body = decode(&self.call.body, encoding)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let options = Options {
            is_dry_run: body["dryRun"].as_array().is_some_and(|values| values.iter().any(|value| value == "All")),
            policy: text(&body["propagationPolicy"]).or_else(|| {
                let orphans = body["orphanDependents"].as_bool()?;
                Some(if orphans { "Orphan" } else { "Background" }.to_owned())
            }),
            uid: text(&body["preconditions"]["uid"]),
            version: text(&body["preconditions"]["resourceVersion"]),
        };
        match options.policy.as_deref() {
            None | Some("Background" | "Foreground" | "Orphan") => Ok(options),
            Some(other) => {
                let about = About { group: "meta.k8s.io", kind: "DeleteOptions", name: "" };
                let message = format!(
                    "Unsupported value: {other:?}: supported values: \"Background\", \"Foreground\", \"Orphan\""
                );
                let cause = Cause { reason: "FieldValueNotSupported", message, field: "propagationPolicy".to_owned() };
                Err(Status::invalid(about, &[cause]))
            }
        }
    }
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
