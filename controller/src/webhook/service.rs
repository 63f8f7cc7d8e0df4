//! The webhooks of a program as an HTTP service.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use kubewright::DynamicObject;
use kubewright::message::MessageType;
use kubewright::transport::BoxError;
use tower::Service;

use super::admission::{AdmissionRequest, Decision, Mutating, Mutation, Reply, Validating};
use super::conversion::Converting;
use super::failure::Failure;
use super::handler::Handler;

/// The largest admission review, in bytes: two objects of the 3 MB that the API server accepts as a request body, and
/// the rest of the review.
const ADMISSION_LIMIT: usize = 7 << 20;

/// The largest conversion review, in bytes. The API server sends all objects of a list at once, whatever its size.
const CONVERSION_LIMIT: usize = 64 << 20;

/// The longest time-out that a webhook's configuration may have, and the one of requests that name none.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts>
const LONGEST: Duration = Duration::from_secs(30);

/// The webhooks of a program: a handler for each path.
///
/// It is a [`tower::Service`], so that tests call it without a server. [`WebhookServer`](super::WebhookServer) serves it
/// over TLS.
///
/// ```
/// use kubewright::core::v1::Pod;
/// use kubewright::DynamicObject;
/// use kubewright_controller::webhook::{AdmissionRequest, Decision, Mutation, Webhooks};
///
/// let webhooks = Webhooks::new()
///     .validating("/validate-pods", |request: AdmissionRequest<Pod>| async move {
///         let Some(pod) = &request.object else { return Decision::allow() };
///         match pod.spec.host_network {
///             Some(true) => Decision::deny("pods of the host's network are not admitted"),
///             _ => Decision::allow(),
///         }
///     })
///     .mutating("/default-pods", |request: AdmissionRequest<Pod>| async move {
///         let Some(mut pod) = request.object else { return Mutation::unchanged() };
///         pod.metadata.labels.entry("team").or_insert("unknown".into());
///         Mutation::to(pod)
///     })
///     .conversion("/convert", |mut object: DynamicObject, to: &str| {
///         object.api_version = to.into();
///         Ok::<_, std::convert::Infallible>(object)
///     });
/// # drop(webhooks);
/// ```
///
/// Every request must be a POST of `application/json`. A handler that exceeds the request's `?timeout=` is dropped (504);
/// one that panics is logged (500), and affects no other request.
#[derive(Clone, Default)]
pub struct Webhooks {
    routes: Arc<BTreeMap<String, Route>>,
}

#[derive(Clone)]
struct Route {
    handler: Arc<dyn Handler>,
    limit: usize,
}

impl Webhooks {
    /// Creates a service without webhooks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a validating webhook at a path, such as `/validate-pods`. It replaces one that has the same path.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#validatingadmissionwebhook>
    pub fn validating<K, F, Fut>(self, path: impl Into<String>, handler: F) -> Self
    where
        K: MessageType,
        F: Fn(AdmissionRequest<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Reply<Decision>> + Send + 'static,
    {
        self.route(path, Validating::new(handler), ADMISSION_LIMIT)
    }

    /// Adds a mutating webhook at a path. The handler returns the changed object of its request; it should be
    /// idempotent, since the API server may call it again for the same object.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#mutatingadmissionwebhook>
    pub fn mutating<K, F, Fut>(self, path: impl Into<String>, handler: F) -> Self
    where
        K: MessageType,
        F: Fn(AdmissionRequest<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Reply<Mutation<K>>> + Send + 'static,
    {
        self.route(path, Mutating::new(handler), ADMISSION_LIMIT)
    }

    /// Adds a conversion webhook at a path. The handler converts one custom resource to a version, such as
    /// `stable.example.com/v2`. Of the metadata it may change labels and annotations alone. If one object can't be
    /// converted, none is.
    ///
    /// For conversions between types see [`Conversions`](super::Conversions).
    ///
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion>
    pub fn conversion<F, E>(self, path: impl Into<String>, handler: F) -> Self
    where
        F: Fn(DynamicObject, &str) -> Result<DynamicObject, E> + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
    {
        self.route(path, Converting::new(handler), CONVERSION_LIMIT)
    }

    /// Sets the size of the largest body that a path accepts, in bytes. Default: 7 MiB for admission, 64 MiB for
    /// conversion, whose reviews contain all objects of a list. No effect if there is no webhook at this path.
    pub fn body_limit(mut self, path: &str, bytes: usize) -> Self {
        if let Some(route) = Arc::make_mut(&mut self.routes).get_mut(path) {
            route.limit = bytes;
        }
        self
    }

    fn route(mut self, path: impl Into<String>, handler: impl Handler + 'static, limit: usize) -> Self {
        Arc::make_mut(&mut self.routes).insert(path.into(), Route { handler: Arc::new(handler), limit });
        self
    }

    /// Finds the handler of a request, before its body is read.
    fn accept<B>(&self, request: &Request<B>) -> Result<(Route, Duration), Failure> {
        let path = request.uri().path();
        let route = self
            .routes
            .get(path)
            .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, format!("there is no webhook at {path}")))?;
        if request.method() != Method::POST {
            return Err(Failure::new(StatusCode::METHOD_NOT_ALLOWED, "a webhook is called by POST"));
        }
        if !is_json(request.headers()) {
            let message = "the content type of a review is application/json";
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        if length(request.headers()).is_some_and(|length| length > route.limit as u64) {
            return Err(too_large(route.limit));
        }
        Ok((route.clone(), time_out(request.uri().query())?))
    }
}

impl<B> Service<Request<B>> for Webhooks
where
    B: http_body::Body<Data: Send> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let accepted = self.accept(&request);
        let answer = async move {
            let (route, limit) = accepted?;
            tokio::time::timeout(limit, answer(route, request.into_body())).await.unwrap_or_else(|_| {
                Err(Failure::new(StatusCode::GATEWAY_TIMEOUT, "the webhook exceeded the request's time-out"))
            })
        };
        Box::pin(async move {
            Ok(match answer.await {
                Ok(review) => {
                    let mut response = Response::new(Full::new(review));
                    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                    response
                }
                Err(failure) => {
                    failure.log(&path);
                    failure.into_response()
                }
            })
        })
    }
}

async fn answer<B>(route: Route, body: B) -> Result<Bytes, Failure>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    let review = match Limited::new(body, route.limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large(route.limit)),
        Err(error) => return Err(Failure::bad_request(format!("the body cannot be read: {error}"))),
    };
    // Handlers are called inside, so that a panic before their first await is caught too.
    let answer = AssertUnwindSafe(async { route.handler.answer(review).await }).catch_unwind();
    answer.await.unwrap_or_else(|panic| Err(Failure::of_panic(&*panic)))
}

fn too_large(limit: usize) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the review is larger than {limit} bytes"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The time-out that the API server passes on from the webhook's configuration, such as `?timeout=10s`.
fn time_out(query: Option<&str>) -> Result<Duration, Failure> {
    let mut parameters = query.unwrap_or_default().split('&').filter_map(|parameter| parameter.split_once('='));
    let Some((_, text)) = parameters.find(|(name, _)| *name == "timeout") else { return Ok(LONGEST) };
    let timeout = kubewright::Duration::parse(text).ok().and_then(|timeout| Duration::try_from(timeout).ok());
    match timeout {
        Some(timeout) if !timeout.is_zero() => Ok(timeout.min(LONGEST)),
        _ => Err(Failure::bad_request("the parameter timeout is not a positive duration, such as 10s")),
    }
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhooks").field("paths", &self.routes.keys().collect::<Vec<_>>()).finish()
    }
}
