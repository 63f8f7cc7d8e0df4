//! Which proxy the environment names.

use serde_json::Value;

use super::*;
use crate::config::SecretString;

/// What Go's `golang.org/x/net/http/httpproxy` answers: `input` has the variables and the target, `output` whether a proxy
/// is used and which.
const VECTORS: &str = include_str!("tests/noproxy.jsonl");

fn environment(variables: &[(&str, &str)]) -> ProxyEnvironment {
    let variables: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ProxyEnvironment::from_variables(|name| {
        variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    })
}

/// Scheme, host and port of a URL, also of one that [`Uri`] doesn't take.
fn parts(url: &str) -> (String, String, Option<u16>) {
    let (scheme, authority) = url.split_once("://").unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    (scheme.to_owned(), host.replace("%25", "%"), port)
}

#[test]
fn every_answer_of_gos_library_is_given_here_too() {
    let mut count = 0;
    for line in VECTORS.lines() {
        let vector: Value = serde_json::from_str(line).expect("JSON");
        let input = |name: &str| vector["input"][name].as_str().expect("text");
        let environment = environment(&[
            ("HTTPS_PROXY", input("https_proxy")),
            ("HTTP_PROXY", input("http_proxy")),
            ("NO_PROXY", input("no_proxy")),
        ]);
        let (scheme, host, port) = parts(input("target"));
        let proxy = environment.url_for(&scheme, &host, port).expect(line).map(SecretString::expose);
        assert_eq!(proxy.is_some(), vector["output"]["proxied"].as_bool().expect("a bool"), "{line}");
        assert_eq!(proxy, vector["output"]["proxy"].as_str(), "{line}");
        count += 1;
    }
    assert_eq!(count, 99);
}

#[test]
fn variables_in_small_letters_count_where_the_others_are_empty() {
    let server = "https://cluster.example:6443".parse().expect("a URL");
    let of = |variables: &[(&str, &str)]| {
        environment(variables).proxy_for(&server).expect("a proxy").map(|proxy| proxy.url().to_string())
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[("https_proxy", "http://small:1")]).as_deref(), Some("http://small:1/"));
    assert_eq!(of(&[("https_proxy", "small:1"), ("HTTPS_PROXY", "")]).as_deref(), Some("http://small:1/"));
    assert_eq!(of(&[("https_proxy", "small:1"), ("HTTPS_PROXY", "big:1")]).as_deref(), Some("http://big:1/"));
    assert_eq!(of(&[("https_proxy", "small:1"), ("no_proxy", "cluster.example")]), None);
    assert_eq!(
        of(&[("https_proxy", "small:1"), ("no_proxy", "*"), ("NO_PROXY", "other")]).as_deref(),
        Some("http://small:1/")
    );
    assert_eq!(of(&[("ALL_PROXY", "http://all:1"), ("all_proxy", "http://all:1")]), None);
}

#[test]
fn a_cgi_program_does_not_take_http_proxy_from_whoever_asks_it() {
    let variables = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil:1"), ("HTTPS_PROXY", "http://good:1")];
    let environment = environment(&variables);
    let error = environment.proxy_for(&"http://h".parse().expect("a URL")).expect_err("refused");
    assert!(error.is_invalid() && error.to_string().contains("REQUEST_METHOD"), "{error}");
    let proxy = environment.proxy_for(&"https://h".parse().expect("a URL")).expect("a proxy").expect("one");
    assert_eq!(proxy.url().host(), Some("good"));
}

#[test]
fn a_variable_that_names_no_usable_proxy_is_named_and_its_password_is_not() {
    for url in ["ftp://ann:sesame@p:1", "socks4://ann:sesame@p:1", "http://ann:sesame@p:port"] {
        let environment = environment(&[("HTTPS_PROXY", url)]);
        let error = environment.proxy_for(&"https://h".parse().expect("a URL")).expect_err(url);
        let text = format!("{error} {error:?} {environment:?}");
        assert!(text.contains("HTTPS_PROXY") && !text.contains("sesame"), "{text}");
    }
}
