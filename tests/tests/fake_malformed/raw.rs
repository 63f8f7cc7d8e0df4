//! Bytes on a connection that no client would send.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kubewright_fake::{FakeCluster, FakeListener};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The longest time that an answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn value<'k>(listener: &'k FakeListener, name: &str) -> &'k str {
    let line = listener.kubeconfig().lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
    line.expect("a value")
}

async fn connected(listener: &FakeListener) -> TlsStream<TcpStream> {
    let authority = STANDARD.decode(value(listener, "certificate-authority-data")).expect("base64");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&authority).expect("PEM")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = TcpStream::connect(listener.address()).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("TLS")
}

/// Sends bytes, closes its half of the connection if that is wanted, and reads what comes until the end.
async fn exchange(listener: &FakeListener, bytes: &[u8], close: bool) -> String {
    let mut stream = connected(listener).await;
    // The server may have answered, and closed, before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.flush().await;
    if close {
        let _ = stream.shutdown().await;
    }
    let mut answer = Vec::new();
    let read = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..count]);
        }
    };
    timeout(PATIENCE, read).await.expect("the connection is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with a token, whose answer is the last of its connection.
fn request(listener: &FakeListener, line: &str, headers: &str, body: &str) -> Vec<u8> {
    let token = value(listener, "token");
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n");
    format!("{head}{headers}\r\n{body}").into_bytes()
}

async fn listening() -> (FakeCluster, FakeListener) {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let listener = cluster.listen().await.expect("a listener");
    (cluster, listener)
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_400_or_the_end_of_the_connection() {
    let (_cluster, listener) = listening().await;
    for bytes in [
        &b"\x00\x01\x02\x03\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET /api HTTP/9.9\r\n\r\n",
        b"GET /api v1 HTTP/1.1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api HTTP/1.1\r\nHost x\r\n\r\n",
        b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: bogus\r\n\r\n",
    ] {
        let answer = exchange(&listener, bytes, true).await;
        let shown = String::from_utf8_lossy(bytes);
        assert!(answer.is_empty() || status(&answer).starts_with('4'), "{shown:?}: {answer}");
    }
    let answer = exchange(&listener, &request(&listener, "GET /readyz", "", ""), false).await;
    assert_eq!(status(&answer), "200", "it answers others still");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_are_431() {
    let (_cluster, listener) = listening().await;
    let many: String = (0..2_000).map(|number| format!("X-{number}: x\r\n")).collect();
    let large = format!("X: {}\r\n", "x".repeat(2 << 20));
    for headers in [many, large] {
        let answer = exchange(&listener, &request(&listener, "GET /api", &headers, ""), false).await;
        assert_eq!(status(&answer), "431", "{}", &answer[..answer.len().min(200)]);
    }
    let long = format!("GET /{}", "x".repeat(2 << 20));
    let answer = exchange(&listener, &request(&listener, &long, "", ""), false).await;
    assert!(matches!(status(&answer), "414" | "431"), "{}", &answer[..answer.len().min(200)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_ends_too_early_is_not_written() {
    let (cluster, listener) = listening().await;
    let line = "POST /api/v1/namespaces/default/configmaps";
    let object = r#"{"metadata":{"name":"a"}}"#;
    let short = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", object.len() + 1);
    exchange(&listener, &request(&listener, line, &short, object), true).await;
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let body = format!("{:x}\r\n{object}\r\n", object.len());
    exchange(&listener, &request(&listener, line, chunked, &body), true).await;
    exchange(&listener, &request(&listener, line, chunked, "zz\r\nx\r\n"), true).await;
    cluster.requests().of("configmaps").assert_count(0);
    let answer = exchange(&listener, &request(&listener, line, chunked, &format!("{body}0\r\n\r\n")), false).await;
    assert_eq!(status(&answer), "201", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_end_is_413_before_it_has_come() {
    let (_cluster, listener) = listening().await;
    let line = "POST /api/v1/namespaces/default/configmaps";
    let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", u64::MAX / 4);
    let answer = exchange(&listener, &request(&listener, line, &headers, &"x".repeat(4 << 20)), false).await;
    assert_eq!(status(&answer), "413", "{}", &answer[..answer.len().min(200)]);
    assert!(answer.contains(r#""reason":"RequestEntityTooLarge""#), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_to_what_is_no_stream_is_answered_as_a_read_or_501() {
    let (_cluster, listener) = listening().await;
    let headers = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let upgrade = |path: &str| {
        let text = request(&listener, &format!("GET {path}"), headers, "");
        String::from_utf8_lossy(&text).replace("Connection: close", "Connection: Upgrade, close").into_bytes()
    };
    let answer = exchange(&listener, &upgrade("/api/v1/namespaces/default"), false).await;
    assert_eq!(status(&answer), "200", "{answer}");
    let answer = exchange(&listener, &upgrade("/api/v1/namespaces?watch=1"), false).await;
    assert_eq!(status(&answer), "501", "{answer}");
    assert!(answer.contains("a watch over WebSocket"), "{answer}");
    let answer =
        exchange(&listener, &upgrade("/api/v1/namespaces/default/pods/none/exec?command=a&stdout=1"), false).await;
    assert_eq!(status(&answer), "404", "{answer}");
}
