//! The same calls of one client to the fake server in its own process, or to a server elsewhere. It prints lines of JSON.
//!
//! - `bench-fake start`: a new fake server and its first answer;
//! - `bench-fake pods fake|server COUNT`: that many pods created, then listed and watched, of which nothing is decoded. Then it waits
//!   for a line, in which time the memory of the server is measured: the client has none of the pods. Then they are listed and watched
//!   once more, and decoded;
//! - `bench-fake tests COUNT`: that many tests with a fake server each.

#[allow(dead_code, reason = "the file is that of another program")]
mod receive;

use std::error::Error;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kubewright::core::v1::{ConfigMap, Namespace, Pod};
use kubewright::prelude::*;
use kubewright_fake::FakeCluster;
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Requests on their way at once.
const PARALLEL: usize = 64;
const NAMESPACE: &str = "bench-fake";
/// What is printed when the memory of the server may be measured.
const READY: &str = "ready";
const POD: &str = include_str!("pod.yaml");

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match arguments[..] {
        ["start"] => {
            let start = Instant::now();
            let client = FakeCluster::builder().build()?.client();
            client.core_v1().namespaces().get("default").await?;
            json!({ "wall_ms": milliseconds(start.elapsed()) })
        }
        ["pods", "fake", count] => pods(&FakeCluster::builder().build()?.client(), count.parse()?).await?,
        ["pods", "server", count] => pods(&Client::try_default().await?, count.parse()?).await?,
        ["tests", count] => {
            let (start, count) = (Instant::now(), count.parse()?);
            let tests: Vec<_> = (0..count).map(|index| tokio::spawn(test(index))).collect();
            for test in tests {
                test.await??;
            }
            json!({ "wall_ms": milliseconds(start.elapsed()), "items": count })
        }
        _ => return Err("start | pods fake|server COUNT | tests COUNT".into()),
    };
    println!("{line}");
    Ok(())
}

async fn pods(client: &Client, count: usize) -> Result<serde_json::Value> {
    let namespace = Namespace { metadata: ObjectMeta::named(NAMESPACE), ..Default::default() };
    client.core_v1().namespaces().create(&namespace).await?;
    // No node runs them, so that nothing else changes them.
    let mut template: Pod = kubewright::yaml::from_str(&POD.replace("INDEX", "0"))?;
    template.spec.node_name = None;
    let pods = client.core_v1().pods(NAMESPACE);

    let start = Instant::now();
    stream::iter(0..count)
        .map(|index| {
            let (pods, mut pod) = (pods.clone(), template.clone());
            // A task of its own, as tests and controllers have them: in one task, only one core would be used.
            tokio::spawn(async move {
                pod.metadata.name = Some(format!("web-{index}").into());
                pods.create(&pod).await.map(drop)
            })
        })
        .buffer_unordered(PARALLEL)
        .map(|created| Ok::<(), Box<dyn Error + Send + Sync>>(created??))
        .try_collect::<()>()
        .await?;
    let created = start.elapsed();

    let start = Instant::now();
    let mut list = receive::list(client, NAMESPACE).await.map_err(text)?;
    while list.next().await.map_err(text)?.is_some() {}
    let list_received = start.elapsed();

    let start = Instant::now();
    let mut watch = receive::watch(client, NAMESPACE).await.map_err(text)?;
    let mut frames = receive::Frames::default();
    while frames.seen < count {
        frames.pass(&watch.next().await.map_err(text)?.ok_or("the watch ended")?);
    }
    let watch_received = start.elapsed();
    drop((list, watch));

    println!("{READY}");
    std::io::stdin().read_line(&mut String::new())?;

    let start = Instant::now();
    let items = pods.list().await?.items.len();
    let listed = start.elapsed();

    let start = Instant::now();
    let mut events = pods.watch().resource_version("0").await?;
    for _ in 0..count {
        events.try_next().await?.ok_or("the watch ended")?;
    }
    let watched = start.elapsed();
    Ok(json!({
        "items": items,
        "created_ms": milliseconds(created),
        "list_received_ms": milliseconds(list_received),
        "watch_received_ms": milliseconds(watch_received),
        "listed_ms": milliseconds(listed),
        "watched_ms": milliseconds(watched),
    }))
}

fn text(error: Box<dyn Error>) -> Box<dyn Error + Send + Sync> {
    error.to_string().into()
}

/// What a test of a small controller does: some objects, an apply, a list, an event.
async fn test(index: usize) -> Result<()> {
    let client = FakeCluster::builder().build()?.client();
    let config_maps = client.core_v1().config_maps("default");
    let mut object = ConfigMap { metadata: ObjectMeta::named("settings"), ..Default::default() };
    object.data.insert("index", index.to_string());
    let created = config_maps.create(&object).await?;
    object.data.insert("index", "changed");
    config_maps.apply(&object, "tests").force().await?;
    for other in 0..5 {
        let other = ConfigMap { metadata: ObjectMeta::named(format!("other-{other}")), ..Default::default() };
        config_maps.create(&other).await?;
    }
    let count = config_maps.list().await?.items.len();
    let version = created.metadata.resource_version.unwrap_or_default();
    let mut events = config_maps.watch().resource_version(&*version).await?;
    events.try_next().await?.ok_or("the watch ended")?;
    config_maps.delete("settings").await?;
    if count == 6 { Ok(()) } else { Err(format!("{count} of 6").into()) }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
