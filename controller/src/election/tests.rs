//! Elections against a scripted server, in virtual time.

#[path = "tests/server.rs"]
mod server;

use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kubewright::meta::v1::ObjectMeta;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::time::{Instant, advance, sleep, timeout};

use self::server::{Fault, Server};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A candidate that runs in a task, and hands out its leadership.
struct Candidate {
    leadership: Option<oneshot::Receiver<Leadership>>,
    shutdown: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<Outcome<()>>,
}

impl Candidate {
    /// Leads until it is cancelled.
    fn start(builder: LeaderElectionBuilder) -> Self {
        let mut election = builder.build().expect("valid settings");
        let ((shutdown, is_shut_down), (leads, leadership)) = (oneshot::channel(), oneshot::channel());
        let task = tokio::spawn(async move {
            let shutdown = async {
                // A sender that is dropped shuts nothing down.
                if is_shut_down.await.is_err() {
                    pending().await
                }
            };
            election
                .run(shutdown, |leadership| async move {
                    let _ = leads.send(leadership.clone());
                    leadership.cancelled().await;
                })
                .await
        });
        Self { leadership: Some(leadership), shutdown: Some(shutdown), task }
    }

    async fn leads(&mut self) -> Leadership {
        let leadership = self.leadership.take().expect("not yet waited for");
        timeout(SECOND * 120, leadership).await.expect("it leads in time").expect("it leads")
    }

    async fn stop(mut self) -> Outcome<()> {
        let _ = self.shutdown.take().expect("it runs").send(());
        self.task.await.expect("no panic")
    }
}

fn events() -> (Arc<Mutex<Vec<String>>>, impl Fn(&ElectionEvent<'_>) + Send + Sync + 'static) {
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = log.clone();
    (log, move |event: &ElectionEvent<'_>| sink.lock().expect("a log").push(format!("{event:?}")))
}

#[test]
fn durations_that_allow_two_leaders_are_rejected() {
    let server = Server::default();
    let build = |lease: u64, renew: u64, retry: u64| {
        let [lease, renew, retry] = [lease, renew, retry].map(Duration::from_millis);
        let candidate = server.candidate("a").lease_duration(lease).renew_deadline(renew).retry_period(retry);
        candidate.build().map(drop)
    };
    build(15_000, 10_000, 2_000).expect("the defaults");
    build(1_001, 1_000, 100).expect("longer by a millisecond");
    for (lease, renew, retry) in
        [(10_000, 10_000, 2_000), (15_000, 2_400, 2_000), (15_000, 10_000, 0), (u64::MAX, 10_000, 1), (9, 8, u64::MAX)]
    {
        let error = build(lease, renew, retry).expect_err("unsafe");
        assert!(error.is_config(), "{error}");
    }
    for builder in [server.candidate(""), LeaderElection::builder(&server.client(), "shop", "")] {
        assert!(builder.build().expect_err("empty").is_config());
    }
    assert!(server.state().requests.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_candidate_leads_once_the_leader_has_released_the_lease() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a"));
    let term = first.leads().await;
    assert_eq!(server.spec()["holderIdentity"], "a");
    assert_eq!((&server.spec()["leaseDurationSeconds"], term.token().get()), (&json!(15), 0));

    let mut second = Candidate::start(server.candidate("b"));
    assert!(timeout(SECOND * 60, second.leadership.as_mut().expect("a channel")).await.is_err(), "the first leads");
    assert!(term.is_valid());

    let outcome = first.stop().await;
    assert_eq!((outcome.output, outcome.end), (Some(()), TermEnd::Shutdown));
    assert!(!term.is_valid());
    assert_eq!(server.spec()["holderIdentity"], "");
    assert_eq!(server.spec()["leaseDurationSeconds"], 1);

    let start = Instant::now();
    let successor = second.leads().await;
    assert!(start.elapsed() < SECOND * 5, "it does not wait for the lease to expire");
    assert_eq!(successor.token().get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_another_starts() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a"));
    let term = first.leads().await;
    let start = Instant::now();
    server.state().is_cut = true;
    term.lost().await;
    // It was acquired at the start.
    assert!((SECOND * 10..SECOND * 11).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert!(!term.is_valid());
    assert_eq!(first.task.await.expect("no panic").end, TermEnd::Lost);
    server.state().is_cut = false;

    let mut second = Candidate::start(server.candidate("b"));
    let observed = Instant::now();
    second.leads().await;
    assert!(observed.elapsed() >= SECOND * 15, "{:?}", observed.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_was_stopped_knows_that_it_does_not_lead_before_anything_has_run() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a"));
    let term = first.leads().await;
    sleep(SECOND * 30).await;
    assert!(term.is_valid() && term.remaining() > SECOND * 7);
    // As SIGSTOP: time passes, and no task runs.
    let before = server.state().requests.len();
    advance(SECOND * 10).await;
    assert!(!term.is_valid());
    assert_eq!(term.remaining(), Duration::ZERO);
    assert_eq!(server.state().requests.len(), before);
    assert_eq!(first.task.await.expect("no panic").end, TermEnd::Lost);
    assert_eq!(server.state().requests.len(), before, "it does not renew what it has lost");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_counts_from_when_it_was_sent() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a"));
    let term = first.leads().await;
    // Sent 2 s after the acquisition, answered 4 s later.
    server.fail([Fault::Slow(SECOND * 4)]);
    sleep(SECOND * 6 + Duration::from_millis(500)).await;
    let remaining = term.remaining();
    assert!((SECOND * 5..SECOND * 6).contains(&remaining), "{remaining:?}");
}

#[tokio::test(start_paused = true)]
async fn an_acquisition_whose_response_is_lost_is_recognized_and_one_of_a_namesake_is_not() {
    let server = Server::default();
    // It is read, and then created.
    server.fail([Fault::Slow(Duration::ZERO), Fault::ResponseLost]);
    let mut first = Candidate::start(server.candidate("a"));
    let start = Instant::now();
    let term = first.leads().await;
    assert!(start.elapsed() < SECOND * 10 && term.is_valid());

    // A second process with the same identity, such as a pod of a StatefulSet whose node is cut off.
    let mut second = Candidate::start(server.candidate("a"));
    assert!(timeout(SECOND * 60, second.leadership.as_mut().expect("a channel")).await.is_err(), "the first leads");
    first.task.abort();
    let observed = Instant::now();
    let successor = second.leads().await;
    assert!(observed.elapsed() > SECOND * 10);
    assert!(successor.token() > term.token());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_response_is_lost_does_not_end_the_term() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a"));
    let term = first.leads().await;
    for _ in 0..5 {
        server.fail([Fault::ResponseLost]);
        sleep(SECOND * 10).await;
    }
    assert!(term.is_valid());
    assert_eq!(server.spec()["leaseTransitions"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_edit_is_kept_and_the_lease_is_renewed() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a").label("app", "stock"));
    let term = first.leads().await;
    server.fail([Fault::Raced]);
    sleep(SECOND * 3).await;
    server.edit(|lease| lease["spec"]["ofTheFuture"] = json!({ "a": 1 }));
    sleep(SECOND * 60).await;
    assert!(term.is_valid());
    assert_eq!(server.spec()["ofTheFuture"], json!({ "a": 1 }));
    let labels = server.state().lease.as_ref().expect("a Lease")["metadata"]["labels"].clone();
    assert_eq!(labels, json!({ "app": "stock", "edited": "yes" }));
}

#[tokio::test(start_paused = true)]
async fn clocks_of_other_machines_do_not_matter() {
    for time in ["1970-01-01T00:00:00.000000Z", "9998-01-01T00:00:00.000000Z"] {
        let server = Server::default();
        server.state().lease = Some(json!({
            "metadata": { "name": "stock", "resourceVersion": "7" },
            "spec": { "holderIdentity": "z", "leaseDurationSeconds": 15, "leaseTransitions": 6, "renewTime": time },
        }));
        let mut candidate = Candidate::start(server.candidate("a"));
        // Each change counts, whatever its time.
        for count in 0..20 {
            sleep(SECOND * 10).await;
            server.edit(|lease| lease["spec"]["renewTime"] = format!("2000-01-01T00:00:00.0000{count:02}Z").into());
            assert_eq!(server.spec()["holderIdentity"], "z");
        }
        let changed = Instant::now();
        assert_eq!(candidate.leads().await.token().get(), 7);
        assert!((SECOND * 15..SECOND * 20).contains(&changed.elapsed()), "{:?}", changed.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn each_term_of_the_same_replica_has_a_greater_token() {
    let server = Server::default();
    let mut election = server.candidate("a").build().expect("valid settings");
    for expected in 0..3 {
        let outcome = election.run(pending(), |leadership| ready(leadership.token().get())).await;
        assert_eq!((outcome.output, outcome.end), (Some(expected), TermEnd::Finished));
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_is_created_again_by_its_leader_and_respected_by_those_who_observed_it() {
    let server = Server::default();
    let mut first = Candidate::start(server.candidate("a"));
    let term = first.leads().await;
    let mut second = Candidate::start(server.candidate("b"));
    for _ in 0..5 {
        sleep(SECOND * 5).await;
        server.state().lease = None;
    }
    sleep(SECOND * 5).await;
    assert!(term.is_valid());
    assert_eq!(server.spec()["holderIdentity"], "a");

    first.task.abort();
    let last = Instant::now();
    server.state().lease = None;
    let successor = second.leads().await;
    assert!(last.elapsed() >= SECOND * 10, "{:?}", last.elapsed());
    assert!(successor.token() > term.token());
}

#[tokio::test(start_paused = true)]
async fn a_function_is_waited_for_while_the_lease_is_renewed_and_dropped_at_the_limit() {
    let server = Server::default();
    let run = async |limit: Duration| {
        let mut election = server.candidate("a").stop_timeout(limit).build().expect("valid settings");
        let work = |leadership: Leadership| async move {
            leadership.cancelled().await;
            sleep(SECOND * 60).await;
            leadership.is_valid()
        };
        election.run(sleep(SECOND), work).await
    };
    let outcome = run(SECOND * 120).await;
    assert_eq!((outcome.output, outcome.end), (Some(true), TermEnd::Shutdown), "it led all the time");
    let start = Instant::now();
    let outcome = run(SECOND * 20).await;
    assert_eq!((outcome.output, outcome.end), (None, TermEnd::Shutdown));
    assert!(start.elapsed() < SECOND * 30);
    assert_eq!(server.spec()["holderIdentity"], "");
    // A limit that never ends is one, too.
    assert_eq!(run(Duration::MAX).await.output, Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_lost_leaders_function_is_dropped_when_another_replica_can_start() {
    let server = Server::default();
    let mut election = server.candidate("a").build().expect("valid settings");
    let start = Instant::now();
    let outcome = election
        .run(pending(), |_| {
            server.state().is_cut = true;
            pending::<()>()
        })
        .await;
    assert_eq!((outcome.output, outcome.end), (None, TermEnd::Lost));
    assert!((SECOND * 15..SECOND * 16).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(server.spec()["holderIdentity"], "a", "it is not released");
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_released_after_the_last_permit_and_not_while_one_is_held() {
    let server = Server::default();
    let object = ObjectMeta::default();
    for (held_for, released) in [(SECOND * 20, true), (SECOND * 200, false)] {
        let (log, on_event) = events();
        let mut election = server.candidate("a").on_event(on_event).build().expect("valid settings");
        let gate = election.gate();
        assert!(!gate.is_open());
        let controller = tokio::spawn({
            let (gate, object) = (gate.clone(), object.clone());
            async move {
                gate.opened().await;
                let permit = gate.try_enter(&object).expect("a permit");
                sleep(held_for).await;
                permit.is_valid()
            }
        });
        election.participate(sleep(SECOND * 5)).await;
        assert!(!gate.is_open());
        assert_eq!(server.spec()["holderIdentity"] == "", released);
        let events = log.lock().expect("a log").join("\n");
        assert!(events.contains(&format!("released: {released}")), "{events}");
        assert_eq!(controller.await.expect("no panic"), released, "valid until the end, or outlived");
        sleep(SECOND * 20).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_opens_again_when_the_replica_leads_again() {
    let server = Server::default();
    let mut election = server.candidate("a").build().expect("valid settings");
    let gate = election.gate();
    let task = tokio::spawn(async move { election.participate(pending()).await });
    gate.opened().await;
    let permit = gate.try_enter(&ObjectMeta::default()).expect("a permit");
    server.state().is_cut = true;
    gate.closed().await;
    server.state().is_cut = false;
    gate.opened().await;
    assert!(!permit.is_valid());
    assert!(gate.try_enter(&ObjectMeta::default()).expect("a permit").token() > permit.token());
    task.abort();
    let _ = task.await;
    assert!(!gate.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_leader_steps_down_for_a_preferred_holder() {
    let server = Server::default();
    let (log, on_event) = events();
    let mut first = Candidate::start(server.candidate("a").on_event(on_event));
    let term = first.leads().await;
    server.edit(|lease| {
        lease["spec"]["strategy"] = "OldestEmulationVersion".into();
        lease["spec"]["preferredHolder"] = "b".into();
    });
    let outcome = timeout(SECOND * 5, first.task).await.expect("in time").expect("no panic");
    assert_eq!((outcome.output, outcome.end), (Some(()), TermEnd::SteppedDown));
    assert!(!term.is_valid());
    // The coordinator goes by these.
    assert_eq!(server.spec()["strategy"], "OldestEmulationVersion");
    assert_eq!(server.spec()["holderIdentity"], "");
    assert!(log.lock().expect("a log").iter().any(|event| event.contains("SteppingDown { preferred: \"b\" }")));

    // What is acquired without being elected is not coordinated any more.
    Candidate::start(server.candidate("c")).leads().await;
    assert_eq!((&server.spec()["strategy"], &server.spec()["preferredHolder"]), (&json!(null), &json!(null)));
}

#[tokio::test(start_paused = true)]
async fn errors_are_reported_and_retried() {
    let server = Server::default();
    server.fail([Fault::Rejected(403), Fault::Rejected(403), Fault::Broken, Fault::Late(SECOND * 9)]);
    let (log, on_event) = events();
    let mut candidate = Candidate::start(server.candidate("a").on_event(on_event));
    let term = candidate.leads().await;
    let outcome = candidate.stop().await;
    assert_eq!(outcome.end, TermEnd::Shutdown);
    let log = log.lock().expect("a log");
    let failed: Vec<_> = log.iter().filter(|event| event.starts_with("Failed")).collect();
    assert_eq!(failed.len(), 4, "{failed:?}");
    assert!(failed[0].contains("403") && failed[3].contains("Timeout"), "{failed:?}");
    assert!(log.iter().any(|event| event.contains(&format!("Started {{ token: {:?} }}", term.token()))), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_shut_down_before_it_leads_writes_nothing() {
    let server = Server::default();
    let mut election = server.candidate("a").build().expect("valid settings");
    let outcome = election.run(ready(()), |_| ready(())).await;
    assert_eq!((outcome.output, outcome.end), (None, TermEnd::Shutdown));
    assert!(server.state().requests.is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_new_leader_is_reported_once() {
    let server = Server::default();
    let (log, on_event) = events();
    let mut first = Candidate::start(server.candidate("a"));
    first.leads().await;
    let mut second = Candidate::start(server.candidate("b").on_event(on_event));
    sleep(SECOND * 60).await;
    first.stop().await;
    second.leads().await;
    sleep(SECOND * 60).await;
    let log = log.lock().expect("a log");
    let leaders: Vec<_> = log.iter().filter(|event| event.starts_with("Leader")).collect();
    assert_eq!(
        leaders,
        [r#"Leader { identity: "a", token: FencingToken(0) }"#, r#"Leader { identity: "b", token: FencingToken(1) }"#]
    );
}
