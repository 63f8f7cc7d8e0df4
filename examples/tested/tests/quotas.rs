//! A Deployment that a quota holds back.

use kubewright::Quantity;
use kubewright::apps::v1::{Deployment, DeploymentStatus};
use kubewright::core::v1::ResourceQuota;
use kubewright::prelude::*;
use kubewright_fake::{Controllers, FakeCluster};

fn refused(status: &DeploymentStatus) -> Option<&str> {
    let condition = status.conditions.iter().find(|condition| condition.type_ == "ReplicaFailure")?;
    condition.message.as_deref()
}

#[tokio::test]
async fn a_deployment_waits_for_its_quota() -> Result<(), Box<dyn std::error::Error>> {
    // Some controller has to make the pods, and another one count them.
    let client = FakeCluster::builder().controllers(Controllers::all()).build()?.client();
    let quotas = client.core_v1().resource_quotas("default");
    let quota: ResourceQuota = kubewright::yaml::from_str(
        "
        metadata: {name: pods}
        spec: {hard: {pods: 2}}
        ",
    )?;
    quotas.create(&quota).await?;

    let deployments = client.apps_v1().deployments("default");
    let web: Deployment = kubewright::yaml::from_str(
        "
        metadata: {name: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: web}]}
        ",
    )?;
    deployments.create(&web).await?;
    let status = deployments.get("web").await?.status;
    assert_eq!(status.ready_replicas, Some(2));
    let why = refused(&status).expect("the third pod is refused");
    assert!(why.contains("exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2"), "{why}");

    let raise = |quota: &mut ResourceQuota| {
        quota.spec.hard.insert("pods", Quantity::from(3));
    };
    quotas.modify("pods", raise).await?;
    let status = deployments.get("web").await?.status;
    assert_eq!((status.ready_replicas, refused(&status)), (Some(3), None));
    Ok(())
}
