//! Whether a server is the right one.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature, verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::authorities::Authorities;
use super::x509;

/// Trusts what the given authorities issued, and the certificates that the configuration names.
///
/// A server that presents a certificate of which `certificate-authority` holds the very bytes is the right one by that:
/// who issued it says no more, and whether it is an authority's (`CA:TRUE`) makes no difference. Its dates, its
/// name, its purpose and critical extensions are checked all the same, and the handshake's signature proves that the server
/// has its key. Go's verifier does the same. Everything else goes the way of webpki.
#[derive(Debug)]
pub(super) struct Trust {
    /// `None` if nothing that is trusted may issue certificates.
    issued: Option<Arc<WebPkiServerVerifier>>,
    named: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    pub(super) fn new(authorities: Authorities, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let Authorities { roots, named } = authorities;
        let issued = match roots.is_empty() {
            true => None,
            false => {
                let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
                Some(builder.build().map_err(|error| Error::General(error.to_string()))?)
            }
        };
        Ok(Self { issued, named, provider })
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.named.iter().any(|named| named.as_ref() == end_entity.as_ref()) {
            // Also refuses critical extensions that it doesn't know.
            let by_webpki = ParsedCertificate::try_from(end_entity)?;
            let certificate = x509::Certificate::parse(end_entity)?;
            certificate.check_dates(now)?;
            certificate.check_purpose()?;
            verify_server_name(&by_webpki, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        match &self.issued {
            Some(issued) => {
                let verified = issued.verify_server_cert(end_entity, intermediates, name, ocsp_response, now);
                verified.map_err(|error| of_an_authority(error, end_entity))
            }
            None => Err(CertificateError::UnknownIssuer.into()),
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
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// webpki's error, or that nobody who is trusted issued the certificate, where the server did so itself: what
/// `openssl req -x509` makes is an authority's (`CA:TRUE`), and webpki refuses it for that, as it does before it looks for the
/// issuer.
fn of_an_authority(error: Error, certificate: &CertificateDer<'_>) -> Error {
    let Error::InvalidCertificate(CertificateError::Other(_)) = &error else { return error };
    match x509::Certificate::parse(certificate) {
        Ok(parsed) if parsed.is_self_issued() => CertificateError::UnknownIssuer.into(),
        _ => error,
    }
}

/// For `insecure-skip-tls-verify`: any certificate will do, as long as the server has its key.
#[derive(Debug)]
pub(super) struct TrustAnyone {
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for TrustAnyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
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
        // Not by way of webpki's certificates, which are of version 3 only.
        let parsed = x509::Certificate::parse(certificate)?;
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
