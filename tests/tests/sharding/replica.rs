//! A replica with a small controller, and the record of what all of them do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMaps;
use kubewright::meta::v1::ObjectMeta;
use kubewright::watch::WatcherEvent;
use kubewright_controller::sharding::{ShardWatcher, ShardingEvent};
use kubewright_controller::{Gate, Membership};
use kubewright_runtime::Client;
use kubewright_tests::config;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::proxy::Proxy;
use super::{LIMIT, lease_duration};

/// What all replicas do.
#[derive(Clone, Default)]
pub struct Reconciles(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    /// Which replica acts on which object now.
    acting: BTreeMap<String, usize>,
    /// Which replicas have acted on it since the record was forgotten.
    done: BTreeMap<String, BTreeSet<usize>>,
    clashes: Vec<String>,
    /// How many objects each replica watches.
    watched: BTreeMap<usize, usize>,
    /// How often a replica has gained a slot.
    moves: usize,
}

impl Reconciles {
    fn record<T>(&self, f: impl FnOnce(&mut Record) -> T) -> T {
        f(&mut self.0.lock().expect("not poisoned"))
    }

    pub fn forget(&self) {
        self.record(|record| record.done.clear());
    }

    pub fn done(&self) -> BTreeMap<String, BTreeSet<usize>> {
        self.record(|record| record.done.clone())
    }

    pub fn clashes(&self) -> Vec<String> {
        self.record(|record| record.clashes.clone())
    }

    pub fn watched(&self, replica: usize) -> usize {
        self.record(|record| record.watched.get(&replica).copied().unwrap_or_default())
    }

    pub fn moves(&self) -> usize {
        self.record(|record| record.moves)
    }

    fn begin(&self, uid: String, number: usize) -> Acting {
        self.record(|record| {
            if let Some(other) = record.acting.insert(uid.clone(), number) {
                record.clashes.push(format!("{other} and {number} acted on {uid}"));
            }
        });
        Acting { reconciles: self.clone(), uid, number }
    }
}

/// Ends with the reconcile, also if that is aborted.
struct Acting {
    reconciles: Reconciles,
    uid: String,
    number: usize,
}

impl Drop for Acting {
    fn drop(&mut self) {
        self.reconciles.record(|record| record.acting.remove(&self.uid));
    }
}

impl Acting {
    fn finish(self) {
        let (uid, number) = (self.uid.clone(), self.number);
        self.reconciles.record(|record| record.done.entry(uid).or_default().insert(number));
    }
}

pub struct Replica {
    pub number: usize,
    pub gate: Gate,
    pub proxy: Proxy,
    shutdown: oneshot::Sender<()>,
    membership: JoinHandle<()>,
    controller: JoinHandle<()>,
}

impl Replica {
    pub async fn start(kubeconfig: &Path, namespace: &str, number: usize, reconciles: &Reconciles) -> Self {
        let mut config = config(kubeconfig);
        let proxy = Proxy::start(config.server.authority().expect("an address").to_string()).await;
        config.server = format!("https://{}", proxy.address).parse().expect("a URL");
        let client = Client::new(&config).expect("a client");
        let mut membership = Membership::builder(&client, namespace, "operator")
            .identity(format!("replica-{number}"))
            .slots(32)
            .lease_duration(lease_duration())
            .renew_deadline(lease_duration() * 2 / 3)
            .retry_period(lease_duration() / 15)
            .on_event({
                let reconciles = reconciles.clone();
                move |event| {
                    println!("replica {number}: {event:?}");
                    if matches!(event, ShardingEvent::Gained { .. }) {
                        reconciles.record(|record| record.moves += 1);
                    }
                }
            })
            .build()
            .expect("valid settings");
        let gate = membership.gate();
        let (shutdown, is_shut_down) = oneshot::channel();
        let membership = tokio::spawn(async move {
            membership.run(async { is_shut_down.await.expect("the test keeps the other end") }).await;
        });
        let maps = client.core_v1().config_maps(namespace);
        let controller = tokio::spawn(control(maps, gate.clone(), number, reconciles.clone()));
        Self { number, gate, proxy, shutdown, membership, controller }
    }

    /// As SIGKILL: nothing is handed over.
    pub fn kill(self) {
        self.membership.abort();
        self.controller.abort();
    }

    pub async fn leave(self) {
        self.shutdown.send(()).expect("it runs");
        timeout(LIMIT, self.membership).await.expect("in time").expect("no panic");
        self.controller.abort();
    }
}

/// Reconciles the objects of this replica again and again. Every second replica receives only its own from the server.
async fn control(maps: ConfigMaps, gate: Gate, number: usize, reconciles: Reconciles) {
    let list = move || maps.list().labels("test=sharding");
    let is_sharded = number.is_multiple_of(2);
    let mut events = if is_sharded { ShardWatcher::new(&gate, list) } else { ShardWatcher::filtered(&gate, list) };
    let (mut objects, mut is_synced) = (BTreeMap::new(), false);
    loop {
        // What is there, and then a pass.
        let pause = if is_synced { Duration::from_millis(50) } else { Duration::MAX };
        if let Ok(event) = timeout(pause, events.next()).await {
            match event.expect("an endless stream").expect("no final error") {
                WatcherEvent::Initial(map) | WatcherEvent::Applied(map) => {
                    let uid = map.metadata.uid.clone().expect("a uid").to_string();
                    objects.insert(uid, map.metadata);
                }
                WatcherEvent::Synced { .. } => is_synced = true,
                WatcherEvent::Restarted => {
                    objects.clear();
                    is_synced = false;
                }
                WatcherEvent::Interrupted { error: Some(error), .. } => println!("replica {number}: {error}"),
                _ => {}
            }
            continue;
        }
        reconciles.record(|record| record.watched.insert(number, objects.len()));
        let all: Vec<_> = objects.values().map(|object| reconcile(object, &gate, number, &reconciles)).collect();
        stream::iter(all).buffer_unordered(64).for_each(|()| std::future::ready(())).await;
    }
}

async fn reconcile(object: &ObjectMeta, gate: &Gate, number: usize, reconciles: &Reconciles) {
    let Some(permit) = gate.try_enter(object) else { return };
    let acting = reconciles.begin(object.uid.clone().expect("a uid").to_string(), number);
    tokio::select! {
        biased;
        () = permit.lost() => {}
        () = sleep(Duration::from_millis(fastrand::u64(0..5))) => acting.finish(),
    }
}
