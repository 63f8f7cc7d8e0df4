//! What checks find, field by field.

use std::fmt::Display;

use serde_json::{Value, json};

use crate::quoted::{in_json, quoted, shown};
use crate::status::Cause;

/// The causes that were found so far, in order.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Cause>);

impl Findings {
    /// The causes, each once: the API server finds some twice.
    pub fn into_causes(self) -> Vec<Cause> {
        let mut causes: Vec<Cause> = Vec::new();
        for cause in self.0 {
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        causes
    }

    /// Puts those of a field behind the others: the API server finds them last.
    pub fn put_last(&mut self, field: &str) {
        let (last, mut others): (Vec<Cause>, Vec<Cause>) = self.0.drain(..).partition(|cause| cause.field == field);
        others.extend(last);
        self.0 = others;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn push(&mut self, cause: Cause) {
        self.0.push(cause);
    }

    /// Adds what others found.
    pub fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub fn required(&mut self, field: impl Display) {
        self.0.push(Cause::required(field.to_string(), ""));
    }

    pub fn required_because(&mut self, field: impl Display, why: &str) {
        self.0.push(Cause::required(field.to_string(), why));
    }

    pub fn invalid(&mut self, field: impl Display, value: &Value, why: &str) {
        self.0.push(Cause::invalid(field.to_string(), value, why));
    }

    /// The same as `invalid` for a value that Go prints otherwise than JSON.
    pub fn invalid_text(&mut self, field: impl Display, value: &str, why: &str) {
        let message = format!("Invalid value: {value}: {why}");
        self.0.push(Cause { reason: "FieldValueInvalid", message, field: field.to_string() });
    }

    /// A text with its problems, each on its own.
    pub fn problems(&mut self, field: impl Display, text: &str, problems: Vec<String>) {
        for problem in problems {
            self.invalid(&field, &json!(text), &problem);
        }
    }

    pub fn forbidden(&mut self, field: impl Display, why: &str) {
        self.0.push(Cause::forbidden(field.to_string(), why));
    }

    pub fn duplicate(&mut self, field: impl Display, value: &Value) {
        self.duplicate_text(field, &shown(value));
    }

    /// The same for a value that Go prints otherwise than JSON.
    pub fn duplicate_text(&mut self, field: impl Display, value: &str) {
        let message = format!("Duplicate value: {value}");
        self.0.push(Cause { reason: "FieldValueDuplicate", message, field: field.to_string() });
    }

    /// Data of more bytes than there may be.
    pub fn too_long(&mut self, field: impl Display, limit: usize) {
        let message = format!("Too long: may not be more than {limit} bytes");
        self.0.push(Cause { reason: "FieldValueTooLong", message, field: field.to_string() });
    }

    /// A list of more items than there may be.
    pub fn too_many(&mut self, field: impl Display, count: usize, limit: usize) {
        let message = format!("Too many: {count}: must have at most {limit} items");
        self.0.push(Cause { reason: "FieldValueTooMany", message, field: field.to_string() });
    }

    pub fn missing(&mut self, field: impl Display, value: &Value) {
        let message = format!("Not found: {}", shown(value));
        self.0.push(Cause { reason: "FieldValueNotFound", message, field: field.to_string() });
    }

    pub fn missing_because(&mut self, field: impl Display, value: &Value, why: &str) {
        let message = format!("Not found: {}: {why}", shown(value));
        self.0.push(Cause { reason: "FieldValueNotFound", message, field: field.to_string() });
    }

    pub fn not_supported(&mut self, field: impl Display, value: &Value, supported: &[&str]) {
        self.not_supported_text(field, &in_json(value), supported);
    }

    /// The same for a value that Go prints otherwise than JSON.
    pub fn not_supported_text(&mut self, field: impl Display, value: &str, supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|value| format!("{}", quoted(value))).collect();
        let message = format!("Unsupported value: {value}: supported values: {}", supported.join(", "));
        self.0.push(Cause { reason: "FieldValueNotSupported", message, field: field.to_string() });
    }

    /// A text that is one of a few, if it is there.
    pub fn one_of(&mut self, field: impl Display, value: &Value, supported: &[&str]) {
        if value.as_str().is_some_and(|text| !supported.contains(&text)) {
            self.not_supported(field, value, supported);
        }
    }

    pub fn not_negative(&mut self, field: impl Display, value: &Value) {
        if value.as_i64().is_some_and(|number| number < 0) {
            self.invalid(field, value, "must be greater than or equal to 0");
        }
    }

    pub fn immutable(&mut self, field: impl Display, value: &Value, old: &Value) {
        if value != old {
            self.invalid(field, value, "field is immutable");
        }
    }

    /// A number of a port.
    pub fn port(&mut self, field: impl Display, value: &Value) {
        if !value.as_i64().is_some_and(|number| (1..=65535).contains(&number)) {
            self.invalid(field, value, "must be between 1 and 65535, inclusive");
        }
    }
}

/// The items of a list; none if it is absent.
pub(super) fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text; empty if it is absent.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
