//! Measures kubewright's caches and controllers: `bench-ours-controllers COMMAND NAMESPACE COUNT`.

mod reconciles;
mod report;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use kubewright::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use kubewright::batch::v1::{CronJob, Job};
use kubewright::core::v1::{
    ConfigMap, LimitRange, Namespace, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController,
    ResourceQuota, Secret, Service, ServiceAccount,
};
use kubewright::networking::v1::{Ingress, NetworkPolicy};
use kubewright::policy::v1::PodDisruptionBudget;
use kubewright::prelude::*;
use kubewright::watch::WatcherEvent;
use kubewright::{Api, Client, Config, Resource, verbs};
use kubewright_controller::{Action, Cache, Controller, ObjectKey, Reflector};
use reconciles::Started;
use report::Measure;
use tokio::sync::{oneshot, watch};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("COMMAND NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let mut config = Config::infer()?;
    config.compression = false;
    let client = Client::new(&config)?;
    let pods = || client.core_v1().pods(namespace).list().without_managed_fields().watcher();
    let mut measure = Measure::start();
    match &**command {
        "cache" => {
            let store = Reflector::new(pods()).spawn();
            store.wait_synced().await?;
            measure.print(store.len(), Vec::new());
        }
        "cache-reads" => {
            let store = Reflector::new(pods()).packed().spawn();
            store.wait_synced().await?;
            measure.synced();
            let keys: Vec<_> = (0..count)
                .map(|index| ObjectKey::namespaced(&**namespace, format!("web-{}", index * 7919 % count)))
                .collect();
            let mut reads = Vec::with_capacity(count);
            for key in &keys {
                let start = Instant::now();
                let pod = store.get(key).ok_or("a pod is missing")?;
                reads.push(start.elapsed());
                drop(pod);
            }
            measure.print(store.len(), reads);
        }
        "relist" => {
            let (again, relist) = oneshot::channel::<()>();
            let lists = watch::Sender::new(0);
            let counted = lists.clone();
            // As after 410: everything is listed again, into the same store.
            let restarted = stream::iter([Ok(WatcherEvent::Restarted)]);
            let events = pods().take_until(relist).chain(restarted).chain(pods()).inspect(move |event| {
                if let Ok(WatcherEvent::Synced { .. }) = event {
                    counted.send_modify(|lists| *lists += 1);
                }
            });
            let store = Reflector::new(events).spawn();
            let mut lists = lists.subscribe();
            lists.wait_for(|lists| *lists == 1).await?;
            tokio::time::sleep(report::REST).await;
            measure.filled();
            let _ = again.send(());
            lists.wait_for(|lists| *lists == 2).await?;
            tokio::time::sleep(report::REST).await;
            measure.print(store.len(), Vec::new());
        }
        "reconcile" => {
            let started = Arc::new(Started::new(count));
            let pods = Api::<Pod>::namespaced(&client, namespace);
            let reconciled = started.clone();
            let controller = Controller::new(&pods);
            let store = controller.store().clone();
            tokio::spawn(controller.run(move |pod: Arc<Pod>, _| {
                reconciled.now(pod.metadata.name.as_deref().unwrap_or_default());
                async { Ok::<_, Infallible>(Action::done()) }
            }));
            store.wait_synced().await?;
            tokio::time::sleep(report::REST).await;
            println!("ready");
            let latencies = started.all().await;
            measure.print(latencies.len(), latencies);
        }
        "idle" => {
            let cache = Cache::new(&client);
            tokio::join!(
                control::<Pod>(&cache),
                control::<Service>(&cache),
                control::<ConfigMap>(&cache),
                control::<Secret>(&cache),
                control::<ServiceAccount>(&cache),
                control::<Namespace>(&cache),
                control::<PersistentVolume>(&cache),
                control::<PersistentVolumeClaim>(&cache),
                control::<ReplicationController>(&cache),
                control::<ResourceQuota>(&cache),
                control::<LimitRange>(&cache),
                control::<Deployment>(&cache),
                control::<ReplicaSet>(&cache),
                control::<StatefulSet>(&cache),
                control::<DaemonSet>(&cache),
                control::<Job>(&cache),
                control::<CronJob>(&cache),
                control::<Ingress>(&cache),
                control::<NetworkPolicy>(&cache),
                control::<PodDisruptionBudget>(&cache),
            );
            tokio::time::sleep(Duration::from_secs(5)).await;
            measure.idle(report::IDLE).await;
            measure.print(cache.running(), Vec::new());
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    Ok(())
}

/// Runs a controller that does nothing, and waits until its cache is filled.
async fn control<K: Resource + verbs::List + verbs::Watch>(cache: &Cache) {
    let store = cache.of::<K>().store();
    tokio::spawn(Controller::new(&store).run(|_, _| async { Ok::<_, Infallible>(Action::done()) }));
    let _ = store.wait_synced().await;
}
