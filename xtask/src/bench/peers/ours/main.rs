//! Measures kubewright: `bench-ours COMMAND NAMESPACE COUNT`.

mod report;

use std::time::Instant;

use futures_util::TryStreamExt as _;
use kubewright::prelude::*;
use kubewright::{Client, Config};
use report::Measure;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("COMMAND NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let mut config = Config::infer()?;
    config.compression = command == "list-by-default";
    let pods = Client::new(&config)?.core_v1().pods(namespace);
    let measure = Measure::start();
    match &**command {
        "list" | "list-by-default" => {
            let list = pods.list().await?;
            measure.print(list.items.len(), Vec::new());
        }
        "list-without-managed-fields" => {
            let mut all = Vec::new();
            let mut stream = pods.list().page_size(500).stream();
            while let Some(mut pod) = stream.try_next().await? {
                pod.metadata.managed_fields = Vec::new();
                all.push(pod);
            }
            measure.print(all.len(), Vec::new());
        }
        "watch" => {
            let mut events = pods.watch().resource_version("0").await?;
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
