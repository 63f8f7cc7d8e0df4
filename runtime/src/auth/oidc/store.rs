//! The tokens in the kubeconfig, which other programs read and refresh as well.

use super::session::Tokens;
use crate::auth::error::{AuthError, Kind};
use crate::config::{ConfigError, OidcStore};

/// What is there now; `None` if it can't be read, or the user no longer exists.
pub(super) async fn read(store: OidcStore) -> Option<Tokens> {
    let file = store.file.clone();
    match tokio::task::spawn_blocking(move || load(&store)).await {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => {
            tracing::debug!(file = %file.display(), %error, "cannot read the tokens of OpenID Connect again");
            None
        }
        // The runtime shuts down.
        Err(_) => None,
    }
}

pub(super) async fn write(store: OidcStore, tokens: Tokens) -> Result<(), AuthError> {
    let file = store.file.clone();
    let saved = tokio::task::spawn_blocking(move || save(&store, &tokens));
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
        AuthError::because(Kind::Failed, format!("cannot write the new tokens to {}", file.display()), source)
    };
    match saved.await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => {
            Err(AuthError::new(Kind::Failed, "the user, or its auth-provider, is no longer in the kubeconfig"))
        }
        Ok(Err(error)) => Err(failed(error.into())),
        Err(error) => Err(failed(error.into())),
    }
}

#[cfg(feature = "kubeconfig")]
fn load(store: &OidcStore) -> Result<Option<Tokens>, ConfigError> {
    let provider = store.load()?;
    Ok(provider.map(|provider| Tokens::new(provider.get(ID).cloned(), provider.get(REFRESH).cloned())))
}

#[cfg(feature = "kubeconfig")]
fn save(store: &OidcStore, tokens: &Tokens) -> Result<bool, ConfigError> {
    let settings = [(ID, &tokens.id), (REFRESH, &tokens.refresh)];
    store.save(settings.into_iter().filter_map(|(name, token)| Some((name, token.as_ref()?))))
}

#[cfg(feature = "kubeconfig")]
const ID: &str = "id-token";
#[cfg(feature = "kubeconfig")]
const REFRESH: &str = "refresh-token";

#[cfg(not(feature = "kubeconfig"))]
fn load(_: &OidcStore) -> Result<Option<Tokens>, ConfigError> {
    Err(without_kubeconfigs())
}

#[cfg(not(feature = "kubeconfig"))]
fn save(_: &OidcStore, _: &Tokens) -> Result<bool, ConfigError> {
    Err(without_kubeconfigs())
}

#[cfg(not(feature = "kubeconfig"))]
fn without_kubeconfigs() -> ConfigError {
    let message = "the program was built without the feature `kubeconfig`";
    ConfigError::new(crate::config::Kind::Unsupported, message)
}
