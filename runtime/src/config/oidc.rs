//! Logging in by OpenID Connect, as a kubeconfig's `auth-provider` named `oidc` does.

use std::path::PathBuf;

use super::{Pem, SecretString};

/// An ID token of an OpenID Connect provider, and what it takes to refresh it.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OidcConfig {
    /// The provider's URL (`idp-issuer-url`).
    pub issuer_url: String,
    /// The client's id at the provider (`client-id`).
    pub client_id: String,
    /// The client's secret (`client-secret`); public clients have none.
    pub client_secret: Option<SecretString>,
    /// The ID token, which is sent to the API server while it is valid (`id-token`).
    pub id_token: Option<SecretString>,
    /// What a new ID token is got with (`refresh-token`).
    pub refresh_token: Option<SecretString>,
    /// The certificate authorities that the provider's certificate must come from (`idp-certificate-authority`, a file, or
    /// `idp-certificate-authority-data`). `None`: those of the operating system.
    pub ca: Option<Pem>,
    /// Where new tokens are written, since a provider may take each refresh token only once. `None`: nowhere.
    pub store: Option<OidcStore>,
}

/// A user of a kubeconfig, whose `auth-provider` holds the tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OidcStore {
    /// The kubeconfig.
    pub file: PathBuf,
    /// The user's name in it.
    pub user: String,
}

impl OidcConfig {
    /// For the client `client_id` at the provider `issuer_url`, without tokens.
    pub fn new(issuer_url: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            issuer_url: issuer_url.into(),
            client_id: client_id.into(),
            client_secret: None,
            id_token: None,
            refresh_token: None,
            ca: None,
            store: None,
        }
    }
}
