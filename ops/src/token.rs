//! Requesting a service account's token.
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

/// Requesting tokens, as a method of [`ServiceAccounts`].
pub trait TokenExt: Sealed {
    /// Requests a token of a service account. The response has the token and its expiry; its `Debug` output omits the
    /// token.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
    fn token(&self, name: &str) -> ServiceAccountTokenRequest;
}

impl TokenExt for ServiceAccounts {
    fn token(&self, name: &str) -> ServiceAccountTokenRequest {
        ServiceAccountTokenRequest { accounts: self.clone(), name: name.to_owned(), request: TokenRequest::default() }
    }
}

/// Request for a token. See [`TokenExt::token`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct ServiceAccountTokenRequest {
    accounts: ServiceAccounts,
    name: String,
    request: TokenRequest,
}

impl ServiceAccountTokenRequest {
    /// Adds an audience: the token is valid for no others. May be repeated. The default is the API server.
    pub fn audience(mut self, audience: &str) -> Self {
        self.request.spec.audiences.push(audience.into());
        self
    }

    /// Sets the requested lifetime in seconds. The server may change it: the response has the actual expiry. The
    /// minimum is 10 minutes; the default is one hour.
    pub fn expiration_seconds(mut self, seconds: i64) -> Self {
        self.request.spec.expiration_seconds = Some(seconds);
        self
    }

    /// Binds the token to this object, a pod, a secret or a node: it is valid only while the object exists.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens>
    pub fn bound_to<K: Resource>(mut self, object: &K) -> Self {
        let (resource, metadata) = (K::RESOURCE, Object::metadata(object));
        self.request.spec.bound_object_ref = Some(Box::new(BoundObjectReference {
            kind: Some(resource.kind.into()),
            api_version: Some(resource.gvk().api_version().into()),
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
