//! Lists that are taken apart as they come in.

use kubewright::runtime::{protobuf, reflect};
use kubewright::{json, message::Message};

use super::{Checked, from_json, from_protobuf, must, to_json, to_protobuf};
use crate::Type;
use crate::damage::{chunks as random_chunks, damage};
use crate::fill::{Shape, fill};
use crate::random::{Rng, once_in};

/// What a splitter made of a body: its items, and the list without them or an error's text.
pub type Pieces = (Vec<Vec<u8>>, Result<Vec<u8>, String>);

macro_rules! pieces {
    ($name:ident, $splitter:path, $doc:literal) => {
        #[doc = $doc]
        pub fn $name(mut bytes: &[u8], chunks: &[usize], limit: usize) -> Pieces {
            use $splitter as Splitter;
            let mut splitter = Splitter::new(limit);
            let mut items = Vec::new();
            for length in chunks {
                let (mut chunk, rest) = bytes.split_at(*length);
                bytes = rest;
                loop {
                    let left = chunk.len();
                    match splitter.next(&mut chunk) {
                        Ok(Some(item)) => items.push(item.to_vec()),
                        Ok(None) => break,
                        Err(error) => return (items, Err(error.to_string())),
                    }
                    // Each item takes something off the chunk, or there would be no end.
                    assert!(chunk.len() < left, "an item from nothing");
                }
                assert!(chunk.is_empty(), "a part of a chunk is left");
            }
            (items, splitter.finish().map_err(|error| error.to_string()))
        }
    };
}

pieces!(
    pieces_of_json,
    json::split::ListSplitter,
    "What is made of a body in JSON that comes in chunks of these lengths."
);
pieces!(
    pieces_of_protobuf,
    protobuf::split::ListSplitter,
    "What is made of a body in protobuf that comes in chunks of these lengths."
);

/// Whole or in chunks, good or damaged: the same pieces; and of a good list the pieces make up the whole.
pub fn chunks(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    let mut message = make();
    let shape = Shape::any(rng);
    fill(&mut *message, rng, Shape { depth: 4, ..shape });
    let text = to_json(&*message)?;
    one(rng, &*message, text, pieces_of_json, |rest| from_json(*make, rest))?;
    if !protobuf::is_supported(message.descriptor()) {
        return Ok(());
    }
    let bytes = to_protobuf(&*message)?;
    one(rng, &*message, bytes, pieces_of_protobuf, |rest| from_protobuf(*make, rest))
}

fn one(
    rng: &mut Rng,
    message: &dyn Message,
    mut bytes: Vec<u8>,
    pieces: fn(&[u8], &[usize], usize) -> Pieces,
    read: impl Fn(&[u8]) -> Result<Box<dyn Message>, String>,
) -> Checked {
    let (items, rest) = pieces(&bytes, &random_chunks(bytes.len(), rng), usize::MAX);
    let rest = read(&rest?)?;
    let list = |message: &dyn Message| {
        let index = message.descriptor().fields.iter().position(|field| field.items_are_objects);
        index.map_or(0, |index| match message.value(index) {
            kubewright::message::Value::List(list) => list.len(),
            _ => 0,
        })
    };
    must(items.len() == list(message) && list(&*rest) == 0, || format!("{} items", items.len()))?;
    must(!items.is_empty() || reflect::equal(message, &*rest), || "the rest differs".to_owned())?;

    if once_in(rng, 2) {
        damage(&mut bytes, rng);
    }
    let limit = if once_in(rng, 3) { rng.usize(1..bytes.len() + 2) } else { usize::MAX };
    let (whole, end) = pieces(&bytes, &[bytes.len()], limit);
    let (parts, end_of_parts) = pieces(&bytes, &random_chunks(bytes.len(), rng), limit);
    must(
        whole == parts && end.is_ok() == end_of_parts.is_ok() && end.as_ref().ok() == end_of_parts.as_ref().ok(),
        || {
            format!(
                "in chunks {} items and {end_of_parts:?}, else {} and {end:?}: {bytes:02x?}",
                parts.len(),
                whole.len()
            )
        },
    )?;
    must(whole.iter().all(|item| item.len() <= limit), || "an item is over the limit".to_owned())
}
