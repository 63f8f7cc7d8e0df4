//! The certificate and key of a server, reloaded when their files change.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kubewright::config::{ConfigError, Pem};
use kubewright::transport::tls::{crypto_provider, server_key};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use tokio::time::Instant;

use super::ServerError;

/// How long files are taken to be unchanged.
const RELOAD_INTERVAL: Duration = Duration::from_secs(10);

/// The certificate and private key that a server presents, in PEM.
///
/// Files are read again when a client connects, at most every 10 seconds: new connections present the new certificate,
/// requests on existing ones are not disturbed. Files that can't be used (a key that does not belong to the certificate
/// yet) are reported by a `tracing` event, and the last good certificate stays.
#[derive(Clone, Debug)]
pub struct Certificates {
    certificate: Pem,
    key: Pem,
    interval: Duration,
}

impl Certificates {
    /// Reads `tls.crt` and `tls.key` of a folder: a mounted Secret of type `kubernetes.io/tls`, such as cert-manager
    /// writes it.
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets>
    ///
    /// # Errors
    /// A file can't be read.
    pub fn folder(folder: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let folder = folder.as_ref();
        Self::files(folder.join("tls.crt"), folder.join("tls.key"))
    }

    /// Reads a certificate, followed by any intermediate ones, and its key from two files.
    ///
    /// # Errors
    /// A file can't be read.
    pub fn files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Ok(Self::pem(Pem::read(certificate)?, Pem::read(key)?))
    }

    /// Uses this certificate and key. A [`Pem`] that was read from a file is read again.
    pub fn pem(certificate: Pem, key: Pem) -> Self {
        Self { certificate, key, interval: RELOAD_INTERVAL }
    }

    /// Sets how long the files are taken to be unchanged. Default: 10 seconds. With zero they are read for each
    /// connection.
    pub fn reload_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The TLS settings of a server, for HTTP/2 and HTTP/1.1.
    pub(super) fn server_config(self, client_ca: Option<&Pem>) -> Result<ServerConfig, ServerError> {
        let provider = crypto_provider().map_err(ServerError::Certificates)?;
        let resolver = Resolver::new(self).map_err(ServerError::Certificates)?;
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(ServerError::Tls)?;
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities(pem)?), provider)
                    .build()
                    .map_err(|error| ServerError::ClientCa(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn authorities(pem: &Pem) -> Result<RootCertStore, ServerError> {
    let invalid = |error: &dyn fmt::Display| ServerError::ClientCa(format!("{}: {error}", pem.origin()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| invalid(&error))?;
        roots.add(certificate).map_err(|error| invalid(&error))?;
    }
    Ok(roots)
}

/// Chooses the certificate of a new connection: the newest good one.
struct Resolver {
    interval: Duration,
    state: Mutex<State>,
}

struct State {
    certificate: Pem,
    key: Pem,
    usable: Arc<CertifiedKey>,
    read_at: Instant,
}

impl Resolver {
    fn new(certificates: Certificates) -> Result<Self, ConfigError> {
        let Certificates { certificate, key, interval } = certificates;
        let usable = server_key(&certificate, &key)?;
        Ok(Self { interval, state: Mutex::new(State { certificate, key, usable, read_at: Instant::now() }) })
    }

    fn current(&self) -> Arc<CertifiedKey> {
        // Nothing in there is changed half.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.read_at.elapsed() >= self.interval {
            state.reload();
        }
        state.usable.clone()
    }
}

impl State {
    // Blocks for two small files, seldom: not worth a thread.
    fn reload(&mut self) {
        self.read_at = Instant::now();
        let reloaded = self.certificate.reread().and_then(|certificate| {
            let key = self.key.reread()?;
            if certificate == self.certificate && key == self.key {
                return Ok(None);
            }
            let usable = server_key(&certificate, &key)?;
            Ok(Some((certificate, key, usable)))
        });
        match reloaded {
            Ok(None) => {}
            Ok(Some((certificate, key, usable))) => {
                tracing::info!(file = certificate.origin(), "the certificate of the webhook server was reloaded");
                (self.certificate, self.key, self.usable) = (certificate, key, usable);
            }
            Err(error) => {
                let error = &error as &(dyn std::error::Error + 'static);
                tracing::warn!(
                    error,
                    "the certificate of the webhook server cannot be reloaded; the last good one stays"
                );
            }
        }
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("interval", &self.interval).finish_non_exhaustive()
    }
}
