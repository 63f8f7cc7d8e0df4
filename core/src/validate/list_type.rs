//! Items of sets and keys of list maps, which are unique.
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::error::{FieldError, Reason};
use super::node::{ListType, Node};
use super::{path, text};

/// Finds what is there twice.
pub fn check(node: &Node, value: &Json, at: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                if let Some((node, at)) = node.field_at(name, at) {
                    errors.extend(check(node, value, &at));
                }
            }
        }
        Json::Array(items) => {
            match &node.list_type {
                ListType::Atomic => {}
                ListType::Set => errors.extend(duplicates(items, at)),
                ListType::Map(keys) => errors.extend(keyed(items, keys, at)),
            }
            if let Some(node) = &node.items {
                for (index, item) in items.iter().enumerate() {
                    errors.extend(check(node, item, &path::item(at, index)));
                }
            }
        }
        _ => {}
    }
    errors
}

/// The second of each value that is there more than once.
fn duplicates(items: &[Json], at: &str) -> Vec<FieldError> {
    let mut times: HashMap<&Json, usize> = HashMap::new();
    let is_second = |index: &usize| {
        let times = times.entry(&items[*index]).or_default();
        *times += 1;
        *times == 2
    };
    let error = |index: usize| FieldError {
        field: path::item(at, index),
        reason: Reason::Duplicate,
        message: format!("Duplicate value: {}", text::value(&items[index], false)),
    };
    (0..items.len()).filter(is_second).map(error).collect()
}

fn keyed(items: &[Json], keys: &[String], at: &str) -> Vec<FieldError> {
    if let Some((index, item)) = items.iter().enumerate().find(|(_, item)| !item.is_object() && !item.is_null()) {
        let value = text::value(item, false);
        return vec![FieldError {
            field: path::item(at, index),
            reason: Reason::Invalid,
            message: format!("Invalid value: {value}: must be an object for an array of list-type map"),
        }];
    }
    let key = |item: &Json| {
        let own = keys.iter().filter_map(|key| Some((key.clone(), item.get(key)?.clone())));
        Json::Object(own.collect::<Map<_, _>>())
    };
    duplicates(&items.iter().map(key).collect::<Vec<_>>(), at)
}
