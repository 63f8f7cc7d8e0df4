//! One OpenAPI document, parsed piece by piece so that an error can name the place.

use std::collections::BTreeMap;

use openapiv3::{Parameter, PathItem, ReferenceOr, Schema};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::error::DocumentError;

/// The parts of an OpenAPI v3 document that matter here.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The paths and their operations.
    pub paths: BTreeMap<String, PathItem>,
    /// The schemas, by name.
    pub schemas: BTreeMap<String, ReferenceOr<Schema>>,
    /// The parameters that operations refer to, by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Schemas that are not what OpenAPI says, and are left out for that reason.
    pub problems: Vec<DocumentError>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// If it is not JSON, not OpenAPI v3, or if one of its paths or parameters is not what OpenAPI says. A schema that is not
    /// spoils no other: it is in `problems`.
    pub fn parse(name: &str, text: &[u8]) -> Result<Self, DocumentError> {
        let root = parse_json(name, text).or_else(|problem| parse_deep(text).ok_or(problem))?;
        Self::read(name, &root)
    }

    /// Reads a document that is parsed.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn read(name: &str, root: &Map<String, Value>) -> Result<Self, DocumentError> {
        crate::deep::call(|| Self::read_here(name, root))
    }

    fn read_here(name: &str, root: &Map<String, Value>) -> Result<Self, DocumentError> {
        let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
        if !version.starts_with("3.") {
            let problem = format!("this is not an OpenAPI v3 document: its `openapi` is `{version}`");
            return Err(DocumentError::new(name, problem));
        }
        let mut document = Self::default();
        each(name, root, &["paths"], |key, place, value| {
            document.paths.insert(key, part(name, place, value)?);
            Ok(())
        })?;
        each(name, root, &["components", "schemas"], |key, place, value| {
            match schema(name, place, value) {
                Ok(schema) => drop(document.schemas.insert(key, schema)),
                Err(problem) => document.problems.push(problem),
            }
            Ok(())
        })?;
        each(name, root, &["components", "parameters"], |key, place, value| {
            document.parameters.insert(key, part(name, place, value)?);
            Ok(())
        })?;
        Ok(document)
    }
}

/// Parses JSON; the error says what the text looks like instead.
pub(crate) fn parse_json<T: DeserializeOwned>(document: &str, text: &[u8]) -> Result<T, DocumentError> {
    serde_json::from_slice(text).map_err(|error| {
        let start = String::from_utf8_lossy(&text[..text.len().min(64)]).trim_start().to_lowercase();
        let problem = match start.as_str() {
            "" => "the response is empty".to_owned(),
            html if html.starts_with('<') => {
                "this is HTML or XML, not JSON: is there a proxy or a login page in between?".to_owned()
            }
            _ => error.to_string(),
        };
        DocumentError::new(document, problem)
    })
}

/// Parses what is nested more deeply than `serde_json` goes: up to 256 levels.
fn parse_deep(text: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.trim_start().starts_with('{'))?;
    let options = kubewright_core::yaml::Options::default().max_depth(256);
    kubewright_core::yaml::each(text, &options).into_iter().next()?.ok()
}

fn each(
    name: &str,
    root: &Map<String, Value>,
    path: &[&str],
    mut read: impl FnMut(String, String, &Value) -> Result<(), DocumentError>,
) -> Result<(), DocumentError> {
    let mut here = root;
    for key in path {
        match here.get(*key) {
            None => return Ok(()),
            Some(Value::Object(inner)) => here = inner,
            Some(_) => return Err(DocumentError::at(name, path.join("."), "expected an object")),
        }
    }
    for (key, value) in here {
        read(key.clone(), format!("{}.{key}", path.join(".")), value)?;
    }
    Ok(())
}

fn part<T: DeserializeOwned>(name: &str, place: String, value: &Value) -> Result<T, DocumentError> {
    T::deserialize(value).map_err(|error| DocumentError::at(name, place, error.to_string()))
}

fn schema(name: &str, place: String, value: &Value) -> Result<ReferenceOr<Schema>, DocumentError> {
    ReferenceOr::<Schema>::deserialize(value).map_err(|error| {
        let (place, problem) = innermost(place, value).unwrap_or_else(|place| (place, error.to_string()));
        DocumentError::at(name, place, problem)
    })
}

/// The innermost schema that does not parse, and why; or the outermost place, if it is that one.
fn innermost(place: String, value: &Value) -> Result<(String, String), String> {
    let properties = value.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties = properties.map(|(key, value)| (format!("{place}.properties.{key}"), value));
    let inner = ["items", "additionalProperties", "not"].into_iter();
    let inner = inner.filter_map(|key| Some((format!("{place}.{key}"), value.get(key)?)));
    for (place, value) in properties.chain(inner) {
        if value.is_object()
            && let Err(error) = ReferenceOr::<Schema>::deserialize(value)
        {
            return Ok(innermost(place, value).unwrap_or_else(|place| (place, error.to_string())));
        }
    }
    Err(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        match Document::parse("apis/x/v1", text.as_bytes()) {
            Ok(document) => document.problems.first().expect("broken").to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_error_names_the_document_and_the_innermost_place() {
        let text = r#"{"openapi": "3.0.0", "components": {"schemas": {"x.v1.A": {"type": "object", "properties":
            {"spec": {"type": "object", "properties": {"size": {"type": ["string", "null"]}}}}}}}}"#;
        let problem = problem(text);
        assert!(problem.contains("apis/x/v1"), "{problem}");
        assert!(problem.contains("components.schemas.x.v1.A.properties.spec.properties.size"), "{problem}");
    }

    #[test]
    fn what_is_not_openapi_is_told_so() {
        assert!(problem(r#"{"swagger": "2.0"}"#).contains("not an OpenAPI v3 document"));
        assert!(problem("<!DOCTYPE html>").contains("HTML"));
        assert!(problem("").contains("empty"));
        assert!(problem(r#"{"openapi": "3.0.0", "paths": 3}"#).contains("at paths: expected an object"));
        assert!(problem(r#"{"openapi": "3.0.0", "paths": {"/x": 3}}"#).contains("at paths./x"));
    }

    #[test]
    fn a_cut_off_document_says_where_it_ends() {
        assert!(problem(r#"{"openapi": "3.0.0", "paths""#).contains("line 1"));
    }
}
