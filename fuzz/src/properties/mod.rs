//! What must hold.

mod damaged;
mod identity;
mod leaves;
mod limits;
mod split;
mod stream;
mod truncation;

use kubewright::message::{Descriptor, Message};
use kubewright::{json, runtime::protobuf, runtime::reflect};

use crate::Type;
use crate::random::Rng;

/// Something that must hold for any input.
#[derive(Debug)]
pub struct Property {
    /// Its name, for the command line.
    pub name: &'static str,
    /// What it says.
    pub what: &'static str,
    /// Of which types it says so.
    pub about: fn(&'static Descriptor) -> bool,
    /// Whether it differs from type to type.
    pub about_types: bool,
    /// Checks it once.
    pub check: fn(&mut Rng, &Type) -> Checked,
}

/// Nothing; or what does not hold, and with what input.
pub type Checked = Result<(), String>;

/// Everything that must hold.
pub const PROPERTIES: &[Property] = &[
    Property {
        name: "identity",
        what: "what is written is read as the same, in JSON, in protobuf and from one to the other",
        about: any,
        about_types: true,
        check: identity::values,
    },
    Property {
        name: "unknown-fields",
        what: "fields that no table knows survive, and never vanish on the way to the other encoding",
        about: any,
        about_types: true,
        check: identity::unknown_fields,
    },
    Property {
        name: "truncation",
        what: "an object that is cut off anywhere is an error, or the whole object",
        about: |table| table.gvk.is_some(),
        about_types: true,
        check: truncation::objects,
    },
    Property {
        name: "truncated-lists",
        what: "of a list that is cut off anywhere come whole items, in order, and then an error",
        about: is_list,
        about_types: true,
        check: truncation::lists,
    },
    Property {
        name: "damage",
        what: "damaged bytes make nothing panic, and what is read from them is written and read as the same",
        about: any,
        about_types: true,
        check: damaged::bytes,
    },
    Property {
        name: "chunks",
        what: "a list splits the same in any chunks, damaged or not",
        about: is_list,
        about_types: true,
        check: split::chunks,
    },
    Property {
        name: "limits",
        what: "what is too deep, too long or longer than it says is an error",
        about: any,
        about_types: true,
        check: limits::limits,
    },
    Property {
        name: "streams",
        what: "a watch and a list that come in any chunks, cut or damaged anywhere, give whole objects in order",
        about: any,
        about_types: false,
        check: stream::streams,
    },
    Property {
        name: "leaves",
        what: "any text is read as a quantity, time, duration, or refused, and what is read is written as the same",
        about: any,
        about_types: false,
        check: leaves::texts,
    },
];

fn any(_: &'static Descriptor) -> bool {
    true
}

fn is_list(table: &'static Descriptor) -> bool {
    table.fields.iter().any(|field| field.items_are_objects)
}

/// Says what is wrong unless something holds.
fn must(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(what()) }
}

fn to_json(message: &dyn Message) -> Result<Vec<u8>, String> {
    json::to_vec(message).map_err(|error| format!("writing JSON: {error}"))
}

fn to_protobuf(message: &dyn Message) -> Result<Vec<u8>, String> {
    protobuf::to_vec(message).map_err(|error| format!("writing protobuf: {error}, of {}", shown(message)))
}

fn from_json(make: fn() -> Box<dyn Message>, text: &[u8]) -> Result<Box<dyn Message>, String> {
    let mut message = make();
    json::as_utf8(text)
        .and_then(|text| json::decode_into(&mut *message, text, &json::Options::default()))
        .map_err(|error| format!("reading JSON: {error}, of {}", String::from_utf8_lossy(text)))?;
    Ok(message)
}

fn from_protobuf(make: fn() -> Box<dyn Message>, bytes: &[u8]) -> Result<Box<dyn Message>, String> {
    let mut message = make();
    protobuf::decode_into(&mut *message, bytes, &protobuf::Options::default())
        .map_err(|error| format!("reading protobuf: {error}"))?;
    Ok(message)
}

fn equal(what: &str, expected: &dyn Message, found: &dyn Message) -> Checked {
    must(reflect::equal(expected, found), || {
        let [expected, found] = [expected, found].map(shown);
        let same = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
        let near = |text: &str| String::from_utf8_lossy(&text.as_bytes()[same.saturating_sub(80)..]).into_owned();
        let short = |text: &str| near(text).chars().take(200).collect::<String>();
        format!("{what}: expected … {}\nbut found … {}\nin {expected}", short(&expected), short(&found))
    })
}

fn shown(message: &dyn Message) -> String {
    struct Shown<'a>(&'a dyn Message);
    impl std::fmt::Debug for Shown<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            reflect::debug(self.0, f)
        }
    }
    match json::to_vec(message) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(_) => format!("{:?}", Shown(message)),
    }
}
