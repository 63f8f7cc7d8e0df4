//! HTTP that the API server passes on: where each request goes, and that nothing of it is changed.
#![allow(missing_docs)]

mod peer;
mod support;

use http::{Request, Response};
use http_body_util::BodyExt as _;
use kubewright_runtime::transport::Body;
use peer::pods;
use support::scripted;
use tower::ServiceExt as _;

#[tokio::test]
async fn a_request_goes_to_its_path_behind_the_subresource() {
    let (client, log) = scripted((0..3).map(|_| Response::new(Body::from("answer"))));
    let proxy = pods(&client).proxy("https:web-0:8443", "proxy");
    let response = proxy.get("/a/b?c=d;e").await.expect("a response");
    assert_eq!(&response.into_body().collect().await.expect("a body").to_bytes()[..], b"answer");
    let request = Request::post("http://elsewhere:80/submit?x").header("content-type", "text/plain");
    proxy.clone().oneshot(request.body(Body::from("data")).expect("a request")).await.expect("a response");
    proxy.send(Request::delete("/").body(Body::empty()).expect("a request")).await.expect("a response");
    let log = log.lock().expect("not poisoned");
    let prefix = "/api/v1/namespaces/shop/pods/https:web-0:8443/proxy";
    let told: Vec<_> = log.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    assert_eq!(
        told,
        [format!("GET {prefix}/a/b?c=d;e"), format!("POST {prefix}/submit?x"), format!("DELETE {prefix}/")]
    );
    assert_eq!((log[1].content_type.as_deref(), &log[1].body[..]), (Some("text/plain"), &b"data"[..]));
}

#[tokio::test]
async fn the_other_sides_answer_is_the_response_whatever_its_status() {
    let (client, _) = scripted([Response::builder()
        .status(503)
        .header("x-reason", "busy")
        .body(Body::from("later"))
        .expect("a response")]);
    let response = pods(&client).proxy("web-0", "proxy").get("/").await.expect("a response");
    assert_eq!((response.status().as_u16(), response.headers()["x-reason"].as_bytes()), (503, &b"busy"[..]));
}

#[tokio::test]
async fn what_is_no_name_or_no_path_is_refused_before_it_is_sent() {
    let (client, log) = scripted([]);
    assert!(pods(&client).proxy("", "proxy").get("/").await.expect_err("no name").is_build());
    assert!(pods(&client).proxy("web-0", "proxy").get("/a b").await.expect_err("no path").is_build());
    assert!(log.lock().expect("not poisoned").is_empty());
}
