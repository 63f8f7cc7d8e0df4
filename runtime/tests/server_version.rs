//! A call that the server is too old or too new for is told apart from an object that is not there.
#![allow(missing_docs)]

mod support;

use std::error::Error as _;

use http::Response;
use kubewright_runtime::api::Handle;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{Client, Resource, Served};
use support::{Widget, api, json, refusal, scripted};

const OLD: &str = r#"{"major": "1", "minor": "34", "gitVersion": "v1.34.4"}"#;
const NEW: &str = r#"{"major": "1", "minor": "37", "gitVersion": "v1.37.1"}"#;

fn widgets(client: &Client, served: Served) -> Handle<Widget> {
    Handle::namespaced(client, Widget::RESOURCE, "shop").served(served)
}

/// What a server answers at a path that it knows nothing about.
fn unknown_path() -> Response<Body> {
    Response::builder().status(404).body(Body::from("404 page not found\n")).expect("a response")
}

#[tokio::test]
async fn a_server_that_is_too_old_is_told_with_what_it_takes() {
    let (client, log) = scripted([unknown_path(), json(200, OLD)]);
    let error = widgets(&client, Served::since(36)).get("a").await.expect_err("too old");
    let path = "/apis/shapes.example.com/v1/namespaces/shop/widgets/a";
    assert_eq!(
        error.to_string(),
        format!("GET {path}: it requires Kubernetes 1.36 or newer; the server is 1.34 (v1.34.4)")
    );
    assert!(error.is_not_served() && !error.is_not_found() && !error.is_api());
    let why = error.not_served_by_version().expect("why");
    assert_eq!((why.by, why.server.minor), (Served::since(36), 34));
    assert!(error.source().expect("the refusal").to_string().contains("404"));
    let asked: Vec<_> = log.lock().expect("not poisoned").iter().map(|seen| seen.target.clone()).collect();
    assert_eq!(asked, [path, "/version"]);
}

#[tokio::test]
async fn an_object_of_a_newer_kind_is_not_taken_for_absent_where_its_kind_is_unknown() {
    let (client, _) = scripted([unknown_path(), json(200, OLD)]);
    let error = widgets(&client, Served::since(36)).get("a").optional().await.expect_err("nothing is known of it");
    assert!(error.is_not_served(), "{error}");
}

#[tokio::test]
async fn a_server_that_is_too_new_is_told_with_who_removed_it() {
    let (client, _) = scripted([refusal(405, "MethodNotAllowed"), json(200, NEW)]);
    let error = widgets(&client, Served::ALWAYS.until(36)).delete("a").await.expect_err("too new");
    let end = "it was removed in Kubernetes 1.36; the server is 1.37 (v1.37.1)";
    assert!(error.to_string().ends_with(end), "{error}");
}

#[tokio::test]
async fn where_the_server_serves_it_a_404_is_a_404_and_the_version_is_asked_for_once() {
    let not_found = || refusal(404, "NotFound");
    let (client, log) = scripted([not_found(), json(200, NEW), not_found(), not_found()]);
    let widgets = widgets(&client, Served::since(36));
    for _ in 0..3 {
        let error = widgets.get("a").await.expect_err("not there");
        assert!(error.is_not_found() && !error.is_not_served(), "{error}");
    }
    assert_eq!(log.lock().expect("not poisoned").len(), 4);
    assert_eq!(client.server_version().await.expect("remembered").minor, 37);
}

#[tokio::test]
async fn a_server_that_was_upgraded_is_not_blamed_for_what_it_was() {
    let (client, _) = scripted([json(200, OLD), refusal(404, "NotFound"), json(200, NEW)]);
    assert_eq!(client.server_version().await.expect("a version").minor, 34);
    let error = widgets(&client, Served::since(36)).get("a").await.expect_err("not there");
    assert!(error.is_not_found(), "{error}");
    assert_eq!(client.server_version().await.expect("a version").minor, 37);
}

#[tokio::test]
async fn what_every_server_serves_costs_no_question_and_neither_does_another_refusal() {
    let (client, log) = scripted([refusal(404, "NotFound"), refusal(403, "Forbidden")]);
    assert!(api(&client).get("a").await.expect_err("not there").is_not_found());
    assert!(widgets(&client, Served::since(36)).get("a").await.expect_err("forbidden").is_forbidden());
    assert_eq!(log.lock().expect("not poisoned").len(), 2);
}

#[tokio::test]
async fn a_version_that_may_not_be_read_leaves_the_refusal_as_it_is() {
    let (client, _) = scripted([unknown_path(), refusal(403, "Forbidden")]);
    let error = widgets(&client, Served::since(36)).list().await.expect_err("refused");
    assert_eq!(error.code().expect("a code"), 404);
    assert!(error.not_served_by_version().is_none());
}

#[tokio::test]
async fn a_watch_is_refused_alike() {
    let (client, _) = scripted([unknown_path(), json(200, OLD)]);
    let error = widgets(&client, Served::since(35)).watch().await.map(drop).expect_err("too old");
    assert!(error.is_not_served(), "{error}");
}

#[tokio::test]
async fn an_option_that_an_older_server_would_ignore_is_not_sent_to_it() {
    let (client, log) = scripted([json(200, OLD)]);
    let error = api(&client).list().shard_selector("s").await.expect_err("too old");
    assert!(error.is_not_served() && error.to_string().contains("requires Kubernetes 1.36 or newer"), "{error}");
    assert_eq!(log.lock().expect("not poisoned").len(), 1, "the version alone was asked for");

    let empty = r#"{"kind": "CronTabList", "apiVersion": "stable.example.com/v1", "metadata": {"shardInfo": {"selector": "s"}}, "items": []}"#;
    let (client, _) = scripted([json(200, NEW), json(200, empty), json(200, empty)]);
    for _ in 0..2 {
        api(&client).list().shard_selector("s").await.expect("a list, and the version was asked for once");
    }
}
