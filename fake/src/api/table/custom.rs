//! The columns of custom resources, as their definitions have them.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns>

use jiff::Timestamp;
use kubewright_core::crd::JsonPath;
use serde_json::{Value, json};

use super::age;
use super::column::{CREATED, definition};
use crate::status::Status;

/// The columns of a definition behind the name.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    definitions: Vec<Value>,
    /// The type of each and where its value is. If there are none, the age is shown.
    values: Vec<(String, JsonPath)>,
}

impl Columns {
    /// Reads the columns of a definition's version.
    pub fn of(written: &[Value]) -> Result<Self, Status> {
        if written.is_empty() {
            return Ok(Self { definitions: vec![definition("Age", "date", "", CREATED, 0)], values: Vec::new() });
        }
        let (mut definitions, mut values) = (Vec::new(), Vec::new());
        for column in written {
            let text = |name: &str| column[name].as_str().unwrap_or_default();
            let (kind, path) = (text("type"), text("jsonPath"));
            let found = JsonPath::parse(path);
            values.push((
                kind.to_owned(),
                found.map_err(|error| Status::not_done(format_args!("a column of a table: {error}")))?,
            ));
            let description = match text("description") {
                "" => format!("Custom resource definition column (in JSONPath format): {path}"),
                description => description.to_owned(),
            };
            let priority = column["priority"].as_i64().unwrap_or(0);
            definitions.push(definition(text("name"), kind, text("format"), &description, priority));
        }
        Ok(Self { definitions, values })
    }

    /// `TableColumnDefinition`s.
    pub fn definitions(&self) -> &[Value] {
        &self.definitions
    }

    /// The cells of an object.
    pub fn cells(&self, object: &Value, now: Timestamp) -> Vec<Value> {
        if self.values.is_empty() {
            return vec![json!(age::since(&object["metadata"]["creationTimestamp"], now))];
        }
        let cell = |(kind, path): &(String, JsonPath)| {
            // Of several values, the first is shown.
            path.find(object).first().map_or(Value::Null, |value| shown(kind, value, now))
        };
        self.values.iter().map(cell).collect()
    }
}

/// A value in a column of a type; null if it is of another type.
fn shown(kind: &str, value: &Value, now: Timestamp) -> Value {
    match (kind, value) {
        ("string", Value::String(_)) | ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => value.clone(),
        ("string", Value::Null) => json!("<no value>"),
        ("string", other) => json!(other.to_string()),
        ("integer", Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => json!(whole),
            (None, Some(fraction)) => json!(fraction as i64),
            _ => Value::Null,
        },
        ("date", Value::String(_)) => json!(age::since(value, now)),
        _ => Value::Null,
    }
}
