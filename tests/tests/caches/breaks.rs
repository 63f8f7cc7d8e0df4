//! Caches of a real server through a network that breaks, as `watch_faults` has it: they end equal to the server.

#[path = "../watch_faults/faults.rs"]
mod faults;
#[path = "../watch_faults/proxy.rs"]
mod proxy;
#[path = "../watch_faults/writer.rs"]
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMap;
use kubewright_controller::{Change, Reflector, Store, Subscription};
use kubewright_runtime::Client;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::transport::Alpn;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, config, namespace};
use tokio::time::{sleep, timeout};

use faults::Plan;

const NAMESPACE: &str = "caches-faults";

/// Longer than it takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(180);

/// Objects by name: their uid, and how often they were changed.
type Objects = BTreeMap<String, (String, u64)>;

fn state(map: &ConfigMap) -> (String, (String, u64)) {
    let text = |field: &Option<kubewright_runtime::CompactString>| field.clone().unwrap_or_default().to_string();
    let count = map.data.get("count").map_or(0, |count| count.parse().expect("a number"));
    (text(&map.metadata.name), (text(&map.metadata.uid), count))
}

/// A cache, and what one of its subscribers made of the changes.
struct Cached {
    store: Store<ConfigMap>,
    changes: Subscription<ConfigMap>,
    known: Objects,
}

impl Cached {
    fn start(client: &Client, is_packed: bool) -> Self {
        let list = client.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL).without_managed_fields();
        let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(20));
        let watcher = list.watcher().backoff(backoff).idle_timeout(Duration::from_millis(500));
        let reflector = Reflector::new(watcher);
        let store = if is_packed { reflector.packed() } else { reflector }.spawn();
        Self { changes: store.subscribe(), store, known: Objects::new() }
    }

    /// Takes what has changed. Panics if that does not follow from what was known.
    fn poll(&mut self) {
        while let Some(change) = self.changes.next().now_or_never() {
            match change.expect("the store runs") {
                Change::Applied { object, previous, .. } => {
                    let (name, now) = state(&object);
                    let previous = previous.map(|previous| state(&previous).1);
                    assert_eq!(previous, self.known.get(&name).cloned(), "the previous state of {name}");
                    if let Some((uid, count)) = previous {
                        assert_eq!(uid, now.0, "{name}: another object is created, and not modified");
                        assert!(count < now.1, "{name}: {count}, then {}", now.1);
                    }
                    self.known.insert(name, now);
                }
                Change::Deleted(object) => {
                    let (name, (uid, _)) = state(&object);
                    assert_eq!(self.known.remove(&name).map(|(uid, _)| uid), Some(uid), "the deletion of {name}");
                }
                _ => {}
            }
        }
    }

    fn is_equal(&mut self, server: &Objects) -> bool {
        self.poll();
        let cached: Objects = self.store.list().iter().map(|map| state(&map)).collect();
        cached == *server && self.known == *server
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_ends_equal_to_the_server_whatever_breaks_and_its_subscribers_lose_nothing() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..2).map(|index| tokio::spawn(writer::write(direct.clone(), 1, index, stop.clone()))).collect();
    let mut caches = Vec::new();
    for (seed, alpn, is_packed) in [(1, Alpn::Auto, false), (2, Alpn::Http1, true)] {
        let plan = Arc::new(Plan::new(seed, 100));
        let client = faults::client(&config(bed.kubeconfig()), alpn, plan.clone()).await;
        caches.push((plan, Cached::start(&client, is_packed)));
    }
    let all_broke = timeout(LIMIT, async {
        while caches.iter().any(|(plan, _)| plan.left() > 0) {
            sleep(Duration::from_millis(20)).await;
            caches.iter_mut().for_each(|(_, cache)| cache.poll());
        }
    });
    all_broke.await.expect("all faults in time");
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("the writer goes on");
    }
    let list = direct.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL).await.expect("a list");
    let server: Objects = list.items.iter().map(state).collect();
    let settled = timeout(LIMIT, async {
        while !caches.iter_mut().all(|(_, cache)| cache.is_equal(&server)) {
            sleep(Duration::from_millis(20)).await;
        }
    });
    if settled.await.is_err() {
        let known: Vec<_> = caches.iter().map(|(_, cache)| &cache.known).collect();
        panic!("the server has {server:?}, the subscribers know {known:?}");
    }
}
