//! A client survives what goes wrong, and a watcher loses nothing.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use http::StatusCode;
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright::retry::{Backoff, RetryClass};
use kubewright::watch::WatcherEvent;
use kubewright::{Api, ModifyOutcome};
use kubewright_fake::{FakeCluster, Faults, Verb};
use tokio::time::{Instant, interval, sleep, timeout};

fn cluster() -> FakeCluster {
    FakeCluster::builder().build().expect("a cluster")
}

fn config_maps(cluster: &FakeCluster) -> Api<ConfigMap> {
    cluster.client().core_v1().config_maps("default").into()
}

fn config_map(name: &str, value: &str) -> ConfigMap {
    let mut map = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
    map.data.insert("x", value);
    map
}

fn set(value: &'static str) -> impl FnMut(&mut ConfigMap) {
    move |map| {
        map.data.insert("x", value);
    }
}

/// Adds faults.
type Inject = fn(&Faults);

/// The versions of the objects by their names.
type Versions = BTreeMap<String, String>;

fn versions<'a>(maps: impl IntoIterator<Item = &'a ConfigMap>) -> Versions {
    let text = |text: &Option<kubewright::CompactString>| text.as_deref().unwrap_or_default().to_owned();
    maps.into_iter().map(|map| (text(&map.metadata.name), text(&map.metadata.resource_version))).collect()
}

/// Watches while objects are created, changed and deleted, until the watcher knows what the server has at the end.
async fn is_followed(inject: Inject) -> bool {
    let cluster = cluster();
    let maps = config_maps(&cluster);
    for name in ["a", "b", "c"] {
        maps.create(&config_map(name, "0")).await.expect("created");
    }
    inject(&cluster.faults());
    let writer = async {
        for round in 0..6 {
            for name in ["a", "b", "c"] {
                sleep(Duration::from_millis(70)).await;
                match round % 3 {
                    0 => drop(maps.modify(name, set("1")).await.expect("changed")),
                    1 => drop(maps.delete(name).await.expect("deleted")),
                    _ => drop(maps.create(&config_map(name, "2")).await.expect("created")),
                }
            }
        }
        // As the server has them: another read might meet a fault.
        let mut expected = Versions::new();
        for name in ["a", "b", "c"] {
            expected.extend(versions([&maps.get(name).await.expect("there")]));
        }
        expected
    };
    let follower = async {
        let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(20));
        let mut events = maps.list().watcher().backoff(backoff).idle_timeout(Duration::from_secs(5));
        let (mut known, mut next, mut is_synced) = (Versions::new(), Versions::new(), false);
        let mut ticks = interval(Duration::from_millis(10));
        let mut writer = std::pin::pin!(writer);
        let mut expected = None;
        loop {
            if is_synced && expected.as_ref() == Some(&known) {
                return;
            }
            let event = tokio::select! {
                done = &mut writer, if expected.is_none() => { expected = Some(done); continue; }
                event = events.next() => event.expect("a watcher never ends").expect("an event"),
                _ = ticks.tick() => continue,
            };
            let current = if is_synced { &mut known } else { &mut next };
            match event {
                WatcherEvent::Initial(map) | WatcherEvent::Applied(map) => current.extend(versions([&map])),
                WatcherEvent::Deleted(map) => {
                    current.remove(map.metadata.name.as_deref().unwrap_or_default());
                }
                WatcherEvent::Restarted => (is_synced, next) = (false, Versions::new()),
                WatcherEvent::Synced { .. } => (is_synced, known) = (true, std::mem::take(&mut next)),
                _ => {}
            }
        }
    };
    timeout(Duration::from_secs(3_600), follower).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_watcher_survives_each_fault_and_loses_nothing() {
    let faults: &[(&str, Inject)] = &[
        ("none", |_| {}),
        ("a watch breaks", |faults| faults.on(Verb::Watch).times(6).cut_after(2)),
        ("a watch breaks after the headers", |faults| faults.on(Verb::Watch).times(3).cut_after(0)),
        ("watches end", |faults| faults.on(Verb::Watch).times(6).end_after(1)),
        ("an expired version, as an event", |faults| faults.on(Verb::Watch).nth(2).times(2).expire_after(1)),
        ("the first watch breaks and the next is answered with 410", |faults| {
            faults.on(Verb::Watch).cut_after(4);
            faults.on(Verb::Watch).gone();
        }),
        ("no connection", |faults| faults.on(Verb::Watch).times(3).refuse()),
        ("429", |faults| faults.on(Verb::Watch).times(2).too_many_requests(Duration::from_secs(1))),
        ("500", |faults| faults.on(Verb::Watch).times(2).internal_error()),
        ("slow bytes", |faults| faults.on(Verb::Watch).always().slow(40, Duration::from_millis(3))),
        ("a peer that vanished", |faults| faults.on(Verb::Watch).times(2).stall_after(3)),
        ("a late answer", |faults| faults.on(Verb::Watch).times(2).delay(Duration::from_millis(300))),
        ("a server that ignores sendInitialEvents", |faults| faults.on(Verb::Watch).always().without_initial_events()),
        ("lists of the past", |faults| {
            faults.on(Verb::Watch).always().without_initial_events();
            faults.on(Verb::List).always().stale(2);
        }),
        ("everything", |faults| {
            faults.on(Verb::Watch).times(2).cut_after(1);
            faults.on(Verb::Watch).internal_error();
            faults.on(Verb::Watch).expire_after(2);
            faults.on(Verb::Watch).stall_after(0);
            faults.on(Verb::Watch).too_many_requests(Duration::from_secs(2));
            faults.on(Verb::Watch).slow(1, Duration::from_micros(10));
        }),
    ];
    for (name, inject) in faults {
        assert!(is_followed(*inject).await, "{name}: the watcher does not know what the server has");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modification_survives_a_conflict_on_the_second_update() {
    let cluster = cluster();
    let maps = config_maps(&cluster);
    maps.create(&config_map("a", "0")).await.expect("created");
    cluster.faults().on(Verb::Update).of("configmaps").nth(2).conflict();
    for value in ["1", "2"] {
        let outcome = maps.modify("a", set(value)).await.expect("changed");
        assert!(matches!(outcome, ModifyOutcome::Changed(_)), "{outcome:?}");
    }
    let updates = cluster.requests().with(Verb::Update);
    let answers: Vec<_> = updates.iter().filter_map(|request| request.status).collect();
    assert_eq!(answers, [StatusCode::OK, StatusCode::CONFLICT, StatusCode::OK], "{updates:?}");
    assert_eq!(updates[2].json()["data"]["x"], "2");
    assert!(cluster.faults().is_done());
}

#[tokio::test]
async fn too_many_requests_say_when_to_try_again() {
    let cluster = cluster();
    cluster.faults().on(Verb::List).times(2).too_many_requests(Duration::from_secs(3));
    let request = http::Request::get("/api/v1/configmaps").body(kubewright::transport::Body::empty());
    let response = cluster.client().send(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "3");
    let error = config_maps(&cluster).list().await.expect_err("the second");
    assert_eq!(error.retry_class(), RetryClass::Throttled);
    config_maps(&cluster).list().await.expect("the third");
}

#[tokio::test]
async fn a_lost_answer_is_an_error_of_a_write_that_was_done() {
    let cluster = cluster();
    let maps = config_maps(&cluster);
    cluster.faults().on(Verb::Create).lose_answer();
    assert!(maps.create(&config_map("a", "0")).await.is_err());
    assert_eq!(cluster.requests().with(Verb::Create)[0].status, None);
    assert!(maps.create(&config_map("a", "0")).await.expect_err("it is there").is_already_exists());
    cluster.faults().on(Verb::Delete).times(10).refuse();
    assert!(maps.delete("a").await.is_err());
    assert!(maps.get("a").await.is_ok(), "nothing was done");
}

#[tokio::test]
async fn a_fault_is_for_the_requests_that_it_names() {
    let cluster = cluster();
    let maps = config_maps(&cluster);
    for name in ["a", "b"] {
        maps.create(&config_map(name, "0")).await.expect("created");
    }
    cluster.faults().on(Verb::Get).of("configmaps").in_namespace("default").named("b").error(
        StatusCode::FORBIDDEN,
        "Forbidden",
        "not you",
    );
    cluster.faults().on_any().of("leases.coordination.k8s.io").always().internal_error();
    maps.get("a").await.expect("another name");
    assert!(!cluster.faults().is_done());
    assert!(maps.get("b").await.expect_err("the fault").to_string().contains("not you"));
    maps.get("b").await.expect("once");
    assert!(cluster.faults().is_done(), "what always occurs does not count");
    let leases = cluster.client().coordination_v1().leases("default");
    cluster.faults().clear();
    leases.list().await.expect("no fault is left");
}

#[test]
fn faults_that_have_not_occurred_are_told() {
    let faults = cluster().faults();
    faults.assert_done();
    faults.on_any().always().refuse();
    faults.assert_done();
    faults.on(Verb::Update).of("configmap").named("a").nth(2).conflict();
    faults.on_any().in_namespace("shop").times(3).delay(Duration::from_secs(1));
    let panic = std::panic::catch_unwind(|| faults.assert_done()).expect_err("two have not occurred");
    let told = panic.downcast_ref::<String>().expect("a message");
    assert_eq!(
        told,
        "faults that have not occurred:\n\
         update of \"configmap\" named \"a\": answer 409: Operation cannot be fulfilled on configmap \"a\": the object has been \
         modified; please apply your changes to the latest version and try again, after 1 more such requests\n\
         any request in namespace \"shop\": delay by 1s, 3 times"
    );
}

#[tokio::test]
async fn a_stale_read_sees_the_objects_of_before() {
    let cluster = cluster();
    let maps = config_maps(&cluster);
    let before = maps.create(&config_map("a", "0")).await.expect("created");
    maps.modify("a", set("1")).await.expect("changed");
    cluster.faults().on(Verb::Get).stale(1);
    let stale = maps.get("a").await.expect("there");
    assert_eq!(stale.metadata.resource_version, before.metadata.resource_version);
    assert_eq!(maps.get("a").await.expect("there").data.get("x").map(|value| value.as_str()), Some("1"));
    cluster.faults().on(Verb::List).stale(2);
    assert_eq!(maps.list().await.expect("a list").items.len(), 0, "before it was created");
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_arrives_whole() {
    let cluster = cluster();
    let maps = config_maps(&cluster);
    maps.create(&config_map("a", &"x".repeat(1_000))).await.expect("created");
    cluster.faults().on(Verb::Get).slow(100, Duration::from_millis(50));
    let start = Instant::now();
    let map = maps.get("a").await.expect("there");
    assert_eq!(map.data.get("x").map(|value| value.len()), Some(1_000));
    assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
}
