//! Quantities, as values of CEL.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library>

use std::cmp::Ordering;
use std::sync::Arc;

use cel::Value;
use cel::objects::Opaque;

use super::functions::{NO_OVERLOAD, Own};
use crate::types::Quantity;

/// The functions, by name.
pub const ALL: &[(&str, Own)] = &[
    ("add", |args| calculate(args, Quantity::checked_add)),
    ("asApproximateFloat", |args| Ok(Value::Float(own(args, 0)?.to_f64().map_err(|_| OUT_OF_RANGE)?))),
    ("asInteger", |args| match integer(own(args, 0)?) {
        Some(integer) => Ok(Value::Int(integer)),
        None => Err("cannot convert value to integer"),
    }),
    ("compareTo", |args| Ok(Value::Int(compare(args)? as i64))),
    ("isGreaterThan", |args| Ok(Value::Bool(compare(args)?.is_gt()))),
    ("isInteger", |args| Ok(Value::Bool(integer(own(args, 0)?).is_some()))),
    ("isLessThan", |args| Ok(Value::Bool(compare(args)?.is_lt()))),
    ("isQuantity", |args| Ok(Value::Bool(parse(args)?.is_some()))),
    ("quantity", |args| match parse(args)? {
        Some(quantity) => Ok(value(quantity)),
        None => Err("not a quantity"),
    }),
    ("sign", |args| own(args, 0)?.signum().map(|sign| Value::Int(sign.into())).map_err(|_| OUT_OF_RANGE)),
    ("sub", |args| calculate(args, Quantity::checked_sub)),
];

const OUT_OF_RANGE: &str = "the quantity is out of range";

/// A quantity as a value.
#[derive(Debug, PartialEq, Eq)]
struct Amount(Quantity);

impl Opaque for Amount {
    fn runtime_type_name(&self) -> &str {
        "kubernetes.Quantity"
    }
}

fn value(quantity: Quantity) -> Value {
    Value::Opaque(Arc::new(Amount(quantity)))
}

fn parse(args: &[Value]) -> Result<Option<Quantity>, &'static str> {
    match args {
        [Value::String(text)] => Ok(Quantity::parse(text).ok()),
        _ => Err(NO_OVERLOAD),
    }
}

fn own(args: &[Value], index: usize) -> Result<&Quantity, &'static str> {
    let amount = match args.get(index) {
        Some(Value::Opaque(value)) => value.downcast_ref::<Amount>(),
        _ => None,
    };
    amount.map(|Amount(quantity)| quantity).ok_or(NO_OVERLOAD)
}

fn compare(args: &[Value]) -> Result<Ordering, &'static str> {
    own(args, 0)?.checked_cmp(own(args, 1)?).map_err(|_| OUT_OF_RANGE)
}

/// The value as an integer, if it is one.
fn integer(quantity: &Quantity) -> Option<i64> {
    let integer = quantity.to_i64().ok()?;
    // A fraction is rounded up there.
    quantity.checked_cmp(&Quantity::new(integer.to_string())).is_ok_and(Ordering::is_eq).then_some(integer)
}

fn calculate<E>(
    args: &[Value],
    calculate: fn(&Quantity, &Quantity) -> Result<Quantity, E>,
) -> Result<Value, &'static str> {
    let one = own(args, 0)?;
    let result = match args.get(1) {
        Some(Value::Int(other)) => calculate(one, &Quantity::new(other.to_string())),
        _ => calculate(one, own(args, 1)?),
    };
    result.map(value).map_err(|_| OUT_OF_RANGE)
}
