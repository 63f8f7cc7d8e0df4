//! Connections: how many, through which proxy, and what is done over them.

use std::time::Duration;

use http::StatusCode;
use http::header::{CONNECTION, CONTENT_LENGTH, UPGRADE};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Authority, Options, Server};
use super::*;
use crate::config::{Pem, Proxy};
use crate::retry::RetryPolicy;

/// A body that says one word and then nothing for ever, like a quiet watch.
fn quiet_watch() -> Body {
    let frames = futures_util::stream::unfold(false, |said| async move {
        if said {
            std::future::pending::<()>().await;
        }
        Some((Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(b"word"))), true))
    });
    Body::wrap(http_body_util::StreamBody::new(frames))
}

#[tokio::test]
async fn more_watches_than_one_connection_carries_do_not_block_the_next_request() {
    let authority = Authority::new();
    let options = Options { max_streams: Some(100), ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, |request: Request<Incoming>| async move {
        Response::new(if request.uri().path() == "/watch" { quiet_watch() } else { "answer".into() })
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");

    let mut watches = Vec::new();
    for _ in 0..250 {
        watches.push(send(&service, get("/watch")).await.expect("a watch"));
    }
    // No assertion on time: without room for it, this would never return.
    let response = send(&service, get("/")).await.expect("an answer");
    assert_eq!(text(response).await, "answer");
    assert_eq!(server.connections(), 3);

    // Places that are given back are used again.
    drop(watches);
    for _ in 0..100 {
        send(&service, get("/")).await.expect("an answer");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn responses_that_nobody_reads_at_the_moment_keep_back_no_other() {
    let authority = Authority::new();
    let server =
        Server::tls(&authority.issue("localhost"), Options::default(), |request: Request<Incoming>| async move {
            // Without an end, and more of it than may be under way.
            let chunks = futures_util::stream::repeat_with(|| {
                Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(&[b'x'; 1 << 16])))
            });
            Response::new(match request.uri().path() {
                "/watch" => Body::wrap(http_body_util::StreamBody::new(chunks)),
                _ => "answer".into(),
            })
        })
        .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let mut unread = Vec::new();
    for _ in 0..8 {
        let mut response = send(&service, get("/watch")).await.expect("a watch");
        // The server sends as much as it may.
        response.body_mut().frame().await.expect("a piece").expect("a piece");
        unread.push(response);
    }
    // No assertion on time: without room for it, this would never return.
    for _ in 0..50 {
        assert_eq!(text(send(&service, get("/")).await.expect("an answer")).await, "answer");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_body_in_memory_is_sent_with_its_length() {
    let server = Server::plain(|request: Request<Incoming>| async move {
        let length =
            request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).unwrap_or("none").to_owned();
        let body = request.into_body().collect().await.expect("a body").to_bytes();
        Response::new(format!("{length} {}", String::from_utf8_lossy(&body)).into())
    })
    .await;
    let service = from_config(&server.config("http", "localhost")).expect("good");
    let post = Request::post("/").body("hello".into()).expect("a request");
    assert_eq!(text(send(&service, post).await.expect("an answer")).await, "5 hello");
}

#[tokio::test]
async fn an_upgraded_connection_carries_bytes_both_ways() {
    let server = Server::plain(|request: Request<Incoming>| async move {
        tokio::spawn(async move {
            let mut stream = TokioIo::new(hyper::upgrade::on(request).await.expect("an upgrade"));
            let mut word = [0; 4];
            stream.read_exact(&mut word).await.expect("a word");
            word.reverse();
            stream.write_all(&word).await.expect("a writable stream");
        });
        Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(UPGRADE, "echo")
            .header(CONNECTION, "Upgrade")
            .body(Body::empty())
            .expect("a response")
    })
    .await;
    let service = upgrades_from_config(&server.config("http", "localhost")).expect("good");
    let request = Request::get("/exec").header(UPGRADE, "echo").header(CONNECTION, "Upgrade");
    let response = send(&service, request.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut stream = TokioIo::new(hyper::upgrade::on(response).await.expect("an upgrade"));
    stream.write_all(b"abcd").await.expect("a writable stream");
    let mut word = [0; 4];
    stream.read_exact(&mut word).await.expect("a word");
    assert_eq!(&word, b"dcba");
}

/// A proxy that takes one `CONNECT`, and returns what it was asked.
async fn proxy(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let asked = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.expect("a client");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.expect("a request"));
        }
        let head = String::from_utf8(head).expect("text");
        let target = head.split_whitespace().nth(1).expect("a target").to_owned();
        client.write_all(answer.as_bytes()).await.expect("a writable client");
        if answer.contains(" 200 ") {
            let mut server = tokio::net::TcpStream::connect(target).await.expect("a server");
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
        head
    });
    (address, asked)
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_with_its_login() {
    let authority = Authority::new();
    let issued = authority.issue("localhost");
    let secure = Server::tls(&issued, Options::default(), |_| async { Response::new("in".into()) }).await;
    let plain = Server::plain(|_| async { Response::new("in".into()) }).await;
    for (server, scheme) in [(secure, "https"), (plain, "http")] {
        let (address, asked) = proxy("HTTP/1.1 200 OK\r\n\r\n").await;
        let mut config = server.config(scheme, "localhost");
        config.ca = Some(Pem::from_bytes(authority.pem.clone()));
        config.proxy = Some(Proxy::parse(&format!("http://ann:p%40ss@{address}")).expect("a proxy"));
        let response = send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
        assert_eq!(text(response).await, "in");
        let head = asked.await.expect("a CONNECT");
        assert!(head.starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", server.address.port())), "{head}");
        // ann:p@ss
        assert!(head.contains("Proxy-Authorization: Basic YW5uOnBAc3M=\r\n"), "{head}");
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_as_a_failed_connection() {
    let (address, _) = proxy("HTTP/1.1 407 No\r\n\r\n").await;
    let mut config = Config::new("http://cluster.example".parse().expect("a URL"));
    config.retry = RetryPolicy::never();
    config.proxy = Some(Proxy::parse(&format!("http://{address}")).expect("a proxy"));
    let error = send(&from_config(&config).expect("good"), get("/")).await.expect_err("refused");
    assert!(TransportError::find(&*error).is_some_and(TransportError::is_connect), "{error:?}");
    assert!(told(&error).contains("proxy authorization required"), "{}", told(&error));
}

#[tokio::test]
async fn a_response_that_breaks_off_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.expect("a client");
        client.read_u8().await.expect("a request");
        client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await.expect("writable");
        // Let it arrive before the connection is reset.
        tokio::time::sleep(Duration::from_millis(20)).await;
    });
    let service = from_config(&Config::new(format!("http://{address}").parse().expect("a URL"))).expect("good");
    let response = send(&service, get("/")).await.expect("a head");
    let error = response.into_body().collect().await.expect_err("half a body");
    assert!(TransportError::find(&*error).is_some_and(|error| !error.is_connect()), "{error:?}");
}

#[test]
fn a_server_url_that_is_none_is_refused() {
    for url in ["/api", "host:6443", "ftp://host"] {
        let error = from_config(&Config::new(url.parse().expect("a URI"))).map(drop).expect_err(url);
        assert!(error.is_invalid() && error.to_string().contains("https://host:port"), "{error:?}");
    }
}

#[tokio::test]
async fn requests_that_start_together_share_one_connection() {
    let authority = Authority::new();
    let server =
        Server::tls(&authority.issue("localhost"), Options::default(), |_| async { Response::new("answer".into()) })
            .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let requests = (0..50).map(|_| send(&service, get("/")));
    for answer in futures_util::future::join_all(requests).await {
        answer.expect("an answer");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn watches_that_start_together_spread_by_the_limit_that_the_server_tells() {
    let authority = Authority::new();
    let options = Options { max_streams: Some(10), ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, |request: Request<Incoming>| async move {
        Response::new(if request.uri().path() == "/watch" { quiet_watch() } else { "answer".into() })
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    // The limit comes with the first answer.
    send(&service, get("/")).await.expect("an answer");
    let watches = futures_util::future::join_all((0..45).map(|_| send(&service, get("/watch")))).await;
    assert!(watches.iter().all(Result::is_ok));
    assert!(server.connections() >= 5, "{}", server.connections());
}

/// If every one made its own attempt after that of the last, this would take fifty times the timeout.
#[tokio::test(start_paused = true)]
async fn requests_that_wait_for_one_connection_share_its_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut config = Config::new(format!("https://{address}").parse().expect("a URL"));
    config.insecure_skip_tls_verify = true;
    let service = from_config(&config).expect("good");
    let started = tokio::time::Instant::now();
    for answer in futures_util::future::join_all((0..50).map(|_| send(&service, get("/")))).await {
        let error = answer.expect_err("no server");
        assert!(TransportError::find(&*error).is_some_and(TransportError::is_timeout), "{error:?}");
    }
    // Of the paused clock.
    assert_eq!(started.elapsed().as_secs(), config.connect_timeout.expect("a default").as_secs());
}

#[tokio::test]
async fn a_server_without_http2_is_spoken_to_in_http1() {
    let authority = Authority::new();
    let options = Options { http1_only: true, ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, |request: Request<Incoming>| async move {
        Response::new(format!("{:?}", request.version()).into())
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let requests = (0..5).map(|_| send(&service, get("/")));
    for answer in futures_util::future::join_all(requests).await {
        assert_eq!(text(answer.expect("an answer")).await, "HTTP/1.1");
    }
}

#[tokio::test]
async fn the_connection_by_which_a_server_turns_out_to_have_no_http2_carries_the_first_request() {
    let authority = Authority::new();
    let issued = authority.issue("localhost");
    for rush in [1, 5] {
        let options = Options { http1_only: true, ..Default::default() };
        let server = Server::tls(&issued, options, |_| async { Response::new("answer".into()) }).await;
        let mut config = server.config("https", "localhost");
        config.ca = Some(Pem::from_bytes(authority.pem.clone()));
        let service = from_config(&config).expect("good");
        let answers = futures_util::future::join_all((0..rush).map(|_| send(&service, get("/")))).await;
        for answer in answers {
            assert_eq!(text(answer.expect("an answer")).await, "answer");
        }
        // HTTP/1.1 carries one request at a time.
        assert!(server.connections() <= rush, "{} connections for {rush} requests", server.connections());
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_over_http1_is_a_time_out_after_the_read_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    // A watch that says one word, and a server that says nothing at all. Both keep their connections.
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut client, _) = listener.accept().await.expect("a client");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.expect("a request"));
            }
            if head.starts_with(b"GET /watch") {
                let said = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nword\r\n";
                client.write_all(said).await.expect("writable");
            }
            open.push(client);
        }
    });
    let mut config = Config::new(format!("http://{address}").parse().expect("a URL"));
    config.read_timeout = Some(Duration::from_millis(100));
    config.retry = RetryPolicy::never();
    let service = from_config(&config).expect("good");
    let is_timeout = |error: &BoxError| TransportError::find(&**error).is_some_and(TransportError::is_timeout);
    let error = send(&service, get("/")).await.expect_err("no head");
    assert!(is_timeout(&error), "{error:?}");
    let mut body = send(&service, get("/watch")).await.expect("a head").into_body();
    assert_eq!(body.frame().await.expect("a piece").expect("a piece").into_data().expect("data"), "word");
    let error = body.frame().await.expect("an end").expect_err("no further piece");
    assert!(is_timeout(&error), "{error:?}");
}

#[tokio::test]
async fn after_one_server_without_http2_none_is_offered_it_any_more() {
    // As behind a load balancer: hyper's own pool would take HTTP/2, without pings, and with one connection for all.
    let authority = Authority::new();
    let issued = authority.issue("localhost");
    let answer = |request: Request<Incoming>| async move { Response::new(format!("{:?}", request.version()).into()) };
    let old = Server::tls(&issued, Options { http1_only: true, ..Default::default() }, answer).await;
    let new = Server::tls(&issued, Options::default(), answer).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let addresses = [old.address, new.address];
    tokio::spawn(async move {
        for index in 0.. {
            let (mut client, _) = listener.accept().await.expect("a client");
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(addresses[index.min(1)]).await.expect("a server");
                // A client that goes away is no failure.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let mut config = Config::new(format!("https://localhost:{port}").parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    for _ in 0..3 {
        assert_eq!(text(send(&service, get("/")).await.expect("an answer")).await, "HTTP/1.1");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_is_replaced() {
    let authority = Authority::new();
    let options = Options { requests_per_connection: Some(1), ..Default::default() };
    let server =
        Server::tls(&authority.issue("localhost"), options, |_| async { Response::new("answer".into()) }).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    // Not by the retry layer: a POST is only sent again if nothing of it was sent before.
    config.retry = RetryPolicy::never();
    let service = from_config(&config).expect("good");
    for _ in 0..20 {
        let post = Request::post("/").body("hello".into()).expect("a request");
        assert_eq!(text(send(&service, post).await.expect("an answer")).await, "answer");
    }
    assert!(server.connections() > 1);
}

#[test]
fn a_connection_of_a_runtime_that_is_gone_is_replaced() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let (servers, first, second) = (runtime(), runtime(), runtime());
    let authority = Authority::new();
    let issued = authority.issue("localhost");
    let server =
        servers.block_on(Server::tls(&issued, Options::default(), |_| async { Response::new("answer".into()) }));
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem));
    let service = from_config(&config).expect("good");
    first.block_on(send(&service, get("/"))).expect("an answer");
    drop(first);
    second.block_on(send(&service, get("/"))).expect("an answer");
    assert_eq!(server.connections(), 2);
}
