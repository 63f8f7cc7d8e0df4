//! The columns of custom resources, as their definitions have them.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns>

use jiff::Timestamp;
use kubewright_core::crd::JsonPath;
use serde_json::{Value, json};

use super::age;
use super::column::{CREATED, definition};

/// The columns of a definition behind the name.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    definitions: Vec<Value>,
    /// The type of each and where its value is.
    values: Vec<(String, JsonPath)>,
}

impl Columns {
    /// Reads the columns of a definition's version. Those behind a path that is malformed are left out, as by a real server.
    pub fn of(written: &[Value]) -> Self {
        if written.is_empty() {
            let age = json!({
                "name": "Age", "type": "date", "description": CREATED, "jsonPath": ".metadata.creationTimestamp",
            });
            return Self::of(&[age]);
        }
        let (mut definitions, mut values) = (Vec::new(), Vec::new());
        for column in written {
            let text = |name: &str| column[name].as_str().unwrap_or_default();
            let (kind, path) = (text("type"), text("jsonPath"));
            let Ok(found) = JsonPath::parse(path) else { break };
            values.push((kind.to_owned(), found));
            let description = match text("description") {
                "" => format!("Custom resource definition column (in JSONPath format): {path}"),
                description => description.to_owned(),
            };
            let priority = column["priority"].as_i64().unwrap_or(0);
            definitions.push(definition(text("name"), kind, text("format"), &description, priority));
        }
        Self { definitions, values }
    }

    /// `TableColumnDefinition`s.
    pub fn definitions(&self) -> &[Value] {
        &self.definitions
    }

    /// The cells of an object.
    pub fn cells(&self, object: &Value, now: Timestamp) -> Vec<Value> {
        let cell = |(kind, path): &(String, JsonPath)| match path.cell(kind, object) {
            None => Value::Null,
            Some(time) if kind == "date" => json!(match time.as_str() {
                Some("" | "null") => "<unknown>".to_owned(),
                _ => age::since(&time, now),
            }),
            Some(value) => value,
        };
        self.values.iter().map(cell).collect()
    }
}
