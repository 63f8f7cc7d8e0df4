//! Waiting against a real server. It has no controllers: the tests write the status in their place.
#![allow(missing_docs)]

#[path = "wait/kubectl.rs"]
mod kubectl;
#[path = "wait/rollouts.rs"]
mod rollouts;
#[path = "wait/support.rs"]
mod support;

use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::batch::v1::{Job, JobCondition};
use kubewright::core::v1::{ConfigMap, Namespace, Pod};
use kubewright_ops::wait::{self, WaitEvent, WhyUnmet};
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Api, DynamicObject, DynamicResource, Scope, Time};
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, namespace};
use serde_json::json;
use tokio::sync::mpsc;

use support::{create, deployment, own, status, template, told};

#[tokio::test]
async fn a_time_out_says_what_is_missing() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("slow")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    deployments.modify_status("slow", |web| web.status = status(web.metadata.generation, 2, 1)).await.expect("written");
    // Long enough for the object to be seen, however busy the machine is.
    let mut timeout = Duration::from_millis(250);
    let error = loop {
        let error = deployments.wait("slow").timeout(timeout).until(wait::rolled_out).await.expect_err("late");
        assert!(error.is_timeout(), "{error}");
        if error.unmet().is_some_and(|unmet| unmet.last_observed.contains("replicas")) {
            break error;
        }
        timeout *= 2;
    };
    let text = "for Deployment wait-rollout/slow to be rolled out: 1 of 2 updated replicas are available";
    assert_eq!(error.to_string(), format!("timed out after waiting {timeout:?} {text}"));
}

#[tokio::test]
async fn a_job_is_waited_for_until_it_is_complete_or_has_failed() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-job").await;
    let jobs = client.batch_v1().jobs("wait-job");
    for (name, ends) in [("good", ["SuccessCriteriaMet", "Complete"]), ("bad", ["FailureTarget", "Failed"])] {
        let mut job = Job { metadata: ObjectMeta::named(name), ..Default::default() };
        job.spec.template = template();
        job.spec.template.spec.restart_policy = Some("Never".into());
        create(&client, "wait-job", &job).await;
        let (told, mut seen) = mpsc::unbounded_channel();
        let wait = jobs.wait(name).on_event(move |_| {
            let _ = told.send(());
        });
        let waiting = tokio::spawn(async move { wait.until(wait::job_complete).await });
        seen.recv().await.expect("seen as it is");
        let write = |job: &mut Job| {
            let now = Time::now();
            job.status.start_time = Some(now);
            if name == "good" {
                (job.status.completion_time, job.status.succeeded) = (Some(now), Some(1));
            }
            let condition = |type_: &str| JobCondition {
                type_: type_.into(),
                status: "True".into(),
                reason: Some("BackoffLimitExceeded".into()),
                message: Some("it was tried often enough".into()),
                last_transition_time: Some(now),
                ..Default::default()
            };
            job.status.conditions = ends.map(condition).into();
        };
        jobs.modify_status(name, write).await.expect("written");
        let end = waiting.await.expect("a task");
        if name == "good" {
            assert_eq!(end.expect("complete").status.succeeded, Some(1));
        } else {
            let error = end.expect_err("failed");
            assert_eq!(error.unmet().map(|unmet| &unmet.why), Some(&WhyUnmet::Never));
            let text = "it has failed (BackoffLimitExceeded: it was tried often enough)";
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}

#[tokio::test]
async fn an_object_with_a_finalizer_is_gone_when_the_finalizer_is() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-deletion").await;
    let maps = client.core_v1().config_maps("wait-deletion");
    let release = |map: &mut ConfigMap| map.metadata.finalizers.clear();
    // An earlier run may have been stopped in between.
    match maps.modify("held", release).await {
        Err(error) if !error.is_not_found() => panic!("{error}"),
        _ => {}
    }
    let mut map = ConfigMap { metadata: ObjectMeta::named("held"), ..Default::default() };
    map.metadata.finalizers.push("example.com/test".into());
    let made = create(&client, "wait-deletion", &map).await;
    let (tell, mut texts) = mpsc::unbounded_channel();
    let wait = maps.wait("held").uid(made.metadata.uid.as_deref().expect("a uid")).on_event(move |event| {
        if let WaitEvent::Observed { verdict, .. } = event {
            let _ = tell.send(verdict.text().to_owned());
        }
    });
    let waiting = tokio::spawn(async move { wait.deleted().await });
    told(&mut texts, "it is not marked for deletion").await;
    maps.delete("held").await.expect("deleted");
    told(&mut texts, "its deletion waits for the finalizers example.com/test").await;
    maps.modify("held", release).await.expect("released");
    waiting.await.expect("a task").expect("gone");
    assert!(maps.get("held").await.expect_err("gone").is_not_found());
    let error = maps.wait("held").until(|_| true).await.expect_err("gone");
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_namespace_is_gone_when_it_is_finalized() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespaces = client.core_v1().namespaces();
    // What an earlier run left that was stopped in between, goes first.
    for round in 0..2 {
        if round == 1 || namespaces.get("wait-namespace").optional().await.expect("an answer").is_some() {
            namespace(&client, "wait-namespace").await;
            namespaces.delete("wait-namespace").await.expect("deleted");
            let (told, mut seen) = mpsc::unbounded_channel();
            let wait = namespaces.wait("wait-namespace").on_event(move |_| {
                let _ = told.send(());
            });
            let waiting = tokio::spawn(async move { wait.deleted().await });
            seen.recv().await.expect("seen while it ends");
            // The controller of namespaces does so, once the namespace is empty.
            let release = |namespace: &mut Namespace| namespace.spec.finalizers.clear();
            namespaces.modify_finalize("wait-namespace", release).await.expect("finalized");
            waiting.await.expect("a task").expect("gone");
        }
    }
}

#[tokio::test]
async fn a_pod_is_waited_for_from_its_creation_to_its_end() {
    let Some(bed) = shared_or_skip() else { return };
    if bed.has_kubelet() == Some(false) {
        eprintln!("SKIPPED: the test bed has no kubelet");
        return;
    }
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-pod").await;
    let pods = client.core_v1().pods("wait-pod");
    let mut pod = Pod { metadata: ObjectMeta::named("web"), spec: template().spec, ..Default::default() };
    pod.spec.node_name = Some("node-1".into());
    match pods.delete("web").grace_period_seconds(0).await {
        Err(error) if !error.is_not_found() => panic!("{error}"),
        _ => {}
    }
    pods.wait("web").deleted().await.expect("gone");
    let (told, mut absent) = mpsc::unbounded_channel();
    let wait = pods.wait("web").even_if_absent().on_event(move |event| {
        if matches!(event, WaitEvent::Absent) {
            let _ = told.send(());
        }
    });
    let waiting = tokio::spawn(async move {
        wait.until(|pod: &Pod| wait::pod_ready(pod).and(pod.status.pod_ip.is_some().into())).await
    });
    absent.recv().await.expect("seen to be absent");
    pods.create(&pod).await.expect("created");
    let pod = waiting.await.expect("a task").expect("ready");
    assert!(wait::pod_running(&pod).is_met() && pod.status.pod_ip.is_some());
    pods.wait("web").for_condition("ContainersReady").await.expect("ready");
    pods.delete("web").grace_period_seconds(0).await.expect("deleted");
    pods.wait("web").deleted().await.expect("gone");
}

fn crd(plural: &str, kind: &str) -> CustomResourceDefinition {
    let schema = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let version = json!({ "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
        "schema": { "openAPIV3Schema": schema } });
    let object = json!({ "metadata": { "name": format!("{plural}.wait.example.com") }, "spec": { "group": "wait.example.com",
        "scope": "Namespaced", "names": { "plural": plural, "kind": kind }, "versions": [version] } });
    kubewright::json::from_slice(object.to_string().as_bytes()).expect("a CRD")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crd_is_established_and_its_objects_are_waited_for() {
    let Some(cluster) = own() else { return };
    let client = client(cluster.kubeconfig());
    let crds = client.apiextensions_v1().custom_resource_definitions();
    crds.create(&crd("ships", "Ship")).await.expect("created");
    crds.wait("ships.wait.example.com").until(wait::established).await.expect("established");

    // One that wants a name that is taken.
    crds.create(&crd("vessels", "Ship")).await.expect("created");
    let error = crds.wait("vessels.wait.example.com").until(wait::established).await.expect_err("taken");
    assert!(error.to_string().contains("its names are not accepted"), "{error}");
    assert_eq!(error.unmet().map(|unmet| &unmet.why), Some(&WhyUnmet::Never));

    let resource = DynamicResource {
        group: "wait.example.com".into(),
        version: "v1".into(),
        kind: "Ship".into(),
        plural: "ships".into(),
        namespaced: true,
    };
    let ships = Api::dynamic(&client, &resource, Scope::Namespace("default"));
    let done = ships
        .modify("one", |ship| ship.set("spec", json!({ "masts": 3 })))
        .or_create(|| DynamicObject::new(&resource, "one"))
        .await
        .expect("created");
    let generation = done.object().metadata.generation;
    let (tell, mut texts) = mpsc::unbounded_channel();
    let wait = ships.wait("one").on_event(move |event| {
        if let WaitEvent::Observed { verdict, .. } = event {
            let _ = tell.send(verdict.text().to_owned());
        }
    });
    let waiting = tokio::spawn(async move { wait.for_condition("Afloat").await });
    told(&mut texts, "it has no condition Afloat").await;
    let generation = generation.expect("a generation");
    let steps = [
        (0, format!("Afloat=True was observed for generation 0, but the object's is {generation}")),
        (generation, String::new()),
    ];
    for (observed, wanted) in steps {
        let status = json!({ "observedGeneration": observed, "conditions": [{ "type": "Afloat", "status": "True" }] });
        let write = |ship: &mut DynamicObject| ship.set("status", status.clone());
        ships.modify_subresource("one", "status", write).await.expect("written");
        told(&mut texts, &wanted).await;
    }
    let ship = waiting.await.expect("a task").expect("afloat");
    assert_eq!(ship.metadata.generation, Some(generation));
    ships.delete("one").await.expect("deleted");
    ships.wait("one").deleted().await.expect("gone");
}
