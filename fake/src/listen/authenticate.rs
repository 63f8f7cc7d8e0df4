//! Who asks: the users who have tokens or certificates.

use std::collections::HashMap;
use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use tower::Service as _;

use crate::access::User;
use crate::api::{self, Body};
use crate::cluster::FakeService;
use crate::streams::Lifetime;

/// The users who have certificates, by those. They are all that the authority of the listener has signed.
#[derive(Clone, Default)]
pub(super) struct Clients(Arc<Mutex<HashMap<Vec<u8>, Arc<User>>>>);

impl Clients {
    /// Adds a user with a certificate, as clients present it.
    pub fn add(&self, certificate: Vec<u8>, user: User) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(certificate, Arc::new(user));
    }
}

/// The API for those who have a certificate or a token.
#[derive(Clone)]
pub(super) struct Authenticated {
    inner: FakeService,
    clients: Clients,
    /// Who has the certificate of the connection.
    client: Option<Arc<User>>,
    /// That of the listener, for what outlives requests.
    lifetime: Lifetime,
}

impl Authenticated {
    pub fn new(inner: FakeService, clients: Clients, lifetime: Lifetime) -> Self {
        Self { inner, clients, client: None, lifetime }
    }

    /// The same for a connection whose client has presented a certificate, which was verified.
    pub fn of_client(mut self, certificate: &[u8]) -> Self {
        self.client = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner).get(certificate).cloned();
        self
    }

    /// Who sends a request. Some paths are anybody's, if they name nobody wrongly. `None` for those who are not answered.
    fn user(&self, path: &str, headers: &HeaderMap) -> Option<Arc<User>> {
        match headers.get(AUTHORIZATION) {
            _ if self.client.is_some() => self.client.clone(),
            Some(given) => self.inner.user_of(given.as_bytes().strip_prefix(b"Bearer ")?),
            None => matches!(path.split('/').nth(1), Some("version" | "healthz" | "livez" | "readyz"))
                .then(|| Arc::new(User::anonymous())),
        }
    }
}

impl Service<Request<Incoming>> for Authenticated {
    type Response = Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        match self.user(request.uri().path(), request.headers()) {
            Some(user) => {
                request.extensions_mut().insert(self.lifetime.clone());
                self.inner.of(user).call(request)
            }
            None => {
                let response = api::unauthorized(request.headers());
                Box::pin(async move { Ok(response) })
            }
        }
    }
}
