//! What is said of built-in kinds that are waited for: when they are as wanted, what is missing, and what can never come.
#![allow(missing_docs)]

use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::apiregistration::v1::APIService;
use kubewright::apps::v1::{DaemonSet, Deployment, StatefulSet};
use kubewright::batch::v1::Job;
use kubewright::core::v1::{Node, PersistentVolumeClaim, Pod, Service};
use kubewright::message::MessageType;
use kubewright_ops::wait::{self, Verdict};
use serde_json::{Value, json};

fn read<K: MessageType>(object: Value) -> K {
    kubewright::json::from_slice(object.to_string().as_bytes()).expect("an object")
}

const MET: &str = "met";

/// `met`, `never: …`, or what is missing.
fn word(verdict: &Verdict) -> String {
    match (verdict.is_met(), verdict.is_never()) {
        (true, _) => MET.to_owned(),
        (_, true) => format!("never: {}", verdict.text()),
        _ => verdict.text().to_owned(),
    }
}

fn check<K: MessageType>(verdict: impl Fn(&K) -> Verdict, rows: &[(Value, &str)]) {
    for (object, wanted) in rows {
        let verdict = verdict(&read(object.clone()));
        assert_eq!(word(&verdict), *wanted, "{object}");
        assert!(verdict.wanted().is_some_and(|goal| goal.starts_with("to ")), "{verdict:?}");
    }
}

fn deployment(replicas: Option<i32>, status: Value) -> Value {
    json!({ "metadata": { "generation": 2 }, "spec": { "replicas": replicas }, "status": status })
}

#[test]
fn a_deployment_is_rolled_out_by_the_rules_of_kubectl() {
    let status = |observed: i64, all: i32, updated: i32, available: i32| json!({ "observedGeneration": observed, "replicas": all, "updatedReplicas": updated, "availableReplicas": available });
    let late = json!({ "observedGeneration": 2, "conditions": [{ "type": "Progressing", "status": "False",
        "reason": "ProgressDeadlineExceeded", "message": "no news for 600 s" }] });
    let mut late_for_an_older_change = late.clone();
    late_for_an_older_change["observedGeneration"] = json!(1);
    let unseen = "its controller has not observed the latest change yet";
    let mut paused = deployment(Some(3), status(2, 3, 1, 1));
    paused["spec"]["paused"] = json!(true);
    check(
        wait::rolled_out::<Deployment>,
        &[
            (deployment(Some(3), json!({})), unseen),
            (deployment(Some(3), status(1, 3, 3, 3)), unseen),
            (deployment(Some(3), status(2, 3, 2, 3)), "2 of 3 replicas are updated"),
            (deployment(Some(3), status(2, 4, 3, 4)), "1 old replicas are still there"),
            (deployment(Some(3), status(2, 3, 3, 2)), "2 of 3 updated replicas are available"),
            (deployment(Some(3), status(2, 3, 3, 3)), MET),
            (deployment(Some(0), status(2, 0, 0, 0)), MET),
            (deployment(None, status(2, 1, 1, 1)), MET),
            (paused, "1 of 3 replicas are updated, and it is paused"),
            (deployment(Some(3), late), "never: it has exceeded its progress deadline: no news for 600 s"),
            (deployment(Some(3), late_for_an_older_change), unseen),
        ],
    );
}

#[test]
fn a_stateful_set_is_rolled_out_above_its_partition() {
    let set = |strategy: Value, status: Value| json!({ "metadata": { "generation": 2 }, "spec": { "replicas": 3, "updateStrategy": strategy }, "status": status });
    let partition = |partition: i32| json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": partition } });
    let plain = json!({ "type": "RollingUpdate" });
    let status = |ready: i32, updated: i32| {
        json!({ "observedGeneration": 2, "readyReplicas": ready, "updatedReplicas": updated,
            "currentRevision": "web-1", "updateRevision": "web-2" })
    };
    let unseen = "its controller has not observed the latest change yet";
    let done =
        json!({ "observedGeneration": 2, "readyReplicas": 3, "currentRevision": "web-2", "updateRevision": "web-2" });
    let unset = json!({ "readyReplicas": 3, "updatedReplicas": 3 });
    let mut generation_unknown = set(partition(0), unset.clone());
    generation_unknown["metadata"] = json!({});
    check(
        wait::rolled_out::<StatefulSet>,
        &[
            (set(partition(0), unset), unseen),
            (generation_unknown, unseen),
            (set(partition(0), status(2, 3)), "2 of 3 replicas are ready"),
            (set(partition(0), status(3, 2)), "2 of 3 replicas above the partition are updated"),
            (set(partition(0), status(3, 3)), MET),
            (set(partition(2), status(3, 0)), "0 of 1 replicas above the partition are updated"),
            (set(partition(2), status(3, 1)), MET),
            (set(partition(5), status(3, 0)), MET),
            (set(plain.clone(), status(3, 1)), "1 replicas are at the new revision web-2"),
            (set(plain, done), MET),
            (
                set(json!({ "type": "OnDelete" }), status(3, 3)),
                "never: its update strategy is OnDelete, but only RollingUpdate has a rollout to wait for",
            ),
        ],
    );
}

#[test]
fn a_daemon_set_is_rolled_out_on_every_node_that_shall_have_it() {
    let set = |strategy: &str, status: Value| json!({ "metadata": { "generation": 2 }, "spec": { "updateStrategy": { "type": strategy } }, "status": status });
    let status = |updated: i32, available: i32| json!({ "observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": updated, "numberAvailable": available });
    check(
        wait::rolled_out::<DaemonSet>,
        &[
            (set("RollingUpdate", json!({})), "its controller has not observed the latest change yet"),
            (set("RollingUpdate", status(1, 2)), "1 of 2 pods are updated"),
            (set("RollingUpdate", status(2, 1)), "1 of 2 updated pods are available"),
            (set("RollingUpdate", status(2, 2)), MET),
            (
                set("OnDelete", status(2, 2)),
                "never: its update strategy is OnDelete, but only RollingUpdate has a rollout to wait for",
            ),
        ],
    );
}

fn pod(phase: &str, ready: &str) -> Value {
    json!({ "status": { "phase": phase, "conditions": [{ "type": "Ready", "status": ready, "reason": "ContainersNotReady" }] } })
}

#[test]
fn a_pod_is_waited_for_as_long_as_it_lives() {
    let failed = json!({ "status": { "phase": "Failed", "reason": "Evicted", "message": "no memory" } });
    let pulling = json!({ "status": { "phase": "Pending", "containerStatuses": [
        { "name": "app", "state": { "waiting": { "reason": "ImagePullBackOff" } } }] } });
    let ended = "never: it has ended, and its phase is Succeeded";
    let evicted = "never: it has ended, and its phase is Failed (Evicted: no memory)";
    check(
        wait::pod_ready,
        &[
            (pod("Running", "True"), MET),
            (pod("Running", "False"), "its phase is Running, Ready=False (ContainersNotReady)"),
            (pod("Succeeded", "False"), ended),
            (failed.clone(), evicted),
            (pulling.clone(), "its phase is Pending, it has no condition Ready, container app waits: ImagePullBackOff"),
        ],
    );
    check(
        wait::pod_running,
        &[
            (pod("Running", "False"), MET),
            (pulling, "its phase is Pending, container app waits: ImagePullBackOff"),
            (pod("Succeeded", "False"), ended),
            (failed.clone(), evicted),
        ],
    );
    check(
        wait::pod_completed,
        &[(pod("Succeeded", "False"), MET), (pod("Running", "True"), "its phase is Running"), (failed, evicted)],
    );
}

#[test]
fn a_pod_whose_readiness_is_of_an_older_generation_is_not_ready_yet() {
    let mut pod = pod("Running", "True");
    pod["metadata"] = json!({ "generation": 2 });
    pod["status"]["conditions"][0]["observedGeneration"] = json!(1);
    let verdict = wait::pod_ready(&read::<Pod>(pod));
    assert!(!verdict.is_met() && verdict.text().contains("observed for generation 1"), "{verdict:?}");
}

#[test]
fn a_job_is_complete_or_has_failed() {
    let job = |conditions: Value| json!({ "spec": { "completions": 2 }, "status": { "succeeded": 1, "active": 1, "conditions": conditions } });
    let condition =
        |name: &str, status: &str| json!([{ "type": name, "status": status, "reason": "R", "message": "m" }]);
    let working = "1 of 2 pods have succeeded, 1 are active, 0 have failed";
    let mut suspended = job(condition("Suspended", "True"));
    suspended["spec"]["suspend"] = json!(true);
    check::<Job>(
        wait::job_complete,
        &[
            (job(json!([])), working),
            (job(condition("Complete", "False")), working),
            (job(condition("Complete", "True")), MET),
            (job(condition("Failed", "True")), "never: it has failed (R: m)"),
            (suspended, &format!("{working}, and it is suspended")),
        ],
    );
}

#[test]
fn a_crd_is_established_unless_its_names_are_taken() {
    let crd = |name: &str, status: &str| json!({ "status": { "conditions": [{ "type": name, "status": status, "message": "taken" }] } });
    check::<CustomResourceDefinition>(
        wait::established,
        &[
            (json!({}), "it has no condition Established"),
            (crd("Established", "True"), MET),
            (crd("NamesAccepted", "False"), "never: its names are not accepted: taken"),
            (crd("NamesAccepted", "True"), "it has no condition Established"),
        ],
    );
}

#[test]
fn nodes_services_claims_and_apis_have_their_own_signs() {
    let ready = json!({ "status": { "conditions": [{ "type": "Ready", "status": "True" }] } });
    check::<Node>(wait::node_ready, &[(ready, MET), (json!({}), "it has no condition Ready")]);
    let available =
        json!({ "status": { "conditions": [{ "type": "Available", "status": "False", "reason": "Down" }] } });
    check::<APIService>(wait::api_available, &[(available, "Available=False (Down)")]);
    let service = |type_: &str, ingress: Value| json!({ "spec": { "type": type_ }, "status": { "loadBalancer": { "ingress": ingress } } });
    check::<Service>(
        wait::has_load_balancer,
        &[
            (service("LoadBalancer", json!([])), "its load balancer has no address yet"),
            (service("LoadBalancer", json!([{ "ip": "192.0.2.1" }])), MET),
            (service("LoadBalancer", json!([{ "hostname": "lb.example.com" }])), MET),
            (service("NodePort", json!([])), "never: its type is NodePort, which gets no load balancer"),
        ],
    );
    let claim = |phase: &str| json!({ "status": { "phase": phase } });
    check::<PersistentVolumeClaim>(
        wait::claim_bound,
        &[
            (claim("Bound"), MET),
            (claim("Pending"), "its phase is Pending"),
            (claim("Lost"), "never: it has lost its volume"),
            (json!({}), "it has no phase yet"),
        ],
    );
}
