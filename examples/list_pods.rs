//! Lists pods with their phase and node, as `kubectl get pods` does.
//!
//! ```sh
//! cargo run -p kubewright-examples --example list_pods                 # in the context's namespace
//! cargo run -p kubewright-examples --example list_pods -- --all app=web
//! ```

use futures_util::TryStreamExt as _;
use kubewright::core::v1::Pod;
use kubewright::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    let mut all = false;
    let mut selector = String::new();
    for argument in std::env::args().skip(1) {
        match &*argument {
            "--all" => all = true,
            other => other.clone_into(&mut selector),
        }
    }
    let pods = if all {
        client.core_v1().pods_in_all_namespaces().list()
    } else {
        client.core_v1().pods(client.default_namespace()).list()
    };
    // Page by page, so that a large cluster is not held in memory as a whole.
    let mut stream = pods.labels(&selector).page_size(500).stream();
    println!("{:<24} {:<48} {:<12} {:<6} NODE", "NAMESPACE", "NAME", "PHASE", "READY");
    while let Some(pod) = stream.try_next().await? {
        print(&pod);
    }
    Ok(())
}

fn print(pod: &Pod) {
    let ready = pod.status.container_statuses.iter().filter(|status| status.ready).count();
    println!(
        "{:<24} {:<48} {:<12} {:<6} {}",
        pod.metadata.namespace.as_deref().unwrap_or("-"),
        pod.metadata.name.as_deref().unwrap_or("-"),
        pod.status.phase.as_ref().map_or("-", |phase| phase.as_str()),
        format!("{ready}/{}", pod.spec.containers.len()),
        pod.spec.node_name.as_deref().unwrap_or("-"),
    );
}
