//! What certificates say about themselves, beyond what webpki makes of them.

use std::time::Duration;

use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

/// Reads a certificate, of any version.
pub(super) fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, CertificateError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(CertificateError::BadEncoding),
    }
}

/// Whether it may issue other certificates, as Go's verifier has it: by its basic constraints and key usage, which
/// version 1 has not.
pub(super) fn may_issue(certificate: &X509Certificate<'_>) -> bool {
    if certificate.version() != X509Version::V3 {
        return true;
    }
    let is_ca = certificate.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca);
    let may_sign = match certificate.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.key_cert_sign()),
        Err(_) => false,
    };
    is_ca && may_sign
}

/// Whether it names itself as its issuer.
pub(super) fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// Whether its dates allow it now.
pub(super) fn check_dates(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let at = |seconds: i64| UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap_or_default()));
    let validity = certificate.validity();
    let (not_before, not_after) = (at(validity.not_before.timestamp()), at(validity.not_after.timestamp()));
    if now < not_before {
        return Err(CertificateError::NotValidYetContext { time: now, not_before });
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time: now, not_after });
    }
    Ok(())
}

/// Whether it may be a server's, by its extended key usage, if it has one.
pub(super) fn check_purpose(certificate: &X509Certificate<'_>) -> Result<(), CertificateError> {
    match certificate.extended_key_usage() {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.value.server_auth || usage.value.any => Ok(()),
        Ok(Some(_)) => Err(CertificateError::InvalidPurpose),
        Err(_) => Err(CertificateError::BadEncoding),
    }
}

/// The kind of its key, as people call it: `P-521`, `RSA of 1024 bits`.
pub(super) fn key_kind(certificate: &X509Certificate<'_>) -> String {
    let key = certificate.public_key();
    let algorithm = key.algorithm.algorithm.to_id_string();
    let curve = key.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    match (&*algorithm, key.parsed()) {
        (_, Ok(PublicKey::RSA(rsa))) => format!("RSA of {} bits", rsa.key_size()),
        ("1.2.840.10045.2.1", _) => match curve.map(|curve| curve.to_id_string()).as_deref() {
            Some("1.3.132.0.33") => "P-224".to_owned(),
            Some("1.2.840.10045.3.1.7") => "P-256".to_owned(),
            Some("1.3.132.0.34") => "P-384".to_owned(),
            Some("1.3.132.0.35") => "P-521".to_owned(),
            Some("1.3.132.0.10") => "secp256k1".to_owned(),
            Some(other) => format!("elliptic curve {other}"),
            None => "elliptic curve without a name".to_owned(),
        },
        ("1.3.101.112", _) => "Ed25519".to_owned(),
        ("1.3.101.113", _) => "Ed448".to_owned(),
        ("1.2.840.10040.4.1", _) => "DSA".to_owned(),
        (other, _) => format!("key algorithm {other}"),
    }
}
