//! Answers, and how they are encoded.

use std::error::Error;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use kubewright_core::json;
use kubewright_core::message::Message;
use kubewright_core::meta::v1::{List, PartialObjectMetadata};
use kubewright_core::{protobuf, reflect};
use serde_json::{Value, json};

use super::codecs;
use super::negotiate::{Encoding, Form, MetaVersion, View};
use super::pieces::Pieces;
use super::shown::{Shown, bytes_of, envelope, has_bytes};
use crate::builtin;
use crate::objects;
use crate::status::Status;

/// The body of a response.
pub(crate) type Body = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// What a request is answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub code: StatusCode,
    pub object: Shown,
}

impl Answer {
    pub fn ok(object: impl Into<Shown>) -> Self {
        Self { code: StatusCode::OK, object: object.into() }
    }

    pub fn created(object: impl Into<Shown>) -> Self {
        Self { code: StatusCode::CREATED, ..Self::ok(object) }
    }

    /// Encodes it in the form that was asked for.
    pub fn respond(self, form: Form) -> Response<Body> {
        let encoded = match (self.object, form.view) {
            (Shown::Stored(object), View::Whole) if has_bytes(form) => bytes_of(&object, form.encoding).cloned(),
            (object, View::Metadata | View::MetadataList) => {
                encode(&metadata_alone(object.into_value(), form.version), form.encoding)
            }
            (object, View::Whole | View::Table) => encode(&object.into_value(), form.encoding),
        };
        match encoded {
            Ok(body) => respond(self.code, form.encoding.media_type(), body),
            Err(status) => error(&status, Encoding::Json),
        }
    }
}

/// The response of an error.
pub(crate) fn error(status: &Status, encoding: Encoding) -> Response<Body> {
    let object = status.to_json();
    let (encoding, body) = match encode(&object, encoding) {
        Ok(body) => (encoding, body),
        Err(_) => (Encoding::Json, Bytes::from(object.to_string())),
    };
    let mut response = respond(status.code, encoding.media_type(), body);
    if let Some(seconds) = status.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The message of a response that is an error, in memory and as JSON.
pub(crate) fn message_of_error(response: Response<Body>) -> String {
    let body = response.into_body().collect().now_or_never().and_then(Result::ok);
    let status: Value = body.and_then(|body| serde_json::from_slice(&body.to_bytes()).ok()).unwrap_or_default();
    status["message"].as_str().unwrap_or_default().to_owned()
}

/// A body in memory.
pub(crate) fn in_memory(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A response with a body in memory.
pub(crate) fn respond(code: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    with_headers(code, media_type, in_memory(body.into()))
}

/// A response with a body in several pieces.
pub(super) fn respond_in_pieces(media_type: &'static str, pieces: Vec<Bytes>) -> Response<Body> {
    let body = Pieces::new(pieces).map_err(|never| match never {}).boxed_unsync();
    with_headers(StatusCode::OK, media_type, body)
}

fn with_headers(code: StatusCode, media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .headers_mut()
        .insert(HeaderName::from_static("cache-control"), HeaderValue::from_static("no-cache, private"));
    response
}

/// Encodes an object.
pub(crate) fn encode(object: &Value, encoding: Encoding) -> Result<Bytes, Status> {
    let failed = |error: String| Status::unexplained(format!("the object can't be encoded: {error}"));
    Ok(match encoding {
        Encoding::Json => Bytes::from(serde_json::to_vec(object).unwrap_or_default()),
        Encoding::Yaml => kubewright_core::yaml::write(object).map_err(failed)?.into(),
        Encoding::Protobuf if object["apiVersion"] == MetaVersion::V1Beta1.api_version() => {
            // The messages are those of `v1`.
            let kind = object["kind"].as_str().unwrap_or_default();
            let mut newer = object.clone();
            newer["apiVersion"] = json!(MetaVersion::V1.api_version());
            for item in newer.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
                item["apiVersion"] = json!(MetaVersion::V1.api_version());
            }
            let mut message = Vec::new();
            protobuf::encode_bare(&*message_of(&newer)?, &mut message).map_err(|error| failed(error.to_string()))?;
            let mut whole = envelope(MetaVersion::V1Beta1.api_version(), kind, message.len());
            whole.extend(message);
            whole.into()
        }
        Encoding::Protobuf => match codecs::write(object) {
            Some(bytes) => bytes,
            None => protobuf::to_vec(&*message_of(object)?).map_err(|error| failed(error.to_string()))?.into(),
        },
    })
}

/// A kind that every version of every group has, so that client-go names it by the version that it deletes in.
const OPTIONS: &str = "DeleteOptions";

/// A list that is of no kind of its own.
const METADATA_LIST: &str = "PartialObjectMetadataList";

/// Decodes an object that is sent.
pub(crate) fn decode(body: &[u8], encoding: Encoding) -> Result<Value, Status> {
    let unreadable = |error: String| Status::bad_request(format!("the object provided is unrecognized: {error}"));
    match encoding {
        Encoding::Json => serde_json::from_slice(body).map_err(|error| unreadable(error.to_string())),
        Encoding::Yaml => {
            let text = std::str::from_utf8(body).map_err(|error| unreadable(error.to_string()))?;
            // What follows the first document is not read.
            let object = kubewright_core::yaml::first(text, &kubewright_core::yaml::Options::default());
            let object: Option<Value> = object.map_err(|problem| unreadable(problem.to_string()))?;
            if object.is_none() && text.lines().any(|line| line.trim_start_matches(' ').starts_with('\t')) {
                return Err(unreadable("yaml: found character that cannot start any token".to_owned()));
            }
            let mut object = object.unwrap_or_default();
            // It is written as JSON before it is read: whole numbers have no point.
            objects::with_integers(&mut object);
            Ok(object)
        }
        Encoding::Protobuf => {
            let envelope = protobuf::Envelope::read(body).map_err(|error| unreadable(error.to_string()))?;
            if let Some(object) = codecs::read(body, &envelope) {
                return Ok(object);
            }
            let mut message = empty(envelope.api_version, envelope.kind)
                .ok_or_else(|| unreadable(format!("{} {} has no protobuf", envelope.api_version, envelope.kind)))?;
            let options = protobuf::Options::default();
            let is_plain = envelope.content_encoding.is_empty() && envelope.content_type.is_empty();
            let decoded = if envelope.kind == OPTIONS && is_plain {
                protobuf::decode_bare(&mut *message, envelope.raw, &options)
            } else {
                protobuf::decode_into(&mut *message, body, &options)
            };
            decoded.map_err(|error| unreadable(error.to_string()))?;
            value_of(&*message)
        }
    }
}

/// Decodes a body of any media type, patches too. Null if it can't be read.
pub(crate) fn decode_any(body: &[u8], content_type: &str) -> Value {
    let encoding = match Encoding::of_body(content_type) {
        // Patches are JSON, or YAML, of which JSON is a part.
        None | Some(Encoding::Json) => {
            return serde_json::from_slice(body).or_else(|_| decode(body, Encoding::Yaml)).unwrap_or_default();
        }
        Some(encoding) => encoding,
    };
    decode(body, encoding).unwrap_or_default()
}

/// Whether objects of a kind have a protobuf encoding.
pub(crate) fn has_protobuf(api_version: &str, kind: &str) -> bool {
    empty(api_version, kind).is_some_and(|message| protobuf::is_supported(message.descriptor()))
}

/// A kind's empty message. Lists are those of their items.
fn empty(api_version: &str, kind: &str) -> Option<Box<dyn Message>> {
    if kind == METADATA_LIST {
        return Some(Box::new(List::<PartialObjectMetadata>::default()));
    }
    let registry = kubewright::registry::REGISTRY;
    let api_version = if kind == OPTIONS { "v1" } else { api_version };
    let list_of = || registry.kind(api_version, kind.strip_suffix("List")?).map(|resource| (resource.list)());
    registry.message(api_version, kind).or_else(list_of)
}

pub(super) fn message_of(object: &Value) -> Result<Box<dyn Message>, Status> {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    message_of_text(text("apiVersion"), text("kind"), &serde_json::to_string(object).unwrap_or_default())
}

/// The message of an object in JSON, which is of a kind.
pub(super) fn message_of_text(api_version: &str, kind: &str, text: &str) -> Result<Box<dyn Message>, Status> {
    let mut message = empty(api_version, kind)
        .ok_or_else(|| Status::not_done(format_args!("{kind} of {api_version} in protobuf")))?;
    json::decode_into(&mut *message, text, &json::Options::default())
        .map_err(|error| Status::unexplained(format!("the object is not of its kind: {error}")))?;
    Ok(message)
}

/// The message as a value: without a text in between, which would take as long as the rest.
fn value_of(message: &dyn Message) -> Result<Value, Status> {
    reflect::serialize(message, serde_json::value::Serializer)
        .map_err(|error| Status::unexplained(format!("the object can't be read: {error}")))
}

/// The metadata of an object or a list, as `PartialObjectMetadata` or its list.
pub(crate) fn metadata_alone(mut object: Value, version: MetaVersion) -> Value {
    if object["kind"] == "Status" {
        return object;
    }
    // Custom resources may have a field `items` of their own.
    let is_list = object["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    let is_older = object["apiVersion"] == "autoscaling/v1";
    if is_older {
        builtin::drop_annotations(&mut object["metadata"]);
    }
    if let Some(Value::Array(mut items)) = object.get_mut("items").filter(|_| is_list).map(Value::take) {
        if is_older {
            items.iter_mut().for_each(|item| builtin::drop_annotations(&mut item["metadata"]));
        }
        let items: Vec<Value> = items.into_iter().map(|item| metadata_alone(item, version)).collect();
        // A slice of Go that nothing was added to.
        let items = if items.is_empty() { Value::Null } else { Value::Array(items) };
        let mut metadata = object["metadata"].take();
        if let Value::Object(fields) = &mut metadata {
            // It is not taken over.
            fields.remove("shardInfo");
        }
        return json!({
            "kind": "PartialObjectMetadataList", "apiVersion": version.api_version(), "metadata": metadata, "items": items,
        });
    }
    json!({ "kind": "PartialObjectMetadata", "apiVersion": version.api_version(), "metadata": object["metadata"] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::field;

    #[test]
    fn metadata_in_protobuf_say_in_which_version_they_are() {
        let object =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "data": { "b": "c" } });
        let encoded = |version| {
            let bytes = encode(&metadata_alone(object.clone(), version), Encoding::Protobuf).expect("bytes");
            let envelope = protobuf::Envelope::read(&bytes).expect("an envelope");
            (envelope.api_version.to_owned(), envelope.kind.to_owned(), envelope.raw.to_vec())
        };
        let (newer, older) = (encoded(MetaVersion::V1), encoded(MetaVersion::V1Beta1));
        assert_eq!((&*newer.0, &*newer.1), ("meta.k8s.io/v1", "PartialObjectMetadata"));
        assert_eq!((&*older.0, &older.1, &older.2), ("meta.k8s.io/v1beta1", &newer.1, &newer.2));
    }

    #[test]
    fn options_of_a_deletion_are_read_in_protobuf_by_the_name_of_any_version() {
        let kind = [field(1, b"apps/v1"), field(2, b"DeleteOptions")].concat();
        // propagationPolicy
        let options = field(4, b"Background");
        let body = [b"k8s\0".to_vec(), field(1, &kind), field(2, &options)].concat();
        let decoded = decode(&body, Encoding::Protobuf).expect("options");
        assert_eq!(decoded["propagationPolicy"], "Background");
        assert!(decode(&body[..body.len() - 1], Encoding::Protobuf).is_err(), "truncated");
    }
}
