//! A request before it is sent: method, path, query and body, without any IO.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Extensions, HeaderMap, Method, Request, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{LongRunning, Patient, Timeouts, delete_options, response};
use crate::Served;
use crate::error::{BoxError, Error, Operation, Result};
use crate::json;
use crate::message::{Descriptor, Gvk, Message};
use crate::meta::v1::PartialObjectMetadata;
use crate::protobuf;

/// What a caller that understands both encodings says that it accepts.
const EITHER: &str = "application/vnd.kubernetes.protobuf, application/json";

/// The media type of JSON.
pub(crate) const JSON: &str = "application/json";

/// The query parameter that picks the objects of one shard.
pub(crate) const SHARD_SELECTOR: &str = "shardSelector";

/// The media type of what is applied: JSON, too, is YAML.
const APPLY: &str = "application/apply-patch+yaml";

/// What a query value may not contain as it is. Go takes no parameter with a bare semicolon, and says nothing.
const QUERY: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'%').add(b'&').add(b'+').add(b';').add(b'=');

/// Makes an empty object of some type.
pub(crate) type Make = fn() -> Box<dyn Message>;

/// A request in the making. The first thing that went wrong while it was made is kept, and told when it is sent, so
/// that builders need not return a `Result` at every step.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    preconditions: Vec<(&'static str, String)>,
    accept: &'static str,
    /// What to accept where the answer may be protobuf, and the kind of the answer.
    protobuf: Option<(&'static str, Gvk)>,
    body: Option<(&'static str, Bytes)>,
    /// What to send instead in a partial apply, if that differs.
    partial: Option<Bytes>,
    /// What the body is, if it is an object in protobuf.
    sends: Option<(Gvk, Make)>,
    fault: Option<String>,
    /// The paths of the fields that are left out of what is read.
    dropped: Vec<String>,
    page_size: Option<u32>,
    served: Served,
    needs: Served,
    /// The server may rightly be silent for long.
    patient: bool,
    timeouts: Timeouts,
    /// For the layers of the client.
    extensions: Extensions,
    /// The headers that ask the server to switch protocols.
    switch: Option<Box<HeaderMap>>,
}

/// That a call in protobuf failed for being so.
pub(crate) struct Fallback {
    /// The kinds that want JSON.
    pub(crate) kinds: Vec<Gvk>,
    /// Whether the call, which is in JSON now, may be sent again.
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
            page_size: None,
            served: Served::ALWAYS,
            needs: Served::ALWAYS,
            patient: false,
            timeouts: Timeouts::default(),
            extensions: Extensions::new(),
            switch: None,
        }
    }

    /// Says which servers have what is called.
    pub(crate) fn served_by(&mut self, served: Served) {
        self.served = served;
    }

    pub(crate) fn served(&self) -> Served {
        self.served
    }

    /// Says which servers understand an option of the call, where others do not refuse it but do something else.
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

    /// Sets a query parameter, in place of whatever it was.
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

    /// The value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it reads the objects of one shard.
    pub(crate) fn is_sharded(&self) -> bool {
        self.is_read() && self.has_parameter(SHARD_SELECTOR)
    }

    /// Whether the answer is the objects themselves, in place of their metadata or a table.
    pub(crate) fn is_of_whole_objects(&self) -> bool {
        self.protobuf.map_or(self.accept == JSON, |(either, _)| either == EITHER)
    }

    /// Whether a query parameter has this value.
    pub(crate) fn has_query(&self, name: &str, value: &str) -> bool {
        self.query.iter().any(|(known, given)| known == name && given == value)
    }

    /// Makes the call for a list one for single objects, as a watch gives them.
    pub(crate) fn list_to_watch(&mut self) {
        for name in ["limit", "continue"] {
            self.set_query(name, None);
        }
        self.page_size = None;
        if self.accept == PartialObjectMetadata::ACCEPT_LIST {
            self.accept_form(PartialObjectMetadata::ACCEPT, PartialObjectMetadata::ACCEPT_EITHER);
        }
    }

    /// Narrows a selector: all that were given must hold, which selectors write with a comma.
    pub(crate) fn select(&mut self, name: &str, selector: &str) {
        match self.query.iter_mut().find(|(known, _)| known == name) {
            Some((_, given)) if !given.is_empty() => {
                given.push(',');
                given.push_str(selector);
            }
            _ => self.query(name, selector),
        }
    }

    /// In pages of how many items to fetch a list; 0 is none.
    pub(crate) fn set_page_size(&mut self, items: u32) {
        self.page_size = (items > 0).then_some(items);
    }

    pub(crate) fn page_size(&self) -> Option<u32> {
        self.page_size
    }

    /// What must hold of an object for it to be deleted.
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

    /// Accepts another form of the answer: in protobuf too, if the object itself would be.
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

    /// Sends an object as it is applied, or in a partial apply less of it.
    pub(crate) fn apply_body(&mut self, whole: Bytes, partial: Option<Bytes>) {
        self.body(APPLY, whole);
        self.partial = partial;
    }

    /// Makes an apply a partial one.
    pub(crate) fn send_partial(&mut self) {
        if let Some(partial) = self.partial.take() {
            self.body(APPLY, partial);
        }
    }

    /// Sends an object in protobuf; the function makes an empty one, to send it in JSON should the server decline.
    pub(crate) fn protobuf_body(&mut self, body: Bytes, kind: Gvk, make: Make) {
        self.body = Some((protobuf::MEDIA_TYPE, body));
        self.sends = Some((kind, make));
    }

    /// Whether the call changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether anything in the call is protobuf.
    pub(crate) fn is_protobuf(&self) -> bool {
        self.protobuf.is_some() || self.sends.is_some()
    }

    /// What becomes of a call that is in protobuf and failed with this error: `None` if its encoding is not why.
    ///
    /// There are two reasons for JSON. The server declines protobuf (406, 415, also in the middle of a watch): it has done
    /// nothing then, so that even a creation may be sent again. Or something in the answer has no form in protobuf: then a
    /// read may be sent again, and a write, which was carried out, may not.
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

    /// The kinds of what is protobuf in the call: of the answer, and of the body.
    pub(crate) fn kinds(&self) -> Vec<Gvk> {
        let mut kinds: Vec<Gvk> = self.protobuf.iter().map(|(_, kind)| *kind).collect();
        kinds.extend(self.sends.map(|(kind, _)| kind).filter(|kind| !kinds.contains(kind)));
        kinds
    }

    /// Makes everything in the call JSON.
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
                let message = format!("the server takes no protobuf, and the {} can't be written as JSON", kind.kind);
                return Err(Error::build(message).with_source(error).with_operation(&self.operation()));
            }
        }
        Ok(())
    }

    /// The call that reads the object whose subresource this one is for.
    pub(crate) fn read_object(&self) -> Option<Self> {
        let (object, _) = self.path.rsplit_once('/')?;
        Some(Self::new(Method::GET, Ok(object.to_owned())))
    }

    pub(crate) fn set_method(&mut self, method: Method) {
        self.method = method;
    }

    /// Leaves these fields out of the objects that are read.
    pub(crate) fn drop_fields(&mut self, table: &'static Descriptor, paths: &[&str]) {
        match json::Filter::new(table, paths) {
            Ok(_) => self.dropped.extend(paths.iter().map(|path| path.trim_start_matches('.').to_owned())),
            Err(error) => self.fault(error.to_string()),
        }
    }

    /// Leaves managed fields out of the objects that are read, if they have any.
    pub(crate) fn drop_managed_fields(&mut self, table: &'static Descriptor) {
        let path = "metadata.managedFields";
        if json::Filter::new(table, &[path]).is_ok() {
            self.dropped.push(path.to_owned());
        }
    }

    /// From here on objects have nothing but metadata: what was to be left out of the rest is not there.
    pub(crate) fn keep_metadata_alone(&mut self) {
        self.dropped.retain(|path| path.starts_with("metadata."));
    }

    /// How to read objects of this table.
    pub(crate) fn options(&self, table: &'static Descriptor) -> json::Options {
        // The paths were good when they were given; a call with one that wasn't is not sent.
        json::Options::default().filter(json::Filter::new(table, &self.dropped).unwrap_or_default())
    }

    /// Does without the read timeout: the answer goes on for as long as something is written, which may be rarely.
    pub(crate) fn be_patient(&mut self) {
        self.patient = true;
    }

    /// The call's own time limits.
    pub(crate) fn timeouts(&mut self) -> &mut Timeouts {
        &mut self.timeouts
    }

    /// Whether it lasts for as long as its caller wants.
    fn is_long_running(&self) -> bool {
        let is_true = |name| matches!(self.parameter(name), Some("true" | "1"));
        self.patient || self.switch.is_some() || is_true("watch") || is_true("follow")
    }

    /// Attaches an extension for the layers of the client.
    pub(crate) fn extension<T: Clone + Send + Sync + 'static>(&mut self, extension: T) {
        self.extensions.insert(extension);
    }

    /// Remembers the first thing that went wrong.
    pub(crate) fn fault(&mut self, fault: impl Into<String>) {
        self.fault.get_or_insert_with(|| fault.into());
    }

    /// What is wrong with the shard selector, if there is one.
    fn shard_fault(&self) -> Option<&'static str> {
        let selector = self.parameter(SHARD_SELECTOR)?;
        if !self.is_read() {
            return Some(
                "only reads take a shardSelector: a server that doesn't shard ignores it, and would change every object",
            );
        }
        selector.trim().is_empty().then_some("the shard selector is empty: leave it out to read every object")
    }

    /// Asks the server to switch to another protocol, by these headers.
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

    /// The HTTP request: a path and query without host, which the client's base URL layer completes.
    pub(crate) fn to_http(&self) -> Result<Request<Bytes>> {
        // Of a path that can't be written nothing is there to be named.
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
        if self.patient {
            request = request.extension(Patient);
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
        let mut request = request
            .body(body)
            .map_err(|error| Error::build("its parts do not make an HTTP request").with_source(error))?;
        if let Some(headers) = self.switch.as_deref() {
            request.headers_mut().extend(headers.clone());
        }
        Ok(request)
    }
}

/// Path and query, escaped.
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

/// Without the query and the body, which may hold secrets.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.body.as_ref().map(|(_, body)| body.len());
        let mut out = f.debug_struct("Call");
        out.field("method", &self.method).field("path", &self.path).field("bytes", &length).finish_non_exhaustive()
    }
}
