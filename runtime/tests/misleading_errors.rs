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
