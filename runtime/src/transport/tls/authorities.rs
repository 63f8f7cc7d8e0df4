//! Whom the client trusts: the certificates of a kubeconfig's `certificate-authority`, or the operating system's.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::pem::{bundle, certificates};
use super::x509;
use crate::config::{ConfigError, Kind, Pem};

/// Certificates that a server's may come from.
pub(super) struct Authorities {
    /// Those that may issue others.
    pub(super) roots: RootCertStore,
    /// Those that the configuration names, whatever they are: a server may present one of them as its own.
    pub(super) named: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Those in `ca`. What is not a certificate is skipped, with a warning, as long as something is left.
    pub(super) fn read(ca: &Pem) -> Result<Self, ConfigError> {
        let origin = ca.origin();
        let mut this = Self { roots: RootCertStore::empty(), named: Vec::new() };
        let (found, mut ignored) = bundle(ca);
        if found.is_empty() {
            // It says what is wrong with them.
            certificates(ca, "certificate authority")?;
        }
        for certificate in found {
            let Ok(parsed) = x509::Certificate::parse(&certificate) else {
                ignored += 1;
                continue;
            };
            // webpki lets whatever is in here issue certificates. A server's own certificate must not.
            let usable = !parsed.may_issue() || this.roots.add(certificate.clone()).is_ok();
            if usable {
                this.named.push(certificate);
            } else {
                ignored += 1;
            }
        }
        if this.named.is_empty() {
            let message = format!("no certificate from {origin} can be used as a certificate authority");
            return Err(ConfigError::new(Kind::Invalid, message));
        }
        if ignored > 0 {
            tracing::warn!(ignored, origin, "some certificate authorities can't be used and are skipped");
        }
        Ok(this)
    }

    /// The operating system's. None of them is trusted as a server's own certificate.
    pub(super) fn of_the_system() -> Result<Self, ConfigError> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added > 0 {
            return Ok(Self { roots, named: Vec::new() });
        }
        let message = "no certificate authority is configured and the operating system has none; set certificate-authority of \
                       the cluster, or install the system's CA certificates";
        let error = ConfigError::new(Kind::Incomplete, message);
        Err(match found.errors.into_iter().next() {
            Some(cause) => error.because(cause),
            None => error,
        })
    }

    /// These, and those that may issue others of `more`.
    pub(super) fn and(mut self, more: Self) -> Self {
        self.roots.extend(more.roots.roots);
        self
    }
}
