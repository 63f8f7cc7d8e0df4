//! WebSockets: connections that an answer leaves.

use std::future::Future;
use std::time::Duration;

use http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{Extensions, HeaderMap, HeaderName, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

#[cfg(feature = "client")]
use super::BUFFER;
use crate::api::{Body, in_memory};
use crate::status::Status;

/// What bytes go through in both directions.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A WebSocket, from the server's side.
pub(super) type Socket = WebSocketStream<Box<dyn Io>>;

/// How long a client may take to leave after everything was sent.
const PARTING: Duration = Duration::from_secs(5);

/// Ends the sessions of a listener that is dropped: the other half is the listener's.
#[cfg(feature = "listen")]
#[derive(Clone, Debug)]
pub(crate) struct Lifetime(pub tokio::sync::watch::Receiver<()>);

/// A request that asks to switch protocols.
pub(crate) enum Switch<'c> {
    /// To WebSocket, with a key, and one of these protocols.
    WebSocket { key: &'c str, protocols: Vec<&'c str> },
    /// To SPDY.
    Spdy,
}

impl<'c> Switch<'c> {
    /// What the headers of a request ask for.
    pub fn of(headers: &'c HeaderMap) -> Result<Self, Status> {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_switch = text(CONNECTION).split(',').any(|token| token.trim().eq_ignore_ascii_case("upgrade"));
        match text(UPGRADE).trim() {
            upgrade if is_switch && upgrade.eq_ignore_ascii_case("SPDY/3.1") => Ok(Self::Spdy),
            upgrade if is_switch && upgrade.eq_ignore_ascii_case("websocket") => {
                let key = text(SEC_WEBSOCKET_KEY).trim();
                if key.is_empty() || text(SEC_WEBSOCKET_VERSION).trim() != "13" {
                    return Err(Status::bad_request("the WebSocket handshake has no key, or is of another version"));
                }
                let offers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
                let protocols = offers.flat_map(|offer| offer.split(',')).map(str::trim).collect();
                Ok(Self::WebSocket { key, protocols })
            }
            _ => Err(Status::bad_request("Upgrade request required")),
        }
    }
}

/// Answers a handshake, and serves a protocol on the connection in a task of its own.
pub(crate) fn serve<F>(
    extensions: &Extensions,
    key: &str,
    protocol: &'static str,
    run: impl FnOnce(Socket) -> F + Send + 'static,
) -> Result<Response<Body>, Status>
where
    F: Future<Output = ()> + Send,
{
    let runtime = Handle::try_current().map_err(|_| Status::not_done("sessions outside of a Tokio runtime"))?;
    let mut response = Response::new(in_memory(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let accept =
        HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| Status::bad_request("bad key"))?;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    let session = async move |io: Box<dyn Io>| {
        run(WebSocketStream::from_raw_socket(io, Role::Server, None).await).await;
    };
    #[cfg(feature = "listen")]
    if let Some(connection) = extensions.get::<hyper::upgrade::OnUpgrade>().cloned() {
        let lifetime = extensions.get::<Lifetime>().cloned();
        runtime.spawn(async move {
            let session = async move {
                // Without a connection there is nobody to answer.
                if let Ok(io) = connection.await {
                    session(Box::new(hyper_util::rt::TokioIo::new(io))).await;
                }
            };
            tokio::select! {
                () = session => {}
                () = ended(lifetime) => {}
            }
        });
        return Ok(response);
    }
    let _ = extensions;
    in_process(&runtime, response, session)
}

/// Connects a client in the process.
#[cfg(feature = "client")]
fn in_process<F>(
    runtime: &Handle,
    mut response: Response<Body>,
    session: impl FnOnce(Box<dyn Io>) -> F,
) -> Result<Response<Body>, Status>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    response.extensions_mut().insert(kubewright::runtime::transport::Upgrade::new(theirs));
    runtime.spawn(session(Box::new(ours)));
    Ok(response)
}

/// There is no way to hand a connection over.
#[cfg(not(feature = "client"))]
fn in_process<S>(_: &Handle, _: Response<Body>, _: S) -> Result<Response<Body>, Status> {
    Err(Status::not_done("sessions in the process without the feature `client`"))
}

/// The end of a listener.
#[cfg(feature = "listen")]
async fn ended(lifetime: Option<Lifetime>) {
    match lifetime {
        // Nothing is ever sent: it ends with the other half.
        Some(Lifetime(mut lifetime)) => while lifetime.changed().await.is_ok() {},
        None => std::future::pending().await,
    }
}

/// The last message. Go's client takes one without a code for an error.
pub(super) fn goodbye() -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() }))
}

/// Runs what is sent beside what is received. Once everything is sent the client is waited for, since data that it has not read is
/// lost when the connection is closed.
pub(super) async fn part(sending: impl Future<Output = Result<(), Error>>, receiving: impl Future<Output = ()>) {
    let mut receiving = std::pin::pin!(receiving);
    let sent = tokio::select! {
        sent = sending => sent,
        () = &mut receiving => return,
    };
    if sent.is_ok() {
        // A client that stays after its time is disconnected.
        let _ = tokio::time::timeout(PARTING, receiving).await;
    }
}
