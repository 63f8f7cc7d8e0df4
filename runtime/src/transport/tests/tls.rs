//! Certificates: whom the client trusts, what it shows, and what it says when they don't agree.

use http::Version;
use hyper::body::Incoming;

use super::server::{Authority, Options, Server};
use super::*;
use crate::config::{ClientIdentity, Pem};
use crate::retry::RetryPolicy;

pub(super) async fn version(request: Request<Incoming>) -> Response<Body> {
    Response::new(format!("{:?} {}", request.version(), request.uri().path()).into())
}

pub(super) async fn transport_error(config: &Config) -> (TransportError, String) {
    let once = Config { retry: RetryPolicy::never(), ..config.clone() };
    let service = from_config(&once).expect("a good configuration");
    let error = send(&service, get("/")).await.expect_err("no agreement");
    let told = told(&error);
    (TransportError::find(&*error).unwrap_or_else(|| panic!("no TransportError in {told}")).clone(), told)
}

#[tokio::test]
async fn requests_go_over_http2_and_upgrades_over_http1() {
    let authority = Authority::new();
    let server = Server::tls(&authority.issue("localhost"), Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));

    let response = send(&from_config(&config).expect("good"), get("/version")).await.expect("an answer");
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(text(response).await, "HTTP/2.0 /version");

    let response = send(&upgrades_from_config(&config).expect("good"), get("/exec")).await.expect("an answer");
    assert_eq!(text(response).await, "HTTP/1.1 /exec");
}

#[tokio::test]
async fn an_ip_address_is_checked_against_the_certificate_too() {
    let authority = Authority::new();
    let server = Server::tls(&authority.issue("127.0.0.1"), Options::default(), version).await;
    let mut config = server.config("https", "127.0.0.1");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
}

#[tokio::test]
async fn a_wrong_authority_is_named_with_where_it_came_from() {
    let server = Server::tls(&Authority::new().issue("localhost"), Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::with_origin(Authority::new().pem.into(), "certificate-authority-data of cluster \"c\""));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_tls() && error.is_connect(), "{told}");
    for word in ["https://localhost:", "certificate-authority-data of cluster \"c\"", "invalid peer certificate"] {
        assert!(told.contains(word), "{word} is not in {told}");
    }

    config.ca = None;
    config.insecure_skip_tls_verify = true;
    send(&from_config(&config).expect("good"), get("/")).await.expect("any certificate will do");
}

#[tokio::test]
async fn a_certificate_for_another_name_needs_tls_server_name() {
    let authority = Authority::new();
    let server = Server::tls(&authority.issue("kubernetes"), Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_tls(), "{told}");
    assert!(told.contains("tls-server-name"), "{told}");

    config.tls_server_name = Some("kubernetes".into());
    send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
}

#[tokio::test]
async fn a_client_certificate_is_shown_and_its_absence_explained() {
    let authority = Authority::new();
    let options = Options { client_ca: Some(authority.pem.clone()), ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));

    let stranger = Authority::new().issue("me").identity();
    for identity in [None, Some(stranger)] {
        config.client_identity = identity;
        let (error, told) = transport_error(&config).await;
        assert!(error.is_tls(), "{told}");
        assert!(told.contains("client certificate"), "{told}");
    }

    config.client_identity = Some(authority.issue("me").identity());
    send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
}

#[tokio::test]
async fn plain_http_is_spoken_to_an_http_server_and_https_to_it_is_explained() {
    let server = Server::plain(version).await;
    // Not looked at for http.
    let mut config = server.config("http", "localhost");
    config.ca = Some(Pem::from_bytes("not PEM"));
    let response = send(&from_config(&config).expect("good"), get("/a")).await.expect("an answer");
    assert_eq!(text(response).await, "HTTP/1.1 /a");

    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(Authority::new().pem));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_tls(), "{told}");
    assert!(told.contains("http://"), "{told}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let config = Config::new(format!("http://{address}").parse().expect("a URL"));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_connect() && !error.is_tls() && !error.is_timeout(), "{told}");
    assert!(told.contains(&address.to_string()) && told.contains("refused"), "{told}");
}

#[tokio::test]
async fn a_server_that_never_says_hello_runs_into_connect_timeout() {
    // Accepts TCP in the kernel, and never reads.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut config = Config::new(format!("https://{address}").parse().expect("a URL"));
    config.insecure_skip_tls_verify = true;
    config.connect_timeout = Some(std::time::Duration::from_millis(50));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_connect() && error.is_timeout(), "{told}");
    assert!(told.contains("connect_timeout"), "{told}");

    let proxy = config.server.to_string().replacen("https", "http", 1);
    config.proxy = Some(crate::config::Proxy::parse(&proxy).expect("a proxy"));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_timeout() && told.contains("through the proxy http://"), "{told}");
}

#[test]
fn unusable_certificates_and_keys_are_told_with_their_origin() {
    let authority = Authority::new();
    let (one, other) = (authority.issue("one"), authority.issue("other"));
    let pem = |text: &str, origin: &str| Pem::with_origin(text.into(), origin);
    let broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let identity =
        |certificate: &str, key: &str| ClientIdentity { certificate: pem(certificate, "CERT"), key: pem(key, "KEY") };
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let cases = [
        (Some(pem("", "CA")), None, "CA has no certificate"),
        (Some(pem("nonsense", "CA")), None, "CA has no certificate"),
        (Some(pem(broken, "CA")), None, "CA is broken PEM"),
        (Some(pem(no_certificate, "CA")), None, "no certificate from CA can be used"),
        (None, Some(identity("", &one.key)), "CERT has no certificate"),
        (None, Some(identity(&one.certificate, "")), "KEY is not a private key"),
        (None, Some(identity(&one.certificate, &one.certificate)), "KEY is not a private key"),
        (None, Some(identity(&one.certificate, encrypted)), "KEY is encrypted"),
        (None, Some(identity(&one.certificate, &other.key)), "from CERT and the key from KEY"),
    ];
    for (ca, client_identity, words) in cases {
        let mut config = Config::new("https://c".parse().expect("a URL"));
        config.ca = Some(ca.unwrap_or_else(|| Pem::from_bytes(authority.pem.clone())));
        config.client_identity = client_identity;
        let error = from_config(&config).err().unwrap_or_else(|| panic!("{words}: no error"));
        assert!(error.is_invalid() || error.is_unsupported(), "{error:?}");
        assert!(error.to_string().contains(words), "{words} is not in {error}");
    }
}
