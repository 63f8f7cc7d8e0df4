//! Lists: `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf`; and sets, of the extension `sets`.

use std::cmp::Ordering;

use cel::Value;

use super::functions::{NO_OVERLOAD, Own};

/// The functions, by name, but for those that texts have, too.
pub const ALL: &[(&str, Own)] = &[
    ("isSorted", is_sorted),
    ("max", |args| extreme(args, Ordering::Greater)),
    ("min", |args| extreme(args, Ordering::Less)),
    ("sets.contains", |args| sets(args, |all, some| some.iter().all(|one| all.contains(one)))),
    ("sets.equivalent", |args| {
        sets(args, |a, b| a.iter().all(|one| b.contains(one)) && b.iter().all(|one| a.contains(one)))
    }),
    ("sets.intersects", |args| sets(args, |a, b| a.iter().any(|one| b.contains(one)))),
    ("sum", sum),
];

fn list(args: &[Value], index: usize) -> Result<&[Value], &'static str> {
    match args.get(index) {
        Some(Value::List(items)) => Ok(items),
        _ => Err(NO_OVERLOAD),
    }
}

fn is_sorted(args: &[Value]) -> Result<Value, &'static str> {
    let sorted = list(args, 0)?.windows(2).map(|pair| match pair {
        [one, two] => one.partial_cmp(two).map(Ordering::is_le).ok_or(NO_OVERLOAD),
        _ => Ok(true),
    });
    Ok(Value::Bool(sorted.collect::<Result<Vec<bool>, _>>()?.into_iter().all(|sorted| sorted)))
}

/// Of numbers or durations. Of an empty list the type is not known, and 0 equals that of each number.
fn sum(args: &[Value]) -> Result<Value, &'static str> {
    const OVERFLOW: &str = "overflow";
    let mut sum: Option<Value> = None;
    for item in list(args, 0)? {
        sum = Some(match (sum, item) {
            (None, Value::Int(_) | Value::UInt(_) | Value::Float(_) | Value::Duration(_)) => item.clone(),
            (Some(Value::Int(sum)), Value::Int(item)) => Value::Int(sum.checked_add(*item).ok_or(OVERFLOW)?),
            (Some(Value::UInt(sum)), Value::UInt(item)) => Value::UInt(sum.checked_add(*item).ok_or(OVERFLOW)?),
            (Some(Value::Float(sum)), Value::Float(item)) => Value::Float(sum + item),
            (Some(Value::Duration(sum)), Value::Duration(item)) => {
                Value::Duration(sum.checked_add(item).ok_or(OVERFLOW)?)
            }
            _ => return Err(NO_OVERLOAD),
        });
    }
    Ok(sum.unwrap_or(Value::Int(0)))
}

fn extreme(args: &[Value], wanted: Ordering) -> Result<Value, &'static str> {
    let (first, rest) = list(args, 0)?.split_first().ok_or("the list is empty")?;
    let mut best = first;
    for item in rest {
        if item.partial_cmp(best).ok_or(NO_OVERLOAD)? == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}

/// Where a value is in a list; -1 if it is not.
pub fn index_of(args: &[Value]) -> Result<Value, &'static str> {
    let wanted = args.get(1).ok_or(NO_OVERLOAD)?;
    Ok(position(list(args, 0)?.iter().position(|item| item == wanted)))
}

/// Where a value is last in a list; -1 if it is not.
pub fn last_index_of(args: &[Value]) -> Result<Value, &'static str> {
    let wanted = args.get(1).ok_or(NO_OVERLOAD)?;
    Ok(position(list(args, 0)?.iter().rposition(|item| item == wanted)))
}

fn position(index: Option<usize>) -> Value {
    Value::Int(index.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1))
}

fn sets(args: &[Value], holds: fn(&[Value], &[Value]) -> bool) -> Result<Value, &'static str> {
    Ok(Value::Bool(holds(list(args, 0)?, list(args, 1)?)))
}
