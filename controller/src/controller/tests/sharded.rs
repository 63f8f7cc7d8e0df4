//! Controllers of the objects that a replica owns.

use std::collections::BTreeSet;

use super::*;
use crate::fencing::FencingToken;
use crate::gate::{Gate, Gatekeeper};
use crate::ring::{HashRange, ShardKey};
use crate::sharding::ShardWatcher;

/// Half of the ring.
fn half(index: u32) -> HashRange {
    HashRange::nth(index, 2).expect("a range")
}

fn names() -> Vec<String> {
    (0..40).map(|number| format!("map-{number:02}")).collect()
}

/// The one call: the replica's objects, and its gate.
fn sharded(server: &ScriptedApi, gate: &Gate) -> Controller<ConfigMap> {
    let api = api(server);
    Controller::new(ShardWatcher::filtered(gate, move || api.list()))
}

/// The names of the objects in half of the ring.
async fn of_half(server: &ScriptedApi, index: u32) -> BTreeSet<String> {
    let list = api(server).list().await.expect("a list");
    let is_in = |map: &&ConfigMap| half(index).contains(ShardKey::Uid.hash(&map.metadata));
    list.items.iter().filter(is_in).map(|map| map.metadata.name.clone().expect("a name").to_string()).collect()
}

fn stored(store: &crate::Store<ConfigMap>) -> BTreeSet<String> {
    store.list().iter().map(|map| map.metadata.name.clone().expect("a name").to_string()).collect()
}

/// The names that were logged, each once.
async fn once(log: &Log) -> BTreeSet<String> {
    let names = log.take().await;
    let set: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!(set.len(), names.len(), "{names:?}");
    set
}

#[tokio::test(start_paused = true)]
async fn a_controller_of_a_shard_watcher_has_and_reconciles_what_its_gate_is_open_for() {
    let names = names();
    let server = server(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let halves = [of_half(&server, 0).await, of_half(&server, 1).await];
    assert!(halves.iter().all(|half| half.len() > 5), "{halves:?}");
    let (keepers, gates): (Vec<_>, Vec<_>) =
        [Gatekeeper::new(ShardKey::Uid), Gatekeeper::new(ShardKey::Uid)].into_iter().unzip();
    keepers[0].open(half(0), FencingToken::new(1));
    keepers[1].open(half(1), FencingToken::new(1));
    let controllers = gates.iter().map(|gate| sharded(&server, gate));
    let (stores, logs): (Vec<_>, Vec<_>) =
        controllers.map(|controller| (controller.store().clone(), logging(controller).0)).unzip();
    for index in [0, 1] {
        assert_eq!(once(&logs[index]).await, halves[index]);
        assert_eq!(stored(&stores[index]), halves[index]);
    }

    // One replica takes over everything.
    keepers[0].close_all();
    keepers[1].open(half(0), FencingToken::new(2));
    sleep(SECOND * 5).await;
    assert!(logs[0].take().await.is_empty());
    assert_eq!(once(&logs[1]).await, halves[0], "and nothing of its own again");
    assert_eq!(stored(&stores[1]).len(), names.len());
}

/// A controller that logs what exists and what is deleted, one object after the other; for `slow` it takes a second.
fn with_deleted(controller: Controller<ConfigMap>) -> Log {
    let log = Log::default();
    let own = log.clone();
    let run = controller.concurrency(1).run_with_deleted(move |object, context| {
        let log = own.clone();
        async move {
            let what = if object.is_some() { "exists" } else { "is deleted" };
            log.push(format!("{} {what}", context.key().name()));
            if object.is_some_and(|object| object.data.contains_key("slow")) {
                sleep(SECOND).await;
            }
            Ok::<_, Infallible>(Action::done())
        }
    });
    tokio::spawn(run);
    log
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_handed_over_and_comes_back_was_never_deleted_and_one_that_is_deleted_was() {
    let names = names();
    let server = server(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (kept, moved) = (of_half(&server, 0).await, of_half(&server, 1).await);
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    for index in [0, 1] {
        keeper.open(half(index), FencingToken::new(1));
    }
    let log = with_deleted(sharded(&server, &gate));
    assert_eq!(log.take().await.len(), names.len());

    // While one is reconciled, which takes a second, others are handed over, and removed from the cache. Their turn comes when
    // they are back, but not yet listed again.
    let mut slow = api(&server).get(kept.first().expect("one")).await.expect("a map");
    slow.data.insert("slow", "yes");
    server.put(&slow);
    assert_eq!(log.take().await.len(), 1);
    keeper.close(half(1));
    sleep(Duration::from_millis(900)).await;
    assert!(log.take().await.is_empty(), "they wait");
    keeper.open(half(1), FencingToken::new(2));
    sleep(SECOND * 5).await;
    let mut lines = log.take().await;
    lines.sort_unstable();
    assert_eq!(lines, moved.iter().map(|name| format!("{name} exists")).collect::<Vec<_>>());

    for half in [&kept, &moved] {
        let name = half.last().expect("one");
        server.remove::<ConfigMap>(Some("shop"), name);
        assert_eq!(log.take().await, [format!("{name} is deleted")]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_which_a_replica_knows_nothing_is_not_taken_for_a_deleted_object() {
    let server = server(&["a", "b"]);
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    keeper.open(HashRange::ALL, FencingToken::new(1));
    let keys = futures_util::stream::iter([ObjectKey::namespaced("shop", "another-replicas")]);
    let log = with_deleted(sharded(&server, &gate).reconcile_on(keys));
    let mut lines = log.take().await;
    lines.sort_unstable();
    assert_eq!(lines, ["a exists", "b exists"]);
}
