//! What clients see of the requests of controllers.

use kubewright_fake::{Controllers, Verb};
use serde_json::json;

use crate::support::{Cluster, DEPLOYMENTS, deployment};

#[tokio::test]
async fn requests_of_controllers_are_recorded_only_if_that_is_asked_for() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 1)).await;
    cluster.cluster.requests().assert_count(1);

    let cluster = Cluster::new(Controllers::all().record_requests());
    cluster.cluster.forget_requests();
    cluster.create(DEPLOYMENTS, deployment("web", 1)).await;
    let requests = cluster.cluster.requests();
    let made = requests.with(Verb::Create).of("replicasets");
    assert_eq!(made.only().user, "system:serviceaccount:kube-system:deployment-controller");
    assert_eq!(requests.with(Verb::Create).of("pods").by("system:kube-scheduler").len(), 1);
    assert!(!requests.by("system:node:node-1").is_empty());
}

#[tokio::test]
async fn faults_are_not_met_by_controllers() {
    let cluster = Cluster::new(Controllers::all());
    cluster.cluster.faults().on(Verb::Create).of("replicasets").internal_error();
    cluster.create(DEPLOYMENTS, deployment("web", 1)).await;
    assert_eq!(cluster.get(&format!("{DEPLOYMENTS}/web")).await["status"]["readyReplicas"], 1);
    assert!(!cluster.cluster.faults().is_done(), "it waits for a client");
}

#[tokio::test]
async fn a_dry_run_starts_nothing() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(&format!("{DEPLOYMENTS}?dryRun=All"), deployment("web", 1)).await;
    assert!(cluster.list("/apis/apps/v1/replicasets").await.is_empty());
}

#[test]
fn the_names_are_those_of_the_controller_manager() {
    let controllers = Controllers::none().deployments().garbage_collector();
    let expected = ["deployment-controller", "garbage-collector-controller", "replicaset-controller"];
    assert_eq!(controllers.names().collect::<Vec<_>>(), expected);
    assert_eq!(Controllers::none().names().count(), 0);
    assert!(json!(Controllers::all().names().collect::<Vec<_>>()).to_string().contains("cronjob-controller"));
}
