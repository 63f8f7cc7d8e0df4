//! The operator of `examples/website` against a real API server: a child for each owner, cleanup by a finalizer. And the
//! manifests of `examples/operator`, as the server takes them.
#![allow(missing_docs)]

#[path = "../../examples/operator/manifests.rs"]
mod manifests;

#[path = "../../examples/website/operator.rs"]
mod operator;
#[path = "../../examples/operator/site.rs"]
mod site;
#[allow(dead_code, reason = "the manifests have their paths alone")]
#[path = "../../examples/operator/webhooks.rs"]
mod webhooks;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::join_all;
use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::core::v1::ConfigMap;
use kubewright::events::v1::Event;
use kubewright::meta::v1::ObjectMeta;
use kubewright::{Api, Client};
use kubewright_controller::status::condition;
use kubewright_controller::{ControllerError, ControllerMetrics, Ended};
use kubewright_ops::wait::established;
use kubewright_testbed::{Binaries, Cluster, or_skip};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use operator::{Operator, Website, WebsiteSpec, page_name};

/// A cluster of these tests' own, so that their kind is in nobody's way.
fn own() -> Option<&'static Cluster> {
    static OWN: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = || {
        let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
        let binaries = or_skip(Binaries::find(options.minor))?;
        Some(Cluster::start_from(&binaries, &options).expect("a cluster"))
    };
    OWN.get_or_init(start).as_ref()
}

/// The operator in a namespace, running.
struct Running {
    client: Client,
    namespace: &'static str,
    websites: Api<Website>,
    pages: Api<ConfigMap>,
    metrics: ControllerMetrics,
    /// Reconciles all websites.
    again: mpsc::UnboundedSender<()>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<(Result<Ended, ControllerError>, std::sync::Arc<Operator>)>,
}

async fn start(bed: &Cluster, namespace: &'static str) -> Running {
    let client = kubewright_tests::client(bed.kubeconfig());
    kubewright_tests::namespace(&client, namespace).await;
    let crds: Api<CustomResourceDefinition> = Api::all(&client);
    let crd = Website::crd().expect("a CRD");
    let name = crd.metadata.name.clone().expect("a name");
    crds.apply(&crd, "tests").force().await.expect("installed");
    crds.wait(&name).until(established).await.expect("established");

    let (operator, controller) = Operator::new(&client, Some(namespace));
    let (again, mut receiver) = mpsc::unbounded_channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let controller = controller
        .reconcile_all_on(futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx)))
        .shutdown_on(async { drop(stopped.await) });
    let metrics = controller.metrics();
    let shared = operator.clone();
    let run = controller.run(move |website, context| shared.clone().reconcile(website, context));
    let ended = tokio::spawn(async move { (run.await, operator) });
    let (websites, pages) = (Api::namespaced(&client, namespace), Api::namespaced(&client, namespace));
    Running { client, namespace, websites, pages, metrics, again, stop, ended }
}

impl Running {
    async fn create(&self, name: &str) -> Website {
        let spec = WebsiteSpec { host: format!("{name}.example.com"), html: format!("<h1>{name}</h1>") };
        let website = Website { metadata: ObjectMeta::named(name), spec, ..Default::default() };
        self.websites.create(&website).await.expect("created")
    }

    /// Waits until a website's current generation is published.
    async fn published(&self, name: &str) -> Website {
        let is_published = |website: &Website| {
            let ready = condition(website, "Ready");
            let generation = website.metadata.generation;
            let observed = website.status.as_ref().and_then(|status| status.observed_generation);
            ready.is_some_and(|ready| ready.status == "True" && ready.observed_generation == generation)
                && observed == generation
        };
        self.websites.wait(name).until(is_published).await.expect("published")
    }

    /// Reconciles all websites, and waits until that is done.
    async fn reconcile_all(&self, count: usize) {
        let before = self.metrics.statistics().succeeded;
        self.again.send(()).expect("it listens");
        while self.metrics.statistics().succeeded < before + count as u64 {
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the operator. Returns how it ended.
    async fn end(self) -> Ended {
        self.stop.send(()).expect("it runs");
        let (ended, operator) = self.ended.await.expect("no panic");
        operator.flush_events().await;
        ended.expect("a shutdown")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_owner_has_a_child_that_follows_it_and_is_put_right() {
    let Some(bed) = own() else { return };
    let running = start(bed, "children").await;
    let names = ["one", "two", "three", "four"];
    join_all(names.map(|name| running.create(name))).await;
    for name in names {
        let website = running.published(name).await;
        let page = running.pages.get(&page_name(&website)).await.expect("a page");
        assert_eq!(page.data.get("index.html").expect("its text"), &format!("<h1>{name}</h1>"));
        let [owner] = &page.metadata.owner_references[..] else { panic!("{page:?}") };
        assert_eq!((Some(&owner.uid), owner.controller), (website.metadata.uid.as_ref(), Some(true)));
    }
    let hosts = Operator::hosts(&running.client, running.namespace).await.expect("records");
    assert_eq!(hosts, names.map(|name| format!("{name}.example.com")).into_iter().collect());

    // The owner changes.
    running.websites.modify("one", |website| website.spec.html = "<h1>1</h1>".into()).await.expect("changed");
    running.published("one").await;
    let text = |page: &ConfigMap, text: &str| page.data.get("index.html").is_some_and(|known| known == text);
    assert!(text(&running.pages.get("one-page").await.expect("a page"), "<h1>1</h1>"));

    // Somebody changes the child, and deletes another.
    let spoil = |page: &mut ConfigMap| {
        page.data.insert("index.html", "spoiled");
    };
    running.pages.modify("one-page", spoil).await.expect("changed");
    running.pages.wait("one-page").until(|page| text(page, "<h1>1</h1>")).await.expect("put right");
    running.pages.delete("two-page").await.expect("deleted");
    running
        .pages
        .wait("two-page")
        .even_if_absent()
        .until(|page| text(page, "<h1>two</h1>"))
        .await
        .expect("created again");

    // What is as it should be is not written again, once the caches know it.
    running.reconcile_all(names.len()).await;
    let before = running.websites.get("one").await.expect("a website");
    running.reconcile_all(names.len()).await;
    let now = running.websites.get("one").await.expect("a website");
    assert_eq!(now.metadata.resource_version, before.metadata.resource_version);
    assert_eq!(running.metrics.statistics().panicked, 0);

    let (client, namespace) = (running.client.clone(), running.namespace);
    assert_eq!(running.end().await.aborted, []);
    let events: Api<Event> = Api::namespaced(&client, namespace);
    let events = events.list().await.expect("events").items;
    let of =
        |name: &str| events.iter().filter(|event| event.regarding.name.as_deref() == Some(name)).collect::<Vec<_>>();
    let [event] = &of("three")[..] else { panic!("{events:?}") };
    assert_eq!([event.reason.as_deref(), event.type_.as_deref()], [Some("Published"), Some("Normal")]);
    let [event] = &of("one")[..] else { panic!("{events:?}") };
    assert!(event.series.as_ref().is_some_and(|series| series.count >= 3), "created, changed, put right: {event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_outside_of_the_cluster_is_cleaned_up_before_the_owner_is_deleted() {
    let Some(bed) = own() else { return };
    let running = start(bed, "cleanup").await;
    join_all(["kept", "deleted"].map(|name| running.create(name))).await;
    for name in ["kept", "deleted"] {
        let website = running.published(name).await;
        assert_eq!(website.metadata.finalizers, ["web.example.com/record"]);
    }
    // Another finalizer holds it up, and stays.
    let hold = |website: &mut Website| website.metadata.finalizers.insert(0, "example.com/hold".into());
    running.websites.modify("deleted", |website| hold(website)).await.expect("held");
    running.websites.delete("deleted").await.expect("a deletion");
    let only_held = |website: &Website| website.metadata.finalizers == ["example.com/hold"];
    running.websites.wait("deleted").until(only_held).await.expect("cleaned up");
    let hosts = Operator::hosts(&running.client, running.namespace).await.expect("records");
    assert_eq!(hosts, BTreeSet::from(["kept.example.com".to_owned()]));

    running.websites.modify("deleted", |website| website.metadata.finalizers.clear()).await.expect("released");
    running.websites.wait("deleted").deleted().await.expect("deleted");
    // It is created again by the same name, and is another one.
    running.create("deleted").await;
    running.published("deleted").await;
    assert_eq!(Operator::hosts(&running.client, running.namespace).await.expect("records").len(), 2);
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_starts_later_does_what_was_missed() {
    let Some(bed) = own() else { return };
    let running = start(bed, "later").await;
    running.create("a").await;
    running.published("a").await;
    let websites = running.websites.clone();
    running.end().await;

    // Nobody cleans up now: the object stays.
    websites.delete("a").await.expect("a deletion");
    let spec = WebsiteSpec { host: "b.example.com".into(), html: String::new() };
    let website = Website { metadata: ObjectMeta::named("b"), spec, ..Default::default() };
    websites.create(&website).await.expect("created");
    assert!(websites.get("a").await.expect("it waits").metadata.deletion_timestamp.is_some());

    let running = start(bed, "later").await;
    websites.wait("a").deleted().await.expect("cleaned up");
    running.published("b").await;
    let hosts = Operator::hosts(&running.client, running.namespace).await.expect("records");
    assert_eq!(hosts, BTreeSet::from(["b.example.com".to_owned()]));
    running.end().await;
}

/// The kinds of cert-manager, which the manifests use: their schemas are cert-manager's own matter.
fn cert_manager(kind: &str) -> String {
    let plural = format!("{}s", kind.to_lowercase());
    let schema = r#"{"type": "object", "x-kubernetes-preserve-unknown-fields": true}"#;
    format!(
        r#"{{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
             "metadata": {{"name": "{plural}.cert-manager.io"}},
             "spec": {{"group": "cert-manager.io", "scope": "Namespaced", "names": {{"plural": "{plural}", "kind": "{kind}"}},
                       "versions": [{{"name": "v1", "served": true, "storage": true,
                                      "schema": {{"openAPIV3Schema": {schema}}}}}]}}}}"#
    )
}

#[test]
fn a_real_api_server_accepts_the_manifests_of_the_operator_without_a_warning() {
    let Some(bed) = own() else { return };
    let apply = |text: &str| bed.kubectl_with_input(&["apply", "-f", "-"], text).expect("applied");
    // What has to exist before the rest of them can: in a dry run nothing does.
    apply(r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "site-system"}}"#);
    for kind in ["Issuer", "Certificate"] {
        apply(&cert_manager(kind));
    }
    bed.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]).expect("established");

    let text = manifests::all("site-system", "example.com/site-operator:1.0").expect("YAML");
    let output =
        bed.kubectl_output(&["apply", "--dry-run=server", "--validate=strict", "-f", "-"], &text).expect("kubectl");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && err.is_empty(), "{out}{err}");
    let accepted: BTreeSet<_> = out.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    let expected = [
        "certificate.cert-manager.io/site-operator",
        "clusterrole.rbac.authorization.k8s.io/site-operator",
        "clusterrolebinding.rbac.authorization.k8s.io/site-operator",
        "customresourcedefinition.apiextensions.k8s.io/sites.sites.example.com",
        "deployment.apps/site-operator",
        "issuer.cert-manager.io/site-operator",
        "mutatingwebhookconfiguration.admissionregistration.k8s.io/site-operator",
        "namespace/site-system",
        "role.rbac.authorization.k8s.io/site-operator",
        "rolebinding.rbac.authorization.k8s.io/site-operator",
        "service/site-operator",
        "serviceaccount/site-operator",
        "validatingwebhookconfiguration.admissionregistration.k8s.io/site-operator",
    ];
    assert_eq!(accepted, expected.into());
}
