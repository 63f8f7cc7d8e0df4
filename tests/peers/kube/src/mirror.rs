//! Caches that follow a server, and print what they have whenever a line comes in.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::reflector::{Store, store::Writer};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::Result;
use crate::seen::Seen;

/// Follows config maps by lists, pods by a watch that begins with what is there, and widgets without their type.
pub async fn run(client: &Client) -> Result {
    let config = watcher::Config::default;
    let widgets = ApiResource::from_gvk(&GroupVersionKind::gvk("peers.example.com", "v1", "Widget"));
    let config_maps = follow(Api::<ConfigMap>::default_namespaced(client.clone()), config().page_size(7), ());
    let pods = follow(Api::<Pod>::default_namespaced(client.clone()), config().streaming_lists(), ());
    let widgets = follow(Api::<DynamicObject>::default_namespaced_with(client.clone(), &widgets), config(), widgets);
    config_maps.store.wait_until_ready().await?;
    pods.store.wait_until_ready().await?;
    widgets.store.wait_until_ready().await?;
    println!("{}", json!({ "ready": true }));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some() {
        config_maps.print("ConfigMap");
        pods.print("Pod");
        widgets.print("Widget");
        println!("{}", json!({ "end": true }));
    }
    Ok(())
}

/// The cache of a kind.
struct Mirror<K: Resource<DynamicType: Eq + Hash> + 'static> {
    store: Store<K>,
    seen: Arc<Mutex<Seen>>,
}

fn follow<K>(api: Api<K>, config: watcher::Config, kind: K::DynamicType) -> Mirror<K>
where
    K: Resource<DynamicType: Eq + Hash + Clone + Send + Sync>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + Sync
        + 'static,
{
    let writer = Writer::new(kind);
    let (store, seen) = (writer.as_reader(), Arc::new(Mutex::new(Seen::default())));
    let events = watcher(api, config).default_backoff().reflect(writer);
    let taken = seen.clone();
    tokio::spawn(events.for_each(move |event| {
        match event {
            Ok(event) => taken.lock().unwrap_or_else(PoisonError::into_inner).event(&event),
            Err(error) => eprintln!("{error}"),
        }
        std::future::ready(())
    }));
    Mirror { store, seen }
}

impl<K> Mirror<K>
where
    K: Resource<DynamicType: Eq + Hash + Clone> + Clone + Serialize + 'static,
{
    fn print(&self, kind: &str) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for object in self.store.state() {
            println!("{}", json!({ "kind": kind, "seen": seen.counter(&*object), "object": &*object }));
        }
        println!("{}", json!({ "kind": kind, "counts": seen.counts }));
    }
}
