//! Waiting against a real server. It has no controllers: the tests write the status in their place.
#![allow(missing_docs)]

use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::apps::v1::{DaemonSet, Deployment, DeploymentCondition, DeploymentStatus, StatefulSet};
use kubewright::batch::v1::{Job, JobCondition};
use kubewright::core::v1::{ConfigMap, Container, Namespace, Pod, PodSpec, PodTemplateSpec};
use kubewright::wait::{self, WaitEvent, WhyUnmet};
use kubewright_runtime::meta::v1::{LabelSelector, ObjectMeta};
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Map, Resource, Scope, Time, verbs};
use kubewright_testbed::{Binaries, Cluster, or_skip, shared_or_skip};
use kubewright_tests::client;
use serde_json::json;
use tokio::sync::mpsc;

async fn namespace(client: &Client, name: &str) {
    let object = Namespace { metadata: ObjectMeta::named(name), ..Default::default() };
    match client.core_v1().namespaces().create(&object).await {
        Err(error) if !error.is_already_exists() => panic!("{error}"),
        _ => {}
    }
}

/// Creates an object anew, whatever an earlier run left.
async fn create<K>(client: &Client, namespace: &str, object: &K) -> K
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
async fn told(texts: &mut mpsc::UnboundedReceiver<String>, wanted: &str) {
    let mut before = Vec::new();
    loop {
        match texts.recv().await {
            Some(text) if text == wanted => return,
            Some(text) => before.push(text),
            None => panic!("{wanted:?} was not told, but {before:?}"),
        }
    }
}

fn template() -> PodTemplateSpec {
    let container = Container { name: "main".into(), image: Some("example.com/web:1".into()), ..Default::default() };
    PodTemplateSpec {
        metadata: ObjectMeta::default().label("app", "web"),
        spec: PodSpec { containers: vec![container], ..Default::default() },
        ..Default::default()
    }
}

fn deployment(name: &str) -> Deployment {
    let mut deployment = Deployment { metadata: ObjectMeta::named(name), ..Default::default() };
    deployment.spec.replicas = Some(2);
    deployment.spec.selector = LabelSelector { match_labels: Map::from([("app", "web")]), ..Default::default() };
    deployment.spec.template = template();
    deployment
}

/// What a controller of deployments would write.
fn status(generation: Option<i64>, updated: i32, available: i32) -> DeploymentStatus {
    DeploymentStatus {
        observed_generation: generation,
        replicas: Some(2),
        updated_replicas: Some(updated),
        ready_replicas: Some(available),
        available_replicas: Some(available),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_rollout_is_followed_until_it_is_complete() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("web")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    let (tell, mut texts) = mpsc::unbounded_channel();
    let wait = deployments.wait("web").on_event(move |event| {
        if let WaitEvent::Seen { verdict, .. } = event {
            let _ = tell.send(verdict.text().to_owned());
        }
    });
    let waiting = tokio::spawn(async move { wait.until(wait::rolled_out).await });
    told(&mut texts, "its controller has not seen the newest change yet").await;
    let steps = [(1, 1, "1 of 2 replicas are updated"), (2, 1, "1 of 2 updated replicas are available"), (2, 2, "")];
    for (updated, available, wanted) in steps {
        let write = |web: &mut Deployment| web.status = status(web.metadata.generation, updated, available);
        deployments.modify_status("web", write).await.expect("written");
        told(&mut texts, wanted).await;
    }
    let web = waiting.await.expect("a task").expect("rolled out");
    assert_eq!(web.status.available_replicas, Some(2));

    // A restart is a new rollout.
    let restarted = deployments.restart("web").await.expect("restarted");
    assert!(restarted.metadata.generation > web.metadata.generation);
    let annotations = &restarted.spec.template.metadata.annotations;
    let at = annotations.get("kubectl.kubernetes.io/restartedAt").expect("the annotation that kubectl sets");
    Time::parse(at).expect("a time");
    assert!(!wait::rolled_out(&restarted).is_met());
    let again = deployments.restart("web").await.expect("restarted");
    assert!(again.metadata.generation > restarted.metadata.generation, "each restart is one");
}

#[tokio::test]
async fn a_rollout_that_exceeds_its_deadline_ends_the_wait() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("stuck")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    let write = |web: &mut Deployment| {
        web.status = status(web.metadata.generation, 1, 1);
        web.status.conditions = vec![DeploymentCondition {
            type_: "Progressing".into(),
            status: "False".into(),
            reason: Some("ProgressDeadlineExceeded".into()),
            ..Default::default()
        }];
    };
    deployments.modify_status("stuck", write).await.expect("written");
    let error = deployments.wait("stuck").until(wait::rolled_out).await.expect_err("stuck");
    assert_eq!(error.unmet().map(|unmet| &unmet.why), Some(&WhyUnmet::Never));
    let text = "waited for Deployment wait-rollout/stuck to be rolled out, and that can't come any more: it has exceeded its \
                progress deadline: ProgressDeadlineExceeded; Progressing=False (ProgressDeadlineExceeded)";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn a_paused_deployment_is_not_restarted_before_it_is_resumed() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("paused")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    assert_eq!(deployments.pause("paused").await.expect("paused").spec.paused, Some(true));
    let error = deployments.restart("paused").await.expect_err("paused");
    assert!(error.is_abandoned() && error.to_string().contains("resume it first"), "{error}");
    let resumed = deployments.resume("paused").await.expect("resumed");
    assert_ne!(resumed.spec.paused, Some(true));
    assert!(resumed.spec.template.metadata.annotations.is_empty());
    deployments.restart("paused").await.expect("restarted");
}

#[tokio::test]
async fn stateful_sets_and_daemon_sets_are_restarted_as_well() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-restart").await;
    let spec = json!({ "selector": { "matchLabels": { "app": "web" } }, "serviceName": "web",
        "template": { "metadata": { "labels": { "app": "web" } },
            "spec": { "containers": [{ "name": "main", "image": "example.com/web:1" }] } } });
    let object = json!({ "metadata": { "name": "web" }, "spec": spec }).to_string();
    let set: StatefulSet = kubewright::json::from_slice(object.as_bytes()).expect("a stateful set");
    create(&client, "wait-restart", &set).await;
    let restarted = client.apps_v1().stateful_sets("wait-restart").restart("web").await.expect("restarted");
    assert_eq!((restarted.metadata.generation, restarted.spec.template.metadata.annotations.len()), (Some(2), 1));
    let object = object.replace("\"serviceName\":\"web\",", "");
    let set: DaemonSet = kubewright::json::from_slice(object.as_bytes()).expect("a daemon set");
    create(&client, "wait-restart", &set).await;
    let restarted = client.apps_v1().daemon_sets("wait-restart").restart("web").await.expect("restarted");
    assert_eq!((restarted.metadata.generation, restarted.spec.template.metadata.annotations.len()), (Some(2), 1));
}

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
        if error.unmet().is_some_and(|unmet| unmet.last_seen.contains("replicas")) {
            break error;
        }
        timeout *= 2;
    };
    let text = "for Deployment wait-rollout/slow to be rolled out: 1 of 2 updated replicas are available";
    assert_eq!(error.to_string(), format!("waited {timeout:?} {text}"));
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
        if let WaitEvent::Seen { verdict, .. } = event {
            let _ = tell.send(verdict.text().to_owned());
        }
    });
    let waiting = tokio::spawn(async move { wait.deleted().await });
    told(&mut texts, "nobody has deleted it").await;
    maps.delete("held").await.expect("deleted");
    told(&mut texts, "it is held by the finalizers example.com/test").await;
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
    // A cluster of its own: other tests compare what the cluster serves.
    let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
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
        if let WaitEvent::Seen { verdict, .. } = event {
            let _ = tell.send(verdict.text().to_owned());
        }
    });
    let waiting = tokio::spawn(async move { wait.for_condition("Afloat").await });
    told(&mut texts, "it has no condition Afloat").await;
    let generation = generation.expect("a generation");
    let steps = [
        (0, format!("Afloat=True was observed of generation 0, and the object's is {generation}")),
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
