//! Creates pods at a steady pace, with the time in their names, or deletes all of a namespace:
//! `create-pods create|clear NAMESPACE COUNT`. No node runs them, so that nothing else changes them.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kubewright::core::v1::{Namespace, Pod};
use kubewright::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// From one to the next: less than the server can do with the reconciling program on the same cores, or how long its queue is
/// would be all that is measured. At 400 a second the queue grew to seconds, with each of the programs.
const PACE: Duration = Duration::from_millis(5);
/// How long the server may rest before the first is created: deleting those of the run before keeps it busy for a while.
const REST: Duration = Duration::from_secs(3);
/// Requests on their way at once.
const PARALLEL: usize = 64;
const POD: &str = include_str!("pod.yaml");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("create|clear NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let client = Client::try_default().await?;
    let pods = client.core_v1().pods(namespace);
    match &**command {
        "create" => {
            let mut template: Pod = kubewright::yaml::from_str(&POD.replace("INDEX", "0"))?;
            template.spec.node_name = None;
            let mut ticks = interval_at(Instant::now() + REST, PACE);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut requests = JoinSet::new();
            for index in 0..count {
                ticks.tick().await;
                let (pods, mut pod) = (pods.clone(), template.clone());
                requests.spawn(async move {
                    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    pod.metadata.name = Some(format!("web-{index}-{}", now.as_nanos()).into());
                    pods.create(&pod).await.map(drop)
                });
                while let Some(created) = requests.try_join_next() {
                    created??;
                }
            }
            while let Some(created) = requests.join_next().await {
                created??;
            }
        }
        "clear" => {
            let wanted = Namespace { metadata: ObjectMeta::named(namespace), ..Default::default() };
            match client.core_v1().namespaces().create(&wanted).await {
                Err(error) if !error.is_already_exists() => return Err(error.into()),
                _ => {}
            }
            let there = pods.list().metadata_only().await?.items;
            stream::iter(there)
                .map(|pod| {
                    let (pods, name) = (pods.clone(), pod.metadata.name.unwrap_or_default());
                    async move {
                        match pods.delete(&name).await {
                            Err(error) if !error.is_not_found() => Err(error),
                            _ => Ok(()),
                        }
                    }
                })
                .buffer_unordered(PARALLEL)
                .try_collect::<()>()
                .await?;
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    Ok(())
}
