//! WebSocket handshake with the API server.

use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::transport::{BoxIo, upgraded};
use crate::wire::Call;

/// Maximum size of a message; a server's messages are smaller.
const MESSAGE_LIMIT: usize = 16 << 20;
/// Size of the connection's read and write buffers.
const READ: usize = 64 << 10;
const WRITE: usize = 128 << 10;

/// Opens a WebSocket with one of the protocols, in order of preference, and returns the server's choice, if any.
///
/// An error response is reported as for every other call: pod not found, container not found, forbidden, ….
pub(crate) async fn websocket(
    client: &Client,
    call: &Call,
    protocols: &[&'static str],
) -> Result<(WebSocketStream<BoxIo>, Option<&'static str>)> {
    let operation = call.operation();
    open(client, call, protocols).await.map_err(|error| error.with_operation(&operation))
}

async fn open(
    client: &Client,
    call: &Call,
    protocols: &[&'static str],
) -> Result<(WebSocketStream<BoxIo>, Option<&'static str>)> {
    let key = generate_key();
    let mut call = call.clone();
    call.switch_protocols(ask(&key, protocols)?);
    let response = client.exchange(&mut call).await?.switched();
    let protocol = check(response.headers(), &key, protocols)?;
    let io = upgraded(response).await.map_err(|error| {
        let message = "the response switched to WebSocket without a connection: a custom service must pass on that of hyper, or put \
                       an `Upgrade` into the response's extensions";
        Error::stream(message).with_source(error)
    })?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ)
        .write_buffer_size(WRITE)
        .max_message_size(Some(MESSAGE_LIMIT))
        .max_frame_size(Some(MESSAGE_LIMIT));
    Ok((WebSocketStream::from_raw_socket(io, Role::Client, Some(config)).await, protocol))
}

/// Adds the headers of a WebSocket handshake (RFC 6455, section 4.1).
fn ask(key: &str, protocols: &[&str]) -> Result<HeaderMap> {
    let value = |text: &str| {
        HeaderValue::try_from(text)
            .map_err(|error| Error::build("a protocol's name is not a valid header value").with_source(error))
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, value(key)?);
    if !protocols.is_empty() {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, value(&protocols.join(", "))?);
    }
    Ok(headers)
}

/// Validates the response of the handshake, and returns the chosen protocol.
fn check(headers: &HeaderMap, key: &str, protocols: &[&'static str]) -> Result<Option<&'static str>> {
    let is = |name, expected: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.trim().eq_ignore_ascii_case(expected))
    };
    if !is(UPGRADE, "websocket") {
        return Err(Error::response("the server switched to a protocol other than WebSocket", None));
    }
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map_or(&[][..], HeaderValue::as_bytes);
    if accept != derive_accept_key(key.as_bytes()).as_bytes() {
        let message = "the server's WebSocket handshake does not match the request; does a proxy cache it?";
        return Err(Error::response(message, None));
    }
    let Some(chosen) = headers.get(SEC_WEBSOCKET_PROTOCOL) else { return Ok(None) };
    let chosen = chosen.to_str().unwrap_or_default().trim();
    // The API server responds so to a client that offers none: an empty header means that none was chosen.
    if chosen.is_empty() {
        return Ok(None);
    }
    match protocols.iter().find(|protocol| **protocol == chosen) {
        Some(protocol) => Ok(Some(protocol)),
        None => Err(Error::response(format!("the server chose the protocol {chosen:?}, which was not offered"), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn an_answer_that_is_not_to_our_question_is_refused() {
        // The key and its answer are those of RFC 6455, section 1.3.
        let good = [("upgrade", "WebSocket"), ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")];
        assert_eq!(check(&headers(&good), KEY, &["a"]).expect("good"), None);
        let named = [good[0], good[1], ("sec-websocket-protocol", "a")];
        assert_eq!(check(&headers(&named), KEY, &["b", "a"]).expect("good"), Some("a"));
        let empty = [good[0], good[1], ("sec-websocket-protocol", "")];
        assert_eq!(check(&headers(&empty), KEY, &["a"]).expect("none was chosen"), None);
        assert_eq!(check(&headers(&empty), KEY, &[]).expect("none was offered"), None);
        assert!(check(&headers(&named), KEY, &["b"]).expect_err("not offered").is_decode());
        assert!(check(&headers(&good[..1]), KEY, &[]).expect_err("no accept").is_decode());
        assert!(check(&headers(&good[1..]), KEY, &[]).expect_err("no upgrade").is_decode());
    }
}
