//! Makes the pods that everything is measured on, if they are not there yet: `make-pods NAMESPACE COUNT`.
//! A line on its standard output tells how many there are.

use std::collections::HashSet;
use std::error::Error;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kubewright::core::v1::{Namespace, Pod};
use kubewright::prelude::*;

/// Requests on their way at once.
const PARALLEL: usize = 24;
/// How long the fake kubelet may take to run them all.
const PATIENCE: Duration = Duration::from_secs(600);
const POD: &str = include_str!("pod.yaml");
/// What a second manager owns, by server-side apply, as an operator or a policy engine would.
const APPLIED: &str = include_str!("applied.yaml");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [namespace, count] = &arguments[..] else { return Err("NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let client = Client::try_default().await?;
    let wanted = Namespace { metadata: ObjectMeta::named(namespace), ..Default::default() };
    match client.core_v1().namespaces().create(&wanted).await {
        Err(error) if !error.is_already_exists() => return Err(error.into()),
        _ => {}
    }
    let pods = client.core_v1().pods(namespace);
    // A run that was broken off leaves gaps.
    let there: HashSet<String> = pods
        .list()
        .metadata_only()
        .await?
        .items
        .into_iter()
        .filter_map(|pod| Some(pod.metadata.name?.to_string()))
        .collect();
    let missing: Vec<usize> = (0..count).filter(|index| !there.contains(&format!("web-{index}"))).collect();
    stream::iter(missing)
        .map(|index| {
            let pods = pods.clone();
            async move {
                let text = |template: &str| {
                    template.replace("INDEX", &index.to_string()).replace("NODE", &(index % 2 + 1).to_string())
                };
                let pod: Pod = kubewright::yaml::from_str(&text(POD))?;
                match pods.create(&pod).field_manager("kube-controller-manager").await {
                    Err(error) if !error.is_already_exists() => return Err(error.into()),
                    _ => {}
                }
                let applied: Pod = kubewright::yaml::from_str(&text(APPLIED))?;
                pods.apply(&applied, "mesh-operator").force().await?;
                if index % 100 == 99 {
                    println!("{}", index + 1);
                }
                Ok::<_, Box<dyn Error>>(())
            }
        })
        .buffer_unordered(PARALLEL)
        .try_collect::<()>()
        .await?;

    let start = Instant::now();
    loop {
        let running = pods.list().fields("status.phase=Running").metadata_only().await?.items.len();
        println!("{running}");
        if running >= count {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("only {running} of {count} pods are running").into());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
