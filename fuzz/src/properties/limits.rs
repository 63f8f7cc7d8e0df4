//! What is too deep, too long or longer than it says is an error, of every type and in every field.

use kubewright::message::FieldDesc;
use kubewright::runtime::protobuf;

use super::{Checked, from_json, must};
use crate::Type;
use crate::fill::varint;
use crate::random::Rng;

/// More levels than may stand in one another, and than a stack could take.
const LEVELS: usize = 20_000;

/// Every limit.
pub fn limits(rng: &mut Rng, Type { new: make, .. }: &Type) -> Checked {
    let table = make().descriptor();
    let names = table.fields.iter().map(FieldDesc::name).chain(["no-such-field"]);
    for name in names {
        let (open, close) = if rng.bool() { ("[", "]") } else { ("{\"a\":", "}") };
        let levels = if rng.bool() { 200 } else { LEVELS };
        for text in [
            format!("{{\"{name}\":{}1{}}}", open.repeat(levels), close.repeat(levels)),
            format!("{{\"{name}\":{}", open.repeat(levels)),
        ] {
            must(from_json(*make, text.as_bytes()).is_err(), || format!("{levels} levels of {open} in {name}"))?;
        }
    }
    if !protobuf::is_supported(table) {
        return Ok(());
    }
    let read = |bytes: &[u8]| {
        let mut message = make();
        protobuf::decode_bare(&mut *message, bytes, &protobuf::Options::default())
    };
    let numbers = table.fields.iter().map(|field| u64::from(field.number)).chain([9999]);
    for number in numbers {
        let tag = |wire: u64| varint(number << 3 | wire);
        let length = *crate::random::one(rng, &[&1, &127, &(1 << 31), &(1 << 32), &(1 << 62), &u64::MAX]);
        let long = [tag(2), varint(length)].concat();
        must(read(&long).is_err(), || format!("{length} bytes in field {number} that do not come"))?;
        must(read(&tag(2)).is_err() && read(&tag(0)).is_err(), || format!("field {number} that does not come"))?;
        let endless = [tag(0), vec![0xff; 11]].concat();
        must(read(&endless).is_err(), || format!("field {number} with a number that has no end"))?;
        let groups = tag(3).repeat(LEVELS);
        must(read(&groups).is_err(), || format!("field {number}, {LEVELS} groups deep"))?;
        // The same field within itself, as far as the table has that.
        let mut nested = Vec::new();
        for _ in 0..200 {
            nested = [tag(2), varint(nested.len() as u64), nested].concat();
        }
        let _ = read(&nested);
    }
    Ok(())
}
