//! Understanding a response: a success, a refusal by the API server, or something that is not from an API server at all.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::json;
use crate::message::MessageType;
use crate::meta::v1::Status;
use crate::transport::Body;

/// How much of a refusal's body is read: a `Status` is small, and a proxy's error page need not be read to its end.
const REFUSAL_LIMIT: usize = 1 << 20;

/// How much of a body that is not understood is shown.
const EXCERPT: usize = 200;

/// Reads the whole body of a success; a refusal is an error.
pub(crate) async fn read(response: Response<Body>) -> Result<Bytes> {
    let body = open(response).await?;
    Ok(body.collect().await.map_err(Error::transport)?.to_bytes())
}

/// The body of a success, to be read as it comes; a refusal is an error.
pub(crate) async fn open(response: Response<Body>) -> Result<Body> {
    let (parts, body) = response.into_parts();
    if parts.status.is_success() {
        return Ok(body);
    }
    let body = match Limited::new(body, REFUSAL_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        // The code alone says enough to go on with.
        Err(_) => Bytes::new(),
    };
    Err(refusal(parts.status, &parts.headers, body))
}

/// What a response that is no success says, as an error.
///
/// The API server answers with a `Status`. Something between it and us (a proxy, a load balancer) does not: then the code
/// stands, and the message shows what came.
fn refusal(code: StatusCode, headers: &HeaderMap, body: Bytes) -> Error {
    let status = match json::from_slice::<Status>(&body) {
        Ok(status) if status.status.is_some() || status.reason.is_some() => status,
        _ => Status {
            code: Some(code.as_u16().into()),
            message: Some(foreign(code, headers, &body).into()),
            ..Status::default()
        },
    };
    Error::api(code, status).with_body(body).with_retry_after(retry_after(headers))
}

fn foreign(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("no content type");
    if code.is_redirection() {
        return "the server redirects, which an API server does not: check the server's URL".to_owned();
    }
    if body.is_empty() {
        return "the response has no body".to_owned();
    }
    format!("not a Status of an API server ({media_type}): {}", excerpt(body))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The message in a body.
pub(crate) fn decode<T: MessageType>(body: Bytes) -> Result<T> {
    json::from_slice(&body).map_err(|error| not_understood(T::table().name, error, body))
}

/// The error for a body that is not the message that was expected.
pub(crate) fn not_understood(expected: &str, error: json::Error, body: Bytes) -> Error {
    let mut message = format!("expected a {expected} as JSON");
    let start = body.trim_ascii_start();
    if body.is_empty() {
        message.push_str(", got an empty body");
    } else if start.starts_with(b"<") {
        message =
            format!("{message}, got HTML or XML (is the server's URL that of an API server?): {}", excerpt(&body));
    } else if !start.starts_with(b"{") {
        message = format!("{message}, got: {}", excerpt(&body));
    } else {
        message = format!("{message}: {error}");
    }
    Error::response(message, Some(body)).with_source(error)
}

/// The start of a body, as one line of text.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]);
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "\u{fffd}");
    if body.len() > EXCERPT {
        line.push('…');
    }
    line
}

/// The `kind` at the top of a body, if it has one.
pub(crate) fn kind(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        kind: Option<String>,
    }
    serde_json::from_slice::<Head>(body).ok()?.kind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: u16, media_type: &str, body: &str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media_type.parse().expect("a header"));
        refusal(StatusCode::from_u16(code).expect("a code"), &headers, Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn a_status_is_told_by_its_reason() {
        let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"x\" not found","reason":"NotFound","details":{"name":"x","kind":"pods","retryAfterSeconds":3},"code":404}"#;
        let error = error(404, "application/json", body);
        assert!(error.is_not_found() && error.is_api() && !error.is_conflict());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(error.to_string(), r#"NotFound (404): pods "x" not found"#);
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
        let error =
            decode::<Status>(Bytes::from_static(b"<!DOCTYPE html><title>Login</title>")).expect_err("not a Status");
        assert!(error.is_response());
        assert!(error.to_string().contains("HTML"), "{error}");
        assert!(error.body().is_some_and(|body| body.starts_with(b"<!DOCTYPE")));
    }

    #[test]
    fn an_empty_body_is_named() {
        let error = decode::<Status>(Bytes::new()).expect_err("nothing");
        assert!(error.to_string().contains("empty body"), "{error}");
    }
}
