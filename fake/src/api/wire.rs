//! Fields of protobuf, where they are written one by one.

/// A field that holds bytes: text, or a message.
pub(super) fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut field = head(number, bytes.len());
    field.extend_from_slice(bytes);
    field
}

/// What is before the bytes of such a field.
pub(super) fn head(number: u32, length: usize) -> Vec<u8> {
    let mut head = Vec::new();
    varint(u64::from(number << 3 | 2), &mut head);
    varint(length as u64, &mut head);
    head
}

pub(super) fn varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}
