//! Controllers behind a gate: of leader election, and of scale-out.

use super::*;
use crate::fencing::FencingToken;
use crate::gate::Gatekeeper;
use crate::ring::{HashRange, ShardKey};

#[tokio::test(start_paused = true)]
async fn nothing_is_reconciled_before_the_gate_opens_and_then_everything_once() {
    let server = server(&["a", "b"]);
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    let (log, _task) = logging(controller(&server).gate(gate));
    server.put(&map("a"));
    sleep(SECOND * 100).await;
    server.put(&map("c"));
    server.put(&map("gone"));
    sleep(SECOND).await;
    server.remove::<ConfigMap>(Some("shop"), "gone");
    assert!(log.take().await.is_empty());
    keeper.open(HashRange::ALL, FencingToken::new(1));
    let mut names = log.take().await;
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c"]);
    server.put(&map("a"));
    assert_eq!(log.take().await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn when_the_gate_closes_running_reconciles_are_dropped_and_done_again_when_it_opens() {
    let server = server(&["a"]);
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    keeper.open(HashRange::ALL, FencingToken::new(7));
    let log = Log::default();
    let own = log.clone();
    let controller = controller(&server).gate(gate);
    let metrics = controller.metrics();
    let run = controller.run(move |_, context: Context| {
        let log = own.clone();
        async move {
            log.push(format!("starts with {}", context.fencing_token().get()));
            sleep(SECOND * 10).await;
            log.push("ends");
            Ok::<_, Infallible>(Action::done())
        }
    });
    tokio::spawn(run);
    assert_eq!(log.take().await, ["starts with 7"]);
    keeper.close_all();
    keeper.idle(HashRange::ALL).await;
    sleep(SECOND * 100).await;
    assert!(log.take().await.is_empty(), "it was dropped where it waited");
    assert_eq!((metrics.statistics().aborted, metrics.statistics().active), (1, 0));
    keeper.open(HashRange::ALL, FencingToken::new(8));
    sleep(SECOND * 20).await;
    assert_eq!(log.take().await, ["starts with 8", "ends"]);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_closes_and_opens_at_once_loses_nothing() {
    let server = server(&["a", "b", "c"]);
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    let (log, _task) = logging(controller(&server).gate(gate));
    for round in 1..20 {
        keeper.open(HashRange::ALL, FencingToken::new(round));
        keeper.close_all();
        tokio::task::yield_now().await;
    }
    log.take().await;
    server.put(&map("b"));
    sleep(SECOND).await;
    keeper.open(HashRange::ALL, FencingToken::new(100));
    assert!(log.take().await.contains(&"b".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn each_of_two_replicas_reconciles_its_ranges_and_a_range_that_moves_is_done_by_the_other() {
    let names: Vec<String> = (0..40).map(|number| format!("m{number}")).collect();
    let server = server(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (low, high) = (HashRange::nth(0, 2).expect("half"), HashRange::nth(1, 2).expect("half"));
    let mut replicas = Vec::new();
    for range in [low, high] {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        keeper.open(range, FencingToken::new(1));
        let (log, _) = logging(controller(&server).gate(gate));
        replicas.push((keeper, log));
    }
    let (first, second) = (replicas[0].1.take().await, replicas[1].1.take().await);
    assert!(!first.is_empty() && !second.is_empty());
    let mut all = [first.clone(), second].concat();
    all.sort_unstable();
    let mut expected = names.clone();
    expected.sort_unstable();
    assert_eq!(all, expected);

    replicas[0].0.close_all();
    replicas[1].0.open(low, FencingToken::new(2));
    let (mut moved, mut first) = (replicas[1].1.take().await, first);
    moved.sort_unstable();
    first.sort_unstable();
    assert_eq!(moved, first, "those of the range, and no others again");
    assert!(replicas[0].1.take().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_object_is_reconciled_by_the_replica_to_which_it_belonged() {
    let server = server(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    let mut replicas = Vec::new();
    for index in 0..2 {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        keeper.open(HashRange::nth(index, 2).expect("half"), FencingToken::new(1));
        let log = Log::default();
        let own = log.clone();
        let run = controller(&server).gate(gate).run_with_deleted(move |object, context| {
            if object.is_none() {
                own.push(context.key().name());
            }
            ready(Ok::<_, Infallible>(Action::done()))
        });
        tokio::spawn(run);
        replicas.push((keeper, log));
    }
    sleep(SECOND).await;
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        server.remove::<ConfigMap>(Some("shop"), name);
    }
    let (first, second) = (replicas[0].1.take().await, replicas[1].1.take().await);
    assert!(!first.is_empty() && !second.is_empty(), "{first:?} {second:?}");
    assert_eq!(first.len() + second.len(), 8);
}
