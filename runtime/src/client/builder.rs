//! Making a client piece by piece.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use tower::util::BoxCloneService;
use tower::{Layer, Service, ServiceBuilder};

use super::{Client, Encoding, Inner, Warning, WarningHandler};
use crate::config::Config;
use crate::error::{BoxError, Result};
use crate::transport::{self, Body};
use crate::wire::Negotiation;

/// Makes a [`Client`]: from a configuration or a service, with layers of one's own around it.
#[must_use]
pub struct ClientBuilder {
    service: super::Service,
    /// For requests that switch protocols.
    upgrades: super::Service,
    default_namespace: String,
    on_warning: Option<Box<WarningHandler>>,
    encoding: Encoding,
    without_managed_fields: bool,
}

impl ClientBuilder {
    /// Starts from a configuration, with the whole stack of layers that [`transport`](crate::transport) builds.
    ///
    /// # Errors
    /// If certificates or keys in it can't be used.
    pub fn from_config(config: &Config) -> Result<Self> {
        let service = transport::from_config(config)?;
        let upgrades = transport::upgrades_from_config(config)?;
        let this = Self { encoding: config.encoding, ..Self::from_service(service) };
        Ok(Self { upgrades: boxed(upgrades), ..this }.default_namespace(&config.namespace))
    }

    /// Starts from a service. It also gets the requests that switch protocols, such as those for
    /// [streams](crate::stream); see [`Upgrade`](crate::transport::Upgrade) for how to answer one.
    pub fn from_service<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = boxed(service);
        Self {
            upgrades: service.clone(),
            service,
            default_namespace: "default".to_owned(),
            on_warning: None,
            encoding: Encoding::Auto,
            without_managed_fields: false,
        }
    }

    /// Sends the requests that switch protocols, those of [streams](crate::stream), through this service: one that
    /// speaks HTTP/1.1 ([`Alpn::Http1`](crate::transport::Alpn::Http1)), for HTTP/2 can't. For a client
    /// [from a service](Self::from_service) whose own connections may be of HTTP/2. Call it before
    /// [`layer`](Self::layer), which wraps both.
    pub fn upgrades<S, B>(self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self { upgrades: boxed(service), ..self }
    }

    /// Puts a layer around everything that is there so far: it sees requests before authentication is added, and each call
    /// once, whatever is retried inside. It is applied twice, to the service of requests and to that of upgrades (exec, attach,
    /// port-forward): what both share, such as a counter, belongs in an `Arc`.
    pub fn layer<L, B>(self, layer: L) -> Self
    where
        L: Layer<super::Service>,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Body>>>::Error: Into<BoxError>,
        <L::Service as Service<Request<Body>>>::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Self { service, upgrades, default_namespace, on_warning, encoding, without_managed_fields } = self;
        Self {
            upgrades: boxed(layer.layer(upgrades)),
            default_namespace,
            on_warning,
            encoding,
            without_managed_fields,
            ..Self::from_service(layer.layer(service))
        }
    }

    /// The namespace that [`Client::default_namespace`] gives.
    pub fn default_namespace(mut self, namespace: &str) -> Self {
        namespace.clone_into(&mut self.default_namespace);
        self
    }

    /// What to do with the warnings that the server sends along, such as of a deprecated API: each of them, as often as it
    /// comes. By default they are `tracing` events at the level `WARN`, and each text is one once for a client and its
    /// clones.
    ///
    /// <https://kubernetes.io/blog/2020/09/03/warnings/>
    pub fn on_warning(mut self, handler: impl Fn(&Warning) + Send + Sync + 'static) -> Self {
        self.on_warning = Some(Box::new(handler));
        self
    }

    /// Speaks JSON alone, and never protobuf: see [`Encoding`].
    pub fn json_only(mut self) -> Self {
        self.encoding = Encoding::Json;
        self
    }

    /// Leaves `metadata.managedFields` out of everything that is read by get, list and watch, as
    /// [`ListRequest::without_managed_fields`](crate::request::ListRequest::without_managed_fields) does for one call.
    /// [`extract`](crate::extract()) needs them, so it finds nothing in objects that were read so.
    pub fn without_managed_fields(mut self) -> Self {
        self.without_managed_fields = true;
        self
    }

    /// The client.
    pub fn build(self) -> Client {
        let Self { service, upgrades, default_namespace, on_warning, encoding, without_managed_fields } = self;
        let negotiation = Negotiation::new(encoding);
        Client {
            inner: Arc::new(Inner {
                service: Mutex::new(service),
                upgrades: Mutex::new(upgrades),
                default_namespace,
                on_warning,
                negotiation,
                version: Default::default(),
                warned: Default::default(),
                kept: Default::default(),
                without_managed_fields,
            }),
        }
    }
}

fn boxed<S, B>(service: S) -> super::Service
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let service = ServiceBuilder::new()
        .map_response(|response: Response<B>| response.map(Body::wrap))
        .map_err(Into::into)
        .service(service);
    BoxCloneService::new(service)
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder").field("default_namespace", &self.default_namespace).finish_non_exhaustive()
    }
}
