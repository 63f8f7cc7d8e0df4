//! OpenID Connect: an ID token, and a new one for the refresh token when it expires.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens>
//!
//! `id_token` says until when a token holds, `provider` gets a new one, `store` keeps it in the kubeconfig, and `session` puts
//! them together.

mod id_token;
mod provider;
mod session;
mod store;

use std::sync::Arc;

use self::provider::Provider;
use self::session::Session;
use super::cached::Cached;
use super::error::AuthError;
use super::means::Means;
use super::registry::Registry;
use crate::config::{Config, ConfigError, CredentialFuture, CredentialRequest, CredentialSource, OidcConfig};

/// By the user, and whether the provider may be reached through the environment's proxy.
static USERS: Registry<(OidcConfig, bool)> = Registry::new();

/// The credential of this user, shared by all clients of the process that have the same: a provider may take each refresh
/// token only once.
pub(super) fn cached(
    config: &Config,
    oidc: &OidcConfig,
    means: &'static dyn Means,
) -> Result<Arc<Cached>, ConfigError> {
    let provider = Provider::new(oidc, config.proxy_from_environment, means)?;
    let name = provider.to_string();
    let mut key = oidc.clone();
    if key.store.is_some() {
        // The kubeconfig's entry is the user, whatever tokens it had when it was read.
        (key.id_token, key.refresh_token) = (None, None);
    }
    let session = Arc::new(Session::new(oidc, provider));
    Ok(USERS.get_or_make((key, config.proxy_from_environment), |_| Cached::new(Arc::new(Source(session)), means, name)))
}

struct Source(Arc<Session>);

impl CredentialSource for Source {
    fn fetch(&self, request: CredentialRequest) -> CredentialFuture<'_> {
        let session = self.0.clone();
        Box::pin(async move {
            // On its own: were it to end when nobody waits any more, the provider might have replaced the refresh token, and
            // nobody would know the new one.
            let task = tokio::spawn(async move { session.credential(request.refused).await });
            match task.await {
                Ok(outcome) => Ok(outcome?),
                Err(error) => Err(AuthError::because(
                    super::error::Kind::Failed,
                    "the refresh of the ID token did not end: the runtime shut down",
                    error,
                )
                .into()),
            }
        })
    }
}
