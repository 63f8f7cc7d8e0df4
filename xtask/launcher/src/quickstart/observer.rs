//! A first controller that only reads: it observes each namespace once, and ends.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use kubewright_controller::{Action, Controller};
use quickstart::kube::core::v1::Namespace;
use quickstart::kube::prelude::*;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The longest time that it observes.
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<()> {
    let client = Client::try_default().await?;
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for namespace in client.core_v1().namespaces().list().await? {
        expected.extend(namespace.metadata.name.as_deref().map(str::to_owned));
    }
    let (observed, mut names) = tokio::sync::mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let controller = tokio::spawn(
        Controller::new(Api::<Namespace>::all(&client)).shutdown_on(async { drop(stopped.await) }).run(
            move |namespace, _| {
                let phase = namespace.status.phase.as_ref().map_or("-", |phase| phase.as_str()).to_owned();
                let name = namespace.metadata.name.as_deref().unwrap_or_default().to_owned();
                println!("  controller  observes the namespace {name}, which is {phase}");
                let sent = observed.send(name);
                async move { sent.map(|()| Action::done()) }
            },
        ),
    );
    let all = async {
        while !expected.is_empty() {
            let Some(name) = names.recv().await else { return };
            expected.remove(&name);
        }
    };
    // Namespaces may be deleted meanwhile.
    let _ = tokio::time::timeout(LIMIT, all).await;
    drop(stop);
    controller.await??;
    Ok(())
}
