//! Regular expressions of texts, by the crate that checks patterns.

use std::sync::Arc;

use cel::Value;

use super::super::re2;
use super::functions::{NO_OVERLOAD, Own};

/// The functions, by name.
pub const ALL: &[(&str, Own)] = &[("find", find), ("findAll", find_all), ("matches", matches)];

fn of(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

fn text(args: &[Value], index: usize) -> Result<&str, &'static str> {
    match args.get(index) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(NO_OVERLOAD),
    }
}

fn regex(args: &[Value]) -> Result<regex::Regex, &'static str> {
    re2::compile(text(args, 1)?).map_err(|_| "the pattern can't be compiled")
}

fn matches(args: &[Value]) -> Result<Value, &'static str> {
    Ok(Value::Bool(regex(args)?.is_match(text(args, 0)?)))
}

/// The first match; the empty text if there is none.
fn find(args: &[Value]) -> Result<Value, &'static str> {
    let found = regex(args)?.find(text(args, 0)?).map(|found| of(found.as_str()));
    Ok(found.unwrap_or_else(|| of("")))
}

fn find_all(args: &[Value]) -> Result<Value, &'static str> {
    let limit = match args.get(2) {
        Some(Value::Int(limit)) => usize::try_from(*limit).unwrap_or(usize::MAX),
        None => usize::MAX,
        Some(_) => return Err(NO_OVERLOAD),
    };
    let regex = regex(args)?;
    let found = regex.find_iter(text(args, 0)?).take(limit).map(|found| of(found.as_str()));
    Ok(Value::List(Arc::new(found.collect())))
}
