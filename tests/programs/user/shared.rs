//! Two CRDs as other projects publish them: a Slurm node set, with status and scale, and a Flux Helm repository.

use crate::kube::prelude::*;
use crate::kube::slinky_slurm_net::v1beta1::node_sets::ControllerRef;
use crate::kube::slinky_slurm_net::v1beta1::{NodeSet, NodeSetSpec};
use crate::kube::source_toolkit_fluxcd_io::v1::{HelmRepository, HelmRepositorySpec};
use crate::{Outcome, exercise};

pub async fn run(client: &Client, namespace: &str) -> Outcome {
    exercise("slinky.slurm.net/v1beta1 NodeSet", Api::namespaced(client, namespace), node_set("exercised")).await?;
    let repository = HelmRepository {
        metadata: ObjectMeta::named("charts"),
        spec: Some(Box::new(HelmRepositorySpec {
            url: "https://charts.example.com".into(),
            interval: Some("5m".into()),
            ..Default::default()
        })),
        ..Default::default()
    };
    exercise("source.toolkit.fluxcd.io/v1 HelmRepository", Api::namespaced(client, namespace), repository).await?;

    let sets = client.slinky_slurm_net_v1beta1().node_sets(namespace);
    sets.create(&node_set("scaled")).await?;
    assert_eq!(sets.scale("scaled").replicas(3).await?.spec.replicas, 3);
    sets.delete("scaled").await?;
    println!("slinky.slurm.net/v1beta1: scale works");
    Ok(())
}

fn node_set(name: &str) -> NodeSet {
    NodeSet {
        metadata: ObjectMeta::named(name),
        spec: Some(Box::new(NodeSetSpec {
            controller_ref: ControllerRef { name: Some("slurm".into()), ..Default::default() },
            replicas: Some(1),
            ..Default::default()
        })),
        ..Default::default()
    }
}
