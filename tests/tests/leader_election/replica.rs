//! One replica, in a process of its own.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kubewright::ApiGroups as _;
use kubewright::core::v1::{ConfigMap, ConfigMaps};
use kubewright_controller::{FencingToken, LeaderElection, Leadership};
use kubewright_runtime::Client;
use kubewright_tests::config;
use rustix::process::{Signal, getpid, kill_process};
use rustix::time::{ClockId, clock_gettime};

/// The map with the counter, and what it has.
pub const COUNT: &str = "count";
/// Each term that wrote: its token and its replica, one a line.
pub const HISTORY: &str = "history";

const LEASE: Duration = Duration::from_secs(2);
const RENEW: Duration = Duration::from_millis(1_200);
const RETRY: Duration = Duration::from_millis(200);
const REQUEST: Duration = Duration::from_millis(500);

/// What a replica does while it leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// It increments the counter again and again.
    Count,
    /// It prepares to, and stops itself (`SIGSTOP`) before it writes.
    StopBeforeWrite,
}

pub struct Settings {
    pub kubeconfig: PathBuf,
    /// Where its proxy listens.
    pub server: String,
    pub namespace: String,
    /// Of the Lease and the ConfigMap.
    pub name: String,
    pub identity: String,
    pub mode: Mode,
}

const VARIABLES: [&str; 6] = [
    "KUBEWRIGHT_REPLICA_KUBECONFIG",
    "KUBEWRIGHT_REPLICA_SERVER",
    "KUBEWRIGHT_REPLICA_NAMESPACE",
    "KUBEWRIGHT_REPLICA_NAME",
    "KUBEWRIGHT_REPLICA_IDENTITY",
    "KUBEWRIGHT_REPLICA_MODE",
];

impl Settings {
    pub fn from_environment() -> Option<Self> {
        let [kubeconfig, server, namespace, name, identity, mode] = VARIABLES.map(|name| std::env::var(name).ok());
        let mode = if mode? == "Count" { Mode::Count } else { Mode::StopBeforeWrite };
        Some(Self {
            kubeconfig: kubeconfig?.into(),
            server: server?,
            namespace: namespace?,
            name: name?,
            identity: identity?,
            mode,
        })
    }

    pub fn to_environment(&self) -> [(&'static str, String); 6] {
        let values = [
            self.kubeconfig.display().to_string(),
            self.server.clone(),
            self.namespace.clone(),
            self.name.clone(),
            self.identity.clone(),
            format!("{:?}", self.mode),
        ];
        std::array::from_fn(|index| (VARIABLES[index], values[index].clone()))
    }
}

/// Campaigns and leads until it is killed, or the test's process has ended.
pub async fn run(settings: Settings) {
    // The harness may have begun a line.
    println!();
    // The test holds the other end.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let mut config = config(&settings.kubeconfig);
    config.server = settings.server.parse().expect("a URL");
    let client = Client::new(&config).expect("a client");
    let maps = client.core_v1().config_maps(&settings.namespace);
    let mut election = LeaderElection::builder(&client, &settings.namespace, &settings.name)
        .identity(&settings.identity)
        .lease_duration(LEASE)
        .renew_deadline(RENEW)
        .retry_period(RETRY)
        .on_event({
            let identity = settings.identity.clone();
            move |event| println!("EVENT {identity} {event:?}")
        })
        .build()
        .expect("valid settings");
    let counter = Counter { maps, name: settings.name.clone(), identity: settings.identity.clone() };
    loop {
        let term = election.run(std::future::pending(), |leadership| counter.lead(leadership, settings.mode));
        println!("TERM {:?}", term.await.end);
        if settings.mode == Mode::StopBeforeWrite {
            std::future::pending().await
        }
    }
}

#[derive(Clone)]
struct Counter {
    maps: ConfigMaps,
    name: String,
    identity: String,
}

impl Counter {
    async fn lead(&self, leadership: Leadership, mode: Mode) {
        if mode == Mode::StopBeforeWrite {
            // A task that no one stops, as it should not be.
            tokio::spawn(self.clone().write_late(leadership.clone()));
            return leadership.lost().await;
        }
        while leadership.is_valid() {
            // Within the term: after a check that succeeds, and before another.
            let start = now();
            if let Some(map) = self.prepare(leadership.token()).await {
                self.write(&map).await;
            }
            let end = now();
            if leadership.is_valid() {
                println!("ACT {start} {end} {} {}", leadership.token(), self.identity);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn write_late(self, leadership: Leadership) {
        let map = loop {
            if let Some(map) = self.prepare(leadership.token()).await {
                break map;
            }
        };
        assert!(leadership.is_valid());
        println!("STOPPING");
        // A thread may be stopped at once, or run on for a moment. It stays stopped until another leader has written.
        let mut last = Instant::now();
        kill_process(getpid(), Signal::STOP).expect("its own process");
        while last.elapsed() < Duration::from_secs(1) {
            last = Instant::now();
            std::thread::yield_now();
        }
        if !leadership.is_valid() {
            println!("LOST {}", leadership.token());
        }
        // In spite of it.
        match self.maps.replace(&map).await {
            Ok(_) => println!("WRITTEN"),
            Err(error) if error.is_conflict() => println!("REFUSED conflict"),
            Err(error) => println!("ERROR {error}"),
        }
        self.prepare(leadership.token()).await;
    }

    /// Reads the counter and increments it, unless a later leader has written it.
    async fn prepare(&self, token: FencingToken) -> Option<ConfigMap> {
        let mut map = match self.maps.get(&self.name).request_timeout(REQUEST).await {
            Ok(map) => map,
            Err(error) => {
                println!("ERROR {error}");
                return None;
            }
        };
        if let Err(error) = token.stamp(&mut map.metadata) {
            println!("REFUSED superseded {error}");
            return None;
        }
        let count: u64 = map.data.get(COUNT).map_or(0, |text| text.parse().expect("a number"));
        map.data.insert(COUNT, (count + 1).to_string());
        let mut history = map.data.get(HISTORY).map(|text| text.to_string()).unwrap_or_default();
        let line = format!("{token} {}\n", self.identity);
        if history.lines().last() != Some(line.trim_end()) {
            history.push_str(&line);
            map.data.insert(HISTORY, history);
        }
        Some(map)
    }

    async fn write(&self, map: &ConfigMap) {
        match self.maps.replace(map).request_timeout(REQUEST).await {
            Ok(_) => {}
            Err(error) if error.is_conflict() => println!("REFUSED conflict"),
            Err(error) => println!("ERROR {error}"),
        }
    }
}

/// The monotonic clock of the machine, which its processes share, in nanoseconds.
fn now() -> u128 {
    let time = clock_gettime(ClockId::Monotonic);
    u128::try_from(time.tv_sec).expect("after the start") * 1_000_000_000 + u128::try_from(time.tv_nsec).expect("below")
}
