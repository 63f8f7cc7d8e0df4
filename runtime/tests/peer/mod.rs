//! The server's side of the streams, in this process: it speaks WebSocket over a connection in memory, so that a test
//! says message by message what comes, and nothing depends on a network or a clock. Written from KEP-4006.
#![allow(dead_code, missing_docs)]

use std::future::Future;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, Request, Response, StatusCode};
use kubewright_runtime::api::Handle;
use kubewright_runtime::transport::{Body, Upgrade};
use kubewright_runtime::{Client, ResourceDesc, Served};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

pub const V5: &str = "v5.channel.k8s.io";
pub const V4: &str = "v4.channel.k8s.io";
pub const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";

pub const SUCCESS: &str = r#"{"metadata":{},"status":"Success"}"#;

pub static PODS: ResourceDesc = ResourceDesc {
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    short_names: &[],
    categories: &[],
    namespaced: true,
    served: Served::ALWAYS,
};

/// A pod's handle whose subresources are served by whoever made the client.
pub fn pods(client: &Client) -> Handle<()> {
    Handle::namespaced(client, &PODS, "shop")
}

/// The headers and targets of the requests that came.
pub type Log = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// The other end of a WebSocket.
pub struct Peer {
    pub socket: WebSocketStream<DuplexStream>,
    /// What was asked for: path and query.
    pub target: String,
}

impl Peer {
    /// Sends a message on a channel.
    pub async fn say(&mut self, channel: u8, data: impl AsRef<[u8]>) {
        let message = [&[channel], data.as_ref()].concat();
        self.socket.send(Message::Binary(message.into())).await.expect("the client listens");
    }

    /// Sends a message to a client that may have gone; whether it was there.
    pub async fn try_say(&mut self, channel: u8, data: impl AsRef<[u8]>) -> bool {
        let message = [&[channel], data.as_ref()].concat();
        self.socket.send(Message::Binary(message.into())).await.is_ok()
    }

    /// The command that was asked for.
    pub fn command(&self) -> Vec<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let arguments = query.split('&').filter_map(|parameter| parameter.strip_prefix("command="));
        arguments.map(|text| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()).collect()
    }

    /// The next binary message; `None` when the client has gone.
    pub async fn hear(&mut self) -> Option<Bytes> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Binary(bytes)) => return Some(bytes),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// All data of a channel until its close signal (or the client's end), and whether that signal came.
    pub async fn hear_all(&mut self, channel: u8) -> (Vec<u8>, bool) {
        let mut data = Vec::new();
        while let Some(message) = self.hear().await {
            if message[..] == [255, channel] {
                return (data, true);
            }
            assert_eq!(message[0], channel, "an unexpected channel");
            data.extend_from_slice(&message[1..]);
        }
        (data, false)
    }

    /// Waits until the client has gone.
    pub async fn gone(mut self) {
        while self.hear().await.is_some() {}
    }

    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }
}

/// A client whose every request is switched to WebSocket, with the first of these protocols that it offers; the script
/// is then the server.
pub fn client<F>(protocols: &'static [&'static str], script: impl Fn(Peer) -> F + Clone + Send + 'static) -> Client
where
    F: Future<Output = ()> + Send + 'static,
{
    client_with_buffer(64 << 10, protocols, script).0
}

/// With a connection that holds so many bytes in each direction.
pub fn client_with_buffer<F>(
    buffer: usize,
    protocols: &'static [&'static str],
    script: impl Fn(Peer) -> F + Clone + Send + 'static,
) -> (Client, Log)
where
    F: Future<Output = ()> + Send + 'static,
{
    client_with_answers(buffer, protocols, |_| None, script)
}

/// With answers to the targets (path and query) that are not to be switched.
pub fn client_with_answers<F>(
    buffer: usize,
    protocols: &'static [&'static str],
    answers: impl Fn(&str) -> Option<Response<Body>> + Clone + Send + 'static,
    script: impl Fn(Peer) -> F + Clone + Send + 'static,
) -> (Client, Log)
where
    F: Future<Output = ()> + Send + 'static,
{
    let log = Log::default();
    let seen = log.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        seen.lock().expect("not poisoned").push((request.uri().to_string(), request.headers().clone()));
        let target = request.uri().to_string();
        if let Some(answer) = answers(&target) {
            return std::future::ready(Ok::<_, std::convert::Infallible>(answer));
        }
        let (server, client) = tokio::io::duplex(buffer);
        let answer = switch(request.headers(), protocols, client);
        let script = script.clone();
        tokio::spawn(async move {
            let socket = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
            script(Peer { socket, target }).await;
        });
        std::future::ready(Ok(answer))
    });
    (Client::from_service(service, "shop"), log)
}

fn switch(asked: &HeaderMap, protocols: &[&'static str], client: DuplexStream) -> Response<Body> {
    let text = |name: &str| asked.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let offered: Vec<&str> = text("sec-websocket-protocol").split(',').map(str::trim).collect();
    let mut response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", derive_accept_key(text("sec-websocket-key").as_bytes()));
    if let Some(chosen) = protocols.iter().find(|protocol| offered.contains(protocol)) {
        response = response.header("sec-websocket-protocol", *chosen);
    }
    let mut response = response.body(Body::empty()).expect("a response");
    response.extensions_mut().insert(Upgrade::new(client));
    response
}
