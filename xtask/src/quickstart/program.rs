//! A first program with a client that was generated from a cluster. It only reads.

mod kube;

use futures_util::TryStreamExt as _;
use kube::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    println!("Kubernetes says it is {}", client.get_text("/version", "application/json").await?.replace('\n', " "));

    for namespace in client.core_v1().namespaces().list().await? {
        println!("namespace {}", namespace.metadata.name.as_deref().unwrap_or("-"));
    }
    let mut pods = client.core_v1().pods_in_all_namespaces().list().page_size(100).stream();
    let mut count = 0;
    while let Some(pod) = pods.try_next().await? {
        count += 1;
        if count <= 10 {
            let phase = pod.status.phase.as_ref().map_or("-", |phase| phase.as_str());
            println!("pod {} is {phase}", pod.metadata.name.as_deref().unwrap_or("-"));
        }
    }
    println!("{count} pods in all");
    Ok(())
}
