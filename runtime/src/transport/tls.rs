//! TLS: the one place that knows rustls's settings and its crypto libraries.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::config::{ClientIdentity, Config, ConfigError, Kind, Pem};

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("kubewright needs a crypto library for TLS: enable its feature `ring` (the default) or `aws-lc-rs`");

/// The TLS settings that `config` asks for. ALPN is left to whoever makes the connection.
///
/// The crypto library is the one that the program installed ([`CryptoProvider::install_default`]), else aws-lc-rs if
/// that feature is on, else ring.
///
/// # Errors
/// A certificate or key is not PEM or not usable, or the system's certificate authorities are needed and there are
/// none.
pub fn client_config(config: &Config) -> Result<ClientConfig, ConfigError> {
    let provider = provider();
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(
        |error| ConfigError::new(Kind::Invalid, "the crypto library supports none of TLS 1.2 and 1.3").because(error),
    )?;
    let builder = if config.insecure_skip_tls_verify {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnyone { provider }))
    } else {
        let (roots, origin) = match &config.ca {
            Some(ca) => (roots_from(ca)?, ca.origin()),
            None => (system_roots()?, "the operating system's certificate authorities"),
        };
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(|error| {
                ConfigError::new(Kind::Invalid, format!("cannot use the certificate authorities from {origin}"))
                    .because(error)
            })?;
        builder.with_webpki_verifier(verifier)
    };
    match &config.client_identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => {
            let (chain, key) = identity_from(identity)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                let (certificate, key) = (identity.certificate.origin(), identity.key.origin());
                let message = format!(
                    "the client certificate from {certificate} and the key from {key} cannot be used; do they belong together?"
                );
                ConfigError::new(Kind::Invalid, message).because(error)
            })
        }
    }
}

/// Whether a client certificate and its key can be used.
pub(super) fn check_identity(identity: &ClientIdentity) -> Result<(), ConfigError> {
    let mut config = Config::new(http::Uri::from_static("https://localhost"));
    config.insecure_skip_tls_verify = true;
    config.client_identity = Some(identity.clone());
    client_config(&config).map(drop)
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(compiled_in()))
}

#[cfg(feature = "aws-lc-rs")]
fn compiled_in() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn compiled_in() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

fn roots_from(ca: &Pem) -> Result<RootCertStore, ConfigError> {
    let certificates = certificates(ca, "certificate authority")?;
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        let message = format!("no certificate from {} can be used as a certificate authority", ca.origin());
        return Err(ConfigError::new(Kind::Invalid, message));
    }
    if ignored > 0 {
        tracing::warn!(ignored, origin = ca.origin(), "some certificate authorities can't be used and are left out");
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, ConfigError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(roots);
    }
    let message = "no certificate authority is configured and the operating system has none; set certificate-authority of the \
                   cluster, or install the system's CA certificates";
    let error = ConfigError::new(Kind::Incomplete, message);
    Err(match found.errors.into_iter().next() {
        Some(cause) => error.because(cause),
        None => error,
    })
}

fn identity_from(
    identity: &ClientIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ConfigError> {
    Ok((certificates(&identity.certificate, "client certificate")?, private_key(&identity.key)?))
}

pub(super) fn private_key(pem: &Pem) -> Result<PrivateKeyDer<'static>, ConfigError> {
    let origin = pem.origin();
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
        let text = String::from_utf8_lossy(pem.as_bytes());
        if text.contains("ENCRYPTED") {
            let message = format!("the client key from {origin} is encrypted; decrypt it first (`openssl pkey`)");
            ConfigError::new(Kind::Unsupported, message)
        } else {
            ConfigError::new(Kind::Invalid, format!("the client key from {origin} is not a private key in PEM"))
                .because(error)
        }
    })
}

pub(super) fn certificates(pem: &Pem, what: &str) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let origin = pem.origin();
    let certificates =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(|error| {
            ConfigError::new(Kind::Invalid, format!("the {what} from {origin} is broken PEM")).because(error)
        })?;
    if certificates.is_empty() {
        let message = format!(
            "the {what} from {origin} has no certificate in it; it should be PEM (`-----BEGIN CERTIFICATE-----`)"
        );
        return Err(ConfigError::new(Kind::Invalid, message));
    }
    Ok(certificates)
}

/// For `insecure-skip-tls-verify`: any certificate will do, as long as the server has its key.
#[derive(Debug)]
struct TrustAnyone {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for TrustAnyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
