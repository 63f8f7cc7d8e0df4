//! HTTP to a pod, a service or a node, proxied by the API server.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::{InvalidUri, PathAndQuery};
use http::{Request, Response, Uri};
use tower::Service;

use crate::client::Client;
use crate::error::{BoxError, Error, Result};
use crate::transport::Body;
use crate::wire::Call;

/// An HTTP client of a pod, a service or a node, whose requests the API server proxies.
///
/// It is a [`tower::Service`]: any method, any headers, bodies that stream in both directions. A request's URI is the
/// path and query on the backend; its scheme and host are ignored. The response is that of the backend, whatever its
/// status, or the API server's if it can't proxy the request.
///
/// The name may include a port and a scheme: `web-0:8080`, `https:web-0:8443`.
///
/// ```no_run
/// use http::Request;
/// use kubewright_runtime::transport::Body;
/// use tower::ServiceExt as _;
///
/// # async fn example(proxy: kubewright_runtime::stream::Proxy) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let response = proxy.oneshot(Request::get("/healthz?verbose").body(Body::empty())?).await?;
/// println!("{}", response.status());
/// # Ok(())
/// # }
/// ```
///
/// <https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls>
#[derive(Clone, Debug)]
pub struct Proxy {
    client: Client,
    call: Call,
}

impl Proxy {
    pub(crate) fn new(client: &Client, call: Call) -> Self {
        Self { client: client.clone(), call }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// If the name is invalid in a path, or no response was received.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        let request = self.address(request).map_err(|error| error.with_operation(&self.call.operation()))?;
        self.client.send(request).await
    }

    /// Sends a `GET` of a path and query, such as `/healthz?verbose`.
    ///
    /// # Errors
    /// If the path is invalid, or no response was received.
    pub async fn get(&self, path: &str) -> Result<Response<Body>> {
        let request = Request::get(path).body(Body::empty());
        let request = request.map_err(|error| {
            Error::build(format!("{path:?} is not a path")).with_source(error).with_operation(&self.call.operation())
        })?;
        self.send(request).await
    }

    /// Returns the HTTP request that [`get`](Self::get) would send for `/`.
    ///
    /// # Errors
    /// If the name is invalid in a path.
    pub fn request(&self) -> Result<Request<Bytes>> {
        let request = Request::new(Body::empty());
        Ok(self.address(request)?.map(|_| Bytes::new()))
    }

    /// Prepends the proxy's path.
    fn address(&self, mut request: Request<Body>) -> Result<Request<Body>> {
        let prefix = self.call.to_http()?.uri().path().to_owned();
        let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let slash = if target.starts_with('/') { "" } else { "/" };
        let uri: Uri = format!("{prefix}{slash}{target}")
            .parse()
            .map_err(|error: InvalidUri| Error::build(format!("{target:?} is not a path")).with_source(error))?;
        *request.uri_mut() = uri;
        Ok(request)
    }
}

impl Service<Request<Body>> for Proxy {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { Ok(this.send(request).await?) })
    }
}
