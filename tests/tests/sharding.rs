//! Replicas that share a thousand objects of a real server: each object is reconciled by one of them at a time, while they
//! join, leave, are killed and cut off.
//!
//! The replicas are tasks of this process, each with a connection of its own behind a proxy, so that an object on which two of
//! them act is found out at once. Every second one receives only its ranges from the server, the others filter.
//!
//! `KUBEWRIGHT_OBJECTS=10000` sets another number of objects.
#![allow(missing_docs)]

#[path = "leader_election/proxy.rs"]
mod proxy;
#[path = "sharding/replica.rs"]
mod replica;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kubewright::core::v1::{ConfigMap, ConfigMaps};
use kubewright::{ApiGroups as _, Map};
use kubewright_controller::{HashRange, ShardKey};
use kubewright_runtime::Client;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, namespace};
use tokio::time::{sleep, timeout};

use proxy::Network;
use replica::{Reconciles, Replica};

/// Longer than anything takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(300);

fn objects() -> usize {
    std::env::var("KUBEWRIGHT_OBJECTS").map_or(1_000, |text| text.parse().expect("KUBEWRIGHT_OBJECTS is a number"))
}

/// All replicas share the threads of this process: with many objects a renewal waits longer for its turn.
fn lease_duration() -> Duration {
    Duration::from_secs(if objects() > 1_000 { 15 } else { 5 })
}

/// This many maps in a namespace, by uid. An earlier run may have left some.
async fn make(client: &Client, namespace_name: &str, count: usize) -> BTreeSet<String> {
    namespace(client, namespace_name).await;
    let maps = client.core_v1().config_maps(namespace_name);
    maps.delete_collection().await.expect("none is left");
    let create = |number: usize| {
        let maps: ConfigMaps = maps.clone();
        async move {
            let mut map = ConfigMap::default();
            map.metadata.name = Some(format!("object-{number}").into());
            map.metadata.labels = Map::from_entries(vec![("test".into(), "sharding".into())]);
            let map = maps.create(&map).await?;
            Ok::<_, kubewright::Error>(map.metadata.uid.expect("a uid").to_string())
        }
    };
    stream::iter((0..count).map(create)).buffer_unordered(16).try_collect().await.expect("objects")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_selects_the_objects_of_a_range_as_the_hash_here_does() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    let uids = make(&direct, "sharding-ranges", 200).await;
    let maps = direct.core_v1().config_maps("sharding-ranges");
    let everything = maps.list().labels("test=sharding").await.expect("a list").items;
    assert_eq!(everything.len(), uids.len());
    for key in [ShardKey::Uid, ShardKey::Namespace] {
        // Ranges that touch, and ones that do not.
        for owned in [&[0, 1, 2][..], &[3, 5], &[7], &[4, 6]] {
            let ranges = HashRange::join(owned.iter().map(|index| HashRange::nth(*index, 8).expect("a range")));
            let selector = key.selector(&ranges).expect("a selector");
            let list =
                maps.list().labels("test=sharding").shard_selector(&selector).await.expect("a server that shards");
            let name = |map: &ConfigMap| map.metadata.name.clone().expect("a name");
            let selected: BTreeSet<_> = list.items.iter().map(name).collect();
            let is_owned = |map: &&ConfigMap| ranges.iter().any(|range| range.contains(key.hash(&map.metadata)));
            let expected: BTreeSet<_> = everything.iter().filter(is_owned).map(name).collect();
            assert_eq!(selected, expected, "{selector}");
        }
    }
}

/// Waits until each replica has an even share.
async fn settled(replicas: &[&Replica]) {
    let share = u128::from(u64::MAX) / replicas.len() as u128;
    let size = |replica: &Replica| {
        replica.gate.ranges().iter().map(|range| u128::from(range.last() - range.first()) + 1).sum::<u128>()
    };
    let wait = async {
        loop {
            let sizes: Vec<_> = replicas.iter().map(|replica| size(replica)).collect();
            let is_even = sizes.iter().all(|size| *size > share / 10 * 9 && *size < share / 10 * 11 + share / 10);
            if is_even && sizes.iter().sum::<u128>() == 1 << 64 {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    if timeout(LIMIT, wait).await.is_err() {
        panic!("not shared evenly: {:?}", replicas.iter().map(|replica| replica.gate.ranges()).collect::<Vec<_>>());
    }
}

/// Waits until every object is reconciled again by one of these replicas, while no slot moves.
async fn all_reconciled(reconciles: &Reconciles, uids: &BTreeSet<String>, replicas: &[&Replica]) {
    let done = loop {
        settled(replicas).await;
        let moves = reconciles.moves();
        reconciles.forget();
        // Whether the server selects or the replica: what is watched is what is owned, once its watch was restarted.
        let is_watched = |done: &BTreeMap<String, BTreeSet<usize>>| {
            replicas.iter().all(|replica| {
                let own = done.values().filter(|by| by.contains(&replica.number)).count();
                reconciles.watched(replica.number) == own
            })
        };
        let wait = async {
            loop {
                let done = reconciles.done();
                if reconciles.moves() != moves || (done.len() == uids.len() && is_watched(&done)) {
                    return done;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let done = timeout(LIMIT, wait).await.unwrap_or_else(|_| {
            let watched: Vec<_> = replicas.iter().map(|replica| reconciles.watched(replica.number)).collect();
            panic!("{} of {} are reconciled, {watched:?} watched", reconciles.done().len(), uids.len())
        });
        // On a busy machine a replica may be out of touch for a while: slots have moved, and it is done again.
        if reconciles.moves() == moves {
            break done;
        }
    };
    assert_eq!(done.keys().cloned().collect::<BTreeSet<_>>(), *uids);
    let numbers: BTreeSet<_> = replicas.iter().map(|replica| replica.number).collect();
    let mut by_replica = BTreeMap::<usize, usize>::new();
    for by in done.values() {
        assert_eq!(by.len(), 1, "no slot has moved: {by:?}");
        assert!(by.is_subset(&numbers), "{by:?} of {numbers:?}");
        by.iter().for_each(|number| *by_replica.entry(*number).or_default() += 1);
    }
    // Hashes are spread, but not exactly.
    let share = uids.len() / replicas.len();
    assert!(by_replica.values().all(|count| *count > share / 2 && *count < share * 2), "{by_replica:?}");
    assert_eq!(reconciles.clashes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_object_is_reconciled_by_one_replica_at_a_time_while_replicas_join_leave_and_are_killed() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    let uids = make(&direct, "sharding", objects()).await;
    // An earlier run may have left them.
    direct.coordination_v1().leases("sharding").delete_collection().await.expect("none is left");

    let reconciles = Reconciles::default();
    let start = async |number| Replica::start(bed.kubeconfig(), "sharding", number, &reconciles).await;
    let one = start(1).await;
    all_reconciled(&reconciles, &uids, &[&one]).await;

    let two = start(2).await;
    all_reconciled(&reconciles, &uids, &[&one, &two]).await;

    let (three, four) = (start(3).await, start(4).await);
    all_reconciled(&reconciles, &uids, &[&one, &two, &three, &four]).await;

    two.kill();
    all_reconciled(&reconciles, &uids, &[&one, &three, &four]).await;

    one.leave().await;
    all_reconciled(&reconciles, &uids, &[&three, &four]).await;

    three.proxy.set(Network::Stalled);
    all_reconciled(&reconciles, &uids, &[&four]).await;
    three.proxy.set(Network::Up);
    all_reconciled(&reconciles, &uids, &[&three, &four]).await;

    four.leave().await;
    three.leave().await;
    let leases = direct.coordination_v1().leases("sharding").list().await.expect("a list");
    let left: Vec<_> = leases.items.iter().filter_map(|lease| lease.metadata.name.as_deref()).collect();
    assert_eq!(left.iter().filter(|name| **name == "operator").count(), 1, "{left:?}");
}
