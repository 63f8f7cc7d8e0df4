//! Sharded reads against a server that shards, and against one that ignores the selector without a word.
#![allow(missing_docs)]

mod support;

use futures_util::StreamExt as _;
use http::Response;
use kubewright_runtime::Error;
use kubewright_runtime::transport::Body;
use support::{api, json, refusal, scripted};

const VERSION: &str = r#"{"major": "1", "minor": "37", "gitVersion": "v1.37.1"}"#;
const ALL: &str = r#"{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}]}"#;
const SHARD: &str =
    r#"{"metadata":{"resourceVersion":"7","shardInfo":{"selector":"s"}},"items":[{"metadata":{"name":"a"}}]}"#;
/// What Kubernetes 1.37 answers for custom resources, whether it shards or not.
const CUSTOM: &str = r#"{"items":[{"metadata":{"name":"a"}}],"metadata":{"continue":"","resourceVersion":"7"}}"#;

fn is_told(error: &Error) -> bool {
    error.is_not_served()
        && error.feature_gate() == Some("ShardedListAndWatch")
        && error.to_string().contains("does not shard")
        && error.to_string().contains("ShardedListAndWatch")
}

fn answers(bodies: &[&str]) -> Vec<Response<Body>> {
    [VERSION].iter().chain(bodies).map(|body| json(200, body)).collect()
}

#[tokio::test]
async fn a_list_that_does_not_say_that_it_is_sharded_is_an_error() {
    let (client, _) = scripted(answers(&[ALL]));
    let error = api(&client).list().shard_selector("s").await.expect_err("everything");
    assert!(is_told(&error), "{error}");

    let (client, _) = scripted(answers(&[SHARD]));
    assert_eq!(api(&client).list().shard_selector("s").await.expect("a shard").items.len(), 1);
}

#[tokio::test]
async fn a_stream_and_a_watch_give_nothing_before_the_server_has_shown_that_it_shards() {
    let (client, log) = scripted(answers(&[ALL]));
    let items: Vec<_> = api(&client).list().shard_selector("s").stream().collect().await;
    assert!(matches!(&items[..], [Err(error)] if is_told(error)), "{items:?}");
    assert!(log.lock().expect("ok")[1].target.ends_with("?shardSelector=s&limit=1"));

    let (client, log) = scripted(answers(&[ALL]));
    let error = api(&client).watch().shard_selector("s").resource_version("3").await.expect_err("everything");
    assert!(is_told(&error), "{error}");
    assert!(log.lock().expect("ok")[1].target.ends_with("?shardSelector=s&limit=1"));

    let (client, _) = scripted(answers(&[ALL]));
    let events: Vec<_> = api(&client).list().shard_selector("s").then_watch().collect().await;
    assert!(matches!(&events[..], [Err(error)] if is_told(error)), "{events:?}");

    let (client, log) = scripted(answers(&[SHARD, ""]));
    drop(api(&client).watch().shard_selector("s").await.expect("a watch"));
    assert_eq!(log.lock().expect("ok").len(), 3);
}

#[tokio::test]
async fn lists_of_custom_resources_are_sharded_where_a_selector_that_is_none_is_refused() {
    let list = || answers(&[CUSTOM]).into_iter();
    let (client, _) = scripted(list().chain([refusal(400, "BadRequest")]));
    api(&client).list().shard_selector("s").await.expect("a shard");
    let (client, _) = scripted(list().chain([json(200, CUSTOM)]));
    assert!(is_told(&api(&client).list().shard_selector("s").await.expect_err("everything")));
}

#[tokio::test]
async fn a_failure_of_another_sort_says_nothing_of_shards() {
    let (client, _) = scripted(answers(&[CUSTOM]).into_iter().chain([refusal(403, "Forbidden")]));
    let error = api(&client).list().shard_selector("s").await.expect_err("not proven");
    assert!(error.is_forbidden() && !error.is_not_served(), "{error}");
}

#[tokio::test]
async fn a_deletion_takes_no_shard_selector_and_an_empty_one_is_none() {
    let (client, log) = scripted([]);
    let error = api(&client).delete_collection().query("shardSelector", "s").await.expect_err("it would delete all");
    assert!(error.is_build(), "{error}");
    let error = api(&client).list().shard_selector(" ").await.expect_err("none");
    assert!(error.is_build() || error.is_not_served(), "{error}");
    assert!(api(&client).list().shard_selector("").request().expect_err("none").is_build());
    assert!(log.lock().expect("ok").iter().all(|seen| seen.method == "GET"));
}
