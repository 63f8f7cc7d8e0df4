//! What certificates say about themselves, beyond what webpki makes of them: it reads version 3 only, and keeps what it
//! reads to itself.
//!
//! The crate `der` reads the elements; what they are to a certificate is written here: the crates that know it would be up
//! to a fifth of all that is built for a client, and keep to what may be issued today (docs/decisions, 034). A test compares
//! this with one of them.

use std::time::Duration;

use der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagMode, TagNumber, Tagged as _};
use rustls::CertificateError;
use rustls::pki_types::{SignatureVerificationAlgorithm, UnixTime};

use crate::Time;

const EXTENSIONS: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(3) };

/// An X.509 certificate of any version ([RFC 5280](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)).
pub(super) struct Certificate<'a> {
    /// What is signed (`TBSCertificate`).
    signed: &'a [u8],
    /// The identifier of the signature's algorithm.
    algorithm: &'a [u8],
    signature: BitStringRef<'a>,
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
        let mut outer = SliceReader::new(der).ok()?;
        let mut certificate = sequence(&mut outer)?;
        let signed = certificate.tlv_bytes().ok()?;
        let algorithm = content(&mut certificate, Tag::Sequence)?;
        let signature = BitStringRef::decode(&mut certificate).ok()?;
        content(&mut SliceReader::new(algorithm).ok()?, Tag::ObjectIdentifier)?;
        if !outer.is_finished() || !certificate.is_finished() {
            return None;
        }
        let mut fields = sequence(&mut SliceReader::new(signed).ok()?)?;
        let version = match fields.context_specific::<u8>(TagNumber(0), TagMode::Explicit).ok()? {
            Some(number @ 0..=2) => number + 1,
            Some(_) => return None,
            None => 1,
        };
        // As it is: there are authorities with negative ones, and with longer ones than is allowed.
        let _serial = content(&mut fields, Tag::Integer)?;
        let _algorithm = content(&mut fields, Tag::Sequence)?;
        let issuer = fields.tlv_bytes().ok()?;
        let mut validity = sequence(&mut fields)?;
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let subject = fields.tlv_bytes().ok()?;
        let key = fields.tlv_bytes().ok()?;
        let mut extensions = Vec::new();
        while !fields.is_finished() {
            let element = AnyRef::decode(&mut fields).ok()?;
            // Before it only unique identifiers, which nobody has.
            if element.tag() == EXTENSIONS {
                let mut list = sequence(&mut SliceReader::new(element.value()).ok()?)?;
                while !list.is_finished() {
                    let extension = extension(&mut sequence(&mut list)?)?;
                    // One that comes twice means nothing.
                    if extensions.iter().any(|(id, _)| *id == extension.0) {
                        return None;
                    }
                    extensions.push(extension);
                }
            }
        }
        Some(Self { signed, algorithm, signature, version, issuer, not_before, not_after, subject, key, extensions })
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
        let is_ca = self.basic_constraints().is_some_and(|mut constraints| bool::decode(&mut constraints) == Ok(true));
        let may_sign = match self.extension(&[0x55, 0x1d, 0x0f]) {
            None => true,
            // The sixth bit is keyCertSign.
            Some(value) => BitStringRef::from_der(value).is_ok_and(|bits| bits.get(5) == Some(true)),
        };
        is_ca && may_sign
    }

    /// Whether it allows this many authorities between itself and a server's certificate.
    pub(super) fn allows_between(&self, count: usize) -> bool {
        let Some(mut constraints) = self.basic_constraints() else { return true };
        let length =
            Option::<bool>::decode(&mut constraints).and_then(|_| Option::<UintRef<'_>>::decode(&mut constraints));
        match length {
            Ok(None) => true,
            Ok(Some(most)) => match most.as_bytes() {
                [most] => count <= usize::from(*most),
                // More than a byte is more than anybody has.
                _ => true,
            },
            // A negative number is none.
            Err(_) => false,
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
        let Some(signature) = self.signature.as_bytes() else { return false };
        let fits = |known: &&&dyn SignatureVerificationAlgorithm| {
            known.signature_alg_id().as_ref() == self.algorithm && known.public_key_alg_id().as_ref() == key_algorithm
        };
        algorithms.iter().filter(fits).any(|known| known.verify_signature(key, self.signed, signature).is_ok())
    }

    /// The identifier of the key's algorithm, and the key.
    fn key_parts(&self) -> Option<(&'a [u8], &'a [u8])> {
        let mut key = sequence(&mut SliceReader::new(self.key).ok()?)?;
        let algorithm = content(&mut key, Tag::Sequence)?;
        Some((algorithm, BitStringRef::decode(&mut key).ok()?.as_bytes()?))
    }

    fn basic_constraints(&self) -> Option<SliceReader<'a>> {
        sequence(&mut SliceReader::new(self.extension(&[0x55, 0x1d, 0x13])?).ok()?)
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
        let list = SliceReader::new(value).ok().and_then(|mut value| sequence(&mut value));
        let mut purposes = list.ok_or(CertificateError::BadEncoding)?;
        while !purposes.is_finished() {
            let purpose = content(&mut purposes, Tag::ObjectIdentifier).ok_or(CertificateError::BadEncoding)?;
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
        let (algorithm, bits) = self.key_parts()?;
        let mut algorithm = SliceReader::new(algorithm).ok()?;
        let id = content(&mut algorithm, Tag::ObjectIdentifier)?;
        let kind = match id {
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => {
                let modulus = UintRef::decode(&mut sequence(&mut SliceReader::new(bits).ok()?)?).ok()?;
                let first = modulus.as_bytes().first()?;
                let length = modulus.as_bytes().len() * 8 - first.leading_zeros() as usize;
                return Some(format!("RSA of {length} bits"));
            }
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => match content(&mut algorithm, Tag::ObjectIdentifier) {
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

/// The content of the next element, which has this tag.
fn content<'a>(elements: &mut SliceReader<'a>, tag: Tag) -> Option<&'a [u8]> {
    let element = AnyRef::decode(elements).ok()?;
    (element.tag() == tag).then(|| element.value())
}

/// The elements in the next one, a sequence.
fn sequence<'a>(elements: &mut SliceReader<'a>) -> Option<SliceReader<'a>> {
    SliceReader::new(content(elements, Tag::Sequence)?).ok()
}

/// The identifier and the value of an extension.
fn extension<'a>(fields: &mut SliceReader<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let id = content(fields, Tag::ObjectIdentifier)?;
    let _critical = Option::<bool>::decode(fields).ok()?;
    Some((id, <&OctetStringRef>::decode(fields).ok()?.as_bytes()))
}

/// `991231235959Z`, until 2049, or `20991231235959Z`. `der` has times, but none before 1970.
fn time(fields: &mut SliceReader<'_>) -> Option<UnixTime> {
    let element = AnyRef::decode(fields).ok()?;
    let (tag, content) = (element.tag(), element.value());
    let text = std::str::from_utf8(content).ok().filter(|text| text.is_ascii())?;
    let (century, text) = match tag {
        Tag::UtcTime if text < "50" => ("20", text),
        Tag::UtcTime => ("19", text),
        Tag::GeneralizedTime => ("", text),
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
        BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
        date_time_ymd,
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
    fn a_serial_number_longer_than_allowed_and_an_identifier_with_large_numbers_do_not_matter() {
        let mut params = CertificateParams::new(["name".to_owned()]).expect("a name");
        params.serial_number = Some(vec![0x7f; 40].into());
        let large = CustomExtension::from_oid_content(&[2, 25, u64::MAX], vec![5, 0]);
        params.custom_extensions = vec![large];
        let key = KeyPair::generate().expect("a key");
        compare(params.self_signed(&key).expect("a certificate").der());
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
