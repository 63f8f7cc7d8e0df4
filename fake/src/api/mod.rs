//! The API: from requests to answers.

mod answer;
mod call;
mod compress;
mod delete;
mod discovery;
mod etag;
mod fields;
mod negotiate;
mod openapi;
mod read;
mod review;
mod subresources;
mod table;
mod target;
mod watch;
mod write;

use std::sync::Arc;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Response, StatusCode};

use crate::builtin;
use crate::catalog::Resource;
use crate::server::Server;
use crate::status::Status;
use answer::{Answer, error, has_protobuf, respond};
use call::Call;
use negotiate::{Encoding, Form, View};
use table::Tables;
use target::{ResourcePath, Target};
use write::Writing;

pub(crate) use answer::Body;

/// The media type of aggregated discovery.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Answers a request.
pub(crate) fn handle(server: &Arc<Server>, parts: http::request::Parts, body: Bytes) -> Response<Body> {
    let call = Call::new(parts, body);
    let target = Target::of(&call.path);
    let answered = match &target {
        Target::Resource(path) => resource(server, &call, path).map(|answer| compress::answer(answer, &call)),
        other => document(server, &call, other),
    };
    answered.unwrap_or_else(|status| error(&status, encoding_of_error(call.header(ACCEPT))))
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
    if call.method != Method::GET {
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
        Target::Version => server.documents.version.clone(),
        Target::Health => return Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", "ok")),
        Target::CoreVersions | Target::Groups if is_aggregated => {
            let body = discovery::aggregated(&groups, *target == Target::CoreVersions);
            return Ok(tagged(body.to_string(), AGGREGATED, "public"));
        }
        Target::CoreVersions => discovery::core_versions(&groups),
        Target::Groups => discovery::group_list(&groups),
        Target::Group(group) => discovery::one_group(&groups, group).ok_or_else(Status::no_resource)?,
        Target::GroupVersion { group, version } => {
            discovery::resource_list(&groups, (group, version)).ok_or_else(Status::no_resource)?
        }
        Target::OpenApiIndex => openapi::index(&server.documents, &resources),
        Target::OpenApi(path) => {
            let body = openapi::one(&server.documents, &resources, path).ok_or_else(Status::no_resource)?;
            let cache = if call.query.get("hash").is_some() { "public, immutable" } else { "no-cache, private" };
            return Ok(tagged(body.to_string(), Encoding::Json.media_type(), cache));
        }
        Target::Unknown | Target::Resource(_) => return Err(Status::no_resource()),
    };
    Ok(Answer::ok(object).respond(Form::JSON))
}

/// Answers a request for a resource.
fn resource(server: &Arc<Server>, call: &Call, path: &ResourcePath) -> Result<Response<Body>, Status> {
    let mut state = server.state();
    let resource = server.resource(&state, &path.group, &path.version, &path.plural)?;
    check_path(&resource, path)?;
    let verb = verb(call, path);
    check_verb(&resource, path, verb)?;
    if builtin::is_always_empty(&resource) && !matches!(verb, "get" | "list" | "watch") {
        return Err(Status::not_done(format_args!("{verb} of {}", resource.plural)));
    }
    let can = |form: Form| {
        form.encoding != Encoding::Protobuf
            || match form.view {
                View::Whole => has_protobuf(&resource.api_version(), &resource.kind),
                View::Metadata | View::MetadataList => true,
                View::Table => false,
            }
    };
    let form = Form::of(call.header(ACCEPT), can)?;
    let is_list = matches!(verb, "list" | "deletecollection");
    if form.view == View::Metadata && is_list || form.view == View::MetadataList && !is_list {
        return Err(misfit(form.view, &resource));
    }
    let tables = (form.view == View::Table).then(|| Tables::of(server, &resource, &call.query)).transpose()?;
    let respond = |mut answer: Answer| {
        if let Some(tables) = &tables {
            answer.object = tables.table(answer.object, &resource);
        }
        answer.respond(form)
    };
    match (verb, path.subresource.as_deref()) {
        ("watch", None) => return watch::start(server, &state, call, &resource, path, (form, tables)),
        ("list", None) => return read::list(&state, call, &resource, path).map(respond),
        ("get", Some("scale")) => return subresources::scale(&state, &resource, path).map(respond),
        ("get", None | Some("status" | "ephemeralcontainers")) => {
            return read::get(&state, call, &resource, path).map(respond);
        }
        _ => {}
    }
    let mut writing = Writing { server, state: &mut state, call, resource: &resource, path };
    let answer = match (verb, path.subresource.as_deref()) {
        ("create", None) if review::is_review(&resource) => writing.review(),
        ("create", None) => writing.create(),
        ("update", None) => writing.replace(""),
        ("update", Some("status")) => writing.replace("status"),
        ("patch", None) => writing.patch(""),
        ("patch", Some("status")) => writing.patch("status"),
        ("update", Some("ephemeralcontainers")) => writing.replace("ephemeralcontainers"),
        ("patch", Some("ephemeralcontainers")) => writing.patch("ephemeralcontainers"),
        ("update", Some("scale")) => writing.replace_scale(),
        ("patch", Some("scale")) => writing.patch_scale(),
        ("create", Some("binding")) => writing.bind(),
        ("create", Some("eviction")) => writing.evict(),
        ("delete", None) => writing.delete(),
        ("deletecollection", None) => writing.delete_collection(),
        (verb, subresource) => {
            let subresource = subresource.map(|name| format!("/{name}")).unwrap_or_default();
            Err(Status::not_done(format_args!("{verb} of {}{subresource}", resource.plural)))
        }
    };
    server.wake(&state);
    answer.map(respond)
}

/// 406 for the metadata of a list that is asked of an object, and the other way round.
fn misfit(view: View, resource: &Resource) -> Status {
    let version = if resource.group.is_empty() { "core" } else { &resource.version };
    let message = match view {
        View::Metadata => format!(
            "you requested PartialObjectMetadata, but the requested object is a list (*{version}.{}List)",
            resource.kind
        ),
        _ => format!(
            "you requested PartialObjectMetadataList, but the requested object is not a list (*{version}.{})",
            resource.kind
        ),
    };
    Status::new(StatusCode::NOT_ACCEPTABLE, Some("NotAcceptable"), message)
}

/// The verb of a request, as RBAC names it.
fn verb(call: &Call, path: &ResourcePath) -> &'static str {
    match (&call.method, &path.name) {
        (&Method::GET | &Method::HEAD, Some(_)) => "get",
        (&Method::GET | &Method::HEAD, None) if call.query.is_true("watch") => "watch",
        (&Method::GET | &Method::HEAD, None) => "list",
        (&Method::POST, _) => "create",
        (&Method::PUT, _) => "update",
        (&Method::PATCH, _) => "patch",
        (&Method::DELETE, Some(_)) => "delete",
        (&Method::DELETE, None) => "deletecollection",
        _ => "",
    }
}

fn check_path(resource: &Resource, path: &ResourcePath) -> Result<(), Status> {
    let is_in_namespace = path.namespace.is_some();
    // A namespaced kind is listed and watched in all namespaces, but read and written in one.
    let fits = if resource.namespaced { is_in_namespace || path.name.is_none() } else { !is_in_namespace };
    let has_subresource = path.subresource.as_ref().is_none_or(|name| resource.subresources.contains_key(name));
    if fits && has_subresource { Ok(()) } else { Err(Status::no_resource()) }
}

fn check_verb(resource: &Resource, path: &ResourcePath, verb: &str) -> Result<(), Status> {
    let is_there = match &path.subresource {
        None => resource.has_verb(verb),
        Some(name) => resource.subresources[name].verbs.iter().any(|known| known == verb),
    };
    let is_of_all_namespaces = resource.namespaced && path.namespace.is_none();
    let is_a_write_of_all = is_of_all_namespaces && !matches!(verb, "list" | "watch");
    if is_there && !is_a_write_of_all { Ok(()) } else { Err(Status::method_not_allowed()) }
}
