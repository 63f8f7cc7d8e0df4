//! The JSON paths of definitions.

mod compare;
mod parse;

use std::borrow::Cow;

use serde_json::Value as Json;

use compare::Operator;

/// A path in an object, in the form of kubectl that definitions use, such as those of printer columns.
///
/// It is no path of RFC 9535, which the crates for JSON paths read: there is no `$` in front, a point in a name has a backslash in
/// front, `[*]` is for lists alone, an index beyond the end is an error, and `[?(@.type=="Ready")]` compares as Go's templates do.
/// What `..` and `.*` find in a map has the order of its keys; in Go, it has none.
///
/// <https://kubernetes.io/docs/reference/kubectl/jsonpath/>
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

/// A path that can't be read, or can't be followed in an object.
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
    /// If it is malformed.
    pub fn parse(path: &str) -> Result<Self, JsonPathError> {
        let steps = parse::path(path).map_err(|what| JsonPathError { path: path.to_owned(), what })?;
        Ok(Self { text: path.to_owned(), steps })
    }

    /// Returns the values that the path leads to, in the object's order. Where there is nothing, it leads to none.
    ///
    /// # Errors
    /// If a step doesn't fit the value that it is taken from: an index beyond the end of a list, or one of something else; items of what
    /// is no list, or a comparison of two types.
    pub fn find<'a>(&'a self, object: &'a Json) -> Result<Vec<Cow<'a, Json>>, JsonPathError> {
        let found = follow(&self.steps, vec![Cow::Borrowed(object)]);
        found.map_err(|what| JsonPathError { path: self.text.clone(), what })
    }

    /// Returns what a printer column with this path and this type (`string`, `integer`, `number`, `boolean`, `date`) shows of an object,
    /// as kube-apiserver 1.37.1 does. Of several values, the first counts. `None` if there is none, or one of another type, or if the
    /// path can't be followed. Times are not made to ages.
    #[must_use]
    pub fn cell(&self, kind: &str, object: &Json) -> Option<Json> {
        let first = self.find(object).ok()?.into_iter().next()?.into_owned();
        match (kind, &first) {
            ("string", value) => Some(text(value).into()),
            ("integer", Json::Number(number)) => {
                number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)).map(Into::into)
            }
            ("number", Json::Number(_)) | ("boolean", Json::Bool(_)) | ("date", Json::String(_)) => Some(first),
            _ => None,
        }
    }
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    Items(Range),
    /// All values of a map or a list.
    All,
    /// All values with others in them, at any depth.
    Descendants,
    /// What each of several paths leads to.
    Union(Vec<Vec<Step>>),
    Where(Filter),
    /// A constant in place of each value.
    Constant(Json),
    /// A word, of which there are none in a path.
    Word(String),
}

/// Some items of a list: `[start:end:step]`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
    /// Whether the end is the item behind the start, since a single one is asked for.
    is_single: bool,
}

/// The items of a list that a path exists in, or that compare with something.
#[derive(Clone, Debug, PartialEq)]
struct Filter {
    left: Vec<Step>,
    right: Option<(Operator, Vec<Step>)>,
}

type Values<'a> = Vec<Cow<'a, Json>>;

fn follow<'a>(steps: &'a [Step], start: Values<'a>) -> Result<Values<'a>, String> {
    steps.iter().try_fold(start, |found, step| step.follow(found))
}

impl Step {
    fn follow<'a>(&'a self, values: Values<'a>) -> Result<Values<'a>, String> {
        match self {
            Self::Field(name) => Ok(values.into_iter().filter_map(|value| field(value, name)).collect()),
            Self::Items(range) => range.follow(values),
            Self::All => Ok(values.into_iter().flat_map(children).collect()),
            Self::Descendants => Ok(values.into_iter().flat_map(descendants).collect()),
            Self::Union(paths) => {
                let mut found = Vec::new();
                for path in paths {
                    found.extend(follow(path, values.clone())?);
                }
                Ok(found)
            }
            Self::Where(filter) => filter.follow(values),
            // A text is one, whatever is before it.
            Self::Constant(value @ Json::String(_)) => Ok(vec![Cow::Borrowed(value)]),
            Self::Constant(value) => Ok(values.iter().map(|_| Cow::Borrowed(value)).collect()),
            Self::Word(word) => Err(format!("unrecognized identifier {word}")),
        }
    }
}

fn field<'a>(value: Cow<'a, Json>, name: &str) -> Option<Cow<'a, Json>> {
    match value {
        Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
        Cow::Owned(mut value) => value.get_mut(name).map(|value| Cow::Owned(value.take())),
    }
}

/// The items of a list, the values of a map, or the bytes of a text.
fn children(value: Cow<'_, Json>) -> Values<'_> {
    match value {
        Cow::Borrowed(Json::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Json::Object(fields)) => fields.values().map(Cow::Borrowed).collect(),
        Cow::Owned(Json::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        Cow::Owned(Json::Object(fields)) => fields.into_iter().map(|(_, value)| Cow::Owned(value)).collect(),
        Cow::Borrowed(Json::String(text)) => text.bytes().map(|byte| Cow::Owned(byte.into())).collect(),
        _ => Vec::new(),
    }
}

/// A value with others in it, and its descendants of this kind.
fn descendants(value: Cow<'_, Json>) -> Values<'_> {
    let (mut found, mut next) = (Vec::new(), vec![value]);
    while let Some(value) = next.pop() {
        let inner = children(value.clone());
        if !inner.is_empty() {
            found.push(value);
            next.extend(inner.into_iter().rev());
        }
    }
    found
}

impl Range {
    fn follow<'a>(&self, values: Values<'a>) -> Result<Values<'a>, String> {
        let mut found = Vec::new();
        for value in values {
            if value.is_null() {
                continue;
            }
            if !value.is_array() {
                return Err("it is not array or slice".to_owned());
            }
            let items = children(value);
            let Some((start, end)) = self.bounds(items.len())? else { return Ok(found) };
            let step = match self.step {
                None => 1,
                Some(step) => usize::try_from(step).ok().filter(|step| *step > 0).ok_or("step must be > 0")?,
            };
            found.extend(items.into_iter().take(end).skip(start).step_by(step));
        }
        Ok(found)
    }

    /// Where it starts and ends in a list. `None` if nothing is asked for.
    fn bounds(&self, length: usize) -> Result<Option<(usize, usize)>, String> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let start = self.start.unwrap_or(0);
        let start = if start < 0 { start.saturating_add(length) } else { start };
        let end = self.end.unwrap_or(length);
        let end = if end < 0 || end == 0 && self.is_single { end.saturating_add(length) } else { end };
        if start == end {
            return Ok(None);
        }
        let within = |index: i64, limit: i64| usize::try_from(index).ok().filter(|_| index <= limit);
        let outside = |index: i64| format!("array index out of bounds: index {index}, length {length}");
        let first = within(start, length - 1).ok_or_else(|| outside(start))?;
        let last = within(end, length).ok_or_else(|| outside(end.saturating_sub(1)))?;
        if first > last {
            return Err(format!("starting index {start} is greater than ending index {end}"));
        }
        Ok(Some((first, last)))
    }
}

impl Filter {
    fn follow<'a>(&'a self, values: Values<'a>) -> Result<Values<'a>, String> {
        let mut found = Vec::new();
        for value in values {
            if !value.is_array() {
                return Err("it is not array or slice and cannot be filtered".to_owned());
            }
            for item in children(value) {
                if self.matches(&item)? {
                    found.push(item);
                }
            }
        }
        Ok(found)
    }

    fn matches(&self, item: &Json) -> Result<bool, String> {
        let of = |steps| follow(steps, vec![Cow::Borrowed(item)]);
        let Some((operator, right)) = &self.right else {
            // What can't be followed leads somewhere.
            return Ok(of(&self.left).map_or(true, |found| !found.is_empty()));
        };
        let one = |mut found: Values<'_>| match found.len() {
            0 | 1 => Ok(found.pop().map(Cow::into_owned)),
            _ => Err("can only compare one element at a time".to_owned()),
        };
        let Some(left) = one(of(&self.left)?)? else { return Ok(false) };
        let Some(right) = one(of(right)?)? else { return Ok(false) };
        operator.holds(&left, &right)
    }
}

/// A value as Go's templates print it.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => "<no value>".to_owned(),
        Json::Number(number) => match number.as_f64() {
            Some(fraction) if number.is_f64() => of_fraction(fraction),
            _ => number.to_string(),
        },
        Json::Bool(value) => value.to_string(),
        // Go encodes JSON such that it can stand in HTML.
        other => {
            [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u{2028}", "\\u2028"), ("\u{2029}", "\\u2029")]
                .iter()
                .fold(other.to_string(), |text, (letter, escaped)| text.replace(letter, escaped))
        }
    }
}

/// A fraction, with an exponent if it is very large or small.
fn of_fraction(fraction: f64) -> String {
    let scientific = format!("{fraction:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return fraction.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
