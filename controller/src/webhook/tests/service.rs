//! What the service accepts, and what it does when a handler fails.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full, StreamBody};
use kubewright::core::v1::ConfigMap;
use serde_json::{Value, json};
use tower::Service as _;

use super::{Answered, answered, config_map, creation, post, respond};
use crate::webhook::{AdmissionRequest, Decision, Webhooks};

fn allowing() -> Webhooks {
    Webhooks::new().validating("/validate", |_: AdmissionRequest<ConfigMap>| async { Decision::allow() })
}

#[tokio::test]
async fn other_paths_methods_and_content_types_are_rejected() {
    let webhooks = allowing();
    let review = creation(config_map(json!({})));
    assert_eq!(answered(&webhooks, post("/validat", &review)).await.status, 404);
    assert_eq!(answered(&webhooks, post("/validate/", &review)).await.status, 404);

    let mut request = post("/validate", &review);
    *request.method_mut() = Method::GET;
    let response = webhooks.clone().call(request).await.expect("infallible");
    assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"POST".parse().expect("a value")));

    for content_type in
        [None, Some("text/plain"), Some("application/vnd.kubernetes.protobuf"), Some("application/jsonp")]
    {
        let mut request = post("/validate", &review);
        request.headers_mut().remove("content-type");
        if let Some(value) = content_type {
            request.headers_mut().insert("content-type", value.parse().expect("a value"));
        }
        assert_eq!(answered(&webhooks, request).await.status, 415, "{content_type:?}");
    }
    let mut request = post("/validate", &review);
    request.headers_mut().insert("content-type", "Application/JSON; charset=utf-8".parse().expect("a value"));
    assert_eq!(answered(&webhooks, request).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_no_review_is_a_bad_request_that_does_not_repeat_it() {
    let webhooks = allowing();
    let conversion = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview"});
    let old = json!({"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "1"}});
    let bare = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"});
    for body in [json!("hunter2"), json!([]), conversion, old, bare] {
        let answered = answered(&webhooks, post("/validate", &body)).await;
        assert_eq!(answered.status, 400, "{body}");
        assert!(!answered.text.contains("hunter2"), "{}", answered.text);
    }
    let request = Request::post("/validate").header("content-type", "application/json");
    let answered = answered(&webhooks, request.body(Full::from(&b"{\"kind\": \xff"[..])).expect("a request")).await;
    assert_eq!(answered.status, 400);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_rejected_whether_or_not_its_length_is_announced() {
    let webhooks = allowing().body_limit("/validate", 2048);
    let small = creation(config_map(json!({"a": "x"})));
    let large = creation(config_map(json!({"a": "x".repeat(2048)})));
    assert_eq!(respond(&webhooks, "/validate", &small).await["allowed"], json!(true));

    let mut announced = post("/validate", &large);
    let length = large.to_string().len();
    announced.headers_mut().insert("content-length", length.to_string().parse().expect("a value"));
    let rejected = answered(&webhooks, announced).await;
    assert_eq!((rejected.status, rejected.text.as_str()), (413, "the review is larger than 2048 bytes\n"));

    let chunks = large.to_string().into_bytes().chunks(100).map(Bytes::copy_from_slice).collect::<Vec<_>>();
    let frames = chunks.into_iter().map(|chunk| Ok::<_, std::io::Error>(http_body::Frame::data(chunk)));
    let body = StreamBody::new(futures_util::stream::iter(frames)).boxed();
    let request = Request::post("/validate").header("content-type", "application/json").body(body).expect("a request");
    let rejected = Answered::of(webhooks.clone().call(request).await.expect("infallible")).await;
    assert_eq!(rejected.status, 413);
    // By default there is room for two objects of the largest size.
    assert_eq!(
        answered(&allowing(), post("/validate", &creation(config_map(json!({"a": "x".repeat(6 << 20)}))))).await.status,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_dropped_at_the_time_out_that_the_api_server_passes_on() {
    struct Dropped(tokio::sync::mpsc::UnboundedSender<Duration>, tokio::time::Instant);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(self.1.elapsed());
        }
    }
    let (sender, mut dropped) = tokio::sync::mpsc::unbounded_channel();
    let webhooks = Webhooks::new().validating("/slow", move |_: AdmissionRequest<ConfigMap>| {
        let guard = Dropped(sender.clone(), tokio::time::Instant::now());
        async move {
            let _guard = guard;
            std::future::pending::<Decision>().await
        }
    });
    let review = creation(config_map(json!({})));
    for (query, seconds) in [("?timeout=2s", 2.0), ("?timeout=1m0s", 30.0), ("", 30.0), ("?a=b&timeout=0.5s", 0.5)] {
        let answered = answered(&webhooks, post(&format!("/slow{query}"), &review)).await;
        assert_eq!(answered.status, 504, "{query}");
        let after = dropped.recv().await.expect("it was dropped").as_secs_f64();
        assert!((seconds..seconds + 0.1).contains(&after), "{query}: after {after} s");
    }
    for query in ["?timeout=0s", "?timeout=-1s", "?timeout=soon", "?timeout="] {
        assert_eq!(answered(&webhooks, post(&format!("/slow{query}"), &review)).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_a_500_and_the_next_call_is_served() {
    let webhooks = Webhooks::new()
        .validating("/async", |request: AdmissionRequest<ConfigMap>| async move {
            tokio::task::yield_now().await;
            assert!(!request.object.expect("one").data.contains_key("panic"), "hunter2");
            Decision::allow()
        })
        .validating("/sync", |request: AdmissionRequest<ConfigMap>| {
            assert!(!request.object.expect("one").data.contains_key("panic"), "hunter2");
            std::future::ready(Decision::allow())
        });
    for path in ["/async", "/sync"] {
        let failed = answered(&webhooks, post(path, &creation(config_map(json!({"panic": ""}))))).await;
        assert_eq!((failed.status, failed.text.as_str()), (500, "the handler of the webhook panicked\n"), "{path}");
        let allowed: Value = respond(&webhooks, path, &creation(config_map(json!({})))).await;
        assert_eq!(allowed["allowed"], json!(true), "{path}");
    }
}

#[test]
fn debug_shows_the_paths() {
    assert_eq!(format!("{:?}", allowing()), r#"Webhooks { paths: ["/validate"] }"#);
}
