//! Port-forwards: connections to ports as streams of SPDY, in a WebSocket.
//!
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets>

use std::collections::HashMap;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::SplitStream;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use super::handlers::PortHandler;
use super::socket::{Socket, goodbye, part};
use super::spdy::{self, Decoder, Frame};
use super::{BUFFER, CHUNK, PortForwardCall};

/// The frames that wait to be sent.
const QUEUE: usize = 16;

/// A port-forward that was asked for.
pub(crate) struct Tunnel {
    pub namespace: String,
    pub pod: String,
    pub uid: String,
    pub handler: PortHandler,
}

impl Tunnel {
    /// The WebSocket protocol.
    pub const PROTOCOL: &str = "SPDY/3.1+portforward.k8s.io";

    /// Serves all connections of a client, until it has left.
    pub async fn run(self, socket: Socket) {
        let (mut sink, stream) = socket.split();
        let (frames, mut queue) = mpsc::channel(QUEUE);
        let sending = async move {
            while let Some(frame) = queue.recv().await {
                sink.send(Message::Binary(frame)).await?;
            }
            sink.send(goodbye()).await
        };
        let connections = Connections {
            tunnel: Arc::new(self),
            frames,
            decoder: Decoder::new(),
            halves: HashMap::new(),
            open: HashMap::new(),
            tasks: JoinSet::new(),
            has_replied: false,
        };
        part(sending, connections.run(stream)).await;
    }
}

/// The connections of a client.
struct Connections {
    tunnel: Arc<Tunnel>,
    frames: mpsc::Sender<Bytes>,
    decoder: Decoder,
    /// Connections of which only one stream is open yet, by their request ids.
    halves: HashMap<String, Half>,
    /// What the client sends, by the streams of data.
    open: HashMap<u32, Incoming>,
    /// The handlers. Each returns its stream of data.
    tasks: JoinSet<u32>,
    has_replied: bool,
}

/// A connection of which only one stream is open.
#[derive(Default)]
struct Half {
    errors: Option<u32>,
    data: Option<Outgoing>,
}

/// What the client sends on a connection.
struct Incoming {
    /// `None` once it has ended its half.
    writer: Option<WriteHalf<DuplexStream>>,
    /// Dropped when the client resets the connection.
    _reset: oneshot::Sender<()>,
}

/// What the pod sends on a connection.
struct Outgoing {
    stream: u32,
    port: u16,
    reader: ReadHalf<DuplexStream>,
    /// The handler's side.
    theirs: DuplexStream,
    reset: oneshot::Receiver<()>,
}

impl Connections {
    async fn run(mut self, mut stream: SplitStream<Socket>) {
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Binary(message))) => {
                        self.decoder.push(&message);
                        if self.take().await.is_err() {
                            return;
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                Some(done) = self.tasks.join_next() => match done {
                    Ok(stream) => {
                        self.open.remove(&stream);
                    }
                    // A handler has panicked: the client is disconnected.
                    Err(_) => return,
                },
            }
        }
    }

    /// Takes all frames that are there.
    async fn take(&mut self) -> Result<(), String> {
        while let Some(frame) = self.decoder.next()? {
            match frame {
                Frame::Open(stream, headers) => self.open(stream, &headers).await,
                Frame::Data(stream, data) => {
                    if let Some(Incoming { writer: Some(writer), .. }) = self.open.get_mut(&stream) {
                        // If nobody reads it, it is lost, as on a connection that is closed.
                        let _ = writer.write_all(&data).await;
                    }
                }
                Frame::Fin(stream) => {
                    if let Some(mut writer) = self.open.get_mut(&stream).and_then(|incoming| incoming.writer.take()) {
                        let _ = writer.shutdown().await;
                    }
                }
                Frame::Reset(stream) => {
                    self.open.remove(&stream);
                }
                Frame::Ping(id) => self.send(spdy::pong(id)).await,
            }
        }
        Ok(())
    }

    /// Sends a frame. That the client has left is noticed elsewhere.
    async fn send(&self, frame: Bytes) {
        let _ = self.frames.send(frame).await;
    }

    /// Opens a stream: each connection has one for data and one for errors.
    async fn open(&mut self, stream: u32, headers: &HashMap<String, String>) {
        let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
        let kind = header("streamtype");
        let port = header("port").parse().ok().filter(|port| *port > 0);
        let (Some(port), "error" | "data") = (port, kind) else {
            return self.send(spdy::refuse(stream)).await;
        };
        self.send(spdy::reply(stream, !self.has_replied)).await;
        self.has_replied = true;
        let request = header("requestid").to_owned();
        let half = self.halves.entry(request.clone()).or_default();
        if kind == "error" {
            half.errors = Some(stream);
        } else {
            // A handler that doesn't read makes all connections of the client wait, as with a real server.
            let (ours, theirs) = duplex(BUFFER);
            let (reader, writer) = split(ours);
            let (sender, reset) = oneshot::channel();
            self.open.insert(stream, Incoming { writer: Some(writer), _reset: sender });
            half.data = Some(Outgoing { stream, port, reader, theirs, reset });
        }
        if let Half { errors: Some(errors), data: Some(_) } = *half
            && let Some(outgoing) = self.halves.remove(&request).and_then(|half| half.data)
        {
            self.tasks.spawn(serve(self.tunnel.clone(), outgoing, errors, self.frames.clone()));
        }
    }
}

/// Serves a connection. Returns its stream of data.
async fn serve(tunnel: Arc<Tunnel>, outgoing: Outgoing, errors: u32, frames: mpsc::Sender<Bytes>) -> u32 {
    let Outgoing { stream, port, reader, theirs, reset } = outgoing;
    let call = PortForwardCall { namespace: tunnel.namespace.clone(), pod: tunnel.pod.clone(), port, stream: theirs };
    let send = async |frame: Bytes| {
        // That the client has left is noticed elsewhere.
        let _ = frames.send(frame).await;
    };
    let report = async |outcome: io::Result<()>| {
        if let Err(error) = outcome {
            let Tunnel { pod, uid, .. } = &*tunnel;
            let text = format!("error forwarding port {port} to pod {pod}, uid {uid}: {error}");
            send(spdy::data(errors, text.as_bytes())).await;
        }
        send(spdy::fin(errors)).await;
    };
    let work = async {
        let mut handler = pin!((tunnel.handler)(call));
        let mut copied = pin!(copy(reader, stream, &frames));
        tokio::select! {
            biased;
            outcome = &mut handler => {
                copied.await;
                // Before the end of the data, which clients would take for a regular one.
                report(outcome).await;
                send(spdy::fin(stream)).await;
            }
            () = &mut copied => {
                send(spdy::fin(stream)).await;
                report(handler.await).await;
            }
        }
    };
    let is_reset = tokio::select! {
        () = work => false,
        _ = reset => true,
    };
    if is_reset {
        // Clients wait for it.
        send(spdy::fin(errors)).await;
    }
    stream
}

/// Sends what the pod sends, until it has ended its half.
async fn copy(mut reader: ReadHalf<DuplexStream>, stream: u32, frames: &mpsc::Sender<Bytes>) {
    loop {
        let mut data = BytesMut::with_capacity(CHUNK);
        match reader.read_buf(&mut data).await {
            Ok(count) if count > 0 => {
                if frames.send(spdy::data(stream, &data)).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}
