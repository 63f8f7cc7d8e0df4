//! Server certificates that are an authority's themselves (`CA:TRUE`) and were issued by a named authority.
//!
//! webpki accepts none of them, whoever issued them; Go does, and `openssl x509 -req` easily makes them. So here is a chain
//! for them, with the conditions of Go's verifier for each certificate in it: dates, the authority included; purpose;
//! basic constraints with their path length; key usage; signature; critical extensions. Where a certificate has name
//! constraints, which are webpki's to understand, there is none.

use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use rustls::server::ParsedCertificate;

use super::x509::Certificate;

/// How many authorities may stand between the server's certificate and the named one, and how many signatures are verified
/// in all: a server can send what it wants.
const MOST_BETWEEN: usize = 6;
const MOST_SIGNATURES: usize = 100;

/// What a chain is made of.
pub(super) struct Chain<'a> {
    /// Where it ends.
    pub(super) named: &'a [CertificateDer<'static>],
    /// What the server sent besides its own certificate.
    pub(super) intermediates: &'a [CertificateDer<'a>],
    pub(super) now: UnixTime,
    pub(super) algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
}

impl Chain<'_> {
    /// Whether one of the named authorities issued this certificate, directly or through intermediate ones. The certificate
    /// itself is not checked.
    pub(super) fn leads_to_a_named_authority(&self, leaf: &Certificate<'_>) -> bool {
        let mut signatures = MOST_SIGNATURES;
        self.is_issued(leaf, 0, &mut signatures)
    }

    /// `between` is the number of authorities between the certificate and the server's.
    fn is_issued(&self, certificate: &Certificate<'_>, between: usize, signatures: &mut usize) -> bool {
        let mut is_issuer = |issuer: &Certificate<'_>| {
            let may_be = certificate.names_as_issuer(issuer) && self.may_issue(issuer, between) && *signatures > 0;
            *signatures -= usize::from(may_be);
            may_be && certificate.is_signed_by(issuer, self.algorithms)
        };
        let mut named = self.named.iter().filter_map(|der| Certificate::parse(der).ok());
        if named.any(|issuer| is_issuer(&issuer)) {
            return true;
        }
        // What a server sends is checked more closely than what is named: version, critical extensions.
        let sent = self.intermediates.iter().filter(|der| ParsedCertificate::try_from(*der).is_ok());
        let issuers: Vec<_> =
            sent.filter_map(|der| Certificate::parse(der).ok()).filter(|issuer| is_issuer(issuer)).collect();
        between < MOST_BETWEEN && issuers.iter().any(|issuer| self.is_issued(issuer, between + 1, signatures))
    }

    fn may_issue(&self, issuer: &Certificate<'_>, between: usize) -> bool {
        issuer.may_issue()
            && issuer.allows_between(between)
            && issuer.check_dates(self.now).is_ok()
            && issuer.check_purpose().is_ok()
            && !issuer.has_name_constraints()
    }
}

/// Whether webpki refused a certificate because it is an authority's. rustls does not show the type of its error.
pub(super) fn is_ca_used_as_end_entity(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity")
}
