//! How large an object may be that is stored: as large as etcd takes, by default.
//!
//! <https://etcd.io/docs/latest/dev-guide/limit/>

use serde_json::Value;

use super::answer::encode;
use super::negotiate::Encoding;
use crate::catalog::Resource;
use crate::status::Status;

/// The largest request that etcd takes, and the largest that its client sends, in bytes.
const MOST: usize = 3 << 19;
const MOST_SENT: usize = 2 << 20;

/// What a request has beside the object: its key, three times, and the conditions of the write. Some hundred bytes, by the names.
const BESIDE: usize = 512;

/// Refuses an object that is too large to be stored. Custom resources are stored as JSON, all others as protobuf.
pub(super) fn check(object: &Value, resource: &Resource) -> Result<(), Status> {
    if at_most(object) + BESIDE <= MOST {
        return Ok(());
    }
    let encoding = if resource.custom().is_some() { Encoding::Json } else { Encoding::Protobuf };
    match encode(object, encoding)?.len() + BESIDE {
        size if size > MOST_SENT => Err(Status::unexplained(format!(
            "rpc error: code = ResourceExhausted desc = trying to send message larger than max ({size} vs. {MOST_SENT})"
        ))),
        size if size > MOST => Err(Status::unexplained("etcdserver: request is too large")),
        _ => Ok(()),
    }
}

/// A size that no encoding of a value exceeds: only what may be too large has to be encoded to know.
fn at_most(value: &Value) -> usize {
    /// A letter that is escaped in JSON.
    const LETTER: usize = 6;
    /// A number, or what stands around a value.
    const NUMBER: usize = 32;
    match value {
        Value::String(text) => NUMBER + text.len() * LETTER,
        Value::Array(items) => NUMBER + items.iter().map(at_most).sum::<usize>(),
        Value::Object(fields) => {
            NUMBER + fields.iter().map(|(name, value)| name.len() * LETTER + at_most(value)).sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => NUMBER,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_value_is_larger_than_is_said() {
        for value in [json!({}), json!({ "\u{1}": ["\u{1}\u{1}", 1.5e300, null, { "a": true }] }), json!("ü\"\\")] {
            assert!(value.to_string().len() <= at_most(&value), "{value}");
        }
    }
}
