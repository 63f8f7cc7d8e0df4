//! Documents that clients keep, and ask about again.
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use http::{Response, StatusCode};

use super::answer::{Body, respond};
use super::call::Call;
use crate::documents::hash_of_text;

/// A document with its `ETag`; or 304, if the client has it.
pub(super) fn respond_with_tag(
    call: &Call,
    body: String,
    media_type: &'static str,
    cache: &'static str,
) -> Response<Body> {
    let hash = hash_of_text(&body);
    respond_with_hash(call, hash, body.into(), (media_type, cache))
}

/// As [`respond_with_tag`], of a document in one of several forms, which have the same hash.
pub(super) fn respond_with_hash(
    call: &Call,
    hash: u64,
    body: Bytes,
    (media_type, cache): (&'static str, &'static str),
) -> Response<Body> {
    let tag = format!("\"{hash:016X}\"");
    let is_known = call.header(IF_NONE_MATCH).split(',').any(|known| known.trim() == tag);
    let mut response = if is_known {
        let mut response = Response::new(Body::default());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        respond(StatusCode::OK, media_type, body)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
