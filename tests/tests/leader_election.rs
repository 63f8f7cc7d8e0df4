//! Three processes on a real server, of which one leads: killed, stopped, and cut from the network at random.
//!
//! Each replica is a process of its own, behind a proxy of its own: this program again, for the test `replica`. While it
//! leads, it increments a counter in a ConfigMap, fenced by the token of its term, and reports when it acted. All of them
//! read the same monotonic clock, that of the machine: no two may ever have acted at the same time, and after the first
//! write of a leader there is none of an earlier one.
//!
//! A failure shows its seed. Another one, and more faults:
//!
//! ```sh
//! KUBEWRIGHT_SEED=0x2a KUBEWRIGHT_FAULTS=200 cargo test -p kubewright-tests --test leader_election
//! ```
#![cfg(unix)]
#![allow(missing_docs)]

#[path = "leader_election/fleet.rs"]
mod fleet;
#[path = "leader_election/proxy.rs"]
mod proxy;
#[path = "leader_election/replica.rs"]
mod replica;

use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, namespace, number};
use tokio::time::{sleep, timeout};

use fleet::{Fleet, Outage};
use replica::Mode;

const NAMESPACE: &str = "leader-election";

/// Longer than anything takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(60);

/// What the processes run; without their variables it is nothing.
#[test]
fn replica() {
    if let Some(settings) = replica::Settings::from_environment() {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(replica::run(settings));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_no_time_two_leaders_act_whichever_are_killed_stopped_or_cut_off() {
    let Some(bed) = shared_or_skip() else { return };
    let (seed, faults) = (number("KUBEWRIGHT_SEED", fastrand::u64(..)), number("KUBEWRIGHT_FAULTS", 12));
    println!("KUBEWRIGHT_SEED={seed:#x}");
    let mut random = fastrand::Rng::with_seed(seed);
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;
    let mut fleet = Fleet::start(&direct, bed.kubeconfig(), NAMESPACE, "random", 3, Mode::Count).await;

    let mut outages = 0;
    for _ in 0..faults {
        let leader = fleet.acting_leader().await;
        // Mostly the leader: else nothing much happens.
        let target = if random.u8(0..4) > 0 { leader } else { random.usize(0..3) };
        let outage = random.choice([Outage::Killed, Outage::Stopped, Outage::Cut, Outage::Stalled]).expect("one");
        let before = fleet.transitions().await;
        fleet.begin(target, outage).await;
        if target == leader && random.u8(0..4) > 0 {
            // It is back after its successor has begun.
            fleet.wait_for_another_term(before).await;
            outages += 1;
        }
        sleep(Duration::from_millis(random.u64(0..700))).await;
        fleet.end(target, outage).await;
    }
    // The last one acts, too.
    let count = fleet.count().await;
    let acts = timeout(LIMIT, async {
        while fleet.count().await <= count {
            sleep(Duration::from_millis(20)).await;
        }
    });
    acts.await.unwrap_or_else(|_| panic!("seed {seed:#x}: nobody acts"));
    let history = fleet.history().await;
    let report = fleet.stop();

    assert_eq!(report.overlaps(), Vec::<String>::new(), "seed {seed:#x}");
    let ordered = history.windows(2).all(|pair| pair[0].0 < pair[1].0);
    assert!(ordered, "seed {seed:#x}: a stale leader wrote after its successor: {history:?}");
    assert!(history.len() > outages, "seed {seed:#x}: {outages} leaders were succeeded, and {history:?} wrote");
    assert!(!report.acts.is_empty(), "seed {seed:#x}: no one acted");
    println!("{} acts of {} leaders; {} writes were refused", report.acts.len(), history.len(), report.refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_stopped_between_its_check_and_its_write_is_refused() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;
    let mut fleet = Fleet::start(&direct, bed.kubeconfig(), NAMESPACE, "stopped", 1, Mode::StopBeforeWrite).await;
    // It has read the counter, has checked that it leads, and stops itself.
    fleet.wait_for_line(0, "STOPPING").await;
    let before = fleet.transitions().await;
    fleet.add(Mode::Count).await;
    fleet.wait_for_another_term(before).await;
    let count = fleet.count().await;
    let writes = timeout(LIMIT, async {
        while fleet.count().await <= count {
            sleep(Duration::from_millis(20)).await;
        }
    });
    writes.await.expect("the successor writes");
    fleet.end(0, Outage::Stopped).await;
    // What it sends without another check, after another one it does not even send, and it knows why.
    fleet.wait_for_line(0, "REFUSED conflict").await;
    fleet.wait_for_line(0, "REFUSED superseded").await;
    fleet.wait_for_line(0, "LOST").await;
    let history = fleet.history().await;
    let report = fleet.stop();
    assert_eq!(report.overlaps(), Vec::<String>::new());
    assert_eq!(history.len(), 1, "only the successor wrote: {history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_lease_is_accepted_by_the_server_and_taken_over_at_once() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;
    let leases = direct.coordination_v1().leases(NAMESPACE);
    for identity in ["first", "second"] {
        let election = kubewright_controller::LeaderElection::builder(&direct, NAMESPACE, "released");
        // Nothing but a release lets the second lead within the limit.
        let mut election =
            election.identity(identity).lease_duration(Duration::from_secs(3600)).build().expect("valid settings");
        let term = election.run(std::future::pending(), |leadership| async move { leadership.is_valid() });
        let outcome = timeout(LIMIT, term).await.expect("it leads");
        assert_eq!(outcome.output, Some(true));
        let spec = leases.get("released").await.expect("a Lease").spec;
        assert_eq!((spec.holder_identity.as_deref(), spec.lease_duration_seconds), (Some(""), Some(1)));
    }
}
