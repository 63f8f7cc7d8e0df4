//! An unsent request: method, path, query and body, without IO.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Extensions, HeaderMap, Method, Request, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::identity::Retain;
use super::{LongRunning, NoReadTimeout, Timeouts, delete_options, response};
use crate::Served;
use crate::error::{BoxError, Error, Operation, Result};
use crate::json;
use crate::message::{Descriptor, Gvk, Message};
use crate::meta::v1::PartialObjectMetadata;
use crate::protobuf;

/// The accepted media types of a caller that supports both encodings.
const EITHER: &str = "application/vnd.kubernetes.protobuf, application/json";

/// The media type of JSON.
pub(crate) const JSON: &str = "application/json";

/// The query parameter that selects the objects of one shard.
pub(crate) const SHARD_SELECTOR: &str = "shardSelector";

/// The media type of server-side apply: JSON is YAML.
const APPLY: &str = "application/apply-patch+yaml";

/// Characters to escape in a query value. Go silently drops a parameter with a bare semicolon.
const QUERY: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'%').add(b'&').add(b'+').add(b';').add(b'=');

/// Creates an empty object of some type.
pub(crate) type NewMessage = fn() -> Box<dyn Message>;

/// An unsent request. The first error while building it is kept, and returned when it is sent, so that builder methods
/// need not return a `Result`.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    preconditions: Vec<(&'static str, String)>,
    accept: &'static str,
    /// The `Accept` header if the response may be protobuf, and the kind of the response.
    protobuf: Option<(&'static str, Gvk)>,
    body: Option<(&'static str, Bytes)>,
    /// The body of a partial apply, if it differs.
    partial: Option<Bytes>,
    /// The kind of the body, if it is an object in protobuf.
    sends: Option<(Gvk, NewMessage)>,
    fault: Option<String>,
    /// Paths of the fields to skip while decoding.
    dropped: Vec<String>,
    /// Which objects are decoded, if not all.
    retain: Option<Retain>,
    page_size: Option<u32>,
    served: Served,
    needs: Served,
    /// Whether the response may be silent for long.
    no_read_timeout: bool,
    timeouts: Timeouts,
    /// Extensions for the client's layers.
    extensions: Extensions,
    /// Headers that request a protocol switch.
    switch: Option<Box<HeaderMap>>,
}

/// A call in protobuf failed because of its encoding.
pub(crate) struct Fallback {
    /// The kinds that require JSON.
    pub(crate) kinds: Vec<Gvk>,
    /// Whether the call, which is in JSON now, may be retried.
    pub(crate) again: bool,
}

impl Call {
    pub(crate) fn new(method: Method, path: Result<String, String>) -> Self {
        let (path, fault) = match path {
            Ok(path) => (path, None),
            Err(fault) => (String::new(), Some(fault)),
        };
        Self {
            method,
            path,
            query: Vec::new(),
            preconditions: Vec::new(),
            accept: JSON,
            protobuf: None,
            body: None,
            partial: None,
            sends: None,
            fault,
            dropped: Vec::new(),
            retain: None,
            page_size: None,
            served: Served::ALWAYS,
            needs: Served::ALWAYS,
            no_read_timeout: false,
            timeouts: Timeouts::default(),
            extensions: Extensions::new(),
            switch: None,
        }
    }

    /// Restricts the servers that serve the call.
    pub(crate) fn served_by(&mut self, served: Served) {
        self.served = served;
    }

    pub(crate) fn served(&self) -> Served {
        self.served
    }

    /// Restricts the servers that support an option of the call, which others do not reject but misunderstand.
    pub(crate) fn needs(&mut self, served: Served) {
        self.needs = self.needs.and(served);
    }

    pub(crate) fn needed(&self) -> Served {
        self.needs
    }

    /// Appends a query parameter.
    pub(crate) fn query(&mut self, name: &str, value: &str) {
        self.query.push((name.to_owned(), value.to_owned()));
    }

    /// Appends a query parameter that is a number or a boolean.
    pub(crate) fn query_value(&mut self, name: &str, value: impl std::fmt::Display) {
        self.query.push((name.to_owned(), value.to_string()));
    }

    /// Sets a query parameter, replacing an earlier value.
    pub(crate) fn set_query(&mut self, name: &str, value: Option<&str>) {
        self.query.retain(|(known, _)| known != name);
        if let Some(value) = value {
            self.query(name, value);
        }
    }

    /// Whether a query parameter is set.
    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        self.query.iter().any(|(known, _)| known == name)
    }

    /// Returns the value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it reads the objects of one shard.
    pub(crate) fn is_sharded(&self) -> bool {
        self.is_read() && self.has_parameter(SHARD_SELECTOR)
    }

    /// Whether the response has the objects themselves, instead of their metadata or a table.
    pub(crate) fn is_of_whole_objects(&self) -> bool {
        self.protobuf.map_or(self.accept == JSON, |(either, _)| either == EITHER)
    }

    /// Whether a query parameter has this value.
    pub(crate) fn has_query(&self, name: &str, value: &str) -> bool {
        self.query.iter().any(|(known, given)| known == name && given == value)
    }

    /// Turns the call for a list into one for single objects, as in a watch.
    pub(crate) fn list_to_watch(&mut self) {
        for name in ["limit", "continue"] {
            self.set_query(name, None);
        }
        self.page_size = None;
        if self.accept == PartialObjectMetadata::ACCEPT_LIST {
            self.accept_form(PartialObjectMetadata::ACCEPT, PartialObjectMetadata::ACCEPT_EITHER);
        }
    }

    /// Narrows a selector: all must match, which selectors write with a comma.
    pub(crate) fn select(&mut self, name: &str, selector: &str) {
        match self.query.iter_mut().find(|(known, _)| known == name) {
            Some((_, given)) if !given.is_empty() => {
                given.push(',');
                given.push_str(selector);
            }
            _ => self.query(name, selector),
        }
    }

    /// Returns the page size of a list; 0 for no pages.
    pub(crate) fn set_page_size(&mut self, items: u32) {
        self.page_size = (items > 0).then_some(items);
    }

    pub(crate) fn page_size(&self) -> Option<u32> {
        self.page_size
    }

    /// Sets the preconditions of a deletion.
    pub(crate) fn precondition(&mut self, name: &'static str, value: &str) {
        self.preconditions.push((name, value.to_owned()));
    }

    pub(crate) fn accept(&mut self, media_type: &'static str) {
        self.accept = media_type;
        self.protobuf = None;
    }

    /// Accepts an object of this kind in protobuf, besides JSON.
    pub(crate) fn offer_protobuf(&mut self, kind: Gvk) {
        self.protobuf = Some((EITHER, kind));
    }

    /// Accepts another form of the response, in protobuf too if the object itself would be.
    pub(crate) fn accept_form(&mut self, json: &'static str, either: &'static str) {
        self.accept = json;
        if let Some((accept, _)) = &mut self.protobuf {
            *accept = either;
        }
    }

    pub(crate) fn body(&mut self, media_type: &'static str, body: Bytes) {
        self.body = Some((media_type, body));
        self.sends = None;
        self.partial = None;
    }

    /// Sets the body of an apply, and that of a partial one.
    pub(crate) fn apply_body(&mut self, whole: Bytes, partial: Option<Bytes>) {
        self.body(APPLY, whole);
        self.partial = partial;
    }

    /// Makes an apply partial.
    pub(crate) fn send_partial(&mut self) {
        if let Some(partial) = self.partial.take() {
            self.body(APPLY, partial);
        }
    }

    /// Sets a protobuf body; `empty` creates an empty object, to convert it to JSON if the server declines protobuf.
    pub(crate) fn protobuf_body(&mut self, body: Bytes, kind: Gvk, make: NewMessage) {
        self.body = Some((protobuf::MEDIA_TYPE, body));
        self.sends = Some((kind, make));
    }

    /// Whether the call is read-only.
    pub(crate) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether anything in the call is protobuf.
    pub(crate) fn is_protobuf(&self) -> bool {
        self.protobuf.is_some() || self.sends.is_some()
    }

    /// Determines whether a failed protobuf call failed because of its encoding, and if so, falls back to JSON;
    /// otherwise returns `None`.
    ///
    /// There are two reasons. The server declines protobuf (406, 415, also in the middle of a watch): it has done
    /// nothing then, so that even a create may be retried. Or the response has something that protobuf can't represent:
    /// then a read may be retried, but a write, which was carried out, may not.
    pub(crate) fn fall_back(&mut self, error: &Error) -> Result<Option<Fallback>> {
        let declined = matches!(error.code(), Some(StatusCode::NOT_ACCEPTABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE));
        if !self.is_protobuf() || !(declined || response::needs_json(error)) {
            return Ok(None);
        }
        let kinds = self.kinds();
        if !declined && !self.is_read() {
            return Ok(Some(Fallback { kinds, again: false }));
        }
        self.settle_for_json()?;
        Ok(Some(Fallback { kinds, again: true }))
    }

    /// Returns the kinds in protobuf: of the response, and of the body.
    pub(crate) fn kinds(&self) -> Vec<Gvk> {
        let mut kinds: Vec<Gvk> = self.protobuf.iter().map(|(_, kind)| *kind).collect();
        kinds.extend(self.sends.map(|(kind, _)| kind).filter(|kind| !kinds.contains(kind)));
        kinds
    }

    /// Converts everything in the call to JSON.
    pub(crate) fn settle_for_json(&mut self) -> Result<()> {
        self.protobuf = None;
        let Some((kind, make)) = self.sends.take() else { return Ok(()) };
        let Some((_, body)) = &self.body else { return Ok(()) };
        let mut object = make();
        let text = protobuf::decode_into(&mut *object, body, &json::Options::default())
            .map_err(BoxError::from)
            .and_then(|()| Ok(json::to_vec(&*object)?));
        match text {
            Ok(text) => self.body = Some((JSON, text.into())),
            Err(error) => {
                let message =
                    format!("the server does not support protobuf, and the {} can't be encoded as JSON", kind.kind);
                return Err(Error::build(message).with_source(error).with_operation(&self.operation()));
            }
        }
        Ok(())
    }

    /// Returns the call that reads the object of this subresource.
    pub(crate) fn read_object(&self) -> Option<Self> {
        let (object, _) = self.path.rsplit_once('/')?;
        Some(Self::new(Method::GET, Ok(object.to_owned())))
    }

    pub(crate) fn set_method(&mut self, method: Method) {
        self.method = method;
    }

    /// Skips these fields while decoding.
    pub(crate) fn drop_fields(&mut self, table: &'static Descriptor, paths: &[&str]) {
        match json::Filter::new(table, paths) {
            Ok(_) => self.dropped.extend(paths.iter().map(|path| path.trim_start_matches('.').to_owned())),
            Err(error) => self.fault(error.to_string()),
        }
    }

    /// Skips managed fields while decoding, if the objects have any.
    pub(crate) fn drop_managed_fields(&mut self, table: &'static Descriptor) {
        let path = "metadata.managedFields";
        if json::Filter::new(table, &[path]).is_ok() {
            self.dropped.push(path.to_owned());
        }
    }

    /// The response now has only metadata: fields to skip outside of it do not exist.
    pub(crate) fn keep_metadata_alone(&mut self) {
        self.dropped.retain(|path| path.starts_with("metadata."));
    }

    /// Decodes only the objects for which the function returns true, and for which earlier ones did.
    pub(crate) fn retain(&mut self, retain: Retain) {
        self.retain = Some(match self.retain.take() {
            Some(earlier) => earlier.and(retain),
            None => retain,
        });
    }

    /// Returns which objects are decoded, if not all.
    pub(crate) fn retained(&self) -> Option<Retain> {
        self.retain.clone()
    }

    /// Returns how to decode objects of this table.
    pub(crate) fn options(&self, table: &'static Descriptor) -> json::Options {
        // The paths were validated when they were set; a call with an invalid one is not sent.
        json::Options::default().filter(json::Filter::new(table, &self.dropped).unwrap_or_default())
    }

    /// Disables the read time-out: the response continues while something is written, which may be rarely.
    pub(crate) fn without_read_timeout(&mut self) {
        self.no_read_timeout = true;
    }

    /// Returns the call's own time-outs.
    pub(crate) fn timeouts(&mut self) -> &mut Timeouts {
        &mut self.timeouts
    }

    /// Returns the call's own limit of the time without data.
    pub(crate) fn read_timeout(&self) -> Option<Duration> {
        self.timeouts.read
    }

    /// Whether its duration is up to the caller.
    fn is_long_running(&self) -> bool {
        let is_true = |name| matches!(self.parameter(name), Some("true" | "1"));
        self.no_read_timeout || self.switch.is_some() || is_true("watch") || is_true("follow")
    }

    /// Attaches an extension for the client's layers.
    pub(crate) fn extension<T: Clone + Send + Sync + 'static>(&mut self, extension: T) {
        self.extensions.insert(extension);
    }

    /// Records the first error.
    pub(crate) fn fault(&mut self, fault: impl Into<String>) {
        self.fault.get_or_insert_with(|| fault.into());
    }

    /// Returns the error in the shard selector, if any.
    fn shard_fault(&self) -> Option<&'static str> {
        let selector = self.parameter(SHARD_SELECTOR)?;
        if !self.is_read() {
            return Some(
                "only reads support a shardSelector: a server that does not shard ignores it, and would change every object",
            );
        }
        selector.trim().is_empty().then_some("the shard selector is empty: remove it to read every object")
    }

    /// Requests a protocol switch with these headers.
    pub(crate) fn switch_protocols(&mut self, headers: HeaderMap) {
        self.switch = Some(Box::new(headers));
    }

    pub(crate) fn switches_protocols(&self) -> bool {
        self.switch.is_some()
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn operation(&self) -> Operation {
        Operation { method: self.method.clone(), path: self.path.clone() }
    }

    /// Returns the HTTP request: path and query without a host, which the client's base URL layer adds.
    pub(crate) fn to_http(&self) -> Result<Request<Bytes>> {
        // If the path is invalid, there is no operation to name.
        self.build().map_err(|error| if self.path.is_empty() { error } else { error.with_operation(&self.operation()) })
    }

    fn build(&self) -> Result<Request<Bytes>> {
        if let Some(fault) = self.fault.as_deref().or_else(|| self.shard_fault()) {
            return Err(Error::build(fault));
        }
        let options;
        let (query, body) = if self.preconditions.is_empty() {
            (&*self.query, self.body.as_ref())
        } else {
            options = delete_options::body(&self.query, &self.preconditions);
            (&[][..], Some(&options))
        };
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(target(&self.path, query))
            .header(ACCEPT, HeaderValue::from_static(self.protobuf.map_or(self.accept, |(either, _)| either)));
        if let Some(extensions) = request.extensions_mut() {
            extensions.extend(self.extensions.clone());
        }
        if self.no_read_timeout {
            request = request.extension(NoReadTimeout);
        }
        if self.is_long_running() {
            request = request.extension(LongRunning);
        }
        if self.timeouts != Timeouts::default() {
            request = request.extension(self.timeouts);
        }
        let body = match body {
            Some((media_type, body)) => {
                request = request.header(CONTENT_TYPE, HeaderValue::from_static(media_type));
                body.clone()
            }
            None => Bytes::new(),
        };
        let mut request =
            request.body(body).map_err(|error| Error::build("invalid HTTP request").with_source(error))?;
        if let Some(headers) = self.switch.as_deref() {
            request.headers_mut().extend(headers.clone());
        }
        Ok(request)
    }
}

/// Returns path and query, escaped.
fn target(path: &str, query: &[(String, String)]) -> String {
    let mut target = path.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.extend(utf8_percent_encode(name, QUERY));
        target.push('=');
        target.extend(utf8_percent_encode(value, QUERY));
    }
    target
}

/// Omits the query and the body, which may contain secrets.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.body.as_ref().map(|(_, body)| body.len());
        let mut out = f.debug_struct("Call");
        out.field("method", &self.method).field("path", &self.path).field("bytes", &length).finish_non_exhaustive()
    }
}
