//! Errors that say whose fault it is.
#![allow(missing_docs)]

mod support;

use http::Response;
use kubewright_runtime::transport::Body;
use support::{api, json, scripted};

#[tokio::test]
async fn a_500_without_a_reason_is_the_fault_of_the_request_and_not_of_the_server() {
    let bare = r#"{"kind":"Status","status":"Failure","message":".bogus: field not declared in schema","code":500}"#;
    let own = r#"{"kind":"Status","status":"Failure","reason":"InternalError","code":500}"#;
    let (client, _) = scripted([json(500, bare), json(500, own), json(500, "<html>")]);
    let errors = [(); 3].map(|()| api(&client).get("a"));
    let mut internal = Vec::new();
    for request in errors {
        let error = request.await.expect_err("500");
        internal.push((error.is_internal(), error.is_request_fault()));
    }
    assert_eq!(internal, [(false, true), (true, false), (true, false)]);
}

#[tokio::test]
async fn a_group_that_the_server_does_not_have_is_named() {
    let answer = || {
        let answer = Response::builder().status(404).header("content-type", "text/plain; charset=utf-8");
        answer.body(Body::from("404 page not found\n")).expect("a response")
    };
    let (client, _) = scripted([answer(), answer()]);
    let error = api(&client).get("a").await.expect_err("404");
    assert!(error.is_not_served() && error.is_not_found(), "{error}");
    assert!(error.to_string().ends_with("the server does not serve stable.example.com/v1"), "{error}");
    assert!(api(&client).get("a").optional().await.expect_err("nothing is known of the object").is_not_served());
}

#[tokio::test]
async fn the_404_page_of_a_proxy_says_nothing_of_groups() {
    let answer = |media_type: Option<&str>, body: &'static str| {
        let answer = Response::builder().status(404);
        let answer = match media_type {
            Some(media_type) => answer.header("content-type", media_type),
            None => answer,
        };
        answer.body(Body::from(body)).expect("a response")
    };
    for (media_type, body) in [
        (Some("text/html"), "<html><body>404 page not found</body></html>"),
        (Some("text/html"), "404 page not found\n"),
        (None, "404 page not found\n"),
        (Some("text/plain"), "404 page not found"),
        (Some("text/plain"), "\r\n404 page not found\r\n"),
        (Some("text/plain"), "404 Not Found: no such backend\n"),
        (Some("text/plain"), ""),
    ] {
        let (client, _) = scripted([answer(media_type, body)]);
        let error = api(&client).get("a").await.expect_err("404");
        assert!(error.is_not_found() && !error.is_not_served(), "{media_type:?} {body:?}: {error}");
        assert!(!error.to_string().contains("does not serve"), "{error}");
    }
}

#[tokio::test]
async fn an_error_names_the_request_in_the_audit_log() {
    let status = r#"{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}"#;
    let mut audited = json(403, status);
    let id = http::HeaderValue::from_static("8f2e3a10-5b3c-4b7e-9f52-d1f6a9c0e4b7");
    audited.headers_mut().insert("audit-id", id);
    let (client, _) = scripted([audited, json(403, status)]);
    let audited = api(&client).get("a").await.expect_err("403");
    assert_eq!(audited.audit_id(), Some("8f2e3a10-5b3c-4b7e-9f52-d1f6a9c0e4b7"));
    assert!(format!("{audited:?}").contains("8f2e3a10-5b3c-4b7e-9f52-d1f6a9c0e4b7"));
    assert_eq!(api(&client).get("a").await.expect_err("403").audit_id(), None, "a server that keeps no audit log");
}
