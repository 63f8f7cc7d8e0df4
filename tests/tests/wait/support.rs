//! What the tests of waits begin with: objects, and what a controller would write.

use std::sync::OnceLock;

use kubewright::apps::v1::{Deployment, DeploymentStatus};
use kubewright::core::v1::{Container, PodSpec, PodTemplateSpec};
use kubewright_runtime::meta::v1::{LabelSelector, ObjectMeta};
use kubewright_runtime::{Api, Client, Map, Resource, verbs};
use kubewright_testbed::{Binaries, Cluster, or_skip};
use tokio::sync::mpsc;

/// A cluster of this program's own, where other tests do not compare what it serves. It ends with the program.
pub fn own() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = || {
        let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
        let binaries = or_skip(Binaries::find(options.minor))?;
        Some(Cluster::start_from(&binaries, &options).expect("a cluster"))
    };
    CLUSTER.get_or_init(start).as_ref()
}

/// Creates an object anew, whatever an earlier run left.
pub async fn create<K>(client: &Client, namespace: &str, object: &K) -> K
where
    K: Resource + verbs::Create + verbs::Delete + verbs::List + verbs::Watch,
{
    let api = Api::<K>::namespaced(client, namespace);
    let name = object.metadata().name.clone().expect("a name");
    match api.delete(&name).grace_period_seconds(0).background().await {
        Err(error) if !error.is_not_found() => panic!("{error}"),
        _ => {}
    }
    api.wait(&name).deleted().await.expect("gone");
    api.create(object).await.expect("created")
}

/// Waits until something is told.
pub async fn told(texts: &mut mpsc::UnboundedReceiver<String>, wanted: &str) {
    let mut before = Vec::new();
    loop {
        match texts.recv().await {
            Some(text) if text == wanted => return,
            Some(text) => before.push(text),
            None => panic!("{wanted:?} was not told, but {before:?}"),
        }
    }
}

pub fn template() -> PodTemplateSpec {
    let container = Container { name: "main".into(), image: Some("example.com/web:1".into()), ..Default::default() };
    PodTemplateSpec {
        metadata: ObjectMeta::default().label("app", "web"),
        spec: PodSpec { containers: vec![container], ..Default::default() },
        ..Default::default()
    }
}

pub fn deployment(name: &str) -> Deployment {
    let mut deployment = Deployment { metadata: ObjectMeta::named(name), ..Default::default() };
    deployment.spec.replicas = Some(2);
    deployment.spec.selector = LabelSelector { match_labels: Map::from([("app", "web")]), ..Default::default() };
    deployment.spec.template = template();
    deployment
}

/// What a controller of deployments would write.
pub fn status(generation: Option<i64>, updated: i32, available: i32) -> DeploymentStatus {
    DeploymentStatus {
        observed_generation: generation,
        replicas: Some(2),
        updated_replicas: Some(updated),
        ready_replicas: Some(available),
        available_replicas: Some(available),
        ..Default::default()
    }
}
