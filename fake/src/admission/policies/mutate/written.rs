//! The objects and operations that expressions make, as JSON.
//!
//! In an object, maps and lists that the expression itself has made (rather than taken from elsewhere) are read one level deep: a map in a
//! list stays what it is in Go, and fits no field. Structs (`Object.spec{…}`) are read however deep they are. Of custom resources, and in
//! older minors, it is so with literals alone, since what is taken from an object is JSON.

use std::collections::BTreeSet;

use cel::common::ast::{EntryExpr, Expr, LiteralValue, operators};
use cel::common::types::CelStruct;
use cel::objects::Key;
use cel::{IdedExpr, Value as Cel};
use kubewright_core::validate::expression::{Expression, visit};
use serde_json::{Map, Value, json};

use crate::ownership::as_go_has_it;
use crate::patch::as_go_shows;
use crate::quoted::quoted;

/// Why a value can't be written.
pub(super) enum Odd {
    /// A real server refuses it, in these words.
    Refused(String),
    /// It is not done here.
    NotDone(&'static str),
}

/// The fields, by the types of their structs, whose values an expression makes itself.
pub(super) type Made<'e> = BTreeSet<(&'e str, &'e str)>;

/// Finds them in an expression, which is about an object that is JSON, or one of a type of Go.
pub(super) fn made_by(expression: &Expression, is_json: bool) -> Made<'_> {
    let is_made = |value: &IdedExpr| if is_json { has_nested(value) } else { !is_taken(value) };
    let fields = expression.fields_of_structs().into_iter();
    fields.filter(|(.., value)| is_made(value)).map(|(name, field, _)| (name, field)).collect()
}

/// Whether a list or map in an expression has a literal of another one in it, or null.
fn has_nested(value: &IdedExpr) -> bool {
    let is_literal = |value: &IdedExpr| matches!(value.expr, Expr::List(_) | Expr::Map(_));
    let is_null = |value: &IdedExpr| matches!(value.expr, Expr::Literal(LiteralValue::Null));
    let mut found = is_null(value);
    visit(value, &mut |part| {
        found |= match &part.expr {
            Expr::List(list) => list.elements.iter().any(is_literal),
            Expr::Map(map) => map.entries.iter().any(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => is_literal(&entry.value) || is_null(&entry.value),
                EntryExpr::StructField(_) => false,
            }),
            Expr::Call(call) => call.args.iter().any(is_null),
            _ => false,
        };
    });
    found
}

/// Whether a value is taken from elsewhere: `object.spec.list`, `variables.list`, `object.?spec.list.orValue([])`.
fn is_taken(value: &IdedExpr) -> bool {
    match &value.expr {
        Expr::Ident(_) => true,
        Expr::Select(select) => is_taken(&select.operand),
        Expr::Call(call) => match (call.func_name.as_str(), &call.target) {
            ("value" | "orValue", Some(target)) => is_taken(target),
            (operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT, None) => {
                call.args.first().is_some_and(is_taken)
            }
            _ => false,
        },
        _ => false,
    }
}

/// The object that an expression has made.
pub(super) fn object(made: &CelStruct<'static>, by_expression: &Made<'_>) -> Result<Value, Odd> {
    let mut errors = Vec::new();
    let whole = Cel::Struct(std::sync::Arc::new(made.clone()));
    check_types(&whole, "Object", &mut errors)?;
    if !errors.is_empty() {
        return Err(Odd::Refused(format!("type mismatch: {}", errors.join("\n"))));
    }
    of_struct(made, by_expression)
}

/// The JSON patch that an expression has made.
pub(super) fn operations(made: &Cel) -> Result<Value, Odd> {
    let Cel::List(list) = made else { return Err(Odd::NotDone("it makes no list of JSONPatch")) };
    let mut operations = Vec::new();
    for item in list.iter() {
        let Cel::Struct(item) = item else { return Err(Odd::NotDone("it makes no list of JSONPatch")) };
        let fields = fields(item)?;
        let mut operation = json!({ "op": "", "path": "" });
        for (name, value) in &fields {
            match (name.as_str(), value) {
                ("from", Cel::String(text)) if text.is_empty() => {}
                ("op" | "path" | "from", Cel::String(text)) => operation[name] = json!(**text),
                ("value", value) => {
                    if let Cel::Struct(made) = value {
                        let mut errors = Vec::new();
                        check_types(value, made.name(), &mut errors)?;
                        if !errors.is_empty() {
                            return Err(Odd::Refused(format!("type mismatch: {}", errors.join("\n"))));
                        }
                    }
                    operation["value"] = plain(value)?;
                }
                _ => return Err(Odd::NotDone("it makes operations with fields that JSONPatch does not have")),
            }
        }
        operations.push(operation);
    }
    Ok(Value::Array(operations))
}

fn fields(of: &CelStruct<'static>) -> Result<Vec<(String, Cel)>, Odd> {
    let read = |(name, value): (String, std::sync::Arc<_>)| {
        let value: &dyn cel::common::value::Val = &*value;
        Cel::try_from(value).map(|value| (name, value)).map_err(|_| Odd::NotDone("it has a value that is none"))
    };
    of.field_values().into_iter().map(read).collect()
}

/// The types of structs have to be named by the fields that they are in.
fn check_types(value: &Cel, path: &str, errors: &mut Vec<String>) -> Result<(), Odd> {
    match value {
        Cel::Struct(made) => {
            if made.name() != path {
                errors.push(format!(
                    "unexpected type name {}, expected {}, which matches field name path from root Object type",
                    quoted(&made.name()),
                    quoted(path)
                ));
            }
            for (name, value) in fields(made)? {
                check_types(&value, &format!("{path}.{name}"), errors)?;
            }
        }
        Cel::List(items) => {
            for item in items.iter() {
                check_types(item, path, errors)?;
            }
        }
        Cel::Map(map) => {
            for value in map.map.values() {
                check_types(value, path, errors)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn of_struct(made: &CelStruct<'static>, by_expression: &Made<'_>) -> Result<Value, Odd> {
    let mut object = Map::new();
    for (name, value) in fields(made)? {
        let is_made = by_expression.contains(&(made.name(), &name));
        let written = of_field(&value, is_made, by_expression)?;
        object.insert(name, written);
    }
    Ok(Value::Object(object))
}

fn of_field(value: &Cel, is_made: bool, by_expression: &Made<'_>) -> Result<Value, Odd> {
    let inner = |value: &Cel| if is_made { element(value, by_expression) } else { plain(value) };
    match value {
        Cel::Struct(made) => of_struct(made, by_expression),
        Cel::List(items) => items.iter().map(inner).collect::<Result<_, _>>().map(Value::Array),
        Cel::Map(map) => {
            let entry = |(key, value): (&Key, &Cel)| Ok((key_of(key)?, inner(value)?));
            map.map.iter().map(entry).collect::<Result<_, _>>().map(Value::Object)
        }
        Cel::Null if is_made => Ok(as_go_has_it("NULL_VALUE")),
        scalar => plain(scalar),
    }
}

/// A value in a map or list that the expression has made.
fn element(value: &Cel, by_expression: &Made<'_>) -> Result<Value, Odd> {
    match value {
        Cel::Struct(made) => of_struct(made, by_expression),
        Cel::List(_) | Cel::Map(_) => Ok(as_go_has_it(&as_go_shows(&plain(value)?))),
        Cel::Null => Ok(as_go_has_it("NULL_VALUE")),
        scalar => plain(scalar),
    }
}

/// A value as JSON says it.
fn plain(value: &Cel) -> Result<Value, Odd> {
    Ok(match value {
        Cel::Null => Value::Null,
        Cel::Bool(flag) => json!(flag),
        Cel::Int(number) => json!(number),
        Cel::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(*number as i64),
        Cel::Float(number) => json!(number),
        Cel::String(text) => json!(**text),
        Cel::List(items) => Value::Array(items.iter().map(plain).collect::<Result<_, _>>()?),
        Cel::Map(map) => {
            let entry = |(key, value): (&Key, &Cel)| Ok((key_of(key)?, plain(value)?));
            Value::Object(map.map.iter().map(entry).collect::<Result<_, _>>()?)
        }
        Cel::Struct(made) => {
            let entry = |(name, value): (String, Cel)| Ok((name, plain(&value)?));
            Value::Object(fields(made)?.into_iter().map(entry).collect::<Result<_, _>>()?)
        }
        _ => return Err(Odd::NotDone("it makes a value of a type that JSON does not have")),
    })
}

fn key_of(key: &Key) -> Result<String, Odd> {
    match key {
        Key::String(text) => Ok((**text).clone()),
        _ => Err(Odd::Refused("invalid return type: *dynamic.ObjectVal".to_owned())),
    }
}
