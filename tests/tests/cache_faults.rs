//! Caches of a real server through a network that breaks, while the server is killed and its history compacted: they end equal
//! to the server, and their memory is flat.
//!
//! Four caches, plain and packed, two of them with an index, follow the same objects, each through a proxy of its own: over
//! HTTP/2 and HTTP/1.1, in protobuf and in JSON, and listing in pages where a fault has them list. To them happens what
//! happens to the watchers of `watch_faults`, a thousand times in all, while 10,000 changes are made; three times kube-apiserver
//! is killed and started again, and etcd is compacted each time that an eighth of the faults is over. It is a cluster of this
//! test's own.
//!
//! - Nothing is lost, comes twice or out of order: the watch that fills a cache is looked at event by event, and so are the
//!   changes that a subscriber gets.
//! - What an index returns for a key has that key, at any time.
//! - Memory: the heap that the process holds, counted by the allocator, comes back to what it was before the first fault,
//!   give or take 4 MiB. If a change or a fault left behind as little as a kilobyte, or a connection, that would never be.
//!
//! A failure tells its seed. Another one, and more of everything:
//!
//! ```sh
//! KUBEWRIGHT_SEED=0x2a KUBEWRIGHT_FAULTS=10000 KUBEWRIGHT_CHANGES=100000 cargo test -p kubewright-tests --test cache_faults
//! ```
#![allow(missing_docs)]

#[path = "caches/cached.rs"]
mod cached;
#[path = "watch_faults/faults.rs"]
mod faults;
#[path = "watch_faults/follower.rs"]
mod follower;
#[path = "watch_faults/proxy.rs"]
mod proxy;
#[path = "watch_faults/writer.rs"]
mod writer;

use std::alloc::System;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMap;
use kubewright_controller::{Index, Reflector};
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::transport::Alpn;
use kubewright_runtime::{Client, Encoding};
use kubewright_testbed::{Binaries, Cluster, or_skip};
use kubewright_tests::{client, config, namespace, number};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use cached::{Cached, Objects, count, state};
use faults::Plan;
use follower::Follower;
use writer::Writer;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const NAMESPACE: &str = "cache-faults";

/// Longer than anything takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(600);

/// How much more heap there may be afterwards: what connections, pools and tables have or have not at a moment.
const MARGIN: usize = 4 << 20;

/// Objects are indexed by their count of changes, modulo this.
const GROUPS: u64 = 5;

/// How often the server is killed, and how often etcd is compacted besides.
const RESTARTS: usize = 3;
const COMPACTIONS: usize = 8;

/// One of the caches, and what happens to it.
struct Subject {
    name: String,
    plan: Arc<Plan>,
    follower: Follower,
    cached: Cached,
    index: Option<Index<ConfigMap, u64>>,
}

#[derive(Clone, Copy, Debug)]
struct Way {
    alpn: Alpn,
    encoding: Encoding,
    is_packed: bool,
    is_indexed: bool,
}

const WAYS: [Way; 4] = [
    Way { alpn: Alpn::Auto, encoding: Encoding::Auto, is_packed: false, is_indexed: true },
    Way { alpn: Alpn::Auto, encoding: Encoding::Json, is_packed: true, is_indexed: true },
    Way { alpn: Alpn::Http1, encoding: Encoding::Auto, is_packed: true, is_indexed: false },
    Way { alpn: Alpn::Http1, encoding: Encoding::Json, is_packed: false, is_indexed: false },
];

impl Subject {
    async fn start(kubeconfig: &Path, way: Way, plan: Plan) -> Self {
        let mut config = config(kubeconfig);
        config.encoding = way.encoding;
        let plan = Arc::new(plan);
        let client = faults::client(&config, way.alpn, plan.clone()).await;
        let list = client.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL).without_managed_fields();
        let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(20));
        let watcher = list.page_size(20).watcher().backoff(backoff).idle_timeout(Duration::from_millis(500));
        let name = format!("{way:?}");
        let follower = Follower::new(name.clone());
        let events = watcher.inspect({
            let follower = follower.clone();
            move |event| follower.see(Some(event))
        });
        let reflector = Reflector::new(events);
        let store = if way.is_packed { reflector.packed() } else { reflector }.spawn();
        let index = way.is_indexed.then(|| store.index(|map: &ConfigMap| Some(count(map) % GROUPS)));
        Self { name, plan, follower, cached: Cached::new(store), index }
    }

    fn hold(&self, is_held: bool) {
        self.plan.is_held.send_replace(is_held);
    }

    /// The objects of the index, each of which is where it belongs.
    fn indexed(&self) -> Option<Objects> {
        let index = self.index.as_ref()?;
        let of_group = |group: u64| {
            let objects = index.get(&group);
            let objects: Objects = objects.iter().map(|map| state(&map)).collect();
            for (name, (_, count)) in &objects {
                assert_eq!(count % GROUPS, group, "{}: {name} in the index", self.name);
            }
            objects
        };
        Some((0..GROUPS).flat_map(of_group).collect())
    }
}

/// The bytes that are allocated now.
fn live_heap() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_end_equal_to_the_server_with_flat_memory_through_faults_restarts_and_compactions() {
    let options = kubewright_testbed::Options { nodes: 0, everything: false, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let start = spawn_blocking(move || Cluster::start_from(&binaries, &options).expect("a cluster"));
    let cluster = start.await.expect("no panic");
    let (seed, faults) = (number("KUBEWRIGHT_SEED", 1), number("KUBEWRIGHT_FAULTS", 1_000) as usize);
    println!("KUBEWRIGHT_SEED={seed:#x}");
    let direct = client(cluster.kubeconfig());
    namespace(&direct, NAMESPACE).await;

    let mut subjects = Vec::new();
    for (way, number) in WAYS.into_iter().zip(0..) {
        let plan = Plan::new(seed.wrapping_add(number), faults / WAYS.len());
        plan.is_held.send_replace(true);
        subjects.push(Subject::start(cluster.kubeconfig(), way, plan).await);
    }
    let (stop, changes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let enough = number("KUBEWRIGHT_CHANGES", 10_000) as usize;
    let writer = |index| Writer {
        client: direct.clone(),
        seed,
        index,
        objects: 40,
        has_outages: true,
        changes: changes.clone(),
        enough,
    };
    let writers: Vec<_> = (0..4).map(|index| tokio::spawn(writer(index).run(stop.clone()))).collect();

    // Most of the objects exist, and everybody has them.
    let warm = async {
        while changes.load(Ordering::Relaxed) < 1_000.min(enough) {
            sleep(Duration::from_millis(20)).await;
            check(&mut subjects);
        }
    };
    timeout(LIMIT, warm).await.expect("changes in time");
    for subject in &subjects {
        subject.cached.store.wait_synced().await.expect("synced");
    }
    let before = live_heap();
    println!("{} KiB of heap before the first fault", before >> 10);

    let cluster = storm(cluster, &mut subjects, faults, || changes.load(Ordering::Relaxed) >= enough).await;

    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("the writer goes on");
    }
    assert_settled(&direct, &mut subjects).await;
    for subject in &subjects {
        let seen = subject.follower.seen();
        println!("{}: {seen:?}", subject.name);
        // Not everything was read again each time.
        assert!(seen.changes > seen.restarts && seen.interruptions > 0, "{seen:?}");
        assert!(seen.restarts > 0, "the history was lost {RESTARTS} times: {seen:?}");
    }

    let heap_is_flat = async {
        while live_heap() > before + MARGIN {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let is_flat = timeout(LIMIT, heap_is_flat).await.is_ok();
    println!("{} KiB of heap after the last fault", live_heap() >> 10);
    assert!(is_flat, "{} KiB of heap, and {} KiB before", live_heap() >> 10, before >> 10);
    spawn_blocking(|| drop(cluster)).await.expect("no panic");
}

/// Lets all faults happen, and makes the server fail meanwhile.
async fn storm(mut cluster: Cluster, subjects: &mut [Subject], faults: usize, is_enough: impl Fn() -> bool) -> Cluster {
    let (mut restarts, mut compactions, mut polls) = (0, 0, 0);
    let limit = LIMIT.max(LIMIT.mul_f64(faults as f64 / 1_000.0));
    let storm = async {
        hold(subjects, false);
        loop {
            let left: usize = subjects.iter().map(|subject| subject.plan.left()).sum();
            let done = faults.saturating_sub(left);
            if done * COMPACTIONS >= (compactions + 1) * faults {
                compactions += 1;
                cluster = spawn_blocking(move || {
                    cluster.compact().expect("compacted");
                    cluster
                })
                .await
                .expect("no panic");
            }
            if restarts < RESTARTS && done * (RESTARTS + 1) >= (restarts + 1) * faults {
                restarts += 1;
                // No fault is spent on a server that is not there.
                hold(subjects, true);
                let mut restart = spawn_blocking(move || {
                    cluster.restart_apiserver().expect("restarted");
                    cluster.compact().expect("compacted");
                    cluster
                });
                cluster = loop {
                    match timeout(Duration::from_millis(20), &mut restart).await {
                        Ok(cluster) => break cluster.expect("no panic"),
                        Err(_) => check(subjects),
                    }
                };
                hold(subjects, false);
            }
            if left == 0 && is_enough() {
                return cluster;
            }
            sleep(Duration::from_millis(20)).await;
            check(subjects);
            polls += 1;
            if polls % 25 == 0 {
                subjects.iter().for_each(|subject| drop(subject.indexed()));
            }
        }
    };
    match timeout(limit, storm).await {
        Ok(cluster) => {
            assert_eq!((restarts, compactions), (RESTARTS, COMPACTIONS));
            cluster
        }
        Err(_) => panic!("faults were left, or changes: {:?}", left(subjects)),
    }
}

fn hold(subjects: &[Subject], is_held: bool) {
    subjects.iter().for_each(|subject| subject.hold(is_held));
}

fn left(subjects: &[Subject]) -> Vec<usize> {
    subjects.iter().map(|subject| subject.plan.left()).collect()
}

/// Takes what has changed, and panics if it does not follow from what was known.
fn check(subjects: &mut [Subject]) {
    for subject in subjects {
        subject.cached.poll();
        assert_eq!(subject.follower.problems(), Vec::<String>::new());
    }
}

/// Waits until every cache, its watch, its subscriber and its index have what the server has.
async fn assert_settled(direct: &Client, subjects: &mut [Subject]) {
    let list = direct.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL).await.expect("a list");
    let server: Objects = list.items.iter().map(state).collect();
    let versions: BTreeMap<_, _> = list.items.iter().map(|map| follower::place(&map.metadata)).collect();
    let settled = timeout(LIMIT, async {
        loop {
            check(subjects);
            let is_equal = |subject: &mut Subject| {
                subject.cached.is_equal(&server)
                    && subject.follower.known() == versions
                    && subject.indexed().is_none_or(|indexed| indexed == server)
            };
            if subjects.iter_mut().all(is_equal) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    if settled.await.is_err() {
        let known: Vec<_> = subjects.iter().map(|subject| (&subject.name, &subject.cached.known)).collect();
        panic!("the server has {server:?}, the subscribers know {known:?}");
    }
}
