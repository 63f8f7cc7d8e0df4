//! Body of a delete request.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::JSON;

/// Body of a delete request with preconditions. A server ignores the query if there is a body, so the body has all
/// options.
pub(super) fn body(query: &[(String, String)], preconditions: &[(&'static str, String)]) -> (&'static str, Bytes) {
    let mut options = Map::new();
    for (name, value) in query {
        let value = match (name.as_str(), value.parse::<i64>(), value.parse::<bool>()) {
            ("dryRun", ..) => json!([value]),
            ("gracePeriodSeconds", Ok(number), _) => json!(number),
            (_, _, Ok(flag)) => json!(flag),
            _ => json!(value),
        };
        options.insert(name.clone(), value);
    }
    let preconditions =
        preconditions.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<Map<_, _>>();
    options.insert("kind".to_owned(), json!("DeleteOptions"));
    options.insert("apiVersion".to_owned(), json!("v1"));
    options.insert("preconditions".to_owned(), Value::Object(preconditions));
    (JSON, Value::Object(options).to_string().into())
}
