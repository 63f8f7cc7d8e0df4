//! Expressions in [CEL](https://cel.dev) outside of schemas, such as those of
//! [admission policies](https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/) and the
//! [match conditions](https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions)
//! of webhooks.
//!
//! ```
//! use kubewright_core::validate::expression::{Expression, of_json};
//! use serde_json::json;
//!
//! let expression = Expression::new("object.spec.replicas > 2")?;
//! let object = of_json(&json!({"spec": {"replicas": 3}}));
//! assert_eq!(expression.evaluate([("object", object)]), Ok(true.into()));
//! # Ok::<(), String>(())
//! ```

mod declared;
mod library;
mod literals;

use std::fmt;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr};
use cel::{Env, ExecutionError, IdedExpr, Program, Value};
use serde_json::Value as Json;

use super::cel::{compile_with, context_of, env, in_short, in_words, value};

pub use declared::{output_type, undeclared};
pub use library::Library;
pub use literals::visit;

/// An expression, with the functions that validation rules have.
pub struct Expression {
    program: Program,
    library: Library,
    env: Arc<Env>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expression").field("program", &self.program).finish_non_exhaustive()
    }
}

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
        Self::with(text, &Library::default())
    }

    /// Parses an expression that may use a library.
    ///
    /// # Errors
    /// As [`new`](Self::new), or if it makes structs of a type that the library doesn't know.
    pub fn with(text: &str, library: &Library) -> Result<Self, String> {
        let program = compile_with(text, |name| library.has_function(name))?;
        let env = library.env_for(program.expression())?.map_or_else(env, Arc::new);
        Ok(Self { program, library: library.clone(), env })
    }

    /// Its value, with these variables.
    ///
    /// # Errors
    /// If it has none.
    pub fn evaluate<'a>(&self, variables: impl IntoIterator<Item = (&'a str, Value)>) -> Result<Value, Failure> {
        let mut context = context_of(Arc::clone(&self.env));
        self.library.add_to(&mut context);
        for (name, value) in variables {
            context.add_variable_from_value(name, value);
        }
        self.program.execute(&context).map_err(|error| match &error {
            ExecutionError::FunctionError { function, message } if self.library.has_function(function) => {
                Failure::Error(message.clone())
            }
            error => in_words(error).map_or_else(|| Failure::Unknown(in_short(error)), Failure::Error),
        })
    }

    /// Whether it names a variable.
    pub fn names(&self, variable: &str) -> bool {
        self.program.references().has_variable(variable)
    }

    /// The parts of it that are literals of structs: the name of the type, the name of a field, and its expression.
    pub fn fields_of_structs(&self) -> Vec<(&str, &str, &IdedExpr)> {
        let mut found = Vec::new();
        literals::visit(self.program.expression(), &mut |part| {
            let Expr::Struct(literal) = &part.expr else { return };
            found.extend(literal.entries.iter().filter_map(|entry| match &entry.expr {
                EntryExpr::StructField(field) => Some((literal.type_name.as_str(), field.field.as_str(), &field.value)),
                EntryExpr::MapEntry(_) => None,
            }));
        });
        found
    }
}

/// A JSON value, as JSON says what it is.
pub fn of_json(json: &Json) -> Value {
    value::of(json, None)
}
