//! Objects in custom resources, where a schema says so.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#rawextension>

use serde_json::Value;

use super::fields::fit;
use crate::schema::Schema;

const EMBEDDED: &str = "x-kubernetes-embedded-resource";

/// Calls a function with each embedded object and its path, until it returns an error.
pub(crate) fn each<E>(
    value: &mut Value,
    schema: Schema<'_>,
    path: &str,
    call: &mut impl FnMut(&mut Value, &str) -> Result<(), E>,
) -> Result<(), E> {
    if value.is_object() && !path.is_empty() && schema.is(EMBEDDED) {
        call(value, path)?;
    }
    match value {
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            each(value, schema.field(name), &path, call)
        }),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| each(item, schema.item(), &format!("{path}[{index}]"), call)),
        _ => Ok(()),
    }
}

/// Reads what embedded objects say that they are, and their metadata, of which what no object has is left out.
///
/// # Errors
///
/// What Go says of one that can't be read.
pub(crate) fn read(object: &mut Value, schema: Schema<'_>, metadata_schema: Schema<'_>) -> Result<(), String> {
    each(object, schema, "", &mut |embedded, path| {
        for name in ["apiVersion", "kind"] {
            if let Some(value) = embedded.get(name).filter(|value| !value.is_string()) {
                return Err(format!("{path}.{name}: Invalid value: {value}: must be a string"));
            }
        }
        let Some(metadata) = embedded.get_mut("metadata") else { return Ok(()) };
        let sent = metadata.to_string();
        let why = match fit(metadata, metadata_schema).mistyped {
            None => return Ok(()),
            Some((place, expected, found)) => match place.split(['.', '[']).next().unwrap_or_default() {
                "" => format!("json: cannot unmarshal {found} into Go value of type v1.ObjectMeta"),
                field => {
                    format!("json: cannot unmarshal {found} into Go struct field ObjectMeta.{field} of type {expected}")
                }
            },
        };
        Err(format!("{path}.metadata: Invalid value: {sent}: {why}"))
    })
}
