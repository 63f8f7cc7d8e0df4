//! A gate under a virtual clock.

use std::time::Duration;

use super::*;
use crate::clock::{Deadline, Moment};

const SECOND: Duration = Duration::from_secs(1);
const TOKEN: FencingToken = FencingToken::new(1);

fn object(uid: &str) -> ObjectMeta {
    ObjectMeta { uid: Some(uid.into()), ..ObjectMeta::default() }
}

fn deadline(seconds: u32) -> Deadline {
    Deadline::after(Moment::now(), SECOND * seconds)
}

/// The halves of the ring, and a uid in each.
fn halves() -> [(HashRange, ObjectMeta); 2] {
    [0, 1].map(|index| {
        let range = HashRange::nth(index, 2).expect("a half");
        let mut objects = (0..).map(|number: u32| object(&number.to_string()));
        (range, objects.find(|object| range.contains(ShardKey::Uid.hash(object))).expect("an object"))
    })
}

#[test]
fn a_gate_that_is_always_open_admits_everything() {
    let gate = Gate::default();
    assert!(gate.is_open() && gate.admits(&object("a")));
    assert!(gate.try_enter(&object("a")).expect("a permit").is_valid());
    assert_eq!(gate.ranges(), [HashRange::ALL]);
}

#[tokio::test(start_paused = true)]
async fn a_gate_is_closed_at_its_deadline_before_anything_has_run() {
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    assert!(!gate.is_open());
    keeper.set_deadline(deadline(10));
    keeper.open(HashRange::ALL, TOKEN);
    let permit = gate.try_enter(&object("a")).expect("a permit");
    // The clock moves, and no task has been polled since.
    tokio::time::advance(SECOND * 10).await;
    assert!(!permit.is_valid() && !gate.is_open() && gate.try_enter(&object("a")).is_none());
    assert!(gate.ranges().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_extended_in_time_disturbs_no_one() {
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    keeper.set_deadline(deadline(10));
    keeper.open(HashRange::ALL, TOKEN);
    let permit = gate.try_enter(&object("a")).expect("a permit");
    let mut changes = gate.changes();
    for _ in 0..5 {
        let quiet = async {
            tokio::select! { () = permit.lost() => (), () = changes.changed() => (), () = gate.closed() => () }
        };
        assert!(tokio::time::timeout(SECOND * 8, quiet).await.is_err(), "nothing has changed");
        keeper.set_deadline(deadline(10));
    }
    let start = tokio::time::Instant::now();
    tokio::join!(permit.lost(), changes.changed(), gate.closed());
    assert_eq!(start.elapsed(), SECOND * 10);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_has_passed_is_not_extended() {
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    keeper.set_deadline(deadline(10));
    keeper.open(HashRange::ALL, TOKEN);
    let permit = gate.try_enter(&object("a")).expect("a permit");
    tokio::time::advance(SECOND * 10).await;
    keeper.set_deadline(deadline(10));
    assert!(!gate.is_open() && !permit.is_valid());
    keeper.open(HashRange::ALL, TOKEN);
    gate.opened().await;
    assert!(!permit.is_valid());
}

#[tokio::test(start_paused = true)]
async fn a_permit_of_an_earlier_opening_is_not_valid_in_a_later_one() {
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    keeper.open(HashRange::ALL, TOKEN);
    let permit = gate.try_enter(&object("a")).expect("a permit");
    keeper.close(HashRange::ALL);
    permit.lost().await;
    keeper.open(HashRange::ALL, FencingToken::new(2));
    assert!(!permit.is_valid());
    assert_eq!(gate.try_enter(&object("a")).expect("a permit").token(), FencingToken::new(2));
}

#[tokio::test(start_paused = true)]
async fn a_range_that_drains_lets_no_one_in_and_waits_for_those_who_are() {
    let [(left, one), (right, two)] = halves();
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    keeper.open(left, TOKEN);
    keeper.open(right, TOKEN);
    let (permit, other) = (gate.try_enter(&one).expect("a permit"), gate.try_enter(&two).expect("a permit"));
    keeper.drain(left);
    assert!(permit.is_valid() && !gate.admits(&one) && gate.admits(&two));
    assert_eq!(gate.ranges(), [right]);
    keeper.resume(left);
    assert!(permit.is_valid() && gate.admits(&one));
    keeper.drain(left);
    assert!(tokio::time::timeout(SECOND, keeper.idle(left)).await.is_err(), "the permit is held");
    let wait = async {
        tokio::join!(keeper.idle(left), async { drop(permit) });
    };
    tokio::time::timeout(SECOND, wait).await.expect("the range is idle");
    assert!(other.is_valid() && !keeper.is_idle(right));
}

#[tokio::test(start_paused = true)]
async fn a_change_between_two_calls_is_not_missed() {
    let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
    let mut changes = gate.changes();
    keeper.open(HashRange::ALL, TOKEN);
    changes.changed().await;
    keeper.close_all();
    keeper.open(HashRange::ALL, TOKEN);
    tokio::time::timeout(SECOND, changes.changed()).await.expect("it was closed meanwhile");
    drop(keeper);
    changes.changed().await;
    assert!(!gate.is_open());
}
