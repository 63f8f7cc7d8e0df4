//! Who may ask: those who have the token.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use tower::Service as _;

use crate::api::{self, Body};
use crate::cluster::FakeService;
use crate::streams::Lifetime;

/// The API for those who have the token.
#[derive(Clone)]
pub(super) struct Authenticated {
    inner: FakeService,
    /// The value of the header `Authorization`.
    wanted: Arc<str>,
    /// That of the listener, for what outlives requests.
    lifetime: Lifetime,
}

impl Authenticated {
    pub fn new(inner: FakeService, token: &str, lifetime: Lifetime) -> Self {
        Self { inner, wanted: format!("Bearer {token}").into(), lifetime }
    }

    /// Whether a request is answered. Some paths are anybody's, if they name nobody wrongly.
    fn admits(&self, path: &str, headers: &HeaderMap) -> bool {
        match headers.get(AUTHORIZATION) {
            Some(given) => is_same(given.as_bytes(), self.wanted.as_bytes()),
            None => matches!(path.split('/').nth(1), Some("version" | "healthz" | "livez" | "readyz")),
        }
    }
}

/// Compares in a time that does not depend on where two secrets differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

impl Service<Request<Incoming>> for Authenticated {
    type Response = Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if !self.admits(request.uri().path(), request.headers()) {
            let response = api::unauthorized(request.headers());
            return Box::pin(async move { Ok(response) });
        }
        request.extensions_mut().insert(self.lifetime.clone());
        self.inner.clone().call(request)
    }
}
