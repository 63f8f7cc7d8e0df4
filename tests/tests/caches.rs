//! Caches: against a server whose watches the test writes, and against a real one.
#![allow(missing_docs)]

#[path = "caches/breaks.rs"]
mod breaks;
#[path = "caches/real.rs"]
mod real;
#[path = "caches/server.rs"]
mod server;

use std::time::Duration;

use futures_util::StreamExt as _;
use kubewright::core::v1::{ConfigMap, Node};
use kubewright_controller::store::Stopped;
use kubewright_controller::{Cache, Change, ObjectKey, Reflector, Store};
use kubewright_runtime::{Api, DynamicResource};
use serde_json::json;
use server::Server;

fn names<K: kubewright::Object>(store: &Store<K>) -> Vec<String> {
    store.list().iter().filter_map(|object| Some(object.metadata().name.as_ref()?.to_string())).collect()
}

#[tokio::test]
async fn all_users_of_a_kind_share_one_watch_which_stops_with_the_last_of_them() {
    let server = Server::new();
    let cache = Cache::new(&server.client());
    let one = cache.of::<ConfigMap>().labels("app in (web), !canary").store();
    // Another text of the same selector, in another clone.
    let other = cache.clone().of::<ConfigMap>().labels("app in (web),!canary").store();
    let mut watch = server.next_watch().await;
    assert!(watch.path.contains("labelSelector=app%20in%20(web),!canary&"), "{}", watch.path);
    watch.added("a", 1);
    watch.synced(5);
    one.wait_synced().await.expect("synced");
    assert!(std::sync::Arc::ptr_eq(
        &one.get(&ObjectKey::namespaced("shop", "a")).expect("a"),
        &other.get(&ObjectKey::namespaced("shop", "a")).expect("a")
    ));
    assert_eq!((cache.running(), server.watches()), (1, 1));

    drop(one);
    let (index, subscription) = (other.index(|_: &ConfigMap| Some(())), other.subscribe());
    drop(other);
    watch.added("b", 6);
    index.store().wait_for("6").await.expect("it still runs");
    drop(index);
    assert_eq!(cache.running(), 1, "a subscription is a user");
    drop(subscription);
    assert_eq!(cache.running(), 0);
    // The connection is closed.
    watch.dropped().await;

    let again = cache.of::<ConfigMap>().labels("app in (web),!canary").store();
    assert!(again.is_empty() && !again.is_synced());
    server.next_watch().await.synced(9);
    again.wait_synced().await.expect("synced");
    assert_eq!(server.watches(), 2);
}

#[tokio::test]
async fn requests_that_differ_have_a_watch_each() {
    let server = Server::new();
    let cache = Cache::new(&server.client());
    let maps = || cache.of::<ConfigMap>();
    let stores = [
        maps().store(),
        maps().namespace("shop").store(),
        maps().labels("a=b").store(),
        maps().fields("metadata.name=a").store(),
        maps().without_managed_fields().store(),
        maps().drop_fields(&[".data"]).store(),
        maps().packed().store(),
    ];
    let resource = DynamicResource {
        group: String::new(),
        version: "v1".into(),
        kind: "ConfigMap".into(),
        plural: "configmaps".into(),
        namespaced: true,
    };
    let dynamic = cache.dynamic(&resource).namespace("shop").store();
    let metadata = [cache.metadata::<ConfigMap>().store(), cache.dynamic_metadata(&resource).store()];
    let nodes = cache.metadata::<Node>().store();
    // The two of metadata are one: the resource is the same, and so is the type of the objects.
    assert_eq!(cache.running(), 10);
    assert_eq!(cache.of::<ConfigMap>().page_size(10).store().len(), 0);
    assert_eq!(cache.running(), 10);
    drop((stores, dynamic, metadata, nodes));
    assert_eq!(cache.running(), 0);
}

#[tokio::test]
async fn a_stopped_reflector_is_not_handed_out_again() {
    let server = Server::new();
    let cache = Cache::new(&server.client());
    let broken = || cache.of::<ConfigMap>().drop_fields(&[".nonsense"]).store();
    let store = broken();
    let stopped = store.stopped().await;
    assert!(stopped.cause().is_some_and(|error| error.to_string().contains("nonsense")), "{stopped:?}");
    let again = broken();
    assert!(!again.is_stopped(), "a new one, which has not tried yet");
    assert_eq!(server.watches(), 0);
}

#[tokio::test]
async fn skipped_fields_are_not_in_the_store() {
    let server = Server::new();
    let cache = Cache::new(&server.client());
    let store = cache.of::<ConfigMap>().without_managed_fields().drop_fields(&[".data"]).store();
    let mut watch = server.next_watch().await;
    let metadata = json!({
        "name": "a", "namespace": "shop", "resourceVersion": "1", "uid": "a",
        "managedFields": [{ "manager": "m", "operation": "Update" }],
    });
    watch.send("ADDED", &json!({ "metadata": metadata, "data": { "x": "y" }, "immutable": true }));
    watch.synced(5);
    store.wait_synced().await.expect("synced");
    let object = store.get(&ObjectKey::namespaced("shop", "a")).expect("a");
    assert!(object.metadata.managed_fields.is_empty() && object.data.is_empty());
    assert_eq!(object.immutable, Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_store_survives_cuts_and_a_relist_emits_the_deletions() {
    let server = Server::new();
    let maps = Api::<ConfigMap>::all(&server.client());
    let (store, driver) = Reflector::new(maps.list().watcher()).start();
    let driver = tokio::spawn(driver);
    let mut changes = store.subscribe();
    let mut watch = server.next_watch().await;
    for (name, version) in [("a", 1), ("b", 2), ("c", 3)] {
        watch.added(name, version);
    }
    watch.synced(5);
    store.wait_synced().await.expect("synced");
    watch.cut();
    let mut watch = server.next_watch().await;
    assert!(watch.path.contains("resourceVersion=5"), "{}", watch.path);
    assert!(store.last_error().is_some() && store.is_synced());
    watch.send(
        "ERROR",
        &json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410, "reason": "Expired" }),
    );
    let mut watch = server.next_watch().await;
    watch.added("a", 1);
    watch.added("c", 11);
    watch.synced(12);
    store.wait_for("12").await.expect("listed again");
    assert_eq!(names(&store), ["a", "c"]);
    assert!(store.last_error().is_none());
    let mut words = Vec::new();
    for _ in 0..3 {
        words.push(match changes.next().await.expect("a change") {
            Change::Applied { object, previous, .. } => {
                format!(
                    "{} {}",
                    if previous.is_some() { "modified" } else { "added" },
                    object.metadata.name.as_deref().expect("a name")
                )
            }
            Change::Deleted(object) => format!("deleted {}", object.metadata.name.as_deref().expect("a name")),
            other => format!("{other:?}"),
        });
    }
    // It polled nothing before the relist: what it then gets is coalesced, and the deletion of b is of an object that it
    // never received.
    assert_eq!(words, ["added a", "added c", "Synced"]);
    drop((store, changes));
    driver.await.expect("no panic").expect("it ends with its last user");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_driver_stops_the_store() {
    let server = Server::new();
    let maps = Api::<ConfigMap>::all(&server.client());
    let (store, driver) = Reflector::new(maps.list().watcher()).start();
    drop(driver);
    let stopped: Stopped = store.wait_synced().await.expect_err("stopped");
    assert!(stopped.cause().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_error_that_ends_the_watch_is_the_result_of_the_driver_and_the_cause_of_the_stop() {
    let server = Server::refusing(403);
    let maps = Api::<ConfigMap>::all(&server.client());
    let (store, driver) = Reflector::new(maps.list().watcher().end_on_permanent_errors()).start();
    let error = tokio::time::timeout(Duration::from_secs(60), driver).await.expect("in time").expect_err("403");
    assert!(error.cause().is_some_and(|error| error.is_forbidden()), "{error:?}");
    assert!(store.stopped().await.cause().is_some_and(|error| error.is_forbidden()));
}
