//! Random sequences of events: the store equals a model of the server, and so does what subscribers made of it.

use std::collections::BTreeMap;

use fastrand::Rng;
use futures_util::{FutureExt as _, StreamExt as _};
use kubewright::Error;
use kubewright::core::v1::ConfigMap;
use kubewright::watch::WatcherEvent;

use super::{Bed, of_uid};
use crate::{Change, Index, Subscription};

/// Objects by name: uid and version. Their colour follows from the version.
type Objects = BTreeMap<String, (String, u64)>;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn colour(version: u64) -> String {
    ["red", "green", "blue"][version as usize % 3].to_owned()
}

fn config_map(name: &str, (uid, version): &(String, u64)) -> ConfigMap {
    let mut object = of_uid(name, uid, *version);
    object.data.insert("colour", colour(*version));
    object
}

fn state(object: &ConfigMap) -> (String, (String, u64)) {
    let metadata = &object.metadata;
    let text = |field: &Option<kubewright_runtime::CompactString>| field.clone().unwrap_or_default().to_string();
    let version = text(&metadata.resource_version).parse().expect("a number");
    assert_eq!(object.data["colour"], colour(version), "the object is of one version");
    (text(&metadata.name), (text(&metadata.uid), version))
}

/// What a subscriber makes of its changes.
struct Mirror {
    subscription: Subscription<ConfigMap>,
    objects: Objects,
    is_synced: bool,
}

impl Mirror {
    fn new(bed: &Bed) -> Self {
        Self { subscription: bed.store.subscribe(), objects: Objects::new(), is_synced: false }
    }

    fn poll(&mut self) {
        while let Some(Some(change)) = self.subscription.next().now_or_never() {
            match change {
                Change::Applied { object, previous, initial } => {
                    let (name, now) = state(&object);
                    let previous = previous.map(|previous| state(&previous).1);
                    assert!(!initial || !self.is_synced, "{name} is initial after the others");
                    assert_eq!(previous, self.objects.get(&name).cloned(), "the previous state of {name}");
                    assert_ne!(previous.as_ref(), Some(&now), "a change of {name} that is none");
                    self.objects.insert(name, now);
                }
                Change::Deleted(object) => {
                    let (name, (uid, _)) = state(&object);
                    let known = self.objects.remove(&name).map(|(uid, _)| uid);
                    assert_eq!(known, Some(uid), "the deletion of {name}");
                }
                Change::Synced => assert!(!std::mem::replace(&mut self.is_synced, true), "synced twice"),
            }
        }
    }
}

struct Model {
    random: Rng,
    bed: Bed,
    server: Objects,
    version: u64,
    is_connected: bool,
}

impl Model {
    /// Changes an object of the server, and sends the event if the watch is there.
    fn change(&mut self, name: &str) {
        self.version += 1;
        let version = self.version;
        let event = match self.server.get_mut(name) {
            Some(_) if self.random.u8(..3) == 0 => {
                let (uid, _) = self.server.remove(name).expect("there");
                WatcherEvent::Deleted(config_map(name, &(uid, version)))
            }
            Some(object) => {
                object.1 = version;
                WatcherEvent::Applied(config_map(name, object))
            }
            None => {
                let object = (format!("uid-{version}"), version);
                let event = WatcherEvent::Applied(config_map(name, &object));
                self.server.insert(name.to_owned(), object);
                event
            }
        };
        if self.is_connected {
            self.bed.shared.apply(event);
        }
    }

    fn any(&mut self) -> &'static str {
        NAMES[self.random.usize(..NAMES.len())]
    }

    /// Lists: the objects in any order, with changes to those that were sent already in between. False if it breaks off.
    fn list(&mut self) -> bool {
        let version = self.version;
        let mut listed: Vec<_> = self.server.clone().into_iter().collect();
        self.random.shuffle(&mut listed);
        self.is_connected = true;
        let mut sent = Vec::new();
        for (name, object) in listed {
            if self.random.u8(..16) == 0 {
                self.is_connected = false;
                return false;
            }
            self.bed.shared.apply(WatcherEvent::Initial(config_map(&name, &object)));
            sent.push(name);
            if self.random.u8(..4) == 0 {
                let name = sent[self.random.usize(..sent.len())].clone();
                self.change(&name);
            }
        }
        self.bed.synced(&version.to_string());
        true
    }

    fn check(&self, by_colour: &Index<ConfigMap, String>) {
        let store = &self.bed.store;
        let objects: Objects = store.list().iter().map(|object| state(&object)).collect();
        assert_eq!(objects, self.server);
        assert_eq!((store.len(), self.bed.shared.state().by_uid.len()), (self.server.len(), self.server.len()));
        for (name, (uid, version)) in &self.server {
            assert_eq!(store.get_by_uid(uid).map(|object| state(&object).0).as_ref(), Some(name));
            assert!(by_colour.get(&colour(*version)).iter().any(|object| state(&object).0 == *name), "{name}");
        }
        let indexed: usize = by_colour.keys().iter().map(|colour| by_colour.get(colour).len()).sum();
        assert_eq!(indexed, self.server.len(), "each has one colour");
    }
}

fn run(seed: u64) {
    let bed = Bed::of(seed % 2 == 1);
    let mut model =
        Model { random: Rng::with_seed(seed), bed, server: Objects::new(), version: 0, is_connected: false };
    let by_colour = model.bed.store.index(|object: &ConfigMap| object.data.get("colour").map(ToString::to_string));
    let mut mirrors = [Mirror::new(&model.bed), Mirror::new(&model.bed), Mirror::new(&model.bed)];
    let mut is_listed = false;
    for _ in 0..300 {
        match model.random.u8(..12) {
            0 if model.is_connected && is_listed => {
                model.is_connected = false;
                let interrupted =
                    WatcherEvent::Interrupted { error: Some(Error::aborted("cut")), pause: Default::default() };
                model.bed.shared.apply(interrupted);
            }
            1 if model.is_connected => model.bed.bookmark(&model.version.to_string()),
            2 => mirrors[1].poll(),
            3 if model.random.u8(..4) == 0 => mirrors[2] = Mirror::new(&model.bed),
            4 | 5 if !model.is_connected => {
                if is_listed || !model.bed.store.is_empty() {
                    model.bed.restarted();
                }
                is_listed |= model.list();
            }
            _ => {
                let name = model.any();
                model.change(name);
            }
        }
        mirrors[0].poll();
        if model.is_connected {
            model.check(&by_colour);
        }
    }
    while !model.is_connected {
        model.bed.restarted();
        model.list();
    }
    model.check(&by_colour);
    for (index, mirror) in mirrors.iter_mut().enumerate() {
        mirror.poll();
        assert_eq!(mirror.objects, model.server, "subscriber {index}");
        assert!(mirror.is_synced);
    }
}

#[test]
fn after_random_events_the_store_and_its_subscribers_equal_the_server() {
    for seed in 0..60 {
        if std::panic::catch_unwind(|| run(seed)).is_err() {
            panic!("seed {seed}");
        }
    }
}
