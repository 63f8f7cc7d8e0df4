//! Who looks at a watcher's events, and finds out whether one is missing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kubewright::core::v1::ConfigMap;
use kubewright_runtime::Result;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::watch::WatcherEvent;

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

#[derive(Clone)]
pub struct Follower {
    name: String,
    state: Arc<Mutex<State>>,
}

impl Follower {
    pub fn new(name: String) -> Self {
        Self { name, state: Arc::default() }
    }

    /// Looks at the next event of its watcher, which has no end.
    pub fn see(&self, event: Option<&Result<WatcherEvent<ConfigMap>>>) {
        let mut state = self.state.lock().expect("not poisoned");
        match event {
            Some(Ok(event)) => state.take(event),
            Some(Err(error)) => state.problem(format!("it ended: {error}")),
            None => state.problem("it is over".to_owned()),
        }
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
    fn take(&mut self, event: &WatcherEvent<ConfigMap>) {
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
                self.keep(map);
            }
            WatcherEvent::Synced { resource_version } => {
                (self.synced, self.version) = (true, resource_version.parse().expect("a number"));
            }
            WatcherEvent::Applied(map) => {
                self.follows(map);
                let (name, count) = (place(&map.metadata).0, count(map));
                let expected = match self.known.get(&name) {
                    Some(known) if known.uid == uid(map) => known.count + 1,
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
                self.keep(map);
            }
            WatcherEvent::Deleted(map) => {
                self.follows(map);
                let (name, uid) = (place(&map.metadata).0, uid(map));
                let known = self.known.remove(&name);
                if self.synced && known.is_none_or(|known| known.uid != uid || known.count != count(map)) {
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
