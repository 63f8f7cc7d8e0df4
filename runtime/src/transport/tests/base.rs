//! URLs and headers.

use http::header::{ACCEPT, USER_AGENT};
use tower::Layer;

use super::*;
use crate::config::Impersonate;

fn service(script: &Script, config: &Config) -> HttpService {
    BoxCloneSyncService::new(BaseLayer::new(config).expect("a good configuration").layer(script.service()))
}

fn config(url: &str) -> Config {
    Config::new(url.parse().expect("a URL"))
}

#[tokio::test]
async fn the_request_path_follows_the_servers_prefix() {
    let cases = [
        ("https://h:1", "/api/v1/pods?limit=5", "https://h:1/api/v1/pods?limit=5"),
        ("https://h:1/", "/version", "https://h:1/version"),
        ("https://h/k8s/clusters/c-1", "/apis", "https://h/k8s/clusters/c-1/apis"),
        ("https://h/k8s/clusters/c-1/", "/apis?a=%2F", "https://h/k8s/clusters/c-1/apis?a=%2F"),
        ("http://[fd00::1]:80/p", "/", "http://[fd00::1]:80/p/"),
        // As a paging or proxy URL of the server itself would be.
        ("https://h/p", "https://h/p/apis", "https://h/p/apis"),
    ];
    for (server, path, expected) in cases {
        let script = Script::default();
        send(&service(&script, &config(server)), get(path)).await.expect(expected);
        assert_eq!(script.requests()[0].uri(), expected);
    }
}

#[tokio::test]
async fn a_request_for_another_server_is_refused() {
    let script = Script::default();
    let service = service(&script, &config("https://h:1"));
    for uri in ["https://evil/api", "http://h:1/api", "https://h:2/api", "pods"] {
        let error = send(&service, get(uri)).await.expect_err(uri);
        assert!(error.downcast_ref::<ConfigError>().is_some_and(ConfigError::is_invalid), "{error:?}");
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn default_headers_are_added_where_the_request_has_none() {
    let script = Script::default();
    let mut config = config("https://h");
    config.headers.insert(ACCEPT, "application/json".parse().expect("a value"));
    config.headers.append("x-many", "1".parse().expect("a value"));
    config.headers.append("x-many", "2".parse().expect("a value"));
    let request = Request::get("/").header(ACCEPT, "text/plain").body(Body::empty()).expect("a request");
    send(&service(&script, &config), request).await.expect("an answer");
    let requests = script.requests();
    let headers = requests[0].headers();
    assert_eq!(headers[USER_AGENT], concat!("kubewright/", env!("CARGO_PKG_VERSION")));
    assert_eq!(headers[ACCEPT], "text/plain");
    assert_eq!(headers.get_all("x-many").iter().collect::<Vec<_>>(), ["1", "2"]);

    config.user_agent = "shop-operator/2.1".to_owned();
    send(&service(&script, &config), get("/")).await.expect("an answer");
    assert_eq!(script.requests().last().expect("a request").headers()[USER_AGENT], "shop-operator/2.1");
}

#[tokio::test]
async fn impersonation_replaces_what_the_request_says_and_escapes_keys() {
    let script = Script::default();
    let mut config = config("https://h");
    config.impersonate = Some(Impersonate {
        user: "jürgen".into(),
        uid: Some("7".into()),
        groups: vec!["dev".into(), "ops".into()],
        extra: [
            ("example.org/scope%".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            ("plain".to_owned(), vec![String::new()]),
        ]
        .into(),
    });
    let request = Request::get("/").header("impersonate-user", "root").body(Body::empty()).expect("a request");
    send(&service(&script, &config), request).await.expect("an answer");
    let requests = script.requests();
    let headers = requests[0].headers();
    let all = |name: &str| headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>();
    assert_eq!(all("impersonate-user"), ["jürgen".as_bytes()]);
    assert_eq!(all("impersonate-uid"), [b"7"]);
    assert_eq!(all("impersonate-group"), [b"dev", b"ops"]);
    assert_eq!(all("impersonate-extra-example.org%2fscope%25"), [b"a", b"b"]);
    assert_eq!(all("impersonate-extra-plain"), [b""]);
}

#[test]
fn impersonation_without_a_user_or_with_an_impossible_name_is_refused() {
    let mut config = config("https://h");
    config.impersonate = Some(Impersonate { groups: vec!["dev".into()], ..Default::default() });
    assert!(BaseLayer::new(&config).expect_err("no user").is_incomplete());
    config.impersonate = Some(Impersonate { user: "a\nb".into(), ..Default::default() });
    assert!(BaseLayer::new(&config).expect_err("a line break").is_invalid());
}

#[tokio::test]
async fn the_stack_puts_a_mock_in_the_place_of_the_connections() {
    let script = Script::default();
    let mut config = config("https://h/p");
    config.credentials = crate::config::Credentials::Token("tok".into());
    let service = stack(&config, script.service()).expect("a good configuration");
    send(&service, get("/api")).await.expect("an answer");
    let requests = script.requests();
    assert_eq!(requests[0].uri(), "https://h/p/api");
    assert_eq!(requests[0].headers()["authorization"], "Bearer tok");
    assert_eq!(requests[0].headers()["accept-encoding"], "gzip");
}

#[test]
fn a_login_in_the_servers_url_is_refused_and_not_shown() {
    let config = config("https://ann:sesame@h:1");
    let errors = [
        BaseLayer::new(&config).expect_err("a login"),
        connect(&config, Alpn::Auto).expect_err("a login"),
        from_config(&config).map(drop).expect_err("a login"),
        upgrades_from_config(&config).map(drop).expect_err("a login"),
    ];
    for error in errors {
        assert!(error.is_invalid() && error.to_string().contains("credentials"), "{error}");
        assert!(!format!("{error} {error:?}").contains("sesame"), "{error:?}");
    }
}
