//! Replicas that share the work, until Ctrl-C or `SIGTERM`: each ConfigMap with the label `digest=wanted` gets the digest of its
//! data as an annotation, by the replica that owns it.
//!
//! ```sh
//! cargo run -p kubewright-examples --example sharded -- --name one
//! cargo run -p kubewright-examples --example sharded -- --name two     # in another terminal
//! kubectl create configmap tea --from-literal=sort=oolong
//! kubectl label configmap tea digest=wanted
//! kubectl get configmap tea -o yaml
//! ```
//!
//! In a cluster it is a Deployment of as many replicas as there is work, with the name of the pod as `NAME`. They need the verbs
//! `get`, `list`, `watch` and `update` for ConfigMaps, and those of `Rules::leases` for Leases.

mod replica;

use std::time::Duration;

use clap::Parser;
use futures_util::FutureExt as _;
use kubewright::Client;
use kubewright_controller::signal;
use replica::Settings;

#[derive(Parser)]
struct Arguments {
    /// The name of this replica
    #[arg(long, env = "NAME")]
    name: String,
    /// The namespace of the ConfigMaps and of the replicas' Leases
    #[arg(long, env = "POD_NAMESPACE", default_value = "default")]
    namespace: String,
    /// Seconds after which a replica that is killed or cut off has lost its objects to the others
    #[arg(long, default_value_t = 15)]
    lease_duration: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { name, namespace, lease_duration } = Arguments::parse();
    let client = Client::try_default().await?;
    let stop = signal::shutdown()?.map(drop).shared();
    let settings = Settings { name, namespace, lease_duration: Duration::from_secs(lease_duration) };
    replica::run(&client, settings, stop).await
}
