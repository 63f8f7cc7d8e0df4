//! Values of printer columns.
//!
//! <https://kubernetes.io/docs/reference/kubectl/jsonpath/>

use serde_json::Value as Json;

use super::{Defined, PrinterColumn};
use crate::json;

/// A path of a printer column that can't be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path {path:?} of the column {column:?} can't be followed: {what}")]
pub struct ColumnError {
    column: &'static str,
    path: &'static str,
    what: String,
}

/// Returns the values of an object's printer columns, in the order of [`CrdDesc::columns`](super::CrdDesc::columns): what
/// `kubectl get -o wide` prints of it, without the name and the age.
///
/// A column of type `string` is text; `None` is an absent value, or one of another type. Times are not made to ages.
///
/// # Errors
/// If the object can't be encoded as JSON, or a path has a part that is not supported: ranges, unions, `..` and
/// functions.
pub fn cells<K: Defined>(object: &K) -> Result<Vec<Option<Json>>, ColumnError> {
    let encode = || -> Result<Json, String> {
        let text = json::to_vec(object).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    };
    let object = encode().map_err(|what| ColumnError { column: "", path: "", what })?;
    K::CRD.columns.iter().map(|column| column.value(&object)).collect()
}

impl PrinterColumn {
    /// Returns the value of the column for an object.
    ///
    /// # Errors
    /// If the path has a part that is not supported: ranges, unions, `..` and functions.
    pub fn value(&self, object: &Json) -> Result<Option<Json>, ColumnError> {
        let steps = parse(self.json_path);
        let steps = steps.map_err(|what| ColumnError { column: self.name, path: self.json_path, what })?;
        let mut found = vec![object];
        for step in &steps {
            found = found.into_iter().flat_map(|value| step.follow(value)).collect();
        }
        Ok(match self.kind {
            "string" if found.is_empty() => None,
            "string" => Some(found.into_iter().map(text).collect::<Vec<_>>().join(" ").into()),
            kind => found.first().filter(|value| is_of(kind, value)).map(|value| (*value).clone()),
        })
    }
}

/// A value as text.
fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_of(kind: &str, value: &Json) -> bool {
    match kind {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "date" => value.is_string(),
        _ => true,
    }
}

/// A part of a path.
#[derive(Debug, PartialEq)]
enum Step {
    Field(String),
    Index(i64),
    All,
    /// The items in which a path leads to this value; or to another one.
    Where {
        path: Vec<Step>,
        equal: bool,
        value: Json,
    },
}

impl Step {
    fn follow<'a>(&self, value: &'a Json) -> Vec<&'a Json> {
        let items = |value: &'a Json| match value {
            Json::Array(items) => items.iter().collect(),
            Json::Object(fields) => fields.values().collect(),
            _ => Vec::new(),
        };
        match self {
            Self::Field(name) => value.get(name).into_iter().collect(),
            Self::Index(index) => {
                let Json::Array(items) = value else { return Vec::new() };
                let index = if *index < 0 {
                    items.len().checked_sub(index.unsigned_abs() as usize)
                } else {
                    usize::try_from(*index).ok()
                };
                index.and_then(|index| items.get(index)).into_iter().collect()
            }
            Self::All => items(value),
            Self::Where { path, equal, value: wanted } => {
                let leads = |item: &&Json| {
                    let mut found = vec![*item];
                    for step in path {
                        found = found.into_iter().flat_map(|value| step.follow(value)).collect();
                    }
                    // What is not there is neither.
                    found.first().is_some_and(|found| (*found == wanted) == *equal)
                };
                items(value).into_iter().filter(leads).collect()
            }
        }
    }
}

/// Reads a path.
fn parse(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after).ok_or("a bracket is not closed")?;
            steps.push(bracket(&after[..end])?);
            rest = &after[end + 1..];
            continue;
        }
        let after = rest.strip_prefix('.').unwrap_or(rest);
        if after.starts_with('.') {
            return Err("`..` is not supported".to_owned());
        }
        let (name, behind) = name(after);
        match name.as_str() {
            "" if behind.is_empty() && steps.is_empty() => {}
            "" if behind.starts_with('[') => {}
            "" => return Err("a name is missing".to_owned()),
            "*" => steps.push(Step::All),
            _ => steps.push(Step::Field(name)),
        }
        rest = behind;
    }
    Ok(steps)
}

/// The name at the start, and what is behind it. A point in a name has a backslash in front.
fn name(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '.' | '[' => return (name, &text[at..]),
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            c => name.push(c),
        }
    }
    (name, "")
}

/// Where the bracket is closed that is open at the start.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (at, c) in text.char_indices() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('[', None) => depth += 1,
            (']', None) if depth == 0 => return Some(at),
            (']', None) => depth -= 1,
            _ => {}
        }
    }
    None
}

fn bracket(inside: &str) -> Result<Step, String> {
    let inside = inside.trim();
    if inside == "*" {
        return Ok(Step::All);
    }
    if let Ok(index) = inside.parse() {
        return Ok(Step::Index(index));
    }
    if let Some(name) = quoted(inside) {
        return Ok(Step::Field(name));
    }
    let filter = inside.strip_prefix("?(").and_then(|filter| filter.strip_suffix(')'));
    let filter = filter.ok_or_else(|| format!("`[{inside}]` is not supported"))?;
    let (path, equal, value) = match (filter.split_once("=="), filter.split_once("!=")) {
        (Some((path, value)), _) => (path, true, value),
        (None, Some((path, value))) => (path, false, value),
        (None, None) => return Err(format!("`{filter}` is not supported")),
    };
    let path = path.trim().strip_prefix('@').ok_or_else(|| format!("`{filter}` is not supported"))?;
    let value = value.trim();
    let value = match quoted(value) {
        Some(text) => text.into(),
        None => serde_json::from_str(value).map_err(|_| format!("`{value}` is no value"))?,
    };
    Ok(Step::Where { path: parse(path)?, equal, value })
}

fn quoted(text: &str) -> Option<String> {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('\'').or_else(|| inside('"')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(kind: &'static str, json_path: &'static str) -> PrinterColumn {
        PrinterColumn { name: "C", kind, json_path, description: None, format: None, priority: 0 }
    }

    #[test]
    fn paths_lead_where_they_lead_for_kubectl() {
        let object = json!({
            "metadata": {"labels": {"app.kubernetes.io/name": "web"}, "creationTimestamp": "2026-11-22T10:00:00Z"},
            "spec": {"replicas": 3, "hosts": ["a", "b"], "on": true},
            "status": {"conditions": [
                {"type": "Ready", "status": "True", "reason": null}, {"type": "Synced", "status": "False"},
            ]},
        });
        for (kind, path, expected) in [
            ("integer", ".spec.replicas", json!(3)),
            ("string", ".spec.replicas", json!("3")),
            ("string", ".spec.hosts[*]", json!("a b")),
            ("string", ".spec.hosts[-1]", json!("b")),
            ("string", r".metadata.labels.app\.kubernetes\.io/name", json!("web")),
            ("string", ".metadata.labels['app.kubernetes.io/name']", json!("web")),
            ("string", r#".status.conditions[?(@.type=="Ready")].status"#, json!("True")),
            ("string", ".status.conditions[?(@.type != 'Ready')].status", json!("False")),
            ("date", ".metadata.creationTimestamp", json!("2026-11-22T10:00:00Z")),
            ("boolean", ".spec.on", json!(true)),
        ] {
            assert_eq!(column(kind, path).value(&object), Ok(Some(expected)), "{path}");
        }
        assert_eq!(column("string", ".spec.absent").value(&object), Ok(None));
        assert_eq!(column("integer", ".spec.on").value(&object), Ok(None), "of another type");
    }

    #[test]
    fn a_path_that_is_not_supported_is_an_error_that_says_so() {
        let error = column("string", ".spec.hosts[0:1]").value(&json!({})).expect_err("a range");
        assert!(error.to_string().contains("`[0:1]` is not supported"), "{error}");
        assert!(column("string", "..x").value(&json!({})).is_err());
    }
}
