//! Caches of a real server through a network that breaks, as `watch_faults` has it: they end equal to the server.

#[path = "cached.rs"]
mod cached;
#[path = "../watch_faults/faults.rs"]
mod faults;
#[path = "../watch_faults/proxy.rs"]
mod proxy;
#[path = "../watch_faults/writer.rs"]
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright_controller::Reflector;
use kubewright_runtime::Client;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::transport::Alpn;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, config, namespace};
use tokio::time::{sleep, timeout};

use cached::{Cached, Objects, state};
use faults::Plan;
use writer::Writer;

const NAMESPACE: &str = "caches-faults";

/// Longer than it takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(180);

fn cached(client: &Client, is_packed: bool) -> Cached {
    let list = client.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL).without_managed_fields();
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(20));
    let watcher = list.watcher().backoff(backoff).idle_timeout(Duration::from_millis(500));
    let reflector = Reflector::new(watcher);
    Cached::new(if is_packed { reflector.packed() } else { reflector }.spawn())
}

fn writer(client: &Client, index: u64) -> Writer {
    let (client, changes) = (client.clone(), Arc::default());
    Writer { client, seed: 1, index, objects: 5, has_outages: false, changes, enough: usize::MAX }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_ends_equal_to_the_server_whatever_breaks_and_its_subscribers_lose_nothing() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2).map(|index| tokio::spawn(writer(&direct, index).run(stop.clone()))).collect();
    let mut caches = Vec::new();
    for (seed, alpn, is_packed) in [(1, Alpn::Auto, false), (2, Alpn::Http1, true)] {
        let plan = Arc::new(Plan::new(seed, 100));
        let client = faults::client(&config(bed.kubeconfig()), alpn, plan.clone()).await;
        caches.push((plan, cached(&client, is_packed)));
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
