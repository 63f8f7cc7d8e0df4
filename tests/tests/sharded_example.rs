//! The program of `examples/sharded` as two processes on a real server: they share the objects, and each change is acted on by
//! one of them.
//!
//! Each replica is this program again, for the test `replica`.
#![cfg(unix)]
#![allow(missing_docs)]

#[path = "../../examples/sharded/replica.rs"]
mod replica;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use kubewright::ApiGroups as _;
use kubewright::core::v1::{ConfigMap, ConfigMaps};
use kubewright::meta::v1::ObjectMeta;
use kubewright_controller::signal;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, namespace};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use replica::{Settings, WANTED, digest, is_current};

const NAMESPACE: &str = "sharded-example";
const OBJECTS: usize = 60;

/// Longer than anything takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(120);

const KUBECONFIG: &str = "KUBEWRIGHT_REPLICA_KUBECONFIG";
const NAME: &str = "KUBEWRIGHT_REPLICA_NAME";

/// What the processes run; without their variables it is nothing.
#[tokio::test(flavor = "multi_thread")]
async fn replica() {
    let (Ok(kubeconfig), Ok(name)) = (std::env::var(KUBECONFIG), std::env::var(NAME)) else { return };
    // The harness has begun a line.
    println!();
    let client = client(Path::new(&kubeconfig));
    let stop = signal::shutdown().expect("signals").map(drop).shared();
    let settings = Settings { name, namespace: NAMESPACE.into(), lease_duration: Duration::from_secs(5) };
    replica::run(&client, settings, stop).await.expect("a shutdown");
}

/// A process, and what it prints.
struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    fn start(kubeconfig: &Path, name: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "replica", "--nocapture"])
            .env(KUBECONFIG, kubeconfig)
            .env(NAME, name)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let (lines, output) = (Arc::new(Mutex::new(Vec::new())), child.stdout.take().expect("piped"));
        let told = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                println!("{line}");
                told.lock().expect("not poisoned").push(line);
            }
        });
        Self { child, lines }
    }

    /// What it has written: an object's name and its digest.
    fn written(&self) -> Vec<(String, String)> {
        let lines = self.lines.lock().expect("not poisoned");
        let written = |line: &String| {
            let (digest, name) = line.split_once(": wrote ")?.1.split_once(" of ")?;
            Some((name.to_owned(), digest.to_owned()))
        };
        lines.iter().filter_map(written).collect()
    }

    /// As when its pod is deleted.
    async fn terminate(&mut self) -> ExitStatus {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::TERM).expect("it runs");
        let wait = async {
            loop {
                if let Some(status) = self.child.try_wait().expect("a status") {
                    return status;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, wait).await.expect("it ends")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives all objects new data, and waits until their digests are those of the data. Returns the digests by name.
async fn change_all(maps: &ConfigMaps, round: usize) -> BTreeMap<String, String> {
    let changes = (0..OBJECTS).map(|number| {
        let mut map = ConfigMap { metadata: ObjectMeta::named(format!("map-{number}")), ..Default::default() };
        map.metadata = map.metadata.label(WANTED.0, WANTED.1);
        map.data.insert("round", round.to_string());
        map.data.insert("number", number.to_string());
        let maps = maps.clone();
        async move { maps.apply(&map, "tests").force().await.expect("applied") }
    });
    join_all(changes).await;
    let wait = async {
        loop {
            let items = maps.list().await.expect("a list").items;
            if items.len() == OBJECTS && items.iter().all(is_current) {
                let entry = |map: &ConfigMap| (map.metadata.name.clone().expect("a name").to_string(), digest(map));
                return items.iter().map(entry).collect();
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, wait).await.expect("digests in time")
}

/// The lines of two processes come in their own time. Waits until all of these writes are among them.
async fn all_told(processes: [&Process; 2], digests: &BTreeMap<String, String>) -> [usize; 2] {
    let is_of_round = |(name, digest): &(String, String)| digests.get(name) == Some(digest);
    let count = |process: &Process| process.written().iter().filter(|written| is_of_round(written)).count();
    let wait = async {
        loop {
            let counts = processes.map(count);
            if counts.iter().sum::<usize>() >= digests.len() {
                return counts;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, wait).await.expect("lines in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_of_the_example_share_the_objects_and_one_that_ends_hands_its_own_over() {
    let Some(bed) = shared_or_skip() else { return };
    let direct = client(bed.kubeconfig());
    namespace(&direct, NAMESPACE).await;
    let maps = direct.core_v1().config_maps(NAMESPACE);
    // An earlier run may have left them.
    maps.delete_collection().await.expect("none is left");
    direct.coordination_v1().leases(NAMESPACE).delete_collection().await.expect("none is left");

    let (mut one, two) = (Process::start(bed.kubeconfig(), "one"), Process::start(bed.kubeconfig(), "two"));
    let mut rounds = 0;
    // One of them may have everything at first.
    let both = async {
        loop {
            rounds += 1;
            let digests = change_all(&maps, rounds).await;
            if !all_told([&one, &two], &digests).await.contains(&0) {
                return;
            }
        }
    };
    timeout(LIMIT, both).await.expect("shared in time");

    let status = one.terminate().await;
    assert!(status.success(), "{status}");
    let digests = change_all(&maps, rounds + 1).await;
    assert_eq!(all_told([&one, &two], &digests).await, [0, OBJECTS]);

    // Each change by one of them, once.
    let written = [one.written(), two.written()].concat();
    assert_eq!(written.iter().collect::<BTreeSet<_>>().len(), written.len());
    assert_eq!(written.len(), OBJECTS * (rounds + 1));
}
