//! A store whose events come from the tests themselves.

mod indexes;
mod model;
mod packed;
mod reads;
mod relists;
mod subscribers;
mod waiting;

use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _};
use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::{ObjectMeta, OwnerReference};
use kubewright::watch::WatcherEvent;
use tokio_util::sync::CancellationToken;

use super::{Change, Shared, Store, Subscription};
use crate::ObjectKey;

struct Bed {
    store: Store<ConfigMap>,
    shared: Arc<Shared<ConfigMap>>,
}

impl Bed {
    fn new() -> Self {
        Self::of(false)
    }

    fn of(is_packed: bool) -> Self {
        let shared = Arc::new(Shared::new(is_packed));
        let store = Store::new(shared.clone(), CancellationToken::new().drop_guard());
        Self { store, shared }
    }

    /// A store with these objects, of one list.
    fn with(objects: &[ConfigMap]) -> Self {
        let bed = Self::new();
        bed.list(objects, "10");
        bed
    }

    fn list(&self, objects: &[ConfigMap], version: &str) {
        objects.iter().for_each(|object| self.initial(object));
        self.synced(version);
    }

    fn initial(&self, object: &ConfigMap) {
        self.shared.apply(WatcherEvent::Initial(object.clone()));
    }

    fn applied(&self, object: &ConfigMap) {
        self.shared.apply(WatcherEvent::Applied(object.clone()));
    }

    fn deleted(&self, object: &ConfigMap) {
        self.shared.apply(WatcherEvent::Deleted(object.clone()));
    }

    fn synced(&self, version: &str) {
        self.shared.apply(WatcherEvent::Synced { resource_version: version.to_owned() });
    }

    fn restarted(&self) {
        self.shared.apply(WatcherEvent::Restarted);
    }

    fn bookmark(&self, version: &str) {
        self.shared.apply(WatcherEvent::Bookmark { resource_version: version.to_owned() });
    }

    fn names(&self) -> Vec<String> {
        self.store.list().iter().map(|object| shown(&object)).collect()
    }
}

/// An object in the namespace `shop`; its uid is its name, too.
fn object(name: &str, version: u64) -> ConfigMap {
    of_uid(name, name, version)
}

fn of_uid(name: &str, uid: &str, version: u64) -> ConfigMap {
    let metadata = ObjectMeta {
        namespace: Some("shop".into()),
        uid: Some(uid.into()),
        resource_version: Some(version.to_string().into()),
        ..ObjectMeta::named(name)
    };
    ConfigMap { metadata, ..Default::default() }
}

fn owned(name: &str, uid: &str, is_controller: bool) -> ConfigMap {
    let owner = OwnerReference { uid: uid.into(), controller: Some(is_controller), ..Default::default() };
    let mut object = object(name, 1);
    object.metadata.owner_references = vec![owner];
    object
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::namespaced("shop", name)
}

fn shown(object: &ConfigMap) -> String {
    let text = |field: &Option<kubewright_runtime::CompactString>| field.clone().unwrap_or_default();
    format!("{}@{}", text(&object.metadata.name), text(&object.metadata.resource_version))
}

/// The changes that can be polled now, in words.
fn polled(subscription: &mut Subscription<ConfigMap>) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(Some(change)) = subscription.next().now_or_never() {
        words.push(match change {
            Change::Applied { object, previous: None, initial: true } => format!("initial {}", shown(&object)),
            Change::Applied { object, previous: None, initial: false } => format!("added {}", shown(&object)),
            Change::Applied { object, previous: Some(previous), .. } => {
                format!("modified {} to {}", shown(&previous), shown(&object))
            }
            Change::Deleted(object) => format!("deleted {}", shown(&object)),
            Change::Synced => "synced".to_owned(),
        });
    }
    words
}
