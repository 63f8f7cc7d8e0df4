//! The client: a cheap handle over a tower service.

mod builder;
pub(crate) mod container;
mod exchange;
mod server_version;
mod warning;

pub use crate::config::Encoding;
pub use crate::version::ServerVersion;
pub use builder::ClientBuilder;
pub use warning::Warning;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use http::Request;
use tower::util::BoxCloneService;

use crate::config::Config;
use crate::error::{BoxError, Error, Operation, Result};
use crate::transport::Body;
use crate::wire::Call;
use crate::wire::Negotiation;

/// A client of one API server. Cheap to clone; clones share connections.
///
/// Calls go through a [`tower::Service`]: by default the stack of layers that [`transport`](crate::transport) builds
/// from a [`Config`], over HTTP/2 if the server supports it. Any other service can replace it
/// ([`Client::from_service`]), for example a mock API server in tests:
///
/// ```
/// use http::{Request, Response};
/// use kubewright_runtime::meta::v1::Status;
/// use kubewright_runtime::transport::Body;
/// use kubewright_runtime::{Client, DynamicResource, Api, Scope};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let service = tower::service_fn(|request: Request<Body>| async move {
///     assert_eq!(request.uri().path(), "/api/v1/namespaces/shop/configmaps/prices");
///     let body = r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"prices"},"data":{"tea":"3"}}"#;
///     Ok::<_, std::convert::Infallible>(Response::new(Body::from(body)))
/// });
/// let client = Client::from_service(service, "shop");
///
/// let config_maps = DynamicResource {
///     group: String::new(),
///     version: "v1".into(),
///     kind: "ConfigMap".into(),
///     plural: "configmaps".into(),
///     namespaced: true,
/// };
/// let prices = Api::dynamic(&client, &config_maps, Scope::Namespace("shop")).get("prices").await?;
/// assert_eq!(prices.pointer("/data/tea")?, Some("3".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// Future of a request.
pub type ResponseFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

type Service = BoxCloneService<Request<Body>, http::Response<Body>, BoxError>;
type WarningHandler = dyn Fn(&Warning) + Send + Sync;

struct Inner {
    /// Boxed services need not be `Sync`, which would restrict services of tests needlessly.
    service: Mutex<Service>,
    /// For requests that switch protocols: over HTTP/1.1.
    upgrades: Mutex<Service>,
    default_namespace: String,
    on_warning: Option<Box<WarningHandler>>,
    warned: warning::Warned,
    negotiation: Negotiation,
    version: server_version::Known,
    without_managed_fields: bool,
    /// State that other modules keep with a client, by type.
    kept: Mutex<http::Extensions>,
}

impl Client {
    /// Creates a client for the environment of the program: from the kubeconfig (`$KUBECONFIG`, otherwise
    /// `~/.kube/config`), or in a pod from its service account.
    ///
    /// Nothing is sent before the first call.
    ///
    /// # Errors
    /// If there is no usable configuration ([`is_config`](Error::is_config)); the source names file and field.
    pub async fn try_default() -> Result<Self> {
        // Kubeconfigs and certificates are files, and reading files blocks.
        match tokio::task::spawn_blocking(|| Self::new(&Config::infer()?)).await {
            Ok(client) => client,
            Err(error) => Err(Error::transport(error.into())),
        }
    }

    /// Creates a client from a configuration.
    ///
    /// # Errors
    /// If its certificates or keys can't be used.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(ClientBuilder::from_config(config)?.build())
    }

    /// Creates a client that sends its calls through this service; `namespace` is its default namespace.
    pub fn from_service<S, B>(service: S, default_namespace: &str) -> Self
    where
        S: tower::Service<Request<Body>, Response = http::Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        ClientBuilder::from_service(service).default_namespace(default_namespace).build()
    }

    /// Returns the default namespace: that of the kubeconfig's context, or of the pod that the program runs in, or
    /// `default`.
    pub fn default_namespace(&self) -> &str {
        &self.inner.default_namespace
    }

    /// Sends a raw request and returns the response, whatever its status: for paths that no handle covers.
    ///
    /// The URI is a path and query; authentication and the server's address are added by the layers. A request with the
    /// header `Upgrade` goes over HTTP/1.1, which alone can switch protocols.
    ///
    /// # Errors
    /// If the request could not be sent or no response came.
    pub async fn send(&self, request: Request<Body>) -> Result<http::Response<Body>> {
        let operation = Operation { method: request.method().clone(), path: request.uri().path().to_owned() };
        self.transmit(request).await.map_err(|error| error.with_operation(&operation))
    }

    /// Returns the state that a module keeps with this client and its clones, created on first use.
    pub(crate) fn kept<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.inner.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.get_or_insert_with(Arc::<T>::default).clone()
    }

    /// Reads a path as text, such as `/version` or `/openapi/v3`.
    ///
    /// # Errors
    /// As any call, and if the response is not UTF-8.
    pub async fn get_text(&self, path: &str, accept: &'static str) -> Result<String> {
        let mut call = Call::new(http::Method::GET, Ok(path.to_owned()));
        call.accept(accept);
        self.fetch(&mut call, |body| {
            String::from_utf8(body.bytes.into())
                .map_err(|error| Error::response("the response is not UTF-8", None).with_source(error))
        })
        .await
    }

    /// Whether reads drop managed fields by default.
    pub(crate) fn reads_without_managed_fields(&self) -> bool {
        self.inner.without_managed_fields
    }

    /// Kinds for which protobuf is used.
    pub(crate) fn negotiation(&self) -> &Negotiation {
        &self.inner.negotiation
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("default_namespace", &self.inner.default_namespace).finish_non_exhaustive()
    }
}
