//! Defaults that the documents give.

use serde_json::{Map, Value};

use crate::schema::Schema;

/// Brings a built-in object into the form in which Go writes it: structs that are no pointers are always there, and so are
/// required scalars; empty maps and lists that may be absent are.
pub(crate) fn as_go_writes(value: &mut Value, schema: Schema<'_>) {
    match value {
        // Nothing is known of what is in it.
        _ if schema.is_raw() => {}
        Value::Object(fields) => {
            for (name, property) in schema.written() {
                let is_missing = fields.get(name).is_none_or(Value::is_null);
                if is_missing && property.is_struct() {
                    fields.insert(name.to_owned(), Value::Object(Map::new()));
                } else if is_missing && is_written(schema, name) && property.kind() == Some("array") {
                    fields.insert(name.to_owned(), Value::Null);
                } else if let (true, Some(zero)) = (is_missing && !is_left_out(schema, name), property.zero()) {
                    // The empty text is a default of some fields that may be absent.
                    if *zero != "" || schema.requires(name) {
                        fields.insert(name.to_owned(), zero.clone());
                    }
                }
            }
            fields.retain(|name, value| {
                // Of most scalars, nothing has to be known.
                let is_empty = match value {
                    Value::Array(_) | Value::Object(_) => {
                        let field = schema.field(name);
                        as_go_writes(value, field);
                        match value {
                            Value::Array(list) => list.is_empty(),
                            Value::Object(fields) => fields.is_empty() && field.is_map(),
                            _ => false,
                        }
                    }
                    Value::Number(number) => number.as_i64() == Some(0) && is_left_out(schema, name),
                    _ => false,
                };
                !is_empty || schema.requires(name)
            });
        }
        Value::Array(list) => list.iter_mut().for_each(|item| as_go_writes(item, schema.item())),
        _ => {}
    }
}

/// Lists that have to be there by the documents, and that Go leaves out where they have no items; and zeros that it leaves out, although
/// the documents give them as defaults.
const LEFT_OUT: &[(&str, &str)] = &[
    ("io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec", "validationActions"),
    ("io.k8s.api.core.v1.ReplicationControllerSpec", "minReadySeconds"),
];

fn is_left_out(schema: Schema<'_>, name: &str) -> bool {
    LEFT_OUT.iter().any(|(known, field)| *field == name && schema.name() == Some(known))
}

/// Whether Go writes a list of a schema that has no items.
fn is_written(schema: Schema<'_>, name: &str) -> bool {
    schema.requires(name) && !is_left_out(schema, name)
}

/// Makes null of the required lists that have no items.
pub(crate) fn as_stored(value: &mut Value, schema: Schema<'_>) {
    // Most objects have none: nobody has to look for their schemas.
    if has_empty_list(value) {
        without_empty_lists(value, schema);
    }
}

fn has_empty_list(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(has_empty_list),
        Value::Array(list) => list.is_empty() || list.iter().any(has_empty_list),
        _ => false,
    }
}

fn without_empty_lists(value: &mut Value, schema: Schema<'_>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
                without_empty_lists(value, schema.field(name));
            }
        }
        Value::Array(list) if list.is_empty() && schema.kind() == Some("array") => *value = Value::Null,
        Value::Array(list) => list.iter_mut().for_each(|item| without_empty_lists(item, schema.item())),
        _ => {}
    }
}

/// Sets the defaults of fields that are absent, inside of what is present.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting>
pub(crate) fn set_defaults(value: &mut Value, schema: Schema<'_>) {
    match value {
        _ if !schema.has_defaults_below() => {}
        Value::Object(fields) => {
            for (name, property) in schema.defaulted() {
                let is_missing = match fields.get(name) {
                    None => true,
                    // Null gives way where it is no value.
                    Some(value) => value.is_null() && !property.is("nullable"),
                };
                if let (true, Some(default)) = (is_missing && !is_left_out(schema, name), property.default()) {
                    // The empty string of a required field is Go's zero, not a default.
                    if default != "" {
                        fields.insert(name.to_owned(), default.clone());
                    }
                }
            }
            for (name, value) in fields.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
                set_defaults(value, schema.field(name));
            }
        }
        Value::Array(list) => {
            for item in list {
                set_defaults(item, schema.item());
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn structs_are_there_and_empty_maps_and_lists_are_not() {
        let schema = json!({"type": "object", "required": ["rules"], "properties": {
            "data": {"type": "object", "additionalProperties": {"type": "string"}},
            "spec": {"type": "object", "default": {}, "properties": {
                "strategy": {"type": "object", "default": {}, "properties": {"type": {"type": "string"}}},
                "pointer": {"type": "object", "properties": {"a": {"type": "string"}}},
            }},
            "rules": {"type": "array", "items": {"type": "string"}},
            "more": {"type": "array", "items": {"type": "string"}},
        }});
        let mut value = json!({"data": {}, "rules": [], "more": [], "spec": {"pointer": {}}});
        as_go_writes(&mut value, Schema::of_document(&schema));
        assert_eq!(value, json!({"rules": [], "spec": {"pointer": {}, "strategy": {}}}));
    }

    #[test]
    fn defaults_are_set_inside_of_what_is_there_alone() {
        let schema = json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {
                "color": {"type": "string", "default": "red"},
                "kept": {"type": "string", "default": "x", "nullable": true},
                "inner": {"type": "object", "default": {"a": 1}, "properties": {"b": {"type": "integer", "default": 2}}},
                "list": {"type": "array", "items": {"type": "object", "properties": {"c": {"default": 3}}}},
            }},
            "empty": {"type": "object", "default": {}, "properties": {
                "inner": {"type": "object", "default": {}, "properties": {"d": {"type": "integer", "default": 4}}},
            }},
        }});
        let set = |mut value: Value| {
            set_defaults(&mut value, Schema::structural(&schema));
            value
        };
        let empty = json!({"inner": {"d": 4}});
        assert_eq!(set(json!({})), json!({"empty": empty}));
        assert_eq!(
            set(json!({"spec": {"kept": null, "color": null, "list": [{}]}})),
            json!({"spec": {"kept": null, "color": "red", "inner": {"a": 1, "b": 2}, "list": [{"c": 3}]}, "empty": empty})
        );
    }
}
