//! The table of `defaults/v1.37.json`: by schema and field, what a real server sets whenever the field is absent.
//!
//! `tests/tests/fake_defaults.rs` makes it, and checks that it is what a server of today sets.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

static TABLE: LazyLock<HashMap<String, Map<String, Value>>> = LazyLock::new(|| {
    // What is built in was written as JSON by the test.
    let mut table: Value = serde_json::from_str(include_str!("../../../defaults/v1.37.json")).unwrap_or_default();
    let Value::Object(defaults) = table["defaults"].take() else { return HashMap::new() };
    let of_schema = |(name, fields)| match fields {
        Value::Object(fields) => Some((name, fields)),
        _ => None,
    };
    defaults.into_iter().filter_map(of_schema).collect()
});

/// The defaults of a schema, such as `core.v1.Probe`, by field.
pub(super) fn of(schema: &str) -> Option<&'static Map<String, Value>> {
    TABLE.get(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_there() {
        assert_eq!(of("core.v1.Probe").and_then(|probe| probe.get("periodSeconds")), Some(&Value::from(10)));
        assert!(of("core.v1.Bogus").is_none());
    }
}
