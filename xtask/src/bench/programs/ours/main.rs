//! Lists pods and applies a Deployment.

use kubewright::apps::v1::{Deployment, DeploymentSpec};
use kubewright::core::v1::{Container, PodSpec, PodTemplateSpec};
use kubewright::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    for pod in client.core_v1().pods("default").list().labels("app=web").await? {
        println!("{} {:?}", pod.metadata.name.as_deref().unwrap_or("-"), pod.status.phase);
    }
    let container = Container { name: "web".into(), image: Some("nginx:1.29".into()), ..Default::default() };
    let wanted = Deployment {
        metadata: ObjectMeta::named("web"),
        spec: DeploymentSpec {
            replicas: Some(3),
            selector: LabelSelector { match_labels: [("app", "web")].into(), ..Default::default() },
            template: PodTemplateSpec {
                metadata: ObjectMeta::default().label("app", "web"),
                spec: PodSpec { containers: vec![container], ..Default::default() },
                ..Default::default()
            },
            ..Default::default()
        },
        ..Default::default()
    };
    client.apps_v1().deployments("default").apply(&wanted, "program").await?;
    Ok(())
}
