//! Certificates that change while a client lives.

use std::path::Path;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::server::{AnyClient, Authority, Issued, Options, Presented, Server};
use super::*;
use crate::config::{ClientIdentity, Pem};
use crate::retry::RetryPolicy;
use crate::transport::tls::certificates;

/// A server that answers `/watch` with a word and, once it is told to, another one.
async fn server(authority: &Authority, any: &AnyClient, go: &watch::Receiver<bool>) -> Server {
    let options = Options { any_client: Some(any.clone()), ..Default::default() };
    let go = go.clone();
    Server::tls(&authority.issue("localhost"), options, move |request: Request<Incoming>| {
        let go = go.clone();
        async move { Response::new(if request.uri().path() == "/watch" { two_words(go) } else { "answer".into() }) }
    })
    .await
}

fn two_words(go: watch::Receiver<bool>) -> Body {
    let frames = futures_util::stream::unfold((0, go), |(said, mut go)| async move {
        if said == 1 {
            go.wait_for(|go| *go).await.expect("a sender");
        }
        (said < 2).then_some((Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(b"word"))), (said + 1, go)))
    });
    Body::wrap(http_body_util::StreamBody::new(frames))
}

fn write(folder: &Path, issued: &Issued) {
    std::fs::write(folder.join("crt"), &issued.certificate).expect("a file");
    std::fs::write(folder.join("key"), &issued.key).expect("a file");
}

fn der(issued: &Issued) -> Vec<u8> {
    certificates(&Pem::from_bytes(issued.certificate.clone()), "certificate").expect("PEM")[0].to_vec()
}

async fn ask(service: &HttpService) {
    let response = send(service, get("/")).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(text(response).await, "answer");
}

/// Beyond the time for which files are taken to be unchanged. The clock runs but for this, since sockets don't wait for
/// a paused one.
async fn pass_the_interval() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_client_certificate_on_disk_is_read_again_and_running_requests_go_on() {
    let (authority, any, (tell, go)) = (Authority::new(), AnyClient::default(), watch::channel(false));
    let server = server(&authority, &any, &go).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (authority.issue("first"), authority.issue("second"));
    write(folder.path(), &first);
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let pem = |name: &str| Pem::read(folder.path().join(name)).expect("a file");
    config.client_identity = Some(ClientIdentity { certificate: pem("crt"), key: pem("key") });

    for alpn in [Alpn::Auto, Alpn::Http1] {
        tell.send_replace(false);
        write(folder.path(), &first);
        let service = stack(&config, connect(&config, alpn).expect("good")).expect("good");
        let seen = any.seen().len();
        let mut watch = send(&service, get("/watch")).await.expect("a watch").into_body();
        watch.frame().await.expect("a word").expect("a word");
        ask(&service).await;

        // Half of the new pair is not used.
        std::fs::write(folder.path().join("crt"), &second.certificate).expect("a file");
        pass_the_interval().await;
        ask(&service).await;
        assert!(any.seen()[seen..].iter().all(|certificate| **certificate == *der(&first)));

        write(folder.path(), &second);
        let before = server.connections();
        pass_the_interval().await;
        ask(&service).await;
        ask(&service).await;
        assert_eq!(server.connections(), before + 1, "the new connection is kept");
        assert_eq!(any.seen().last().expect("a certificate").to_vec(), der(&second));

        // The watch still runs on its old connection.
        tell.send_replace(true);
        assert_eq!(watch.collect().await.expect("the rest").to_bytes(), "word");
    }
}

#[tokio::test]
async fn authorities_on_disk_are_read_again() {
    let (authority, any, (_tell, go)) = (Authority::new(), AnyClient::default(), watch::channel(false));
    let server = server(&authority, &any, &go).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.crt");
    std::fs::write(&path, Authority::new().pem).expect("a file");
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::read(&path).expect("a file"));
    config.client_identity = Some(authority.issue("me").identity());
    config.retry = RetryPolicy::never();
    let service = from_config(&config).expect("good");
    let error = send(&service, get("/")).await.expect_err("another authority");
    assert!(TransportError::find(&*error).is_some_and(TransportError::is_tls), "{error:?}");

    // At once: a new connection reads it in any case.
    std::fs::write(&path, &authority.pem).expect("a file");
    ask(&service).await;

    // A file that is being written or is gone changes nothing.
    for broken in [Some(""), Some("-----BEGIN CERTIFICATE-----\n"), None] {
        match broken {
            Some(text) => std::fs::write(&path, text).expect("a file"),
            None => std::fs::remove_file(&path).expect("a file"),
        }
        pass_the_interval().await;
        ask(&service).await;
    }
    assert_eq!(server.connections(), 1);

    // What is no longer trusted gets no new requests.
    std::fs::write(&path, Authority::new().pem).expect("a file");
    pass_the_interval().await;
    send(&service, get("/")).await.expect_err("another authority");
}

#[tokio::test]
async fn a_request_brings_the_certificate_that_its_connection_presents() {
    let (authority, any, (tell, go)) = (Authority::new(), AnyClient::default(), watch::channel(false));
    let server = server(&authority, &any, &go).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.client_identity = Some(authority.issue("configured").identity());
    let (one, two) = (authority.issue("one"), authority.issue("two"));
    let shared = |issued: &Issued| Some(Arc::new(issued.identity()));
    let (first, second) = (shared(&one), shared(&two));
    for alpn in [Alpn::Auto, Alpn::Http1] {
        tell.send_replace(false);
        let service = stack(&config, connect(&config, alpn).expect("good")).expect("good");
        let with = async |identity: &Option<Arc<ClientIdentity>>, path: &str| {
            let request = Request::get(path).extension(RequestIdentity(identity.clone()));
            send(&service, request.body(Body::empty()).expect("a request")).await.expect("an answer")
        };
        let mut watch = with(&first, "/watch").await.into_body();
        watch.frame().await.expect("a word").expect("a word");
        assert_eq!(any.seen().last().expect("a certificate").to_vec(), der(&one));

        let before = server.connections();
        assert_eq!(text(with(&second, "/").await).await, "answer");
        assert_eq!(text(with(&second, "/").await).await, "answer");
        // Without a word about it, as it was; and the same one in another place is no other.
        ask(&service).await;
        assert_eq!(text(with(&shared(&two), "/").await).await, "answer");
        assert_eq!(server.connections(), before + 1);
        assert_eq!(any.seen().last().expect("a certificate").to_vec(), der(&two));

        assert_eq!(text(with(&None, "/").await).await, "answer");
        assert_eq!(server.connections(), before + 2);
        let configured = config.client_identity.as_ref().expect("one").certificate.clone();
        let configured = certificates(&configured, "certificate").expect("PEM");
        assert_eq!(any.seen().last().expect("a certificate"), &configured[0]);

        tell.send_replace(true);
        assert_eq!(watch.collect().await.expect("the rest").to_bytes(), "word");
    }
}

#[tokio::test]
async fn a_request_whose_certificate_cannot_be_used_fails_with_the_reason() {
    let (authority, any, (_tell, go)) = (Authority::new(), AnyClient::default(), watch::channel(false));
    let server = server(&authority, &any, &go).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let mut identity = authority.issue("one").identity();
    identity.key = authority.issue("two").identity().key;
    let request = Request::get("/").extension(RequestIdentity(Some(Arc::new(identity))));
    let error = send(&service, request.body(Body::empty()).expect("a request")).await.expect_err("no pair");
    assert!(told(&error).contains("do not belong together"), "{}", told(&error));
}

/// Between the client and a server: passes nothing back before it is let, and raises the counter when a client has said
/// something.
async fn gate(server: std::net::SocketAddr) -> (u16, watch::Receiver<usize>, watch::Sender<bool>) {
    let (said, hears) = watch::channel(0);
    let (open, is_open) = watch::channel(false);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (said, mut is_open) = (said.clone(), is_open.clone());
            tokio::spawn(async move {
                client.readable().await.expect("a client");
                said.send_modify(|count| *count += 1);
                is_open.wait_for(|open| *open).await.expect("a test");
                let mut server = TcpStream::connect(server).await.expect("a server");
                // A client that goes away is no failure.
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (port, hears, open)
}

#[tokio::test]
async fn a_request_with_a_new_certificate_does_not_join_a_connection_that_was_begun_with_the_old_one() {
    let authority = Authority::new();
    let (one, two) = (authority.issue("one"), authority.issue("two"));
    let options = Options { any_client: Some(AnyClient::default()), ..Default::default() };
    let new = two.presented();
    let server = Server::tls(&authority.issue("localhost"), options, move |request: Request<Incoming>| {
        let is_new = request.extensions().get::<Presented>() == Some(&new);
        async move { Response::new(if is_new { "new" } else { "old" }.into()) }
    })
    .await;
    for alpn in [Alpn::Auto, Alpn::Http1] {
        let (port, mut hears, open) = gate(server.address).await;
        let mut config = Config::new(format!("https://localhost:{port}").parse().expect("a URL"));
        config.ca = Some(Pem::from_bytes(authority.pem.clone()));
        let service = stack(&config, connect(&config, alpn).expect("good")).expect("good");
        let with = |issued: &Issued| {
            let request = Request::get("/").extension(RequestIdentity(Some(Arc::new(issued.identity()))));
            let (service, request) = (service.clone(), request.body(Body::empty()).expect("a request"));
            async move { send(&service, request).await }
        };
        let old = tokio::spawn(with(&one));
        hears.wait_for(|count| *count == 1).await.expect("a gate");
        // It waits for the connection that is being made, or makes another one.
        let mut new = std::pin::pin!(with(&two));
        assert!(futures_util::future::poll_immediate(new.as_mut()).await.is_none());
        open.send_replace(true);
        let answer = new.await.unwrap_or_else(|error| panic!("{}", told(&error)));
        assert_eq!(text(answer).await, "new", "{alpn:?}");
        old.await.expect("no panic").expect("an answer");
    }
}
