//! Rust types of fields, and how each is viewed as a [`Slot`] or a [`Value`].

use compact_str::CompactString;

use super::{ListSlot, ListValue, MapSlot, MapValue, OptionSlot, Slot, Value};
use crate::message::is_default_value;
use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};

/// A type of a field.
pub trait Field {
    /// Whether an explicit null is a value of the type, so that an `Option` of it distinguishes null from absent.
    const NULLABLE: bool = false;

    /// Returns the slot to fill.
    fn as_slot(&mut self) -> Slot<'_>;

    /// Returns the value.
    fn as_value(&self) -> Value<'_>;

    /// Whether there is anything to write: the value is neither absent nor at its type's default.
    fn is_set(&self) -> bool {
        !is_default_value(self.as_value())
    }

    /// Returns the slot of an `Option` of this type: strings have one of their own, since most optional fields are
    /// strings.
    fn option_slot(option: &mut Option<Self>) -> Slot<'_>
    where
        Self: Default + Sized,
    {
        Slot::Option(option)
    }

    /// Returns the slot of a list of this type.
    fn list_slot(list: &mut Vec<Self>) -> Slot<'_>
    where
        Self: Default + Sized,
    {
        Slot::List(list)
    }

    /// Returns the slot of a map to this type.
    fn map_slot(map: &mut Map<Self>) -> Slot<'_>
    where
        Self: Default + Sized,
    {
        Slot::Map(map)
    }

    /// Returns the value of a map to this type.
    fn map_value(map: &Map<Self>) -> Value<'_>
    where
        Self: Default + Sized,
    {
        Value::Map(map)
    }
}

/// A string enum: its known values are variants, and any other text is preserved.
pub trait OpenEnum {
    /// Returns the value as the server writes it.
    fn as_str(&self) -> &str;

    /// Sets the variant of this text, or preserves the text if there is none.
    fn set(&mut self, text: &str);
}

macro_rules! leaf {
    ($($ty:ty => $variant:ident),* $(,)?) => {$(
        impl Field for $ty {
            #[inline]
            fn as_slot(&mut self) -> Slot<'_> {
                Slot::$variant(self)
            }

            #[inline]
            fn as_value(&self) -> Value<'_> {
                Value::$variant(self)
            }
        }
    )*};
}

macro_rules! scalar {
    ($($ty:ty => $variant:ident is $default:expr),* $(,)?) => {$(
        impl Field for $ty {
            #[inline]
            fn as_slot(&mut self) -> Slot<'_> {
                Slot::$variant(self)
            }

            #[inline]
            fn as_value(&self) -> Value<'_> {
                Value::$variant(*self)
            }

            #[inline]
            fn is_set(&self) -> bool {
                *self != $default
            }
        }
    )*};
}

scalar!(bool => Bool is false, i32 => I32 is 0, i64 => I64 is 0);
impl Field for f64 {
    fn as_slot(&mut self) -> Slot<'_> {
        Slot::F64(self)
    }

    fn as_value(&self) -> Value<'_> {
        Value::F64(*self)
    }
}

leaf!(
    Number => Number,
    ByteString => Bytes,
    Base64 => Base64,
    Quantity => Quantity,
    IntOrString => IntOrString,
    Time => Time,
    MicroTime => MicroTime,
    DateTime => DateTime,
    Duration => Duration,
    RawJson => Json,
    FieldsV1 => FieldsV1,
);

impl Field for CompactString {
    #[inline]
    fn as_slot(&mut self) -> Slot<'_> {
        Slot::Str(self)
    }

    #[inline]
    fn as_value(&self) -> Value<'_> {
        Value::Str(self)
    }

    #[inline]
    fn is_set(&self) -> bool {
        !self.is_empty()
    }

    #[inline]
    fn option_slot(option: &mut Option<Self>) -> Slot<'_> {
        Slot::OptStr(option)
    }

    #[inline]
    fn list_slot(list: &mut Vec<Self>) -> Slot<'_> {
        Slot::StrList(list)
    }

    #[inline]
    fn map_slot(map: &mut Map<Self>) -> Slot<'_> {
        Slot::StrMap(map)
    }

    #[inline]
    fn map_value(map: &Map<Self>) -> Value<'_> {
        Value::StrMap(map)
    }
}

impl<T: Field> Field for Box<T> {
    const NULLABLE: bool = T::NULLABLE;

    #[inline]
    fn as_slot(&mut self) -> Slot<'_> {
        (**self).as_slot()
    }

    #[inline]
    fn as_value(&self) -> Value<'_> {
        (**self).as_value()
    }

    #[inline]
    fn is_set(&self) -> bool {
        (**self).is_set()
    }
}

impl<T: Field + Default> Field for Option<T> {
    #[inline]
    fn as_slot(&mut self) -> Slot<'_> {
        T::option_slot(self)
    }

    #[inline]
    fn as_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Absent, Field::as_value)
    }

    #[inline]
    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl<T: Field + Default> OptionSlot for Option<T> {
    fn set_null(&mut self) {
        *self = None;
        if T::NULLABLE
            && let Slot::Option(inner) = self.get_or_insert_default().as_slot()
        {
            inner.set_null();
        }
    }

    fn clear(&mut self) {
        *self = None;
    }

    fn get_or_insert(&mut self) -> Slot<'_> {
        self.get_or_insert_default().as_slot()
    }
}

impl<T: Field + Default> Field for Nullable<T> {
    const NULLABLE: bool = true;

    fn as_slot(&mut self) -> Slot<'_> {
        Slot::Option(self)
    }

    fn as_value(&self) -> Value<'_> {
        match self {
            Nullable::Null => Value::Null,
            Nullable::Value(inner) => inner.as_value(),
        }
    }

    // Null is the default, and a value is none, however empty.
    fn is_set(&self) -> bool {
        matches!(self, Nullable::Value(_))
    }
}

impl<T: Field + Default> OptionSlot for Nullable<T> {
    fn set_null(&mut self) {
        *self = Nullable::Null;
    }

    fn clear(&mut self) {
        *self = Nullable::Null;
    }

    fn get_or_insert(&mut self) -> Slot<'_> {
        if let Nullable::Null = self {
            *self = Nullable::Value(T::default());
        }
        match self {
            Nullable::Value(inner) => inner.as_slot(),
            Nullable::Null => Slot::None,
        }
    }
}

impl<T: Field + Default> Field for Vec<T> {
    #[inline]
    fn as_slot(&mut self) -> Slot<'_> {
        T::list_slot(self)
    }

    #[inline]
    fn as_value(&self) -> Value<'_> {
        Value::List(self)
    }

    #[inline]
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

impl<T: Field + Default> ListSlot for Vec<T> {
    fn clear(&mut self) {
        self.clear();
    }

    fn reserve(&mut self, additional: usize) {
        if self.capacity() - self.len() < additional {
            // At least twofold, lest many short runs move what is there as many times.
            self.reserve_exact(additional.max(self.len()));
        }
    }

    fn push(&mut self) -> Slot<'_> {
        // By doubling from one on: left to itself, a list of a single container would reserve four.
        if self.len() == self.capacity() {
            self.reserve_exact(self.len().max(1));
        }
        self.push(T::default());
        match self.last_mut() {
            Some(item) => item.as_slot(),
            None => Slot::None,
        }
    }

    fn finish(&mut self) {
        self.shrink_to_fit();
    }

    fn pop(&mut self) {
        self.pop();
    }
}

impl<T: Field> ListValue for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Value<'_> {
        <[T]>::get(self, index).map_or(Value::Absent, Field::as_value)
    }
}

impl<T: Field + Default> Field for Map<T> {
    #[inline]
    fn as_slot(&mut self) -> Slot<'_> {
        T::map_slot(self)
    }

    #[inline]
    fn as_value(&self) -> Value<'_> {
        T::map_value(self)
    }

    #[inline]
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

impl<T: Field + Default> MapSlot for Map<T> {
    fn clear(&mut self) {
        self.clear();
    }

    fn reserve(&mut self, additional: usize) {
        self.make_room(additional);
    }

    fn insert(&mut self, key: CompactString) -> Slot<'_> {
        let place = self.entry(key).or_default();
        *place = T::default();
        place.as_slot()
    }

    fn finish(&mut self) {
        self.shrink_to_fit();
    }
}

impl<T: Field> MapValue for Map<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        self.get_index(index).map(|(key, value)| (key.as_str(), value.as_value()))
    }
}
