//! Cordoning, evicting and draining against a real API server, with kwok as the kubelet. Nobody controls anything there:
//! owners, and what a disruption budget allows, are written by the tests in the controllers' place.
#![allow(missing_docs)]

use std::future::IntoFuture as _;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kubewright::ApiGroups as _;
use kubewright::apps::v1::DaemonSet;
use kubewright::core::v1::{Namespace, Node, Pod, PodPhase};
use kubewright::policy::v1::PodDisruptionBudget;
use kubewright_ops::drain::{DrainError, DrainReport, DrainRequest, Obstacle, PodOutcome, SkipReason};
use kubewright_ops::evict::EvictOutcome;
use kubewright_ops::prelude::*;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Client, Object, Patch};
use kubewright_tests::client;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A node of the test's own, and a namespace of the same name.
struct Bed {
    client: Client,
    name: String,
}

/// Nothing of it if there is no cluster with a kubelet.
async fn bed(what: &str) -> Option<Bed> {
    let shared = kubewright_testbed::kubelet_or_skip()?;
    let client = client(shared.kubeconfig());
    // A cluster may outlive the tests: what they leave in it is not in the way of the next.
    let name = format!("drain-{what}-{:08x}", RandomState::new().hash_one(what) as u32);
    let namespace = Namespace { metadata: ObjectMeta::named(&*name), ..Default::default() };
    client.core_v1().namespaces().create(&namespace).await.expect("a namespace");
    let node = Node { metadata: ObjectMeta::named(&*name), ..Default::default() };
    client.core_v1().nodes().create(&node).await.expect("a node");
    Some(Bed { client, name })
}

/// An object as a manifest would say it.
fn object<K: Object>(value: &Value) -> K {
    kubewright::json::from_slice(value.to_string().as_bytes()).expect("an object")
}

impl Bed {
    fn drain(&self) -> DrainRequest {
        self.client.core_v1().nodes().drain(&self.name).retry_every(Duration::from_millis(20))
    }

    /// A pod on the node, which runs: `metadata` and `spec` on top of what each has.
    async fn pod(&self, name: &str, metadata: Value, spec: Value) -> Pod {
        let mut pod: Pod = object(&json!({ "metadata": metadata, "spec": spec }));
        pod.metadata.name = Some(name.into());
        pod.metadata.labels.insert("app", name);
        pod.spec.node_name = Some(self.name.as_str().into());
        pod.spec.containers.push(object_of_container());
        let pods = self.client.core_v1().pods(&self.name);
        pods.create(&pod).await.expect("created");
        self.until(name, |pod| pod.status.phase == Some(PodPhase::Running)).await
    }

    /// A pod that a replica set would make again.
    async fn replica(&self, name: &str) -> Pod {
        self.pod(name, json!({ "ownerReferences": [owner("ReplicaSet", "web")] }), json!({})).await
    }

    async fn until(&self, name: &str, condition: impl Fn(&Pod) -> bool) -> Pod {
        loop {
            let pod = self.client.core_v1().pods(&self.name).get(name).await.expect("a pod");
            if condition(&pod) {
                return pod;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn is_there(&self, name: &str) -> bool {
        self.client.core_v1().pods(&self.name).get(name).optional().await.expect("an answer").is_some()
    }

    /// A budget over the pod of this name. It has no status, as before its controller has seen it.
    async fn budget(&self, name: &str, over: &str) {
        let spec = json!({ "minAvailable": 1, "selector": { "matchLabels": { "app": over } } });
        let budget: PodDisruptionBudget = object(&json!({ "metadata": { "name": name }, "spec": spec }));
        self.client.policy_v1().pod_disruption_budgets(&self.name).create(&budget).await.expect("a budget");
    }

    /// What its controller would say of a budget.
    async fn allow(&self, budget: &str, disruptions: i32) {
        allow(&self.client, &self.name, budget, disruptions).await;
    }

    async fn is_cordoned(&self) -> bool {
        let node = self.client.core_v1().nodes().get(&self.name).await.expect("a node");
        node.spec.unschedulable.unwrap_or_default()
    }

    fn outcome<'a>(&self, report: &'a DrainReport, name: &str) -> &'a PodOutcome {
        report.outcome(&self.name, name).unwrap_or_else(|| panic!("{name} is not in {report:?}"))
    }

    async fn end(self) {
        self.client.core_v1().nodes().delete(&self.name).await.expect("deleted");
    }
}

async fn allow(client: &Client, namespace: &str, budget: &str, disruptions: i32) {
    let status = json!({
        "disruptionsAllowed": disruptions, "currentHealthy": 1 + disruptions, "desiredHealthy": 1, "expectedPods": 1,
        "observedGeneration": 1,
    });
    let budgets = client.policy_v1().pod_disruption_budgets(namespace);
    budgets.patch_status(budget, Patch::merge(json!({ "status": status }))).await.expect("a status");
}

fn object_of_container() -> kubewright::core::v1::Container {
    kubewright::core::v1::Container {
        name: "main".into(),
        image: Some("example.com/web:1".into()),
        ..Default::default()
    }
}

fn owner(kind: &str, name: &str) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "00000000-0000-4000-8000-000000000000", "controller": true })
}

#[tokio::test]
async fn cordoning_is_done_once_and_taken_back_once() {
    let Some(bed) = bed("cordon").await else { return };
    let nodes = bed.client.core_v1().nodes();
    assert!(nodes.cordon(&bed.name).dry_run().await.expect("cordoned") && !bed.is_cordoned().await);
    assert!(nodes.cordon(&bed.name).field_manager("tester").await.expect("cordoned"));
    assert!(bed.is_cordoned().await);
    assert!(!nodes.cordon(&bed.name).await.expect("cordoned already"));
    assert!(nodes.uncordon(&bed.name).await.expect("uncordoned"));
    assert!(!bed.is_cordoned().await);
    assert!(!nodes.uncordon(&bed.name).await.expect("uncordoned already"));
    assert!(nodes.cordon("no-such-node").await.expect_err("there is none").is_not_found());
    bed.end().await;
}

#[tokio::test]
async fn an_eviction_tells_apart_what_can_become_of_it() {
    let Some(bed) = bed("evict").await else { return };
    let pods = bed.client.core_v1().pods(&bed.name);
    let held = bed.replica("held").await;
    bed.budget("one-left", "held").await;

    // No controller has looked at the budget yet: the server asks to come back later, and the client leaves that to us.
    let error = pods.evict("held").await.expect_err("not now");
    assert!(error.is_disruption_budget() && error.is_too_many_requests(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));

    bed.allow("one-left", 0).await;
    let EvictOutcome::Blocked(refusal) = pods.evict("held").outcome().await.expect("an outcome") else {
        panic!("the budget is closed")
    };
    assert_eq!(refusal.budget.as_deref(), Some("one-left"));
    assert_eq!(refusal.retry_after, None);
    assert!(refusal.message.contains("needs 1 healthy pods and has 1"), "{refusal}");

    bed.budget("another", "held").await;
    let outcome = pods.evict("held").outcome().await.expect("an outcome");
    assert!(matches!(&outcome, EvictOutcome::MultipleBudgets(why) if why.contains("more than one")), "{outcome:?}");
    bed.client.policy_v1().pod_disruption_budgets(&bed.name).delete("another").await.expect("deleted");

    // A budget that is out of order is nothing to wait for: nobody counts the pods that went.
    let disrupted: serde_json::Map<_, _> =
        (0..2_001).map(|n| (format!("gone-{n}"), json!("2026-01-01T00:00:00Z"))).collect();
    let budgets = bed.client.policy_v1().pod_disruption_budgets(&bed.name);
    let status = json!({ "status": { "disruptionsAllowed": 1, "disruptedPods": disrupted } });
    budgets.patch_status("one-left", Patch::merge(status)).await.expect("a status");
    let error = pods.evict("held").retry_for(Duration::from_secs(3600)).outcome().await.expect_err("out of order");
    assert!(error.is_forbidden() && error.to_string().contains("DisruptedPods map too big"), "{error}");

    let none = json!({ "status": { "disruptedPods": null } });
    budgets.patch_status("one-left", Patch::merge(none)).await.expect("a status");
    bed.allow("one-left", 1).await;
    assert_eq!(pods.evict("held").dry_run().outcome().await.expect("an outcome"), EvictOutcome::Evicted);
    assert!(bed.is_there("held").await);
    let error = pods.evict("held").if_uid("00000000-0000-4000-8000-000000000000").await.expect_err("another one");
    assert!(error.is_conflict(), "{error}");
    let budget = budgets.get("one-left").await.expect("a budget");
    assert_eq!((budget.status.disruptions_allowed, budget.status.disrupted_pods.len()), (1, 0), "nothing is spent");
    let now = pods.get("held").await.expect("a pod");
    let version = now.metadata.resource_version.as_deref().expect("a version");
    let evict = pods.evict("held").if_uid(held.metadata.uid.as_deref().expect("a UID")).if_resource_version(version);
    assert_eq!(evict.grace_period_seconds(1).outcome().await.expect("an outcome"), EvictOutcome::Evicted);
    while bed.is_there("held").await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(pods.evict("held").outcome().await.expect("an outcome"), EvictOutcome::Gone);
    assert!(pods.evict("held").await.expect_err("there is none").is_not_found());
    bed.end().await;
}

#[tokio::test]
async fn an_eviction_is_tried_again_until_the_budget_opens() {
    let Some(bed) = bed("retry").await else { return };
    bed.replica("web").await;
    bed.budget("web", "web").await;
    bed.allow("web", 0).await;
    let pods = bed.client.core_v1().pods(&bed.name);
    let (every, long) = (Duration::from_millis(20), Duration::from_secs(3600));
    let outcome = pods.evict("web").retry_every(every).retry_for(Duration::from_millis(100)).outcome().await;
    assert!(matches!(outcome.expect("an outcome"), EvictOutcome::Blocked(_)), "time is up");
    let evicting = tokio::spawn(pods.evict("web").retry_every(every).retry_for(long).outcome());
    bed.allow("web", 1).await;
    assert_eq!(evicting.await.expect("no panic").expect("an outcome"), EvictOutcome::Evicted);
    bed.end().await;
}

#[tokio::test]
async fn a_drain_evicts_what_may_go_and_tells_of_every_pod() {
    let Some(bed) = bed("all").await else { return };
    let set: DaemonSet = object(&json!({
        "metadata": { "name": "agent" },
        "spec": {
            "selector": { "matchLabels": { "app": "agent" } },
            "template": {
                "metadata": { "labels": { "app": "agent" } },
                "spec": { "containers": [{ "name": "main", "image": "example.com/agent:1" }] },
            },
        },
    }));
    bed.client.apps_v1().daemon_sets(&bed.name).create(&set).await.expect("a daemon set");
    for name in ["web-0", "web-1", "web-2"] {
        bed.replica(name).await;
    }
    bed.pod("agent", json!({ "ownerReferences": [owner("DaemonSet", "agent")] }), json!({})).await;
    bed.pod("orphan", json!({ "ownerReferences": [owner("DaemonSet", "gone")] }), json!({})).await;
    bed.pod("static", json!({ "annotations": { "kubernetes.io/config.mirror": "x" } }), json!({})).await;
    let scratch = json!({ "volumes": [{ "name": "scratch", "emptyDir": {} }] });
    bed.pod("cache", json!({ "ownerReferences": [owner("ReplicaSet", "cache")] }), scratch.clone()).await;
    bed.pod("alone", json!({}), scratch.clone()).await;
    // It runs nowhere any more, so nothing stands against it.
    bed.pod("done", json!({}), scratch).await;
    let status = Patch::merge(json!({ "status": { "phase": "Succeeded" } }));
    bed.client.core_v1().pods(&bed.name).patch_status("done", status).await.expect("a status");

    // Without options nothing is evicted, and all that stands against it is told at once.
    let error = bed.drain().await.expect_err("stopped");
    let DrainError::Stopped { pods: stops, .. } = &error else { panic!("{error}") };
    let mut stops: Vec<_> = stops.iter().map(|(pod, against)| (pod.name.as_str(), &against[..])).collect();
    stops.sort_unstable_by_key(|(name, _)| *name);
    assert_eq!(
        stops,
        [
            ("agent", &[Obstacle::DaemonSet][..]),
            ("alone", &[Obstacle::Unmanaged, Obstacle::EmptyDir]),
            ("cache", &[Obstacle::EmptyDir]),
            ("orphan", &[Obstacle::DaemonSetGone]),
        ]
    );
    assert!(error.to_string().contains("/alone: it has no controller"), "{error}");
    assert!(bed.is_there("web-0").await && bed.is_there("done").await);
    assert!(bed.is_cordoned().await, "it stays so");

    let events: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = events.clone();
    let drain = bed.drain().ignore_daemon_sets().delete_empty_dir_data().force().grace_period_seconds(1).parallel(0);
    let report = drain.on_event(move |event| seen.lock().expect("events").push(event.to_string())).await;
    let report = report.expect("drained");
    assert!(!report.newly_cordoned && !report.dry_run);
    assert_eq!((report.pods.len(), report.remaining().count()), (9, 0), "{report}");
    for name in ["web-0", "web-1", "web-2", "orphan", "cache", "alone", "done"] {
        assert!(matches!(bed.outcome(&report, name), PodOutcome::Evicted), "{name}: {report:?}");
        assert!(!bed.is_there(name).await, "{name}");
    }
    assert!(matches!(bed.outcome(&report, "agent"), PodOutcome::Skipped(SkipReason::DaemonSet)));
    assert!(matches!(bed.outcome(&report, "static"), PodOutcome::Skipped(SkipReason::Mirror)));
    assert!(bed.is_there("agent").await && bed.is_there("static").await);
    let alone = report.pods.iter().find(|one| one.pod.name == "alone").expect("the pod");
    assert_eq!(alone.overridden, [Obstacle::Unmanaged, Obstacle::EmptyDir]);
    let events = events.lock().expect("events").clone();
    let pod = format!("{}/web-0", bed.name);
    for line in [
        format!("{} was already cordoned", bed.name),
        format!("{}/static is skipped: it is a mirror pod", bed.name),
        format!("evicting {pod}"),
        format!("{pod} is evicted"),
        format!("{pod} is deleted"),
    ] {
        assert_eq!(events.iter().filter(|event| **event == line).count(), 1, "{line:?} in {events:?}");
    }
    bed.end().await;
}

#[tokio::test]
async fn a_drain_goes_on_when_a_budget_opens_and_blocked_pods_hold_back_no_others() {
    let Some(bed) = bed("budget").await else { return };
    bed.replica("web").await;
    bed.replica("free").await;
    bed.budget("web", "web").await;
    bed.allow("web", 0).await;
    let (sender, mut events) = mpsc::unbounded_channel();
    let drain = bed.drain().parallel(1).on_event(move |event| drop(sender.send(event.to_string())));
    let draining = tokio::spawn(drain.into_future());
    let mut expected = vec![format!("{}/web can't be evicted yet", bed.name), format!("{}/free is deleted", bed.name)];
    while !expected.is_empty() {
        let event = events.recv().await.expect("the drain goes on");
        expected.retain(|start| !event.starts_with(start));
    }
    bed.allow("web", 1).await;
    let report = draining.await.expect("no panic").expect("drained");
    assert!(report.newly_cordoned && report.evicted().count() == 2, "{report}");
    assert!(!bed.is_there("web").await);
    bed.end().await;
}

#[tokio::test]
async fn when_time_is_up_the_error_says_which_pods_remain_and_why() {
    let Some(bed) = bed("timeout").await else { return };
    bed.replica("web").await;
    bed.budget("web", "web").await;
    bed.allow("web", 0).await;
    let held = json!({ "finalizers": ["example.com/held"], "ownerReferences": [owner("ReplicaSet", "web")] });
    bed.pod("held", held, json!({})).await;
    // What has been evicted once stays so; a busy machine takes longer.
    let mut limit = Duration::from_millis(500);
    let error = loop {
        let error = bed.drain().timeout(limit).await.expect_err("never done");
        let report = error.report().expect("a report");
        let outcomes = (bed.outcome(report, "web"), bed.outcome(report, "held"));
        if matches!(outcomes, (PodOutcome::Blocked(_), PodOutcome::ShuttingDown)) {
            break error;
        }
        limit *= 2;
    };
    assert!(error.is_timeout(), "{error}");
    let text = error.to_string();
    assert!(text.contains("/web: blocked, The disruption budget web needs"), "{text}");
    assert!(text.contains("/held: still shutting down"), "{text}");

    // A pod that should have been gone already need not be waited for.
    let (sender, mut events) = mpsc::unbounded_channel();
    let drain = bed.drain().pod_selector("app=held").skip_wait_for_delete_timeout(Duration::ZERO);
    bed.client.core_v1().pods(&bed.name).delete("held").grace_period_seconds(0).await.expect("marked");
    let report = drain.on_event(move |event| drop(sender.send(event.to_string()))).await.expect("drained");
    assert!(matches!(bed.outcome(&report, "held"), PodOutcome::Skipped(SkipReason::Overdue)), "{report:?}");
    assert_eq!(report.pods.len(), 1, "the others are not looked at");
    assert!(events.recv().await.is_some());

    let free = Patch::merge(json!({ "metadata": { "finalizers": null } }));
    bed.client.core_v1().pods(&bed.name).patch("held", free).await.expect("let go");
    bed.end().await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let Some(bed) = bed("dry").await else { return };
    bed.replica("web").await;
    bed.replica("free").await;
    bed.budget("web", "web").await;
    bed.allow("web", 0).await;
    let report = bed.drain().dry_run().await.expect("a report");
    assert!(report.dry_run && report.newly_cordoned);
    assert!(matches!(bed.outcome(&report, "web"), PodOutcome::Blocked(_)), "{report:?}");
    assert!(matches!(bed.outcome(&report, "free"), PodOutcome::Evicted), "{report:?}");
    assert_eq!(report.remaining().map(|pod| pod.name.as_str()).collect::<Vec<_>>(), ["web"]);
    assert!(!bed.is_cordoned().await && bed.is_there("free").await);
    bed.end().await;
}

#[tokio::test]
async fn deleting_instead_of_evicting_passes_budgets_by() {
    let Some(bed) = bed("delete").await else { return };
    bed.replica("web").await;
    bed.budget("web", "web").await;
    bed.allow("web", 0).await;
    let report = bed.drain().disable_eviction().grace_period_seconds(0).await.expect("drained");
    assert!(matches!(bed.outcome(&report, "web"), PodOutcome::Evicted) && !bed.is_there("web").await);
    bed.end().await;
}

#[tokio::test]
async fn a_pod_under_two_budgets_fails_and_the_others_go() {
    let Some(bed) = bed("two").await else { return };
    bed.replica("web").await;
    bed.replica("free").await;
    for name in ["one", "two"] {
        bed.budget(name, "web").await;
        bed.allow(name, 1).await;
    }
    let error = bed.drain().await.expect_err("one can't go");
    let DrainError::Failed(report) = &error else { panic!("{error}") };
    assert!(
        matches!(bed.outcome(report, "web"), PodOutcome::Failed(error) if error.to_string().contains("more than one"))
    );
    assert!(matches!(bed.outcome(report, "free"), PodOutcome::Evicted) && !bed.is_there("free").await);
    assert!(!error.is_timeout() && error.to_string().contains("/web: failed"), "{error}");
    bed.end().await;
}

#[tokio::test]
async fn a_namespace_that_ends_takes_its_pods_along_and_the_drain_waits_for_that() {
    let Some(bed) = bed("ending").await else { return };
    bed.replica("web").await;
    // Nobody deletes here what is in it: the test does, in the namespace controller's place.
    bed.client.core_v1().namespaces().delete(&bed.name).await.expect("marked");
    let (sender, mut events) = mpsc::unbounded_channel();
    let drain = bed.drain().on_event(move |event| drop(sender.send(event.to_string())));
    let draining = tokio::spawn(drain.into_future());
    loop {
        let event = events.recv().await.expect("the drain goes on");
        if event.contains("retrying in") {
            assert!(event.contains("because it is being terminated"), "{event}");
            break;
        }
    }
    bed.client.core_v1().pods(&bed.name).delete("web").await.expect("deleted");
    let report = draining.await.expect("no panic").expect("drained");
    assert!(bed.outcome(&report, "web").is_settled(), "{report:?}");
    bed.end().await;
}
