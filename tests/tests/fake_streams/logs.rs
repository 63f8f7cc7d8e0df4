//! Logs that a test writes.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use kubewright::log::Lines;
use kubewright_fake::{FakeCluster, FakeLog};
use kubewright_ops::prelude::*;

use super::{cluster, listening, pods};

const TEN: &str = "2030-01-01T10:00:00Z";

/// The log of `web` with three lines, a minute apart, and the clock a minute later.
fn written(cluster: &FakeCluster) -> FakeLog {
    let log = cluster.log("shop", "web", "app");
    let clock = cluster.clock();
    clock.set(TEN.parse().expect("a time"));
    for line in ["one", "two\n", "three"] {
        log.append(line);
        clock.advance(Duration::from_secs(60));
    }
    log
}

async fn next(lines: &mut Lines) -> String {
    lines.try_next().await.expect("a line").expect("more").to_string()
}

#[tokio::test]
async fn a_log_is_read_whole_or_in_part() {
    let cluster = cluster();
    written(&cluster);
    let pods = pods(&cluster);
    let log = || pods.log("web");
    assert_eq!(log().await.expect("a log"), "one\ntwo\nthree\n");
    assert_eq!(log().tail_lines(2).await.expect("a log"), "two\nthree\n");
    assert_eq!(log().tail_lines(0).await.expect("a log"), "");
    assert_eq!(log().tail_lines(9).await.expect("a log"), "one\ntwo\nthree\n");
    assert_eq!(log().limit_bytes(6).await.expect("a log"), "one\ntw");
    assert_eq!(log().since_seconds(130).await.expect("a log"), "two\nthree\n");
    let since = "2030-01-01T10:02:00.9Z".parse().expect("a time");
    // Servers pass whole seconds on.
    assert_eq!(log().since_time(since).await.expect("a log"), "three\n");
    assert_eq!(log().since_seconds(130).tail_lines(1).await.expect("a log"), "three\n");
    let text = pods.log("web").timestamps().tail_lines(1).await.expect("a log");
    assert_eq!(text, "2030-01-01T10:02:00.000000000Z three\n");
    let requests = cluster.requests().subresource("log");
    assert!(requests.iter().all(|request| request.status.is_some_and(|status| status == 200)), "{requests:?}");
}

#[tokio::test]
async fn lines_are_those_that_were_written_whatever_their_bytes() {
    let cluster = cluster();
    let log = cluster.log("shop", "web", "app");
    log.append("");
    let pods = pods(&cluster);
    assert_eq!(pods.log("web").await.expect("an empty log"), "");
    log.append("\n\na");
    log.append_at(TEN.parse().expect("a time"), b"\xff\xfe");
    assert_eq!(pods.log("web").bytes().await.expect("a log"), &b"\n\na\n\xff\xfe\n"[..]);
}

#[tokio::test]
async fn a_followed_log_gets_what_is_appended_until_the_container_terminates() {
    let cluster = cluster();
    let log = written(&cluster);
    let (_listener, over_a_port) = listening(&cluster).await;
    for pods in [pods(&cluster), over_a_port] {
        let mut lines = pods.log("web").follow().tail_lines(1).lines().await.expect("a log");
        assert_eq!(next(&mut lines).await, "three");
        log.append("four\nfive");
        assert_eq!((next(&mut lines).await, next(&mut lines).await), ("four".to_owned(), "five".to_owned()));
        log.restart();
        assert!(lines.next().await.is_none(), "the container has terminated");
        assert_eq!(pods.log("web").await.expect("a log"), "");
        let previous = pods.log("web").previous().await.expect("a log");
        assert!(previous.ends_with("three\nfour\nfive\n"), "{previous}");
        log.append("three");
        log.end();
        assert_eq!(pods.log("web").follow().await.expect("a log"), "three\n");
        log.restart();
        log.append("three");
    }
}

#[tokio::test]
async fn a_followed_log_ends_with_its_pod_and_with_its_limit() {
    let cluster = cluster();
    written(&cluster);
    let pods = pods(&cluster);
    assert_eq!(pods.log("web").follow().limit_bytes(4).await.expect("a log"), "one\n");
    let mut lines = pods.log("web").follow().lines().await.expect("a log");
    assert_eq!(next(&mut lines).await, "one");
    pods.delete("web").grace_period_seconds(0).await.expect("deleted");
    assert_eq!((next(&mut lines).await, next(&mut lines).await), ("two".to_owned(), "three".to_owned()));
    assert!(lines.next().await.is_none(), "the pod is deleted");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_the_servers_words() {
    let cluster = cluster();
    let pods = pods(&cluster);
    let error = pods.log("pair").await.expect_err("two containers");
    assert!(error.is_bad_request() && error.to_string().contains("choose one of: [app proxy]"), "{error}");
    let error = pods.log("web").container("nope").await.expect_err("no such container");
    assert!(error.is_bad_request() && error.to_string().contains("container nope is not valid for pod web"), "{error}");
    let error = pods.log("absent").await.expect_err("no such pod");
    assert!(error.is_not_found(), "{error}");
    let error = pods.log("web").await.expect_err("nothing was written");
    assert!(error.to_string().contains("FakeCluster::log"), "{error}");
    written(&cluster);
    let path = "/api/v1/namespaces/shop/pods/web/log";
    let error = cluster.client().get_text(path, "text/plain").await.expect_err("as of a real server");
    assert_eq!(error.status().and_then(|status| status.code), Some(406), "{error}");
    let error = pods.log("web").previous().await.expect_err("it has not restarted");
    let expected = "previous terminated container \"app\" in pod \"web\" not found";
    assert!(error.is_bad_request() && error.to_string().contains(expected), "{error}");
}

#[tokio::test]
async fn faults_of_watches_are_those_of_logs_line_by_line() {
    let cluster = cluster();
    written(&cluster);
    let pods = pods(&cluster);
    cluster.faults().on_any().subresource("log").cut_after(2);
    let mut lines = pods.log("web").follow().lines().await.expect("a log");
    assert_eq!((next(&mut lines).await, next(&mut lines).await), ("one".to_owned(), "two".to_owned()));
    assert!(lines.try_next().await.is_err(), "the connection broke");
    cluster.faults().on_any().subresource("log").end_after(1);
    assert_eq!(pods.log("web").await.expect("a log"), "one\n");
}
