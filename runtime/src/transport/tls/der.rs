//! Elements of DER ([X.690](https://www.itu.int/rec/T-REC-X.690)), as far as certificates need them.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;

/// The element with this number that a context gives its meaning to, such as `[3]`.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Elements one after the other.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The content of the next element, which has this tag.
    pub(super) fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.any().filter(|(found, ..)| *found == tag).map(|(_, content, _)| content)
    }

    /// The content of the next element if it has this tag; else it stays.
    pub(super) fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.rest.first() == Some(&tag) { self.next(tag) } else { None }
    }

    /// The elements in the next one, a sequence.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.next(SEQUENCE).map(Self::of)
    }

    /// The next element: its tag, its content, and the whole of it.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let [tag, length, ..] = *self.rest else { return None };
        // Tags of more than one byte are in no certificate.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = match length {
            0..=0x7f => (2, usize::from(length)),
            0x81..=0x84 => {
                let header = 2 + usize::from(length & 0x7f);
                let digits = self.rest.get(2..header)?;
                (header, digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit)))
            }
            _ => return None,
        };
        let end = header.checked_add(length)?;
        let (whole, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some((tag, &whole[header..], whole))
    }
}
