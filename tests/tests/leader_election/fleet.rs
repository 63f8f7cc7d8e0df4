//! The replicas, what happens to them, and what they report.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMap;
use kubewright_runtime::Client;
use kubewright_tests::config;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use super::LIMIT;
use super::proxy::{Network, Proxy};
use super::replica::{COUNT, HISTORY, Mode, Settings};

/// What happens to a replica for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outage {
    /// Its process is killed, and another one is started later.
    Killed,
    /// Its process is stopped, and continues later.
    Stopped,
    /// Its connections are closed.
    Cut,
    /// Its connections are silent, and later hand on what was sent.
    Stalled,
}

pub struct Fleet {
    direct: Client,
    kubeconfig: PathBuf,
    namespace: String,
    name: String,
    replicas: Vec<Replica>,
    /// Processes started so far: each has an identity of its own.
    started: usize,
    /// They read what the processes print, until these end.
    readers: Vec<JoinHandle<()>>,
}

struct Replica {
    proxy: Proxy,
    process: Child,
    mode: Mode,
    identity: String,
    /// What this and the earlier processes of the replica have printed.
    lines: Arc<Mutex<Vec<String>>>,
}

/// When a leader acted: from, to, its token, its identity.
pub struct Act {
    start: u128,
    end: u128,
    token: u64,
    identity: String,
}

pub struct Report {
    pub acts: Vec<Act>,
    pub refused: usize,
}

impl Fleet {
    pub async fn start(
        direct: &Client,
        kubeconfig: &Path,
        namespace: &str,
        name: &str,
        count: usize,
        mode: Mode,
    ) -> Self {
        // An earlier run may have left them.
        let maps = direct.core_v1().config_maps(namespace);
        let leases = direct.coordination_v1().leases(namespace);
        for outcome in [maps.delete(name).await.map(drop), leases.delete(name).await.map(drop)] {
            assert!(outcome.as_ref().is_err_and(|error| error.is_not_found()) || outcome.is_ok(), "{outcome:?}");
        }
        let mut map = ConfigMap::default();
        map.metadata.name = Some(name.into());
        maps.create(&map).await.expect("a map");
        let (kubeconfig, namespace, name) = (kubeconfig.to_owned(), namespace.to_owned(), name.to_owned());
        let (direct, replicas, readers) = (direct.clone(), Vec::new(), Vec::new());
        let mut fleet = Self { direct, kubeconfig, namespace, name, replicas, started: 0, readers };
        for _ in 0..count {
            fleet.add(mode).await;
        }
        fleet
    }

    pub async fn add(&mut self, mode: Mode) {
        let server = config(&self.kubeconfig).server.authority().expect("an address").to_string();
        let proxy = Proxy::start(server).await;
        let lines = Arc::default();
        let (process, identity) = self.spawn(&proxy, mode, &lines);
        self.replicas.push(Replica { proxy, process, mode, identity, lines });
    }

    fn spawn(&mut self, proxy: &Proxy, mode: Mode, lines: &Arc<Mutex<Vec<String>>>) -> (Child, String) {
        self.started += 1;
        let identity = format!("replica-{}", self.started);
        let settings = Settings {
            kubeconfig: self.kubeconfig.clone(),
            server: format!("https://{}", proxy.address),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            identity: identity.clone(),
            mode,
        };
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "replica", "--nocapture"])
            .envs(settings.to_environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let lines = lines.clone();
        self.readers.push(std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                lines.lock().expect("not poisoned").push(line);
            }
        }));
        (process, identity)
    }

    /// The replica that holds the Lease, once one does.
    pub async fn leader(&self) -> usize {
        let leases = self.direct.coordination_v1().leases(&self.namespace);
        let find = async {
            loop {
                let holder = leases.get(&self.name).await.ok().and_then(|lease| lease.spec.holder_identity);
                let is_holder = |replica: &Replica| holder.as_deref() == Some(replica.identity.as_str());
                if let Some(index) = self.replicas.iter().position(is_holder) {
                    return index;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, find).await.expect("a leader")
    }

    /// The leader, once it has written in its term.
    pub async fn acting_leader(&self) -> usize {
        let find = async {
            loop {
                let leader = self.leader().await;
                let term = (u64::try_from(self.transitions().await).ok(), &self.replicas[leader].identity);
                let wrote = self.history().await.pop();
                if wrote.is_some_and(|(token, identity)| (Some(token), &identity) == term) {
                    return leader;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, find).await.expect("a leader that acts")
    }

    pub async fn transitions(&self) -> i32 {
        let leases = self.direct.coordination_v1().leases(&self.namespace);
        leases.get(&self.name).await.expect("a Lease").spec.lease_transitions.expect("a number")
    }

    pub async fn wait_for_another_term(&self, before: i32) {
        let another = async {
            while self.transitions().await <= before {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, another).await.expect("another leader");
    }

    pub async fn wait_for_line(&self, replica: usize, start: &str) {
        let lines = &self.replicas[replica].lines;
        let found = || lines.lock().expect("not poisoned").iter().any(|line| line.starts_with(start));
        let wait = async {
            while !found() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(LIMIT, wait).await.is_err() {
            panic!("no {start}: {:?}", lines.lock().expect("not poisoned"));
        }
    }

    async fn map(&self) -> ConfigMap {
        self.direct.core_v1().config_maps(&self.namespace).get(&self.name).await.expect("a map")
    }

    pub async fn count(&self) -> u64 {
        self.map().await.data.get(COUNT).map_or(0, |text| text.parse().expect("a number"))
    }

    /// The terms that wrote, in order: token and identity.
    pub async fn history(&self) -> Vec<(u64, String)> {
        let map = self.map().await;
        let lines = map.data.get(HISTORY).map(|text| text.to_string()).unwrap_or_default();
        let parse = |line: &str| {
            let (token, identity) = line.split_once(' ').expect("two words");
            (token.parse().expect("a number"), identity.to_owned())
        };
        lines.lines().map(parse).collect()
    }

    pub async fn begin(&mut self, target: usize, outage: Outage) {
        let replica = &mut self.replicas[target];
        match outage {
            Outage::Killed => {
                replica.process.kill().expect("a process of this test");
                replica.process.wait().expect("its end");
            }
            Outage::Stopped => signal(&replica.process, Signal::STOP),
            Outage::Cut => replica.proxy.set(Network::Cut),
            Outage::Stalled => replica.proxy.set(Network::Stalled),
        }
    }

    pub async fn end(&mut self, target: usize, outage: Outage) {
        match outage {
            Outage::Killed => {
                // What is moved out is put back below.
                let replica = self.replicas.remove(target);
                let (process, identity) = self.spawn(&replica.proxy, replica.mode, &replica.lines);
                self.replicas.insert(target, Replica { process, identity, ..replica });
            }
            Outage::Stopped => signal(&self.replicas[target].process, Signal::CONT),
            Outage::Cut | Outage::Stalled => self.replicas[target].proxy.set(Network::Up),
        }
    }

    /// Ends the processes, and collects what they have reported.
    pub fn stop(mut self) -> Report {
        let mut report = Report { acts: Vec::new(), refused: 0 };
        self.replicas.iter_mut().for_each(|replica| end(&mut replica.process));
        self.readers.drain(..).for_each(|reader| reader.join().expect("no panic"));
        for replica in &self.replicas {
            for line in replica.lines.lock().expect("not poisoned").iter() {
                let words: Vec<_> = line.split(' ').collect();
                match words[..] {
                    ["ACT", start, end, token, identity] => report.acts.push(Act {
                        start: start.parse().expect("a number"),
                        end: end.parse().expect("a number"),
                        token: token.parse().expect("a number"),
                        identity: identity.to_owned(),
                    }),
                    ["REFUSED", ..] => report.refused += 1,
                    _ => {}
                }
            }
        }
        report.acts.sort_by_key(|act| act.start);
        report
    }
}

impl Report {
    /// Pairs of acts of different leaders at the same time, or in the wrong order.
    pub fn overlaps(&self) -> Vec<String> {
        let mut latest: Option<&Act> = None;
        let mut overlaps = Vec::new();
        for act in &self.acts {
            if let Some(before) = latest {
                let same = before.identity == act.identity && before.token == act.token;
                if !same && (act.start <= before.end || act.token <= before.token) {
                    let (one, two) = (&before.identity, &act.identity);
                    overlaps.push(format!(
                        "{one} {} until {}, {two} {} from {}",
                        before.token, before.end, act.token, act.start
                    ));
                }
            }
            if latest.is_none_or(|latest| act.end > latest.end) {
                latest = Some(act);
            }
        }
        overlaps
    }
}

fn signal(process: &Child, signal: Signal) {
    let id = i32::try_from(process.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(id, signal).expect("a process of this test");
}

/// Also of one that is stopped.
fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for replica in &mut self.replicas {
            end(&mut replica.process);
        }
    }
}
