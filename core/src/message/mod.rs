//! Messages: how the engines (JSON, protobuf, comparison, `Debug`, …) view a generated type.
//!
//! A generated type is a plain struct plus a *table*, its [`Descriptor`], which names its fields. Every engine is one
//! non-generic piece of code that walks the table over `&dyn Message`, so it is compiled once, here, and not once
//! for every type in every user's build.
//!
//! Fields are visited by index: the table has the field's name and rules, and [`Message::value`] or [`Message::slot`]
//! return its place, to read ([`Value`]) or to fill ([`Slot`]). The [`Field`] trait determines the Rust types of
//! fields.
//!
//! These impls are not written by hand: `cargo xtask gen` emits them, with the [`message!`](crate::message!) macro for
//! the parts that all types share.

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
pub(crate) use set_fields::{PresentFields, SetFields, is_beside, is_left_out, is_replaced, left_out};

use std::any::Any;

/// A generated type, viewed through its table.
///
/// The trait is object safe: engines take `&dyn Message` and `&mut dyn Message`.
pub trait Message: Any + Send + Sync {
    /// Returns the table of this type's fields.
    fn descriptor(&self) -> &'static Descriptor;

    /// Returns the slot of the field with this index in [`Descriptor::fields`].
    ///
    /// An index past the end returns [`Slot::None`].
    fn slot(&mut self, field: usize) -> Slot<'_>;

    /// Returns the value of the field with this index in [`Descriptor::fields`].
    ///
    /// An index past the end returns [`Value::Absent`].
    fn value(&self, field: usize) -> Value<'_>;

    /// Returns a bit mask of the set fields among the first 64, the lowest bit for the first: an `Option` that is
    /// `Some`, a plain field that is not at its default.
    fn set_fields(&self) -> u64 {
        let fields = self.descriptor().fields.iter().enumerate();
        (0..)
            .zip(fields)
            .fold(0, |marks, (place, (index, field))| marks | mark(place, set_fields::is_set(field, self.value(index))))
    }

    /// Returns the unknown fields: decoded, but not in the table.
    fn unknown_fields(&self) -> &UnknownFields;

    /// Returns the unknown fields, mutably.
    fn unknown_fields_mut(&mut self) -> &mut UnknownFields;
}

/// A [`Message`] whose type is known at compile time.
pub trait MessageType: Message + Field + Clone + Default {
    /// Returns the table of the type, without a value.
    fn table() -> &'static Descriptor;

    /// Fills in what a list omits in its items. Types with a fixed kind need nothing.
    #[doc(hidden)]
    fn complete(&mut self, _api_version: &str, _kind: &str) {}

    /// Creates an empty message of the type, for tables that refer to it.
    fn boxed() -> Box<dyn Message> {
        Box::<Self>::default()
    }
}
