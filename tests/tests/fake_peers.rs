//! Clients that others wrote, against the fake API server on a port: client-go by a Go program, kube by a Rust one.
//!
//! ```sh
//! KUBEWRIGHT_PEERS=1 KUBEWRIGHT_SEED=0x2a KUBEWRIGHT_CHANGES=50000 cargo test -p kubewright-tests --test fake_peers
//! ```
//!
//! builds kube, once, and makes other changes than the usual ones, and more of them.
#![allow(missing_docs)]

#[path = "fake_peers/changes.rs"]
mod changes;
#[path = "fake_peers/mirror.rs"]
mod mirror;
#[path = "fake_peers/programs.rs"]
mod programs;

use std::path::Path;
use std::time::Duration;

use changes::{CRD, Changes, KINDS};
use kubewright_fake::{FakeCluster, Faults, Verb};
use kubewright_tests::number;
use mirror::{Counts, Mirror};
use programs::{client_go, kube, listening};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How many changes there are by default.
const CHANGES: u64 = 10_000;

fn cluster() -> FakeCluster {
    FakeCluster::builder().crd(CRD).expect("a CRD").build().expect("a cluster")
}

/// Watches that end as those of every server do, some of them refused before: nothing is listed again, so that every transition has
/// to be seen.
fn interrupt(faults: &Faults) {
    for kind in KINDS {
        faults.on(Verb::Watch).of(kind.plural).nth(3).too_many_requests(Duration::from_secs(1));
        faults.on(Verb::Watch).of(kind.plural).nth(9).too_many_requests(Duration::from_secs(1));
        faults.on(Verb::Watch).of(kind.plural).always().end_after(40);
    }
}

/// Watches that break, versions that have expired, and answers that come byte by byte: clients have to list again.
fn break_off(faults: &Faults) {
    faults.clear();
    for kind in KINDS {
        faults.on(Verb::Watch).of(kind.plural).cut_after(9);
        faults.on(Verb::Watch).of(kind.plural).expire_after(9);
        faults.on(Verb::Watch).of(kind.plural).gone();
        faults.on(Verb::Watch).of(kind.plural).refuse();
        faults.on(Verb::Watch).of(kind.plural).slow(100, Duration::from_millis(1));
    }
}

/// A program follows what is changed, through faults, and has the server's objects in the end.
async fn follows(program: &Path) {
    let cluster = cluster();
    let (seed, count) = (number("KUBEWRIGHT_SEED", 1), number("KUBEWRIGHT_CHANGES", CHANGES));
    println!("KUBEWRIGHT_SEED={seed} KUBEWRIGHT_CHANGES={count}");
    let mut changes = Changes::new(cluster.client(), seed);
    let listening = listening(&cluster).await;
    interrupt(&cluster.faults());
    let mut mirror = Mirror::start(program, &listening.kubeconfig).await;

    changes.make(count - count / 4).await;
    let counts = mirror.until_equal(&cluster).await;
    let (events, repeated) = (changes.made() + changes.deleted_pods(), changes.deleted_pods());
    assert_eq!(counts, Counts { events, repeated, skipped: 0, back: 0 }, "every transition, once, in order");

    break_off(&cluster.faults());
    changes.make(count / 4).await;
    // A client that waits before it lists again sees no events meanwhile, which the faults are counted by.
    let mut waited = Duration::ZERO;
    while !cluster.faults().is_done() {
        assert!(waited < Duration::from_secs(240), "faults that do not occur: {:?}", cluster.faults());
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += Duration::from_millis(50);
        changes.make(3).await;
    }
    let counts = mirror.until_equal(&cluster).await;
    assert_eq!(counts.back, 0, "nothing comes after what is newer: {counts:?}");
    assert!(counts.events <= changes.made() + counts.repeated, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn informers_of_client_go_stay_in_sync() {
    let Some(program) = client_go() else { return };
    follows(program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflectors_of_kube_stay_in_sync() {
    let Some(program) = kube() else { return };
    follows(program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_client_go_shows_with_its_fake_clientset_works_with_the_real_one() {
    let Some(program) = client_go() else { return };
    for command in ["injected-pod", "deployment", "dynamic", "apply", "election"] {
        let cluster = cluster();
        cluster.faults().on(Verb::Update).of("deployments.apps").conflict();
        if command != "deployment" {
            cluster.faults().clear();
        }
        listening(&cluster).await.succeeds(program, command).await;
        assert!(cluster.faults().is_done(), "{command} met no conflict");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kubes_watcher_reads_each_page_before_it_watches() {
    let Some(program) = kube() else { return };
    let cluster = FakeCluster::builder().build().expect("a cluster");
    listening(&cluster).await.succeeds(program, "pages").await;
    let hacks = cluster.requests().of("hacks").filter(|request| request.verb != Some(Verb::Create));
    let shown: Vec<_> =
        hacks.iter().map(|request| (request.verb, request.parameter("limit").map(str::to_owned))).collect();
    let page = (Some(Verb::List), Some("1".to_owned()));
    assert_eq!(shown, [page.clone(), page.clone(), page, (Some(Verb::Watch), None)]);
    assert_eq!(hacks[0].parameter("continue"), None);
    assert!(hacks[1].parameter("continue").is_some() && hacks[2].parameter("continue").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn kube_applies_and_finalizes() {
    let Some(program) = kube() else { return };
    for command in ["apply", "finalizer"] {
        let cluster = FakeCluster::builder().build().expect("a cluster");
        listening(&cluster).await.succeeds(program, command).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kube_reads_logs_and_runs_commands() {
    let Some(program) = kube() else { return };
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web", "namespace": "default" },
        "spec": { "nodeName": "node-1", "containers": [{ "name": "web", "image": "nginx:1.31" }] },
    });
    let cluster = FakeCluster::builder().with(pod).build().expect("a cluster");
    cluster.log("default", "web", "web").append("first\nsecond\n");
    cluster.on_exec(|mut call| async move {
        if call.command != ["upper"] {
            return Ok(127);
        }
        let mut text = String::new();
        call.stdin.read_to_string(&mut text).await?;
        call.stdout.write_all(text.to_uppercase().as_bytes()).await?;
        Ok(0)
    });
    listening(&cluster).await.succeeds(program, "sessions").await;
}
