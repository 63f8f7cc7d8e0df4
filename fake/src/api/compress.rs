//! Compressed answers: large ones, to those who accept them.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::FutureExt as _;
use http::Response;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue, VARY};
use http_body::Body as _;
use http_body_util::BodyExt as _;

use super::answer::{Body, in_memory};
use super::call::Call;

/// The largest body that is not worth it, in bytes.
const THRESHOLD: u64 = 128 * 1024;

/// Whether a client accepts gzip: it has to say just that.
pub(super) fn is_accepted(call: &Call) -> bool {
    call.header(ACCEPT_ENCODING).split(',').any(|coding| coding.trim() == "gzip")
}

/// Compresses an answer in memory, if it is large and the client accepts it.
pub(super) fn answer(mut response: Response<Body>, call: &Call) -> Response<Body> {
    let is_large = response.body().size_hint().exact().is_some_and(|size| size > THRESHOLD);
    if !is_large || !is_accepted(call) {
        return response;
    }
    // It is in memory: nothing is waited for.
    let body = std::mem::take(response.body_mut()).collect().now_or_never().and_then(Result::ok);
    let whole = body.map(|body| body.to_bytes()).unwrap_or_default();
    match gzip(&whole) {
        Ok(compressed) => {
            *response.body_mut() = in_memory(compressed);
            mark(&mut response);
        }
        Err(_) => *response.body_mut() = in_memory(whole),
    }
    response
}

/// Tells that a response is compressed.
pub(super) fn mark(response: &mut Response<Body>) {
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
}

/// One member of gzip, as fast as can be.
pub(super) fn gzip(bytes: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes)?;
    // Go's reader waits for the next member before it gives what the last block of one holds: that one is empty.
    encoder.flush()?;
    Ok(encoder.finish()?.into())
}
