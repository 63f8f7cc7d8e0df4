//! JSON schemas of types that have a table, so that they can stand in types whose schema schemars makes.

use schemars::Schema;
use serde_json::{Map as JsonMap, Value as Json, json};

use crate::message::{Descriptor, FieldDesc, ListType, Message, Slot, Value};
use crate::types::{Quantity, RawJson};

/// The schema of a message, of which an empty one is given.
///
/// What the table does not say an empty message does: which type a field has shows in its place. Lists have the list
/// types of the documents, as far as a CRD may have them: the keys of a list's items must be required. A type that holds
/// itself is any object from there on.
pub fn schema(message: &mut dyn Message) -> Schema {
    let mut schema = JsonMap::new();
    schema.insert("type".into(), "object".into());
    object(message, &mut schema, &mut Vec::new());
    schema.into()
}

fn object(message: &mut dyn Message, schema: &mut JsonMap<String, Json>, open: &mut Vec<*const Descriptor>) {
    let table = message.descriptor();
    if open.contains(&std::ptr::from_ref(table)) {
        schema.insert("x-kubernetes-preserve-unknown-fields".into(), true.into());
        return;
    }
    open.push(table);
    let mut properties = JsonMap::new();
    let mut required: Vec<Json> = Vec::new();
    for (index, field) in table.fields.iter().enumerate() {
        let name = field.json_name().into_owned();
        if let Slot::Option(place) = message.slot(index) {
            place.set_null();
        }
        let nullable = matches!(message.value(index), Value::Null);
        let mut property = place(message.slot(index), open);
        if nullable {
            property["nullable"] = true.into();
        }
        list_type(&mut property, field);
        if field.required {
            required.push(name.as_str().into());
        }
        properties.insert(name, property);
    }
    if table.gvk.is_some() {
        // What is known of the metadata of an embedded object the server knows itself.
        properties.insert("metadata".into(), json!({ "type": "object" }));
        properties.insert("apiVersion".into(), json!({ "type": "string" }));
        properties.insert("kind".into(), json!({ "type": "string" }));
        required.extend(["apiVersion".into(), "kind".into()]);
        schema.insert("x-kubernetes-embedded-resource".into(), true.into());
    }
    if !properties.is_empty() {
        schema.insert("properties".into(), properties.into());
    }
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    open.pop();
}

fn place(slot: Slot<'_>, open: &mut Vec<*const Descriptor>) -> Json {
    match slot {
        Slot::Bool(_) => json!({ "type": "boolean" }),
        Slot::I32(_) => json!({ "type": "integer", "format": "int32" }),
        Slot::I64(_) => json!({ "type": "integer", "format": "int64" }),
        Slot::F64(_) => json!({ "type": "number", "format": "double" }),
        Slot::Number(_) => json!({ "type": "number" }),
        Slot::Str(_) | Slot::OptStr(_) | Slot::Enum(_) | Slot::Duration(_) => json!({ "type": "string" }),
        Slot::Bytes(_) | Slot::Base64(_) => json!({ "type": "string", "format": "byte" }),
        Slot::Quantity(_) => of::<Quantity>(),
        Slot::IntOrString(_) => json!({ "x-kubernetes-int-or-string": true }),
        Slot::Time(_) | Slot::MicroTime(_) | Slot::DateTime(_) => json!({ "type": "string", "format": "date-time" }),
        Slot::FieldsV1(_) => json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true }),
        Slot::Json(_) | Slot::None | Slot::Serde(_) => of::<RawJson>(),
        Slot::Message(message) => {
            let mut schema = JsonMap::new();
            schema.insert("type".into(), "object".into());
            object(message, &mut schema, open);
            schema.into()
        }
        Slot::Option(inner) => place(inner.get_or_insert(), open),
        Slot::List(list) => json!({ "type": "array", "items": place(list.push(), open) }),
        Slot::StrList(_) => json!({ "type": "array", "items": { "type": "string" } }),
        Slot::Map(map) => {
            json!({ "type": "object", "additionalProperties": place(map.insert("key".into()), open) })
        }
        Slot::StrMap(_) => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
    }
}

fn of<T: schemars::JsonSchema>() -> Json {
    T::json_schema(&mut schemars::SchemaGenerator::default()).to_value()
}

fn list_type(schema: &mut Json, field: &FieldDesc) {
    let list = schema["type"] == "array";
    let required =
        |key: &&&str| schema["items"]["required"].as_array().is_some_and(|all| all.iter().any(|name| name == **key));
    let (key, value) = match field.list {
        ListType::Atomic if list => ("x-kubernetes-list-type", "atomic"),
        ListType::Atomic if schema["type"] == "object" => ("x-kubernetes-map-type", "atomic"),
        ListType::Set if list && schema["items"]["type"] != "object" => ("x-kubernetes-list-type", "set"),
        ListType::Map(keys) if list && keys.iter().filter(required).count() == keys.len() => {
            schema["x-kubernetes-list-map-keys"] = json!(keys);
            ("x-kubernetes-list-type", "map")
        }
        _ => return,
    };
    schema[key] = value.into();
}
