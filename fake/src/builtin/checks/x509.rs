//! Certificates and requests of them, in PEM and DER: as much as checks have to know. Signatures are not verified.

use jiff::Timestamp;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::request::CertReq;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Time;

/// A block of PEM.
pub(super) struct Block {
    /// What it says that it is, such as `CERTIFICATE`.
    pub kind: String,
    /// Whether there are headers before its data.
    pub has_headers: bool,
    pub bytes: Vec<u8>,
}

/// The blocks in a text. What is between them or is broken is skipped, and its lines begin where a line does, as Go has it.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut starts: Vec<usize> =
        text.match_indices("-----BEGIN ").map(|(at, _)| at).filter(|at| begins_line(text, *at)).collect();
    starts.push(text.len());
    let sections = starts.windows(2).map(|ends| &text[ends[0]..ends[1]]);
    let whole = sections.filter(|section| section.find("-----END ").is_some_and(|at| begins_line(section, at)));
    whole
        .filter_map(|section| pem::parse(section).ok())
        .map(|block| Block {
            kind: block.tag().to_owned(),
            has_headers: block.headers().iter().next().is_some(),
            bytes: block.into_contents(),
        })
        .collect()
}

fn begins_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

/// A certificate.
pub(super) struct Certificate {
    pub key: SubjectPublicKeyInfoOwned,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Whether it may sign others.
    pub is_authority: bool,
}

impl Certificate {
    /// Reads one. `None` if it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let certificate = x509_cert::Certificate::from_der(bytes).ok()?;
        let signed = certificate.tbs_certificate();
        if signed.signature() != certificate.signature_algorithm() {
            return None;
        }
        let constraints = signed.get_extension::<BasicConstraints>().ok()?;
        Some(Self {
            key: signed.subject_public_key_info().clone(),
            not_before: timestamp(signed.validity().not_before)?,
            not_after: timestamp(signed.validity().not_after)?,
            is_authority: constraints.is_some_and(|(_, constraints)| constraints.ca),
        })
    }
}

fn timestamp(time: Time) -> Option<Timestamp> {
    Timestamp::from_second(time.to_unix_duration().as_secs().try_into().ok()?).ok()
}

/// The public key of a request of a certificate. `None` if it is no request.
pub(super) fn key_of_request(bytes: &[u8]) -> Option<SubjectPublicKeyInfoOwned> {
    Some(CertReq::from_der(bytes).ok()?.info.public_key)
}

/// A public key with its algorithm. `None` if it is none.
pub(super) fn public_key(bytes: &[u8]) -> Option<SubjectPublicKeyInfoOwned> {
    SubjectPublicKeyInfoOwned::from_der(bytes).ok()
}

/// What sort of key a public key is.
#[derive(Debug, PartialEq)]
pub(super) enum Key {
    Ed25519,
    /// Of a curve that certificates may be of.
    Curve,
    /// Of another curve, by its name.
    OtherCurve(&'static str),
    /// RSA, with the bits of its modulus.
    Rsa(usize),
    Other,
}

impl Key {
    /// `None` if it is none that Go reads.
    pub fn of(key: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
        const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
        const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
        const P224: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.33");
        const CURVES: [ObjectIdentifier; 3] = [
            ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        ];
        Some(match key.algorithm.oid {
            ED25519 => Self::Ed25519,
            ELLIPTIC => match key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()? {
                P224 => Self::OtherCurve("P-224"),
                curve => CURVES.contains(&curve).then_some(Self::Curve)?,
            },
            RSA => Self::Rsa(modulus_bits(key.subject_public_key.as_bytes()?)?),
            _ => Self::Other,
        })
    }
}

/// How many bits the modulus of an RSA key has, in whole bytes, as Go counts them.
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let modulus = SliceReader::new(key).ok()?.sequence(|numbers| {
        let modulus = UintRef::decode(numbers)?;
        let _exponent = UintRef::decode(numbers)?;
        Ok::<_, x509_cert::der::Error>(modulus)
    });
    Some(modulus.ok()?.as_bytes().len() * 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = include_str!("x509/authority.pem");
    const REQUEST: &str = include_str!("x509/request.pem");

    fn read(bytes: &[u8]) {
        let _ = Certificate::read(bytes).map(|certificate| Key::of(&certificate.key));
        let _ = key_of_request(bytes).map(|key| Key::of(&key));
        let _ = public_key(bytes).map(|key| Key::of(&key));
    }

    #[test]
    fn damaged_certificates_and_requests_are_read_or_refused_and_no_more() {
        for pem in [AUTHORITY, REQUEST] {
            let der = blocks(pem).remove(0).bytes;
            for at in 0..der.len() {
                read(&der[..at]);
                for value in [0, 1, 0x7f, 0x80, 0x81, 0x84, 0xff, der[at] ^ 1, der[at] ^ 0x20] {
                    let mut damaged = der.clone();
                    damaged[at] = value;
                    read(&damaged);
                    damaged.remove(at);
                    read(&damaged);
                }
            }
            assert!(
                Certificate::read(&der[..der.len() - 1]).is_none() && key_of_request(&der[..der.len() - 1]).is_none()
            );
        }
    }

    #[test]
    fn damaged_pem_gives_the_other_blocks() {
        let text = format!("before\n{AUTHORITY}between\n{REQUEST}");
        for at in 0..text.trim_end().len() {
            for damage in ["", "-", "\n", "é", "-----BEGIN X-----\n"] {
                let damaged = format!("{}{damage}{}", &text[..at], &text[at + 1..]);
                assert!(blocks(&damaged).len() <= 3);
            }
            assert!(blocks(&text[..at]).len() <= 1);
        }
        let kinds: Vec<_> = blocks(&text.replacen("MII", "M!I", 1)).into_iter().map(|block| block.kind).collect();
        assert_eq!(kinds, ["CERTIFICATE REQUEST"]);
    }

    #[test]
    fn what_a_certificate_says_is_read() {
        let certificate = Certificate::read(&blocks(AUTHORITY)[0].bytes).expect("a certificate");
        assert!(certificate.is_authority);
        assert_eq!(certificate.not_before.to_string(), "2026-11-29T10:11:18Z");
        assert_eq!(certificate.not_after.to_string(), "2126-11-05T10:11:18Z");
        assert_eq!(Key::of(&certificate.key), Some(Key::Curve));
        let request = blocks(REQUEST).remove(0).bytes;
        assert_eq!(key_of_request(&request), Some(certificate.key));
    }

    #[test]
    fn a_certificate_whose_two_signature_algorithms_differ_is_none() {
        let mut der = blocks(AUTHORITY).remove(0).bytes;
        let at = der.windows(3).rposition(|bytes| bytes == [0x04, 0x03, 0x02]).expect("ecdsa-with-SHA256");
        der[at + 2] = 0x03;
        assert!(Certificate::read(&der).is_none());
    }

    #[test]
    fn blocks_have_their_headers() {
        let text = AUTHORITY.replacen("-----\n", "-----\na: b\n\n", 1);
        let shown: Vec<_> = blocks(&text).into_iter().map(|block| (block.kind, block.has_headers)).collect();
        assert_eq!(shown, [("CERTIFICATE".to_owned(), true)]);
        assert_eq!(blocks(&text)[0].bytes, blocks(AUTHORITY)[0].bytes);
    }
}
