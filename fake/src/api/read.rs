//! Reading: one object, and lists.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::IntErrorKind;
use std::sync::Arc;

use http::Response;
use kubewright_core::CompactString;
use kubewright_core::selector::{FieldSelector, Selector};
use kubewright_core::types::Map as Labels;
use serde_json::{Value, json};

use super::answer::{Answer, Body, respond_in_pieces};
use super::call::{Call, Query};
use super::continuation::Continue;
use super::fields;
use super::negotiate::Form;
use super::shards::Shards;
use super::shown::{self, Shown, has_bytes, is_as_stored};
use super::target::ResourcePath;
use crate::builtin;
use crate::catalog::Resource;
use crate::gates::Gates;
use crate::quoted::quoted;
use crate::server::State;
use crate::status::{About, Cause, Status};
use crate::store::Key;
use crate::stored::Stored;

/// Which objects of a resource are asked for.
#[derive(Debug)]
pub(crate) struct Selection {
    namespace: Option<String>,
    name: Option<String>,
    labels: Selector,
    fields: FieldSelector,
    shards: Option<Shards>,
    /// Whether the fields are named as a view has them.
    is_view: bool,
}

impl Selection {
    pub fn of(query: &Query, resource: &Resource, path: &ResourcePath) -> Result<Self, Status> {
        let labels = query.get("labelSelector").unwrap_or_default().parse();
        let labels: Selector =
            labels.map_err(|error| Status::bad_request(format!("unable to parse requirement: {error}")))?;
        let fields = fields::selector(query.get("fieldSelector").unwrap_or_default(), resource)?;
        let is_view = builtin::is_view(resource);
        let (namespace, name) = (path.namespace.clone(), path.name.clone());
        Ok(Self { namespace, name, labels, fields, shards: None, is_view })
    }

    /// Restricts it to the shards of a request. Their selector is read after the other parameters were checked.
    pub fn of_shards(self, query: &Query, gates: Gates) -> Result<Self, Status> {
        Ok(Self { shards: Shards::of(query, gates)?, ..self })
    }

    /// As [`Self::has`], of an object with its key, without its value if the key is enough.
    pub fn has_stored(&self, key: &str, object: &Stored) -> bool {
        if !self.is_plain() || self.name.is_some() {
            return object.with(|object| self.has(object));
        }
        self.namespace.is_none() || namespace_of(key) == self.namespace.as_deref()
    }

    pub fn has(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let is = |field: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| metadata[field].as_str() == Some(wanted.as_str()))
        };
        is("namespace", &self.namespace)
            && is("name", &self.name)
            && self.shards.as_ref().is_none_or(|shards| shards.has(object))
            && (self.labels.is_empty() || self.labels.matches(&labels_of(object)))
            && self.fields.matches(|path| match self.is_view {
                true => fields::value(object, &builtin::stored_path(path)),
                false => fields::value(object, path),
            })
    }

    /// Whether nothing but the namespace narrows it: then a list says how much is left.
    fn is_plain(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty() && self.shards.is_none()
    }
}

fn labels_of(object: &Value) -> Labels<CompactString> {
    let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
    labels
        .filter_map(|(name, value)| Some((CompactString::from(name.as_str()), CompactString::from(value.as_str()?))))
        .collect()
}

/// The key of an object.
pub(crate) fn key_of(namespace: Option<&str>, name: &str) -> Key {
    match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    }
}

/// The namespace of a key.
fn namespace_of(key: &str) -> Option<&str> {
    key.split_once('/').map(|(namespace, _)| namespace)
}

/// Reads an object.
pub(crate) fn get(state: &State, call: &Call, resource: &Resource, path: &ResourcePath) -> Result<Answer, Status> {
    check_version(state, call.query.get("resourceVersion"), Reading::Get)?;
    let name = path.name.as_deref().unwrap_or_default();
    let key = key_of(path.namespace.as_deref(), name);
    let object = match past(state, call, resource) {
        None => present(state, resource, path.namespace.as_deref(), name)?,
        Some((_, mut objects)) => {
            let found = objects.remove(&key);
            found.ok_or_else(|| Status::not_found(about(resource, name)))?
        }
    };
    Shown::of(call, resource, &object).map(Answer::ok).map_err(|status| corrupt(status, resource, &key))
}

/// The revision and the objects that a stale read sees. `None` if the read isn't stale, or that is too long ago.
fn past(state: &State, call: &Call, resource: &Resource) -> Option<(u64, BTreeMap<Key, Arc<Stored>>)> {
    let revision = state.store.revision().checked_sub(call.staleness).filter(|_| call.staleness > 0)?;
    state.store.all_at(&resource.storage_key(), revision).map(|objects| (revision, objects.into_owned()))
}

/// The object of a name, or 404.
pub(crate) fn present(
    state: &State,
    resource: &Resource,
    namespace: Option<&str>,
    name: &str,
) -> Result<Arc<Stored>, Status> {
    let found = state.store.get(&resource.storage_key(), &key_of(namespace, name));
    found.cloned().ok_or_else(|| Status::not_found(about(resource, name)))
}

/// What errors say of an object.
pub(crate) fn about<'a>(resource: &'a Resource, name: &'a str) -> About<'a> {
    About { group: &resource.group, kind: &resource.plural, name }
}

/// An object in the version that it is asked for in: custom ones without a conversion webhook change their `apiVersion` alone.
pub(crate) fn shown(call: &Call, resource: &Resource, object: &Value) -> Result<Value, Status> {
    if builtin::is_view(resource) {
        return Ok(builtin::converted(object, resource));
    }
    let mut shown = object.clone();
    let Some(custom) = resource.custom() else { return Ok(shown) };
    match &custom.conversion {
        Some(webhook) => {
            let converted = webhook.convert(&call.memory, vec![shown], &resource.api_version());
            let converted = converted.map_err(|status| undecodable(status, object))?;
            converted.into_iter().next().ok_or_else(|| Status::internal("nothing was converted"))
        }
        None => {
            custom.siblings.convert(&mut shown, &resource.api_version());
            Ok(shown)
        }
    }
}

/// The error of a stored object that a webhook does not convert.
fn undecodable(status: Status, object: &Value) -> Status {
    if status.reason.is_some() {
        return status;
    }
    let revision = object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    Status::unexplained(format!("object not decodable revision={revision}: {}", status.message))
}

/// The same where it is read by its name.
pub(crate) fn corrupt(status: Status, resource: &Resource, key: &str) -> Status {
    if status.reason.is_some() || resource.custom().is_none() {
        return status;
    }
    Status::internal(&format!(
        "StorageError: corrupt object, Code: 7, Key: /{}/{}/{key}, ResourceVersion: 0, AdditionalErrorMsg: {}",
        resource.group, resource.plural, status.message
    ))
}

/// The objects of a list in the version that it is asked for in, if a webhook converts them: all at once.
fn all_shown<'s>(
    call: &Call,
    resource: &Resource,
    path: &ResourcePath,
    objects: Cow<'s, BTreeMap<Key, Arc<Stored>>>,
) -> Result<Cow<'s, BTreeMap<Key, Arc<Stored>>>, Status> {
    let Some(webhook) = resource.custom().and_then(|custom| custom.conversion.as_ref()) else { return Ok(objects) };
    let is_asked = |key: &Key| path.namespace.is_none() || namespace_of(key) == path.namespace.as_deref();
    let asked = || objects.iter().filter(|(key, _)| is_asked(key));
    if asked().all(|(_, object)| is_as_stored(resource, object)) {
        return Ok(objects);
    }
    let values = asked().map(|(_, object)| object.with(Value::clone)).collect();
    let converted = webhook.convert(&call.memory, values, &resource.api_version())?;
    let shown = asked().zip(converted).map(|((key, object), converted)| {
        let is_same = is_as_stored(resource, object);
        (key.clone(), if is_same { object.clone() } else { Arc::new(Stored::new(converted, object.revision)) })
    });
    Ok(Cow::Owned(shown.collect()))
}

/// Lists a resource.
pub(crate) fn list(
    state: &State,
    call: &Call,
    resource: &Resource,
    path: &ResourcePath,
    gates: Gates,
) -> Result<List, Status> {
    let query = &call.query;
    if query.get("sendInitialEvents").is_some_and(|value| !value.is_empty()) {
        let about = About { group: "meta.k8s.io", kind: "ListOptions", name: "" };
        let cause = Cause::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        return Err(Status::invalid(about, &[cause]));
    }
    let selection = Selection::of(query, resource, path)?;
    let limit = number(query, "limit")?.filter(|limit| *limit > 0).and_then(|limit| usize::try_from(limit).ok());
    number(query, "timeoutSeconds")?;
    let token = query.get("continue").filter(|token| !token.is_empty()).map(Continue::parse).transpose()?;
    let version = query.get("resourceVersion").filter(|version| !version.is_empty());
    let exact = match query.get("resourceVersionMatch").unwrap_or_default() {
        "" => limit.is_some() && version.is_some_and(|version| version != "0"),
        "Exact" => true,
        "NotOlderThan" => false,
        other => {
            let message =
                format!("Unsupported value: {}: supported values: \"Exact\", \"NotOlderThan\"", quoted(other));
            let field = "resourceVersionMatch".to_owned();
            return Err(wrong_match(&[Cause { reason: "FieldValueNotSupported", message, field }]));
        }
    };
    check_match(query, version, token.is_some())?;
    let selection = selection.of_shards(query, gates)?;
    let mut limit = limit;
    if version == Some("0") && token.is_none() {
        // As from the cache of a real server.
        limit = None;
    }
    check_version(state, version, Reading::List)?;
    let revision = match &token {
        Some(token) => token.revision.unwrap_or_else(|| state.store.revision()),
        None if exact => version.and_then(|version| version.parse().ok()).unwrap_or_else(|| state.store.revision()),
        None => state.store.revision(),
    };
    if revision > state.store.revision() {
        return Err(too_large(revision, state.store.revision()));
    }
    let stale = past(state, call, resource).filter(|_| token.is_none() && !exact);
    let (revision, objects) = match stale {
        Some((revision, objects)) => (revision, Cow::Owned(objects)),
        None => (
            revision,
            state.store.all_at(&resource.storage_key(), revision).ok_or_else(|| match &token {
                Some(token) => token.expired(),
                None => Status::expired("The resourceVersion for the provided list is too old."),
            })?,
        ),
    };
    let objects = all_shown(call, resource, path, objects)?;
    let start = token.map(|token| token.start).unwrap_or_default();
    Ok(page(&objects, resource, &selection, limit, &start, revision))
}

fn page(
    objects: &BTreeMap<Key, Arc<Stored>>,
    resource: &Resource,
    selection: &Selection,
    limit: Option<usize>,
    start: &str,
    revision: u64,
) -> List {
    let is_custom = resource.custom().is_some();
    let mut selected = objects
        .range(start.to_owned()..)
        .filter(|(key, object)| selection.has_stored(key, object))
        .map(|(key, object)| (key, object.clone()));
    let items: Vec<Arc<Stored>> = match limit {
        Some(limit) => selected.by_ref().take(limit).map(|(_, item)| item).collect(),
        None => selected.by_ref().map(|(_, item)| item).collect(),
    };
    let mut metadata = json!({ "resourceVersion": revision.to_string() });
    match &selection.shards {
        _ if is_custom => metadata["continue"] = json!(""),
        // Lists of custom resources have no such field in Go.
        Some(shards) => metadata["shardInfo"] = json!({ "selector": shards.text() }),
        None => {}
    }
    if let Some((next, _)) = selected.next() {
        let left = 1 + selected.count();
        metadata["continue"] = json!(Continue { revision: Some(revision), start: next.clone() }.to_text());
        if selection.is_plain() {
            metadata["remainingItemCount"] = json!(left);
        }
    }
    List { metadata, items }
}

/// What a list has.
#[derive(Debug)]
pub(crate) struct List {
    pub metadata: Value,
    /// The objects as they are stored, or as a webhook has converted them.
    pub items: Vec<Arc<Stored>>,
}

impl List {
    /// The response with the bytes that the objects have. Gives the list back if these can't be sent in this form.
    pub fn respond(self, resource: &Resource, form: Form) -> Result<Response<Body>, Self> {
        if !has_bytes(form) || !self.items.iter().all(|object| is_as_stored(resource, object)) {
            return Err(self);
        }
        match shown::list(resource, &self.metadata, &self.items, form.encoding) {
            Ok(pieces) => Ok(respond_in_pieces(form.encoding.media_type(), pieces)),
            Err(_) => Err(self),
        }
    }

    /// The list as an object.
    pub fn into_value(self, resource: &Resource) -> Value {
        let items: Vec<Value> = self.items.iter().map(|object| object.with(|object| item(resource, object))).collect();
        json!({
            "kind": format!("{}List", resource.kind),
            "apiVersion": resource.api_version(),
            "metadata": self.metadata,
            "items": items,
        })
    }
}

/// An object in a list: those of built-in kinds don't say what they are, custom ones are converted by now.
pub(crate) fn item(resource: &Resource, object: &Value) -> Value {
    let mut item = if builtin::is_view(resource) { builtin::converted(object, resource) } else { object.clone() };
    match (resource.custom(), &mut item) {
        (None, Value::Object(fields)) => {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        (Some(custom), item) => custom.siblings.convert(item, &resource.api_version()),
        _ => {}
    }
    item
}

/// What reads at a version.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Reading {
    Get,
    List,
}

/// Checks a version that is asked for: a real server waits three seconds for one of the future.
fn check_version(state: &State, version: Option<&str>, reading: Reading) -> Result<(), Status> {
    let Some(version) = version.filter(|version| !version.is_empty()) else { return Ok(()) };
    let Ok(version) = version.parse::<u64>() else {
        let why = format!("strconv.ParseUint: parsing {}: invalid syntax", quoted(version));
        return Err(match reading {
            Reading::Get => Status::unexplained(format!("resourceVersion: Invalid value: {}: {why}", quoted(version))),
            Reading::List => Status::bad_request(format!(
                "invalid resource version: resourceVersion: Invalid value: {}: {why}",
                quoted(version)
            )),
        });
    };
    if version > state.store.revision() {
        return Err(too_large(version, state.store.revision()));
    }
    Ok(())
}

/// 504 for a version of the future.
pub(crate) fn too_large(version: u64, current: u64) -> Status {
    let message = format!("Timeout: Too large resource version: {version}, current: {current}");
    Status {
        details: json!({ "causes": [{ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" }], "retryAfterSeconds": 1 }),
        retry_after: Some(1),
        ..Status::new(http::StatusCode::GATEWAY_TIMEOUT, Some("Timeout"), message)
    }
}

fn wrong_match(causes: &[Cause]) -> Status {
    Status::invalid(About { group: "meta.k8s.io", kind: "ListOptions", name: "" }, causes)
}

fn check_match(query: &Query, version: Option<&str>, has_token: bool) -> Result<(), Status> {
    if has_token && version.is_some_and(|version| version != "0") {
        return Err(Status::bad_request("specifying resource version is not allowed when using continue"));
    }
    let Some(wanted) = query.get("resourceVersionMatch").filter(|wanted| !wanted.is_empty()) else { return Ok(()) };
    let mut details = Vec::new();
    match version {
        None => details.push("resourceVersionMatch is forbidden unless resourceVersion is provided"),
        Some("0") if wanted == "Exact" => {
            details.push("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
        Some(_) => {}
    }
    if has_token {
        details.push("resourceVersionMatch is forbidden when continue is provided");
    }
    let causes: Vec<Cause> =
        details.into_iter().map(|detail| Cause::forbidden("resourceVersionMatch", detail)).collect();
    if causes.is_empty() { Ok(()) } else { Err(wrong_match(&causes)) }
}

/// A parameter that is a number.
pub(crate) fn number(query: &Query, name: &str) -> Result<Option<i64>, Status> {
    let Some(text) = query.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|error: std::num::ParseIntError| {
        let why = match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
            _ => "invalid syntax",
        };
        Status::bad_request(format!("strconv.ParseInt: parsing {}: {why}", quoted(text)))
    })
}
