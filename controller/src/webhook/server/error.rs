//! Why a server does not start.

use std::io;

use kubewright::config::ConfigError;

/// A server of webhooks could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A certificate, a key or the crypto library can't be used.
    #[error("the certificates of the webhook server cannot be used")]
    Certificates(#[source] ConfigError),
    /// The crypto library can't be used for a server.
    #[error("the crypto library of the webhook server cannot be used")]
    Tls(#[source] rustls::Error),
    /// The authorities of clients can't be used.
    #[error("the client CA of the webhook server cannot be used: {0}")]
    ClientCa(String),
    /// The address can't be listened on.
    #[error("the webhook server cannot listen")]
    Listen(#[source] io::Error),
}
