//! Port-forwards against a peer that speaks the server's side: SPDY that is tunnelled through WebSocket (KEP-4006), and
//! the channels of older kubelets.
#![allow(missing_docs)]

mod peer;
mod support;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::SinkExt as _;
use kubewright_runtime::Client;
use kubewright_runtime::stream::PortForwardRequest;
use peer::{Peer, TUNNEL, V4, client, client_with_buffer, pods};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::tungstenite::Message;

fn forward(client: &Client) -> PortForwardRequest<()> {
    pods(client).port_forward("web-0", "portforward", 8080)
}

const ERRORS: u32 = 1;
const DATA: u32 = 3;

/// What the client says in SPDY.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Open(u32, HashMap<String, String>),
    Data(Vec<u8>),
    Fin(u32),
    Ping(u32),
}

/// The server's side of a tunnel.
struct Tunnel {
    peer: Peer,
    buffer: Vec<u8>,
    inflate: flate2::Decompress,
}

impl Tunnel {
    fn new(peer: Peer) -> Self {
        Self { peer, buffer: Vec::new(), inflate: flate2::Decompress::new(true) }
    }

    /// Takes both streams, as a kubelet does.
    async fn accept(mut self) -> Self {
        for (stream, kind) in [(ERRORS, "error"), (DATA, "data")] {
            let Some(Said::Open(opened, headers)) = self.hear().await else { panic!("no stream") };
            assert_eq!((opened, headers["streamtype"].as_str(), headers["port"].as_str()), (stream, kind, "8080"));
            assert!(headers.contains_key("requestid"));
        }
        for stream in [ERRORS, DATA] {
            self.send(&[&[0x80, 3, 0, 2, 0, 0, 0, 4][..], &stream.to_be_bytes()].concat()).await;
        }
        assert_eq!(self.hear().await, Some(Said::Fin(ERRORS)));
        self
    }

    async fn send(&mut self, frame: &[u8]) {
        let message = Message::Binary(Bytes::copy_from_slice(frame));
        self.peer.socket.send(message).await.expect("the client listens");
    }

    async fn data(&mut self, stream: u32, data: &[u8], fin: bool) {
        let length = u32::try_from(data.len()).expect("short") | u32::from(fin) << 24;
        self.send(&[&stream.to_be_bytes()[..], &length.to_be_bytes(), data].concat()).await;
    }

    async fn reset(&mut self, stream: u32) {
        self.send(&[&[0x80, 3, 0, 3, 0, 0, 0, 8][..], &stream.to_be_bytes(), &5_u32.to_be_bytes()].concat()).await;
    }

    /// The next frame; `None` when the client has gone.
    async fn hear(&mut self) -> Option<Said> {
        while self.buffer.len() < 8 || self.buffer.len() < 8 + self.length() {
            self.buffer.extend_from_slice(&self.peer.hear().await?);
        }
        let rest = self.buffer.split_off(8 + self.length());
        let frame = std::mem::replace(&mut self.buffer, rest);
        let number = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().expect("four"));
        Some(match &frame[..4] {
            [0x80, 3, 0, 1] => Said::Open(number(8), self.headers(&frame[18..])),
            [0x80, 3, 0, 6] => Said::Ping(number(8)),
            [0x80, ..] => panic!("an unexpected frame {frame:?}"),
            _ if frame[4] == 1 => Said::Fin(number(0)),
            _ => {
                assert_eq!(number(0), DATA);
                Said::Data(frame[8..].to_vec())
            }
        })
    }

    fn length(&self) -> usize {
        u32::from_be_bytes([0, self.buffer[5], self.buffer[6], self.buffer[7]]) as usize
    }

    fn headers(&mut self, packed: &[u8]) -> HashMap<String, String> {
        let mut block = Vec::with_capacity(1000);
        self.inflate.decompress_vec(packed, &mut block, flate2::FlushDecompress::Sync).expect("zlib");
        let mut words = Vec::new();
        let mut rest = &block[4..];
        while !rest.is_empty() {
            let (length, after) = rest.split_at(4);
            let length = u32::from_be_bytes(length.try_into().expect("four")) as usize;
            words.push(String::from_utf8(after[..length].to_vec()).expect("text"));
            rest = &after[length..];
        }
        words.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
    }
}

/// Sends back what comes, and ends when the client does.
async fn echo(peer: Peer) {
    let mut tunnel = Tunnel::new(peer).accept().await;
    while let Some(said) = tunnel.hear().await {
        match said {
            Said::Data(data) => tunnel.data(DATA, &data, false).await,
            Said::Fin(DATA) => break,
            other => panic!("{other:?}"),
        }
    }
    tunnel.data(DATA, b"", true).await;
    tunnel.data(ERRORS, b"", true).await;
    tunnel.peer.gone().await;
}

#[tokio::test]
async fn a_stream_carries_bytes_both_ways_and_closes_one_direction_alone() {
    let (client, log) = client_with_buffer(4096, &[TUNNEL], echo);
    let mut stream = forward(&client).connect().await.expect("a stream");
    assert!(stream.half_closes());
    stream.write_all(b"hello").await.expect("written");
    let mut five = [0; 5];
    stream.read_exact(&mut five).await.expect("read");
    assert_eq!(&five, b"hello");
    stream.write_all(b" and goodbye").await.expect("written");
    stream.shutdown().await.expect("closed");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.expect("read");
    assert_eq!(rest, " and goodbye");
    let log = log.lock().expect("not poisoned");
    assert_eq!(log[0].0, "/api/v1/namespaces/shop/pods/web-0/portforward?ports=8080");
    assert_eq!(log[0].1["sec-websocket-protocol"], format!("{TUNNEL}, {V4}"));
}

#[tokio::test]
async fn nothing_is_sent_before_the_server_has_taken_the_streams() {
    let (send, mut peers) = mpsc::unbounded_channel();
    let client = client(&[TUNNEL], move |peer| {
        let send = send.clone();
        async move { drop(send.send(peer)) }
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    stream.write_all(b"early").await.expect("it is buffered");
    // The server would drop data for streams that it has not taken: `accept` fails if any comes before.
    let mut tunnel = Tunnel::new(peers.recv().await.expect("a peer")).accept().await;
    assert_eq!(tunnel.hear().await, Some(Said::Data(b"early".to_vec())));
}

#[tokio::test]
async fn a_server_that_never_takes_the_streams_is_given_up_though_it_answers_pings() {
    tokio::time::pause();
    let client = client(&[TUNNEL], Peer::gone);
    let mut stream = forward(&client).connect().await.expect("a stream");
    assert!(stream.chunk().await.expect_err("given up").is_timeout());
}

#[tokio::test]
async fn large_data_arrives_whole_in_both_directions() {
    let client = client(&[TUNNEL], echo);
    let stream = forward(&client).connect().await.expect("a stream");
    let (mut reader, mut writer) = tokio::io::split(stream);
    let sent: Vec<u8> = (0..2_000_000_u32).map(|n| (n % 253) as u8).collect();
    let expected = sent.clone();
    let write = tokio::spawn(async move {
        writer.write_all(&sent).await.expect("written");
        writer.shutdown().await.expect("closed");
        writer
    });
    let mut received = Vec::new();
    reader.read_to_end(&mut received).await.expect("read");
    assert!(received == expected);
    drop(write.await.expect("no panic"));
}

#[tokio::test]
async fn what_the_server_says_went_wrong_is_the_error_of_the_reader() {
    let client = client(&[TUNNEL], |peer| async move {
        let mut tunnel = Tunnel::new(peer).accept().await;
        // As a kubelet does it: the data ends first, and why is said after that.
        tunnel.data(DATA, b"", true).await;
        tunnel.data(ERRORS, b"connect: connection refused", false).await;
        tunnel.reset(DATA).await;
        tunnel.reset(ERRORS).await;
        tunnel.peer.gone().await;
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    let error = stream.read(&mut [0; 8]).await.expect_err("refused");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(error.to_string().contains("cannot forward port 8080: connect: connection refused"), "{error}");
    assert!(stream.chunk().await.expect_err("refused").is_connection());
}

#[tokio::test]
async fn a_tunnel_that_breaks_is_an_error_and_no_end() {
    let client = client(&[TUNNEL], |peer| async move {
        let mut tunnel = Tunnel::new(peer).accept().await;
        tunnel.data(DATA, b"half", false).await;
        tunnel.peer.close().await;
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    assert_eq!(stream.chunk().await.expect("data").as_deref(), Some(&b"half"[..]));
    let error = stream.chunk().await.expect_err("broken");
    assert!(error.is_connection() && error.to_string().contains("while port 8080 was being forwarded"), "{error}");
}

#[tokio::test]
async fn a_reset_stream_is_an_error() {
    let client = client(&[TUNNEL], |peer| async move {
        let mut tunnel = Tunnel::new(peer).accept().await;
        tunnel.reset(DATA).await;
        tunnel.peer.gone().await;
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    assert!(stream.chunk().await.expect_err("reset").to_string().contains("reset the connection"));
}

#[tokio::test]
async fn the_servers_pings_are_answered_and_what_is_not_spdy_is_an_error() {
    let client = client(&[TUNNEL], |peer| async move {
        let mut tunnel = Tunnel::new(peer).accept().await;
        tunnel.send(&[0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2]).await;
        assert_eq!(tunnel.hear().await, Some(Said::Ping(2)));
        tunnel.send(b"\xffGARBAGE").await;
        tunnel.peer.gone().await;
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    let error = stream.chunk().await.expect_err("garbage");
    assert!(error.is_decode() && error.to_string().contains("violated the SPDY/3.1 protocol"), "{error}");
}

#[tokio::test]
async fn an_older_kubelet_is_spoken_to_by_channels() {
    let client = client(&[V4], |mut peer| async move {
        for channel in [0, 1] {
            peer.say(channel, 8080_u16.to_le_bytes()).await;
        }
        let data = peer.hear().await.expect("data");
        assert_eq!(&data[..], b"\0question");
        peer.say(0, "answer").await;
        peer.close().await;
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    assert!(!stream.half_closes());
    stream.write_all(b"question").await.expect("written");
    stream.shutdown().await.expect("flushed");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "answer");
}

#[tokio::test]
async fn an_older_kubelets_error_is_told_too() {
    let client = client(&[V4], |mut peer| async move {
        peer.say(0, [0x90, 0x1f]).await;
        peer.say(1, [0x90, 0x1f]).await;
        peer.say(1, "nobody listens").await;
        peer.close().await;
    });
    let mut stream = forward(&client).connect().await.expect("a stream");
    let error = stream.chunk().await.expect_err("refused");
    assert!(error.to_string().contains("cannot forward port 8080: nobody listens"), "{error}");
}

#[tokio::test]
async fn dropping_a_stream_ends_its_tunnel() {
    let (send, mut tunnels) = mpsc::unbounded_channel();
    let client = client(&[TUNNEL], move |peer| {
        let send = send.clone();
        async move { drop(send.send(Tunnel::new(peer).accept().await)) }
    });
    let stream = forward(&client).connect().await.expect("a stream");
    let tunnel = tunnels.recv().await.expect("a tunnel");
    drop(stream);
    tunnel.peer.gone().await;
}

/// A request for a listener, and its events as text.
fn watched(client: &Client) -> (PortForwardRequest<()>, mpsc::UnboundedReceiver<String>) {
    let (send, events) = mpsc::unbounded_channel();
    let request = forward(client).on_event(move |event| {
        let _ = send.send(event.to_string());
    });
    (request, events)
}

/// The first connection only asks whether the pod is there.
async fn echo_if_asked(peer: Peer) {
    let mut tunnel = Tunnel::new(peer);
    match tunnel.hear().await {
        None => {}
        Some(Said::Open(ERRORS, _)) => {
            assert!(matches!(tunnel.hear().await, Some(Said::Open(DATA, _))));
            for stream in [ERRORS, DATA] {
                tunnel.send(&[&[0x80, 3, 0, 2, 0, 0, 0, 4][..], &stream.to_be_bytes()].concat()).await;
            }
            while let Some(said) = tunnel.hear().await {
                match said {
                    Said::Data(data) => tunnel.data(DATA, &data, false).await,
                    Said::Fin(ERRORS) => {}
                    Said::Fin(DATA) => break,
                    other => panic!("{other:?}"),
                }
            }
            tunnel.data(ERRORS, b"", true).await;
            tunnel.data(DATA, b"", true).await;
            tunnel.peer.gone().await;
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_listener_serves_many_connections_at_once() {
    let client = client(&[TUNNEL], echo_if_asked);
    let (request, mut events) = watched(&client);
    let forward = request.listen("127.0.0.1:0").await.expect("it listens");
    let mut connections = Vec::new();
    for number in 0..20_u8 {
        let mut connection = TcpStream::connect(forward.local_addr()).await.expect("connected");
        connection.write_all(&[number; 3]).await.expect("written");
        connections.push((number, connection));
    }
    // All are open; now they are answered in any order.
    for (number, connection) in connections.iter_mut().rev() {
        let mut answer = [0; 3];
        connection.read_exact(&mut answer).await.expect("answered");
        assert_eq!(answer, [*number; 3]);
    }
    let mut expected = Vec::new();
    for (_, mut connection) in connections {
        let peer = connection.local_addr().expect("an address");
        expected.push(format!("{peer} connected"));
        expected.push(format!("{peer} closed: 3 bytes sent to the pod, 3 received"));
        connection.shutdown().await.expect("closed");
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await.expect("an orderly end");
        assert!(rest.is_empty());
    }
    let mut told = Vec::new();
    for _ in 0..40 {
        told.push(events.recv().await.expect("an event"));
    }
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_connection_that_nobody_reads_holds_up_no_other() {
    let flood = Arc::new(Semaphore::new(1));
    let (client, _) = client_with_buffer(4096, &[TUNNEL], move |peer| {
        let flood = flood.clone();
        async move {
            let mut tunnel = Tunnel::new(peer).accept().await;
            if flood.try_acquire().is_ok_and(|permit| {
                permit.forget();
                true
            }) {
                // Far more than fits anywhere, to the first one.
                let message = [&DATA.to_be_bytes()[..], &4000_u32.to_be_bytes(), &[1; 4000]].concat();
                while tunnel.peer.socket.send(Message::Binary(message.clone().into())).await.is_ok() {}
                return;
            }
            tunnel.data(DATA, b"answer", true).await;
            tunnel.data(ERRORS, b"", true).await;
            tunnel.peer.gone().await;
        }
    });
    let request = forward(&client).buffer(1000);
    let mut first = request.connect().await.expect("a stream");
    first.read_exact(&mut [0; 1]).await.expect("the flood has begun");
    let mut second = request.connect().await.expect("a stream");
    let mut text = String::new();
    second.read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "answer");
}

#[tokio::test]
async fn a_connection_that_cant_be_forwarded_is_reset_and_told_and_the_next_one_is_tried() {
    let rounds = Arc::new(Mutex::new(0));
    let client = client(&[TUNNEL], move |peer| {
        let round = {
            let mut rounds = rounds.lock().expect("not poisoned");
            *rounds += 1;
            *rounds
        };
        async move {
            // The first is the listener's question, the second is the connection that fails.
            if round != 2 {
                return echo_if_asked(peer).await;
            }
            let mut tunnel = Tunnel::new(peer).accept().await;
            tunnel.data(ERRORS, b"connection refused", true).await;
            tunnel.peer.gone().await;
        }
    });
    let (request, mut events) = watched(&client);
    let forward = request.listen("127.0.0.1:0").await.expect("it listens");
    let mut connection = TcpStream::connect(forward.local_addr()).await.expect("connected");
    let error = connection.read(&mut [0; 8]).await.expect_err("reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let peer = connection.local_addr().expect("an address");
    assert_eq!(events.recv().await, Some(format!("{peer} connected")));
    let told = events.recv().await.expect("an event");
    assert!(told.starts_with(&format!("cannot forward {peer}: ")) && told.contains("connection refused"), "{told}");

    let mut connection = TcpStream::connect(forward.local_addr()).await.expect("connected");
    connection.write_all(b"ok").await.expect("written");
    connection.read_exact(&mut [0; 2]).await.expect("answered");
}

#[tokio::test]
async fn dropping_the_listener_ends_its_connections() {
    let client = client(&[TUNNEL], echo_if_asked);
    let forward = forward(&client).listen("127.0.0.1:0").await.expect("it listens");
    let address = forward.local_addr();
    let mut connection = TcpStream::connect(address).await.expect("connected");
    connection.write_all(b"x").await.expect("written");
    connection.read_exact(&mut [0; 1]).await.expect("answered");
    drop(forward);
    assert!(matches!(connection.read(&mut [0; 1]).await, Ok(0) | Err(_)), "nothing more comes");
}

#[tokio::test]
async fn a_pod_that_is_not_there_is_known_before_anything_listens() {
    let not_found = r#"{"kind":"Status","status":"Failure","reason":"NotFound","message":"no pod","code":404}"#;
    let (client, _) = support::scripted([support::json(404, not_found), support::json(404, not_found)]);
    assert!(forward(&client).listen("127.0.0.1:0").await.expect_err("no pod").is_not_found());
    assert!(forward(&client).connect().await.expect_err("no pod").is_not_found());
    let (client, log) = support::scripted([]);
    let error = pods(&client).port_forward("web-0", "portforward", 0).connect().await.expect_err("no port");
    assert!(error.is_build() && log.lock().expect("not poisoned").is_empty(), "{error}");
}

#[tokio::test]
async fn any_other_subresource_is_bytes_both_ways() {
    let (client, log) = client_with_buffer(1024, &["plain.example.com"], |mut peer| async move {
        let heard = peer.hear().await.expect("data");
        peer.socket.send(Message::Binary(heard)).await.expect("sent");
        peer.close().await;
    });
    let request = pods(&client).connect("web-0", "console").protocol("plain.example.com").query("mode", "raw");
    let mut console = request.await.expect("connected");
    assert_eq!(console.protocol(), Some("plain.example.com"));
    console.write_all(b"login:").await.expect("written");
    let mut text = String::new();
    console.read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "login:");
    let log = log.lock().expect("not poisoned");
    assert_eq!(log[0].0, "/api/v1/namespaces/shop/pods/web-0/console?mode=raw");
}
