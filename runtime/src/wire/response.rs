//! Interprets a response: a success, an error of the API server, or a response that is not from an API server.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::encoding::Codec;
use crate::error::{BoxError, Error, Result, redacted};
use crate::json::{self, Options};
use crate::message::{Message, MessageType};
use crate::meta::v1::{List, Status};
use crate::protobuf;
use crate::retry::retry_after;

/// Length of an undecodable body's excerpt.
const EXCERPT: usize = 200;

/// The whole body of a response, and its encoding.
#[derive(Clone)]
pub(crate) struct Payload {
    pub(crate) codec: Codec,
    pub(crate) bytes: Bytes,
}

/// Converts a response that is not a success into an error.
///
/// An API server responds with a `Status`. A proxy or load balancer does not: then the error has the status code, and
/// its message an excerpt of the body.
/// stands, and the message shows what came.
pub(crate) fn refusal(code: StatusCode, headers: &HeaderMap, body: Bytes) -> Error {
    let mut status = Status::default();
    let read = decode_into(&mut status, Codec::of(headers), &body, &Options::default());
    let status = match read.map(|()| status) {
        Ok(status) if status.status.is_some() || status.reason.is_some() => status,
        _ => Status {
            code: Some(code.as_u16().into()),
            message: Some(foreign(code, headers, &body).into()),
            ..Status::default()
        },
    };
    let unrouted = is_unrouted(code, headers, &body);
    let audit_id = headers.get("audit-id").and_then(|id| id.to_str().ok());
    Error::api(code, status)
        .with_body(body)
        .with_retry_after(retry_after(headers))
        .with_audit_id(audit_id)
        .with_unrouted(unrouted)
}

/// Whether this is exactly the API server's response for a path without a handler, such as of a group that it does not
/// serve: it uses [Go's own](https://pkg.go.dev/net/http#NotFound). A proxy's page for an unknown backend says nothing
/// about groups.
fn is_unrouted(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    code == StatusCode::NOT_FOUND && essence.eq_ignore_ascii_case("text/plain") && body == b"404 page not found\n"
}

fn foreign(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("no content type");
    if code.is_redirection() {
        return "the server redirects, which an API server does not: check the server's URL".to_owned();
    }
    if body.is_empty() {
        return "the response has no body".to_owned();
    }
    let is_text = media_type.starts_with("text/") || headers.get(CONTENT_TYPE).is_none();
    let shown = if is_text { redacted(&line(body)) } else { excerpt(body) };
    format!("not a Status of an API server ({media_type}): {shown}")
}

/// Decodes the message in a body.
pub(crate) fn decode<T: MessageType>(payload: Payload) -> Result<T> {
    decode_with(payload, &Options::default())
}

/// Decodes the message in a body, with options.
pub(crate) fn decode_with<T: MessageType>(payload: Payload, options: &Options) -> Result<T> {
    let mut message = T::default();
    match decode_into(&mut message, payload.codec, &payload.bytes, options) {
        Ok(()) => Ok(message),
        Err(error) => Err(not_understood(T::table().name, payload.codec, error, payload.bytes)),
    }
}

/// Decodes a whole object, in either encoding.
pub(crate) fn decode_into(
    message: &mut dyn Message,
    codec: Codec,
    bytes: &[u8],
    options: &Options,
) -> Result<(), BoxError> {
    match codec {
        Codec::Json => Ok(json::as_utf8(bytes).and_then(|text| json::decode_into(message, text, options))?),
        Codec::Protobuf => Ok(protobuf::decode_into(message, bytes, options)?),
    }
}

/// Marks a list as that of the resource, whatever its kind is named.
pub(crate) fn decode_list<K: MessageType>(codec: Codec, bytes: &[u8]) -> Result<List<K>, BoxError> {
    let mut list = List::default();
    decode_into(&mut list, codec, bytes, &Options::answer())?;
    if codec == Codec::Json {
        json::check_answer(List::<K>::table(), json::as_utf8(bytes)?)?;
    }
    // The kind of dynamic items is unknown; a `Status` is certainly not a list of them.
    if list.unknown_fields.get("kind").is_some_and(|kind| kind.as_str() == "\"Status\"") {
        return Err("got a Status".into());
    }
    Ok(list)
}

/// Returns the error for a body that is not the expected message.
pub(crate) fn not_understood(expected: &str, codec: Codec, error: BoxError, body: Bytes) -> Error {
    let mut message = format!("expected a {expected} as {}", codec.name());
    let start = body.trim_ascii_start();
    let is_right = match codec {
        Codec::Json => start.starts_with(b"{"),
        Codec::Protobuf => protobuf::is_envelope(&body),
    };
    if body.is_empty() {
        message.push_str(", got an empty body");
    } else if start.starts_with(b"<") {
        message = format!("{message}, got HTML or XML (is the server's URL correct?): {}", excerpt(&body));
    } else if !is_right {
        message = format!("{message}, got: {}", excerpt(&body));
    } else {
        message = format!("{message}: {error}");
    }
    Error::response(message, Some(body)).with_source(error)
}

/// Whether a protobuf response can't be decoded, but could be in JSON.
pub(crate) fn needs_json(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<protobuf::Error>());
    source.is_some_and(protobuf::Error::needs_json)
}

/// Describes a body in messages: an excerpt of HTML, which comes from a proxy. Of anything else only the length, since
/// it may be an object in an unexpected encoding that contains secrets.
pub(crate) fn excerpt(body: &[u8]) -> String {
    if body.trim_ascii_start().starts_with(b"<") {
        return line(body);
    }
    let what = if std::str::from_utf8(body).is_ok() { "text" } else { "binary data" };
    format!("{} bytes of {what}", body.len())
}

/// Returns the start of a body as one line of text.
fn line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]);
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "\u{fffd}");
    if body.len() > EXCERPT {
        line.push('…');
    }
    line
}

/// Whether a body identifies itself as a `Status`.
pub(crate) fn is_status(payload: &Payload) -> bool {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        kind: Option<std::borrow::Cow<'a, str>>,
    }
    match payload.codec {
        Codec::Json => {
            serde_json::from_slice(&payload.bytes).is_ok_and(|head: Head<'_>| head.kind.as_deref() == Some("Status"))
        }
        Codec::Protobuf => protobuf::Envelope::read(&payload.bytes).is_ok_and(|envelope| envelope.kind == "Status"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn error(code: u16, media_type: &str, body: &str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media_type.parse().expect("a header"));
        refusal(StatusCode::from_u16(code).expect("a code"), &headers, Bytes::copy_from_slice(body.as_bytes()))
    }

    fn text(bytes: &'static [u8]) -> Payload {
        Payload { codec: Codec::Json, bytes: Bytes::from_static(bytes) }
    }

    #[test]
    fn a_status_in_protobuf_is_told_by_its_reason() {
        let status = Status { reason: Some("NotFound".into()), code: Some(404), ..Status::default() };
        let body = protobuf::to_vec(&status).expect("protobuf");
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, protobuf::MEDIA_TYPE.parse().expect("a header"));
        let error = refusal(StatusCode::NOT_FOUND, &headers, body.into());
        assert_eq!(error.to_string(), "NotFound (404)");
    }

    #[test]
    fn a_status_is_told_by_its_reason() {
        let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"x\" not found","reason":"NotFound","details":{"name":"x","kind":"pods","retryAfterSeconds":3},"code":404}"#;
        let error = error(404, "application/json", body);
        assert!(error.is_not_found() && error.is_api() && !error.is_conflict());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(error.to_string(), r#"NotFound (404): pods "x" not found (retry after 3 s)"#);
    }

    #[test]
    fn already_exists_and_conflict_are_told_apart_though_both_are_409() {
        let body = |reason: &str| format!(r#"{{"kind":"Status","status":"Failure","reason":"{reason}","code":409}}"#);
        let exists = error(409, "application/json", &body("AlreadyExists"));
        let conflict = error(409, "application/json", &body("Conflict"));
        assert!(exists.is_already_exists() && !exists.is_conflict());
        assert!(conflict.is_conflict() && !conflict.is_already_exists());
    }

    #[test]
    fn a_proxys_error_page_keeps_its_code_and_is_shown() {
        let error = error(502, "text/html", "<html>\n<h1>Bad  Gateway</h1>");
        assert_eq!(error.code(), Some(StatusCode::BAD_GATEWAY));
        assert!(error.to_string().contains("<h1>Bad Gateway</h1>"), "{error}");
        assert!(error.to_string().contains("text/html"), "{error}");
    }

    #[test]
    fn html_in_place_of_an_object_is_named() {
        let error = decode::<Status>(text(b"<!DOCTYPE html><title>Login</title>")).expect_err("not a Status");
        assert!(error.is_decode());
        assert!(error.to_string().contains("HTML"), "{error}");
        assert!(error.body().is_some_and(|body| body.starts_with(b"<!DOCTYPE")));
    }

    #[test]
    fn a_refusal_shows_no_value_that_the_server_quotes() {
        let body = r#"{"kind":"Status","status":"Failure","reason":"Invalid","code":422,"message":" \"\" is invalid: patch: Invalid value: {\"data\":{\"password\":\"hunter2\"}}: strict decoding error: unknown field \"bogus\""}"#;
        let error = error(422, "application/json", body);
        let outer = Error::aborted("a step").because(self::error(422, "application/json", body));
        assert!(!format!("{error} {error:?} {error:#?} {outer:?}").contains("hunter2"), "{error:?}");
        assert!(error.to_string().ends_with("strict decoding error: unknown field \"bogus\""), "{error}");
        assert!(error.unredacted_message().is_some_and(|message| message.contains("hunter2")), "{error}");
        assert!(error.body().is_some(), "{error}");
    }

    #[test]
    fn a_body_that_is_not_understood_is_not_quoted() {
        for (codec, body) in [
            (Codec::Json, &b"kind: Secret\ndata: {password: hunter2}\n"[..]),
            (Codec::Json, b"k8s\0\n\x0c\n\x02v1\x12\x06Secret\x12\x07hunter2\xff"),
            (Codec::Json, br#"{"status": {"password": "hunter2"}, "#),
            (Codec::Protobuf, br#"{"kind":"Secret","data":{"password":"hunter2"}}"#),
        ] {
            let error = decode::<Status>(Payload { codec, bytes: Bytes::from_static(body) }).expect_err("not a Status");
            let source = std::error::Error::source(&error).map(|source| format!("{source} {source:?}"));
            assert!(!format!("{error} {error:?} {source:?}").contains("hunter2"), "{error:?}");
            assert_eq!(error.body().map(|body| &body[..]), Some(body));
        }
        for (media_type, body) in
            [("application/json", r#"{"password":"hunter2"}"#), ("text/plain", r#"no: {"p": "hunter2"}"#)]
        {
            let error = error(500, media_type, body);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn an_empty_body_is_named() {
        let error = decode::<Status>(text(b"")).expect_err("nothing");
        assert!(error.to_string().contains("empty body"), "{error}");
    }
}
