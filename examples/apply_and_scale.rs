//! Applies a Deployment by server-side apply, scales it, and shows what an apply owns.
//!
//! ```sh
//! cargo run -p kubewright-examples --example apply_and_scale -- my-namespace
//! ```

use kubewright::apps::v1::{Deployment, DeploymentSpec};
use kubewright::core::v1::{Container, ContainerPort, PodSpec, PodTemplateSpec};
use kubewright::prelude::*;

const MANAGER: &str = "apply-and-scale-example";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    let namespace = std::env::args().nth(1).unwrap_or_else(|| client.default_namespace().to_owned());
    let deployments = client.apps_v1().deployments(&namespace);

    let applied = deployments.apply(&wanted(), MANAGER).await?;
    println!("applied {} at version {}", name(&applied), applied.metadata.resource_version.as_deref().unwrap_or("-"));

    // The scale is another manager's business, such as an autoscaler's: this apply never sets it, and so never resets it.
    let scale = deployments.scale("hello").replicas(3).await?;
    println!("scaled to {:?}", scale.spec.replicas);

    // The next apply starts from what this manager owns, and changes one thing.
    let mut own = extract(&deployments.get("hello").await?, MANAGER)?;
    own.spec.template.spec.containers[0].image = Some("nginx:1.29".into());
    let applied = deployments.apply(&own, MANAGER).await?;
    println!("{} has now image {:?} and {:?} replicas", name(&applied), image(&applied), applied.spec.replicas);

    deployments.delete("hello").background().await?;
    println!("deleted it again");
    Ok(())
}

fn wanted() -> Deployment {
    let container = Container {
        name: "web".into(),
        image: Some("nginx:1.28".into()),
        ports: vec![ContainerPort { container_port: 80, ..Default::default() }],
        ..Default::default()
    };
    Deployment {
        metadata: ObjectMeta::named("hello").label("app", "hello"),
        spec: DeploymentSpec {
            selector: LabelSelector { match_labels: [("app", "hello")].into(), ..Default::default() },
            template: PodTemplateSpec {
                metadata: ObjectMeta::default().label("app", "hello"),
                spec: PodSpec { containers: vec![container], ..Default::default() },
                ..Default::default()
            },
            ..Default::default()
        },
        ..Default::default()
    }
}

fn name(deployment: &Deployment) -> &str {
    deployment.metadata.name.as_deref().unwrap_or("-")
}

fn image(deployment: &Deployment) -> Option<&str> {
    deployment.spec.template.spec.containers.first()?.image.as_deref()
}
