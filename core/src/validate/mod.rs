//! Validation of custom resources by the schema of their CustomResourceDefinition, without a server.
//!
//! - [`Validate`] is the trait of kinds that have a schema: those of a tree that was generated with validation, and those
//!   of `#[derive(CustomResource)]`.
//! - [`Schema`] is the schema of a definition that is read at run time, and validates JSON.
//!
//! What is checked is what the API server checks when it creates or updates an object, after defaults were set: types,
//! bounds, patterns, formats, enums, required fields, `oneOf` and its like, the uniqueness of
//! [list types](https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy) and, with the feature
//! `cel`, [validation rules](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules).
//! Fields and messages are those of the server's `Status`. What can't be evaluated here is in
//! [`Validation::unchecked`]: it neither passed nor failed.
//!
//! Not checked are the metadata, admission webhooks and policies, quotas, and immutable fields of the server's own.

mod calls;
#[cfg(feature = "cel")]
mod cel;
mod check;
mod defaults;
#[cfg(feature = "schemars")]
mod derived;
mod error;
#[cfg(feature = "cel")]
#[doc(hidden)]
pub mod expression;
mod format;
mod list_type;
mod node;
mod number;
mod path;
mod re2;
mod rule;
#[cfg(test)]
mod tests;
mod text;
mod types;

#[cfg(feature = "cel")]
pub use cel::{Condition, ConditionError};
pub use error::{FieldError, Invalid, Reason, SchemaError, Unchecked, Validation};

use std::sync::Arc;

use serde_json::Value as Json;

use crate::json;
use crate::message::Message;
use node::Node;

/// A kind whose objects can be validated by the schema of its CustomResourceDefinition.
///
/// ```
/// use kubewright_core::validate::Schema;
/// use serde_json::json;
///
/// let schema = Schema::new(&json!({
///     "type": "object",
///     "properties": {"spec": {
///         "type": "object",
///         "required": ["size"],
///         "properties": {"size": {"type": "integer", "minimum": 1}},
///     }},
/// }))?;
/// let validation = schema.validate(&json!({"spec": {"size": 0}}));
/// assert_eq!(
///     validation.errors()[0].to_string(),
///     "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
/// );
/// # Ok::<(), kubewright_core::validate::SchemaError>(())
/// ```
pub trait Validate: Message + Sized {
    /// Returns the schema of the kind, as far as it restricts anything.
    fn schema() -> &'static Schema;

    /// Validates the object, as the API server does when it is created.
    fn validate(&self) -> Validation {
        let schema = Self::schema();
        match as_json(self) {
            Ok(object) => schema.validate(&object),
            Err(unchecked) => Validation::unreadable(unchecked),
        }
    }

    /// Validates the object, as the API server does when it replaces `old`: transition rules (`oldSelf`) are checked, and
    /// what was invalid before and is unchanged is accepted
    /// ([ratcheting](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting)).
    fn validate_update(&self, old: &Self) -> Validation {
        let schema = Self::schema();
        match (as_json(self), as_json(old)) {
            (Ok(object), Ok(old)) => schema.validate_update(&object, &old),
            (Err(unchecked), _) | (_, Err(unchecked)) => Validation::unreadable(unchecked),
        }
    }
}

fn as_json(object: &dyn Message) -> Result<Json, Unchecked> {
    let text = json::to_vec(object).map_err(|error| Unchecked::whole(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| Unchecked::whole(error.to_string()))
}

/// The schema of a custom resource.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
#[derive(Clone, Debug)]
pub struct Schema {
    root: Arc<Node>,
    /// Why there is no schema, where a derived kind has none.
    problem: Option<String>,
}

impl Schema {
    /// Reads a schema: the value of `openAPIV3Schema`.
    ///
    /// # Errors
    /// If a keyword has a value that it can't have, such as a text as `minimum`.
    pub fn new(schema: &Json) -> Result<Self, SchemaError> {
        Ok(Self { root: Arc::new(Node::read(schema)?), problem: None })
    }

    /// Reads the schema of a version of a CustomResourceDefinition.
    ///
    /// # Errors
    /// If the definition has no such version, or the version no schema; and as [`new`](Self::new).
    pub fn of_crd(crd: &Json, version: &str) -> Result<Self, SchemaError> {
        let versions = crd.pointer("/spec/versions").and_then(Json::as_array);
        let named = versions.into_iter().flatten().find(|known| known["name"] == version);
        let named = named.ok_or_else(|| SchemaError::new(format!("there is no version {version:?}")))?;
        let schema = named.pointer("/schema/openAPIV3Schema");
        Self::new(schema.ok_or_else(|| SchemaError::new(format!("the version {version:?} has no schema")))?)
    }

    /// Reads the table of a generated kind: a schema on each line, in which other schemas are the numbers of their lines,
    /// above it. The last line is that of the kind.
    #[doc(hidden)]
    pub fn of_table(table: &str) -> Self {
        match Node::read_table(table) {
            Ok(root) => Self { root, problem: None },
            Err(error) => Self::missing(error.to_string()),
        }
    }

    /// A schema that checks nothing, and reports why.
    #[cfg_attr(not(feature = "schemars"), allow(dead_code))]
    pub(crate) fn missing(problem: String) -> Self {
        Self { root: Arc::new(Node::default()), problem: Some(problem) }
    }

    /// Validates an object, as the API server does when it is created.
    pub fn validate(&self, object: &Json) -> Validation {
        self.run(object, None)
    }

    /// Validates an object, as the API server does when it replaces `old`.
    pub fn validate_update(&self, object: &Json, old: &Json) -> Validation {
        self.run(object, Some(old))
    }

    fn run(&self, object: &Json, old: Option<&Json>) -> Validation {
        let complete = |object: &Json| {
            let mut object = object.clone();
            defaults::drop_nulls(&mut object, &self.root);
            defaults::set(&mut object, &self.root);
            object
        };
        self.validate_as_is(&complete(object), old.map(complete).as_ref())
    }

    /// Validates an object, in place of `old` if there is one, without removing nulls and without setting defaults: as the API
    /// server checks the outcome of a server-side apply.
    pub fn validate_as_is(&self, object: &Json, old: Option<&Json>) -> Validation {
        if let Some(problem) = &self.problem {
            return Validation::unreadable(Unchecked::whole(problem.clone()));
        }
        let mut validation = Validation::default();
        let outcome = check::check(&self.root, object, old, "", &mut validation.unchecked);
        validation.errors = outcome.errors;
        let old_is_unique = |old: &Json| list_type::check(&self.root, old, "").is_empty();
        if old.is_none_or(old_is_unique) {
            validation.errors.extend(list_type::check(&self.root, object, ""));
        }
        rule::check(&self.root, object, old, &mut validation);
        validation
    }
}

/// Whether this crate can check a pattern, which is in the syntax of
/// [RE2](https://github.com/google/re2/wiki/Syntax); if not, why.
#[doc(hidden)]
pub fn pattern_problem(pattern: &str) -> Option<String> {
    re2::compile(pattern).err()
}

/// What of a validation rule can't be evaluated by this crate: functions that it does not have, by their names.
#[doc(hidden)]
pub fn rule_problem(rule: &str) -> Option<String> {
    calls::problem(rule)
}

/// Whether the name of a field is spelled otherwise in a rule.
#[doc(hidden)]
pub fn is_escaped(name: &str) -> bool {
    rule::escaped(name) != name
}

/// Whether the API server checks a format of texts.
#[doc(hidden)]
pub fn is_checked_format(name: &str) -> bool {
    format::Format::of(name, types::Types::default()).is_some()
}

/// Whether the API server checks a format of texts, and this crate does not.
#[doc(hidden)]
pub fn is_format_of_server_alone(name: &str) -> bool {
    format::Format::of(name, types::Types::default()).is_some_and(|format| format.is_met_by("").is_none())
}

/// Implements [`Validate`](crate::validate::Validate) for a generated kind.
#[doc(hidden)]
#[macro_export]
macro_rules! validation {
    ($kind:ident, $table:expr) => {
        impl $crate::validate::Validate for $kind {
            fn schema() -> &'static $crate::validate::Schema {
                static SCHEMA: ::std::sync::LazyLock<$crate::validate::Schema> =
                    ::std::sync::LazyLock::new(|| $crate::validate::Schema::of_table($table));
                &SCHEMA
            }
        }
    };
}
