//! Publishes websites, until Ctrl-C: a controller with a child for each owner, and cleanup by a finalizer.
//!
//! ```sh
//! cargo run -p kubewright-examples --example website -- --crd | kubectl apply -f -
//! cargo run -p kubewright-examples --example website
//! kubectl apply -f - <<'YAML'
//! apiVersion: web.example.com/v1
//! kind: Website
//! metadata: { name: shop, namespace: default }
//! spec: { host: shop.example.com, html: "<h1>Tea</h1>" }
//! YAML
//! kubectl get websites,configmaps
//! ```

mod operator;

use std::time::Duration;

use clap::Parser;
use kubewright::{Client, yaml};
use operator::{Operator, Website};

#[derive(Parser)]
struct Arguments {
    /// The namespace of the websites; without it, all
    #[arg(long)]
    namespace: Option<String>,
    /// Print the CustomResourceDefinition and end
    #[arg(long)]
    crd: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    if arguments.crd {
        print!("{}", yaml::to_string(&Website::crd()?)?);
        return Ok(());
    }
    let client = Client::try_default().await?;
    println!("hosts so far: {:?}", Operator::hosts(&client, client.default_namespace()).await?);
    let (operator, controller) = Operator::new(&client, arguments.namespace.as_deref());
    let metrics = controller.metrics();
    let shared = operator.clone();
    let ended = controller
        .concurrency(5)
        .shutdown_on(async { drop(tokio::signal::ctrl_c().await) })
        .run(move |website, context| shared.clone().reconcile(website, context))
        .await?;
    // If the server can't be reached, they are not worth waiting for.
    let _ = tokio::time::timeout(Duration::from_secs(3), operator.flush_events()).await;
    println!("{ended:?} after {} reconciles", metrics.statistics().succeeded);
    Ok(())
}
