//! The `Authorization` header.

use std::time::Duration;

use http::header::AUTHORIZATION;
use tower::Layer;

use super::*;
use crate::config::{Config, Credentials};

fn service(script: &Script, credentials: &Credentials) -> HttpService {
    let layer = AuthLayer::new(&config(credentials.clone())).expect("good credentials");
    BoxCloneSyncService::new(layer.layer(script.service()))
}

fn config(credentials: Credentials) -> Config {
    let mut config = Config::new("https://server.example".parse().expect("a URL"));
    config.credentials = credentials;
    config
}

async fn header(script: &Script, service: &HttpService) -> String {
    send(service, get("/")).await.expect("an answer");
    let request = script.requests().pop().expect("a request");
    let value = request.headers().get(AUTHORIZATION);
    assert!(value.is_none_or(|value| value.is_sensitive()), "the header can be printed");
    value.map_or("none", |value| value.to_str().expect("text")).to_owned()
}

#[tokio::test]
async fn each_kind_of_credentials_makes_its_header() {
    let basic = Credentials::Basic { username: "ann".into(), password: "p:w".into() };
    let cases =
        [(Credentials::None, "none"), (Credentials::Token("tok".into()), "Bearer tok"), (basic, "Basic YW5uOnA6dw==")];
    for (credentials, expected) in cases {
        let script = Script::default();
        assert_eq!(header(&script, &service(&script, &credentials)).await, expected);
    }
}

#[tokio::test]
async fn a_request_with_its_own_header_keeps_it() {
    let script = Script::default();
    let service = service(&script, &Credentials::Token("tok".into()));
    let request = Request::get("/").header(AUTHORIZATION, "mine").body(Body::empty()).expect("a request");
    send(&service, request).await.expect("an answer");
    assert_eq!(script.requests()[0].headers()[AUTHORIZATION], "mine");
}

#[tokio::test(start_paused = true)]
async fn a_token_file_is_read_again_after_a_minute_and_its_last_good_content_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    let script = Script::default();
    let service = service(&script, &Credentials::TokenFile { path: path.clone(), fallback: Some("first".into()) });
    assert_eq!(header(&script, &service).await, "Bearer first");

    std::fs::write(&path, "second\n").expect("a file");
    assert_eq!(header(&script, &service).await, "Bearer first");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(header(&script, &service).await, "Bearer second");

    std::fs::write(&path, "").expect("a file");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(header(&script, &service).await, "Bearer second");

    std::fs::write(&path, "third").expect("a file");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(header(&script, &service).await, "Bearer third");
}

#[tokio::test]
async fn a_token_file_that_was_never_readable_fails_the_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    let script = Script::default();
    let service = service(&script, &Credentials::TokenFile { path: path.clone(), fallback: None });
    let error = send(&service, get("/")).await.expect_err("no token");
    assert!(error.downcast_ref::<ConfigError>().is_some_and(ConfigError::is_unreadable), "{error:?}");
    assert!(error.to_string().contains(&path.display().to_string()));
    // Not held against it for a minute.
    std::fs::write(&path, "now").expect("a file");
    assert_eq!(header(&script, &service).await, "Bearer now");
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_without_being_shown() {
    let error = AuthLayer::new(&config(Credentials::Token("a\nsek".into()))).expect_err("a line break");
    assert!(error.is_invalid() && !format!("{error:?}").contains("sek"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_file_that_cannot_be_read_for_a_moment_is_read_again_soon() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    std::fs::write(&path, "first").expect("a file");
    let script = Script::default();
    let service = service(&script, &Credentials::TokenFile { path: path.clone(), fallback: None });
    assert_eq!(header(&script, &service).await, "Bearer first");
    std::fs::remove_file(&path).expect("it is there");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(header(&script, &service).await, "Bearer first");
    std::fs::write(&path, "second").expect("a file");
    assert_eq!(header(&script, &service).await, "Bearer first", "not for every request");
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(header(&script, &service).await, "Bearer second");
}

#[tokio::test]
async fn clients_of_one_source_share_its_credential_and_others_do_not() {
    use crate::config::Credential;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let make = || {
        let count = AtomicUsize::new(0);
        Credentials::source(move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            async move { Ok(Credential::token(format!("token-{number}"))) }
        })
    };
    let script = Script::default();
    let shared = make();
    let (one, two) = (service(&script, &shared), service(&script, &shared.clone()));
    assert_eq!(header(&script, &one).await, "Bearer token-0");
    assert_eq!(header(&script, &two).await, "Bearer token-0");
    assert_eq!(header(&script, &service(&script, &make())).await, "Bearer token-0");
    assert_ne!(shared, make());
    // What nobody uses any more is forgotten: a source may hold what its owner wants to end.
    drop((one, two));
    assert_eq!(header(&script, &service(&script, &shared)).await, "Bearer token-1");
}
