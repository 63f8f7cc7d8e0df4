//! Which controllers run, and how pods behave.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::outcome::PodOutcome;

/// Decides the outcome of each pod that starts.
pub(super) type Decide = Arc<dyn Fn(&Value) -> Option<PodOutcome> + Send + Sync>;

/// The controllers that run in a [`FakeCluster`](crate::FakeCluster). By default none does, as with an API server alone.
///
/// [`all`](Self::all) turns all of them on; the other methods add single ones to [`none`](Self::none).
///
/// ```
/// use kubewright::apps::v1::Deployment;
/// use kubewright::prelude::*;
/// use kubewright_fake::{Controllers, FakeCluster};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cluster = FakeCluster::builder().controllers(Controllers::all()).build()?;
/// let deployments = cluster.client().apps_v1().deployments("default");
/// let web: Deployment = kubewright::yaml::from_str("
/// metadata: {name: web}
/// spec:
///   replicas: 3
///   selector: {matchLabels: {app: web}}
///   template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web:1}]}}
/// ")?;
/// deployments.create(&web).await?;
/// let ready = deployments.get("web").await?.status.ready_replicas;
/// assert_eq!(ready, Some(3));
/// # Ok(())
/// # }
/// ```
///
/// They run after each write, before the client that wrote gets its answer, until there is nothing left to do. The answer itself
/// is that of the API server: of the moment before. What takes time is by the cluster's [clock](crate::FakeClock): as it is
/// advanced, everything due on the way happens in order.
///
/// Their requests are authorized in any case, meet no [faults](crate::Faults), and are [recorded](crate::FakeCluster::requests) only
/// if [`record_requests`](Self::record_requests) says so.
///
/// <https://kubernetes.io/docs/concepts/architecture/controller/>
#[derive(Clone, Default)]
pub struct Controllers {
    pub(super) enabled: BTreeSet<&'static str>,
    pub(super) pod_start: Duration,
    pub(super) pod_stop: Duration,
    pub(super) decide: Option<Decide>,
    pub(super) is_recorded: bool,
}

impl Controllers {
    /// None, to which others are added.
    pub fn none() -> Self {
        Self::default()
    }

    /// All that there are.
    pub fn all() -> Self {
        Self::none()
            .garbage_collector()
            .namespaces()
            .pods()
            .deployments()
            .stateful_sets()
            .daemon_sets()
            .cron_jobs()
            .endpoints()
            .disruption_budgets()
            .resource_quotas()
    }

    /// `garbage-collector-controller`: deletes objects whose owners are gone, in the background or the foreground, and orphans them.
    ///
    /// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>
    pub fn garbage_collector(self) -> Self {
        self.with(&["garbage-collector-controller"])
    }

    /// `namespace-controller` empties and removes namespaces that are deleted; `serviceaccount-controller` and
    /// `root-ca-certificate-publisher-controller` make the service account `default` and the config map `kube-root-ca.crt` in
    /// others.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>
    pub fn namespaces(self) -> Self {
        self.with(&["namespace-controller", "serviceaccount-controller", "root-ca-certificate-publisher-controller"])
    }

    /// `kube-scheduler`, `kubelet` and `node-lifecycle-controller`: pods are bound to nodes, start, and end when they are
    /// deleted, and nodes are ready. A cluster that is built without a node gets one, `node-1`.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>
    pub fn pods(self) -> Self {
        self.with(&["node-lifecycle-controller", "kube-scheduler", "kubelet"])
    }

    /// `replicaset-controller`. Its pods become ready with [`pods`](Self::pods) only.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/>
    pub fn replica_sets(self) -> Self {
        self.with(&["replicaset-controller"])
    }

    /// `deployment-controller`, and [`replica_sets`](Self::replica_sets).
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>
    pub fn deployments(self) -> Self {
        self.replica_sets().with(&["deployment-controller"])
    }

    /// `statefulset-controller`.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>
    pub fn stateful_sets(self) -> Self {
        self.with(&["statefulset-controller"])
    }

    /// `daemonset-controller`.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/>
    pub fn daemon_sets(self) -> Self {
        self.with(&["daemonset-controller"])
    }

    /// `job-controller` and `ttl-after-finished-controller`.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/job/>
    pub fn jobs(self) -> Self {
        self.with(&["job-controller", "ttl-after-finished-controller"])
    }

    /// `cronjob-controller`, and [`jobs`](Self::jobs).
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>
    pub fn cron_jobs(self) -> Self {
        self.jobs().with(&["cronjob-controller"])
    }

    /// `endpointslice-controller` and `endpoints-controller`: which pods are behind a service.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>
    pub fn endpoints(self) -> Self {
        self.with(&["endpointslice-controller", "endpoints-controller"])
    }

    /// `disruption-controller`: how many evictions a PodDisruptionBudget allows.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/disruptions/>
    pub fn disruption_budgets(self) -> Self {
        self.with(&["disruption-controller"])
    }

    /// `resourcequota-controller`: what resource quotas limit, and what of it is used. Without it, a quota has an effect once a
    /// client has written its status.
    ///
    /// <https://kubernetes.io/docs/concepts/policy/resource-quotas/>
    pub fn resource_quotas(self) -> Self {
        self.with(&["resourcequota-controller"])
    }

    /// How long a pod takes from its node to running containers, by the cluster's clock, in whole seconds [default: none, it
    /// starts at once].
    pub fn pod_start(mut self, delay: Duration) -> Self {
        self.pod_start = delay;
        self
    }

    /// How long a pod takes to end when it is deleted, by the cluster's clock, in whole seconds; at most its grace period
    /// [default: none, it ends at once].
    pub fn pod_stop(mut self, delay: Duration) -> Self {
        self.pod_stop = delay;
        self
    }

    /// Decides the outcome of each pod, once, when it has a node. `None` is the default: pods with the restart policy `Always`
    /// become ready, others succeed at once.
    ///
    /// `decide` gets the pod in JSON. It must not use the cluster or its clock: the controllers wait for it. If it panics, the controllers
    /// stop, and this request and all later ones are answered with 500 and the panic's message.
    pub fn on_pod(mut self, decide: impl Fn(&Value) -> Option<PodOutcome> + Send + Sync + 'static) -> Self {
        self.decide = Some(Arc::new(decide));
        self
    }

    /// Has the requests of the controllers in [`FakeCluster::requests`](crate::FakeCluster::requests) too [default: they are not].
    pub fn record_requests(mut self) -> Self {
        self.is_recorded = true;
        self
    }

    /// The names of those that are on, as `kube-controller-manager --controllers` has them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.enabled.iter().copied()
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    fn with(mut self, names: &[&'static str]) -> Self {
        self.enabled.extend(names);
        self
    }
}

impl fmt::Debug for Controllers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controllers")
            .field("enabled", &self.enabled)
            .field("pod_start", &self.pod_start)
            .field("pod_stop", &self.pod_stop)
            .finish_non_exhaustive()
    }
}
