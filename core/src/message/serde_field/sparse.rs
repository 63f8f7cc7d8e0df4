//! A value as JSON, as `serde_json::to_value` gives it, without the members that are `None`.
//!
//! `None` stands for a field that is not there, whether or not its type says `skip_serializing_if`: a null would be sent,
//! and in server-side apply be owned. A null that is meant is a [`Nullable`](crate::types::Nullable) or `Some(None)`.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};

use super::SerdeError;

pub(super) fn to_json(value: &(impl Serialize + ?Sized)) -> Result<Json, SerdeError> {
    value.serialize(Sparse).map(|written| written.json)
}

/// A value, and whether it is an `Option` without one.
struct Written {
    json: Json,
    none: bool,
}

impl From<Json> for Written {
    fn from(json: Json) -> Self {
        Written { json, none: false }
    }
}

impl ser::Error for SerdeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        SerdeError(message.to_string())
    }
}

fn finite(value: f64) -> Result<Written, SerdeError> {
    let number = Number::from_f64(value).ok_or_else(|| SerdeError("JSON has no place for infinity or NaN".into()))?;
    Ok(Json::Number(number).into())
}

fn large<T: TryInto<i64> + TryInto<u64> + Copy>(value: T) -> Result<Written, SerdeError> {
    let signed = TryInto::<i64>::try_into(value).map(Json::from);
    let number = signed.or_else(|_| TryInto::<u64>::try_into(value).map(Json::from));
    number.map(Written::from).map_err(|_| SerdeError("an integer beyond 64 bits".into()))
}

struct Sparse;

impl Serializer for Sparse {
    type Ok = Written;
    type Error = SerdeError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Object;
    type SerializeStruct = Object;
    type SerializeStructVariant = Object;

    fn serialize_bool(self, value: bool) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_i8(self, value: i8) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_i16(self, value: i16) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_i32(self, value: i32) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_i64(self, value: i64) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_i128(self, value: i128) -> Result<Written, SerdeError> {
        large(value)
    }

    fn serialize_u8(self, value: u8) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_u16(self, value: u16) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_u32(self, value: u32) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_u64(self, value: u64) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_u128(self, value: u128) -> Result<Written, SerdeError> {
        large(value)
    }

    /// By its shortest decimal, as in text: 0.1 is not 0.10000000149011612.
    fn serialize_f32(self, value: f32) -> Result<Written, SerdeError> {
        finite(value.to_string().parse().unwrap_or(f64::from(value)))
    }

    fn serialize_f64(self, value: f64) -> Result<Written, SerdeError> {
        finite(value)
    }

    fn serialize_char(self, value: char) -> Result<Written, SerdeError> {
        Ok(Json::from(value.to_string()).into())
    }

    fn serialize_str(self, value: &str) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Written, SerdeError> {
        Ok(Json::from(value).into())
    }

    fn serialize_none(self) -> Result<Written, SerdeError> {
        Ok(Written { json: Json::Null, none: true })
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Written, SerdeError> {
        Ok(value.serialize(Sparse)?.json.into())
    }

    fn serialize_unit(self) -> Result<Written, SerdeError> {
        Ok(Json::Null.into())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Written, SerdeError> {
        Ok(Json::Null.into())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Written, SerdeError> {
        Ok(Json::from(variant).into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Written, SerdeError> {
        value.serialize(Sparse)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Written, SerdeError> {
        Ok(under(variant, to_json(value)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, SerdeError> {
        Ok(List { items: Vec::with_capacity(len.unwrap_or_default().min(1 << 10)), variant: None })
    }

    fn serialize_tuple(self, len: usize) -> Result<List, SerdeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<List, SerdeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<List, SerdeError> {
        Ok(List { variant: Some(variant), ..self.serialize_seq(Some(len))? })
    }

    /// A map tells how long it is; a struct with something flattened into it, which comes as a map, does not.
    fn serialize_map(self, len: Option<usize>) -> Result<Object, SerdeError> {
        Ok(Object { keeps_none: len.is_some(), ..Object::default() })
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Object, SerdeError> {
        Ok(Object { raw: name == RAW_VALUE, ..Object::default() })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Object, SerdeError> {
        Ok(Object { variant: Some(variant), ..Object::default() })
    }
}

/// The name by which `serde_json::value::RawValue` hands over its text, as its only member.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

fn under(variant: &str, json: Json) -> Written {
    Json::Object(Map::from_iter([(variant.to_owned(), json)])).into()
}

struct List {
    items: Vec<Json>,
    variant: Option<&'static str>,
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
        self.items.push(to_json(value)?);
        Ok(())
    }

    fn finish(self) -> Result<Written, SerdeError> {
        let json = Json::Array(self.items);
        Ok(match self.variant {
            Some(variant) => under(variant, json),
            None => json.into(),
        })
    }
}

/// Implements serde's traits of lists, which are alike but for the name of a method.
macro_rules! lists {
    ($($trait:ident::$method:ident),*) => {$(
        impl ser::$trait for List {
            type Ok = Written;
            type Error = SerdeError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
                self.push(value)
            }

            fn end(self) -> Result<Written, SerdeError> {
                self.finish()
            }
        }
    )*};
}
lists!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

#[derive(Default)]
struct Object {
    members: Map<String, Json>,
    variant: Option<&'static str>,
    key: Option<String>,
    /// It is a map: a value that is `None` is a null, since its key says that it is there.
    keeps_none: bool,
    /// It stands for the JSON text that is its only member.
    raw: bool,
}

impl Object {
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), SerdeError> {
        let written = value.serialize(Sparse)?;
        if !written.none || self.keeps_none {
            self.members.insert(key.to_owned(), written.json);
        }
        Ok(())
    }

    fn finish(self) -> Result<Written, SerdeError> {
        if self.raw {
            let text = self.members.values().next().and_then(Json::as_str).unwrap_or("null");
            let json = serde_json::from_str::<Json>(text).map_err(|_| SerdeError("raw text that is no JSON".into()))?;
            return Ok(json.into());
        }
        let json = Json::Object(self.members);
        Ok(match self.variant {
            Some(variant) => under(variant, json),
            None => json.into(),
        })
    }
}

impl ser::SerializeMap for Object {
    type Ok = Written;
    type Error = SerdeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerdeError> {
        self.key = Some(match to_json(key)? {
            Json::String(text) => text,
            Json::Number(number) => number.to_string(),
            Json::Bool(value) => value.to_string(),
            _ => return Err(SerdeError("a key that is no string".into())),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
        let key = self.key.take().ok_or_else(|| SerdeError("a value without a key".into()))?;
        self.put(&key, value)
    }

    fn end(self) -> Result<Written, SerdeError> {
        self.finish()
    }
}

impl ser::SerializeStruct for Object {
    type Ok = Written;
    type Error = SerdeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerdeError> {
        self.put(key, value)
    }

    fn end(self) -> Result<Written, SerdeError> {
        self.finish()
    }
}

impl ser::SerializeStructVariant for Object {
    type Ok = Written;
    type Error = SerdeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerdeError> {
        self.put(key, value)
    }

    fn end(self) -> Result<Written, SerdeError> {
        self.finish()
    }
}
