//! A user's `auth-provider`: OpenID Connect, and words for those that have left Kubernetes.

use std::path::Path;

use super::super::{AuthProvider, NamedUser};
use super::incomplete;
use super::place::At;
use crate::config::error::{ConfigError, Kind};
use crate::config::{OidcConfig, OidcStore, SecretString};

pub(super) fn read(provider: &AuthProvider, user: &NamedUser, at: &At<'_>) -> Result<OidcConfig, ConfigError> {
    let place = &at.place;
    let instead = match provider.name.as_str() {
        "oidc" => return oidc(provider, user, at),
        "gcp" => {
            "it has left Kubernetes in 1.26: install gke-gcloud-auth-plugin, then run `gcloud container clusters \
             get-credentials CLUSTER`"
        }
        "azure" => {
            "it has left Kubernetes in 1.26: install kubelogin (https://github.com/Azure/kubelogin), then run `kubelogin \
             convert-kubeconfig`"
        }
        _ => "only \"oidc\" is known; use a command (`exec`) or a `token` instead",
    };
    let message = format!("{place} has the auth-provider {:?}: {instead}", provider.name);
    Err(ConfigError::new(Kind::Unsupported, message))
}

fn oidc(provider: &AuthProvider, user: &NamedUser, at: &At<'_>) -> Result<OidcConfig, ConfigError> {
    let place = &at.place;
    let required = |name: &str| {
        let value = provider.get(name).map(SecretString::expose);
        value
            .ok_or_else(|| incomplete(format!("{place}: its auth-provider \"oidc\" has no {name}; add it to `config`")))
    };
    let mut oidc = OidcConfig::new(required("idp-issuer-url")?, required("client-id")?);
    oidc.client_secret = provider.get("client-secret").cloned();
    oidc.id_token = provider.get("id-token").cloned();
    oidc.refresh_token = provider.get("refresh-token").cloned();
    let expose = |name| provider.get(name).map(SecretString::expose);
    // Of the two the data wins, as for kubectl.
    let data = expose("idp-certificate-authority-data");
    let file = expose("idp-certificate-authority").map(Path::new).filter(|_| data.is_none());
    oidc.ca = at.pem(data, file, "idp-certificate-authority")?;
    oidc.store = at.file.map(|file| OidcStore { file: file.to_owned(), user: user.name.clone() });
    Ok(oidc)
}
