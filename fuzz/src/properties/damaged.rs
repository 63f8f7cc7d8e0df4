//! Damage makes nothing panic, and is never half believed.

use kubewright::json;
use kubewright::runtime::protobuf::{self, Envelope, watch::Event};

use super::{Checked, equal, from_json, from_protobuf, must, to_json, to_protobuf};
use crate::Type;
use crate::damage::damage;
use crate::fill::{Shape, fill};
use crate::random::Rng;

/// How often each message is damaged anew.
const TIMES: usize = 8;

/// A message's JSON and protobuf.
pub fn bytes(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    let mut message = make();
    let shape = Shape::any(rng);
    fill(&mut *message, rng, Shape { depth: 4, ..shape });
    let (text, supported) = (to_json(&*message)?, protobuf::is_supported(message.descriptor()));
    let good = if supported { to_protobuf(&*message)? } else { Vec::new() };
    for _ in 0..TIMES {
        let mut text = text.clone();
        damage(&mut text, rng);
        if let Ok(read) = from_json(*make, &text) {
            // All that is taken can be written, and is then the same.
            let again = from_json(*make, &to_json(&*read)?)?;
            equal("damaged JSON, read, written and read", &*read, &*again)?;
            let _ = protobuf::to_vec(&*read);
        }
        if !supported {
            continue;
        }
        let mut bytes = good.clone();
        damage(&mut bytes, rng);
        let _ = Envelope::read(&bytes);
        let _ = Event::read(&bytes);
        let mut bare = make();
        let _ = protobuf::decode_bare(&mut *bare, &bytes, &protobuf::Options::default());
        if let Ok(read) = from_protobuf(*make, &bytes) {
            let _ = json::to_vec(&*read);
            // JSON inside the envelope may hold what protobuf has no place for.
            let Ok(written) = protobuf::to_vec(&*read) else { continue };
            let again = from_protobuf(*make, &written)?;
            // By what is written, as NaN is not equal to itself.
            must(protobuf::to_vec(&*again).is_ok_and(|again| again == written), || {
                format!("damaged protobuf, read and written, is written otherwise the next time: {bytes:02x?}")
            })?;
        }
    }
    Ok(())
}
