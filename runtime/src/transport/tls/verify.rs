//! Whether a server is the right one.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::authorities::Authorities;
use super::chain::{Chain, is_ca_used_as_end_entity};
use super::x509;

/// Checks the certificates of servers, and by the handshake's signature that a server has the key of its own.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Trust {
    /// For `insecure-skip-tls-verify`: any certificate will do, as long as the server has its key.
    Anyone,
    /// What the given authorities issued, and the certificates that the configuration names.
    ///
    /// A server that presents a certificate of which `certificate-authority` holds the very bytes is the right one by that:
    /// who issued it says no more, and whether it is an authority's (`CA:TRUE`) makes no difference. Its dates, its name,
    /// its purpose and critical extensions are checked all the same. Go's verifier does the same. Everything else goes the
    /// way of webpki, but for certificates of an authority that a named one has issued: see [`Chain`].
    Authorities {
        /// `None` if nothing that is trusted may issue certificates.
        issued: Option<Arc<WebPkiServerVerifier>>,
        named: Vec<CertificateDer<'static>>,
    },
}

impl Verifier {
    /// Trusts these authorities.
    pub(super) fn new(authorities: Authorities, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let Authorities { roots, named } = authorities;
        let issued = match roots.is_empty() {
            true => None,
            false => {
                let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
                Some(builder.build().map_err(|error| Error::General(error.to_string()))?)
            }
        };
        Ok(Self { trust: Trust::Authorities { issued, named }, provider })
    }

    /// Trusts any certificate.
    pub(super) fn insecure(provider: Arc<CryptoProvider>) -> Self {
        Self { trust: Trust::Anyone, provider }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trust::Authorities { issued, named } = &self.trust else { return Ok(ServerCertVerified::assertion()) };
        if named.iter().any(|named| named.as_ref() == end_entity.as_ref()) {
            check_itself(end_entity, name, now)?;
            return Ok(ServerCertVerified::assertion());
        }
        let Some(issued) = issued else { return Err(CertificateError::UnknownIssuer.into()) };
        match issued.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
            Err(Error::InvalidCertificate(error)) if is_ca_used_as_end_entity(&error) => {
                let certificate = check_itself(end_entity, name, now)?;
                let algorithms = self.provider.signature_verification_algorithms.all;
                match (Chain { named, intermediates, now, algorithms }).leads_to_a_named_authority(&certificate) {
                    true => Ok(ServerCertVerified::assertion()),
                    // webpki says so before it looks for the issuer.
                    false if certificate.is_self_issued() => Err(CertificateError::UnknownIssuer.into()),
                    false => Err(error.into()),
                }
            }
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Not by way of webpki's certificates, which are of version 3 only: any certificate may be of another.
        let parsed = x509::Certificate::parse(certificate)?;
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Checks all that a server's certificate says itself: dates, purpose, name, critical extensions.
fn check_itself<'a>(
    certificate: &'a CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<x509::Certificate<'a>, Error> {
    // Also refuses critical extensions that it doesn't know.
    let by_webpki = ParsedCertificate::try_from(certificate)?;
    let certificate = x509::Certificate::parse(certificate)?;
    certificate.check_dates(now)?;
    certificate.check_purpose()?;
    verify_server_name(&by_webpki, name)?;
    Ok(certificate)
}
