//! Puts the credentials into each attempt, and after a 401 fetches others and sends the request again.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt as _};

use super::held_up::{By, HeldUp};
use crate::auth::{Authenticator, Lease};
use crate::config::{Config, ConfigError};
use crate::transport::body::try_clone;
use crate::transport::means::Transport;
use crate::transport::{Body, BoxError, RequestIdentity, TransportError};

/// Makes [`Auth`] services.
#[derive(Clone, Debug)]
pub struct AuthLayer {
    credentials: Authenticator,
}

/// Adds the `Authorization` header, marked sensitive, unless the request has one, and passes the client certificate to the
/// [connections](crate::transport::connect()) that an exec plugin or another source of credentials
/// returned.
///
/// Credentials that are fetched are fetched once for all requests that wait for them, before the first one and, in the
/// background, a little before they expire. Where the server answers 401, they are fetched again; if there are others then, the request is sent
/// with those, at most once. This includes every method, since nothing was carried out, and for upgrades, but only where the
/// body is in memory. Fails with an [`AuthError`](crate::auth::AuthError) if there are no credentials.
#[derive(Clone, Debug)]
pub struct Auth<S> {
    inner: S,
    credentials: Authenticator,
}

impl AuthLayer {
    /// For the credentials of `config`. Nothing is fetched before the first request.
    ///
    /// # Errors
    /// A token has characters that a header can't have, or an exec plugin or a provider is not configured well.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self { credentials: Authenticator::new(config, &Transport)? })
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth { inner, credentials: self.credentials.clone() }
    }
}

impl<S, R> Service<Request<Body>> for Auth<S>
where
    S: Service<Request<Body>, Response = Response<R>, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Either<S::Future, Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if request.headers().contains_key(AUTHORIZATION) {
            return Either::Left(self.inner.call(request));
        }
        if let Some(header) = self.credentials.fixed() {
            if let Some(header) = header {
                request.headers_mut().insert(AUTHORIZATION, header.clone());
            }
            return Either::Left(self.inner.call(request));
        }
        // The one that is ready is the one to be called.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        Either::Right(Box::pin(send(inner, self.credentials.clone(), request)))
    }
}

async fn send<S, R>(
    mut service: S,
    credentials: Authenticator,
    mut request: Request<Body>,
) -> Result<Response<R>, BoxError>
where
    S: Service<Request<Body>, Response = Response<R>, Error = BoxError>,
{
    let held_up = HeldUp::of(request.extensions());
    let note = |by: Option<By>| held_up.iter().for_each(|held_up| held_up.set(by.clone()));
    let source = || credentials.fetched_from().map(|source| By::Credentials(source.clone()));
    note(source());
    let lease = credentials.lease().await?;
    note(None);
    let spare = try_clone(&request);
    apply(&lease, &mut request);
    let outcome = service.call(request).await;
    let is_refused = match &outcome {
        Ok(response) => response.status() == StatusCode::UNAUTHORIZED,
        // A server that checks certificates in the handshake refuses one that has expired so.
        Err(error) => is_refusal_of_certificate(&lease, error),
    };
    if !is_refused {
        if outcome.is_ok() {
            lease.accepted();
        }
        return outcome;
    }
    // Also where the request can't be sent again: the next one has them then.
    note(source());
    let another = credentials.another(&lease).await;
    note(None);
    let (Some(lease), Some(mut request)) = (another, spare) else { return outcome };
    drop(outcome);
    let (method, path) = (request.method(), request.uri().path());
    tracing::debug!(%method, path, "the server refused the credential: sending the request again with another one");
    apply(&lease, &mut request);
    let outcome = service.ready().await?.call(request).await;
    if outcome.as_ref().is_ok_and(|response| response.status() != StatusCode::UNAUTHORIZED) {
        lease.accepted();
    }
    outcome
}

fn apply(lease: &Lease, request: &mut Request<Body>) {
    lease.apply(request.headers_mut());
    if let Some(identity) = lease.identity() {
        request.extensions_mut().insert(RequestIdentity(identity.cloned()));
    }
}

fn is_refusal_of_certificate(lease: &Lease, error: &BoxError) -> bool {
    let has_certificate = lease.identity().is_some_and(|identity| identity.is_some());
    has_certificate && TransportError::find(&**error).is_some_and(TransportError::is_tls)
}
