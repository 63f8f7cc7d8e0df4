//! A watcher against a real server through a network that breaks: nothing is lost and nothing comes twice.
//!
//! While objects are created, changed and deleted, four watchers follow them (over HTTP/2 and HTTP/1.1, in protobuf and in
//! JSON), each through a proxy of its own. A thousand times in all something goes wrong, in a random order and at random
//! places: connections are cut, fall silent or are half closed, are not accepted, requests are refused with 401, 403, 410, 429,
//! 500 and 503, errors come as events, watches end at once, in an event, or with one that can't be decoded. Each object counts its changes, so that a watcher that misses one, or gives one
//! twice, is found out at once. In the end each must know what the server has.
//!
//! A failure tells its seed. Another one, and more faults:
//!
//! ```sh
//! KUBEWRIGHT_SEED=0x2a KUBEWRIGHT_FAULTS=10000 cargo test -p kubewright-tests --test watch_faults
//! ```
#![allow(missing_docs)]

#[path = "watch_faults/faults.rs"]
mod faults;
#[path = "watch_faults/follower.rs"]
mod follower;
#[path = "watch_faults/proxy.rs"]
mod proxy;
#[path = "watch_faults/writer.rs"]
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use kubewright::ApiGroups as _;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::transport::Alpn;
use kubewright_runtime::{Client, Encoding};
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, config, namespace, number};
use tokio::time::{sleep, timeout};

use faults::Plan;
use follower::Follower;
use writer::Writer;

const NAMESPACE: &str = "watch-faults";

/// Longer than it takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_loses_no_event_and_repeats_none_whatever_breaks() {
    let Some(bed) = shared_or_skip() else { return };
    let (seed, faults) = (number("KUBEWRIGHT_SEED", 1), number("KUBEWRIGHT_FAULTS", 1_000));
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;

    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3).map(|index| tokio::spawn(writer(&direct, seed, index).run(stop.clone()))).collect();
    let ways = [
        (Alpn::Auto, Encoding::Auto),
        (Alpn::Auto, Encoding::Json),
        (Alpn::Http1, Encoding::Auto),
        (Alpn::Http1, Encoding::Json),
    ];
    let mut followers = Vec::new();
    for (index, (alpn, encoding)) in ways.into_iter().enumerate() {
        let mut config = config(bed.kubeconfig());
        config.encoding = encoding;
        let plan = Arc::new(Plan::new(seed.wrapping_add(index as u64), faults as usize / ways.len()));
        let client = faults::client(&config, alpn, plan.clone()).await;
        followers.push((plan, follow(format!("{alpn:?} {encoding:?}"), &client)));
    }

    // The more faults, the longer.
    let limit = LIMIT.max(LIMIT.mul_f64(faults as f64 / 1_000.0));
    let all_broke = timeout(limit, async {
        while followers.iter().any(|(plan, _)| plan.left() > 0) {
            sleep(Duration::from_millis(20)).await;
            assert_eq!(problems(&followers), Vec::<String>::new(), "seed {seed:#x}");
        }
    });
    let left = || followers.iter().map(|(plan, _)| plan.left()).collect::<Vec<_>>();
    all_broke.await.unwrap_or_else(|_| panic!("seed {seed:#x}: faults were left: {:?}", left()));
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("the writer goes on");
    }
    let there = stored(&direct).await;
    let settled = timeout(LIMIT, async {
        while followers.iter().any(|(_, follower)| follower.known() != there) {
            sleep(Duration::from_millis(20)).await;
            assert_eq!(problems(&followers), Vec::<String>::new(), "seed {seed:#x}");
        }
    });
    if settled.await.is_err() {
        let known: Vec<_> = followers.iter().map(|(_, follower)| follower.known()).collect();
        panic!("seed {seed:#x}: the server has {there:?}, the watchers know {known:?}");
    }
    assert_eq!(problems(&followers), Vec::<String>::new(), "seed {seed:#x}");
    for (_, follower) in &followers {
        let seen = follower.seen();
        // Not everything was read again each time.
        assert!(seen.changes > seen.restarts, "{seen:?}");
        assert!(seen.interruptions > 0 && seen.restarts > 0, "{seen:?}");
    }
}

fn writer(client: &Client, seed: u64, index: u64) -> Writer {
    let (client, changes) = (client.clone(), Arc::default());
    Writer { client, seed, index, objects: 5, has_outages: false, changes, enough: usize::MAX }
}

/// Follows the objects in a task of its own.
fn follow(name: String, client: &Client) -> Follower {
    let list = client.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL);
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(20));
    let mut events = list.watcher().backoff(backoff).idle_timeout(Duration::from_millis(500));
    let follower = Follower::new(name);
    tokio::spawn({
        let follower = follower.clone();
        async move {
            loop {
                let event = events.next().await;
                follower.see(event.as_ref());
                if event.is_none() {
                    return;
                }
            }
        }
    });
    follower
}

fn problems(followers: &[(Arc<Plan>, Follower)]) -> Vec<String> {
    followers.iter().flat_map(|(_, follower)| follower.problems()).collect()
}

/// What the server has: the resource version of each object.
async fn stored(client: &Client) -> BTreeMap<String, String> {
    let maps = client.core_v1().config_maps(NAMESPACE).list().labels(writer::LABEL).await.expect("a list");
    maps.items.iter().map(|map| follower::place(&map.metadata)).collect()
}
