//! What is cut off is told from what is whole.

use kubewright::message::Message;
use kubewright::runtime::{protobuf, reflect};

use super::split::{pieces_of_json, pieces_of_protobuf};
use super::{Checked, from_json, from_protobuf, must, to_json, to_protobuf};
use crate::Type;
use crate::fill::{Shape, fill};
use crate::random::Rng;

/// At how many places longer bytes are cut; shorter ones at each.
const CUTS: usize = 1000;

/// What a server of today writes after an object, in its envelope: two empty fields.
const TAIL: &[u8] = b"\x1a\0\x22\0";

/// One object, as JSON and in its envelope.
pub fn objects(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    let message = small(*make, rng);
    let text = to_json(&*message)?;
    for end in cuts(text.len(), rng) {
        must(from_json(*make, &text[..end]).is_err(), || {
            format!("cut at {end}, it is read: {}", String::from_utf8_lossy(&text))
        })?;
    }
    if !protobuf::is_supported(message.descriptor()) {
        return Ok(());
    }
    let bytes = [&*to_protobuf(&*message)?, TAIL].concat();
    for end in cuts(bytes.len(), rng) {
        if let Ok(read) = from_protobuf(*make, &bytes[..end]) {
            must(reflect::equal(&*read, &*message), || format!("cut at {end}, another object is read: {bytes:02x?}"))?;
        }
    }
    Ok(())
}

/// A list, taken apart as it comes in.
pub fn lists(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    let message = small(*make, rng);
    let text = to_json(&*message)?;
    let (items, _) = pieces_of_json(&text, &[text.len()], usize::MAX);
    for end in cuts(text.len(), rng) {
        let (cut, rest) = pieces_of_json(&text[..end], &[end], usize::MAX);
        must(rest.is_err() && items.starts_with(&cut), || {
            format!("cut at {end}, other items come: {}", String::from_utf8_lossy(&text))
        })?;
    }
    if !protobuf::is_supported(message.descriptor()) {
        return Ok(());
    }
    let whole = to_protobuf(&*message)?;
    let bytes = [&*whole, TAIL].concat();
    let (items, _) = pieces_of_protobuf(&bytes, &[bytes.len()], usize::MAX);
    for end in cuts(bytes.len(), rng) {
        let (cut, rest) = pieces_of_protobuf(&bytes[..end], &[end], usize::MAX);
        must((rest.is_err() || end >= whole.len()) && items.starts_with(&cut), || {
            format!("cut at {end}, other items come: {bytes:02x?}")
        })?;
    }
    Ok(())
}

fn small(make: fn() -> Box<dyn Message>, rng: &mut Rng) -> Box<dyn Message> {
    let mut message = make();
    fill(&mut *message, rng, Shape::SMALL);
    message
}

/// Every place before the end, or as many as are checked in good time.
fn cuts(length: usize, rng: &mut Rng) -> impl Iterator<Item = usize> + use<> {
    let step = length / CUTS + 1;
    (rng.usize(..step)..length).step_by(step)
}
