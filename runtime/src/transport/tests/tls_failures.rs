//! What is said where TLS is not agreed on.

use rcgen::date_time_ymd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Authority, Options, Server};
use super::tls::{transport_error, version};
use super::*;
use crate::config::Pem;

/// A server that reads what comes first, says this, and closes.
async fn says(answer: &'static [u8]) -> Config {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            let _ = client.read(&mut hello).await;
            let _ = client.write_all(answer).await;
            let _ = client.shutdown().await;
            // Until the client is gone: unread bytes would reset the connection before it has read the answer.
            while matches!(client.read(&mut hello).await, Ok(1..)) {}
        }
    });
    let mut config = Config::new(format!("https://localhost:{}", address.port()).parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(Authority::new().pem));
    config
}

#[tokio::test]
async fn a_certificate_out_of_its_dates_is_told_with_the_date() {
    let authority = Authority::new();
    let cases = [
        (2001, 2002, "expired at 2002-03-04T00:00:00Z (by the clock here it is 20"),
        (2098, 2099, "not valid before 2098-03-04T00:00:00Z, and by the clock here it is 20"),
    ];
    for (from, to, words) in cases {
        let issued = authority.issue_with("localhost", |params| {
            params.not_before = date_time_ymd(from, 3, 4);
            params.not_after = date_time_ymd(to, 3, 4);
        });
        let server = Server::tls(&issued, Options::default(), version).await;
        let mut config = server.config("https", "localhost");
        config.ca = Some(Pem::from_bytes(authority.pem.clone()));
        let (error, told) = transport_error(&config).await;
        assert!(error.is_tls() && told.contains(words), "{words}: {told}");
    }
}

#[tokio::test]
async fn a_certificate_for_other_names_is_told_with_all_of_them() {
    let authority = Authority::new();
    let issued = authority.issue_with("kubernetes", |params| {
        let more = rcgen::CertificateParams::new(["*.cluster.example".into(), "10.96.0.1".into(), "fd00::1".into()]);
        params.subject_alt_names.extend(more.expect("names").subject_alt_names);
    });
    let server = Server::tls(&issued, Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let (_, told) = transport_error(&config).await;
    let words = "is not for localhost, but for kubernetes, *.cluster.example, 10.96.0.1, fd00::1; connect by a name in it, or set tls-server-name";
    assert!(told.contains(words), "{told}");

    config.tls_server_name = Some("10.96.0.1".into());
    send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
}

#[tokio::test]
async fn a_certificate_with_a_common_name_alone_is_told_to_have_no_names() {
    let authority = Authority::new();
    let issued = authority.issue_with("localhost", |params| params.subject_alt_names.clear());
    let server = Server::tls(&issued, Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let (error, told) = transport_error(&config).await;
    assert!(error.is_tls() && told.contains("no alternative names (subjectAltName)"), "{told}");
    assert!(!told.contains("tls-server-name"), "{told}");
}

#[tokio::test]
async fn a_missing_client_certificate_and_one_that_is_refused_are_told_apart() {
    let authority = Authority::new();
    for tls in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let options = Options { client_ca: Some(authority.pem.clone()), tls: Some(tls), ..Default::default() };
        let server = Server::tls(&authority.issue("localhost"), options, version).await;
        let mut config = server.config("https", "localhost");
        config.ca = Some(Pem::from_bytes(authority.pem.clone()));
        let (error, told) = transport_error(&config).await;
        assert!(error.is_tls(), "{told}");
        // TLS 1.2 has no word of its own for it.
        assert!(
            told.contains("wants a client certificate, and none is configured")
                || told.contains("does it want a client certificate?"),
            "{told}"
        );

        let mut stranger = Authority::new().issue("me").identity();
        stranger.certificate =
            Pem::with_origin(stranger.certificate.as_bytes().to_vec(), "client-certificate-data of ann");
        config.client_identity = Some(stranger);
        let (error, told) = transport_error(&config).await;
        assert!(error.is_tls(), "{told}");
        assert!(told.contains("refused the client certificate from client-certificate-data of ann"), "{told}");

        let mut expired = authority.issue_with("me", |params| params.not_after = date_time_ymd(2002, 3, 4)).identity();
        expired.certificate = Pem::with_origin(expired.certificate.as_bytes().to_vec(), "ann's file");
        config.client_identity = Some(expired);
        let (_, told) = transport_error(&config).await;
        assert!(told.contains("from ann's file, which expired at 2002-03-04T00:00:00Z"), "{told}");
    }
}

#[tokio::test]
async fn what_is_no_tls_server_is_told_so() {
    let (error, told) = transport_error(&says(b"HTTP/1.0 400 Bad Request\r\n\r\n").await).await;
    assert!(error.is_tls() && told.contains("does not answer in TLS; is it an http:// server?"), "{told}");
    let (error, told) = transport_error(&says(b"").await).await;
    assert!(error.is_connect() && told.contains("closed the connection in the middle of the TLS handshake"), "{told}");
}

#[tokio::test]
async fn alerts_of_a_server_are_put_into_words() {
    let cases: [(&[u8], &str); 5] = [
        // The record of an alert (RFC 8446, section 6), fatal: the last byte is the description.
        (&[21, 3, 1, 0, 2, 2, 70], "neither TLS 1.2 nor 1.3"),
        (&[21, 3, 3, 0, 2, 2, 40], "no TLS settings in common"),
        (&[21, 3, 3, 0, 2, 2, 112], "set tls-server-name to the right one"),
        (&[21, 3, 3, 0, 2, 2, 120], "neither HTTP/2 nor HTTP/1.1"),
        (&[21, 3, 3, 0, 2, 2, 80], "broke off the TLS connection"),
    ];
    for (answer, words) in cases {
        let (error, told) = transport_error(&says(answer).await).await;
        assert!(error.is_tls() && told.contains(words), "{words}: {told}");
    }
}
