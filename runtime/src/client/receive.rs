//! Receiving a response: its whole body, or a body that is read as it comes.

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt as _, Limited};

use crate::error::{Error, Result};
use crate::transport::Body;
use crate::wire::Codec;
use crate::wire::response::{self, Payload};

/// How much of a refusal's body is read: a `Status` is small, and a proxy's error page need not be read to its end.
const REFUSAL_LIMIT: usize = 1 << 20;

/// Reads the whole of a body.
pub(crate) async fn collect(codec: Codec, body: Body) -> Result<Payload> {
    let bytes = body.collect().await.map_err(Error::transport)?.to_bytes();
    Ok(Payload { codec, bytes })
}

/// The body of a success, to be read as it comes, and its encoding; a refusal is an error.
pub(crate) async fn open(response: Response<Body>) -> Result<(Codec, Body)> {
    let (parts, body) = response.into_parts();
    if parts.status.is_success() {
        return Ok((Codec::of(&parts.headers), body));
    }
    let body = match Limited::new(body, REFUSAL_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        // The code alone says enough to go on with.
        Err(_) => Bytes::new(),
    };
    Err(response::refusal(parts.status, &parts.headers, body))
}
