//! kubectl against a fake API server whose controllers are on: the commands that wait for controllers come back.
#![allow(missing_docs)]

use kubewright_fake::{Controllers, FakeCluster, FakeListener, PodOutcome};
use kubewright_testbed::{Kubectl, minor, or_skip};

/// kubectl for a fake cluster, and what listens for it.
fn kubectl(
    folder: &std::path::Path,
    controllers: Controllers,
) -> Option<(tokio::runtime::Runtime, FakeListener, Kubectl)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let cluster = FakeCluster::builder().controllers(controllers).build().expect("a cluster");
    let listener = runtime.block_on(cluster.listen()).expect("a listener");
    listener.write_kubeconfig(folder.join("kubeconfig")).expect("a kubeconfig");
    let kubectl = or_skip(Kubectl::find(minor(None).expect("a minor"), folder))?;
    Some((runtime, listener, kubectl))
}

fn run(kubectl: &Kubectl, command: &str) -> String {
    let arguments: Vec<&str> = command.split(' ').collect();
    kubectl.run(&arguments, "").unwrap_or_else(|error| panic!("kubectl {command}: {error}"))
}

#[test]
fn rollouts_are_watched_undone_and_scaled() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((_runtime, _listener, kubectl)) = kubectl(folder.path(), Controllers::all()) else { return };
    let run = |command: &str| run(&kubectl, command);
    run("create deployment web --image=web:1 --replicas=3");
    assert_eq!(run("rollout status deployment/web --timeout=30s"), "deployment \"web\" successfully rolled out\n");
    run("set image deployment/web web=web:2");
    assert!(run("rollout status deployment/web --timeout=30s").contains("successfully rolled out"));
    let history = run("rollout history deployment/web");
    assert!(history.contains("\n1 ") && history.contains("\n2 "), "{history}");
    run("rollout undo deployment/web");
    assert!(run("rollout status deployment/web --timeout=30s").contains("successfully rolled out"));
    let image = run("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}");
    assert_eq!(image, "web:1");
    let images = run("get pods -o jsonpath={.items[*].spec.containers[0].image}");
    assert_eq!(images, "web:1 web:1 web:1");
    run("scale deployment web --replicas=5");
    run("wait deployment/web --for=jsonpath={.status.readyReplicas}=5 --timeout=30s");
    run("rollout restart deployment/web");
    assert!(run("rollout status deployment/web --timeout=30s").contains("successfully rolled out"));
    run("wait pods --all --for=condition=Ready --timeout=30s");
    let pods = run("get pods");
    assert_eq!(pods.matches("1/1").count(), 5, "{pods}");
    assert_eq!(pods.matches("Running").count(), 5, "{pods}");
    run("expose deployment web --port=80");
    let slices = run(
        "get endpointslices -o jsonpath={.items[?(@.metadata.labels.kubernetes\\.io/service-name=='web')].endpoints[*].addresses[0]}",
    );
    assert_eq!(slices.split(' ').count(), 5, "{slices}");
    run("delete deployment web --cascade=foreground --timeout=30s");
    assert_eq!(run("get replicasets,pods -o name"), "");
}

#[test]
fn jobs_complete_or_fail_and_nodes_are_drained() {
    let folder = tempfile::tempdir().expect("a folder");
    let controllers = Controllers::all().on_pod(|pod| {
        let is_bad = pod["metadata"]["labels"]["job-name"] == "bad";
        is_bad.then(|| PodOutcome::fails(1))
    });
    let Some((_runtime, _listener, kubectl)) = kubectl(folder.path(), controllers) else { return };
    let run = |command: &str| run(&kubectl, command);
    run("create job good --image=good:1");
    run("wait --for=condition=Complete job/good --timeout=30s");
    let bad = "{apiVersion: batch/v1, kind: Job, metadata: {name: bad}, spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: bad, image: bad}]}}}}";
    kubectl.run(&["apply", "-f", "-"], bad).expect("applied");
    run("wait --for=condition=Failed job/bad --timeout=30s");
    run("delete job good bad --cascade=background");
    assert_eq!(run("get pods -o name"), "");

    run("create deployment web --image=web:1 --replicas=2");
    run("rollout status deployment/web --timeout=30s");
    run("drain node-1 --timeout=30s");
    let waiting = run("get pods --field-selector=spec.nodeName= -o name");
    assert_eq!(waiting.lines().count(), 2, "{waiting}");
    run("uncordon node-1");
    assert!(run("rollout status deployment/web --timeout=30s").contains("successfully rolled out"));

    run("create namespace shop");
    run("create deployment web --image=web:1 --namespace=shop");
    run("delete namespace shop --timeout=30s");
    assert_eq!(run("get namespace shop --ignore-not-found -o name"), "");
}
