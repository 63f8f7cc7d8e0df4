//! A first program with a client that was generated from a cluster. It only reads.

use futures_util::TryStreamExt as _;
use quickstart::kube::prelude::*;

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    let version: serde_json::Value = serde_json::from_str(&client.get_text("/version", "application/json").await?)?;
    println!("  Kubernetes {}", version["gitVersion"].as_str().unwrap_or("-"));

    for namespace in client.core_v1().namespaces().list().await? {
        println!("  namespace {}", namespace.metadata.name.as_deref().unwrap_or("-"));
    }
    let mut pods = client.core_v1().pods_in_all_namespaces().list().page_size(100).stream();
    let mut count = 0;
    loop {
        match pods.try_next().await {
            Ok(Some(pod)) => {
                count += 1;
                if count <= 10 {
                    let phase = pod.status.phase.as_ref().map_or("-", |phase| phase.as_str());
                    println!("  pod {} is {phase}", pod.metadata.name.as_deref().unwrap_or("-"));
                }
            }
            Ok(None) => {
                println!("  {count} pods in all");
                return Ok(());
            }
            // A user who may not list pods, or a server that has none.
            Err(error) => {
                println!("  pods can't be listed: {error}");
                return Ok(());
            }
        }
    }
}
