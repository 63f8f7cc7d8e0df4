//! Tells what happens to pods, until Ctrl-C: those that are there first, and then each change, whatever ends the watch.
//!
//! ```sh
//! cargo run -p kubewright-examples --example watch_pods
//! ```

use futures_util::TryStreamExt as _;
use kubewright::core::v1::Pod;
use kubewright::prelude::*;
use kubewright::watch::WatcherEvent;

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
    let mut events = client.core_v1().pods(client.default_namespace()).list().watcher();
    while let Some(event) = events.try_next().await? {
        match event {
            WatcherEvent::Initial(pod) => tell("is there", &pod),
            WatcherEvent::Applied(pod) => tell("changed", &pod),
            WatcherEvent::Deleted(pod) => tell("is gone", &pod),
            WatcherEvent::Synced { .. } => println!("-- these are all"),
            WatcherEvent::Restarted => println!("-- all of them once more"),
            WatcherEvent::Interrupted { error: Some(error), pause } => eprintln!("{error}; again in {pause:?}"),
            _ => {}
        }
    }
    Ok(())
}

fn tell(what: &str, pod: &Pod) {
    let name = pod.metadata.name.as_deref().unwrap_or("-");
    println!("{what:<9} {name:<48} {}", pod.status.phase.as_ref().map_or("-", |phase| phase.as_str()));
}
