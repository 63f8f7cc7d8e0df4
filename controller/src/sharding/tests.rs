//! Members of a group against a scripted server, in virtual time.

#[path = "tests/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use self::server::Server;
use super::*;
use crate::LeaseError;
use crate::gate::Gate;
use crate::ring::{HashRange, ShardKey};

const SECOND: Duration = Duration::from_secs(1);
const SLOTS: u32 = 16;

/// A replica with its gate, and reconciles that hold permits.
struct Replica {
    gate: Gate,
    shutdown: Option<oneshot::Sender<()>>,
    membership: JoinHandle<()>,
    reconciles: Vec<JoinHandle<()>>,
    events: Arc<Mutex<Vec<String>>>,
}

/// Which replica acts on which object.
#[derive(Clone, Default)]
struct Objects(Arc<Mutex<BTreeMap<u64, usize>>>);

/// Takes the entry of an object away again, however the reconcile ends.
struct Acting {
    objects: Objects,
    hash: u64,
}

impl Drop for Acting {
    fn drop(&mut self) {
        self.objects.0.lock().expect("not poisoned").remove(&self.hash);
    }
}

/// A hash in the middle of each slot.
fn hashes() -> impl Iterator<Item = u64> {
    (0..SLOTS).filter_map(|slot| HashRange::nth(slot, SLOTS)).map(|range| range.first() / 2 + range.last() / 2)
}

fn builder(server: &Server, number: usize) -> MembershipBuilder {
    Membership::builder(&server.client(number), "shop", "stock").slots(SLOTS).identity(format!("replica-{number}"))
}

impl Replica {
    fn start(server: &Server, number: usize, objects: &Objects) -> Self {
        Self::start_with(builder(server, number), number, objects)
    }

    fn start_with(builder: MembershipBuilder, number: usize, objects: &Objects) -> Self {
        let events: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = events.clone();
        let builder = builder.on_event(move |event| log.lock().expect("a log").push(format!("{event:?}")));
        let mut membership = builder.build().expect("valid settings");
        let gate = membership.gate();
        let (shutdown, is_shut_down) = oneshot::channel::<()>();
        let membership = tokio::spawn(async move {
            let shutdown = async {
                if is_shut_down.await.is_err() {
                    std::future::pending().await
                }
            };
            membership.run(shutdown).await;
        });
        let reconciles =
            hashes().map(|hash| tokio::spawn(reconcile(gate.clone(), hash, number, objects.clone()))).collect();
        Self { gate, shutdown: Some(shutdown), membership, reconciles, events }
    }

    fn slots(&self) -> usize {
        hashes().filter(|hash| self.gate.try_enter_hash(*hash).is_some()).count()
    }

    /// As SIGKILL: nothing runs on.
    fn kill(self) {
        self.membership.abort();
        self.reconciles.iter().for_each(JoinHandle::abort);
    }

    async fn leave(mut self) {
        let _ = self.shutdown.take().expect("it runs").send(());
        timeout(SECOND * 120, &mut self.membership).await.expect("in time").expect("no panic");
        self.kill();
    }
}

/// Acts on an object again and again, while this replica may.
async fn reconcile(gate: Gate, hash: u64, number: usize, objects: Objects) {
    let mut changes = gate.changes();
    loop {
        let Some(permit) = gate.try_enter_hash(hash) else {
            changes.changed().await;
            continue;
        };
        let before = objects.0.lock().expect("not poisoned").insert(hash, number);
        assert_eq!(before, None, "replica {number} acts on {hash:#x}, and so does another");
        let _acting = Acting { objects: objects.clone(), hash };
        tokio::select! {
            () = permit.lost() => {}
            () = sleep(Duration::from_millis(fastrand::u64(1..3_000))) => {}
        }
        drop(_acting);
        drop(permit);
        // Others have a turn.
        sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until all slots are open, and shared evenly.
async fn settled(replicas: &[&Replica]) {
    let wait = async {
        loop {
            let counts: Vec<_> = replicas.iter().map(|replica| replica.slots()).collect();
            let (least, most) = (counts.iter().min().expect("one"), counts.iter().max().expect("one"));
            if counts.iter().sum::<usize>() == SLOTS as usize && most - least <= 1 {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    if timeout(SECOND * 600, wait).await.is_err() {
        let logs: Vec<_> = replicas.iter().map(|replica| replica.events.lock().expect("a log").join("\n")).collect();
        panic!("not settled: {}", logs.join("\n\n"));
    }
}

/// The panics of reconciles are those of the test.
async fn check(replicas: Vec<Replica>) {
    for mut replica in replicas {
        for reconcile in replica.reconciles.drain(..) {
            reconcile.abort();
            if let Err(error) = reconcile.await {
                assert!(!error.is_panic(), "{error}");
            }
        }
        replica.membership.abort();
    }
}

#[test]
fn settings_that_can_not_work_are_rejected() {
    let server = Server::default();
    let error = |builder: MembershipBuilder| {
        let error: LeaseError = builder.build().map(drop).expect_err("invalid");
        assert!(error.is_config(), "{error}");
    };
    error(builder(&server, 0).slots(0));
    error(builder(&server, 0).slots(1025));
    error(builder(&server, 0).renew_deadline(SECOND * 15));
    error(Membership::builder(&server.client(0), "shop", ""));
    error(Membership::builder(&server.client(0), "shop", &"x".repeat(64)));
    assert!(server.state().leases.is_empty());
}

#[tokio::test(start_paused = true)]
async fn members_that_join_and_leave_share_the_slots_evenly() {
    let (server, objects) = (Server::default(), Objects::default());
    let first = Replica::start(&server, 0, &objects);
    settled(&[&first]).await;
    let second = Replica::start(&server, 1, &objects);
    settled(&[&first, &second]).await;
    let (third, fourth) = (Replica::start(&server, 2, &objects), Replica::start(&server, 3, &objects));
    settled(&[&first, &second, &third, &fourth]).await;
    first.leave().await;
    settled(&[&second, &third, &fourth]).await;
    assert_eq!(server.state().leases.len(), 4, "three members and the group: who left has none");
    check(vec![second, third, fourth]).await;
}

#[tokio::test(start_paused = true)]
async fn the_slots_of_a_member_that_is_killed_go_to_the_others_after_the_lease_duration() {
    let (server, objects) = (Server::default(), Objects::default());
    let (first, second) = (Replica::start(&server, 0, &objects), Replica::start(&server, 1, &objects));
    settled(&[&first, &second]).await;
    let start = tokio::time::Instant::now();
    first.kill();
    settled(&[&second]).await;
    assert!(start.elapsed() >= SECOND * 10, "{:?}", start.elapsed());
    assert!(start.elapsed() <= SECOND * 30, "{:?}", start.elapsed());
    check(vec![second]).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_cut_off_stops_to_act_before_others_start_and_joins_again() {
    let (server, objects) = (Server::default(), Objects::default());
    let (first, second) = (Replica::start(&server, 0, &objects), Replica::start(&server, 1, &objects));
    settled(&[&first, &second]).await;
    server.state().cut.insert(0);
    timeout(SECOND * 11, first.gate.closed()).await.expect("by its own clock");
    assert!(second.slots() < SLOTS as usize, "the others still wait");
    settled(&[&second]).await;
    server.state().cut.clear();
    settled(&[&first, &second]).await;
    assert!(first.events.lock().expect("a log").contains(&"Lapsed".to_owned()));
    check(vec![first, second]).await;
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_handed_over_after_the_last_permit() {
    let (server, objects) = (Server::default(), Objects::default());
    let first = Replica::start(&server, 0, &objects);
    settled(&[&first]).await;
    let permits: Vec<_> = hashes().map(|hash| first.gate.try_enter_hash(hash).expect("a permit")).collect();
    let second = Replica::start(&server, 1, &objects);
    sleep(SECOND * 60).await;
    assert_eq!(second.slots(), 0, "all objects are acted on");
    assert_eq!(first.slots(), SLOTS as usize - 1, "one slot is asked for at a time");
    assert!(permits.iter().all(crate::Permit::is_valid));
    drop(permits);
    settled(&[&first, &second]).await;
    check(vec![first, second]).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_whose_permits_outlast_the_stop_timeout_confirms_nothing() {
    let (server, objects) = (Server::default(), Objects::default());
    let first = Replica::start(&server, 0, &objects);
    settled(&[&first]).await;
    let second = Replica::start(&server, 1, &objects);
    settled(&[&first, &second]).await;
    let permits: Vec<_> = hashes().filter_map(|hash| first.gate.try_enter_hash(hash)).collect();
    let (gate, events, start) = (first.gate.clone(), first.events.clone(), tokio::time::Instant::now());
    first.leave().await;
    assert!(start.elapsed() >= SECOND * 30, "{:?}", start.elapsed());
    assert!(events.lock().expect("a log").contains(&"Left { confirmed: false }".to_owned()));
    assert!(!gate.is_open() && permits.iter().all(|permit| !permit.is_valid()));
    settled(&[&second]).await;
    assert!(start.elapsed() >= SECOND * 40, "{:?}", start.elapsed());
    check(vec![second]).await;
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_deleted_gives_no_slot_two_owners() {
    let (server, objects) = (Server::default(), Objects::default());
    let (first, second) = (Replica::start(&server, 0, &objects), Replica::start(&server, 1, &objects));
    settled(&[&first, &second]).await;
    // One can renew its Lease, but never learns what it has asked for: it still acts by the old table.
    server.state().deaf.insert(1);
    server.state().leases.remove("stock");
    settled(&[&first]).await;
    server.state().deaf.clear();
    settled(&[&first, &second]).await;
    check(vec![first, second]).await;
}

#[tokio::test(start_paused = true)]
async fn a_replica_with_other_settings_waits_until_the_last_of_the_others_has_left() {
    let (server, objects) = (Server::default(), Objects::default());
    let first = Replica::start(&server, 0, &objects);
    settled(&[&first]).await;
    let other = builder(&server, 1).key(ShardKey::Namespace);
    let second = Replica::start_with(other, 1, &objects);
    sleep(SECOND * 60).await;
    assert_eq!((first.slots(), second.slots()), (SLOTS as usize, 0));
    assert!(second.events.lock().expect("a log").contains(&"Waiting".to_owned()));
    first.leave().await;
    settled(&[&second]).await;
    assert_eq!(second.gate.key(), ShardKey::Namespace);
    check(vec![second]).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_table_makes_no_sense_is_an_error_and_opens_nothing() {
    let (server, objects) = (Server::default(), Objects::default());
    for annotations in [serde_json::json!({}), serde_json::json!({ "kubewright.dev/shards": "{}" })] {
        let lease = serde_json::json!({
            "metadata": { "name": "stock", "resourceVersion": "1", "annotations": annotations },
            "spec": { "holderIdentity": "a" },
        });
        server.state().leases.insert("stock".into(), lease);
        let replica = Replica::start(&server, 0, &objects);
        sleep(SECOND * 60).await;
        assert!(!replica.gate.is_open());
        assert!(replica.events.lock().expect("a log").iter().any(|event| event.starts_with("Failed")));
        replica.kill();
    }
}

/// Everything at once, at random: an hour of virtual time, with a seed that a failure prints.
#[tokio::test(start_paused = true)]
async fn no_object_has_two_owners_whatever_happens_to_the_members() {
    let seed = match std::env::var("KUBEWRIGHT_SEED") {
        Ok(text) => u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("a number in hexadecimal digits"),
        Err(_) => fastrand::u64(..),
    };
    println!("KUBEWRIGHT_SEED={seed:#x}");
    fastrand::seed(seed);
    let (server, objects) = (Server::default(), Objects::default());
    let mut replicas: Vec<_> = (0..3).map(|number| Replica::start(&server, number, &objects)).collect();
    let mut started = replicas.len();
    for _ in 0..150 {
        let target = fastrand::usize(0..started);
        match fastrand::u32(0..8) {
            0 if replicas.len() < 5 => {
                replicas.push(Replica::start(&server, started, &objects));
                started += 1;
            }
            1 if replicas.len() > 1 => replicas.swap_remove(fastrand::usize(0..replicas.len())).kill(),
            2 if replicas.len() > 1 => {
                let mut leaver = replicas.swap_remove(fastrand::usize(0..replicas.len()));
                // It may be cut off, too, and killed later.
                let _ = leaver.shutdown.take().expect("it runs").send(());
                sleep(SECOND * fastrand::u32(0..40)).await;
                leaver.kill();
            }
            3 => drop(server.state().cut.insert(target)),
            4 => drop(server.state().deaf.insert(target)),
            5 => {
                let mut state = server.state();
                state.cut.clear();
                state.deaf.clear();
            }
            6 => server.state().slow = [0, 3, 10][fastrand::usize(0..3)],
            _ => {}
        }
        sleep(Duration::from_millis(fastrand::u64(0..25_000))).await;
        for reconcile in replicas.iter().flat_map(|replica| &replica.reconciles) {
            assert!(!reconcile.is_finished(), "two replicas acted on an object");
        }
    }
    {
        let mut state = server.state();
        state.cut.clear();
        state.deaf.clear();
        state.slow = 0;
    }
    settled(&replicas.iter().collect::<Vec<_>>()).await;
    check(replicas).await;
}
