//! Quantities that are numbers with an exponent in JSON, of which a server reads the text: `1e3` is not `1k`.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::schema::Schema;

/// Puts the text of such numbers in place of their values, in an object that was read from JSON.
pub(crate) fn keep(object: &mut Value, text: &[u8], schema: Schema<'_>) {
    if let Some(text) = text_with_exponents(text) {
        put(object, text, schema);
    }
}

/// The same in the values of a JSON patch.
pub(crate) fn keep_in_operations(patch: &mut Value, text: &[u8], schema: Schema<'_>) {
    #[derive(Deserialize)]
    struct Operation<'t> {
        #[serde(borrow)]
        value: Option<&'t RawValue>,
    }
    let Some(text) = text_with_exponents(text) else { return };
    let read: Vec<Operation<'_>> = serde_json::from_str(text).unwrap_or_default();
    for (operation, read) in patch.as_array_mut().into_iter().flatten().zip(read) {
        let parts = operation["path"].as_str().unwrap_or_default().split('/').skip(1);
        let schema = parts.fold(schema, |schema, part| match schema.kind() {
            Some("array") => schema.item(),
            _ => schema.field(&part.replace("~1", "/").replace("~0", "~")),
        });
        if let (Some(value), Some(read)) = (operation.get_mut("value"), read.value) {
            put(value, read.get(), schema);
        }
    }
}

/// The text, if there may be any: hardly any body has some.
fn text_with_exponents(text: &[u8]) -> Option<&str> {
    let has_some = text.windows(2).any(|pair| pair[0].is_ascii_digit() && matches!(pair[1], b'e' | b'E'));
    std::str::from_utf8(text).ok().filter(|_| has_some)
}

fn put(value: &mut Value, text: &str, schema: Schema<'_>) {
    if !schema.has_forms_below() {
        return;
    }
    match value {
        Value::Number(_) if schema.is_quantity() && text.contains(['e', 'E']) => *value = Value::from(text),
        Value::Object(fields) => {
            let mut read: HashMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
            for (name, value) in fields {
                if let Some(text) = read.remove(name) {
                    put(value, text.get(), schema.field(name));
                }
            }
        }
        Value::Array(items) => {
            let read: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            for (item, text) in items.iter_mut().zip(read) {
                put(item, text.get(), schema.item());
            }
        }
        _ => {}
    }
}
