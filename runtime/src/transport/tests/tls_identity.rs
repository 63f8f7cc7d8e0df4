//! Client certificates and keys of every kind that kubectl takes.

use super::server::{AnyClient, Authority, Issued, Options, Server};
use super::tls::version;
use super::*;
use crate::config::Pem;
use crate::transport::tls::certificates;

// Made with OpenSSL, since rcgen with ring makes none of them. They open nothing.
const VERSION_1: &str = include_str!("data/v1.pem");
const P_521: &str = include_str!("data/p521.pem");
const RSA: &str = include_str!("data/rsa.pem");
const RSA_1024: &str = include_str!("data/rsa1024.pem");

/// The certificate that a server sees.
async fn presented(issued: &Issued) -> Vec<u8> {
    let authority = Authority::new();
    let any = AnyClient::default();
    let options = Options { any_client: Some(any.clone()), ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.client_identity = Some(issued.identity());
    let service = from_config(&config).expect("good");
    send(&service, get("/")).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    any.seen()[0].to_vec()
}

fn der(certificate: &str) -> Vec<u8> {
    certificates(&Pem::from_bytes(certificate), "certificate").expect("PEM")[0].to_vec()
}

/// Why a configuration with this identity can't be used.
fn refused(issued: &Issued) -> String {
    let mut config = Config::new("https://c".parse().expect("a URL"));
    config.insecure_skip_tls_verify = true;
    config.client_identity = Some(issued.identity());
    from_config(&config).map(drop).expect_err("refused").to_string()
}

#[tokio::test]
async fn a_certificate_of_version_1_is_presented() {
    assert_eq!(presented(&Issued::of_pem(VERSION_1)).await, der(VERSION_1));
}

#[test]
fn a_certificate_of_version_1_with_another_key_is_refused() {
    let other = Authority::new().issue("other").key;
    let words = refused(&Issued { certificate: VERSION_1.to_owned(), key: other });
    assert!(words.contains("do not belong together"), "{words}");
}

#[tokio::test]
async fn keys_are_read_by_what_they_are_and_not_by_their_label() {
    const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];
    let p256 = Authority::new().issue("me");
    // PKCS#1, SEC1, and PKCS#8.
    let cases = [
        (RSA.to_owned(), RSA.to_owned(), "RSA PRIVATE KEY"),
        (VERSION_1.to_owned(), VERSION_1.to_owned(), "EC PRIVATE KEY"),
        (p256.certificate, p256.key, "PRIVATE KEY"),
    ];
    for (certificate, key, own_label) in cases {
        for label in LABELS {
            let key = key
                .replace(&format!("BEGIN {own_label}-"), &format!("BEGIN {label}-"))
                .replace(&format!("END {own_label}-"), &format!("END {label}-"));
            assert!(key.contains(&format!("-----BEGIN {label}-----")));
            let issued = Issued { certificate: certificate.clone(), key };
            assert_eq!(presented(&issued).await, der(&certificate), "{own_label} as {label}");
        }
    }
}

#[cfg(feature = "aws-lc-rs")]
#[tokio::test]
async fn a_p521_key_is_used_with_aws_lc_rs() {
    assert_eq!(presented(&Issued::of_pem(P_521)).await, der(P_521));
}

#[cfg(not(feature = "aws-lc-rs"))]
#[test]
fn of_a_p521_key_ring_says_that_it_has_no_such_keys() {
    let words = refused(&Issued::of_pem(P_521));
    assert!(words.contains("ring has no P-521; build with the feature aws-lc-rs"), "{words}");
}

#[test]
fn a_key_that_is_too_short_for_every_crypto_library_is_told_with_its_length() {
    let words = refused(&Issued::of_pem(RSA_1024));
    assert!(words.contains("has no RSA of 1024 bits; use a P-256 key, or RSA of 2048 bits or more"), "{words}");
}

#[test]
fn a_broken_key_of_a_known_kind_is_no_fault_of_the_crypto_library() {
    let mut lines: Vec<_> = RSA.lines().map(str::to_owned).collect();
    let key = lines.iter().position(|line| line.contains("BEGIN RSA")).expect("a key");
    // One of the primes.
    lines[key + 13] = lines[key + 14].clone();
    let words = refused(&Issued::of_pem(&lines.join("\n")));
    assert!(words.ends_with("cannot be used"), "{words}");
}

/// The signature of a server's handshake is checked by its key alone then.
#[tokio::test]
async fn without_verification_a_server_certificate_of_version_1_will_do() {
    let server = Server::tls(&Issued::of_pem(VERSION_1), Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.insecure_skip_tls_verify = true;
    send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
}
