//! Uids in the space of a UUID.

use kubewright::meta::v1::ObjectMeta;

/// The uid of an object. kube-apiserver assigns UUIDs, which take a third of their text here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Uid {
    Uuid([u8; 16]),
    Other(Box<str>),
}

impl Uid {
    pub(crate) fn new(text: &str) -> Self {
        uuid(text).map_or_else(|| Self::Other(text.into()), Self::Uuid)
    }

    /// Returns the uid of an object; `None` if it has none.
    pub(crate) fn of(metadata: &ObjectMeta) -> Option<Self> {
        metadata.uid.as_deref().filter(|uid| !uid.is_empty()).map(Self::new)
    }
}

/// Reads a UUID in the only form that converts back to the same text.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|at| bytes[*at] != b'-') {
        return None;
    }
    let mut digits = bytes.iter().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23)).map(|(_, byte)| *byte);
    let mut uuid = [0; 16];
    for byte in &mut uuid {
        *byte = digit(digits.next()?)? << 4 | digit(digits.next()?)?;
    }
    Some(uuid)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_equal_exactly_if_their_texts_are() {
        let uuid = "3f0c9a5e-5a2c-4f5b-9f3e-0d9f4a6b7c8d";
        assert_eq!(Uid::new(uuid), Uid::Uuid([63, 12, 154, 94, 90, 44, 79, 91, 159, 62, 13, 159, 74, 107, 124, 141]));
        for other in [
            "3F0C9A5E-5A2C-4F5B-9F3E-0D9F4A6B7C8D",
            "3f0c9a5e-5a2c-4f5b-9f3e-0d9f4a6b7c8e",
            "3f0c9a5e5a2c4f5b9f3e0d9f4a6b7c8d",
            "3f0c9a5e-5a2c-4f5b-9f3e-0d9f4a6b7cé",
            "u-1",
        ] {
            assert_ne!(Uid::new(uuid), Uid::new(other), "{other}");
            assert_eq!(Uid::new(other), Uid::new(other));
        }
        assert_eq!(Uid::of(&ObjectMeta { uid: Some("".into()), ..Default::default() }), None);
    }
}
