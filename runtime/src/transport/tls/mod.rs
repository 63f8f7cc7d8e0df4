//! TLS: the one place that knows rustls and its crypto libraries.
//!
//! What is checked of a server's certificate, by what the [configuration](crate::Config) says:
//!
//! | configuration | trusted | checked besides |
//! |---|---|---|
//! | `ca` | what its authorities issued, directly or through intermediate ones; and each certificate in it, presented by the server itself | dates, name, purpose (`serverAuth`), critical extensions; of an issued one also every link up to the authority |
//! | `ca`, and the server's certificate is an authority's itself (`CA:TRUE`) | the same; but nothing where a certificate on the way has name constraints | the same, and the dates and the purpose of the authority |
//! | `ca` that is no authority (a server's own certificate) | that certificate alone: it can issue nothing | dates, name, purpose, critical extensions |
//! | none | what the operating system's authorities issued | as for `ca` |
//! | `insecure_skip_tls_verify` | any certificate | nothing |
//!
//! In all of them the handshake's signature proves that the server has the key of the certificate. The name is
//! `tls_server_name`, else the host of the server's URL, a DNS name or an IP address; it must be among the certificate's
//! subject alternative names, and its common name says nothing. But for that one case the dates of an authority itself are
//! not checked, and neither is revocation. TLS 1.2 and 1.3 are spoken.
//!
//! A proxy that is reached by TLS may have a certificate from the operating system's authorities or from those of `ca`.
//! It gets no client certificate.

mod authorities;
mod chain;
mod failure;
mod identity;
mod pem;
mod provider;
mod settings;
mod verify;
mod x509;

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;

pub(super) use self::failure::{after_handshake, in_handshake};
pub use self::identity::RequestIdentity;
#[cfg(test)]
pub(super) use self::pem::{certificates, private_key};
#[cfg(test)]
pub(super) use self::provider::provider;
pub(super) use self::settings::{Settings, Tls, host_name, proxy_config, server_name};

use crate::config::{ClientIdentity, Config, ConfigError, Pem};

/// The TLS settings that `config` asks for, as they are now: for programs that make connections of their own. ALPN is left
/// to whoever makes the connection.
///
/// The crypto library is the one that the program installed
/// ([`CryptoProvider::install_default`](rustls::crypto::CryptoProvider::install_default)), else aws-lc-rs if that feature
/// is on, else ring.
///
/// # Errors
/// A certificate or key is not PEM or not usable; the system's certificate authorities are needed and there are none; or
/// there is no crypto library.
pub fn client_config(config: &Config) -> Result<ClientConfig, ConfigError> {
    Ok(ClientConfig::clone(&Tls::new(config, &[])?.current().client))
}

/// Returns the crypto library that connections use, for programs that are TLS servers themselves, such as admission
/// webhooks. [`client_config`] documents which it is.
///
/// # Errors
/// There is no crypto library.
pub fn crypto_provider() -> Result<Arc<CryptoProvider>, ConfigError> {
    provider::provider()
}

/// Returns the certificate chain and the private key of a server as rustls uses them: for a
/// [`ResolvesServerCert`](rustls::server::ResolvesServerCert). The key may be PKCS#8, PKCS#1 or SEC1.
///
/// # Errors
/// The certificate or key is not PEM or not usable, they do not belong together, or there is no crypto library.
pub fn server_key(certificate: &Pem, key: &Pem) -> Result<Arc<CertifiedKey>, ConfigError> {
    identity::certified_key(certificate, key, "server", &*provider::provider()?)
}

/// Whether connections can present this client certificate.
pub(super) fn check_identity(identity: &ClientIdentity) -> Result<(), ConfigError> {
    identity::certified_key(&identity.certificate, &identity.key, "client", &*provider::provider()?).map(drop)
}
