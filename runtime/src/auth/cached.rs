//! One credential for all who ask: fetched once for everybody who waits, kept until it expires or is refused, and not
//! fetched in a tight loop when that fails.

use std::error::Error;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::{Shared, WeakShared, poll_immediate};
use http::HeaderValue;
use tokio::time::Instant;

use super::error::{AuthError, Kind};
use super::expiry::{Age, Expiry};
use super::header::bearer;
use super::means::Means;
use crate::config::{ClientIdentity, Credential, CredentialRequest, CredentialSource};
use crate::retry::Backoff;

/// How long a fetch runs in the background, if no request waits for it by then: as long as a plugin may take by default, which
/// may wait for a login in the browser. A source that hangs is called again after that.
const IN_BACKGROUND: Duration = Duration::from_secs(300);
/// The pauses after failures in a row.
const AFTER_FAILURE: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30)).jitter(0.0);
/// The pauses between fetches for credentials that the server refuses, one after the other.
const AFTER_REFUSAL: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60)).jitter(0.0);
/// The same for credentials that were accepted before. One that was revoked is replaced at once; but who takes and refuses
/// the same one in turn is two servers with one user, or an application behind the API server's proxy, whose 401 is its own.
const AFTER_REVOCATION: Backoff = AFTER_REFUSAL.reset_after(Duration::from_secs(120));

/// A source with the credential that it returned last.
pub(super) struct Cached {
    source: Arc<dyn CredentialSource>,
    /// What the source is, in words.
    source_name: Arc<str>,
    means: &'static dyn Means,
    state: Mutex<State>,
}

struct State {
    held: Option<Arc<Held>>,
    /// The fetch that is under way, as long as somebody waits for it.
    flight: Option<WeakShared<Flight>>,
    failure: Option<(Instant, AuthError)>,
    failures: Backoff,
    /// When the next fetch for a refused credential may begin.
    after_refusal: Option<Instant>,
    refusals: Backoff,
    /// When the next fetch for a refused credential may begin that was accepted before.
    after_revocation: Option<Instant>,
    revocations: Backoff,
}

type Outcome = Result<Arc<Held>, AuthError>;
type Flight = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A credential in use.
pub(super) struct Held {
    header: Option<HeaderValue>,
    identity: Option<Arc<ClientIdentity>>,
    expiry: Expiry,
    accepted: AtomicBool,
}

impl Cached {
    /// The credential of a source, which errors call `source_name`.
    pub(super) fn new(
        source: Arc<dyn CredentialSource>,
        means: &'static dyn Means,
        source_name: impl Into<Arc<str>>,
    ) -> Arc<Self> {
        let state = State {
            held: None,
            flight: None,
            failure: None,
            failures: AFTER_FAILURE,
            after_refusal: None,
            refusals: AFTER_REFUSAL,
            after_revocation: None,
            revocations: AFTER_REVOCATION,
        };
        Arc::new(Self { source, source_name: source_name.into(), means, state: Mutex::new(state) })
    }

    pub(super) fn source_name(&self) -> &Arc<str> {
        &self.source_name
    }

    /// The credential, fetched if there is none. One that expires soon is replaced in the background, and stays in use until
    /// it is: nobody waits for a source that hangs as long as there is a valid credential.
    pub(super) async fn get(self: &Arc<Self>) -> Outcome {
        let (flight, valid) = {
            let mut state = self.lock();
            let now = Instant::now();
            let (valid, age) = state.valid(now);
            if let (Some(held), Age::Fresh) = (&valid, age) {
                return Ok(held.clone());
            }
            if let Some(error) = state.pausing(now) {
                return valid.ok_or(error);
            }
            match valid {
                Some(held) if state.is_fetching() => return Ok(held),
                valid => (self.join(&mut state, CredentialRequest::default()), valid),
            }
        };
        match valid {
            None => flight.await,
            Some(held) => Ok(replace(held, flight).await),
        }
    }

    /// After the server refused `refused`: another credential, if there is one.
    pub(super) async fn another(self: &Arc<Self>, refused: &Arc<Held>) -> Option<Arc<Held>> {
        let flight = {
            let mut state = self.lock();
            let now = Instant::now();
            if let Some(held) = state.held.as_ref().filter(|held| !Arc::ptr_eq(held, refused)) {
                // Another request was refused before, and has replaced it.
                return Some(held.clone()).filter(|held| !held.is_same(refused));
            }
            if !state.is_fetching() && (state.pausing(now).is_some() || !state.may_replace(refused, now)) {
                return None;
            }
            self.join(&mut state, CredentialRequest { refused: true })
        };
        match flight.await {
            Ok(held) => Some(held).filter(|held| !held.is_same(refused)),
            Err(error) => {
                tracing::warn!(%error, "the server refused the credential, and it cannot be replaced");
                None
            }
        }
    }

    /// The fetch that is under way, or a new one. It runs as long as any of those who wait for it does.
    fn join(self: &Arc<Self>, state: &mut State, request: CredentialRequest) -> Shared<Flight> {
        if let Some(flight) = state.flight.as_ref().and_then(WeakShared::upgrade) {
            return flight;
        }
        let this = self.clone();
        let fetch = async move {
            // Else whoever waits for it would panic too, and all who come after for as long as one of those is not polled.
            let fetching = AssertUnwindSafe(async { this.source.fetch(request).await });
            let fetched = match fetching.catch_unwind().await {
                Ok(fetched) => fetched.map_err(explain),
                Err(_) => Err(AuthError::new(Kind::Failed, "the program's source of credentials panicked")),
            };
            let outcome = fetched.and_then(|credential| Held::new(&credential, this.means));
            this.finish(outcome)
        };
        let flight = fetch.boxed().shared();
        state.flight = flight.downgrade();
        flight
    }

    fn finish(&self, outcome: Result<Held, AuthError>) -> Outcome {
        let mut state = self.lock();
        state.flight = None;
        match outcome {
            Ok(mut held) => {
                tracing::debug!(expiry = ?held.expiry, "fetched a credential");
                // Connections know a certificate by its address.
                if let Some(last) = state.held.as_ref().filter(|last| last.identity == held.identity) {
                    held.identity.clone_from(&last.identity);
                }
                let held = Arc::new(held);
                state.failures.reset();
                state.failure = None;
                state.held = Some(held.clone());
                Ok(held)
            }
            Err(error) => {
                let delay = state.failures.next_delay();
                state.failure = Some((Instant::now() + delay, error.clone()));
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked changed nothing half.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Replaces a credential that expires soon. Returns the new one if it is there at once, else the old one, while the fetch
/// runs on in the background.
async fn replace(held: Arc<Held>, flight: Shared<Flight>) -> Arc<Held> {
    let failed = |error: AuthError| tracing::warn!(%error, "cannot replace the credential, which expires soon");
    match poll_immediate(flight.clone()).await {
        Some(Ok(new)) => return new,
        Some(Err(error)) => failed(error),
        None => {
            tokio::spawn(async move {
                if let Ok(Err(error)) = tokio::time::timeout(IN_BACKGROUND, flight).await {
                    failed(error);
                }
            });
        }
    }
    held
}

impl State {
    /// Whether a fetch is under way.
    fn is_fetching(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.upgrade().is_some())
    }

    /// The credential unless it has expired, and how old it is.
    fn valid(&self, now: Instant) -> (Option<Arc<Held>>, Age) {
        let age = self.held.as_ref().map_or(Age::Expired, |held| held.expiry.age(SystemTime::now(), now));
        (self.held.clone().filter(|_| age != Age::Expired), age)
    }

    /// Whether it is time to fetch another credential in the place of one that was refused. If so, the next pause begins.
    fn may_replace(&mut self, refused: &Held, now: Instant) -> bool {
        let was_good = refused.accepted.load(Ordering::Relaxed);
        let pause = if was_good { self.after_revocation } else { self.after_refusal };
        if pause.is_some_and(|end| now < end) {
            return false;
        }
        if was_good {
            self.after_revocation = Some(now + self.revocations.next_delay());
            self.revocations.healthy();
            // And so may be the next one.
            self.refusals.reset();
        }
        self.after_refusal = Some(now + self.refusals.next_delay());
        true
    }

    /// The last failure, while it is too early for another attempt.
    fn pausing(&self, now: Instant) -> Option<AuthError> {
        self.failure.as_ref().filter(|(until, _)| now < *until).map(|(_, error)| error.clone())
    }
}

impl Held {
    fn new(credential: &Credential, means: &dyn Means) -> Result<Self, AuthError> {
        let identity = credential.client_identity();
        let header = match credential.bearer().filter(|token| !token.expose().trim().is_empty()) {
            Some(token) => Some(bearer(token).map_err(|error| {
                AuthError::because(Kind::Invalid, "the token that was fetched cannot be sent", error)
            })?),
            None if identity.is_some() => None,
            None => {
                let message = "what was fetched has neither a token nor a client certificate";
                return Err(AuthError::new(Kind::Invalid, message));
            }
        };
        if let Some(identity) = identity {
            means.check(identity).map_err(|error| {
                AuthError::unusable("the client certificate that was fetched cannot be used", error)
            })?;
        }
        let expiry = Expiry::new(credential.expires(), SystemTime::now(), Instant::now());
        Ok(Self { header, identity: identity.cloned().map(Arc::new), expiry, accepted: AtomicBool::new(false) })
    }

    pub(super) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    pub(super) fn identity(&self) -> Option<&Arc<ClientIdentity>> {
        self.identity.as_ref()
    }

    pub(super) fn accepted(&self) {
        // Most often it is so already, and a write would move the cache line between processors.
        if !self.accepted.load(Ordering::Relaxed) {
            self.accepted.store(true, Ordering::Relaxed);
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.header == other.header && self.identity == other.identity
    }
}

/// The source's own words, if it is one of ours.
fn explain(error: Box<dyn Error + Send + Sync>) -> AuthError {
    match error.downcast::<AuthError>() {
        Ok(error) => *error,
        Err(error) => AuthError::because(Kind::Failed, "the program's source of credentials failed", error),
    }
}
