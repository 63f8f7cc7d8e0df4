//! Expressions that are true or false of a few variables.

use cel::{Program, Value};
use serde_json::Value as Json;

use super::{functions, in_short, in_words, value};

/// A condition in [CEL](https://cel.dev), such as a
/// [match condition](https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions)
/// of a webhook. Its variables are JSON without a schema.
///
/// ```
/// use kubewright_core::validate::Condition;
/// use serde_json::json;
///
/// let condition = Condition::new("object.spec.replicas > 2")?;
/// let object = json!({"spec": {"replicas": 3}});
/// assert_eq!(condition.evaluate(&[("object", &object)]), Ok(true));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct Condition(Program);

/// Why it can't be said whether a condition is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionError {
    /// An error of the language, as the API server says it, such as `no such key: spec`.
    Failed(String),
    /// It can't be evaluated here: an operator or a function that the crate `cel` does not have, or a variable that is not given.
    Unchecked(String),
}

impl Condition {
    /// Parses an expression.
    ///
    /// # Errors
    /// If it is none, or calls a function that is not available here.
    pub fn new(expression: &str) -> Result<Self, String> {
        functions::compile(expression).map(Self)
    }

    /// Evaluates it with variables.
    ///
    /// # Errors
    /// If it has no value, or one that is neither true nor false.
    pub fn evaluate(&self, variables: &[(&str, &Json)]) -> Result<bool, ConditionError> {
        let mut context = functions::context();
        for (name, json) in variables {
            context.add_variable_from_value(*name, value::of(json, None));
        }
        match self.0.execute(&context) {
            Ok(Value::Bool(is_met)) => Ok(is_met),
            Ok(other) => Err(ConditionError::Unchecked(format!("its value is of the type {}", other.type_of()))),
            Err(error) => Err(match in_words(&error) {
                Some(what) => ConditionError::Failed(what),
                None => ConditionError::Unchecked(in_short(&error)),
            }),
        }
    }
}
