//! A list of objects of one kind.

use crate::message::{Descriptor, Field, Message, MessageType, Slot, UnknownFields, Value, field};
use crate::meta::v1::ListMeta;

/// A list of objects of one kind, such as a `PodList`.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#collections>
#[derive(Clone)]
pub struct List<K> {
    /// The list's metadata: its resource version, and the continue token if there is a further page.
    pub metadata: ListMeta,
    /// The objects.
    pub items: Vec<K>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

impl<K> Default for List<K> {
    fn default() -> Self {
        Self { metadata: ListMeta::default(), items: Vec::new(), unknown_fields: UnknownFields::default() }
    }
}

impl<K> IntoIterator for List<K> {
    type Item = K;
    type IntoIter = std::vec::IntoIter<K>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, K> IntoIterator for &'a List<K> {
    type Item = &'a K;
    type IntoIter = std::slice::Iter<'a, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<K: MessageType> List<K> {
    const TABLE: Descriptor = Descriptor::new(
        "List",
        None,
        &[
            field("\"metadata\":").number(1).message(ListMeta::table),
            field("\"items\":").required().number(2).message(K::table).objects(),
        ],
    );
}

impl<K: MessageType> MessageType for List<K> {
    fn table() -> &'static Descriptor {
        &Self::TABLE
    }
}

impl<K: MessageType> Message for List<K> {
    fn descriptor(&self) -> &'static Descriptor {
        Self::table()
    }

    fn slot(&mut self, field: usize) -> Slot<'_> {
        match field {
            0 => self.metadata.as_slot(),
            1 => self.items.as_slot(),
            _ => Slot::None,
        }
    }

    fn value(&self, field: usize) -> Value<'_> {
        match field {
            0 => self.metadata.as_value(),
            1 => self.items.as_value(),
            _ => Value::Absent,
        }
    }

    fn unknown_fields(&self) -> &UnknownFields {
        &self.unknown_fields
    }

    fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
        &mut self.unknown_fields
    }
}

impl<K: MessageType> Field for List<K> {
    fn as_slot(&mut self) -> Slot<'_> {
        Slot::Message(self)
    }

    fn as_value(&self) -> Value<'_> {
        Value::Message(self)
    }
}

impl<K: MessageType> PartialEq for List<K> {
    fn eq(&self, other: &Self) -> bool {
        crate::reflect::equal(self, other)
    }
}

impl<K: MessageType> std::fmt::Debug for List<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::reflect::debug(self, f)
    }
}

impl<K: MessageType> serde::Serialize for List<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::reflect::serialize(self, serializer)
    }
}

impl<'de, K: MessageType> serde::Deserialize<'de> for List<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::reflect::deserialize(deserializer)
    }
}
