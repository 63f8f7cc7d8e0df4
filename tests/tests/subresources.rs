//! Every subresource of the built-in kinds that is no stream, typed both ways, against a real API server. Streams are in
//! `streams.rs`, evictions in `drain.rs`, and the scale of a custom resource in `programs/user`.
#![allow(missing_docs)]

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use kubewright::authentication::v1::{TokenReview, TokenReviewSpec};
use kubewright::authorization::v1::{
    LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview,
};
use kubewright::autoscaling::v1::Scale;
use kubewright::certificates::v1::CertificateSigningRequest;
use kubewright::core::v1::{Namespace, Pod, PodPhase, ReplicationController, ServiceAccount};
use kubewright_ops::debug::{DebugProfile, DebugState};
use kubewright_ops::prelude::*;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Client, Object, Patch};
use kubewright_testbed::kubelet_or_skip;
use kubewright_tests::client;
use serde_json::{Value, json};

const REQUEST: &[u8] = include_bytes!("../fixtures/request.csr");

/// A namespace of the test's own. A cluster may outlive the tests: what they leave is not in the way of the next.
async fn namespace(client: &Client, what: &str) -> String {
    let name = unique(what);
    let namespace = Namespace { metadata: ObjectMeta::named(&*name), ..Default::default() };
    client.core_v1().namespaces().create(&namespace).await.expect("a namespace");
    name
}

fn unique(what: &str) -> String {
    format!("sub-{what}-{:08x}", RandomState::new().hash_one(what) as u32)
}

/// An object as a manifest would say it.
fn object<K: Object>(value: Value) -> K {
    kubewright::json::from_slice(value.to_string().as_bytes()).expect("an object")
}

/// What all that scales has, `web`.
fn workload<K: Object>() -> K {
    object(json!({
        "metadata": { "name": "web" },
        "spec": {
            "replicas": 1,
            "serviceName": "web",
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "main", "image": "example.com/web:1" }] },
            },
        },
    }))
}

/// A pod that runs on the node.
async fn running(client: &Client, namespace: &str, name: &str) -> Pod {
    let container = json!({
        "name": "app", "image": "example.com/web:1",
        "resources": { "requests": { "cpu": "500m", "memory": "64Mi" }, "limits": { "cpu": "1", "memory": "128Mi" } },
    });
    let spec = json!({ "nodeName": "node-1", "containers": [container] });
    let pods = client.core_v1().pods(namespace);
    pods.create(&object(json!({ "metadata": { "name": name }, "spec": spec }))).await.expect("a pod");
    loop {
        let pod = pods.get(name).await.expect("a pod");
        if pod.status.phase == Some(PodPhase::Running) {
            return pod;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Reads, sets, replaces, patches and applies a scale.
macro_rules! scales {
    ($handle:expr) => {{
        let handle = $handle;
        assert_eq!(handle.get_scale("web").await.expect("a scale").spec.replicas, 1);
        assert_eq!(handle.scale("web").await.expect("a scale").spec.replicas, 1);
        assert_eq!(handle.scale("web").replicas(2).await.expect("scaled").spec.replicas, 2);
        let mut scale = handle.get_scale("web").await.expect("a scale");
        scale.spec.replicas = 3;
        let scale = handle.replace_scale("web", &scale).await.expect("replaced");
        assert_eq!((scale.spec.replicas, scale.metadata.name.as_deref()), (3, Some("web")));
        let stale = Scale { metadata: ObjectMeta { resource_version: Some("1".into()), ..scale.metadata }, ..scale };
        assert!(handle.replace_scale("web", &stale).await.expect_err("stale").is_conflict());
        let patch = Patch::merge(json!({ "spec": { "replicas": 4 } }));
        assert_eq!(handle.patch_scale("web", patch).await.expect("patched").spec.replicas, 4);
        let mut wanted = Scale::default();
        wanted.spec.replicas = 5;
        assert!(handle.apply_scale("web", &wanted, "scaler").await.expect_err("owned").is_conflict());
        let applied = handle.apply_scale("web", &wanted, "scaler").force().await.expect("applied");
        assert_eq!(applied.spec.replicas, 5);
        let owners = handle.get("web").await.expect("an object").metadata.managed_fields;
        let owner = owners.iter().find(|entry| entry.manager.as_deref() == Some("scaler")).expect("an owner");
        assert_eq!((owner.operation.as_deref(), owner.subresource.as_deref()), (Some("Apply"), Some("scale")));
    }};
}

#[tokio::test]
async fn whatever_scales_is_scaled_in_every_way() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "scale").await;
    let deployments = client.apps_v1().deployments(&namespace);
    deployments.create(&workload::<Deployment>()).await.expect("a deployment");
    scales!(deployments);
    let sets = client.apps_v1().replica_sets(&namespace);
    sets.create(&workload::<ReplicaSet>()).await.expect("a replica set");
    scales!(sets);
    let sets = client.apps_v1().stateful_sets(&namespace);
    sets.create(&workload::<StatefulSet>()).await.expect("a stateful set");
    scales!(sets);
    let controllers = client.core_v1().replication_controllers(&namespace);
    let mut controller: Value = serde_json::to_value(workload::<Deployment>()).expect("a value");
    controller["spec"]["selector"] = json!({ "app": "web" });
    controller["apiVersion"] = json!("v1");
    controller["kind"] = json!("ReplicationController");
    controllers.create(&object::<ReplicationController>(controller)).await.expect("a controller");
    scales!(controllers);
}

#[tokio::test]
async fn a_status_is_read_replaced_patched_and_applied() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "status").await;
    let deployments = client.apps_v1().deployments(&namespace);
    deployments.create(&workload()).await.expect("a deployment");
    let mut web = deployments.get_status("web").await.expect("a status");
    web.status.replicas = Some(3);
    let mut web = deployments.replace_status(&web).await.expect("replaced");
    assert_eq!(web.status.replicas, Some(3));
    web.spec.replicas = Some(9);
    let web = deployments.replace_status(&web).await.expect("replaced");
    assert_eq!(web.spec.replicas, Some(1), "a status alone is written");
    let patch = Patch::merge(json!({ "status": { "updatedReplicas": 2 } }));
    assert_eq!(deployments.patch_status("web", patch).await.expect("patched").status.updated_replicas, Some(2));
    let mut wanted = Deployment { metadata: ObjectMeta::named("web"), ..Default::default() };
    wanted.status.observed_generation = Some(1);
    let web = deployments.apply_status(&wanted, "tester").await.expect("applied");
    assert_eq!((web.status.observed_generation, web.status.replicas), (Some(1), Some(3)));
}

#[tokio::test]
async fn a_pod_is_bound_once() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "bind").await;
    let pods = client.core_v1().pods(&namespace);
    let spec = json!({ "containers": [{ "name": "app", "image": "example.com/web:1" }] });
    pods.create(&object(json!({ "metadata": { "name": "web" }, "spec": spec }))).await.expect("a pod");
    pods.bind("web", "node-1").dry_run().await.expect("bound");
    assert_eq!(pods.get("web").await.expect("a pod").spec.node_name, None);
    let status = pods.bind("web", "node-1").await.expect("bound");
    assert_eq!(status.status.as_deref(), Some("Success"));
    assert_eq!(pods.get("web").await.expect("a pod").spec.node_name.as_deref(), Some("node-1"));
    assert!(pods.bind("web", "node-2").await.expect_err("bound already").is_conflict());
}

#[tokio::test]
async fn a_token_is_for_whom_it_was_asked_and_shown_to_nobody() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "token").await;
    let accounts = client.core_v1().service_accounts(&namespace);
    let account = ServiceAccount { metadata: ObjectMeta::named("build"), ..Default::default() };
    accounts.create(&account).await.expect("an account");
    let pods = client.core_v1().pods(&namespace);
    let spec = json!({
        "serviceAccountName": "build", "containers": [{ "name": "app", "image": "example.com/web:1" }],
    });
    let pod = pods.create(&object(json!({ "metadata": { "name": "web" }, "spec": spec }))).await.expect("a pod");

    let token =
        accounts.token("build").audience("vault").expiration_seconds(601).bound_to(&pod).await.expect("a token");
    assert!(token.expiration_timestamp.is_some());
    assert!(!token.token.is_empty() && !format!("{token:?}").contains(token.token.as_str()));
    let review = |audience: &str| {
        let spec = TokenReviewSpec {
            token: Some(token.token.clone()),
            audiences: vec![audience.into()],
            ..Default::default()
        };
        TokenReview { spec, ..Default::default() }
    };
    let reviews = client.authentication_v1().token_reviews();
    let seen = reviews.create(&review("vault")).await.expect("a review").status;
    let user = seen.user.username.as_deref().map(str::to_owned);
    assert_eq!(user, Some(format!("system:serviceaccount:{namespace}:build")), "{}", seen.error.unwrap_or_default());
    assert_eq!(seen.audiences, ["vault"]);
    let seen = reviews.create(&review("somebody-else")).await.expect("a review").status;
    assert_ne!(seen.authenticated, Some(true));

    // Typed as the server has it, too.
    let request = object(json!({ "spec": { "audiences": ["vault"], "expirationSeconds": 1200 } }));
    let answer = accounts.create_token("build", &request).await.expect("a token");
    assert_eq!((answer.spec.expiration_seconds, answer.status.token.is_empty()), (Some(1200), false));
    assert!(accounts.token("nobody").await.expect_err("there is none").is_not_found());
}

#[tokio::test]
async fn who_may_do_what_is_asked_by_plain_creates() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let attributes = json!({ "namespace": "default", "verb": "delete", "resource": "pods" });
    let authorization = client.authorization_v1();
    let own: SelfSubjectAccessReview = object(json!({ "spec": { "resourceAttributes": attributes } }));
    assert!(authorization.self_subject_access_reviews().create(&own).await.expect("a review").status.allowed);
    let spec = json!({ "resourceAttributes": attributes, "user": "nobody" });
    let other: SubjectAccessReview = object(json!({ "spec": spec }));
    assert!(!authorization.subject_access_reviews().create(&other).await.expect("a review").status.allowed);
    let local: LocalSubjectAccessReview = object(json!({ "metadata": { "namespace": "default" }, "spec": spec }));
    let reviews = authorization.local_subject_access_reviews("default");
    assert!(!reviews.create(&local).await.expect("a review").status.allowed);
    let rules: SelfSubjectRulesReview = object(json!({ "spec": { "namespace": "default" } }));
    let rules = authorization.self_subject_rules_reviews().create(&rules).await.expect("a review").status;
    assert!(!rules.resource_rules.is_empty());
    let me = client.authentication_v1().self_subject_reviews().create(&Default::default()).await.expect("a review");
    assert!(me.status.user_info.groups.iter().any(|group| group == "system:masters"), "{me:?}");
}

#[tokio::test]
async fn a_certificate_is_approved_or_denied_and_not_both() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let requests = client.certificates_v1().certificate_signing_requests();
    let mut request: CertificateSigningRequest =
        object(json!({ "spec": { "signerName": "example.com/none", "usages": ["client auth"], "request": "" } }));
    request.spec.request = REQUEST.into();
    let (good, bad) = (unique("good"), unique("bad"));
    for name in [&good, &bad] {
        request.metadata.name = Some(name.as_str().into());
        requests.create(&request).await.expect("a request");
    }
    let would = requests.approve(&good, "Known", "it is ours").dry_run().await.expect("approved");
    assert_eq!(would.status.conditions.len(), 1);
    assert_eq!(requests.get(&good).await.expect("a request").status.conditions, []);
    let approved = requests.approve(&good, "Known", "it is ours").await.expect("approved");
    let [condition] = &approved.status.conditions[..] else { panic!("{approved:?}") };
    assert_eq!((condition.type_.as_str(), condition.status.as_str()), ("Approved", "True"));
    assert_eq!((condition.reason.as_deref(), condition.message.as_deref()), (Some("Known"), Some("it is ours")));
    assert!(condition.last_update_time.is_some());
    let again = requests.approve(&good, "Again", "as before").await.expect("approved already");
    assert_eq!(again.metadata.resource_version, approved.metadata.resource_version, "nothing is written");
    assert!(requests.deny(&good, "Late", "too late").await.expect_err("approved already").is_invalid());
    let denied = requests.deny(&bad, "Unknown", "it is not ours").await.expect("denied");
    assert_eq!(denied.status.conditions[0].type_, "Denied");

    // The subresource itself, in every way.
    let mut read = requests.get_approval(&good).await.expect("a request");
    read.status.conditions[0].message = Some("as I said".into());
    let read = requests.replace_approval(&read).await.expect("replaced");
    assert_eq!(read.status.conditions[0].message.as_deref(), Some("as I said"));
    let condition = json!({ "type": "Approved", "status": "True", "reason": "Patched" });
    let patch = Patch::merge(json!({ "status": { "conditions": [condition] } }));
    let read = requests.patch_approval(&good, patch).await.expect("patched");
    assert_eq!(read.status.conditions[0].reason.as_deref(), Some("Patched"));
    let mut wanted = CertificateSigningRequest { metadata: ObjectMeta::named(&*good), ..Default::default() };
    wanted.status.conditions = read.status.conditions;
    let read = requests.apply_approval(&wanted, "tester").force().await.expect("applied");
    assert_eq!(read.status.conditions.len(), 1);
    for name in [&good, &bad] {
        requests.delete(name).await.expect("deleted");
    }
}

#[tokio::test]
async fn a_namespace_that_hangs_is_let_go_and_one_that_lives_is_not() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "finalize").await;
    let namespaces = client.core_v1().namespaces();
    let error = namespaces.finalize(&namespace).await.expect_err("it lives");
    assert!(error.is_aborted() && error.to_string().contains("is not being deleted"), "{error}");
    // Nobody deletes what is in it here, so it hangs.
    namespaces.delete(&namespace).await.expect("marked");
    let other = namespaces.finalize(&namespace).finalizer("example.com/other").await.expect("nothing to do");
    assert_eq!(other.spec.finalizers, ["kubernetes"]);
    let last = namespaces.finalize(&namespace).await.expect("let go");
    assert!(last.spec.finalizers.is_empty());
    // The server takes the object out when the last finalizer is gone, or with the next deletion.
    while namespaces.get(&namespace).optional().await.expect("an answer").is_some() {
        let _ = namespaces.delete(&namespace).await;
    }
}

#[tokio::test]
async fn a_debugger_joins_a_pod_that_runs() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "debug").await;
    let pods = client.core_v1().pods(&namespace);
    running(&client, &namespace, "web").await;
    let debug = || pods.debug("web", "busybox:1.37").command(["sleep"]).args(["60"]).target("app").env("A", "b");
    let would = debug().dry_run().await.expect("added");
    assert!(would.container().starts_with("debugger-"));
    assert!(pods.get("web").await.expect("a pod").spec.ephemeral_containers.is_empty());

    let debugger = debug().stdin().tty().await.expect("added");
    let read = pods.get_ephemeral_containers("web").await.expect("a pod");
    let [container] = &read.spec.ephemeral_containers[..] else { panic!("{read:?}") };
    assert_eq!((container.name.as_str(), container.image.as_deref()), (debugger.container(), Some("busybox:1.37")));
    assert_eq!((&container.command[..], &container.args[..]), (&["sleep".into()][..], &["60".into()][..]));
    assert_eq!((container.stdin, container.tty), (Some(true), Some(true)));
    assert_eq!(container.target_container_name.as_deref(), Some("app"));
    assert_eq!(container.env[0].value.as_deref(), Some("b"));
    let context = container.security_context.as_ref().expect("a context");
    assert_eq!(context.capabilities.as_ref().expect("capabilities").add, ["SYS_PTRACE"]);
    assert_eq!(debugger.pod().metadata.uid, read.metadata.uid);

    // kwok does not start it: here the test is the kubelet.
    let state = debugger.started(Duration::ZERO).await.expect("a state");
    assert!(matches!(state, DebugState::Waiting { reason: None, .. }), "{state:?}");
    let say = async |state: Value| {
        let status = json!({
            "name": debugger.container(), "image": "busybox:1.37", "imageID": "", "ready": false, "restartCount": 0,
            "state": state,
        });
        let patch = Patch::merge(json!({ "status": { "ephemeralContainerStatuses": [status] } }));
        pods.patch_status("web", patch).await.expect("a status");
    };
    say(json!({ "waiting": { "reason": "ImagePullBackOff" } })).await;
    let state = debugger.started(Duration::ZERO).await.expect("a state");
    assert!(matches!(state, DebugState::Waiting { reason: Some(reason), .. } if reason == "ImagePullBackOff"));
    let starting = {
        let debugger = debugger.clone();
        tokio::spawn(async move { debugger.started(Duration::from_secs(3600)).await })
    };
    say(json!({ "running": { "startedAt": "2026-01-01T00:00:00Z" } })).await;
    assert!(matches!(starting.await.expect("no panic").expect("a state"), DebugState::Running));
    say(json!({ "terminated": { "exitCode": 3 } })).await;
    let state = debugger.started(Duration::from_secs(3600)).await.expect("a state");
    assert!(matches!(state, DebugState::Terminated(how) if how.exit_code == 3));

    let session = pods.attach("web").container(debugger.container()).start().await;
    assert!(session.is_err() || session.is_ok_and(|session| session.stdout.is_some()), "its name is one to attach to");
}

#[tokio::test]
async fn debuggers_have_names_of_their_own_and_the_rights_of_their_profile() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "profiles").await;
    let pods = client.core_v1().pods(&namespace);
    running(&client, &namespace, "web").await;
    pods.debug("web", "tools:1").named("tools").profile(DebugProfile::NetAdmin).await.expect("added");
    assert!(pods.debug("web", "tools:1").named("tools").await.expect_err("taken").is_invalid());
    // Several at once: who comes second starts again.
    let (one, two) = tokio::join!(
        pods.debug("web", "tools:1").profile(DebugProfile::Restricted),
        pods.debug("web", "tools:1").profile(DebugProfile::SysAdmin),
    );
    let (one, two) = (one.expect("added"), two.expect("added"));
    assert_ne!(one.container(), two.container());
    let plain = pods.debug("web", "tools:1").profile(DebugProfile::Baseline).await.expect("added");
    let own = pods.debug("web", "tools:1").profile(DebugProfile::AsIs);
    let own = own.with(|container| container.working_dir = Some("/tmp".into())).await.expect("added");
    let pod = pods.get("web").await.expect("a pod");
    let container = |name: &str| {
        let mut all = pod.spec.ephemeral_containers.iter();
        all.find(|container| container.name == name).expect("the container")
    };
    let context = |name: &str| container(name).security_context.clone().expect("a context");
    assert_eq!(context("tools").capabilities.expect("capabilities").add, ["NET_ADMIN", "NET_RAW"]);
    let restricted = context(one.container());
    assert_eq!((restricted.run_as_non_root, restricted.allow_privilege_escalation), (Some(true), Some(false)));
    assert_eq!(restricted.capabilities.expect("capabilities").drop, ["ALL"]);
    assert_eq!(restricted.seccomp_profile.expect("a profile").type_.as_str(), "RuntimeDefault");
    assert_eq!(context(two.container()).privileged, Some(true));
    assert!(container(plain.container()).security_context.is_none());
    assert_eq!(container(own.container()).working_dir.as_deref(), Some("/tmp"));

    // The subresource itself, in the ways that the helper does not go.
    let patch = json!({ "spec": { "ephemeralContainers": [{ "name": "patched", "image": "tools:1" }] } });
    let pod = pods.patch_ephemeral_containers("web", Patch::strategic(patch)).await.expect("patched");
    assert_eq!(pod.spec.ephemeral_containers.len(), 6);
    let wanted: Pod = object(json!({
        "metadata": { "name": "web" },
        "spec": { "ephemeralContainers": [{ "name": "applied", "image": "tools:1" }] },
    }));
    let pod = pods.apply_ephemeral_containers(&wanted, "tester").await.expect("applied");
    assert_eq!(pod.spec.ephemeral_containers.len(), 7);
}

#[tokio::test]
async fn a_containers_resources_change_while_it_runs() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let namespace = namespace(&client, "resize").await;
    let pods = client.core_v1().pods(&namespace);
    let mut pod = running(&client, &namespace, "web").await;
    // kwok does not tell what a container has, and so does not look like a kubelet that can change it.
    pod.status.container_statuses[0].resources = Some(Box::new(pod.spec.containers[0].resources.clone()));
    pods.replace_status(&pod).await.expect("a status");
    let cpu = |pod: &Pod| {
        let resources = &pod.spec.containers[0].resources;
        (resources.requests["cpu"].to_string(), resources.limits["cpu"].to_string())
    };
    let would = pods.resize("web", "app").request("cpu", "750m").dry_run().await.expect("resized");
    assert_eq!(cpu(&would), ("750m".to_owned(), "1".to_owned()));
    let pod = pods.resize("web", "app").request("cpu", "750m").limit("cpu", "1500m").await.expect("resized");
    assert_eq!(cpu(&pod), ("750m".to_owned(), "1500m".to_owned()));
    assert_eq!(pod.spec.containers[0].resources.requests["memory"].to_string(), "64Mi", "what is not named stays");
    assert_eq!(pod.spec.containers.len(), 1);
    let error = pods.resize("web", "no-such-container").request("cpu", "1").await.expect_err("there is none");
    assert!(error.is_invalid(), "{error}");

    let mut read = pods.get_resize("web").await.expect("a pod");
    read.spec.containers[0]
        .resources
        .requests
        .insert("cpu", "800m".parse::<kubewright::Quantity>().expect("a quantity"));
    let read = pods.replace_resize(&read).await.expect("replaced");
    assert_eq!(cpu(&read).0, "800m");
    let wanted: Pod = object(json!({
        "metadata": { "name": "web" },
        "spec": { "containers": [{ "name": "app", "resources": { "requests": { "cpu": "900m" } } }] },
    }));
    let pod = pods.apply_resize(&wanted, "tester").force().await.expect("applied");
    assert_eq!(cpu(&pod).0, "900m");
}
