//! A fake cluster, and how it is made.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use kubewright_core::Object;
use serde_json::{Value, json};
use tower::Service;

use crate::access::User;
#[cfg(feature = "listen")]
use crate::access::{ISSUER, Tokens};
use crate::api::{self, Body};
use crate::builtin;
use crate::catalog::StorageKey;
use crate::clock::FakeClock;
use crate::controllers::Controllers;
use crate::documents::Documents;
use crate::faults::Faults;
use crate::file;
use crate::gates::Gates;
use crate::requests::Requests;
use crate::server::Server;
use crate::snapshot::Snapshot;

/// A fake Kubernetes API server with its objects. Clones share them.
///
/// It starts with what a new cluster has: the namespaces `default`, `kube-system`, `kube-public` and `kube-node-lease`, the
/// priority classes of the system, the default roles and their bindings, and the service `kubernetes`.
#[derive(Clone, Debug)]
pub struct FakeCluster {
    server: Arc<Server>,
}

/// Makes a [`FakeCluster`].
#[derive(Clone, Debug, Default)]
pub struct FakeClusterBuilder {
    kubernetes: Option<String>,
    objects: Vec<Value>,
    /// The first object that could not be taken.
    failed: Option<BuildError>,
    snapshot: Option<Snapshot>,
    clock: FakeClock,
    controllers: Controllers,
    gates: Vec<(String, bool)>,
    max_requests: Option<usize>,
}

/// How many requests are kept by default.
const MAX_REQUESTS: usize = 100_000;

/// Why a fake cluster could not be made.
#[derive(Clone, Debug)]
pub struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for BuildError {}

impl FakeCluster {
    /// Starts to make one.
    pub fn builder() -> FakeClusterBuilder {
        FakeClusterBuilder::default()
    }

    /// The API as a [`tower::Service`], for clients of any kind. They may do everything; those of
    /// [`as_user`](FakeCluster::as_user) what roles allow.
    pub fn service(&self) -> FakeService {
        FakeService::new(self.server.clone(), User::admin())
    }

    /// A client of it, without any connection. Its default namespace is `default`. It may do everything; a client of
    /// [`as_user`](FakeCluster::as_user) may do what roles allow.
    #[cfg(feature = "client")]
    pub fn client(&self) -> kubewright::Client {
        self.service().into_client("default")
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// The faults of its answers, which a test injects.
    pub fn faults(&self) -> Faults {
        self.server.faults.clone()
    }

    /// The requests of all its clients so far, in order of arrival (the latest 100,000, or as many as
    /// [`FakeClusterBuilder::max_requests`] says): those of [`FakeCluster::client`] and [`FakeCluster::service`], and
    /// those that came through a port.
    pub fn requests(&self) -> Requests {
        Requests(self.server.requests().iter().map(|(_, request)| request.clone()).collect())
    }

    /// Forgets the requests so far, so that [`FakeCluster::requests`] has those from now on.
    pub fn forget_requests(&self) {
        self.server.requests().clear();
    }

    /// Says where a service is, for webhooks whose `clientConfig` names it: no service of a fake cluster has an address that can be
    /// reached. It need not exist. The server there has a certificate for `NAME.NAMESPACE.svc`.
    ///
    /// By default no service is anywhere, and calls of such webhooks fail.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference>
    pub fn service_address(&self, namespace: &str, name: &str, address: SocketAddr) {
        self.server.services.set(namespace, name, address);
    }

    /// The clock that it has its times from.
    pub fn clock(&self) -> FakeClock {
        self.server.clock.clone()
    }

    /// Forgets the history of objects, as etcd does when it is compacted: watches and lists of older versions are
    /// answered with 410 from now on.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses>
    pub fn compact(&self) {
        self.server.state().store.compact();
    }

    /// The version of the latest change: the `resourceVersion` of a list.
    #[must_use]
    pub fn resource_version(&self) -> u64 {
        self.server.state().store.revision()
    }

    /// Saves all objects to a file that only its owner may read, in place of an earlier one, for
    /// [`FakeClusterBuilder::load`]. The history is not saved: watches of earlier versions end with 410 then.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let snapshot = Snapshot::of(&self.server.state().store);
        file::replace(path.as_ref(), snapshot.to_text().as_bytes())
    }
}

impl FakeClusterBuilder {
    /// The minor that it serves, such as `1.36` [default: the newest].
    pub fn kubernetes(mut self, minor: &str) -> Self {
        self.kubernetes = Some(minor.to_owned());
        self
    }

    /// An object that is there from the start, in JSON, with `apiVersion` and `kind`. It is checked as one that a client creates, in
    /// the order of the calls (its namespace comes first), but meets no webhooks and no faults, and is not recorded. Without a
    /// namespace, one of a namespaced kind is in `default`.
    pub fn with(mut self, object: Value) -> Self {
        self.objects.push(object);
        self
    }

    /// An object that is there from the start, such as a kind's definition: `Page::crd()?`, as by [`with`](Self::with). One that
    /// can't be written as JSON is an error of [`build`](Self::build).
    ///
    /// ```
    /// use kubewright::core::v1::ConfigMap;
    /// use kubewright::prelude::*;
    /// use kubewright_fake::FakeCluster;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let settings = ConfigMap { metadata: ObjectMeta::named("settings").in_namespace("default"), ..Default::default() };
    /// let cluster = FakeCluster::builder().with_object(&settings).build()?;
    /// cluster.client().core_v1().config_maps("default").get("settings").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_object<K: Object>(mut self, object: &K) -> Self {
        let text = kubewright_core::json::to_vec(object).map_err(|error| error.to_string());
        match text.and_then(|text| serde_json::from_slice(&text).map_err(|error| error.to_string())) {
            Ok(object) => self.objects.push(object),
            Err(error) => {
                self.failed.get_or_insert(BuildError(format!("cannot write an object as JSON: {error}")));
            }
        }
        self
    }

    /// A CustomResourceDefinition, or several, in YAML.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn crd(mut self, yaml: &str) -> Result<Self, BuildError> {
        let documents: Vec<kubewright_core::DynamicObject> = kubewright_core::yaml::from_multiple(yaml)
            .map_err(|error| BuildError(format!("cannot read the CRD: {error}")))?;
        if documents.is_empty() {
            return Err(BuildError("cannot read the CRD: there is none in the text".to_owned()));
        }
        for document in documents {
            let text = kubewright_core::json::to_vec(&document).map_err(|error| BuildError(error.to_string()))?;
            self.objects.push(serde_json::from_slice(&text).map_err(|error| BuildError(error.to_string()))?);
        }
        Ok(self)
    }

    /// Starts with the objects of a file that [`FakeCluster::save`] has written. Objects of [`with`](Self::with) and
    /// [`crd`](Self::crd) that the file has are as they are there.
    ///
    /// # Errors
    /// If the file can't be read, or is another one.
    pub fn load(mut self, path: impl AsRef<Path>) -> Result<Self, BuildError> {
        let path = path.as_ref();
        let failed = |why: String| BuildError(format!("cannot read {}: {why}", path.display()));
        let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        self.snapshot = Some(Snapshot::parse(&text).map_err(failed)?);
        Ok(self)
    }

    /// The clock that it has its times from [default: the system's]. Clones of it set the time later.
    pub fn clock(mut self, clock: FakeClock) -> Self {
        self.clock = clock;
        self
    }

    /// The controllers that run in it [default: none].
    pub fn controllers(mut self, controllers: Controllers) -> Self {
        self.controllers = controllers;
        self
    }

    /// Turns a [feature gate](https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/) on or off, as the flag
    /// `--feature-gates` of a real server does [default: as the release has it]. The one that it knows is `ShardedListAndWatch`, since
    /// 1.36, alpha and off: lists, watches and deletions of collections are restricted to the ranges of `shardSelector`
    /// ([KEP-5866](https://www.kubernetes.dev/resources/keps/5866/)), which is ignored otherwise.
    pub fn feature_gate(mut self, name: &str, is_on: bool) -> Self {
        self.gates.push((name.to_owned(), is_on));
        self
    }

    /// How many requests it keeps, the latest, for [`FakeCluster::requests`], with their bodies [default: 100,000]. With 0, one that
    /// serves for long takes no memory for what nobody asks for.
    pub fn max_requests(mut self, count: usize) -> Self {
        self.max_requests = Some(count);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    ///
    /// If there are no documents of the minor, it has no such feature gate, an object is refused or can't be written as JSON, or the
    /// controllers do not settle; without the feature `cel`, also if an object needs it.
    pub fn build(self) -> Result<FakeCluster, BuildError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let minors: Vec<u32> = Documents::minors().collect();
        let minor = match &self.kubernetes {
            None => minors.last().copied(),
            Some(text) => text.trim_start_matches("v").strip_prefix("1.").and_then(|minor| minor.parse().ok()),
        };
        let documents = minor.and_then(Documents::of).ok_or_else(|| {
            let known: Vec<String> = minors.iter().map(|minor| format!("1.{minor}")).collect();
            let wanted = self.kubernetes.as_deref().unwrap_or("any");
            BuildError(format!("no documents of Kubernetes {wanted} are built in, but of {}", known.join(", ")))
        })?;
        let gates = Gates::of(documents.minor, &self.gates).map_err(BuildError)?;
        let server = Arc::new(Server::new(
            documents,
            self.clock,
            gates,
            self.controllers,
            self.max_requests.unwrap_or(MAX_REQUESTS),
        ));
        if server.controllers.is_on() {
            server.clock.notify(&server);
        }
        let cluster = FakeCluster { server };
        let is_restored = self.snapshot.is_some();
        #[cfg(not(feature = "cel"))]
        if let Some(snapshot) = &self.snapshot {
            crate::without_cel::refuse_file(snapshot).map_err(BuildError)?;
        }
        match self.snapshot {
            Some(snapshot) => cluster.server.restore(snapshot),
            None => cluster.begin()?,
        }
        // Those that a file doesn't have are made again, as by a real server that starts.
        cluster.server.add_defaults();
        for object in &self.objects {
            cluster.create(object, is_restored)?;
        }
        cluster.add_node()?;
        cluster.server.settle_now().map_err(|status| BuildError(status.message))?;
        Ok(cluster)
    }
}

impl FakeCluster {
    /// Creates what a new cluster has.
    fn begin(&self) -> Result<(), BuildError> {
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            self.create(&namespace, false)?;
        }
        for class in builtin::of_a_new_cluster() {
            self.create(&class, false)?;
        }
        let kubernetes = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "name": "kubernetes", "namespace": "default",
                "labels": { "component": "apiserver", "provider": "kubernetes" },
            },
            "spec": { "clusterIP": "10.0.0.1", "ports": [{ "name": "https", "port": 443, "targetPort": 6443 }] },
        });
        self.create(&kubernetes, false)
    }

    /// Creates a node for the pods, if there is none and kubelets run.
    fn add_node(&self) -> Result<(), BuildError> {
        let nodes = StorageKey::new("", "nodes");
        let has_nodes = self.server.state().store.all(&nodes).next().is_some();
        if has_nodes || !self.server.controllers.has("kubelet") {
            return Ok(());
        }
        let labels = json!({ "kubernetes.io/hostname": "node-1", "kubernetes.io/os": "linux" });
        let metadata = json!({ "name": "node-1", "labels": labels });
        self.create(&json!({ "apiVersion": "v1", "kind": "Node", "metadata": metadata }), false)
    }

    /// Creates an object as a client does. It may be there already if that is said.
    fn create(&self, object: &Value, may_be_there: bool) -> Result<(), BuildError> {
        let text = |name: &str| object[name].as_str().unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        for (field, value) in [("apiVersion", api_version), ("kind", kind)] {
            if value.is_empty() {
                return Err(BuildError(format!("cannot create the object {name:?}: it has no {field}")));
            }
        }
        let refused = |why: &str| BuildError(format!("cannot create {kind} {name:?} of {api_version}: {why}"));
        let resources = self.server.resources(&self.server.state());
        let resource = resources
            .iter()
            .find(|resource| resource.kind == kind && resource.api_version() == api_version)
            .ok_or_else(|| refused("there is no such kind"))?;
        let root = if resource.group.is_empty() { "/api" } else { "/apis" };
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        let place = if resource.namespaced { format!("namespaces/{namespace}/") } else { String::new() };
        let request = Request::post(format!("{root}/{api_version}/{place}{}", resource.plural))
            .header("content-type", "application/json")
            .header("user-agent", "kubewright-fake");
        let (parts, ()) = request.body(()).map_err(|error| refused(&error.to_string()))?.into_parts();
        let response = api::handle(&self.server, parts, Bytes::from(object.to_string()));
        if response.status().is_success() || (may_be_there && response.status() == StatusCode::CONFLICT) {
            return Ok(());
        }
        let status = response.status();
        Err(refused(&format!("{status}: {}", api::message_of_error(response))))
    }
}

/// The API of a [`FakeCluster`] as a service.
#[derive(Clone, Debug)]
pub struct FakeService {
    server: Arc<Server>,
    user: Arc<User>,
    /// The `User-Agent` of requests that have none.
    user_agent: Option<HeaderValue>,
}

impl FakeService {
    pub(crate) fn new(server: Arc<Server>, user: User) -> Self {
        Self { server, user: Arc::new(user), user_agent: None }
    }

    /// A client of it, which says who it is as one that connects does: field managers are named after that.
    #[cfg(feature = "client")]
    pub(crate) fn into_client(mut self, namespace: &str) -> kubewright::Client {
        self.user_agent = Some(HeaderValue::from_static(concat!("kubewright/", env!("CARGO_PKG_VERSION"))));
        kubewright::Client::from_service(self, namespace)
    }

    /// Whose a token is: one of a kubeconfig, or one that a service account was given for the API server.
    #[cfg(feature = "listen")]
    pub(crate) fn user_of(&self, token: &[u8]) -> Option<Arc<User>> {
        self.server.tokens.user(token).or_else(|| {
            let (state, now) = (self.server.state(), self.server.clock.now());
            let token = std::str::from_utf8(token).ok()?;
            let (user, _) = state.issued.user(token, &[ISSUER.to_owned()], &state.store, now)?.ok()?;
            Some(Arc::new(user))
        })
    }

    /// The tokens of kubeconfigs.
    #[cfg(feature = "listen")]
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.server.tokens
    }

    /// The same API for another user.
    #[cfg(feature = "listen")]
    pub(crate) fn of(&self, user: Arc<User>) -> Self {
        Self { server: self.server.clone(), user, user_agent: None }
    }
}

impl<B> Service<Request<B>> for FakeService
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Self { server, user, user_agent } = self.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(user_agent) = user_agent {
                parts.headers.entry(USER_AGENT).or_insert(user_agent);
            }
            let body = match Limited::new(body, api::MAX_BODY).collect().await {
                Ok(body) => Some(body.to_bytes()),
                Err(error) if error.is::<LengthLimitError>() => None,
                Err(error) => return Err(error),
            };
            api::receive(&server, user, parts, body).await
        })
    }
}
