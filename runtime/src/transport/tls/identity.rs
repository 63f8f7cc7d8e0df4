//! The client certificate that connections present.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;

use super::pem::{certificates, private_key};
use super::{provider, x509};
use crate::config::{ClientIdentity, ConfigError, Kind, Pem};

/// An extension of a request: which client certificate its connection presents, in place of the configuration's. `None` is
/// the configuration's again.
///
/// It is how [authentication](crate::transport::layers::AuthLayer) brings a certificate whose source is not a file, such
/// as a plugin for credentials, to the [connections](crate::transport::connect()). From the first request with another
/// certificate on, new connections present that one. Requests that run on older connections are not disturbed; these
/// connections take no new requests and are closed with their last one.
///
/// Give every request the same `Arc` while the certificate is the same: that is what costs nothing.
#[derive(Clone, Debug)]
pub struct RequestIdentity(pub Option<Arc<ClientIdentity>>);

/// Certificate and key as rustls wants them. Messages say whose they are: `client` or `server`.
pub(super) fn certified_key(
    certificate: &Pem,
    key: &Pem,
    whose: &str,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, ConfigError> {
    let (certificate_origin, key_origin) = (certificate.origin(), key.origin());
    let chain = certificates(certificate, &format!("{whose} certificate"))?;
    let key = private_key(key, whose)?;
    let invalid = |message: String| ConfigError::new(Kind::Invalid, message);
    let Some(leaf) = chain.first() else {
        return Err(invalid(format!("the {whose} certificate from {certificate_origin} has no certificate in it")));
    };
    let parsed = x509::Certificate::parse(leaf).map_err(|error| {
        invalid(format!("the {whose} certificate from {certificate_origin} is not an X.509 certificate"))
            .because(rustls::Error::InvalidCertificate(error))
    })?;
    let key = provider.key_provider.load_private_key(key).map_err(|error| {
        let kind = parsed.key_kind();
        let message = match lacks(&kind) {
            Some(why) => format!("the {whose} key from {key_origin} cannot be used: {why}"),
            None => format!("the {whose} key from {key_origin} cannot be used"),
        };
        invalid(message).because(error)
    })?;
    // Not by rustls, which reads version 3 only.
    if key.public_key().is_some_and(|public| *public != *parsed.public_key()) {
        let message = format!(
            "the {whose} certificate from {certificate_origin} and the key from {key_origin} do not belong together"
        );
        return Err(invalid(message));
    }
    Ok(Arc::new(CertifiedKey::new(chain, key)))
}

/// What the crypto library does not do with a key of this kind. `None` for what each of them has: then it is the key itself
/// that is broken.
fn lacks(kind: &str) -> Option<String> {
    let library = provider::provider_name();
    let bits = kind.strip_prefix("RSA of ").and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    match (kind, bits) {
        ("P-256" | "P-384" | "Ed25519", _) | (_, Some(2048..=4096)) => None,
        ("P-521", _) | (_, Some(4097..=8192)) => Some(format!("{library} has no {kind}{}", provider::advice())),
        _ => Some(format!("{library} has no {kind}; use a P-256 key, or RSA of 2048 bits or more")),
    }
}
