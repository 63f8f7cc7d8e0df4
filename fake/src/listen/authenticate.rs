//! Who asks: the users who have tokens.

use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use tower::Service as _;
use uuid::Uuid;

use crate::access::User;
use crate::api::{self, Body};
use crate::cluster::FakeService;
use crate::streams::Lifetime;

/// A token, and whose it is.
type Known = (String, Arc<User>);

/// The users of a listener, with their tokens.
#[derive(Clone, Default)]
pub(super) struct Tokens(Arc<Mutex<Vec<Known>>>);

impl Tokens {
    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token of a user; a new one, if there is none yet.
    pub fn of(&self, user: &User) -> String {
        let mut known = self.known();
        if let Some((token, _)) = known.iter().find(|(_, other)| **other == *user) {
            return token.clone();
        }
        let token = Uuid::new_v4().simple().to_string();
        known.push((token.clone(), Arc::new(user.clone())));
        token
    }

    /// The user of a header `Authorization`.
    fn user(&self, header: &[u8]) -> Option<Arc<User>> {
        let token = header.strip_prefix(b"Bearer ")?;
        let mut found = None;
        for (known, user) in self.known().iter() {
            if is_same(token, known.as_bytes()) {
                found = Some(user.clone());
            }
        }
        found
    }
}

/// The API for those who have a token.
#[derive(Clone)]
pub(super) struct Authenticated {
    inner: FakeService,
    tokens: Tokens,
    /// That of the listener, for what outlives requests.
    lifetime: Lifetime,
}

impl Authenticated {
    pub fn new(inner: FakeService, tokens: Tokens, lifetime: Lifetime) -> Self {
        Self { inner, tokens, lifetime }
    }

    /// Who sends a request. Some paths are anybody's, if they name nobody wrongly. `None` for those who are not answered.
    fn user(&self, path: &str, headers: &HeaderMap) -> Option<Arc<User>> {
        match headers.get(AUTHORIZATION) {
            Some(given) => self.tokens.user(given.as_bytes()),
            None => matches!(path.split('/').nth(1), Some("version" | "healthz" | "livez" | "readyz"))
                .then(|| Arc::new(User::anonymous())),
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
