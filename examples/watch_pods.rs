//! Tells what happens to pods, until Ctrl-C: a list first, and from its version on a watch that is taken up again
//! whenever the server ends it.
//!
//! ```sh
//! cargo run -p kubewright-examples --example watch_pods
//! ```

use futures_util::TryStreamExt as _;
use kubewright::core::v1::Pod;
use kubewright::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    tokio::select! {
        outcome = follow(&client) => outcome?,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    Ok(())
}

async fn follow(client: &Client) -> kubewright::Result<()> {
    let pods = client.core_v1().pods(client.default_namespace());
    loop {
        let list = pods.list().await?;
        println!("{} pods are there", list.items.len());
        let mut version = list.metadata.resource_version.unwrap_or_default();
        // Each turn is one watch; the server ends one every half an hour to hour.
        let expired = loop {
            let mut events = pods.watch().bookmarks().resource_version(&version).await?;
            let outcome = async {
                while let Some(event) = events.try_next().await? {
                    match &event {
                        WatchEvent::Added(pod) => tell("added", pod),
                        WatchEvent::Modified(pod) => tell("modified", pod),
                        WatchEvent::Deleted(pod) => tell("deleted", pod),
                        WatchEvent::Bookmark(mark) => version = mark.resource_version.as_str().into(),
                        _ => {}
                    }
                    if let Some(seen) = event.object().and_then(|pod| pod.metadata.resource_version.clone()) {
                        version = seen;
                    }
                }
                Ok::<_, kubewright::Error>(())
            };
            match outcome.await {
                Ok(()) => {}
                Err(error) if error.is_expired() => break error,
                Err(error) if error.is_connection() => eprintln!("watching again: {error}"),
                Err(error) => return Err(error),
            }
        };
        eprintln!("listing again: {expired}");
    }
}

fn tell(what: &str, pod: &Pod) {
    let name = pod.metadata.name.as_deref().unwrap_or("-");
    println!("{what:<9} {name:<48} {}", pod.status.phase.as_ref().map_or("-", |phase| phase.as_str()));
}
