//! Shard selectors: the objects whose uid or namespace has a hash in one of some ranges.
//!
//! The selector is an expression of CEL that is read and never evaluated. Errors are in the API server's words.
//!
//! <https://www.kubernetes.dev/resources/keps/5866/>

use cel::common::ast::{Expr, LiteralValue};
use cel::parser::Parser;
use serde_json::Value;

use super::call::Query;
use crate::gates::Gates;
use crate::quoted::quoted;
use crate::status::Status;

/// The end of all hashes.
const END: &str = "0x10000000000000000";

/// The fields that objects are shared by.
const FIELDS: [&str; 2] = ["object.metadata.uid", "object.metadata.namespace"];

/// The operator that joins ranges.
const OR: &str = "_||_";

/// The ranges of a selector, all of the same field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shards {
    field: String,
    ranges: Vec<Range>,
}

/// The hashes from one up to another, which is not among them, as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    start: String,
    end: String,
}

impl Shards {
    /// The selector of a request. `None` if there is none, or the gate is off: then it is ignored, as by a real server.
    pub fn of(query: &Query, gates: Gates) -> Result<Option<Self>, Status> {
        let text = query.get("shardSelector").filter(|text| gates.shards && !text.is_empty());
        let refused = |why: String| Status::unexplained(format!("invalid shard selector: {why}"));
        text.map(Self::parse).transpose().map_err(refused)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("empty shard selector is not allowed; omit the parameter for unfiltered lists".to_owned());
        }
        let parsed = Parser::new().parse(text).map_err(|errors| {
            let first = errors.errors.first().map(|error| error.msg.clone()).unwrap_or_default();
            format!("CEL parse error: {first}")
        })?;
        let mut found = Vec::new();
        collect(&parsed.expr, &mut found)?;
        let field = found.first().map(|(field, _)| field.clone()).unwrap_or_default();
        if let Some((other, _)) = found.iter().find(|(other, _)| *other != field) {
            return Err(format!(
                "all shard ranges must use the same field, got {} and {}",
                quoted(&field),
                quoted(other)
            ));
        }
        Ok(Self { field, ranges: found.into_iter().map(|(_, range)| range).collect() })
    }

    pub fn has(&self, object: &Value) -> bool {
        let field = self.field.rsplit('.').next().unwrap_or_default();
        let hash = format!("0x{:016x}", fnv1a(object["metadata"][field].as_str().unwrap_or_default()));
        self.ranges.iter().any(|range| !is_less(&hash, &range.start) && is_less(&hash, &range.end))
    }

    /// As lists show it.
    pub fn text(&self) -> String {
        let of_range = |range: &Range| format!("shardRange({}, '{}', '{}')", self.field, range.start, range.end);
        self.ranges.iter().map(of_range).collect::<Vec<_>>().join(" || ")
    }
}

/// The 64-bit [FNV-1a](https://datatracker.ietf.org/doc/html/draft-eastlake-fnv) hash.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Compares two numbers in hexadecimal: a longer one is greater.
fn is_less(one: &str, other: &str) -> bool {
    (one.len(), one) < (other.len(), other)
}

/// The ranges of an expression, from left to right, each with its field.
fn collect(expression: &Expr, found: &mut Vec<(String, Range)>) -> Result<(), String> {
    let Expr::Call(call) = expression else {
        return Err(format!(
            "unexpected expression kind {}; expected shardRange() call or || operator",
            kind(expression)
        ));
    };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (OR, [left, right]) => {
            collect(&left.expr, found)?;
            collect(&right.expr, found)
        }
        ("shardRange", [field, start, end]) => {
            let field = path(&field.expr).map_err(|why| format!("shardRange() first argument: {why}"))?;
            if !FIELDS.contains(&field.as_str()) {
                return Err(format!("unsupported field path {}; supported: {}", quoted(&field), FIELDS.join(", ")));
            }
            let (start, end) = (hexadecimal(&start.expr, "hexStart")?, hexadecimal(&end.expr, "hexEnd")?);
            if !is_less(&start, &end) {
                return Err(format!("shard range start {start} must be less than end {end}"));
            }
            found.push((field, Range { start, end }));
            Ok(())
        }
        ("shardRange", arguments) => Err(format!("shardRange() requires exactly 3 arguments, got {}", arguments.len())),
        (name, _) => Err(format!("unsupported function {}; only shardRange() and || are allowed", quoted(name))),
    }
}

/// The path of a field: `object.metadata.uid`.
fn path(expression: &Expr) -> Result<String, String> {
    match expression {
        Expr::Ident(name) => Ok(name.clone()),
        Expr::Select(select) => Ok(format!("{}.{}", path(&select.operand.expr)?, select.field)),
        other => Err(format!("expected field path (e.g. object.metadata.uid), got expression kind {}", kind(other))),
    }
}

/// A text that is a number in hexadecimal with 16 digits, or the end of all.
fn hexadecimal(expression: &Expr, name: &str) -> Result<String, String> {
    let Expr::Literal(literal) = expression else {
        let kind = kind(expression);
        return Err(format!("{name} must be a string literal (e.g. '0xff'), got expression kind {kind}"));
    };
    let LiteralValue::String(text) = literal else {
        return Err(format!("{name} must be a string literal, got {}", go_type(literal)));
    };
    let text = text.inner();
    let Some(digits) = text.strip_prefix("0x") else {
        return Err(format!("{name} must have '0x' prefix, got {}", quoted(text)));
    };
    if digits.is_empty() {
        return Err(format!("{name}: hex value is required after '0x'"));
    }
    if digits.len() > 17 {
        return Err(format!("{name}: hex value too long ({} chars, max 17): {}", digits.len(), quoted(digits)));
    }
    let is_digit = |letter: &char| letter.is_ascii_digit() || ('a'..='f').contains(letter);
    if let Some(other) = digits.chars().find(|letter| !is_digit(letter)) {
        return Err(format!("{name}: invalid hex character {} in {}", quoted(&other.to_string()), quoted(text)));
    }
    match digits.len() {
        16 => {}
        17 if text == END => {}
        17 => return Err(format!("{name}: 17-digit hex value must be '{END}' (2^64), got {}", quoted(text))),
        _ => {
            let padded = format!("0x{digits:0>16}");
            return Err(format!(
                "{name} must be a 0x-prefixed 16-digit hex value, got {} (did you mean {}?)",
                quoted(text),
                quoted(&padded)
            ));
        }
    }
    Ok(text.to_owned())
}

/// The number that Go's parser has for a kind of expression.
fn kind(expression: &Expr) -> u8 {
    match expression {
        Expr::Unspecified => 0,
        Expr::Call(_) => 1,
        Expr::Comprehension(_) => 2,
        Expr::Ident(_) => 3,
        Expr::List(_) => 4,
        Expr::Literal(_) => 5,
        Expr::Map(_) => 6,
        Expr::Select(_) => 7,
        Expr::Struct(_) => 8,
    }
}

/// The type that a literal has in Go's parser.
fn go_type(literal: &LiteralValue) -> &'static str {
    match literal {
        LiteralValue::Boolean(_) => "bool",
        LiteralValue::Bytes(_) => "[]uint8",
        LiteralValue::Double(_) => "float64",
        LiteralValue::Int(_) => "int64",
        LiteralValue::Null => "structpb.NullValue",
        LiteralValue::String(_) => "string",
        LiteralValue::UInt(_) => "uint64",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIRST: &str = "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')";
    const SECOND: &str = "shardRange(object.metadata.uid, '0x8000000000000000', '0x10000000000000000')";

    #[test]
    fn an_object_is_in_the_range_of_its_hash_alone() {
        let (first, second) = (Shards::parse(FIRST).expect("a range"), Shards::parse(SECOND).expect("a range"));
        let both = Shards::parse(&format!(" {FIRST}||{SECOND} ")).expect("ranges");
        assert_eq!(both.text(), format!("{FIRST} || {SECOND}"));
        for uid in ["a", "foobar", "0", "", "b", "uid"] {
            let object = json!({ "metadata": { "uid": uid } });
            assert_eq!(first.has(&object), fnv1a(uid) < 1 << 63, "{uid}");
            assert!(first.has(&object) != second.has(&object) && both.has(&object), "{uid}");
        }
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_words_of_the_server() {
        for (text, why) in [
            (" ", "empty shard selector is not allowed"),
            ("true", "unexpected expression kind 5;"),
            ("a && b", "unsupported function \"_&&_\";"),
            ("shardRange(object.metadata.uid)", "requires exactly 3 arguments, got 1"),
            ("shardRange(object.metadata.name, '0x0', '0x1')", "unsupported field path \"object.metadata.name\";"),
            ("shardRange(object.metadata.uid, 1, '0x1')", "hexStart must be a string literal, got int64"),
            ("shardRange(object.metadata.uid, '1', '0x1')", "hexStart must have '0x' prefix, got \"1\""),
            ("shardRange(object.metadata.uid, '0x0', '0x1')", "(did you mean \"0x0000000000000000\"?)"),
        ] {
            let error = Shards::parse(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
