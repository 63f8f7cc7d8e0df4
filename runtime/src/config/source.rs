//! Credentials that a program fetches by itself: from Vault, a cloud provider's SDK, a secret store.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{ClientIdentity, SecretString};

type BoxError = Box<dyn Error + Send + Sync>;

/// Fetches credentials; the client caches what it returns.
///
/// An async closure without arguments is one; a type of your own implements it by hand. Give it to
/// [`Credentials::source`](super::Credentials::source).
///
/// The client calls [`fetch`](Self::fetch) before the first request, shortly before the credential expires, and after the
/// API server rejected it (401). However many requests wait for a credential, `fetch` runs once; when none of them waits
/// any more, its future is dropped. While the last credential is valid no request waits: `fetch` then runs in the background,
/// for five minutes at most. After an error, or a panic, it is not called again at once: the delay grows from one second to
/// half a minute, and requests fail with the last error meanwhile.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kubewright_runtime::Config;
/// use kubewright_runtime::config::{Credential, Credentials};
///
/// # async fn login_at_vault() -> Result<(String, u64), std::io::Error> { Ok(("token".into(), 900)) }
/// let mut config = Config::new("https://cluster.example:6443".parse()?);
/// config.credentials = Credentials::source(|| async {
///     let (token, seconds) = login_at_vault().await?;
///     Ok(Credential::token(token).expires_in(Duration::from_secs(seconds)))
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A source that caches by itself bypasses that cache when the API server refused what it returned last:
/// ```
/// use kubewright_runtime::config::{Credential, CredentialFuture, CredentialRequest, CredentialSource};
///
/// struct Vault;
/// # impl Vault { async fn token(&self, _: bool) -> Result<String, std::io::Error> { Ok("token".into()) } }
///
/// impl CredentialSource for Vault {
///     fn fetch(&self, request: CredentialRequest) -> CredentialFuture<'_> {
///         Box::pin(async move { Ok(Credential::token(self.token(request.refused).await?)) })
///     }
/// }
/// ```
pub trait CredentialSource: Send + Sync + 'static {
    /// Fetches a credential.
    ///
    /// # Errors
    /// Any; it becomes the source of the request's error. It is shown and logged, so it must not hold secrets.
    fn fetch(&self, request: CredentialRequest) -> CredentialFuture<'_>;
}

/// What [`CredentialSource::fetch`] returns.
pub type CredentialFuture<'a> = Pin<Box<dyn Future<Output = Result<Credential, BoxError>> + Send + 'a>>;

/// Why a credential is fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialRequest {
    /// The API server refused the last one (401), though it had not expired.
    pub refused: bool,
}

impl<F, R> CredentialSource for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<Credential, BoxError>> + Send + 'static,
{
    fn fetch(&self, _: CredentialRequest) -> CredentialFuture<'_> {
        Box::pin(self())
    }
}

/// A bearer token, a client certificate, or both, and until when they hold. `Debug` shows no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    token: Option<SecretString>,
    client_identity: Option<ClientIdentity>,
    expires: Option<SystemTime>,
}

impl Credential {
    /// A bearer token, without the word `Bearer`. It holds until the API server refuses it, unless it is said until when.
    pub fn token(token: impl Into<SecretString>) -> Self {
        Self { token: Some(token.into()), client_identity: None, expires: None }
    }

    /// A client certificate. New connections use it; those with an earlier one carry their running requests to the end.
    pub fn client_certificate(identity: ClientIdentity) -> Self {
        Self { token: None, client_identity: Some(identity), expires: None }
    }

    /// Adds a client certificate to a token.
    #[must_use]
    pub fn with_client_certificate(mut self, identity: ClientIdentity) -> Self {
        self.client_identity = Some(identity);
        self
    }

    /// When it expires. It is replaced a little earlier.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// When it expires, from now. It is replaced a little earlier.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        // A time that the system can't express is never.
        self.expires = SystemTime::now().checked_add(lifetime);
        self
    }

    pub(crate) fn bearer(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    pub(crate) fn client_identity(&self) -> Option<&ClientIdentity> {
        self.client_identity.as_ref()
    }

    pub(crate) fn expires(&self) -> Option<SystemTime> {
        self.expires
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("token", &self.token)
            .field("client_identity", &self.client_identity)
            .field("expires", &self.expires)
            .finish()
    }
}

/// A [`CredentialSource`] as a part of a configuration. Clones share it, and clients that share it share its credential.
#[derive(Clone)]
pub struct SharedSource(Arc<dyn CredentialSource>);

impl SharedSource {
    /// Shares `source`.
    pub fn new(source: impl CredentialSource) -> Self {
        Self(Arc::new(source))
    }

    pub(crate) fn get(&self) -> &Arc<dyn CredentialSource> {
        &self.0
    }
}

/// Whether it is the same one: two sources are never equal.
impl PartialEq for SharedSource {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}

impl Eq for SharedSource {}

impl fmt::Debug for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSource").finish_non_exhaustive()
    }
}
