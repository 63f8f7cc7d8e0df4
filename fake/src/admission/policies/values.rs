//! Objects as values of CEL: as their JSON says, of built-in kinds too. So times are texts.

use cel::Value as Cel;
use kubewright_core::validate::expression;
use serde_json::Value;

use crate::catalog::Resource;

/// An object of a resource; null if there is none.
pub(super) fn object(object: Option<&Value>, resource: &Resource) -> Cel {
    match object {
        None => Cel::Null,
        Some(object) if resource.custom().is_some() => expression::of_json(object),
        Some(object) => {
            let mut object = object.clone();
            remove_nulls(&mut object);
            expression::of_json(&object)
        }
    }
}

/// In Go, a null of a time or a list is an absent one.
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}
