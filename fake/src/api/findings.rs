//! What strict decoding finds in the body of a write, and what is done about it.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>

use serde_json::Value;

use super::begin::Sight;
use super::codecs;
use super::negotiate::Encoding;
use super::received::Validation;
use super::write::Writing;
use crate::status::Status;
use crate::strict;

/// What comes before the findings in YAML, and before each of them.
const START: &str = "yaml: unmarshal errors:";
const LINE: &str = "\n  ";

/// How the object of a request was sent.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub encoding: Encoding,
    /// Whether its JSON has a key twice.
    pub is_doubled: bool,
    /// Whether it was read as a value of its kind's type: it has the fields of that alone, with values of their types, and no nulls.
    pub is_typed: bool,
}

impl Sent {
    pub fn new(encoding: Encoding, body: &[u8], object: &Value) -> Self {
        Self {
            encoding,
            is_doubled: encoding == Encoding::Json && strict::has_duplicates(body, object),
            is_typed: encoding == Encoding::Protobuf && codecs::is_plain(body) && !has_null(object),
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

impl<S: Sight> Writing<'_, S> {
    /// What is found in an object that was sent, of which fields are unknown.
    pub fn found_in_object(&self, sent: Sent, unknown: &[String]) -> Vec<String> {
        let body = &self.call.body;
        let is_custom = self.resource.custom().is_some();
        if sent.encoding == Encoding::Json && !is_custom && (sent.is_doubled || !unknown.is_empty()) {
            return strict::in_object(body, self.resource.schema());
        }
        let mut found = match sent.encoding {
            Encoding::Json if sent.is_doubled => strict::duplicates(body),
            Encoding::Yaml => found_in_yaml(body).into_iter().collect(),
            _ => Vec::new(),
        };
        found.extend(self.unknown_fields(unknown));
        found
    }

    /// What is found in a patch that is none of apply.
    pub fn found_in_patch(&self, patch: &Value) -> Vec<String> {
        match self.media_type() {
            "application/json-patch+json" => strict::in_json_patch(&self.call.body),
            _ if strict::has_duplicates(&self.call.body, patch) => strict::duplicates(&self.call.body),
            _ => Vec::new(),
        }
    }

    /// What is said of unknown fields.
    pub fn unknown_fields(&self, paths: &[String]) -> Vec<String> {
        match self.resource.custom() {
            Some(_) => paths.iter().map(|path| format!("unknown field \"{path}\"")).collect(),
            None => paths.iter().map(|path| strict::unknown_field(path)).collect(),
        }
    }

    /// Warns of keys that are twice in what is applied, or refuses it, once it is known to fit.
    pub fn check_applied(&mut self, sent: Sent) -> Result<(), Status> {
        let validation = self.validation()?;
        let is_plain = sent.encoding == Encoding::Json && !sent.is_doubled;
        if validation == Validation::Ignore || is_plain {
            return Ok(());
        }
        let Some(found) = found_in_yaml(&self.call.body) else { return Ok(()) };
        if validation == Validation::Strict {
            let message = format!("error strict decoding patch: error converting YAML to JSON: {found}");
            return Err(Status::bad_request(message));
        }
        self.warnings.extend(warnings(&found));
        Ok(())
    }
}

/// The findings in YAML, as one.
fn found_in_yaml(body: &[u8]) -> Option<String> {
    let found = strict::duplicates_in_yaml(std::str::from_utf8(body).ok()?);
    (!found.is_empty()).then(|| format!("{START}{LINE}{}", found.join(LINE)))
}

/// The warnings of a finding: one in YAML is several.
pub(super) fn warnings(finding: &str) -> Vec<String> {
    match finding.strip_prefix(START).and_then(|lines| lines.strip_prefix(LINE)) {
        Some(lines) => lines.split(LINE).map(str::to_owned).collect(),
        None => vec![finding.to_owned()],
    }
}
