//! Expressions of CEL outside of schemas, such as those of admission policies.

use cel::{Program, Value};
use serde_json::Value as Json;

use super::cel::{compile, context, in_short, in_words, value};

/// An expression, with the functions that validation rules have.
#[derive(Debug)]
pub struct Expression(Program);

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An error of the language, in the API server's words.
    Error(String),
    /// It can't be evaluated here.
    Unknown(String),
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// If it can't be parsed, or has a function that is not available here.
    pub fn new(text: &str) -> Result<Self, String> {
        compile(text).map(Self)
    }

    /// Its value, with these variables.
    ///
    /// # Errors
    /// If it has none.
    pub fn evaluate<'a>(&self, variables: impl IntoIterator<Item = (&'a str, Value)>) -> Result<Value, Failure> {
        let mut context = context();
        for (name, value) in variables {
            context.add_variable_from_value(name, value);
        }
        self.0
            .execute(&context)
            .map_err(|error| in_words(&error).map_or_else(|| Failure::Unknown(in_short(&error)), Failure::Error))
    }
}

/// A JSON value, as JSON says what it is.
pub fn of_json(json: &Json) -> Value {
    value::of(json, None)
}
