//! The endpoints as an HTTP service.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use kubewright::transport::BoxError;
use percent_encoding::percent_decode_str;
use tower::Service;

use super::check::Check;
use crate::metrics::Exposition;
use crate::serve::text;

/// The checks of a program, and a [`tower::Service`] of their endpoints. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    live: Arc<Vec<Check>>,
    ready: Arc<Vec<Check>>,
    metrics: Option<Metrics>,
}

/// What writes the metrics.
#[derive(Clone)]
struct Metrics(Arc<dyn Fn() -> String + Send + Sync>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Health {
    fn default() -> Self {
        Self { live: Arc::new(vec![Check::ping()]), ready: Arc::new(vec![Check::ping()]), metrics: None }
    }
}

impl Health {
    /// Creates endpoints with no check but `ping`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a liveness check. If it fails for too long, the kubelet restarts the container: it should detect only what a
    /// restart mends.
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>
    pub fn liveness<F, Fut, E>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Arc::make_mut(&mut self.live).push(Check::new(name, check));
        self
    }

    /// Adds a readiness check. While it fails, services do not route to the pod.
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>
    pub fn readiness<F, Fut, E>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Arc::make_mut(&mut self.ready).push(Check::new(name, check));
        self
    }

    /// Adds `/metrics`, whose response is what the function returns: metrics in the text format of Prometheus. Without it
    /// the path is 404.
    ///
    /// Anybody who can connect can read them.
    ///
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
    pub fn metrics(mut self, text: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Some(Metrics(Arc::new(text)));
        self
    }
}

impl<B> Service<Request<B>> for Health {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (health, method) = (self.clone(), request.method().clone());
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        Box::pin(async move { Ok(health.respond(&method, &path, &query).await) })
    }
}

/// What a path is.
enum Endpoint<'a> {
    Checks(&'a [Check]),
    Metrics(&'a Metrics),
}

impl Health {
    async fn respond(&self, method: &Method, path: &str, query: &str) -> Response<Full<Bytes>> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (endpoint, name) = path.split_once('/').unwrap_or((path, ""));
        let found = match endpoint {
            "livez" | "healthz" => Some(Endpoint::Checks(&self.live)),
            "readyz" => Some(Endpoint::Checks(&self.ready)),
            "metrics" if name.is_empty() => self.metrics.as_ref().map(Endpoint::Metrics),
            _ => None,
        };
        let not_found = || text(StatusCode::NOT_FOUND, "404 page not found\n");
        let Some(found) = found else { return not_found() };
        if method != Method::GET && method != Method::HEAD {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let checks = match found {
            Endpoint::Checks(checks) => checks,
            Endpoint::Metrics(Metrics(metrics)) => {
                let mut response = text(StatusCode::OK, metrics());
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(Exposition::CONTENT_TYPE));
                return response;
            }
        };
        if name.is_empty() {
            return all(endpoint, checks, query).await;
        }
        let name = decoded(name);
        let Some(check) = checks.iter().find(|check| check.name == name) else {
            return not_found();
        };
        match check.passes().await {
            true => text(StatusCode::OK, "ok"),
            false => text(StatusCode::INTERNAL_SERVER_ERROR, format!("[-]{name} failed: reason withheld\n")),
        }
    }
}

/// The response of all checks, one after the other.
async fn all(endpoint: &str, checks: &[Check], query: &str) -> Response<Full<Bytes>> {
    let parameters: Vec<_> =
        query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))).collect();
    let excluded: Vec<_> =
        parameters.iter().filter(|(name, _)| *name == "exclude").map(|(_, value)| decoded(value)).collect();
    let (mut lines, mut passed) = (String::new(), true);
    for check in checks {
        let name = &check.name;
        let line = if excluded.iter().any(|excluded| excluded == name) {
            format!("[+]{name} excluded: ok\n")
        } else if check.passes().await {
            format!("[+]{name} ok\n")
        } else {
            passed = false;
            format!("[-]{name} failed: reason withheld\n")
        };
        lines.push_str(&line);
    }
    let unknown: Vec<_> = excluded
        .iter()
        .filter(|name| !checks.iter().any(|check| check.name == **name))
        .map(|name| format!("{name:?}"))
        .collect();
    if !unknown.is_empty() {
        // Writing to a string can't fail.
        let _ = writeln!(lines, "warn: some health checks cannot be excluded: no matches for {}", unknown.join(", "));
    }
    if !passed {
        return text(StatusCode::INTERNAL_SERVER_ERROR, format!("{lines}{endpoint} check failed\n"));
    }
    match parameters.iter().any(|(name, _)| *name == "verbose") {
        true => text(StatusCode::OK, format!("{lines}{endpoint} check passed\n")),
        false => text(StatusCode::OK, "ok"),
    }
}

/// The name of a check, of which a client may have encoded any part.
fn decoded(name: &str) -> Cow<'_, str> {
    percent_decode_str(name).decode_utf8_lossy()
}
