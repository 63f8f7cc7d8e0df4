//! The JSON paths of definitions.

use serde_json::Value as Json;

/// A path in an object, in the form of kubectl that definitions use: of printer columns, of the fields of scales and selectors.
/// It is followed by fields, indices, `[*]` and filters (`[?(@.type=="Ready")]`), but not by ranges, unions, `..` and functions.
///
/// <https://kubernetes.io/docs/reference/kubectl/jsonpath/>
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath(Vec<Step>);

/// A path with a part that is not supported or can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path {path:?} can't be followed: {what}")]
pub struct JsonPathError {
    path: String,
    pub(super) what: String,
}

impl JsonPath {
    /// Reads a path, such as `.spec.replicas`.
    ///
    /// # Errors
    /// If it has a part that is not supported, or is malformed.
    pub fn parse(path: &str) -> Result<Self, JsonPathError> {
        parse(path).map(Self).map_err(|what| JsonPathError { path: path.to_owned(), what })
    }

    /// Returns the values that the path leads to, in the object's order.
    #[must_use]
    pub fn find<'a>(&self, object: &'a Json) -> Vec<&'a Json> {
        follow(&self.0, object)
    }
}

fn follow<'a>(steps: &[Step], start: &'a Json) -> Vec<&'a Json> {
    steps.iter().fold(vec![start], |found, step| found.into_iter().flat_map(|value| step.follow(value)).collect())
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq)]
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
                    let found = follow(path, item);
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
