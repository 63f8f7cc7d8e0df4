//! The tokens in the kubeconfig, which other programs read and refresh as well.

use super::session::Tokens;
use crate::auth::error::{AuthError, Kind};
use crate::config::{AuthProvider, ConfigError, OidcStore};

const ID: &str = "id-token";
const REFRESH: &str = "refresh-token";

/// What is there now; `None` if it can't be read, or the user is gone.
pub(super) async fn read(store: OidcStore) -> Option<Tokens> {
    let file = store.file.clone();
    let loaded = tokio::task::spawn_blocking(move || store.load()).await;
    match loaded {
        Ok(Ok(provider)) => {
            let provider: AuthProvider = provider?;
            Some(Tokens::new(provider.get(ID).cloned(), provider.get(REFRESH).cloned()))
        }
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
    let saved = tokio::task::spawn_blocking(move || -> Result<bool, ConfigError> {
        store.save(
            [(ID, &tokens.id), (REFRESH, &tokens.refresh)]
                .into_iter()
                .filter_map(|(name, token)| Some((name, token.as_ref()?))),
        )
    });
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
