//! Through proxies: what they are asked, what goes through, and what is said where they refuse.

use http::StatusCode;
use http::header::{CONNECTION, UPGRADE};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::proxy_server::{Speaks, TestProxy};
use super::server::{Authority, Options, Server, acceptor};
use super::*;
use crate::config::{Pem, Proxy};
use crate::retry::{RetryClass, RetryPolicy};

const OPENED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

async fn version(request: Request<Incoming>) -> Response<Body> {
    Response::new(format!("{:?} {}", request.version(), request.uri().path()).into())
}

/// A server that is called `cluster.example`, a name that nobody can look up.
async fn cluster(authority: &Authority) -> (Server, Config) {
    let server = Server::tls(&authority.issue("cluster.example"), Options::default(), version).await;
    let mut config = Config::new("https://cluster.example:6443".parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.retry = RetryPolicy::never();
    (server, config)
}

fn proxy(url: String) -> Option<Proxy> {
    Some(Proxy::parse(&url).expect("a proxy"))
}

/// What came through, and over which version of HTTP.
async fn answer(config: &Config) -> String {
    text(send(&from_config(config).expect("good"), get("/a")).await.expect("an answer")).await
}

async fn failure(config: &Config) -> (TransportError, String) {
    let error = send(&from_config(config).expect("good"), get("/")).await.expect_err("refused");
    let told = told(&error);
    (TransportError::find(&*error).unwrap_or_else(|| panic!("no TransportError in {told}")).clone(), told)
}

#[tokio::test]
async fn http2_goes_through_each_kind_of_proxy_and_the_proxy_looks_the_name_up() {
    let authority = Authority::new();
    let (server, mut config) = cluster(&authority).await;

    let http = TestProxy::start(Speaks::Connect(OPENED), server.address).await;
    config.proxy = proxy(format!("http://{}", http.address));
    assert_eq!(answer(&config).await, "HTTP/2.0 /a");
    assert!(
        http.asked()[0].starts_with("CONNECT cluster.example:6443 HTTP/1.1\r\nHost: cluster.example:6443\r\n"),
        "{:?}",
        http.asked()
    );

    let over_tls = Speaks::ConnectOverTls(acceptor(&authority.issue("localhost")), OPENED);
    let https = TestProxy::start(over_tls, server.address).await;
    config.proxy = proxy(format!("https://ann:sesame@localhost:{}", https.address.port()));
    assert_eq!(answer(&config).await, "HTTP/2.0 /a");
    // ann:sesame
    assert!(https.asked()[0].contains("Proxy-Authorization: Basic YW5uOnNlc2FtZQ==\r\n"), "{:?}", https.asked());

    for scheme in ["socks5", "socks5h"] {
        let socks = TestProxy::start(Speaks::Socks { login: None, reply: 0 }, server.address).await;
        config.proxy = proxy(format!("{scheme}://{}", socks.address));
        assert_eq!(answer(&config).await, "HTTP/2.0 /a");
        assert_eq!(socks.asked(), ["cluster.example 6443"]);
        // A login that the proxy has no use for does no harm.
        config.proxy = proxy(format!("{scheme}://ann:sesame@{}", socks.address));
        assert_eq!(answer(&config).await, "HTTP/2.0 /a");
    }
    let login = Some(("ann", "p@ss"));
    let socks = TestProxy::start(Speaks::Socks { login, reply: 0 }, server.address).await;
    config.proxy = proxy(format!("socks5://ann:p%40ss@{}", socks.address));
    assert_eq!(answer(&config).await, "HTTP/2.0 /a");
}

#[tokio::test]
async fn an_address_is_sent_to_a_socks_proxy_as_one() {
    let authority = Authority::new();
    let server = Server::tls(&authority.issue("::1"), Options::default(), version).await;
    let socks = TestProxy::start(Speaks::Socks { login: None, reply: 0 }, server.address).await;
    let mut config = Config::new("https://[::1]:6443".parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.proxy = proxy(format!("socks5://{}", socks.address));
    assert_eq!(answer(&config).await, "HTTP/2.0 /a");
    assert_eq!(socks.asked(), ["::1 6443"]);
}

#[tokio::test]
async fn a_connection_that_switches_protocols_goes_through_a_proxy_too() {
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
    let http = TestProxy::start(Speaks::Connect(OPENED), server.address).await;
    let socks = TestProxy::start(Speaks::Socks { login: None, reply: 0 }, server.address).await;
    for url in [format!("http://{}", http.address), format!("socks5://{}", socks.address)] {
        let mut config = Config::new("http://cluster.example:8080".parse().expect("a URL"));
        config.proxy = proxy(url);
        let service = upgrades_from_config(&config).expect("good");
        let request = Request::get("/exec").header(UPGRADE, "echo").header(CONNECTION, "Upgrade");
        let response = send(&service, request.body(Body::empty()).expect("a request")).await.expect("an answer");
        let mut stream = upgraded(response).await.expect("an upgrade");
        stream.write_all(b"abcd").await.expect("a writable stream");
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.expect("a word");
        assert_eq!(&word, b"dcba");
    }
    assert_eq!((http.asked().len(), socks.asked()), (1, vec!["cluster.example 8080".to_owned()]));
}

#[tokio::test]
async fn the_configurations_proxy_wins_over_the_environments_and_no_proxy_is_about_the_server() {
    let authority = Authority::new();
    let (server, mut config) = cluster(&authority).await;
    let (configured, named) = (
        TestProxy::start(Speaks::Connect(OPENED), server.address).await,
        TestProxy::start(Speaks::Connect(OPENED), server.address).await,
    );
    let environment = |no_proxy: &'static str| {
        let named = format!("http://{}", named.address);
        ProxyEnvironment::from_variables(move |name| match name {
            "HTTPS_PROXY" => Some(named.clone()),
            "NO_PROXY" => Some(no_proxy.to_owned()),
            _ => None,
        })
    };
    let answer = async |config: &Config, no_proxy| {
        let connect = connect_in(config, Alpn::Auto, &environment(no_proxy)).expect("good");
        let response = send(&stack(config, connect).expect("good"), get("/a")).await;
        response.map(|response| response.status())
    };
    // The proxy's own address in NO_PROXY says nothing.
    assert_eq!(answer(&config, "127.0.0.1").await.expect("an answer"), StatusCode::OK);
    assert_eq!((named.asked().len(), configured.asked().len()), (1, 0));
    // Nobody knows the name, so it doesn't work without a proxy.
    answer(&config, "cluster.example").await.expect_err("not through the proxy");
    config.proxy_from_environment = false;
    answer(&config, "").await.expect_err("not through the proxy");
    config.proxy_from_environment = true;
    assert_eq!(named.asked().len(), 1);

    config.proxy = proxy(format!("http://{}", configured.address));
    assert_eq!(answer(&config, "*").await.expect("an answer"), StatusCode::OK);
    assert_eq!((named.asked().len(), configured.asked().len()), (1, 1));
}

#[tokio::test]
async fn a_refusal_says_what_the_proxy_said_and_never_the_password() {
    let authority = Authority::new();
    let (server, mut config) = cluster(&authority).await;
    let asks = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n";
    let asks_ntlm = "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";
    let socks = |login, reply| Speaks::Socks { login, reply };
    let someone = Some(("bob", "other"));
    // What the proxy is, whether it is sent a login, what is said, and whether another attempt may do better.
    let cases = [
        (Speaks::Connect(asks), false, "wants a login (407", false),
        (Speaks::Connect(asks), true, "does not take the login in its URL", false),
        (Speaks::Connect(asks_ntlm), true, "a login by NTLM", false),
        (
            Speaks::Connect("HTTP/1.1 403 Forbidden\r\n\r\n"),
            false,
            "does not allow connections to this server (403",
            false,
        ),
        (Speaks::Connect("HTTP/1.1 502 Bad Gateway\r\n\r\n"), false, "cannot reach the server (502", true),
        (Speaks::Connect("HTTP/1.1 405 Method Not Allowed\r\n\r\n"), false, "knows CONNECT", false),
        (Speaks::Connect("SSH-2.0-OpenSSH\r\n"), false, "did not answer in HTTP", true),
        (socks(someone, 0), false, "wants a login: put it into its URL", false),
        (socks(someone, 0), true, "does not take the login in its URL", false),
        (socks(None, 2), false, "does not allow connections to this server", false),
        (socks(None, 4), false, "cannot reach the server", true),
        (socks(None, 5), false, "was refused by the server", true),
        (socks(None, 7), false, "opened no connection", false),
        (Speaks::Connect("HTTP/1.1 400 Bad Request\r\n\r\n"), false, "knows CONNECT", false),
    ];
    for (speaks, with_login, words, may_pass) in cases {
        let scheme = if matches!(speaks, Speaks::Socks { .. }) { "socks5" } else { "http" };
        let proxy_server = TestProxy::start(speaks, server.address).await;
        let login = if with_login { "ann:sesame@" } else { "" };
        config.proxy = proxy(format!("{scheme}://{login}{}", proxy_server.address));
        let (error, told) = failure(&config).await;
        assert!(error.is_connect() && !error.is_tls(), "{told}");
        assert!(told.contains(words), "{words}: {told}");
        assert!(told.contains(&format!("the proxy {scheme}://{} ", proxy_server.address)), "{told}");
        assert_eq!(error.retry_class() == RetryClass::Transient, may_pass, "{told}");
        assert!(!format!("{told} {error:?} {config:?}").contains("sesame"), "{told} {error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_and_one_with_another_certificate_are_named() {
    let authority = Authority::new();
    let (server, mut config) = cluster(&authority).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone = listener.local_addr().expect("an address");
    drop(listener);
    for scheme in ["http", "https", "socks5"] {
        config.proxy = proxy(format!("{scheme}://{gone}"));
        let (error, told) = failure(&config).await;
        assert!(error.is_connect(), "{told}");
        assert!(told.contains(&format!("the proxy {scheme}://{gone} cannot be reached")), "{told}");
        assert!(told.contains("cluster.example"), "{told}");
    }
    let stranger = Speaks::ConnectOverTls(acceptor(&Authority::new().issue("localhost")), OPENED);
    let stranger = TestProxy::start(stranger, server.address).await;
    let url = format!("https://ann:sesame@localhost:{}", stranger.address.port());
    config.proxy = proxy(url);
    let (error, told) = failure(&config).await;
    assert!(error.is_tls() && told.contains("does not agree on TLS"), "{told}");
    // The login was not sent to it.
    assert!(stranger.asked().is_empty());
}

#[tokio::test]
async fn a_host_that_is_too_long_for_socks_is_told_and_nothing_is_asked_for() {
    for length in [256, 600] {
        let nowhere = "127.0.0.1:1".parse().expect("an address");
        let socks = TestProxy::start(Speaks::Socks { login: None, reply: 0 }, nowhere).await;
        let url = format!("http://{}:8080", "a".repeat(length));
        let mut config = Config::new(url.parse().expect("a URL"));
        config.retry = RetryPolicy::never();
        config.proxy = proxy(format!("socks5://{}", socks.address));
        let (error, told) = failure(&config).await;
        assert!(error.is_connect() && told.contains("a name that is so long"), "{told}");
        assert!(socks.asked().is_empty(), "{:?}", socks.asked());
    }
}
