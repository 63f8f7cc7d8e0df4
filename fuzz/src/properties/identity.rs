//! What is written is read as the same.

use kubewright::runtime::protobuf;

use super::{Checked, equal, from_json, from_protobuf, must, to_json, to_protobuf};
use crate::Type;
use crate::fill::{Shape, Unknown, add_unknown, fill, has_unknown};
use crate::random::Rng;

/// Any value, in each encoding and across.
pub fn values(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    let mut message = make();
    let shape = Shape::any(rng);
    fill(&mut *message, rng, shape);

    let text = to_json(&*message)?;
    let from_text = from_json(*make, &text)?;
    equal("read from JSON", &*message, &*from_text)?;
    must(to_json(&*from_text)? == text, || format!("written again, JSON differs: {}", String::from_utf8_lossy(&text)))?;

    if !protobuf::is_supported(message.descriptor()) {
        return Ok(());
    }
    let bytes = to_protobuf(&*message)?;
    let from_bytes = from_protobuf(*make, &bytes)?;
    equal("read from protobuf", &*message, &*from_bytes)?;
    must(to_protobuf(&*from_bytes)? == bytes, || "written again, protobuf differs".to_owned())?;
    must(to_json(&*from_bytes)? == text, || "JSON differs of what was read from protobuf".to_owned())?;
    must(to_protobuf(&*from_text)? == bytes, || "protobuf differs of what was read from JSON".to_owned())?;
    must(!has_unknown(&*from_bytes) && !has_unknown(&*from_text), || "a known field is read as unknown".to_owned())
}

/// Fields that no table knows, anywhere in the message.
pub fn unknown_fields(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    for encoding in [Unknown::Json, Unknown::Protobuf] {
        let mut message = make();
        if encoding == Unknown::Protobuf && !protobuf::is_supported(message.descriptor()) {
            continue;
        }
        let shape = Shape { unknown: encoding, ..Shape::any(rng) };
        fill(&mut *message, rng, shape);
        add_unknown(&mut *message, rng, encoding);
        if encoding == Unknown::Json {
            let text = to_json(&*message)?;
            equal("read from JSON", &*message, &*from_json(*make, &text)?)?;
            must(protobuf::to_vec(&*message).is_err(), || "unknown JSON vanishes in protobuf".to_owned())?;
        } else {
            let bytes = to_protobuf(&*message)?;
            equal("read from protobuf", &*message, &*from_protobuf(*make, &bytes)?)?;
            must(to_json(&*message).is_err(), || "unknown protobuf vanishes in JSON".to_owned())?;
        }
    }
    Ok(())
}
