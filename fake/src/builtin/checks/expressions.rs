//! Expressions that objects have, as far as they are known without a value for what they name.

use cel::parser::Parser;
use kubewright_core::validate::expression::{Library, output_type, undeclared};

use crate::admission::authz;
use crate::admission::policies::with_patches;

/// What is wrong with an expression, as far as it has to be one.
pub(super) fn syntax(expression: &str) -> Result<(), String> {
    Parser::new().enable_optional_syntax(true).parse(expression).map(|_| ()).map_err(|errors| errors.to_string())
}

/// The type that an expression of a policy makes, where that is plain to see; the error is what keeps it from being one.
pub(super) fn of_policy(expression: &str, declares: impl Fn(&str) -> bool) -> Result<Option<String>, String> {
    made(expression, &with_patches(authz::declarations()), declares)
}

/// The same of a rule in a schema.
pub(super) fn of_schema(expression: &str, declares: impl Fn(&str) -> bool) -> Result<Option<String>, String> {
    made(expression, &Library::default(), declares)
}

fn made(expression: &str, library: &Library, declares: impl Fn(&str) -> bool) -> Result<Option<String>, String> {
    syntax(expression)?;
    match undeclared(expression, library, declares) {
        Some(errors) => Err(errors),
        None => Ok(output_type(expression, library)),
    }
}
