//! Who looks at a watcher's events, and finds out whether one is missing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMap;
use kubewright_runtime::Client;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::watch::WatcherEvent;

use super::writer::LABEL;

/// What has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub changes: u64,
    pub restarts: u64,
    pub interruptions: u64,
}

#[derive(Default)]
struct State {
    seen: Seen,
    synced: bool,
    /// The version of the last change.
    version: u64,
    known: BTreeMap<String, Known>,
    problems: Vec<String>,
}

struct Known {
    uid: String,
    version: String,
    count: u64,
}

pub struct Follower {
    name: String,
    state: Arc<Mutex<State>>,
}

impl Follower {
    pub fn start(name: String, client: &Client) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let list = client.core_v1().config_maps(super::NAMESPACE).list().labels(LABEL);
        let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(20));
        let mut events = list.watcher().backoff(backoff).idle_timeout(Duration::from_millis(500));
        let told = state.clone();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                let mut state = told.lock().expect("not poisoned");
                match event {
                    Ok(event) => state.take(event),
                    Err(error) => state.problem(format!("it ended: {error}")),
                }
            }
            told.lock().expect("not poisoned").problem("it is over".to_owned());
        });
        Self { name, state }
    }

    pub fn problems(&self) -> Vec<String> {
        let state = self.state.lock().expect("not poisoned");
        state.problems.iter().map(|problem| format!("{}: {problem}", self.name)).collect()
    }

    /// The resource version of each object, once everything is known.
    pub fn known(&self) -> BTreeMap<String, String> {
        let state = self.state.lock().expect("not poisoned");
        let known = state.known.iter().filter(|_| state.synced);
        known.map(|(name, known)| (name.clone(), known.version.clone())).collect()
    }

    pub fn seen(&self) -> Seen {
        self.state.lock().expect("not poisoned").seen
    }
}

impl State {
    fn take(&mut self, event: WatcherEvent<ConfigMap>) {
        match event {
            WatcherEvent::Restarted => {
                self.seen.restarts += 1;
                (self.synced, self.known) = (false, BTreeMap::new());
            }
            WatcherEvent::Initial(map) => {
                if self.synced {
                    self.problem(format!("{:?} is there, after everything was", map.metadata.name));
                }
                let (name, version) = place(&map.metadata);
                if self.known.get(&name).is_some_and(|known| known.version == version) {
                    self.problem(format!("{name} of {version} is there twice"));
                }
                self.keep(&map);
            }
            WatcherEvent::Synced { resource_version } => {
                (self.synced, self.version) = (true, resource_version.parse().expect("a number"));
            }
            WatcherEvent::Applied(map) => {
                self.follows(&map);
                let (name, count) = (place(&map.metadata).0, count(&map));
                let expected = match self.known.get(&name) {
                    Some(known) if known.uid == uid(&map) => known.count + 1,
                    Some(_) => {
                        self.problem(format!("the deletion of {name} is missing"));
                        0
                    }
                    None => 0,
                };
                // Before everything is known, a change may come of an object that does not come otherwise.
                if self.synced && count != expected {
                    self.problem(format!("{name} comes with {count}, not {expected}"));
                }
                self.keep(&map);
            }
            WatcherEvent::Deleted(map) => {
                self.follows(&map);
                let (name, uid) = (place(&map.metadata).0, uid(&map));
                let known = self.known.remove(&name);
                if self.synced && known.is_none_or(|known| known.uid != uid || known.count != count(&map)) {
                    self.problem(format!("{name} is gone, of which something else was known"));
                }
            }
            WatcherEvent::Bookmark { resource_version } => {
                let version = resource_version.parse().expect("a number");
                if version < self.version {
                    self.problem(format!("a bookmark of {version} after {}", self.version));
                }
                self.version = version;
            }
            WatcherEvent::Interrupted { .. } => self.seen.interruptions += 1,
            other => self.problem(format!("{other:?}")),
        }
    }

    /// Events come in the order of their versions: what comes twice does not.
    fn follows(&mut self, map: &ConfigMap) {
        self.seen.changes += 1;
        let version = place(&map.metadata).1.parse().expect("a number");
        if self.synced && version <= self.version {
            self.problem(format!("{:?} of {version} after {}", map.metadata.name, self.version));
        }
        self.version = version;
    }

    fn keep(&mut self, map: &ConfigMap) {
        let (name, version) = place(&map.metadata);
        self.known.insert(name, Known { uid: uid(map), version, count: count(map) });
    }

    fn problem(&mut self, problem: String) {
        // The first says enough.
        if self.problems.len() < 5 {
            self.problems.push(problem);
        }
    }
}

fn count(map: &ConfigMap) -> u64 {
    map.data.get("count").and_then(|count| count.parse().ok()).expect("a count")
}

fn uid(map: &ConfigMap) -> String {
    map.metadata.uid.as_deref().unwrap_or_default().to_owned()
}

/// An object's name and its resource version.
pub fn place(metadata: &ObjectMeta) -> (String, String) {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    (text(metadata.name.as_deref()), text(metadata.resource_version.as_deref()))
}
