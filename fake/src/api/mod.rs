//! The API: from requests to answers.

mod admission;
mod admit;
mod answer;
mod begin;
mod call;
mod codecs;
mod components;
mod compress;
mod connect;
mod continuation;
mod decisions;
mod delete;
mod devices;
mod discovery;
mod etag;
mod fields;
mod findings;
mod health;
mod negotiate;
mod openapi;
mod other_kinds;
mod pieces;
mod plugins;
mod policies;
mod read;
mod received;
mod refusals;
mod review;
mod rights;
mod scale;
#[cfg_attr(not(feature = "cel"), path = "shards_without_cel.rs")]
mod shards;
mod shown;
mod size;
mod subresources;
mod table;
mod target;
mod tokens;
mod versions;
mod warnings;
mod watch;
mod wire;
mod write;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderValue, LOCATION};
use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::access::{self, User};
use crate::builtin;
use crate::catalog::Resource;
use crate::documents::hash_of_text;
use crate::faults::{self, Fault};
use crate::quoted::quoted;
use crate::requests::RecordedRequest;
use crate::server::Server;
use crate::status::{About, Cause, Status};
use crate::streams::Switch;
use crate::webhooks::{self, Memory};
use answer::{Answer, error, has_protobuf, respond};
use connect::Connect;
use negotiate::{Encoding, Form, View};
use table::{Asked, Tables, has_tables};
use target::ResourcePath;
use write::Writing;

pub(crate) use answer::{Body, decode_any, in_memory, message_of_error};
pub(crate) use call::Call;
pub(crate) use read::key_of;
pub(crate) use target::Target;
pub(crate) use watch::error_event;

/// The media type of aggregated discovery.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// How long a request may take that has to ask webhooks.
const TIMEOUT: Duration = Duration::from_secs(34);

/// The most bytes that are read of a body, as of a real server.
pub(crate) const MAX_BODY: usize = 3 << 20;

/// The most bytes that the name of a field manager has.
const MAX_MANAGER: usize = 128;

/// Answers a request of a user: it is recorded, and may meet a fault. It has no body if that is too large.
pub(crate) async fn receive(
    server: &Arc<Server>,
    user: Arc<User>,
    parts: http::request::Parts,
    body: Option<Bytes>,
) -> Result<Response<Body>, Box<dyn Error + Send + Sync>> {
    // What is due by the system's clock happens before.
    let _ = server.settle().await;
    let is_too_large = body.is_none();
    let mut call = Call::new(parts, body.unwrap_or_default(), user);
    call.is_too_large = is_too_large;
    let request = RecordedRequest::of(&call);
    let fault = server.faults.take(&request);
    let recorded = server.record(request);
    match &fault {
        Some(Fault::Refuse) => return Err(faults::no_answer()),
        Some(Fault::Delay(by)) => tokio::time::sleep(*by).await,
        Some(Fault::Stale(changes)) => call.staleness = *changes,
        // Compressed events come several at a time, and can't be counted.
        Some(Fault::Body(..)) => {
            call.headers.remove(ACCEPT_ENCODING);
        }
        Some(Fault::WithoutInitialEvents) => {
            call.query.remove(&["sendInitialEvents", "resourceVersionMatch", "allowWatchBookmarks"]);
        }
        _ => {}
    }
    let response = match &fault {
        Some(Fault::Answer(status)) => error(status, encoding_of_error(call.header(ACCEPT))),
        _ => {
            let admitted = access::admit(server, &mut call);
            answer_with_webhooks(server, &call, admitted).await
        }
    };
    let response = match server.settle().await {
        Ok(()) => response,
        Err(status) => error(&status, encoding_of_error(call.header(ACCEPT))),
    };
    if fault == Some(Fault::LoseAnswer) {
        return Err(faults::no_answer());
    }
    server.answered(recorded, response.status(), warnings::texts(&response));
    Ok(faults::change(response, fault.as_ref()))
}

/// Answers a request of the default user, without recording it, without faults, and without webhooks.
pub(crate) fn handle(server: &Arc<Server>, parts: http::request::Parts, body: Bytes) -> Response<Body> {
    let mut call = Call::new(parts, body, User::admin());
    call.memory = Arc::new(Memory::closed());
    answer(server, &call, Ok(()))
}

/// A request of a controller, which may do everything, and meets no faults.
pub(crate) struct Act {
    call: Call,
    is_recorded: bool,
}

impl Act {
    pub fn new(parts: http::request::Parts, body: Bytes, user: User, is_recorded: bool) -> Self {
        Self { call: Call::new(parts, body, user), is_recorded }
    }

    /// Answers it, unless webhooks have to be asked.
    pub fn answer(&self, server: &Arc<Server>) -> Option<Response<Body>> {
        let response = answer(server, &self.call, Ok(()));
        let is_answered = self.call.memory.take_asked().is_empty();
        is_answered.then(|| self.answered(server, response))
    }

    /// Answers it, and asks webhooks.
    pub async fn answer_with_webhooks(&self, server: &Arc<Server>) -> Response<Body> {
        let response = answer_with_webhooks(server, &self.call, Ok(())).await;
        self.answered(server, response)
    }

    fn answered(&self, server: &Server, response: Response<Body>) -> Response<Body> {
        if self.is_recorded {
            let recorded = server.record(RecordedRequest::of(&self.call));
            server.answered(recorded, response.status(), warnings::texts(&response));
        }
        response
    }
}

/// Answers a request that was let in or was not, again and again until there is nothing that it has to ask a webhook.
async fn answer_with_webhooks(server: &Arc<Server>, call: &Call, admitted: Result<(), Status>) -> Response<Body> {
    let run = || {
        call.memory.restart();
        let response = answer(server, call, admitted.clone());
        let asked = call.memory.take_asked();
        if asked.is_empty() { Ok(response) } else { Err(asked) }
    };
    // Most requests ask nobody, and need no timer.
    let mut asked = match run() {
        Ok(response) => return response,
        Err(asked) => asked,
    };
    let asking = async {
        loop {
            call.memory.learn(webhooks::ask(server, asked).await);
            match run() {
                Ok(response) => return response,
                Err(more) => asked = more,
            }
        }
    };
    let message = "Timeout: request did not complete within requested timeout - context deadline exceeded";
    let late = || {
        let status = Status::new(StatusCode::GATEWAY_TIMEOUT, Some("Timeout"), message);
        error(&Status { details: json!({}), ..status }, encoding_of_error(call.header(ACCEPT)))
    };
    tokio::time::timeout(TIMEOUT, asking).await.unwrap_or_else(|_| late())
}

/// Answers a request that was let in or was not, as far as that goes without webhooks.
fn answer(server: &Arc<Server>, call: &Call, admitted: Result<(), Status>) -> Response<Body> {
    let target = Target::of(&call.path);
    let is_admitted = admitted.is_ok();
    let answered = admitted.and_then(|()| match &target {
        Target::Resource(path) => resource(server, call, path).map(|answer| compress::answer(answer, call)),
        other => document(server, call, other),
    });
    let response = answered.unwrap_or_else(|status| error(&status, encoding_of_error(call.header(ACCEPT))));
    // What is not routed at all has no handler that warns.
    let is_routed = response.status() != StatusCode::METHOD_NOT_ALLOWED || call.method == Method::GET;
    let mut response = match &target {
        Target::Resource(path) if is_admitted && is_routed => warnings::write(response, deprecation(server, path)),
        _ => response,
    };
    if call.method == Method::HEAD {
        *response.body_mut() = Body::default();
    }
    response
}

/// What is said of a resource that is deprecated.
fn deprecation(server: &Server, path: &ResourcePath) -> Option<String> {
    let resource = (&*path.group, &*path.version, &*path.plural);
    if let Some(text) = builtin::deprecation(resource, server.documents.minor) {
        return Some(text);
    }
    if server.has_built_in(&path.group) {
        return None;
    }
    let resource = server.resource(&server.state(), &path.group, &path.version, &path.plural).ok()?;
    resource.custom()?.deprecation.clone()
}

/// Answers a request of nobody who is known.
#[cfg(feature = "listen")]
pub(crate) fn unauthorized(headers: &http::HeaderMap) -> Response<Body> {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let status = Status::new(StatusCode::UNAUTHORIZED, Some("Unauthorized"), "Unauthorized");
    error(&status, encoding_of_error(accept))
}

/// Errors come in protobuf to those who accept nothing else.
fn encoding_of_error(accept: &str) -> Encoding {
    let form = Form::of(accept, |form| form.view == View::Whole);
    form.map_or(Encoding::Json, |form| form.encoding)
}

/// Answers a request for a document: versions, discovery, OpenAPI.
fn document(server: &Arc<Server>, call: &Call, target: &Target) -> Result<Response<Body>, Status> {
    if *target == Target::Unknown {
        return Ok(no_page());
    }
    let registered = builtin::api_services::registered(&server.state().store);
    if let Target::GroupVersion { group, version } = target
        && registered.iter().any(|(known, in_version, is_remote)| *is_remote && known == group && in_version == version)
    {
        return Ok(unavailable());
    }
    let has_head = !matches!(target, Target::Version | Target::CoreVersions | Target::GroupVersion { .. });
    if call.method != Method::GET && !(call.method == Method::HEAD && has_head) {
        return Err(Status::method_not_allowed());
    }
    let resources = server.resources(&server.state());
    let groups =
        discovery::groups(resources.iter().map(|resource| &**resource).filter(|resource| resource.is_served()));
    let tagged = |body: String, media_type, cache| etag::respond_with_tag(call, body, media_type, cache);
    let is_aggregated = call.header(ACCEPT).split(',').any(|range| {
        let has = |wanted: &str| range.split(';').any(|parameter| parameter.trim() == wanted);
        has("g=apidiscovery.k8s.io") && has("v=v2")
    });
    let object = match target {
        Target::Version => {
            let is_accepted = |(range, _): &(&str, f32)| matches!(*range, "application/json" | "application/*" | "*/*");
            if !negotiate::ranges(call.header(ACCEPT)).iter().any(is_accepted) {
                let message = "406: Not Acceptable\n\nAvailable representations: application/json";
                let status = Status::new(StatusCode::NOT_ACCEPTABLE, Some("NotAcceptable"), message);
                return Err(Status { details: json!({}), ..status });
            }
            server.documents.version.clone()
        }
        Target::Health => return Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", health::answer(call))),
        Target::CoreVersions | Target::Groups if is_aggregated => {
            let body = discovery::aggregated(&groups, *target == Target::CoreVersions);
            return Ok(tagged(body.to_string(), AGGREGATED, "public"));
        }
        Target::CoreVersions => discovery::core_versions(&groups),
        Target::Groups => discovery::group_list(&discovery::with_registered(groups, &registered)),
        Target::Group(group) => match discovery::one_group(&discovery::with_registered(groups, &registered), group) {
            Some(group) => group,
            None => return Ok(no_page()),
        },
        Target::GroupVersion { group, version } => match discovery::resource_list(&groups, (group, version)) {
            Some(list) => list,
            None if server.has_built_in(group) => return Err(Status::no_resource()),
            None => return Ok(no_page()),
        },
        Target::OpenApiV2 => return Ok(openapi_v2(server, call, &resources)),
        Target::OpenApiIndex => {
            let index = openapi::index(&server.documents, &resources);
            return Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", index.to_string()));
        }
        Target::OpenApi(path) => {
            let Some(body) = openapi::one(&server.documents, &resources, path) else {
                return Ok(respond(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", ""));
            };
            let cache = match call.query.get("hash").filter(|hash| !hash.is_empty()) {
                Some(hash) => match openapi::moved(&server.documents, &resources, path, hash) {
                    Some(location) => return Ok(moved(&location)),
                    None => "public, immutable",
                },
                None => "no-cache, private",
            };
            return Ok(tagged(body.to_string(), Encoding::Json.media_type(), cache));
        }
        Target::Unknown | Target::Resource(_) => return Ok(no_page()),
    };
    let is_negotiated =
        matches!(target, Target::CoreVersions | Target::Groups | Target::Group(_) | Target::GroupVersion { .. });
    let form = if is_negotiated { discovery::form(call.header(ACCEPT), &object)? } else { Form::JSON };
    let object = if form.encoding == Encoding::Protobuf { discovery::versioned(object) } else { object };
    Ok(Answer::ok(object).respond(form))
}

/// 301 to where a document is now.
fn moved(location: &str) -> Response<Body> {
    let mut response = respond(StatusCode::MOVED_PERMANENTLY, Encoding::Json.media_type(), "");
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Answers with the document of OpenAPI v2, in the first form that the client accepts.
fn openapi_v2(server: &Server, call: &Call, resources: &[Arc<Resource>]) -> Response<Body> {
    const CACHE: &str = "no-cache, private";
    let is_protobuf = negotiate::ranges(call.header(ACCEPT)).into_iter().find_map(|(media_type, _)| match media_type {
        "application/json" | "application/*" | "*/*" => Some(false),
        "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
        | "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" => Some(true),
        _ => None,
    });
    let Some(is_protobuf) = is_protobuf else {
        return respond(StatusCode::NOT_ACCEPTABLE, "text/plain; charset=utf-8", "");
    };
    let document = openapi::v2::document(&server.documents, resources);
    let text = document.to_string();
    let hash = hash_of_text(&text);
    if is_protobuf {
        const PROTOBUF: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
        let body = openapi::protobuf::encode(&document).into();
        return etag::respond_with_hash(call, hash, body, (PROTOBUF, CACHE));
    }
    etag::respond_with_hash(call, hash, text.into(), (Encoding::Json.media_type(), CACHE))
}

/// 404 for a path that nobody knows.
fn no_page() -> Response<Body> {
    respond(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "404 page not found\n")
}

/// 503 for what another server would have to answer.
fn unavailable() -> Response<Body> {
    respond(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", "service unavailable\n")
}

/// Answers a request for a resource.
fn resource(server: &Arc<Server>, call: &Call, path: &ResourcePath) -> Result<Response<Body>, Status> {
    call.decode_ahead();
    begin::ahead(server, call, path);
    let mut state = server.state();
    if builtin::api_services::is_remote(&state.store, &path.group, &path.version) {
        return Ok(unavailable());
    }
    let resource = match server.resource(&state, &path.group, &path.version, &path.plural) {
        Err(status) if status.code == StatusCode::NOT_FOUND && !server.has_built_in(&path.group) => {
            // Not even the handler of custom resources knows it.
            return Ok(no_page());
        }
        found => found?,
    };
    check_path(&resource, path)?;
    let verb = verb(call, path);
    if call.method == Method::HEAD && resource.custom().is_none() {
        // Custom resources are served by the verb, which is that of a GET.
        return Err(Status::method_not_allowed());
    }
    check_verb(&resource, path, verb)?;
    let connect = Connect { server, state: &state, call, resource: &resource, path };
    let subresource = path.subresource.as_deref();
    if let (Some("exec" | "attach" | "portforward"), Some(name)) = (subresource, &path.name) {
        admit::connection(&connect, name)?;
    }
    match subresource {
        // What clients accept has no say.
        Some("exec") => return connect.session(true),
        Some("attach") => return connect.session(false),
        Some("portforward") => return connect.port_forward(),
        _ => {}
    }
    // Who accepts nothing but a table that is not made gets an error that says so.
    let is_table = |form: Form| {
        form.view == View::Table && form.encoding != Encoding::Protobuf && has_tables(&resource, subresource)
    };
    let can = |form: Form| match (form.view, form.encoding) {
        (View::Table, _) => is_table(form) && Tables::exist_for(server, &resource),
        (View::Whole, Encoding::Protobuf) => has_protobuf(&resource.api_version(), &resource.kind),
        _ => true,
    };
    let accept = call.header(ACCEPT);
    let form = Form::of(accept, can).or_else(|status| Form::of(accept, is_table).map_err(|_| status));
    // A log is text, and can't be asked for as such: the error has no details then.
    let is_log = subresource == Some("log") && negotiate::ranges(accept).iter().any(|(name, _)| *name == "text/plain");
    let form = form.map_err(|status| if is_log { Status { details: Value::Null, ..status } } else { status })?;
    let is_list = matches!(verb, "list" | "deletecollection");
    if form.view == View::Metadata && is_list || form.view == View::MetadataList && !is_list {
        return Err(misfit(form.view, &resource));
    }
    let asked = Asked { resource: &resource, subresource, version: form.version };
    let tables = (form.view == View::Table).then(|| Tables::of(server, asked, &call.query)).transpose()?;
    let respond = |mut answer: Answer| {
        if let Some(tables) = &tables {
            answer.object = tables.table(answer.object.into_value(), &resource).into();
        }
        answer.respond(form)
    };
    match (verb, path.subresource.as_deref()) {
        ("watch", None) if matches!(Switch::of(&call.headers), Ok(Switch::WebSocket { .. })) => {
            return Err(Status::not_done("a watch over WebSocket"));
        }
        ("list" | "get", None) if components::are(&resource) => {
            return components::read(server, call, &resource, path).map(respond);
        }
        ("watch", None) => return watch::start(server, &state, call, &resource, path, (form, tables)),
        ("list", None) => {
            let list = read::list(&state, call, &resource, path, server.gates)?;
            drop(state);
            return Ok(match list.respond(&resource, form) {
                Ok(response) => response,
                Err(list) => respond(Answer::ok(list.into_value(&resource))),
            });
        }
        ("get", Some("log")) => return connect.log(),
        ("get", Some("scale")) => return scale::read(&state, call, &resource, path).map(respond),
        ("get", None | Some("status" | "ephemeralcontainers" | "resize" | "approval")) => {
            return read::get(&state, call, &resource, path).map(respond);
        }
        _ => {}
    }
    check_options(call, verb)?;
    if call.is_too_large {
        return Err(Status::too_large(MAX_BODY));
    }
    let mut writing = Writing { server, state: &mut *state, call, resource: &resource, path, warnings: Vec::new() };
    let answer = match (verb, path.subresource.as_deref()) {
        ("create", None) if review::is_review(&resource) => writing.review(),
        ("create", None) if resource.custom().is_none() && resource.plural == "bindings" => writing.bind_by_name(),
        ("create", None) => writing.create(),
        ("update", None) => writing.replace(""),
        ("update", Some("status")) => writing.replace("status"),
        ("patch", None) => writing.patch(""),
        ("patch", Some("status")) => writing.patch("status"),
        ("update", Some("finalize")) => writing.replace("finalize"),
        ("update", Some("approval")) => writing.replace("approval"),
        ("patch", Some("approval")) => writing.patch("approval"),
        ("update", Some("ephemeralcontainers")) => writing.replace("ephemeralcontainers"),
        ("patch", Some("ephemeralcontainers")) => writing.patch("ephemeralcontainers"),
        ("update", Some("resize")) => writing.replace("resize"),
        ("patch", Some("resize")) => writing.patch("resize"),
        ("update", Some("scale")) => writing.replace_scale(),
        ("patch", Some("scale")) => writing.patch_scale(),
        ("create", Some("binding")) => writing.bind(),
        ("create", Some("eviction")) => writing.evict(),
        ("create", Some("token")) => writing.request_token(),
        ("delete", None) => writing.delete(),
        ("deletecollection", None) => writing.delete_collection(),
        (verb, subresource) => {
            let subresource = subresource.map(|name| format!("/{name}")).unwrap_or_default();
            Err(Status::not_done(format_args!("{verb} of {}{subresource}", resource.plural)))
        }
    };
    let warnings = std::mem::take(&mut writing.warnings);
    server.wake(&state);
    let unused = state.store.take_unused();
    // Others need not wait for what is left: the encoding.
    drop(state);
    drop(unused);
    let response = match answer {
        Ok(answer) => respond(answer),
        Err(status) => error(&status, encoding_of_error(accept)),
    };
    Ok(warnings::with_warnings(response, warnings))
}

/// 406 for the metadata of a list that is asked of an object, and the other way round.
fn misfit(view: View, resource: &Resource) -> Status {
    let version = if resource.group.is_empty() { "core" } else { &resource.version };
    let kind = match resource.custom() {
        Some(_) => "unstructured.Unstructured".to_owned(),
        None => format!("{version}.{}", resource.kind),
    };
    let message = match view {
        View::Metadata => {
            format!("you requested PartialObjectMetadata, but the requested object is a list (*{kind}List)")
        }
        _ => format!("you requested PartialObjectMetadataList, but the requested object is not a list (*{kind})"),
    };
    Status::new(StatusCode::NOT_ACCEPTABLE, Some("NotAcceptable"), message)
}

/// Checks the parameters that all writes but deletions have.
fn check_options(call: &Call, verb: &str) -> Result<(), Status> {
    let kind = match verb {
        "create" => "CreateOptions",
        "update" => "UpdateOptions",
        "patch" => "PatchOptions",
        _ => return Ok(()),
    };
    let mut causes = Vec::new();
    let is_apply = call.header(http::header::CONTENT_TYPE).starts_with("application/apply-patch");
    if verb == "patch" && !is_apply && call.query.get("force").is_some() {
        causes.push(Cause::forbidden("force", "may not be specified for non-apply patch"));
    }
    if call.query.get("fieldManager").is_some_and(|manager| manager.len() > MAX_MANAGER) {
        let message = format!("Too long: may not be more than {MAX_MANAGER} bytes");
        causes.push(Cause { reason: "FieldValueTooLong", message, field: "fieldManager".to_owned() });
    }
    let manager = call.query.get("fieldManager").unwrap_or_default();
    if let Some((at, character)) = manager.chars().enumerate().find(|(_, character)| character.is_control()) {
        let detail = format!("invalid character U+{:04X} (at position {at})", u32::from(character));
        causes.push(Cause::invalid("fieldManager", &serde_json::json!(manager), &detail));
    }
    causes.extend(unknown_dry_run(&call.query));
    if causes.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(About { group: "meta.k8s.io", kind, name: "" }, &causes))
}

/// What is wrong with `dryRun`.
fn unknown_dry_run(query: &call::Query) -> Option<Cause> {
    let values: Vec<&str> = query.all("dryRun").collect();
    let shown: Vec<String> = values.iter().map(|value| quoted(value).to_string()).collect();
    let message = format!("Unsupported value: [{}]: supported values: \"All\"", shown.join(", "));
    let is_known = values.iter().all(|value| *value == "All");
    (!is_known).then(|| Cause { reason: "FieldValueNotSupported", message, field: "dryRun".to_owned() })
}

/// The verb of a request, as RBAC names it.
pub(crate) fn verb(call: &Call, path: &ResourcePath) -> &'static str {
    match (&call.method, &path.name) {
        (&Method::GET, _) if path.is_watch => "watch",
        _ if path.is_watch => "",
        (&Method::GET | &Method::HEAD, Some(_)) => "get",
        (&Method::GET | &Method::HEAD, None) => verb_of_collection(call),
        (&Method::POST, Some(_)) if path.subresource.is_none() => "",
        (&Method::POST, _) => "create",
        (&Method::PUT, Some(_)) => "update",
        (&Method::PATCH, Some(_)) => "patch",
        (&Method::DELETE, Some(_)) => "delete",
        (&Method::DELETE, None) => "deletecollection",
        _ => "",
    }
}

/// The verb of a GET of a collection.
pub(crate) fn verb_of_collection(call: &Call) -> &'static str {
    if call.query.is_true("watch") { "watch" } else { "list" }
}

fn check_path(resource: &Resource, path: &ResourcePath) -> Result<(), Status> {
    let is_in_namespace = path.namespace.is_some();
    // A namespaced kind is listed and watched in all namespaces, but read and written in one.
    let fits = if resource.namespaced { is_in_namespace || path.name.is_none() } else { !is_in_namespace };
    // What is only created has no objects, and no list of all namespaces.
    let is_kept = resource.has_verb(if path.is_watch { "watch" } else { "list" }) || path.subresource.is_some();
    let fits = fits && (is_kept || path.name.is_none() && is_in_namespace == resource.namespaced);
    let has_subresource = path.subresource.as_ref().is_none_or(|name| resource.subresources.contains_key(name));
    match &path.name {
        Some(name) if fits && !has_subresource && resource.custom().is_some() => {
            Err(Status::not_found(read::about(resource, name)))
        }
        _ if path.is_watch && path.subresource.is_some() => Err(Status::no_resource()),
        // Nothing is below a subresource but for a proxy.
        _ if !path.rest.is_empty() && path.subresource.as_deref() != Some("proxy") => Err(Status::no_resource()),
        _ if fits && has_subresource => Ok(()),
        _ => Err(Status::no_resource()),
    }
}

fn check_verb(resource: &Resource, path: &ResourcePath, verb: &str) -> Result<(), Status> {
    if components::are(resource) && verb == "watch" && !path.is_watch {
        return Err(Status::unwatchable(&resource.plural));
    }
    let is_there = match &path.subresource {
        None => resource.has_verb(verb),
        Some(name) => resource.subresources[name].verbs.iter().any(|known| known == verb),
    };
    let is_of_all_namespaces = resource.namespaced && path.namespace.is_none();
    let is_a_write_of_all = is_of_all_namespaces && !matches!(verb, "list" | "watch");
    if is_there && !is_a_write_of_all { Ok(()) } else { Err(Status::method_not_allowed()) }
}
