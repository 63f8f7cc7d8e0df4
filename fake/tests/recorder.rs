//! What a cluster records of requests, and its clock.
#![allow(missing_docs)]

use std::time::Duration;

use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright_fake::{FakeClock, FakeCluster, Verb};

fn config_map(name: &str) -> ConfigMap {
    ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() }
}

#[tokio::test]
async fn requests_are_recorded_with_what_they_ask_and_the_answer() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    cluster.requests().assert_count(0);
    let maps = cluster.client().core_v1().config_maps("default");
    maps.create(&config_map("a")).await.expect("created");
    maps.list().labels("app=web").await.expect("a list");
    maps.get("b").await.expect_err("not there");
    let requests = cluster.requests();
    let created = requests.writes();
    let created = created.only();
    assert_eq!((created.verb, &*created.resource, &*created.version), (Some(Verb::Create), "configmaps", "v1"));
    assert_eq!((created.namespace.as_deref(), created.name.as_deref()), (Some("default"), None));
    assert_eq!(requests.with(Verb::List).only().parameter("labelSelector"), Some("app=web"));
    let missing = requests.named("b");
    assert_eq!(missing.only().status.map(|status| status.as_u16()), Some(404));
    assert_eq!(format!("{:?}", missing.only()), "GET /api/v1/namespaces/default/configmaps/b -> 404");
    cluster.forget_requests();
    cluster.requests().assert_count(0);
}

#[tokio::test]
async fn no_more_requests_are_kept_than_wanted_and_these_are_the_latest() {
    let cluster = FakeCluster::builder().max_requests(2).build().expect("a cluster");
    let maps = cluster.client().core_v1().config_maps("default");
    for name in ["a", "b", "c"] {
        maps.create(&config_map(name)).await.expect("created");
    }
    let requests = cluster.requests();
    requests.assert_count(2);
    requests.named("a").assert_count(0);
    assert_eq!(requests.named("c").only().status.map(|status| status.as_u16()), Some(201));
    let none = FakeCluster::builder().max_requests(0).build().expect("a cluster");
    none.client().core_v1().config_maps("default").list().await.expect("a list");
    none.requests().assert_count(0);
}

#[tokio::test]
async fn a_creation_is_found_by_the_name_in_its_body_and_meets_faults_by_it() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    cluster.faults().on(Verb::Create).named("b").conflict();
    let maps = cluster.client().core_v1().config_maps("default");
    maps.create(&config_map("a")).await.expect("created");
    maps.create(&config_map("b")).await.expect_err("the fault");
    assert!(cluster.faults().is_done());
    assert_eq!(cluster.requests().with(Verb::Create).named("a").only().name, None);
    cluster.requests().named("b").assert_count(1);
}

#[tokio::test]
async fn a_field_manager_is_named_after_the_client_as_over_a_connection() {
    let client = FakeCluster::builder().build().expect("a cluster").client();
    let mut map = config_map("a");
    map.data.insert("a", "b");
    let created = client.core_v1().config_maps("default").create(&map).await.expect("created");
    let manager = created.metadata.managed_fields[0].manager.as_deref().map(str::to_owned);
    assert_eq!(manager.as_deref(), Some("kubewright"));
}

#[tokio::test]
async fn a_body_is_recorded_and_that_of_a_secret_not_shown() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let client = cluster.client();
    client.core_v1().config_maps("default").apply(&config_map("a"), "me").await.expect("applied");
    let applied = cluster.requests().with(Verb::Patch);
    assert!(applied.only().is_apply());
    assert_eq!(applied.only().json()["metadata"]["name"], "a");
    assert!(format!("{applied:?}").contains("fieldManager=me"), "{applied:?}");
    let mut secret = kubewright::core::v1::Secret { metadata: ObjectMeta::named("s"), ..Default::default() };
    secret.string_data.insert("password", "sesame");
    let _ = client.core_v1().secrets("default").create(&secret).await;
    let requests = cluster.requests().of("secrets");
    requests.assert_count(1);
    assert!(!format!("{requests:?}").contains("sesame"), "{requests:?}");
}

#[test]
#[should_panic(expected = "there are 0 such requests, not one")]
fn a_request_that_was_not_made_is_missed() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let _ = cluster.requests().with(Verb::Delete).only();
}

#[tokio::test]
async fn times_are_those_of_a_clock_that_a_test_sets() {
    let clock = FakeClock::at("2031-02-03T04:05:06.7Z".parse().expect("a time"));
    let cluster = FakeCluster::builder().clock(clock.clone()).build().expect("a cluster");
    let maps = cluster.client().core_v1().config_maps("default");
    let time = |map: &ConfigMap| {
        let created = map.metadata.creation_timestamp.as_ref().map(ToString::to_string);
        let managed = map.metadata.managed_fields.iter().filter_map(|entry| entry.time.as_ref());
        (created, managed.map(ToString::to_string).max())
    };
    let applied = |value: &str| {
        let mut map = config_map("a");
        map.data.insert("x", value);
        map
    };
    let at = |text: &str| Some(text.to_owned());
    let created = maps.apply(&applied("1"), "me").await.expect("applied");
    assert_eq!(time(&created), (at("2031-02-03T04:05:06Z"), at("2031-02-03T04:05:06Z")));
    clock.advance(Duration::from_secs(3_600));
    let changed = maps.apply(&applied("2"), "me").await.expect("applied");
    assert_eq!(time(&changed), (at("2031-02-03T04:05:06Z"), at("2031-02-03T05:05:06Z")));
    // The clock of a machine may jump back.
    cluster.clock().set("2001-01-01T00:00:00Z".parse().expect("a time"));
    let earlier = maps.create(&config_map("b")).await.expect("created");
    assert_eq!(time(&earlier).0, at("2001-01-01T00:00:00Z"));
}
