//! A cache, one of its subscribers, and whether both are what the server has.

use std::collections::BTreeMap;

use futures_util::{FutureExt as _, StreamExt as _};
use kubewright::core::v1::ConfigMap;
use kubewright_controller::{Change, Store, Subscription};

/// Objects by name: their uid, and how often they were changed.
pub type Objects = BTreeMap<String, (String, u64)>;

pub fn state(map: &ConfigMap) -> (String, (String, u64)) {
    let text = |field: &Option<kubewright_runtime::CompactString>| field.clone().unwrap_or_default().to_string();
    (text(&map.metadata.name), (text(&map.metadata.uid), count(map)))
}

pub fn count(map: &ConfigMap) -> u64 {
    map.data.get("count").map_or(0, |count| count.parse().expect("a number"))
}

/// A cache, and what one of its subscribers made of the changes.
pub struct Cached {
    pub store: Store<ConfigMap>,
    changes: Subscription<ConfigMap>,
    pub known: Objects,
}

impl Cached {
    pub fn new(store: Store<ConfigMap>) -> Self {
        Self { changes: store.subscribe(), store, known: Objects::new() }
    }

    /// Takes what has changed. Panics if that does not follow from what was known.
    pub fn poll(&mut self) {
        while let Some(change) = self.changes.next().now_or_never() {
            match change.expect("the store runs") {
                Change::Applied { object, previous, .. } => {
                    let (name, now) = state(&object);
                    let previous = previous.map(|previous| state(&previous).1);
                    assert_eq!(previous, self.known.get(&name).cloned(), "the previous state of {name}");
                    if let Some((uid, count)) = previous {
                        assert_eq!(uid, now.0, "{name}: another object is created, and not modified");
                        assert!(count < now.1, "{name}: {count}, then {}", now.1);
                    }
                    self.known.insert(name, now);
                }
                Change::Deleted(object) => {
                    let (name, (uid, _)) = state(&object);
                    assert_eq!(self.known.remove(&name).map(|(uid, _)| uid), Some(uid), "the deletion of {name}");
                }
                _ => {}
            }
        }
    }

    pub fn is_equal(&mut self, server: &Objects) -> bool {
        self.poll();
        let cached: Objects = self.store.list().iter().map(|map| state(&map)).collect();
        cached == *server && self.known == *server
    }
}
