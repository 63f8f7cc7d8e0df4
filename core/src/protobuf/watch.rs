//! The frames of a watch in protobuf: four bytes of length, and an event with an object in its envelope.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>

use super::error::{Error, Kind};
use super::reader::{Reader, WireType};

/// Length of a frame's length prefix.
pub const PREFIX: usize = 4;

/// Returns the length of the first frame in a buffer, without its [`PREFIX`]; `None` if the frame is incomplete.
///
/// # Errors
///
/// If the frame is longer than `limit` bytes.
pub fn frame_length(buffer: &[u8], limit: usize) -> Result<Option<usize>, Error> {
    let Some((prefix, rest)) = buffer.split_first_chunk::<PREFIX>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*prefix)).unwrap_or(usize::MAX);
    if length > limit {
        return Err(Error::new(Kind::TooLarge { limit }, Some(0)));
    }
    Ok((rest.len() >= length).then_some(length))
}

/// A decoded event, with its object not decoded yet.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The event type: `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub kind: &'a str,
    /// The object in its envelope, for [`decode_into`](super::decode_into).
    pub object: &'a [u8],
}

impl<'a> Event<'a> {
    /// Decodes a frame, without its [`PREFIX`].
    ///
    /// # Errors
    ///
    /// If the bytes are not an event.
    pub fn read(frame: &'a [u8]) -> Result<Self, Error> {
        let mut event = Event::default();
        let mut reader = Reader::new(frame);
        while let Some(tag) = reader.tag()? {
            match (tag.number, tag.wire) {
                (1, WireType::Bytes) => event.kind = reader.text()?,
                (2, WireType::Bytes) => {
                    let mut object = reader.inner()?;
                    while let Some(tag) = object.tag()? {
                        match (tag.number, tag.wire) {
                            (1, WireType::Bytes) => event.object = object.bytes()?,
                            _ => object.skip(tag)?,
                        }
                    }
                }
                _ => reader.skip(tag)?,
            }
        }
        Ok(event)
    }
}
