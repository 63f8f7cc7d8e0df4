//! Asking for a service account's token.
//!
//! ```no_run
//! # use kubewright::prelude::*;
//! # use kubewright_ops::prelude::*;
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let accounts = client.core_v1().service_accounts("ci");
//! let issued = accounts.token("build").audience("vault").expiration_seconds(600).await?;
//! println!("good until {:?}", issued.expiration_timestamp);
//! # Ok(())
//! # }
//! ```

use kubewright::authentication::v1::{BoundObjectReference, TokenRequest, TokenRequestStatus};
use kubewright::core::v1::ServiceAccounts;
use kubewright_runtime::{Object, Resource, Result};

use crate::future;
use crate::sealed::Sealed;

/// Asking for tokens, as a method of [`ServiceAccounts`].
pub trait TokenExt: Sealed {
    /// Asks for a token of a service account. What comes back has the token and when it expires; printing it with `{:?}`
    /// does not show the token.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
    fn token(&self, name: &str) -> ServiceAccountTokenRequest;
}

impl TokenExt for ServiceAccounts {
    fn token(&self, name: &str) -> ServiceAccountTokenRequest {
        ServiceAccountTokenRequest { accounts: self.clone(), name: name.to_owned(), request: TokenRequest::default() }
    }
}

/// Asks for a token. See [`TokenExt::token`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct ServiceAccountTokenRequest {
    accounts: ServiceAccounts,
    name: String,
    request: TokenRequest,
}

impl ServiceAccountTokenRequest {
    /// Who the token is for: it is good for nobody else. May be given several times. The default is the API server.
    pub fn audience(mut self, audience: &str) -> Self {
        self.request.spec.audiences.push(audience.into());
        self
    }

    /// How long the token shall be good, in seconds. The server may make it another time: what comes back says which. It
    /// takes no less than 10 minutes; the default is an hour.
    pub fn expiration_seconds(mut self, seconds: i64) -> Self {
        self.request.spec.expiration_seconds = Some(seconds);
        self
    }

    /// Makes the token good only as long as this object exists: a pod, a secret, or a node.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens>
    pub fn bound_to<K: Resource>(mut self, object: &K) -> Self {
        let (resource, metadata) = (K::RESOURCE, Object::metadata(object));
        let api_version = match resource.group {
            "" => resource.version.to_owned(),
            group => format!("{group}/{}", resource.version),
        };
        self.request.spec.bound_object_ref = Some(Box::new(BoundObjectReference {
            kind: Some(resource.kind.into()),
            api_version: Some(api_version.into()),
            name: metadata.name.clone(),
            uid: metadata.uid.clone(),
            ..Default::default()
        }));
        self
    }

    async fn run(self) -> Result<TokenRequestStatus> {
        Ok(self.accounts.create_token(&self.name, &self.request).await?.status)
    }
}

future!(ServiceAccountTokenRequest => TokenRequestStatus);
