//! An operator with everything that one needs in a cluster: a controller behind a leader election, webhooks, health and metrics
//! endpoints, a shutdown in good order, and manifests that it prints itself.
//!
//! `cargo run -p kubewright-examples --example operator -- --manifests | kubectl apply -f -` installs it: the CRD, the RBAC rules
//! that are computed from what it does, the Deployment, and the service and configuration of its webhooks.

mod manifests;
mod reconcile;
mod site;
mod webhooks;

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use futures_util::FutureExt as _;
use kubewright::core::v1::ConfigMap;
use kubewright::{Api, Client};
use kubewright_controller::health::{Health, HealthServer};
use kubewright_controller::metrics::Exposition;
use kubewright_controller::webhook::{Certificates, WebhookServer};
use kubewright_controller::{Controller, LeaderElection, signal};

use crate::site::Site;

/// Settings, from flags or the environment.
#[derive(Parser)]
struct Settings {
    /// Print the manifests, and end.
    #[arg(long)]
    manifests: bool,
    /// The image of the Deployment in the manifests.
    #[arg(long, default_value = "example.com/site-operator:latest")]
    image: String,
    /// The namespace that the operator runs in.
    #[arg(long, env = "POD_NAMESPACE", default_value = "site-system")]
    namespace: String,
    /// The folder of the webhooks' `tls.crt` and `tls.key`.
    #[arg(long, env = "CERTIFICATES", default_value = "/tmp/k8s-webhook-server/serving-certs")]
    certificates: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::parse();
    if settings.manifests {
        print!("{}", manifests::all(&settings.namespace, &settings.image)?);
        return Ok(());
    }
    tracing_subscriber::fmt::init();
    let client = Client::try_default().await?;
    let stop = signal::shutdown()?.map(drop).shared();

    let mut election = LeaderElection::builder(&client, &settings.namespace, manifests::NAME).build()?;
    let controller = Controller::new(Api::<Site>::all(&client))
        .owns(Api::<ConfigMap>::all(&client))
        .gate(election.gate())
        .shutdown_on(stop.clone());

    let (store, metrics) = (controller.store().clone(), controller.metrics());
    let health = Health::new()
        .readiness("cache", move || std::future::ready(store.is_synced().then_some(()).ok_or("it is not synced yet")))
        .metrics(move || {
            let mut text = Exposition::new();
            metrics.expose(&mut text);
            text.to_string()
        });
    let health = HealthServer::bind(health, "0.0.0.0:8081").await?;
    let certificates = Certificates::folder(&settings.certificates)?;
    let webhooks = WebhookServer::builder(webhooks::all(), certificates).bind("0.0.0.0:9443").await?;

    let sites = controller.run(move |site, _| reconcile::reconcile(client.clone(), site));
    let (ended, ..) = tokio::join!(
        sites,
        election.participate(stop.clone()),
        webhooks.run_until(stop.clone()),
        health.run_until(stop),
    );
    ended?;
    Ok(())
}
