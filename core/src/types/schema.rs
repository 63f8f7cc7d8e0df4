//! JSON schemas of the types of fields, so that they can stand in types whose schema schemars makes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};

/// What the API server itself takes for a quantity.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

macro_rules! schemas {
    ($($ty:ident: $schema:expr;)*) => {$(
        impl JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($ty).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

schemas! {
    Base64: json_schema!({ "type": "string", "format": "byte" });
    ByteString: json_schema!({ "type": "string", "format": "byte" });
    DateTime: json_schema!({ "type": "string", "format": "date-time" });
    Duration: json_schema!({ "type": "string" });
    FieldsV1: json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    IntOrString: json_schema!({ "x-kubernetes-int-or-string": true });
    MicroTime: json_schema!({ "type": "string", "format": "date-time" });
    Number: json_schema!({ "type": "number" });
    Quantity: json_schema!({ "x-kubernetes-int-or-string": true, "pattern": QUANTITY });
    RawJson: json_schema!({ "x-kubernetes-preserve-unknown-fields": true });
    Time: json_schema!({ "type": "string", "format": "date-time" });
}

impl<T: JsonSchema> JsonSchema for Map<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Map_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Nullable_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Option<T> as JsonSchema>::json_schema(generator)
    }
}
