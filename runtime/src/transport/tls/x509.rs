//! What certificates say about themselves, beyond what webpki makes of them: it reads version 3 only, and keeps what it
//! reads to itself.
//!
//! Written here, for it is little: the crates that do it bring a fifth of all that is built for a client. A test compares
//! it with one of them.

use std::time::Duration;

use rustls::CertificateError;
use rustls::pki_types::{SignatureVerificationAlgorithm, UnixTime};

use super::der::{
    BIT_STRING, BOOLEAN, Elements, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, UTC_TIME, context,
};
use crate::Time;

/// An X.509 certificate of any version ([RFC 5280](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)).
pub(super) struct Certificate<'a> {
    /// What is signed (`TBSCertificate`).
    signed: &'a [u8],
    /// The identifier of the signature's algorithm, and the signature.
    signature: (&'a [u8], &'a [u8]),
    /// 1 to 3.
    version: u8,
    issuer: &'a [u8],
    not_before: UnixTime,
    not_after: UnixTime,
    subject: &'a [u8],
    /// `SubjectPublicKeyInfo`, as it stands.
    key: &'a [u8],
    /// Identifiers and values.
    extensions: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Certificate<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, CertificateError> {
        Self::read(der).ok_or(CertificateError::BadEncoding)
    }

    fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Elements::of(der);
        let mut certificate = outer.sequence()?;
        let (tag, content, signed) = certificate.any()?;
        let mut fields = Elements::of(content);
        let (algorithm, value) = (certificate.next(SEQUENCE)?, certificate.next(BIT_STRING)?);
        Elements::of(algorithm).next(OID)?;
        if tag != SEQUENCE || !outer.is_empty() || !certificate.is_empty() || value.is_empty() {
            return None;
        }
        let version = match fields.optional(context(0)) {
            Some(version) => match Elements::of(version).next(INTEGER)? {
                [number @ 0..=2] => number + 1,
                _ => return None,
            },
            None => 1,
        };
        let _serial = fields.next(INTEGER)?;
        let _signature = fields.sequence()?;
        let (_, _, issuer) = fields.any()?;
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let (_, _, subject) = fields.any()?;
        let (_, _, key) = fields.any()?;
        let mut extensions = Vec::new();
        while !fields.is_empty() {
            let (tag, content, _) = fields.any()?;
            // Before it only unique identifiers, which nobody has.
            if tag == context(3) {
                let mut list = Elements::of(content).sequence()?;
                while !list.is_empty() {
                    let extension = extension(list.sequence()?)?;
                    // One that comes twice means nothing.
                    if extensions.iter().any(|(id, _)| *id == extension.0) {
                        return None;
                    }
                    extensions.push(extension);
                }
            }
        }
        let signature = (algorithm, value);
        Some(Self { signed, signature, version, issuer, not_before, not_after, subject, key, extensions })
    }

    /// Its public key, as DER.
    pub(super) fn public_key(&self) -> &'a [u8] {
        self.key
    }

    /// Whether it may issue other certificates, as Go's verifier has it: by its basic constraints and key usage, which
    /// version 1 has not.
    pub(super) fn may_issue(&self) -> bool {
        if self.version != 3 {
            return true;
        }
        let mut constraints = self.basic_constraints();
        let is_ca = constraints.as_mut().map(|constraints| constraints.optional(BOOLEAN) == Some(&[0xff]));
        let may_sign = match self.extension(&[0x55, 0x1d, 0x0f]) {
            None => true,
            // A byte for how many bits are not used; the sixth bit is keyCertSign.
            Some(value) => {
                matches!(Elements::of(value).next(BIT_STRING), Some([_, bits, ..]) if bits & 0x04 != 0)
            }
        };
        is_ca == Some(true) && may_sign
    }

    /// Whether it allows this many authorities between itself and a server's certificate.
    pub(super) fn allows_between(&self, count: usize) -> bool {
        let Some(mut constraints) = self.basic_constraints() else { return true };
        constraints.optional(BOOLEAN);
        match constraints.optional(INTEGER) {
            None => true,
            Some([most @ 0..=0x7f]) => count <= usize::from(*most),
            // More than a byte is more than anybody has, and a negative number is none.
            Some(most) => most.first().is_some_and(|first| first & 0x80 == 0),
        }
    }

    /// Whether it says which names it may issue certificates for.
    pub(super) fn has_name_constraints(&self) -> bool {
        self.extension(&[0x55, 0x1d, 0x1e]).is_some()
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// Whether it names this one as its issuer.
    pub(super) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.issuer == issuer.subject
    }

    /// Whether the key of `issuer` has signed it, by one of these algorithms.
    pub(super) fn is_signed_by(&self, issuer: &Self, algorithms: &[&dyn SignatureVerificationAlgorithm]) -> bool {
        let Some((key_algorithm, key)) = issuer.key_parts() else { return false };
        // How many bits are not used, which of signatures none are.
        let (algorithm, [0, signature @ ..]) = self.signature else { return false };
        let fits = |known: &&&dyn SignatureVerificationAlgorithm| {
            known.signature_alg_id().as_ref() == algorithm && known.public_key_alg_id().as_ref() == key_algorithm
        };
        algorithms.iter().filter(fits).any(|known| known.verify_signature(key, self.signed, signature).is_ok())
    }

    /// The identifier of the key's algorithm, and the key.
    fn key_parts(&self) -> Option<(&'a [u8], &'a [u8])> {
        let mut key = Elements::of(self.key).sequence()?;
        match (key.next(SEQUENCE)?, key.next(BIT_STRING)?) {
            (algorithm, [0, key @ ..]) => Some((algorithm, key)),
            _ => None,
        }
    }

    fn basic_constraints(&self) -> Option<Elements<'a>> {
        Elements::of(self.extension(&[0x55, 0x1d, 0x13])?).sequence()
    }

    /// Whether its dates allow it now.
    pub(super) fn check_dates(&self, now: UnixTime) -> Result<(), CertificateError> {
        let Self { not_before, not_after, .. } = *self;
        if now < not_before {
            return Err(CertificateError::NotValidYetContext { time: now, not_before });
        }
        if now > not_after {
            return Err(CertificateError::ExpiredContext { time: now, not_after });
        }
        Ok(())
    }

    /// Whether it may be a server's, by its extended key usage, if it has one.
    pub(super) fn check_purpose(&self) -> Result<(), CertificateError> {
        const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
        const SERVER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
        let Some(value) = self.extension(&[0x55, 0x1d, 0x25]) else { return Ok(()) };
        let mut purposes = Elements::of(value).sequence().ok_or(CertificateError::BadEncoding)?;
        while !purposes.is_empty() {
            let purpose = purposes.next(OID).ok_or(CertificateError::BadEncoding)?;
            if purpose == ANY || purpose == SERVER {
                return Ok(());
            }
        }
        Err(CertificateError::InvalidPurpose)
    }

    /// The kind of its key, as people call it: `P-521`, `RSA of 1024 bits`.
    pub(super) fn key_kind(&self) -> String {
        self.read_key_kind().unwrap_or_else(|| "key of this kind".to_owned())
    }

    fn read_key_kind(&self) -> Option<String> {
        let mut key = Elements::of(self.key).sequence()?;
        let mut algorithm = key.sequence()?;
        let id = algorithm.next(OID)?;
        let kind = match id {
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => {
                let bits = key.next(BIT_STRING)?.get(1..)?;
                let modulus = Elements::of(bits).sequence()?.next(INTEGER)?;
                let first = modulus.iter().position(|byte| *byte != 0)?;
                let length = (modulus.len() - first) * 8 - modulus[first].leading_zeros() as usize;
                return Some(format!("RSA of {length} bits"));
            }
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => match algorithm.optional(OID) {
                Some([0x2b, 0x81, 0x04, 0x00, 0x21]) => "P-224",
                Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]) => "P-256",
                Some([0x2b, 0x81, 0x04, 0x00, 0x22]) => "P-384",
                Some([0x2b, 0x81, 0x04, 0x00, 0x23]) => "P-521",
                Some([0x2b, 0x81, 0x04, 0x00, 0x0a]) => "secp256k1",
                _ => "such elliptic curve",
            },
            [0x2b, 0x65, 0x70] => "Ed25519",
            [0x2b, 0x65, 0x71] => "Ed448",
            [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01] => "DSA",
            _ => return None,
        };
        Some(kind.to_owned())
    }

    fn extension(&self, id: &[u8]) -> Option<&'a [u8]> {
        self.extensions.iter().find(|(known, _)| *known == id).map(|(_, value)| *value)
    }
}

fn extension<'a>(mut fields: Elements<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let id = fields.next(OID)?;
    let _critical = fields.optional(BOOLEAN);
    Some((id, fields.next(OCTET_STRING)?))
}

/// `991231235959Z`, until 2049, or `20991231235959Z`.
fn time(fields: &mut Elements<'_>) -> Option<UnixTime> {
    let (tag, content, _) = fields.any()?;
    let text = std::str::from_utf8(content).ok().filter(|text| text.is_ascii())?;
    let (century, text) = match tag {
        UTC_TIME if text < "50" => ("20", text),
        UTC_TIME => ("19", text),
        GENERALIZED_TIME => ("", text),
        _ => return None,
    };
    let digits = format!("{century}{}", text.strip_suffix('Z')?);
    let part = |from: usize, to: usize| digits.get(from..to);
    if digits.len() != 14 {
        return None;
    }
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let time = Time::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()?;
    // Before 1970 is as good as 1970.
    Some(UnixTime::since_unix_epoch(Duration::from_secs(time.unix_seconds().try_into().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{
        BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
    };
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    /// What x509-parser makes of it.
    fn compare(der: &[u8]) {
        let ours = Certificate::parse(der).expect("a certificate");
        let (_, theirs) = x509_parser::parse_x509_certificate(der).expect("a certificate");
        assert_eq!(u32::from(ours.version), theirs.version().0 + 1);
        assert_eq!(ours.public_key(), theirs.public_key().raw);
        assert_eq!(ours.is_self_issued(), theirs.issuer().as_raw() == theirs.subject().as_raw());
        let seconds = |time: UnixTime| i64::try_from(time.as_secs()).expect("a date");
        assert_eq!(seconds(ours.not_before), theirs.validity().not_before.timestamp().max(0));
        assert_eq!(seconds(ours.not_after), theirs.validity().not_after.timestamp().max(0));
        let constraints = theirs.basic_constraints().expect("one at most");
        let usage = theirs.key_usage().expect("one at most");
        let is_ca = constraints.as_ref().is_some_and(|constraints| constraints.value.ca);
        let length = constraints.as_ref().and_then(|constraints| constraints.value.path_len_constraint);
        let may_issue = theirs.version().0 < 2 || (is_ca && usage.is_none_or(|usage| usage.value.key_cert_sign()));
        assert_eq!(ours.may_issue(), may_issue);
        let purposes = theirs.extended_key_usage().expect("one at most");
        for (count, number) in (0..3).zip(0_u32..) {
            assert_eq!(ours.allows_between(count), length.is_none_or(|most| number <= most));
        }
        let names = theirs.extensions().iter().any(|extension| extension.oid.to_id_string() == "2.5.29.30");
        assert_eq!(ours.has_name_constraints(), names);
        let for_servers = purposes.is_none_or(|purposes| purposes.value.server_auth || purposes.value.any);
        assert_eq!(ours.check_purpose().is_ok(), for_servers);
    }

    #[test]
    fn certificates_are_read_as_another_parser_reads_them() {
        let (ca, end) = (IsCa::Ca(BasicConstraints::Constrained(1)), IsCa::ExplicitNoCa);
        let usages = [vec![], vec![KeyUsagePurpose::DigitalSignature], vec![KeyUsagePurpose::KeyCertSign]];
        let purposes = [
            vec![],
            vec![ExtendedKeyUsagePurpose::ClientAuth],
            vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth],
            vec![ExtendedKeyUsagePurpose::Any],
        ];
        let key = KeyPair::generate().expect("a key");
        for is_ca in [IsCa::NoCa, end, ca] {
            for (usage, purpose) in usages.iter().flat_map(|usage| purposes.iter().map(move |purpose| (usage, purpose)))
            {
                let mut params = CertificateParams::new(["name".to_owned()]).expect("a name");
                params.is_ca = is_ca;
                params.key_usages.clone_from(usage);
                params.extended_key_usages.clone_from(purpose);
                compare(params.self_signed(&key).expect("a certificate").der());
            }
        }
        for (from, to) in [(1949, 1950), (1969, 1970), (1999, 2049), (2049, 2050), (2051, 9999)] {
            let mut params = CertificateParams::new(["name".to_owned()]).expect("a name");
            (params.not_before, params.not_after) = (date_time_ymd(from, 2, 28), date_time_ymd(to, 12, 31));
            compare(params.self_signed(&key).expect("a certificate").der());
        }
    }

    #[test]
    fn kinds_of_keys_have_their_names() {
        let cases = [
            (include_str!("../tests/data/v1.pem"), "P-256"),
            (include_str!("../tests/data/p521.pem"), "P-521"),
            (include_str!("../tests/data/rsa.pem"), "RSA of 2048 bits"),
            (include_str!("../tests/data/rsa1024.pem"), "RSA of 1024 bits"),
        ];
        for (pem, kind) in cases {
            let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
            compare(&der);
            assert_eq!(Certificate::parse(&der).expect("a certificate").key_kind(), kind);
        }
    }

    proptest! {
        #[test]
        fn a_damaged_certificate_is_an_error_or_is_read_and_no_more(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            length in any::<prop::sample::Index>(),
        ) {
            let pem = include_str!("../tests/data/p521.pem");
            let mut der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM").to_vec();
            prop_assert!(Certificate::parse(&der[..length.index(der.len())]).is_err());
            for (at, byte) in changes {
                let at = at.index(der.len());
                der[at] = byte;
            }
            if let Ok(certificate) = Certificate::parse(&der) {
                let _ = (certificate.may_issue(), certificate.check_purpose(), certificate.key_kind());
                let _ = (certificate.allows_between(1), certificate.is_signed_by(&certificate, &[]));
            }
        }
    }
}
