//! Watches.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>

use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::answer::{Body, encode, metadata_alone};
use super::call::{Call, Query};
use super::compress;
use super::negotiate::{Encoding, Form, View};
use super::read::{Selection, number, too_large};
use super::shown::{Shown, bytes_of, has_bytes, is_as_stored};
use super::table::Tables;
use super::target::ResourcePath;
use super::wire::{field, head};
use crate::builtin;
use crate::catalog::Resource;
use crate::objects;
use crate::quoted::quoted;
use crate::server::{Server, State};
use crate::status::{About, Cause, Status};
use crate::store::{Action, Change};
use crate::stored::Stored;

/// A watch that goes on.
struct Watch {
    server: Arc<Server>,
    resource: Arc<Resource>,
    selection: Selection,
    form: Form,
    tables: Option<Tables>,
    /// Whether it is gzip: each flush is a member of its own.
    is_compressed: bool,
    /// Up to where events were sent.
    revision: u64,
    /// What is to be sent at once.
    queue: VecDeque<Event>,
    /// Events of objects that a webhook may have to convert before.
    unconverted: Vec<Event>,
    changes: watch::Receiver<u64>,
    /// When the next bookmark is due, if they are asked for.
    bookmark: Option<Instant>,
    /// When it ends.
    end: Option<Instant>,
    is_over: bool,
}

/// Starts a watch.
pub(crate) fn start(
    server: &Arc<Server>,
    state: &State,
    call: &Call,
    resource: &Arc<Resource>,
    path: &ResourcePath,
    (form, tables): (Form, Option<Tables>),
) -> Result<Response<Body>, Status> {
    let query = &call.query;
    let selection = Selection::of(query, resource, path)?;
    let initial = check(query)?;
    let selection = selection.of_shards(query, server.gates)?;
    let bookmarks = query.is_true("allowWatchBookmarks");
    let current = state.store.revision();
    let version = query.get("resourceVersion").unwrap_or_default();
    let wanted: u64 = match version {
        "" => 0,
        version => version.parse().map_err(|_| {
            Status::unexplained(format!(
                "resourceVersion: Invalid value: {}: strconv.ParseUint: parsing {}: invalid syntax",
                quoted(version),
                quoted(version)
            ))
        })?,
    };
    let now = Instant::now();
    let seconds = number(query, "timeoutSeconds")?.filter(|seconds| *seconds != 0);
    // One that has ended before it begins. What a real server sends of it depends on what comes first: mostly nothing.
    let is_late = seconds.is_some_and(|seconds| seconds < 0);
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let mut watch = Watch {
        server: server.clone(),
        resource: resource.clone(),
        selection,
        form,
        tables,
        is_compressed: initial == Some(true) && compress::is_accepted(call),
        revision: current,
        queue: VecDeque::new(),
        unconverted: Vec::new(),
        changes: server.changes(),
        bookmark: bookmarks.then(|| now + server.bookmarks),
        end: seconds.map(|seconds| now + Duration::from_secs(seconds)),
        is_over: false,
    };
    if is_late {
        watch.is_over = true;
    } else if initial == Some(true) || (wanted == 0 && initial != Some(false)) {
        if initial == Some(true) && wanted > current {
            watch.fail(&too_large(wanted, current));
        } else {
            watch.begin_with_all(state, bookmarks);
        }
    } else if wanted != 0 {
        watch.revision = wanted;
        if wanted <= current {
            watch.take(state);
        }
    }
    let is_compressed = watch.is_compressed;
    let body = StreamBody::new(stream::unfold(watch, |mut watch| async move {
        let chunk = watch.next().await?;
        Some((Ok::<_, Box<dyn Error + Send + Sync>>(Frame::data(chunk)), watch))
    }));
    let mut response = Response::new(body.boxed_unsync());
    let media_type = match form.encoding {
        Encoding::Protobuf => "application/vnd.kubernetes.protobuf;stream=watch",
        other => other.media_type(),
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if is_compressed {
        compress::mark(&mut response);
    }
    Ok(response)
}

/// Checks the parameters. Returns `sendInitialEvents`, if it is there.
fn check(query: &Query) -> Result<Option<bool>, Status> {
    let invalid = |field: &str, detail: &str| {
        let about = About { group: "meta.k8s.io", kind: "ListOptions", name: "" };
        Status::invalid(about, &[Cause::forbidden(field, detail)])
    };
    if query.get("continue").is_some_and(|token| !token.is_empty()) {
        return Err(invalid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
    }
    let matching = query.get("resourceVersionMatch").unwrap_or_default();
    match query.get("sendInitialEvents").filter(|value| !value.is_empty()) {
        None if !matching.is_empty() => Err(invalid(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        )),
        None => Ok(None),
        Some(_) if matching != "NotOlderThan" => Err(invalid(
            "resourceVersionMatch",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        )),
        Some(_) => Ok(Some(query.is_true("sendInitialEvents"))),
    }
}

impl Watch {
    /// The next chunk. `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.convert().await;
            if self.is_compressed && !self.queue.is_empty() {
                let mut flushed = Vec::new();
                while let Some(event) = self.queue.pop_front() {
                    // After one that can't be encoded there are no others; those before it are sent.
                    flushed.extend_from_slice(&self.encode(event).unwrap_or_default());
                }
                return if flushed.is_empty() { None } else { compress::gzip(&flushed).ok() };
            }
            if let Some(event) = self.queue.pop_front() {
                return self.encode(event);
            }
            if self.is_over {
                return None;
            }
            let timer = [self.bookmark, self.end].into_iter().flatten().min();
            let changes = &mut self.changes;
            let is_changed = tokio::select! {
                changed = changes.changed() => { if changed.is_err() { return None; } true }
                () = until(timer) => false,
            };
            if is_changed {
                let server = self.server.clone();
                self.take(&server.state());
            } else {
                self.on_time();
            }
        }
    }

    /// What is due by now: the end, or a bookmark.
    fn on_time(&mut self) {
        let now = Instant::now();
        self.is_over = self.end.is_some_and(|end| end <= now);
        if !self.is_over && self.bookmark.is_some_and(|due| due <= now) {
            self.bookmark = Some(now + self.server.bookmarks);
            let object = self.bookmark_object(false);
            self.send("BOOKMARK", object);
        }
    }

    fn begin_with_all(&mut self, state: &State, bookmarks: bool) {
        let storage = self.resource.storage_key();
        let objects = state.store.all(&storage).filter(|(key, object)| self.selection.has_stored(key, object));
        for object in objects.map(|(_, object)| self.shown(object)).collect::<Vec<_>>() {
            self.send("ADDED", object);
        }
        if bookmarks {
            let object = self.bookmark_object(true);
            self.send("BOOKMARK", object);
        }
    }

    /// Takes the changes since the last.
    fn take(&mut self, state: &State) {
        let Some(changes) = state.store.changes_since(&self.resource.storage_key(), self.revision) else {
            let (asked, oldest) = (self.revision, state.store.compacted());
            return self.fail(&Status::expired(format!("too old resource version: {asked} ({oldest})")));
        };
        for change in changes {
            if let Some((kind, object)) = self.event(&change) {
                self.send(kind, object);
            }
        }
        self.revision = self.revision.max(state.store.revision());
    }

    /// What a change is to this watch: an object that leaves the selection is deleted, one that comes into it added.
    fn event(&self, change: &Change) -> Option<(&'static str, Shown)> {
        let has = |object: &Stored| self.selection.has_stored(&change.key, object);
        let was = change.previous.as_ref().filter(|object| has(object));
        let is = (change.action != Action::Deleted && has(&change.object)).then_some(&change.object);
        match (was, is) {
            (None, Some(object)) => Some(("ADDED", self.shown(object))),
            (Some(_), Some(object)) => Some(("MODIFIED", self.shown(object))),
            (Some(previous), None) => {
                let mut object = previous.with(|object| self.value(object));
                object["metadata"]["resourceVersion"] = json!(change.revision.to_string());
                Some(("DELETED", object.into()))
            }
            (None, None) => None,
        }
    }

    fn bookmark_object(&self, is_end_of_initial: bool) -> Value {
        let mut metadata = json!({ "resourceVersion": self.revision.to_string() });
        let mut object = objects::nothing(&self.resource).clone();
        builtin::as_converted(&mut object, &self.resource);
        for (name, value) in metadata.as_object_mut().into_iter().flatten() {
            object["metadata"][name] = value.take();
        }
        if is_end_of_initial {
            object["metadata"]["annotations"]["k8s.io/initial-events-end"] = json!("true");
        }
        object
    }

    /// An object in the version that is watched, but one that a webhook converts as it is stored.
    fn shown(&self, object: &Arc<Stored>) -> Shown {
        if is_as_stored(&self.resource, object) {
            return Shown::Stored(object.clone());
        }
        object.with(|object| self.value(object)).into()
    }

    /// The same as a value.
    fn value(&self, object: &Value) -> Value {
        if builtin::is_view(&self.resource) {
            return builtin::converted(object, &self.resource);
        }
        let mut object = object.clone();
        if let Some(custom) = self.resource.custom().filter(|custom| custom.conversion.is_none()) {
            custom.siblings.convert(&mut object, &self.resource.api_version());
        }
        object
    }

    /// Converts the objects that wait for that, all at once. If it can't be done, the watch ends with the error.
    async fn convert(&mut self) {
        let webhook = self.resource.custom().and_then(|custom| custom.conversion.clone());
        let (Some(webhook), false) = (webhook, self.unconverted.is_empty()) else { return };
        let mut events = std::mem::take(&mut self.unconverted);
        // Those that are stored in the version that is watched are sent as they are.
        let values = events.iter_mut().filter_map(|event| match &mut event.object {
            Shown::Stored(_) => None,
            Shown::Value(object) => Some(object.take()),
        });
        let values: Vec<Value> = values.collect();
        let converted = match webhook.convert_now(&self.server, values, &self.resource.api_version()).await {
            Ok(converted) => converted,
            Err(status) => return self.fail(&status),
        };
        let mut converted = converted.into_iter();
        for mut event in events {
            if let Shown::Value(object) = &mut event.object {
                let Some(next) = converted.next() else { return };
                *object = next;
            }
            self.queue.push_back(event);
        }
    }

    /// Ends it with an error.
    fn fail(&mut self, status: &Status) {
        self.queue.push_back(Event { kind: "ERROR", object: status.to_json().into() });
        self.is_over = true;
    }

    /// Sends an event once those before it are sent.
    fn send(&mut self, kind: &'static str, object: impl Into<Shown>) {
        let event = Event { kind, object: object.into() };
        if self.resource.custom().is_some_and(|custom| custom.conversion.is_some()) {
            self.unconverted.push(event);
        } else {
            self.queue.push_back(event);
        }
    }

    /// An event as it is sent. `None` if its object has no such encoding: it can't be left out, and so the watch is over.
    fn encode(&mut self, event: Event) -> Option<Bytes> {
        let Event { kind, object } = event;
        let encoding = self.form.encoding;
        let encoded = match (object, &mut self.tables) {
            (Shown::Stored(object), None) if has_bytes(self.form) => frame_stored(kind, &object, encoding),
            (object, Some(tables)) => frame(kind, &tables.next(object.into_value(), &self.resource), encoding),
            (object, None) if self.form.view == View::Metadata => {
                frame(kind, &metadata_alone(object.into_value(), self.form.version), encoding)
            }
            (object, None) => frame(kind, &object.into_value(), encoding),
        };
        if encoded.is_err() {
            self.queue.clear();
            self.is_over = true;
        }
        encoded.ok()
    }
}

/// An event that is not encoded yet.
struct Event {
    kind: &'static str,
    object: Shown,
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The event of an error, for a watch of this media type.
pub(crate) fn error_event(status: &Status, media_type: &str) -> Bytes {
    let encoding =
        if media_type.starts_with(Encoding::Protobuf.media_type()) { Encoding::Protobuf } else { Encoding::Json };
    frame("ERROR", &status.to_json(), encoding).unwrap_or_default()
}

/// An event as it is sent: in JSON a line, in protobuf with its length before it.
fn frame(kind: &str, object: &Value, encoding: Encoding) -> Result<Bytes, Status> {
    if encoding != Encoding::Protobuf {
        let mut line = json!({ "type": kind, "object": object }).to_string();
        line.push('\n');
        return Ok(line.into());
    }
    Ok(protobuf_frame(kind, &encode(object, encoding)?))
}

/// As [`frame`], of a stored object, from the bytes that it has.
fn frame_stored(kind: &str, object: &Stored, encoding: Encoding) -> Result<Bytes, Status> {
    if encoding == Encoding::Protobuf {
        return Ok(protobuf_frame(kind, bytes_of(object, encoding)?));
    }
    Ok([b"{\"object\":", &**object.json(), b",\"type\":\"", kind.as_bytes(), b"\"}\n"].concat().into())
}

fn protobuf_frame(kind: &str, object: &[u8]) -> Bytes {
    let raw = head(1, object.len());
    let mut event = field(1, kind.as_bytes());
    event.extend(head(2, raw.len() + object.len()));
    event.extend(raw);
    let length = u32::try_from(event.len() + object.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), &*event, object].concat().into()
}
