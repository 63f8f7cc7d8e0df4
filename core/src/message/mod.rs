//! Messages: what a generated type is to the engines (JSON, protobuf, comparison, printing, …).
//!
//! A generated type is a plain struct plus a *table*, its [`Descriptor`], which names its fields. Every engine is one
//! non-generic piece of code that walks the table over `&dyn Message`, so it is compiled once, here, and not once
//! for every type in every user's build.
//!
//! The walk goes field by field, by index: the table says what the field is called and what rules it obeys, and
//! [`Message::value`] or [`Message::slot`] hand out the place itself, to read ([`Value`]) or to fill ([`Slot`]).
//! What Rust types a place may have is decided by the [`Field`] trait.
//!
//! Nobody writes these impls by hand: `cargo xtask gen` does, with the [`message!`](crate::message!) macro for
//! the parts that are the same for every type.

mod clear;
#[doc(hidden)]
pub mod codegen;
mod default;
mod descriptor;
mod field;
mod macros;
mod serde_field;
mod set_fields;
mod slot;
mod unknown;

#[doc(hidden)]
pub use clear::clear;
pub(crate) use clear::clear_slot;
#[doc(hidden)]
pub use default::{is_default, is_default_value};
pub use descriptor::{Descriptor, FIELD, FieldDesc, Gvk, ListType, Wire, field};
pub use field::{Field, OpenEnum};
pub use serde_field::{SerdeError, SerdeField, SerdeSlot, SerdeValue};
pub use slot::{ListSlot, ListValue, MapSlot, MapValue, OptionSlot, Slot, Value};
pub use unknown::UnknownFields;

#[doc(hidden)]
pub use set_fields::mark;
pub(crate) use set_fields::{Seen, SetFields, is_beside, is_left_out, is_replaced, left_out};

use std::any::Any;

/// A generated type, seen through its table.
///
/// The trait is object safe: engines take `&dyn Message` and `&mut dyn Message`.
pub trait Message: Any + Send + Sync {
    /// The table that describes this type's fields.
    fn descriptor(&self) -> &'static Descriptor;

    /// The place of the field with this index in [`Descriptor::fields`], to be filled.
    ///
    /// An index past the end gives [`Slot::None`].
    fn slot(&mut self, field: usize) -> Slot<'_>;

    /// What stands in the field with this index in [`Descriptor::fields`].
    ///
    /// An index past the end gives [`Value::Absent`].
    fn value(&self, field: usize) -> Value<'_>;

    /// Which of the first 64 fields are set, the lowest bit for the first: an `Option` that is there, a plain field that
    /// is not at its default.
    fn set_fields(&self) -> u64 {
        let fields = self.descriptor().fields.iter().enumerate();
        (0..)
            .zip(fields)
            .fold(0, |marks, (place, (index, field))| marks | mark(place, set_fields::is_set(field, self.value(index))))
    }

    /// The fields that were read but are not in the table.
    fn unknown_fields(&self) -> &UnknownFields;

    /// The fields that were read but are not in the table, to be added to.
    fn unknown_fields_mut(&mut self) -> &mut UnknownFields;
}

/// A [`Message`] whose type is known at compile time.
pub trait MessageType: Message + Field + Clone + Default {
    /// The table of the type, without a value of it at hand.
    fn table() -> &'static Descriptor;

    /// Fills in what a list leaves out of its items. Types that know their kind have nothing to fill in.
    #[doc(hidden)]
    fn complete(&mut self, _api_version: &str, _kind: &str) {}

    /// An empty message of the type, for tables that name it and engines that don't know it.
    fn boxed() -> Box<dyn Message> {
        Box::<Self>::default()
    }
}
