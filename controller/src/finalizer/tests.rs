//! Finalizers against an API server that applies the patches as the real one does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use kubewright::Api;
use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::ObjectMeta;
use kubewright::types::Time;
use serde_json::Value;

use super::{Event, FinalizerError, finalizer, is_qualified};
use crate::action::Action;
use crate::testing::{ScriptedApi, SentRequest, json, status};

const NAME: &str = "shop.example.com/bucket";

fn map(finalizers: &[&str]) -> ConfigMap {
    let mut map = ConfigMap { metadata: ObjectMeta::named("a").in_namespace("shop"), ..Default::default() };
    map.metadata.uid = Some("one".into());
    map.metadata.finalizers = finalizers.iter().map(|name| (*name).into()).collect();
    map
}

fn deleting(finalizers: &[&str]) -> ConfigMap {
    let mut map = map(finalizers);
    map.metadata.deletion_timestamp = Some(Time::from_unix(1, 0));
    map
}

/// A server that carries out JSON patches of what it has: as much of RFC 6902 as is sent here.
fn server(object: Option<&ConfigMap>) -> ScriptedApi {
    let server = ScriptedApi::new();
    if let Some(object) = object {
        server.put(object);
    }
    let own = server.clone();
    server.respond(move |request| (request.method == "PATCH").then(|| patch(&own, request)));
    server
}

fn stored(server: &ScriptedApi) -> Option<ConfigMap> {
    server.get(Some("shop"), "a")
}

fn patch(server: &ScriptedApi, request: &SentRequest) -> http::Response<kubewright::transport::Body> {
    assert_eq!(request.content_type, "application/json-patch+json");
    let Some(stored) = stored(server) else { return status(404, "NotFound") };
    let text = kubewright::json::to_vec(&stored).expect("JSON");
    let mut object: Value = serde_json::from_slice(&text).expect("JSON");
    let had_none = stored.metadata.finalizers.is_empty();
    for operation in request.json().as_array().expect("operations") {
        let path = operation["path"].as_str().expect("a path");
        let value = &operation["value"];
        let known = object.pointer(path).cloned().unwrap_or_default();
        match operation["op"].as_str().expect("an operation") {
            "test" if known == *value => {}
            "test" => return status(422, "Invalid"),
            "add" if stored.metadata.deletion_timestamp.is_some() => return status(422, "Invalid"),
            "add" if path.ends_with("/-") => {
                object["metadata"]["finalizers"].as_array_mut().expect("a list").push(value.clone());
            }
            "add" => object["metadata"]["finalizers"] = value.clone(),
            "remove" => {
                let index: usize = path.rsplit('/').next().and_then(|index| index.parse().ok()).expect("an index");
                object["metadata"]["finalizers"].as_array_mut().expect("a list").remove(index);
            }
            other => panic!("{other}"),
        }
    }
    let mut patched: ConfigMap = kubewright::json::from_str(&object.to_string()).expect("a ConfigMap");
    if patched.metadata.deletion_timestamp.is_some() && patched.metadata.finalizers.is_empty() && !had_none {
        server.remove::<ConfigMap>(Some("shop"), "a");
    } else {
        patched = server.put(&patched);
    }
    json(200, &serde_json::from_slice(&kubewright::json::to_vec(&patched).expect("JSON")).expect("JSON"))
}

fn api(server: &ScriptedApi) -> Api<ConfigMap> {
    Api::namespaced(&server.client(), "shop")
}

/// What a reconcile was called for, and what it returned.
async fn reconcile(
    server: &ScriptedApi,
    cached: ConfigMap,
    result: Result<Action, &'static str>,
) -> (Option<&'static str>, Result<Action, FinalizerError<&'static str>>) {
    let mut called = None;
    let result = finalizer(&api(server), NAME, Arc::new(cached), |event| {
        called = Some(match &event {
            Event::Apply(object) => {
                assert!(object.metadata.finalizers.iter().any(|known| known == NAME), "first the finalizer");
                "apply"
            }
            Event::Cleanup(_) => "cleanup",
        });
        async move { result }
    })
    .await;
    (called, result)
}

fn finalizers(server: &ScriptedApi) -> Vec<String> {
    stored(server).map(|map| map.metadata.finalizers.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

#[tokio::test]
async fn nothing_is_done_for_an_object_before_the_server_has_its_finalizer() {
    for before in [&[][..], &["other.example.com/x"]] {
        let server = server(Some(&map(before)));
        let (called, result) = reconcile(&server, map(before), Ok(Action::done())).await;
        assert_eq!(called, Some("apply"));
        assert_eq!(result.expect("reconciled"), Action::done());
        assert_eq!(finalizers(&server), [before, &[NAME]].concat());
        assert_eq!(server.requests().len(), 1, "{:?}", server.requests());
    }
    // Another time, without a request.
    let server = server(Some(&map(&[NAME])));
    assert_eq!(reconcile(&server, map(&[NAME]), Ok(Action::done())).await.0, Some("apply"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn nothing_is_done_if_the_finalizer_cannot_be_added() {
    let server = server(Some(&map(&[])));
    server.respond(|request| (request.method == "PATCH").then(|| status(403, "Forbidden")));
    let (called, result) = reconcile(&server, map(&[]), Ok(Action::done())).await;
    assert_eq!(called, None);
    assert!(matches!(result, Err(FinalizerError::Add(error)) if error.is_forbidden()));

    // A rejection that does not come from a change is no reason to try again.
    server.respond(|request| (request.method == "PATCH").then(|| status(422, "Invalid")));
    let cached = stored(&server).expect("the object");
    let before = server.writes().len();
    let (called, result) = reconcile(&server, cached, Ok(Action::done())).await;
    assert_eq!((called, server.writes().len() - before), (None, 1));
    assert!(matches!(result, Err(FinalizerError::Add(error)) if error.is_invalid()));
}

#[tokio::test]
async fn a_stale_cache_adds_no_finalizer_twice_and_takes_none_away() {
    // Meanwhile another one was added, or ours.
    for (now, then) in [
        (&["other.example.com/x"][..], vec!["other.example.com/x", NAME]),
        (&[NAME][..], vec![NAME]),
        (&["a.example.com/a", NAME][..], vec!["a.example.com/a", NAME]),
    ] {
        let server = server(Some(&map(now)));
        let (called, result) = reconcile(&server, map(&[]), Ok(Action::done())).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(called, Some("apply"));
        assert_eq!(finalizers(&server), then);
    }
}

#[tokio::test]
async fn an_object_that_is_deleted_while_the_finalizer_is_added_is_left_to_its_own_event() {
    for now in [None, Some(deleting(&["other.example.com/x"])), Some(deleting(&[NAME]))] {
        let server = server(now.as_ref());
        let (called, result) = reconcile(&server, map(&[]), Ok(Action::done())).await;
        assert_eq!((called, result.expect("skipped")), (None, Action::done()), "{now:?}");
    }
}

#[tokio::test]
async fn the_finalizer_is_removed_when_the_cleanup_has_succeeded_and_the_others_stay() {
    let all = ["a.example.com/a", NAME, "b.example.com/b"];
    let server = server(Some(&deleting(&all)));
    let (called, result) = reconcile(&server, deleting(&all), Ok(Action::done())).await;
    assert_eq!((called, result.expect("cleaned up")), (Some("cleanup"), Action::done()));
    assert_eq!(finalizers(&server), ["a.example.com/a", "b.example.com/b"]);
}

#[tokio::test]
async fn the_finalizer_stays_while_the_cleanup_fails_or_has_more_to_do() {
    let server = server(Some(&deleting(&[NAME])));
    let (called, result) = reconcile(&server, deleting(&[NAME]), Err("no")).await;
    assert_eq!(called, Some("cleanup"));
    assert!(matches!(result, Err(FinalizerError::Cleanup("no"))));
    let later = Action::requeue_after(Duration::from_secs(5));
    let (called, result) = reconcile(&server, deleting(&[NAME]), Ok(later)).await;
    assert_eq!((called, result.expect("more to do")), (Some("cleanup"), later));
    assert_eq!(finalizers(&server), [NAME]);
    let (called, _) = reconcile(&server, deleting(&[NAME]), Ok(Action::done())).await;
    assert_eq!((called, stored(&server)), (Some("cleanup"), None));
}

#[tokio::test]
async fn the_cleanup_does_not_run_again_for_an_object_that_only_the_cache_still_has() {
    let mut again = deleting(&[NAME]);
    again.metadata.uid = Some("two".into());
    for now in [None, Some(deleting(&["other.example.com/x"])), Some(again)] {
        let server = server(now.as_ref());
        let (called, result) = reconcile(&server, deleting(&[NAME]), Ok(Action::done())).await;
        assert_eq!((called, result.expect("skipped")), (None, Action::done()), "{now:?}");
        assert!(server.writes().is_empty());
    }
}

#[tokio::test]
async fn an_object_that_is_deleted_without_the_finalizer_is_skipped_without_a_request() {
    let server = server(Some(&deleting(&["other.example.com/x"])));
    let (called, result) = reconcile(&server, deleting(&["other.example.com/x"]), Ok(Action::done())).await;
    assert_eq!((called, result.expect("skipped")), (None, Action::done()));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_finalizer_that_moves_during_the_cleanup_is_found_and_no_other_is_removed() {
    let server = server(Some(&deleting(&["a.example.com/a", NAME, "b.example.com/b"])));
    let (own, api) = (server.clone(), api(&server));
    let result = finalizer(&api, NAME, Arc::new(deleting(&[NAME])), |_| async move {
        own.put(&deleting(&[NAME, "b.example.com/b"]));
        Ok::<_, &str>(Action::done())
    });
    assert_eq!(result.await.expect("cleaned up"), Action::done());
    assert_eq!(finalizers(&server), ["b.example.com/b"]);
}

#[tokio::test]
async fn the_finalizer_of_an_object_that_was_created_again_during_the_cleanup_stays() {
    let server = server(Some(&deleting(&[NAME])));
    let (own, api) = (server.clone(), api(&server));
    let result = finalizer(&api, NAME, Arc::new(deleting(&[NAME])), |_| async move {
        let mut again = map(&[NAME]);
        again.metadata.uid = Some("two".into());
        own.put(&again);
        Ok::<_, &str>(Action::done())
    });
    assert_eq!(result.await.expect("cleaned up"), Action::done());
    assert_eq!(finalizers(&server), [NAME]);
}

#[tokio::test]
async fn an_object_that_changes_without_end_is_an_error_and_no_endless_loop() {
    let server = server(Some(&map(&[])));
    let (own, count) = (server.clone(), Arc::new(AtomicU32::new(0)));
    server.respond(move |request| {
        (request.method == "PATCH").then(|| {
            own.put(&map(&[&format!("x.example.com/{}", count.fetch_add(1, Relaxed))]));
            status(409, "Conflict")
        })
    });
    let (called, result) = reconcile(&server, map(&[]), Ok(Action::done())).await;
    assert_eq!((called, server.writes().len()), (None, 5));
    assert!(matches!(result, Err(FinalizerError::Add(error)) if error.is_conflict()));
}

#[tokio::test]
async fn a_name_that_kubernetes_would_reject_is_an_error_before_any_request() {
    let names = ["a.b/c", "example.com/Clean_up.1"];
    assert!(names.iter().all(|name| is_qualified(name)));
    for name in ["", "cleanup", "/x", "example.com/", "example.com/a/b", "Example.com/a", "example.com/-a", "a b/c"] {
        assert!(!is_qualified(name), "{name}");
    }
    let api = api(&server(None));
    let result = finalizer(&api, "cleanup", Arc::new(map(&[])), |_| async { Ok::<_, &str>(Action::done()) });
    let error = result.await.expect_err("a name without a domain");
    assert!(error.to_string().starts_with("\"cleanup\" can't be a finalizer"), "{error}");
}
