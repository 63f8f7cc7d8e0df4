//! A document as JSON text, for raw JSON fields.

use super::document::{Content, Document, Id};
use super::error::Problem;
use super::scalar::Scalar;
use crate::codec::field_path::FieldPath;

pub(super) const NOT_FINITE: &str = "JSON can't represent an infinite number or NaN";

/// An open list or object.
struct Open<'d> {
    /// All of its items, or its alternating keys and values.
    children: &'d [Id],
    /// Number of those that were written.
    written: usize,
    is_object: bool,
}

/// Returns the JSON text of a node. Without recursion: the nesting is limited elsewhere, possibly to a large depth.
pub(super) fn text(document: &Document<'_>, id: Id) -> Result<String, Problem> {
    let mut out = String::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut next = Some(id);
    loop {
        if let Some(id) = next.take() {
            let content = document.content(id).map_err(|problem| with_field_path(problem, document, &open))?;
            match content {
                Content::List(children) => {
                    out.push('[');
                    open.push(Open { children, written: 0, is_object: false });
                }
                Content::Object(children) => {
                    out.push('{');
                    open.push(Open { children, written: 0, is_object: true });
                }
                Content::Binary(text) => string(&text, &mut out)?,
                Content::Scalar(value) => scalar(&value, &mut out)
                    .map_err(|problem| with_field_path(problem.or_at(document.location(id)), document, &open))?,
            }
        }
        let Some(top) = open.last_mut() else { return Ok(out) };
        let rest = top.children.get(top.written..).unwrap_or_default();
        let step = if top.is_object { 2 } else { 1 };
        if rest.len() < step {
            out.push(if top.is_object { '}' } else { ']' });
            open.pop();
            continue;
        }
        if top.written > 0 {
            out.push(',');
        }
        top.written += step;
        match rest {
            [key, value, ..] if top.is_object => {
                string(&document.key(*key), &mut out)?;
                out.push(':');
                next = Some(*value);
            }
            [item, ..] => next = Some(*item),
            [] => {}
        }
    }
}

fn scalar(value: &Scalar<'_>, out: &mut String) -> Result<(), Problem> {
    match value {
        Scalar::Null => out.push_str("null"),
        Scalar::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Scalar::Int(value) => out.push_str(itoa::Buffer::new().format(*value)),
        Scalar::Uint(value) => out.push_str(itoa::Buffer::new().format(*value)),
        Scalar::BigInt(digits) => out.push_str(digits),
        Scalar::Float(value) if value.is_finite() => out.push_str(zmij::Buffer::new().format_finite(*value)),
        Scalar::Float(_) => return Err(Problem::new(NOT_FINITE)),
        Scalar::Str(text) => string(text, out)?,
    }
    Ok(())
}

fn string(text: &str, out: &mut String) -> Result<(), Problem> {
    // // Copied verbatim if nothing must be escaped, as is typical.
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.extend(["\"", text, "\""]);
        return Ok(());
    }
    let quoted = serde_json::to_string(text).map_err(|_| Problem::new("cannot encode a string as JSON"))?;
    out.push_str(&quoted);
    Ok(())
}

#[cold]
fn with_field_path(mut problem: Problem, document: &Document<'_>, open: &[Open<'_>]) -> Problem {
    let mut field_path = FieldPath::new(None);
    for Open { children, written, is_object } in open.iter().rev() {
        match children.get(written.saturating_sub(2)) {
            Some(key) if *is_object => field_path.in_key(&document.key(*key)),
            _ => field_path.in_item(written.saturating_sub(1)),
        }
    }
    problem.set_field_path(field_path);
    problem
}
