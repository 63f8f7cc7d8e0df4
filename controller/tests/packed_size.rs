//! What a cache of pods takes, plain and packed, by a counting allocator; and how long a read takes.
//!
//! The pods are those of the benchmark, as they run. `docs/controllers.md` has the figures, of a release build:
//!
//! ```sh
//! cargo test --release -p kubewright-controller --test packed_size -- --nocapture
//! ```
#![allow(missing_docs)]

use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream;
use kubewright::core::v1::Pod;
use kubewright::watch::WatcherEvent;
use kubewright_controller::{ObjectKey, Reflector, Store};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Fewer without optimization, where most of the time goes into making them.
const PODS: usize = if cfg!(debug_assertions) { 2_000 } else { 10_000 };

/// What client-go holds of such a pod, without managedFields: `docs/performance.md`, 147 MB of 10,000.
const CLIENT_GO: usize = 14_700;

const POD: &str = include_str!("../../xtask/src/bench/peers/ours/pod.yaml");

const STATUS: &str = r#"
status:
  phase: Running
  qosClass: Burstable
  hostIP: 10.0.0.NODE
  hostIPs: [{ip: 10.0.0.NODE}]
  podIP: 10.244.NODE.INDEX
  podIPs: [{ip: 10.244.NODE.INDEX}]
  startTime: "2026-11-20T08:11:11Z"
  conditions:
    - {type: Initialized, status: "True", lastProbeTime: null, lastTransitionTime: "2026-11-20T08:11:11Z"}
    - {type: PodScheduled, status: "True", lastProbeTime: null, lastTransitionTime: "2026-11-20T08:11:11Z"}
    - {type: ContainersReady, status: "True", lastProbeTime: null, lastTransitionTime: "2026-11-20T09:11:11Z"}
    - {type: Ready, status: "True", lastProbeTime: null, lastTransitionTime: "2026-11-20T09:11:11Z"}
  containerStatuses:
    - name: web
      image: registry.example.com/shop/web:2.14.3
      imageID: registry.example.com/shop/web@sha256:4c1f6a1d9f0e7b7a3c3f7c0a1b2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f
      containerID: "containerd://HASHHASHHASHHASH"
      ready: true
      started: true
      restartCount: 0
      state: {running: {startedAt: "2026-11-20T09:11:11Z"}}
      lastState: {}
    - name: proxy
      image: registry.example.com/mesh/proxy:1.29.1
      imageID: registry.example.com/mesh/proxy@sha256:5d2f6a1d9f0e7b7a3c3f7c0a1b2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f
      containerID: "containerd://HASHHASHHASHHASI"
      ready: true
      started: true
      restartCount: 0
      state: {running: {startedAt: "2026-11-20T09:11:11Z"}}
      lastState: {}
"#;

/// The pod as a server stores it: with a uid, times, addresses and ids of its own.
fn pod(template: &Pod, index: usize) -> Pod {
    let mut random = fastrand::Rng::with_seed(index as u64);
    let mut hash = || format!("{:016x}{:016x}", random.u64(..), random.u64(..));
    let uid = hash();
    let own = |text: &str| {
        let time = format!("{:02}:{:02}", index / 60 % 60, index % 60);
        let address = (index % 250).to_string();
        text.replace("INDEX", &address)
            .replace("NODE", &(index % 2 + 1).to_string())
            .replace(":11:11Z", &format!(":{time}Z"))
    };
    let mut pod = template.clone();
    let metadata = &mut pod.metadata;
    metadata.name = Some(format!("web-{index}").into());
    metadata.namespace = Some("bench-10000".into());
    metadata.uid =
        Some(format!("{}-{}-4{}-9{}-{}", &uid[..8], &uid[8..12], &uid[13..16], &uid[17..20], &uid[20..32]).into());
    metadata.resource_version = Some((100_000 + index * 7).to_string().into());
    metadata.generation = Some(1);
    let time = own("2026-11-20T08:11:11Z").parse().expect("a time");
    metadata.creation_timestamp = Some(time);
    pod.spec.node_name = Some(own("node-NODE").into());
    let mut status =
        kubewright::json::to_vec(&pod.status).map(|json| String::from_utf8(json).expect("UTF-8")).expect("JSON");
    for _ in 0..2 {
        status = status.replacen("HASHHASHHASHHAS", &format!("{}{}", hash(), hash()), 1);
    }
    pod.status = kubewright::json::from_str(&own(&status)).expect("a status");
    pod
}

fn in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Bytes for each pod of a store, and the store. Its pods were listed twice.
async fn size(template: &Pod, is_packed: bool) -> (usize, Store<Pod>) {
    let before = in_use();
    let list = |version: &str| {
        let template = template.clone();
        let pods = (0..PODS).map(move |index| WatcherEvent::Initial(pod(&template, index)));
        pods.chain([WatcherEvent::Synced { resource_version: version.to_owned() }])
    };
    // Of each event: whatever is held for the time of a list shows before its end.
    let most = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let counted = |events: Box<dyn Iterator<Item = _> + Send>, list: usize| {
        let most = most.clone();
        events.map(move |event| {
            most[list].fetch_max(in_use(), Ordering::Relaxed);
            Ok(event)
        })
    };
    let first = counted(Box::new(list("1000000")), 0);
    let again = counted(Box::new([WatcherEvent::Restarted].into_iter().chain(list("1000001"))), 1);
    let reflector = Reflector::new(stream::iter(first.chain(again)));
    let (store, driver) = if is_packed { reflector.packed() } else { reflector }.start();
    driver.await.expect("the stream ends");
    assert_eq!(store.len(), PODS);
    let [first, again] = [0, 1].map(|list| most[list].load(Ordering::Relaxed) - before);
    println!("the most at one time: {first} bytes in the first list, {again} in the second");
    // Objects that did not change need no memory, and there is no second collection.
    assert!(again <= first + first / 50, "{again} after {first}");
    ((in_use() - before) / PODS, store)
}

/// The median and the 99th of 100 of reads in any order.
fn reads(store: &Store<Pod>) -> (Duration, Duration) {
    let mut random = fastrand::Rng::with_seed(1);
    let mut times: Vec<Duration> = (0..2_000)
        .map(|_| {
            let key = ObjectKey::namespaced("bench-10000", format!("web-{}", random.usize(..PODS)));
            let start = Instant::now();
            let pod = store.get(&key);
            let time = start.elapsed();
            assert!(pod.is_some());
            time
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

#[tokio::test]
async fn a_packed_pod_takes_less_than_a_fifth_of_what_client_go_holds_of_it() {
    let template: Pod = kubewright::yaml::from_str(&format!("{POD}{STATUS}")).expect("a pod");
    let (plain, store) = size(&template, false).await;
    println!("plain: {plain} bytes for each pod; a read: {:?} (p50, p99)", reads(&store));
    let (own, others) = (store.get(&ObjectKey::namespaced("bench-10000", "web-7")).expect("there"), store.list());
    drop((store, others));
    let (packed, store) = size(&template, true).await;
    println!("packed: {packed} bytes for each pod; a read: {:?} (p50, p99)", reads(&store));
    println!("client-go: {CLIENT_GO} bytes for each pod; packed / client-go: {:.3}", packed as f64 / CLIENT_GO as f64);

    let read = store.get(&ObjectKey::namespaced("bench-10000", "web-7")).expect("there");
    let json = |pod: &Pod| String::from_utf8(kubewright::json::to_vec(pod).expect("JSON")).expect("UTF-8");
    assert_eq!(json(&read), json(&own));
    assert!(packed < CLIENT_GO / 5, "{packed}");
    // In the plain store, the pods themselves are nearly everything.
    assert!(plain < CLIENT_GO, "{plain}");
}
