//! Lists pods and applies a Deployment.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, Client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "default");
    for pod in pods.list(&ListParams::default().labels("app=web")).await? {
        let phase = pod.status.and_then(|status| status.phase);
        println!("{} {:?}", pod.metadata.name.as_deref().unwrap_or("-"), phase);
    }
    let container = Container { name: "web".into(), image: Some("nginx:1.29".into()), ..Default::default() };
    let labels = [("app".to_owned(), "web".to_owned())];
    let wanted = Deployment {
        metadata: ObjectMeta { name: Some("web".into()), ..Default::default() },
        spec: DeploymentSpec {
            replicas: Some(3),
            selector: LabelSelector { match_labels: Some(labels.clone().into()), ..Default::default() },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels.into()), ..Default::default() }),
                spec: Some(PodSpec { containers: vec![container], ..Default::default() }),
            },
            ..Default::default()
        },
        ..Default::default()
    };
    let deployments: Api<Deployment> = Api::namespaced(client, "default");
    deployments.patch("web", &PatchParams::apply("program"), &Patch::Apply(&wanted)).await?;
    Ok(())
}
