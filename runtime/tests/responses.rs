//! What the client makes of responses: good ones, refusals, and what is not from an API server at all.
#![allow(missing_docs)]

mod support;

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt as _, TryStreamExt as _};
use http::Response;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{ClientBuilder, Deleted, WatchEvent};
use support::{api, chunks, json, refusal, scripted};

#[tokio::test]
async fn an_absent_object_is_none_when_asked_so_and_other_refusals_are_errors() {
    let (client, _) = scripted([refusal(404, "NotFound"), refusal(403, "Forbidden")]);
    assert_eq!(api(&client).get("a").optional().await.expect("no error"), None);
    assert!(api(&client).get("a").optional().await.expect_err("forbidden").is_forbidden());
}

#[tokio::test]
async fn an_error_names_the_operation() {
    let (client, _) = scripted([refusal(404, "NotFound")]);
    let error = api(&client).get("a").await.expect_err("not found");
    assert_eq!(error.to_string(), "GET /apis/stable.example.com/v1/namespaces/shop/crontabs/a: NotFound (404)");
}

#[tokio::test]
async fn an_error_says_when_the_server_wants_the_request_again() {
    let mut refused = refusal(429, "TooManyRequests");
    refused.headers_mut().insert("retry-after", http::HeaderValue::from_static("7"));
    let (client, _) = scripted([refused]);
    let error = api(&client).get("a").await.expect_err("too many requests");
    assert!(error.to_string().ends_with("TooManyRequests (429) (retry after 7 s)"), "{error}");
}

#[tokio::test]
async fn html_and_garbage_in_place_of_an_object_are_told() {
    let html =
        Response::builder().header("content-type", "text/html").body(Body::from("<html>login</html>")).expect("ok");
    let (client, _) =
        scripted([html, json(200, "surprise"), json(200, r#"{"metadata":{"name":7}}"#), json(200, "{\"a\":")]);
    let mut messages = Vec::new();
    for _ in 0..4 {
        let error = api(&client).get("a").await.expect_err("no object");
        assert!(error.is_decode(), "{error}");
        messages.push(error.to_string());
    }
    assert!(messages[0].contains("HTML") && messages[0].contains("login"), "{}", messages[0]);
    assert!(messages[1].contains("8 bytes of text"), "{}", messages[1]);
    assert!(messages[2].contains(".metadata.name"), "{}", messages[2]);
    assert!(messages[3].contains("GET /apis/stable.example.com"), "{}", messages[3]);
}

#[tokio::test]
async fn a_connection_that_fails_is_told_apart_from_a_refusal() {
    let (client, _) = scripted([]);
    let error = api(&client).get("a").await.expect_err("no answer");
    assert!(error.is_connection() && !error.is_api());
    assert!(error.source().is_some_and(|source| source.to_string().contains("no answer left")));
}

#[tokio::test]
async fn a_deletion_that_is_done_and_one_that_is_pending_are_told_apart() {
    let (client, _) = scripted([
        json(200, r#"{"kind":"Status","apiVersion":"v1","status":"Success"}"#),
        json(200, r#"{"kind":"CronTab","metadata":{"name":"a","deletionTimestamp":"2026-01-01T00:00:00Z"}}"#),
    ]);
    assert!(matches!(api(&client).delete("a").await, Ok(Deleted::Done(_))));
    match api(&client).delete("a").await {
        Ok(Deleted::Pending(object)) => assert!(object.metadata.deletion_timestamp.is_some()),
        other => panic!("{other:?}"),
    }
}

fn page(names: &[&str], next: &str) -> Response<Body> {
    let items: Vec<String> = names.iter().map(|name| format!(r#"{{"metadata":{{"name":"{name}"}}}}"#)).collect();
    json(
        200,
        &format!(
            r#"{{"kind":"CronTabList","metadata":{{"resourceVersion":"9","continue":"{next}"}},"items":[{}]}}"#,
            items.join(",")
        ),
    )
}

#[tokio::test]
async fn a_list_in_pages_is_one_list() {
    let (client, log) = scripted([page(&["a", "b"], "t1"), page(&["c"], "")]);
    let list = api(&client).list().page_size(2).resource_version("5").await.expect("a list");
    let names: Vec<_> = list.items.iter().map(|item| item.metadata.name.as_deref().unwrap_or("")).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(list.items[0].kind, "CronTab", "a list leaves out what its items are");
    assert_eq!(list.metadata.resource_version.as_deref(), Some("9"));
    let log = log.lock().expect("ok");
    assert!(log[0].target.ends_with("?resourceVersion=5&limit=2"), "{}", log[0].target);
    assert!(log[1].target.ends_with("?limit=2&continue=t1"), "{}", log[1].target);
}

#[tokio::test]
async fn without_page_size_one_page_is_all_that_is_fetched() {
    let (client, log) = scripted([page(&["a"], "t1")]);
    let list = api(&client).list().limit(1).await.expect("a list");
    assert_eq!((list.items.len(), list.metadata.continue_.as_deref()), (1, Some("t1")));
    assert_eq!(log.lock().expect("ok").len(), 1);
}

#[tokio::test]
async fn a_list_whose_version_is_forgotten_between_pages_is_listed_afresh() {
    let (client, log) = scripted([page(&["a"], "t1"), refusal(410, "Expired"), page(&["a", "b"], "")]);
    let list = api(&client).list().labels("x=y").page_size(1).await.expect("a list");
    assert_eq!(list.items.len(), 2);
    assert!(log.lock().expect("ok")[2].target.ends_with("crontabs?labelSelector=x%3Dy"));
}

#[tokio::test]
async fn a_stream_of_pages_fetches_no_page_before_it_is_wanted() {
    let (client, log) = scripted([page(&["a", "b"], "t1"), page(&["c"], "")]);
    let mut stream = api(&client).list().page_size(2).stream();
    assert_eq!(log.lock().expect("ok").len(), 0);
    for _ in 0..2 {
        stream.next().await.expect("an item").expect("no error");
    }
    assert_eq!(log.lock().expect("ok").len(), 1);
    assert_eq!(stream.try_collect::<Vec<_>>().await.expect("the rest").len(), 1);
}

#[tokio::test]
async fn a_stream_ends_with_the_error_of_its_page() {
    let (client, _) = scripted([page(&["a"], "t1"), refusal(410, "Expired")]);
    let items: Vec<_> = api(&client).list().page_size(1).stream().collect().await;
    assert_eq!(items.len(), 2);
    assert!(items[1].as_ref().is_err_and(|error| error.is_expired()));
}

#[tokio::test]
async fn a_watch_gives_its_events_whatever_the_chunks() {
    let (client, _) = scripted([chunks(vec![
        Ok("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"na"),
        Ok("me\":\"a\"}}}\n{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"b\"}}}\n"),
        Ok(
            "{\"object\":{\"kind\":\"CronTab\",\"metadata\":{\"resourceVersion\":\"7\",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}},\"type\":\"BOOKMARK\"}\n",
        ),
    ])]);
    let events: Vec<_> = api(&client).watch().await.expect("a watch").try_collect().await.expect("events");
    assert!(matches!(&events[0], WatchEvent::Added(object) if object.metadata.name.as_deref() == Some("a")));
    assert!(matches!(&events[1], WatchEvent::Deleted(_)));
    assert!(
        matches!(&events[2], WatchEvent::Bookmark(mark) if mark.resource_version == "7" && mark.initial_events_end())
    );
}

#[tokio::test]
async fn a_watch_cut_in_the_middle_of_an_event_gives_what_came_and_then_an_error() {
    let (client, _) = scripted([chunks(vec![Ok(
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n{\"type\":\"MODI",
    )])]);
    let events: Vec<_> = api(&client).watch().await.expect("a watch").collect().await;
    assert_eq!(events.len(), 2);
    assert!(events[0].is_ok());
    let error = events[1].as_ref().expect_err("cut");
    assert!(error.is_decode() && error.to_string().contains("truncated in the middle of an event"), "{error}");
}

#[tokio::test]
async fn a_watch_whose_connection_breaks_ends_with_that_error_and_nothing_after_it() {
    let (client, _) = scripted([chunks(vec![Ok("{\"type\":\"ADDED\",\"object\":{}}\n"), Err("reset"), Ok("x")])]);
    let events: Vec<_> = api(&client).watch().await.expect("a watch").collect().await;
    assert_eq!(events.len(), 2);
    assert!(events[1].as_ref().is_err_and(|error| error.is_connection()));
}

#[tokio::test]
async fn an_error_event_is_the_streams_error() {
    let (client, _) = scripted([chunks(vec![Ok(
        "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"too old\",\"reason\":\"Expired\",\"code\":410}}\n",
    )])]);
    let mut watch = api(&client).watch().await.expect("a watch");
    let error = watch.next().await.expect("an event").expect_err("expired");
    assert!(error.is_expired() && error.to_string().contains("too old"), "{error}");
    assert!(watch.next().await.is_none());
}

#[tokio::test]
async fn garbage_in_a_watch_is_named() {
    let (client, _) = scripted([
        chunks(vec![Ok("<html>\n")]),
        chunks(vec![Ok("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"labels\":[]}}}\n")]),
    ]);
    for expected in ["<html>", ".metadata.labels"] {
        let error = api(&client).watch().await.expect("a watch").next().await.expect("an event").expect_err("garbage");
        assert!(error.is_decode() && error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn warnings_are_handed_over() {
    let response = Response::builder()
        .header("warning", "299 - \"v1 CronTab is deprecated\"")
        .body(Body::from("{}"))
        .expect("a response");
    let response = Arc::new(Mutex::new(Some(response)));
    let service = tower::service_fn(move |_: http::Request<Body>| {
        let response = response.lock().expect("ok").take().expect("one call");
        async move { Ok::<_, std::convert::Infallible>(response) }
    });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let client = ClientBuilder::from_service(service)
        .on_warning(move |warning| sink.lock().expect("ok").push(warning.text.clone()))
        .build();
    api(&client).get("a").await.expect("an object");
    assert_eq!(*seen.lock().expect("ok"), ["v1 CronTab is deprecated"]);
}
