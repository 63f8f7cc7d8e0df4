//! What a watcher has seen of each object, by the counter that every change raises by one.

use std::collections::{HashMap, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt as _};
use serde::Serialize;

/// The annotation with the counter.
const COUNTER: &str = "counter";

/// What was seen of the objects of a kind.
#[derive(Default)]
pub struct Seen {
    /// The last counters, by uid.
    last: HashMap<String, u64>,
    deleted: HashSet<String>,
    pub counts: Counts,
}

/// How often something was seen.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Counts {
    pub events: u64,
    /// Transitions that no event told of: correct only where everything was listed again.
    pub skipped: u64,
    /// The same state twice: correct only then, too.
    pub repeated: u64,
    /// An older state after a newer one, or an object after its deletion: never correct.
    pub back: u64,
}

impl Seen {
    /// Takes an event in.
    pub fn event<K: Resource>(&mut self, event: &Event<K>) {
        match event {
            Event::Apply(object) | Event::InitApply(object) => self.object(object.meta()),
            Event::Delete(object) => self.deletion(object.meta()),
            Event::Init | Event::InitDone => {}
        }
    }

    fn object(&mut self, metadata: &ObjectMeta) {
        let Some((uid, counter)) = identity(metadata) else { return };
        self.counts.events += 1;
        if self.deleted.contains(&uid) {
            self.counts.back += 1;
        }
        match self.last.insert(uid, counter) {
            None if counter > 0 => self.counts.skipped += 1,
            Some(before) if counter < before => self.counts.back += 1,
            Some(before) if counter == before => self.counts.repeated += 1,
            Some(before) if counter > before + 1 => self.counts.skipped += 1,
            _ => {}
        }
    }

    fn deletion(&mut self, metadata: &ObjectMeta) {
        let Some((uid, counter)) = identity(metadata) else { return };
        self.counts.events += 1;
        match self.last.remove(&uid) {
            Some(before) if counter < before => self.counts.back += 1,
            Some(before) if counter == before => {}
            _ => self.counts.skipped += 1,
        }
        if !self.deleted.insert(uid) {
            self.counts.repeated += 1;
        }
    }

    /// The last counter of an object.
    pub fn counter<K: Resource>(&self, object: &K) -> Option<u64> {
        self.last.get(&object.uid()?).copied()
    }
}

/// The uid and the counter of an object that the test has made.
fn identity(metadata: &ObjectMeta) -> Option<(String, u64)> {
    let counter = metadata.annotations.as_ref()?.get(COUNTER)?.parse().ok()?;
    Some((metadata.uid.clone()?, counter))
}
