//! What checks find, field by field.

use serde_json::{Value, json};

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

    pub fn required(&mut self, field: impl Into<String>) {
        self.0.push(Cause::required(field, ""));
    }

    pub fn required_because(&mut self, field: impl Into<String>, why: &str) {
        self.0.push(Cause::required(field, why));
    }

    pub fn invalid(&mut self, field: impl Into<String>, value: &Value, why: &str) {
        self.0.push(Cause::invalid(field, value, why));
    }

    /// The same as `invalid` for a value that Go prints otherwise than JSON.
    pub fn invalid_text(&mut self, field: impl Into<String>, value: &str, why: &str) {
        let message = format!("Invalid value: {value}: {why}");
        self.0.push(Cause { reason: "FieldValueInvalid", message, field: field.into() });
    }

    /// A text with its problems, each on its own.
    pub fn problems(&mut self, field: &str, text: &str, problems: Vec<String>) {
        for problem in problems {
            self.invalid(field, &json!(text), &problem);
        }
    }

    pub fn forbidden(&mut self, field: impl Into<String>, why: &str) {
        self.0.push(Cause::forbidden(field, why));
    }

    pub fn duplicate(&mut self, field: impl Into<String>, value: &Value) {
        self.duplicate_text(field, &value.to_string());
    }

    /// The same for a value that Go prints otherwise than JSON.
    pub fn duplicate_text(&mut self, field: impl Into<String>, value: &str) {
        let message = format!("Duplicate value: {value}");
        self.0.push(Cause { reason: "FieldValueDuplicate", message, field: field.into() });
    }

    /// Data of more bytes than there may be.
    pub fn too_long(&mut self, field: impl Into<String>, limit: usize) {
        let message = format!("Too long: may not be more than {limit} bytes");
        self.0.push(Cause { reason: "FieldValueTooLong", message, field: field.into() });
    }

    /// A list of more items than there may be.
    pub fn too_many(&mut self, field: impl Into<String>, count: usize, limit: usize) {
        let message = format!("Too many: {count}: must have at most {limit} items");
        self.0.push(Cause { reason: "FieldValueTooMany", message, field: field.into() });
    }

    pub fn missing(&mut self, field: impl Into<String>, value: &Value) {
        let message = format!("Not found: {value}");
        self.0.push(Cause { reason: "FieldValueNotFound", message, field: field.into() });
    }

    pub fn missing_because(&mut self, field: impl Into<String>, value: &Value, why: &str) {
        let message = format!("Not found: {value}: {why}");
        self.0.push(Cause { reason: "FieldValueNotFound", message, field: field.into() });
    }

    pub fn not_supported(&mut self, field: impl Into<String>, value: &Value, supported: &[&str]) {
        self.not_supported_text(field, &value.to_string(), supported);
    }

    /// The same for a value that Go prints otherwise than JSON.
    pub fn not_supported_text(&mut self, field: impl Into<String>, value: &str, supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
        let message = format!("Unsupported value: {value}: supported values: {}", supported.join(", "));
        self.0.push(Cause { reason: "FieldValueNotSupported", message, field: field.into() });
    }

    /// A text that is one of a few, if it is there.
    pub fn one_of(&mut self, field: impl Into<String>, value: &Value, supported: &[&str]) {
        if value.as_str().is_some_and(|text| !supported.contains(&text)) {
            self.not_supported(field, value, supported);
        }
    }

    pub fn not_negative(&mut self, field: impl Into<String>, value: &Value) {
        if value.as_i64().is_some_and(|number| number < 0) {
            self.invalid(field, value, "must be greater than or equal to 0");
        }
    }

    pub fn immutable(&mut self, field: impl Into<String>, value: &Value, old: &Value) {
        if value != old {
            self.invalid(field, value, "field is immutable");
        }
    }

    /// A number of a port.
    pub fn port(&mut self, field: impl Into<String>, value: &Value) {
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
