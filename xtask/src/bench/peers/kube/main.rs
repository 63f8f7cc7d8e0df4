//! Measures kube: `bench-kube COMMAND NAMESPACE COUNT`.

mod report;

use std::time::Instant;

use futures_util::TryStreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, WatchParams};
use kube::{Api, Client};
use report::Measure;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("COMMAND NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let pods: Api<Pod> = Api::namespaced(Client::try_default().await?, namespace);
    let measure = Measure::start();
    match &**command {
        "list" | "list-by-default" => {
            let list = pods.list(&ListParams::default()).await?;
            measure.print(list.items.len(), Vec::new());
        }
        "list-without-managed-fields" => {
            let mut all = Vec::new();
            let mut params = ListParams::default().limit(500);
            loop {
                let mut page = pods.list(&params).await?;
                page.items.iter_mut().for_each(|pod| pod.metadata.managed_fields = None);
                all.append(&mut page.items);
                match page.metadata.continue_ {
                    Some(token) if !token.is_empty() => params = params.continue_token(&token),
                    _ => break,
                }
            }
            measure.print(all.len(), Vec::new());
        }
        "watch" => {
            let mut events = Box::pin(pods.watch(&WatchParams::default(), "0").await?);
            let mut seen = 0;
            while seen < count && events.try_next().await?.is_some() {
                seen += 1;
            }
            measure.print(seen, Vec::new());
        }
        "get" => {
            let mut requests = Vec::with_capacity(count);
            for _ in 0..count {
                let start = Instant::now();
                pods.get("web-0").await?;
                requests.push(start.elapsed());
            }
            measure.print(count, requests);
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    Ok(())
}
