//! The literals of structs in an expression.

use std::collections::BTreeSet;

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr};

/// The names of the types that literals have.
pub(super) fn types(expression: &IdedExpr) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    visit(expression, &mut |part| {
        if let Expr::Struct(literal) = &part.expr {
            found.insert(literal.type_name.as_str());
        }
    });
    found
}

/// Calls a function with an expression and all that are in it.
pub fn visit<'e>(expression: &'e IdedExpr, seen: &mut impl FnMut(&'e IdedExpr)) {
    seen(expression);
    match &expression.expr {
        Expr::Call(call) => {
            for part in call.target.as_deref().into_iter().chain(&call.args) {
                visit(part, seen);
            }
        }
        Expr::Comprehension(of) => {
            for part in [&of.iter_range, &of.accu_init, &of.loop_cond, &of.loop_step, &of.result] {
                visit(part, seen);
            }
        }
        Expr::List(list) => list.elements.iter().for_each(|part| visit(part, seen)),
        Expr::Map(map) => map.entries.iter().for_each(|entry| visit_entry(&entry.expr, seen)),
        Expr::Struct(literal) => literal.entries.iter().for_each(|entry| visit_entry(&entry.expr, seen)),
        Expr::Select(select) => visit(&select.operand, seen),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn visit_entry<'e>(entry: &'e EntryExpr, seen: &mut impl FnMut(&'e IdedExpr)) {
    match entry {
        EntryExpr::StructField(field) => visit(&field.value, seen),
        EntryExpr::MapEntry(entry) => {
            visit(&entry.key, seen);
            visit(&entry.value, seen);
        }
    }
}
