//! The API server that answers from a script.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use kubewright::transport::Body;
use kubewright::{Client, ClientBuilder, Resource, json as codec};
use serde_json::{Value, json as object};
use tokio::sync::watch;

use super::path::ApiPath;

/// An API server in memory. See the [module](super). Clones are the same server.
#[derive(Clone)]
pub struct ScriptedApi {
    shared: Arc<Shared>,
}

/// A request that the server received.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// The query; empty if there is none.
    pub query: String,
    /// The media types that the client accepts.
    pub accept: String,
    /// The media type of the body; empty if there is none.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

impl SentRequest {
    /// Returns the body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns an object in the form that the request asks for: as a whole, or its metadata alone.
    fn form_of(&self, object: &Value) -> Value {
        if self.accept.contains("as=PartialObjectMetadata") {
            let metadata = &object["metadata"];
            return object!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata });
        }
        object.clone()
    }

    /// Whether it is a watch.
    pub fn is_watch(&self) -> bool {
        self.query.split('&').any(|parameter| parameter == "watch=true")
    }
}

struct Shared {
    state: Mutex<State>,
    /// Sent when there is something new for watches.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    /// By resource, namespace and name.
    objects: BTreeMap<Place, Value>,
    /// What happened. The resource version of an event is its index plus one.
    events: Vec<Event>,
    /// Incremented to end all watches.
    interrupts: u64,
    requests: Vec<SentRequest>,
    answers: Vec<Arc<Answer>>,
}

type Answer = dyn Fn(&SentRequest) -> Option<Response<Body>> + Send + Sync;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    api_version: String,
    plural: String,
    namespace: String,
    name: String,
}

struct Event {
    kind: &'static str,
    place: Place,
    object: Value,
}

impl Place {
    fn of<K: Resource>(namespace: Option<&str>, name: &str) -> Self {
        let resource = K::RESOURCE;
        Self {
            api_version: resource.gvk().api_version(),
            plural: resource.plural.to_owned(),
            namespace: namespace.unwrap_or_default().to_owned(),
            name: name.to_owned(),
        }
    }

    fn is_at(&self, path: &ApiPath<'_>) -> bool {
        self.api_version == path.api_version
            && self.plural == path.plural
            && path.namespace.is_none_or(|namespace| namespace == self.namespace)
            && path.name.is_none_or(|name| name == self.name)
    }
}

impl ScriptedApi {
    /// Creates a server without objects.
    pub fn new() -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), changed: watch::Sender::new(()) }) }
    }

    /// Returns a client of the server, which sends JSON.
    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { server.answer(request).await }
        });
        ClientBuilder::from_service(service).default_namespace("default").json_only().build()
    }

    /// Adds an object, or replaces it, and sends the event to watches. Returns the object with its new resource version, and
    /// its uid: a new one for a new object that has none.
    ///
    /// # Panics
    /// If the object can't be encoded as JSON, or has no name.
    pub fn put<K: Resource>(&self, object: &K) -> K {
        let metadata = object.metadata();
        let place =
            Place::of::<K>(metadata.namespace.as_deref(), metadata.name.as_deref().expect("an object with a name"));
        let mut value: Value = serde_json::from_slice(&codec::to_vec(object).expect("JSON")).expect("JSON");
        let state = self.state();
        let known = state.objects.get(&place);
        if value["metadata"]["uid"].is_null() {
            value["metadata"]["uid"] =
                known.map_or_else(|| uid(state.events.len()), |known| known["metadata"]["uid"].clone());
        }
        let kind = if known.is_some() { "MODIFIED" } else { "ADDED" };
        let value = self.record(state, kind, place, value);
        codec::from_slice(value.to_string().as_bytes()).expect("the same object")
    }

    /// Returns an object as the server has it. That is no request.
    ///
    /// # Panics
    /// If the object can't be decoded as this kind.
    pub fn get<K: Resource>(&self, namespace: Option<&str>, name: &str) -> Option<K> {
        let object = self.state().objects.get(&Place::of::<K>(namespace, name)).map(Value::to_string);
        object.map(|object| codec::from_str(&object).expect("an object of this kind"))
    }

    /// Deletes an object, and sends the event to watches. Does nothing if there is none.
    pub fn remove<K: Resource>(&self, namespace: Option<&str>, name: &str) {
        let place = Place::of::<K>(namespace, name);
        let state = self.state();
        if let Some(object) = state.objects.get(&place).cloned() {
            self.record(state, "DELETED", place, object);
        }
    }

    fn record(&self, mut state: MutexGuard<'_, State>, kind: &'static str, place: Place, mut object: Value) -> Value {
        object["metadata"]["resourceVersion"] = (state.events.len() + 1).to_string().into();
        match kind {
            "DELETED" => state.objects.remove(&place),
            _ => state.objects.insert(place.clone(), object.clone()),
        };
        state.events.push(Event { kind, place, object: object.clone() });
        drop(state);
        self.shared.changed.send_replace(());
        object
    }

    /// Ends all watches, as a server does from time to time.
    pub fn end_watches(&self) {
        self.state().interrupts += 1;
        self.shared.changed.send_replace(());
    }

    /// Answers requests by a function, before anything else does. Functions that were added later are asked first; `None`
    /// means the next one, and at last the objects. It is called without a lock: it may put objects.
    pub fn respond(&self, answer: impl Fn(&SentRequest) -> Option<Response<Body>> + Send + Sync + 'static) {
        self.state().answers.push(Arc::new(answer));
    }

    /// Returns all requests so far.
    pub fn requests(&self) -> Vec<SentRequest> {
        self.state().requests.clone()
    }

    /// Returns the requests so far that may have changed something: those that were no reads.
    pub fn writes(&self) -> Vec<SentRequest> {
        self.requests().into_iter().filter(|request| request.method != Method::GET).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, Box<dyn std::error::Error + Send + Sync>> {
        let (parts, body) = request.into_parts();
        let header = |name| {
            let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let request = SentRequest {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            accept: header(http::header::ACCEPT),
            content_type: header(http::header::CONTENT_TYPE),
            body: body.collect().await?.to_bytes(),
        };
        let answers = {
            let mut state = self.state();
            state.requests.push(request.clone());
            state.answers.clone()
        };
        let scripted = answers.iter().rev().find_map(|answer| answer(&request));
        Ok(scripted.unwrap_or_else(|| self.read(&request)))
    }

    /// Answers from the objects.
    fn read(&self, request: &SentRequest) -> Response<Body> {
        let Some(path) = ApiPath::parse(&request.path) else { return status(404, "NotFound") };
        if request.method != Method::GET || path.subresource.is_some() {
            return status(501, "NotImplemented");
        }
        if request.is_watch() {
            return self.watch(request);
        }
        let state = self.state();
        let mut found = state.objects.iter().filter(|(place, _)| place.is_at(&path)).map(|(_, object)| object);
        if path.name.is_some() {
            return found.next().map_or_else(|| status(404, "NotFound"), |object| json(200, &request.form_of(object)));
        }
        let items: Vec<_> = found.map(|object| request.form_of(object)).collect();
        json(200, &object!({ "metadata": { "resourceVersion": state.events.len().to_string() }, "items": items }))
    }

    fn watch(&self, request: &SentRequest) -> Response<Body> {
        let Some(path) = ApiPath::parse(&request.path) else { return status(404, "NotFound") };
        let parameter = |name: &str| {
            let mut parameters = request.query.split('&').filter_map(|parameter| parameter.split_once('='));
            parameters.find(|(known, _)| *known == name).map(|(_, value)| value)
        };
        let state = self.state();
        let mut first = String::new();
        let mut next = state.events.len();
        if parameter("sendInitialEvents") == Some("true") {
            for (_, object) in state.objects.iter().filter(|(place, _)| place.is_at(&path)) {
                first += &line("ADDED", &request.form_of(object));
            }
            let annotations = object!({ "k8s.io/initial-events-end": "true" });
            let metadata = object!({ "resourceVersion": next.to_string(), "annotations": annotations });
            first += &line("BOOKMARK", &object!({ "metadata": metadata }));
        } else if let Some(version) = parameter("resourceVersion").and_then(|version| version.parse().ok()) {
            next = version;
        }
        let follow = Follow {
            server: self.clone(),
            changed: self.shared.changed.subscribe(),
            request: request.clone(),
            interrupts: state.interrupts,
            next,
            first: Some(first).filter(|first| !first.is_empty()),
        };
        drop(state);
        let frames = stream::unfold(follow, |mut follow| async move {
            let text = follow.next().await?;
            Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), follow))
        });
        Response::new(Body::wrap(StreamBody::new(Box::pin(frames))))
    }
}

/// A watch that is open.
struct Follow {
    server: ScriptedApi,
    changed: watch::Receiver<()>,
    request: SentRequest,
    /// That of the server when it was opened.
    interrupts: u64,
    /// The index of the next event.
    next: usize,
    first: Option<String>,
}

impl Follow {
    /// Waits for further events, as lines. `None` when the watch ends.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            self.changed.mark_unchanged();
            let mut lines = String::new();
            {
                let state = self.server.state();
                if state.interrupts != self.interrupts {
                    return None;
                }
                let path = ApiPath::parse(&self.request.path)?;
                for event in state.events.iter().skip(self.next).filter(|event| event.place.is_at(&path)) {
                    lines += &line(event.kind, &self.request.form_of(&event.object));
                }
                self.next = state.events.len();
            }
            if !lines.is_empty() {
                return Some(lines);
            }
            self.changed.changed().await.ok()?;
        }
    }
}

/// Returns a uid in the form that API servers have, which is the same in each run.
fn uid(number: usize) -> Value {
    // Spread, as random ones are: by multiplication with an odd number.
    let number = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-8000-{number:012x}", number >> 32, number >> 16 & 0xffff).into()
}

fn line(kind: &str, object: &Value) -> String {
    format!("{}\n", object!({ "type": kind, "object": object }))
}

/// Creates a response in JSON.
///
/// # Panics
/// If the code is no HTTP status.
pub fn json(code: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(code).expect("an HTTP status");
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// Creates an error response with a code and reason, such as 409 and `Conflict`.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
///
/// # Panics
/// If the code is no HTTP status.
pub fn status(code: u16, reason: &str) -> Response<Body> {
    let status = object!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason });
    json(code, &status)
}

impl Default for ScriptedApi {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ScriptedApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        let mut text = f.debug_struct("ScriptedApi");
        text.field("objects", &state.objects.len()).field("requests", &state.requests.len()).finish_non_exhaustive()
    }
}
