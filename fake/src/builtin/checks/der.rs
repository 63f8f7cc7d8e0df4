//! Certificates and requests of them in DER: as much as checks have to know. Signatures are not verified.
//!
//! <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// A block of PEM.
pub(super) struct Block {
    /// What it says that it is, such as `CERTIFICATE`.
    pub kind: String,
    /// Whether there are headers before its data.
    pub has_headers: bool,
    pub bytes: Vec<u8>,
}

/// The blocks in a text.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut begun: Option<(&str, bool, String)> = None;
    for line in text.lines().map(str::trim_end) {
        let named = |start: &str| line.strip_prefix(start)?.strip_suffix("-----");
        if let Some(kind) = named("-----BEGIN ") {
            begun = Some((kind, false, String::new()));
        } else if let Some(kind) = named("-----END ") {
            let Some((kind, has_headers, data)) = begun.take().filter(|(begun, ..)| *begun == kind) else { continue };
            if let Ok(bytes) = STANDARD.decode(data) {
                blocks.push(Block { kind: kind.to_owned(), has_headers, bytes });
            }
        } else if let Some((_, has_headers, data)) = &mut begun {
            if line.contains(':') {
                *has_headers = true;
            } else {
                data.push_str(line);
            }
        }
    }
    blocks
}

/// A certificate.
pub(super) struct Certificate<'a> {
    /// The public key with its algorithm, encoded.
    pub key: &'a [u8],
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Whether it may sign others.
    pub is_authority: bool,
}

impl<'a> Certificate<'a> {
    /// Reads one. `None` if it is none.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Reader(bytes);
        let mut parts = Reader(outer.take(SEQUENCE)?);
        let mut body = Reader(parts.take(SEQUENCE)?);
        parts.take(SEQUENCE)?;
        parts.take(BIT_STRING)?;
        if !outer.0.is_empty() || !parts.0.is_empty() {
            return None;
        }
        // The version is there but for the first.
        body.take_if(VERSION);
        body.take(INTEGER)?;
        body.take(SEQUENCE)?;
        body.take(SEQUENCE)?;
        let mut validity = Reader(body.take(SEQUENCE)?);
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        body.take(SEQUENCE)?;
        let key = body.whole(SEQUENCE)?;
        let mut is_authority = false;
        while let Some(element) = body.next() {
            if element.tag == EXTENSIONS {
                is_authority = has_authority(Reader(element.content).take(SEQUENCE)?)?;
            }
        }
        Some(Self { key, not_before, not_after, is_authority })
    }
}

/// The public key of a request of a certificate, with its algorithm, encoded. `None` if it is no request.
pub(super) fn key_of_request(bytes: &[u8]) -> Option<&[u8]> {
    let mut outer = Reader(bytes);
    let mut parts = Reader(outer.take(SEQUENCE)?);
    let mut body = Reader(parts.take(SEQUENCE)?);
    parts.take(SEQUENCE)?;
    parts.take(BIT_STRING)?;
    if !outer.0.is_empty() {
        return None;
    }
    body.take(INTEGER)?;
    body.take(SEQUENCE)?;
    body.whole(SEQUENCE)
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
    /// Reads a public key with its algorithm. `None` if it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
        const ELLIPTIC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
        const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        const P224: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x21];
        let mut parts = Reader(Reader(bytes).take(SEQUENCE)?);
        let mut algorithm = Reader(parts.take(SEQUENCE)?);
        let key = parts.take(BIT_STRING)?;
        Some(match algorithm.take(OBJECT_ID)? {
            ED25519 => Self::Ed25519,
            ELLIPTIC if algorithm.take(OBJECT_ID)? == P224 => Self::OtherCurve("P-224"),
            ELLIPTIC => Self::Curve,
            RSA => {
                let modulus = Reader(Reader(key.get(1..)?).take(SEQUENCE)?).take(INTEGER)?;
                Self::Rsa(modulus.iter().skip_while(|byte| **byte == 0).count() * 8)
            }
            _ => Self::Other,
        })
    }
}

/// Whether the extensions of a certificate say that it may sign others. `None` if they can't be read.
fn has_authority(extensions: &[u8]) -> Option<bool> {
    const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    let mut extensions = Reader(extensions);
    let mut has_authority = false;
    while !extensions.0.is_empty() {
        let mut extension = Reader(extensions.take(SEQUENCE)?);
        let name = extension.take(OBJECT_ID)?;
        extension.take_if(BOOLEAN);
        let value = extension.take(OCTET_STRING)?;
        if name == BASIC_CONSTRAINTS {
            let mut constraints = Reader(Reader(value).take(SEQUENCE)?);
            has_authority = constraints.take_if(BOOLEAN).is_some_and(|flag| flag != [0]);
        }
    }
    Some(has_authority)
}

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    /// With its tag and length.
    whole: &'a [u8],
}

/// Reads elements, one after the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, first) = (*self.0.first()?, *self.0.get(1)?);
        let (start, length) = match first {
            short if short < 0x80 => (2, usize::from(short)),
            long => {
                let count = usize::from(long & 0x7f);
                let bytes = self.0.get(2..2 + count).filter(|bytes| (1..=4).contains(&bytes.len()))?;
                (2 + count, bytes.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte)))
            }
        };
        let end = start.checked_add(length)?;
        let (whole, rest) = (self.0.get(..end)?, self.0.get(end..)?);
        self.0 = rest;
        Some(Element { tag, content: &whole[start..], whole })
    }

    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.content)
    }

    fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.whole)
    }

    /// The next element, if it has a tag; else it stays.
    fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) { self.take(tag) } else { None }
    }

    fn time(&mut self) -> Option<Timestamp> {
        let element = self.next()?;
        let text = std::str::from_utf8(element.content).ok()?;
        let text = match element.tag {
            // Two digits of a year are of 1950 to 2049.
            UTC_TIME if text.as_bytes().first()? >= &b'5' => format!("19{text}"),
            UTC_TIME => format!("20{text}"),
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 14 && digits.is_ascii())?;
        let part = |at: usize, length: usize| &digits[at..at + length];
        let (date, time) = ((part(0, 4), part(4, 2), part(6, 2)), (part(8, 2), part(10, 2), part(12, 2)));
        format!("{}-{}-{}T{}:{}:{}Z", date.0, date.1, date.2, time.0, time.1, time.2).parse().ok()
    }
}
