//! Certificates and keys out of PEM text.

use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{ConfigError, Kind, Pem};

/// The certificates in `pem`, at least one; other sections are skipped. `what` it is, messages say.
pub(crate) fn certificates(pem: &Pem, what: &str) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
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

/// The certificates of a bundle that can be read, and how many can't: each for itself, as Go reads a bundle.
pub(crate) fn bundle(pem: &Pem) -> (Vec<CertificateDer<'static>>, usize) {
    let text = pem.as_bytes();
    let mut starts: Vec<_> = memchr::memmem::find_iter(text, b"-----BEGIN ").collect();
    starts.push(text.len());
    let (mut good, mut broken) = (Vec::new(), 0);
    for section in starts.windows(2) {
        match CertificateDer::pem_slice_iter(&text[section[0]..section[1]]).next() {
            Some(Ok(certificate)) => good.push(certificate),
            Some(Err(_)) => broken += 1,
            // It is of another kind.
            None => {}
        }
    }
    (good, broken)
}

/// The first private key in `pem`: PKCS#8, PKCS#1 or SEC1, by what it is and not by its label. Tools put each under the
/// labels of the others, and kubectl takes all of them. `whose` it is, messages say.
pub(crate) fn private_key(pem: &Pem, whose: &str) -> Result<PrivateKeyDer<'static>, ConfigError> {
    let origin = pem.origin();
    let no_key =
        || ConfigError::new(Kind::Invalid, format!("the {whose} key from {origin} is not a private key in PEM"));
    // Before it is decoded: the headers of the old form (`Proc-Type: 4,ENCRYPTED`) are not base64.
    if pem.as_bytes().windows(9).any(|window| window == b"ENCRYPTED") {
        let message = format!("the {whose} key from {origin} is encrypted; decrypt it first (`openssl pkey`)");
        return Err(ConfigError::new(Kind::Unsupported, message));
    }
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem.as_bytes()) {
        let (kind, der) = section.map_err(|error| no_key().because(error))?;
        if matches!(kind, SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey) {
            return PrivateKeyDer::try_from(der).map_err(|reason| no_key().because(reason));
        }
    }
    Err(no_key())
}
