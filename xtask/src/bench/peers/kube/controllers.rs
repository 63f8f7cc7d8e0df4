//! Measures kube-runtime: `bench-kube-controllers COMMAND NAMESPACE COUNT`.

mod reconciles;
mod report;

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, Namespace, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController,
    ResourceQuota, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::{ObjectRef, Store, store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource};
use reconciles::Started;
use report::Measure;
use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("COMMAND NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let client = Client::try_default().await?;
    let api: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let pods = || {
        let events = watcher(api.clone(), watcher::Config::default()).default_backoff();
        events.modify(|pod| pod.metadata.managed_fields = None)
    };
    let mut measure = Measure::start();
    match &**command {
        "cache" => {
            let (reader, writer) = store();
            tokio::spawn(pods().reflect(writer).for_each(|_| std::future::ready(())));
            reader.wait_until_ready().await?;
            measure.print(reader.len(), Vec::new());
        }
        "cache-reads" => {
            let (reader, writer) = store();
            tokio::spawn(pods().reflect(writer).for_each(|_| std::future::ready(())));
            reader.wait_until_ready().await?;
            measure.synced();
            let keys: Vec<_> = (0..count)
                .map(|index| ObjectRef::new(&format!("web-{}", index * 7919 % count)).within(namespace))
                .collect();
            let mut reads = Vec::with_capacity(count);
            for key in &keys {
                let start = Instant::now();
                let pod = reader.get(key).ok_or("a pod is missing")?;
                reads.push(start.elapsed());
                drop(pod);
            }
            measure.print(reader.len(), reads);
        }
        "relist" => {
            let (again, relist) = oneshot::channel::<()>();
            let lists = watch::Sender::new(0);
            let counted = lists.clone();
            let (reader, writer) = store();
            // A new watcher begins as it does after 410: everything is listed again, into the same store.
            let events = pods().take_until(relist).chain(stream::once(async { pods() }).flatten());
            let events = events.inspect(move |event| {
                if let Ok(watcher::Event::InitDone) = event {
                    counted.send_modify(|lists| *lists += 1);
                }
            });
            let filling = events.reflect(writer).for_each(|_| std::future::ready(()));
            let both = async {
                let mut lists = lists.subscribe();
                lists.wait_for(|lists| *lists == 1).await?;
                tokio::time::sleep(report::REST).await;
                measure.filled();
                let _ = again.send(());
                lists.wait_for(|lists| *lists == 2).await?;
                tokio::time::sleep(report::REST).await;
                measure.print(reader.len(), Vec::new());
                Ok::<_, Box<dyn std::error::Error>>(())
            };
            tokio::select! {
                () = filling => return Err("the watch has ended".into()),
                done = both => done?,
            }
        }
        "reconcile" => {
            let started = Arc::new(Started::new(count));
            let controller = Controller::new(api, watcher::Config::default());
            let (store, config) = (controller.store(), Config::default().concurrency(10));
            let reconcile = |pod: Arc<Pod>, started: Arc<Started>| {
                started.now(pod.metadata.name.as_deref().unwrap_or_default());
                async { Ok::<_, Infallible>(Action::await_change()) }
            };
            let running =
                controller.with_config(config).run(reconcile, |_, _, _| Action::await_change(), started.clone());
            tokio::spawn(running.for_each(|_| std::future::ready(())));
            ready(&store).await;
            tokio::time::sleep(report::REST).await;
            println!("ready");
            let latencies = started.all().await;
            measure.print(latencies.len(), latencies);
        }
        "idle" => {
            tokio::join!(
                control::<Pod>(&client),
                control::<Service>(&client),
                control::<ConfigMap>(&client),
                control::<Secret>(&client),
                control::<ServiceAccount>(&client),
                control::<Namespace>(&client),
                control::<PersistentVolume>(&client),
                control::<PersistentVolumeClaim>(&client),
                control::<ReplicationController>(&client),
                control::<ResourceQuota>(&client),
                control::<LimitRange>(&client),
                control::<Deployment>(&client),
                control::<ReplicaSet>(&client),
                control::<StatefulSet>(&client),
                control::<DaemonSet>(&client),
                control::<Job>(&client),
                control::<CronJob>(&client),
                control::<Ingress>(&client),
                control::<NetworkPolicy>(&client),
                control::<PodDisruptionBudget>(&client),
            );
            tokio::time::sleep(Duration::from_secs(5)).await;
            measure.idle(report::IDLE).await;
            measure.print(count, Vec::new());
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    Ok(())
}

/// Runs a controller that does nothing, and waits until its cache is filled.
async fn control<K>(client: &Client)
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let controller = Controller::new(Api::<K>::all(client.clone()), watcher::Config::default());
    let store = controller.store();
    let running = controller.run(
        |_, _| async { Ok::<_, Infallible>(Action::await_change()) },
        |_, _, _| Action::await_change(),
        Arc::new(()),
    );
    tokio::spawn(running.for_each(|_| std::future::ready(())));
    ready(&store).await;
}

/// Waits until the cache of a running controller is filled.
///
/// A controller waits for its store itself, and in kube-runtime 5.0 the store wakes only the waiter that asked last. So this
/// asks now and then.
async fn ready<K>(store: &Store<K>)
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if store.wait_until_ready().now_or_never().is_some() {
            return;
        }
    }
}
