//! The fields of a kind's types: how each is written, and what is written where a required one is absent.

use serde_json::{Map, Value};

use crate::message::{Descriptor, FieldDesc, Message, Slot, Wire};
use crate::protobuf::encode::MAX_PATH;
use crate::reflect;

/// The types of a kind's objects. The first is the kind itself.
#[derive(Debug)]
pub(super) struct Types(Vec<Type>);

/// One of them, by its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeId(usize);

/// A type and its fields.
#[derive(Debug)]
pub(super) struct Type {
    table: &'static Descriptor,
    /// In the order of the table.
    pub(super) fields: Vec<Field>,
    /// Names of the fields in order, with their places.
    names: Vec<(Box<str>, usize)>,
    /// The required fields, in the order of the table.
    pub(super) required: Vec<usize>,
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Box<str>,
    pub(super) desc: &'static FieldDesc,
    pub(super) shape: Shape,
    pub(super) leaf: Leaf,
    /// Whether it may be absent: it is then written even if it is at its zero value.
    pub(super) is_optional: bool,
    /// The zero value of a required field.
    pub(super) default: Option<Value>,
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    List,
    Map,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf {
    Bool,
    I32,
    I64,
    F64,
    Text,
    Bytes,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Duration,
    Json,
    FieldsV1,
    Message(TypeId),
    /// Something that few types have: lists of lists, schemas that may be booleans.
    Other,
}

impl Types {
    /// Those of a kind, from an empty object.
    pub(super) fn of(message: &mut dyn Message) -> Self {
        let mut types = Types(Vec::new());
        types.add(message);
        types
    }

    pub(super) fn get(&self, id: TypeId) -> Option<&Type> {
        self.0.get(id.0)
    }

    /// That of the kind itself.
    pub(super) fn whole(&self) -> Option<&Type> {
        self.0.first()
    }

    /// Adds the type of an empty message and those in it.
    fn add(&mut self, message: &mut dyn Message) -> TypeId {
        let table = message.descriptor();
        if let Some(known) = self.0.iter().position(|known| std::ptr::eq(known.table, table)) {
            return TypeId(known);
        }
        let id = TypeId(self.0.len());
        let zeros = reflect::serialize(&*message, serde_json::value::Serializer);
        // First a place, since types may contain themselves.
        self.0.push(Type { table, fields: Vec::new(), names: Vec::new(), required: Vec::new() });
        let mut zeros = match zeros {
            Ok(Value::Object(zeros)) => zeros,
            _ => Map::new(),
        };
        let fields: Vec<Field> =
            table.fields.iter().enumerate().map(|(index, desc)| self.field(message, index, desc, &mut zeros)).collect();
        let mut names: Vec<_> = fields.iter().map(|field| field.name.clone()).zip(0..).collect();
        names.sort_unstable();
        let required =
            (0..).zip(&fields).filter(|(_, field)| field.default.is_some()).map(|(index, _)| index).collect();
        if let Some(place) = self.0.get_mut(id.0) {
            *place = Type { table, fields, names, required };
        }
        id
    }

    fn field(
        &mut self,
        message: &mut dyn Message,
        index: usize,
        desc: &'static FieldDesc,
        zeros: &mut Map<String, Value>,
    ) -> Field {
        let name = desc.json_name();
        let default = zeros.remove(&*name).filter(|_| desc.required);
        let (shape, leaf, is_optional) = self.form(message.slot(index));
        let is_plain = desc.number > 0
            && matches!(desc.wire, Wire::Plain | Wire::Within(_))
            && desc.path().len() <= MAX_PATH
            && !desc.items_are_objects
            && !desc.explicit;
        let leaf = if is_plain { leaf } else { Leaf::Other };
        Field { name: name.into(), desc, shape, leaf, is_optional, default }
    }

    /// The form of what is in a slot, and whether it may be absent.
    fn form(&mut self, slot: Slot<'_>) -> (Shape, Leaf, bool) {
        let leaf = match slot {
            Slot::Option(option) => {
                let (shape, leaf, is_optional) = self.form(option.get_or_insert());
                // An option in an option is one that tells null from absent.
                let is_plain = !is_optional && shape == Shape::One;
                return (shape, if is_plain { leaf } else { Leaf::Other }, true);
            }
            Slot::OptStr(_) => return (Shape::One, Leaf::Text, true),
            Slot::StrList(_) => return (Shape::List, Leaf::Text, false),
            Slot::StrMap(_) => return (Shape::Map, Leaf::Text, false),
            Slot::List(list) => return (Shape::List, self.inner(list.push()), false),
            Slot::Map(map) => return (Shape::Map, self.inner(map.insert("".into())), false),
            Slot::Bool(_) => Leaf::Bool,
            Slot::I32(_) => Leaf::I32,
            Slot::I64(_) => Leaf::I64,
            Slot::F64(_) => Leaf::F64,
            Slot::Str(_) | Slot::Enum(_) => Leaf::Text,
            Slot::Bytes(_) => Leaf::Bytes,
            Slot::Quantity(_) => Leaf::Quantity,
            Slot::IntOrString(_) => Leaf::IntOrString,
            Slot::Time(_) => Leaf::Time,
            Slot::MicroTime(_) => Leaf::MicroTime,
            Slot::Duration(_) => Leaf::Duration,
            Slot::Json(_) => Leaf::Json,
            Slot::FieldsV1(_) => Leaf::FieldsV1,
            Slot::Message(message) => Leaf::Message(self.add(message)),
            Slot::None | Slot::Number(_) | Slot::Base64(_) | Slot::DateTime(_) | Slot::Serde(_) => Leaf::Other,
        };
        (Shape::One, leaf, false)
    }

    /// What an item of a list or a value of a map is.
    fn inner(&mut self, slot: Slot<'_>) -> Leaf {
        match self.form(slot) {
            (Shape::One, leaf, false) => leaf,
            _ => Leaf::Other,
        }
    }
}

impl Type {
    /// Calls a function with the place and the value of each field of an object, and with each field that the type has
    /// not: `None`.
    pub(super) fn each<'a>(
        &self,
        object: &'a Map<String, Value>,
        mut call: impl FnMut(Option<usize>, &'a str, &'a Value) -> Option<()>,
    ) -> Option<()> {
        // Both are in the order of names.
        let mut rest = self.names.iter();
        let mut next = rest.next();
        for (name, value) in object {
            while next.is_some_and(|(known, _)| **known < **name) {
                next = rest.next();
            }
            let place = next.filter(|(known, _)| **known == **name).map(|(_, place)| *place);
            call(place, name, value)?;
        }
        Some(())
    }

    /// Whether a field that the type has not is what an object inside another one need not say: of which kind it is.
    pub(super) fn is_implied(&self, name: &str, value: &Value) -> bool {
        let (Some(gvk), Some(text)) = (self.table.gvk, value.as_str()) else { return false };
        match name {
            "apiVersion" => gvk.is_api_version(text),
            "kind" => text == gvk.kind,
            _ => false,
        }
    }
}
