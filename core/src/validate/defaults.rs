//! Defaults, which the API server sets before it validates.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable>

use serde_json::Value as Json;

use super::node::Node;

/// Removes nulls where null is no value and there is no default.
pub fn drop_nulls(value: &mut Json, node: &Node) {
    match value {
        Json::Object(fields) => {
            let is_dropped = |node: &Node| !node.nullable && node.default.is_none();
            fields.retain(|name, value| !(value.is_null() && node.field(name).is_some_and(|node| is_dropped(node))));
            for (name, value) in fields {
                if let Some(node) = node.field(name) {
                    drop_nulls(value, node);
                }
            }
        }
        Json::Array(items) => {
            if let Some(node) = &node.items {
                items.iter_mut().for_each(|item| drop_nulls(item, node));
            }
        }
        _ => {}
    }
}

/// Sets what is absent, or null where null is no value, and has a default.
pub fn set(value: &mut Json, node: &Node) {
    let replace = |value: &mut Json, node: &Node| {
        if let (true, false, Some(default)) = (value.is_null(), node.nullable, &node.default) {
            *value = default.clone();
        }
    };
    match value {
        Json::Object(fields) => {
            for (name, node) in &node.properties {
                if let Some(default) = node.default.as_ref().filter(|default| !default.is_null()) {
                    fields.entry(name.as_str()).or_insert_with(|| default.clone());
                }
            }
            for (name, value) in fields {
                if let Some(node) = node.field(name) {
                    replace(value, node);
                    set(value, node);
                }
            }
        }
        Json::Array(items) => {
            if let Some(node) = &node.items {
                for item in items {
                    replace(item, node);
                    set(item, node);
                }
            }
        }
        _ => {}
    }
}
