use std::time::Duration;

use http::Method;
use kubewright_fake::{Controllers, PodOutcome};
use serde_json::{Value, json};

use crate::support::{Cluster, PODS, condition};

fn pod(name: &str, spec: Value) -> Value {
    let mut pod = json!({ "metadata": { "name": name }, "spec": spec });
    pod["spec"]["containers"] = json!([{ "name": "main", "image": "main:1" }]);
    pod
}

fn node(name: &str, spec: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": { "zone": name } }, "spec": spec })
}

#[tokio::test]
async fn pods_start_and_end_by_the_clock() {
    let controllers = Controllers::all().pod_start(Duration::from_secs(3)).pod_stop(Duration::from_secs(2));
    let cluster = Cluster::new(controllers);
    cluster.create(PODS, pod("a", json!({}))).await;
    let path = format!("{PODS}/a");
    let starting = cluster.get(&path).await;
    assert_eq!((&starting["status"]["phase"], &starting["spec"]["nodeName"]), (&json!("Pending"), &json!("node-1")));
    assert_eq!(condition(&starting, "PodScheduled")["status"], "True");
    assert_eq!(condition(&starting, "Ready")["status"], "False");
    cluster.advance(3);
    let running = cluster.get(&path).await;
    assert_eq!(
        (&running["status"]["phase"], &condition(&running, "Ready")["status"]),
        (&json!("Running"), &json!("True"))
    );
    assert_eq!(condition(&running, "Ready")["lastTransitionTime"], "2030-01-01T00:00:03Z");
    cluster.delete(&path, json!({})).await;
    cluster.advance(1);
    assert!(cluster.find(&path).await.is_some(), "it is ending");
    cluster.advance(1);
    assert!(cluster.find(&path).await.is_none());
}

#[tokio::test]
async fn pods_wait_for_a_node_that_fits() {
    let cluster = Cluster::with(Controllers::all(), &[node("a", json!({ "unschedulable": true }))]);
    assert_eq!(cluster.names("/api/v1/nodes").await, ["a"], "no other node is made");
    cluster.create(PODS, pod("web", json!({ "nodeSelector": { "zone": "b" } }))).await;
    let waiting = cluster.get(&format!("{PODS}/web")).await;
    let scheduled = condition(&waiting, "PodScheduled");
    assert_eq!((&scheduled["status"], &scheduled["reason"]), (&json!("False"), &json!("Unschedulable")));
    let created = cluster.create("/api/v1/nodes", node("b", json!({}))).await;
    assert_eq!(created["spec"]["taints"][0]["key"], "node.kubernetes.io/not-ready", "of the moment before");
    assert!(cluster.get("/api/v1/nodes/b").await["spec"].get("taints").is_none());
    let running = cluster.get(&format!("{PODS}/web")).await;
    assert_eq!((&running["spec"]["nodeName"], &running["status"]["phase"]), (&json!("b"), &json!("Running")));
}

#[tokio::test]
async fn a_running_pod_is_resized() {
    let cluster = Cluster::new(Controllers::all());
    let mut sized = pod("a", json!({}));
    sized["spec"]["containers"][0]["resources"] = json!({ "requests": { "cpu": "1" } });
    cluster.patch("/api/v1/nodes/node-1/status", json!({ "status": { "allocatable": { "cpu": "4" } } })).await;
    cluster.create(PODS, sized).await;
    let path = format!("{PODS}/a");
    assert_eq!(cluster.get(&path).await["status"]["containerStatuses"][0]["resources"]["requests"]["cpu"], "1");
    let mut resized = cluster.get(&path).await;
    resized["spec"]["containers"][0]["resources"]["requests"]["cpu"] = json!("2");
    let (code, answer) = cluster.send(Method::PUT, &format!("{path}/resize"), Some(&resized)).await;
    assert_eq!(code, 200, "{answer}");
    assert_eq!(cluster.get(&path).await["spec"]["containers"][0]["resources"]["requests"]["cpu"], "2");
}

#[tokio::test]
async fn ephemeral_containers_run_until_their_pod_ends() {
    let ends = |_: &Value| Some(PodOutcome::succeeds().after(Duration::from_secs(60)));
    let cluster = Cluster::new(Controllers::all().on_pod(ends));
    cluster.create(PODS, pod("a", json!({ "restartPolicy": "Never" }))).await;
    let path = format!("{PODS}/a");
    for count in [1, 2] {
        let mut debugged = cluster.get(&path).await;
        let known = debugged["spec"]["ephemeralContainers"].as_array().cloned().unwrap_or_default();
        let new = json!({ "name": format!("debugger-{count}"), "image": "busybox", "targetContainerName": "main" });
        debugged["spec"]["ephemeralContainers"] = json!([known, vec![new]].concat());
        let (code, answer) = cluster.send(Method::PUT, &format!("{path}/ephemeralcontainers"), Some(&debugged)).await;
        assert_eq!(code, 200, "{answer}");
        let pod = cluster.get(&path).await;
        let statuses = pod["status"]["ephemeralContainerStatuses"].as_array().expect("statuses");
        assert_eq!(statuses.len(), count, "{statuses:?}");
        assert!(statuses.iter().all(|status| status["state"]["running"]["startedAt"] == "2030-01-01T00:00:00Z"));
        assert_eq!(condition(&pod, "Ready")["status"], "True", "they have no effect on it");
    }
    cluster.advance(60);
    let ended = cluster.get(&path).await;
    assert_eq!(ended["status"]["phase"], "Succeeded");
    for status in ended["status"]["ephemeralContainerStatuses"].as_array().expect("statuses") {
        assert_eq!(status["state"]["terminated"]["finishedAt"], "2030-01-01T00:01:00Z");
    }
}

#[tokio::test]
async fn a_panic_of_a_tests_function_is_told_by_each_request_from_then_on() {
    let cluster = Cluster::new(Controllers::all().on_pod(|pod| panic!("no outcome of {}", pod["spec"]["nodeName"])));
    let (code, refused) = cluster.send(Method::POST, PODS, Some(&pod("a", json!({})))).await;
    assert_eq!(code, 500);
    let message = "the controllers of the fake cluster are stopped: the function of Controllers::on_pod panicked at pod default/a: \
                   no outcome of \"node-1\"";
    assert_eq!(refused["message"], message);
    let (_, later) = cluster.send(Method::GET, "/api/v1/namespaces", None).await;
    assert_eq!(later["message"], message);
}

#[tokio::test]
async fn what_a_test_writes_into_the_status_of_a_running_pod_stays() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(PODS, pod("a", json!({}))).await;
    let status = json!({ "status": { "conditions": [{ "type": "Ready", "status": "False" }] } });
    cluster.patch(&format!("{PODS}/a/status"), status).await;
    cluster.advance(600);
    assert_eq!(condition(&cluster.get(&format!("{PODS}/a")).await, "Ready")["status"], "False");
}

#[tokio::test]
async fn pods_that_are_not_restarted_come_to_their_end() {
    let cluster =
        Cluster::new(Controllers::all().on_pod(|pod| {
            (pod["metadata"]["name"] == "bad").then(|| PodOutcome::fails(3).after(Duration::from_secs(10)))
        }));
    for name in ["good", "bad"] {
        cluster.create(PODS, pod(name, json!({ "restartPolicy": "Never" }))).await;
    }
    assert_eq!(cluster.get(&format!("{PODS}/good")).await["status"]["phase"], "Succeeded");
    assert_eq!(cluster.get(&format!("{PODS}/bad")).await["status"]["phase"], "Running");
    cluster.advance(10);
    let bad = cluster.get(&format!("{PODS}/bad")).await;
    assert_eq!(bad["status"]["phase"], "Failed");
    let ended = &bad["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!((&ended["exitCode"], &ended["finishedAt"]), (&json!(3), &json!("2030-01-01T00:00:10Z")));
}

#[tokio::test]
async fn containers_that_exit_are_restarted_after_pauses_that_grow() {
    let cluster = Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::fails(1))));
    cluster.create(PODS, pod("a", json!({}))).await;
    let restarts = async || {
        let pod = cluster.get(&format!("{PODS}/a")).await;
        let status = pod["status"]["containerStatuses"][0].clone();
        assert_eq!(status["state"]["waiting"]["reason"], "CrashLoopBackOff", "{status}");
        status["restartCount"].as_i64().unwrap_or(0)
    };
    assert_eq!(restarts().await, 1);
    cluster.advance(10);
    assert_eq!(restarts().await, 2);
    cluster.advance(19);
    assert_eq!(restarts().await, 2);
    cluster.advance(1);
    assert_eq!(restarts().await, 3);
    // 40, 80, 160 and 300 seconds later, and then each 300.
    cluster.advance(40 + 80 + 160 + 300 + 300);
    assert_eq!(restarts().await, 8);
}

#[tokio::test]
async fn without_kubelets_pods_wait() {
    let cluster = Cluster::new(Controllers::none().deployments());
    cluster.create(PODS, pod("a", json!({}))).await;
    assert!(cluster.names("/api/v1/nodes").await.is_empty());
    assert!(cluster.get(&format!("{PODS}/a")).await["spec"].get("nodeName").is_none());
}
