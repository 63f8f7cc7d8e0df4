//! What triggers reconciles besides the controller's own objects.

use std::sync::atomic::AtomicBool;

use kubewright::core::v1::{Pod, Secret};
use kubewright::meta::v1::OwnerReference;
use tokio::sync::mpsc;

use super::*;
use crate::controller::Trigger;
use crate::testing;

fn owner_reference(owner: &str, controller: Option<bool>) -> OwnerReference {
    OwnerReference {
        api_version: "v1".into(),
        kind: "ConfigMap".into(),
        name: owner.into(),
        uid: "1".into(),
        controller,
        ..Default::default()
    }
}

fn secret(name: &str, owners: &[(&str, Option<bool>)]) -> Secret {
    let mut secret = Secret { metadata: ObjectMeta::named(name).in_namespace("shop"), ..Default::default() };
    secret.metadata.owner_references =
        owners.iter().map(|(owner, controller)| owner_reference(owner, *controller)).collect();
    secret
}

fn secrets(server: &ScriptedApi) -> Api<Secret> {
    Api::namespaced(&server.client(), "shop")
}

#[tokio::test(start_paused = true)]
async fn a_child_that_changes_reconciles_its_controller_and_one_that_changes_hands_both() {
    let server = server(&["a", "b", "c"]);
    let (log, _task) = logging(controller(&server).owns(secrets(&server)));
    assert_eq!(log.take().await.len(), 3);
    server.put(&secret("child", &[("a", Some(true)), ("c", None), ("c", Some(false))]));
    assert_eq!(log.take().await, ["a"]);
    server.put(&secret("child", &[("b", Some(true))]));
    assert_eq!(log.take().await, ["a", "b"]);
    server.remove::<Secret>(Some("shop"), "child");
    assert_eq!(log.take().await, ["b"]);
    server.put(&secret("another", &[]));
    assert!(log.take().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_child_that_changes_reconciles_all_its_owners_if_asked_to() {
    let server = server(&["a", "b", "c"]);
    let children = secrets(&server);
    let (log, _task) = logging(controller(&server).owns_any(&children));
    assert_eq!(log.take().await.len(), 3);
    server.put(&secret("child", &[("a", Some(true)), ("c", None)]));
    assert_eq!(log.take().await, ["a", "c"]);
}

#[tokio::test(start_paused = true)]
async fn the_owners_of_children_that_exist_at_the_start_are_reconciled_once() {
    let server = server(&["a", "b"]);
    for name in ["one", "two"] {
        server.put(&secret(name, &[("a", Some(true))]));
    }
    let (log, _task) = logging(controller(&server).owns(secrets(&server)));
    assert_eq!(log.take().await, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_watched_object_reconciles_what_it_refers_to_and_what_it_no_longer_refers_to() {
    let server = server(&["a", "b"]);
    let refers = |to: &str| {
        let mut secret = secret("s", &[]);
        secret.metadata.annotations.insert("for", to);
        secret
    };
    let keys = |secret: &Secret| {
        secret.metadata.annotations.get("for").map(|name| ObjectKey::namespaced("shop", name.as_str()))
    };
    let (log, _task) = logging(controller(&server).watches(secrets(&server), keys));
    assert_eq!(log.take().await.len(), 2);
    server.put(&refers("a"));
    assert_eq!(log.take().await, ["a"]);
    server.put(&refers("b"));
    assert_eq!(log.take().await, ["a", "b"]);
    server.put(&refers("nothing that exists"));
    assert_eq!(log.take().await, ["b"]);
}

#[tokio::test(start_paused = true)]
async fn each_trigger_has_predicates_of_its_own() {
    let server = server(&["a"]);
    let children = Trigger::from(secrets(&server))
        .predicate(Predicate::labels())
        .predicate(Predicate::object(|secret: &Secret| !secret.metadata.labels.contains_key("ignore")));
    let (log, _task) = logging(controller(&server).owns(children));
    assert_eq!(log.take().await, ["a"]);
    let mut child = secret("child", &[("a", Some(true))]);
    server.put(&child);
    assert_eq!(log.take().await, ["a"], "created");
    server.put(&child);
    assert!(log.take().await.is_empty(), "no label changed");
    child.metadata.labels.insert("x", "1");
    server.put(&child);
    assert_eq!(log.take().await, ["a"]);
    child.metadata.labels.insert("ignore", "1");
    server.put(&child);
    assert!(log.take().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn keys_of_a_stream_are_reconciled_and_a_stream_that_ends_is_no_matter() {
    let server = server(&["a", "b"]);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let keys = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let ended = futures_util::stream::empty();
    let (log, _task) = logging(controller(&server).reconcile_on(keys).reconcile_on(ended));
    assert_eq!(log.take().await.len(), 2);
    for name in ["b", "b", "nothing that exists"] {
        sender.send(ObjectKey::namespaced("shop", name)).expect("it listens");
    }
    assert_eq!(log.take().await, ["b"]);
    drop(sender);
    server.put(&map("a"));
    assert_eq!(log.take().await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn all_objects_are_reconciled_on_a_schedule_and_for_each_item_of_a_stream() {
    let server = server(&["a", "b"]);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let all = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let (log, _task) = logging(controller(&server).schedule(SECOND * 100).reconcile_all_on(all));
    assert_eq!(log.take().await, ["a", "b"]);
    sleep(SECOND * 99).await;
    assert!(log.take().await.is_empty());
    sleep(SECOND).await;
    assert_eq!(log.take().await, ["a", "b"]);
    sender.send(()).expect("it listens");
    assert_eq!(log.take().await, ["a", "b"]);
    sleep(SECOND * 300).await;
    assert_eq!(log.take().await.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_trigger_whose_watch_fails_delays_the_start_for_a_limited_time_and_stops_nothing() {
    let server = server(&["a"]);
    let is_allowed = Arc::new(AtomicBool::new(false));
    let own = is_allowed.clone();
    server.respond(move |request| {
        let forbidden = request.path.ends_with("/secrets") && !own.load(SeqCst);
        forbidden.then(|| testing::status(403, "Forbidden"))
    });
    let (log, task) = logging(controller(&server).owns(secrets(&server)).sync_timeout(SECOND * 30));
    sleep(SECOND * 29).await;
    assert!(log.take().await.is_empty(), "its children are not known");
    sleep(SECOND).await;
    assert_eq!(log.take().await, ["a"]);
    server.put(&map("a"));
    assert_eq!(log.take().await, ["a"]);
    assert!(!task.is_finished());

    // The permission is granted.
    server.put(&secret("child", &[("a", Some(true))]));
    is_allowed.store(true, SeqCst);
    sleep(SECOND * 120).await;
    assert_eq!(log.take().await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_that_panics_costs_one_change_and_no_more() {
    let server = server(&["a"]);
    let keys = |secret: &Secret| {
        assert!(secret.metadata.name.as_deref() != Some("bad"), "a mapping with a mistake");
        [ObjectKey::namespaced("shop", "a")]
    };
    let (log, task) = logging(controller(&server).watches(secrets(&server), keys));
    assert_eq!(log.take().await, ["a"]);
    server.put(&secret("bad", &[]));
    assert!(log.take().await.is_empty());
    server.put(&secret("good", &[]));
    assert_eq!(log.take().await, ["a"]);
    assert!(!task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_or_is_always_ready_does_not_stop_the_others() {
    let server = server(&["a"]);
    let panics =
        futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<ObjectKey>> { panic!("a stream with a mistake") });
    let busy = futures_util::stream::repeat_with(|| ObjectKey::namespaced("shop", "nothing that exists"));
    // It would never let the clock go on, so it ends at some time.
    let busy = futures_util::StreamExt::take(busy, 100_000);
    let (log, task) = logging(controller(&server).reconcile_on(panics).reconcile_on(busy));
    assert_eq!(log.take().await, ["a"]);
    server.put(&map("a"));
    assert_eq!(log.take().await, ["a"]);
    assert!(!task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_cluster_scoped_owner_is_found_from_a_child_in_a_namespace() {
    let server = ScriptedApi::new();
    server.put(&kubewright::core::v1::Node { metadata: ObjectMeta::named("n1"), ..Default::default() });
    let log = Log::default();
    let own = log.clone();
    let (nodes, pods) = (Api::all(&server.client()), Api::<Pod>::all(&server.client()));
    let run = Controller::<kubewright::core::v1::Node>::new(nodes).owns(pods).run(move |_, context| {
        own.push(context.key().to_string());
        ready(Ok::<_, Infallible>(Action::done()))
    });
    tokio::spawn(run);
    assert_eq!(log.take().await, ["n1"]);
    let mut pod = Pod { metadata: ObjectMeta::named("static").in_namespace("shop"), ..Default::default() };
    let mut reference = owner_reference("n1", Some(true));
    reference.kind = "Node".into();
    pod.metadata.owner_references.push(reference);
    server.put(&pod);
    assert_eq!(log.take().await, ["n1"]);
}
