//! The tokens of one user as they are replaced.

use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::provider::Provider;
use super::{id_token, store};
use crate::auth::error::{AuthError, Kind};
use crate::config::{Credential, OidcConfig, OidcStore, SecretString};

/// An ID token is not used for the last seconds of its life: as client-go has it.
const MARGIN: Duration = Duration::from_secs(10);

pub(super) struct Session {
    provider: Provider,
    store: Option<OidcStore>,
    /// Locked for a whole refresh: refreshes run one after the other.
    tokens: Mutex<Tokens>,
}

/// What there is.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) id: Option<SecretString>,
    pub(super) refresh: Option<SecretString>,
    /// The ID token that was given out last.
    used: Option<SecretString>,
    /// The refresh token that the present one replaced.
    spent: Option<SecretString>,
}

impl Session {
    pub(super) fn new(oidc: &OidcConfig, provider: Provider) -> Self {
        let tokens = Tokens::new(oidc.id_token.clone(), oidc.refresh_token.clone());
        Self { provider, store: oidc.store.clone(), tokens: Mutex::new(tokens) }
    }

    /// A credential; after the server refused the last one, another.
    pub(super) async fn credential(&self, refused: bool) -> Result<Credential, AuthError> {
        let mut tokens = self.tokens.lock().await;
        if let Some(credential) = tokens.usable(refused) {
            return Ok(credential);
        }
        // Another process, such as kubectl, may have refreshed it, and used up the refresh token that we have.
        if let Some(store) = &self.store {
            tokens.adopt(store::read(store.clone()).await);
            if let Some(credential) = tokens.usable(refused) {
                return Ok(credential);
            }
        }
        let Some(refresh) = tokens.refresh.clone().filter(|refresh| !refresh.is_empty()) else {
            let words = match &tokens.id {
                Some(id) if id_token::expiry(id).is_err() => {
                    "the id-token of auth-provider oidc is not a JSON Web Token"
                }
                Some(_) if refused => "the API server refused the id-token of auth-provider oidc",
                Some(_) => "the id-token of auth-provider oidc has expired",
                None => "auth-provider oidc has no id-token",
            };
            let message = format!("{words}, and there is no refresh-token to get another one with; log in again");
            return Err(AuthError::new(Kind::LoginRequired, message));
        };
        let new = self.provider.refresh(&refresh).await?;
        let expires = id_token::expiry(&new.id).map_err(|error| {
            AuthError::because(
                Kind::Invalid,
                "the OpenID Connect provider returned an id_token that can't be used",
                error,
            )
        })?;
        tokens.id = Some(new.id.clone());
        if let Some(new) = new.refresh.filter(|new| *new != refresh) {
            tokens.refresh = Some(new);
            tokens.spent = Some(refresh);
        }
        tokens.used = Some(new.id.clone());
        if let Some(store) = &self.store {
            // A file that can't be written is no reason to throw away tokens that may be had only once.
            if let Err(error) = store::write(store.clone(), tokens.clone()).await {
                let file = store.file.display();
                tracing::warn!(%file, %error, "cannot write the new tokens of OpenID Connect back; another program may have to log in again");
            }
        }
        Ok(Credential::token(new.id).expires_at(expires))
    }
}

impl Tokens {
    pub(super) fn new(id: Option<SecretString>, refresh: Option<SecretString>) -> Self {
        Self { id, refresh, used: None, spent: None }
    }

    /// The ID token, if it has not expired, nor been refused.
    fn usable(&mut self, refused: bool) -> Option<Credential> {
        let id = self.id.as_ref()?;
        if refused && self.used.as_ref() == Some(id) {
            return None;
        }
        let expires = id_token::expiry(id).ok().filter(|expires| *expires > SystemTime::now() + MARGIN)?;
        self.used = Some(id.clone());
        Some(Credential::token(id.clone()).expires_at(expires))
    }

    /// Takes what is in the kubeconfig by now.
    fn adopt(&mut self, stored: Option<Self>) {
        // What could not be written back is newer than what is there.
        let Some(stored) = stored.filter(|stored| stored.refresh.is_none() || stored.refresh != self.spent) else {
            return;
        };
        if stored.id.is_some() {
            self.id = stored.id;
        }
        if stored.refresh.is_some() {
            self.refresh = stored.refresh;
        }
    }
}
