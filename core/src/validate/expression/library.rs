//! What expressions have beside the functions of validation rules.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cel::common::types::{CelOptional, CelStruct, Type};
use cel::common::value::{CowVal, Val};
use cel::{Context, Env, ExecutionError, FunctionContext, IdedExpr, StructType, Value};

use super::super::cel::{new_env, values};
use super::literals;

type Function = Arc<dyn Fn(&[Value]) -> Result<Value, String> + Send + Sync>;

/// Functions and struct types for expressions, such as those that Kubernetes has for
/// [authorization checks](https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library).
///
/// ```
/// use kubewright_core::validate::expression::{Expression, Library};
///
/// let library = Library::default().function("greet", |arguments| match arguments {
///     [cel::Value::String(name)] => Ok(format!("Hello {name}!").into()),
///     _ => Err("no such overload".to_owned()),
/// });
/// let expression = Expression::with("greet('you')", &library)?;
/// assert_eq!(expression.evaluate([]), Ok("Hello you!".into()));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Default)]
pub struct Library {
    functions: BTreeMap<String, Function>,
    is_struct: Option<fn(&str) -> bool>,
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions: Vec<&String> = self.functions.keys().collect();
        f.debug_struct("Library").field("functions", &functions).finish_non_exhaustive()
    }
}

impl Library {
    /// Adds a function, by its name with its namespace. It is also called as a method: then its target is the first argument.
    /// The error is that of the expression.
    #[must_use]
    pub fn function(
        mut self,
        name: &str,
        function: impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Self {
        self.functions.insert(name.to_owned(), Arc::new(function));
        self
    }

    /// Lets literals of structs have the types whose names are accepted. Their fields are those that a literal has.
    #[must_use]
    pub fn structs(mut self, is_known: fn(&str) -> bool) -> Self {
        self.is_struct = Some(is_known);
        self
    }

    /// Whether a function has this name, without its namespace.
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.functions.keys().any(|known| known.rsplit('.').next() == Some(name))
    }

    /// The environment of an expression that has literals of structs; `None` if it has none.
    pub(super) fn env_for(&self, expression: &IdedExpr) -> Result<Option<Env>, String> {
        let types = literals::types(expression);
        if types.is_empty() {
            return Ok(None);
        }
        let mut env = new_env();
        for name in types {
            if !self.is_struct.is_some_and(|is_known| is_known(name)) {
                return Err(format!("the type {name} is not known"));
            }
            env.add_type(AnyFields(Type::new_struct(name.to_owned()))).map_err(|error| error.to_string())?;
        }
        Ok(Some(env))
    }

    /// Adds the functions to a context.
    pub(super) fn add_to(&self, context: &mut Context<'static, 'static>) {
        for (name, function) in &self.functions {
            let function = Arc::clone(function);
            let call = move |call: &FunctionContext<'_, '_>| -> Result<Value, ExecutionError> {
                let args: Vec<CowVal<'_, '_>> = call.this.iter().chain(&call.args).cloned().collect();
                values(&args).and_then(|args| function(&args).map_err(|what| call.error(what)))
            };
            let _ = context.add_function(name, call);
        }
    }
}

/// A type of structs with any fields.
struct AnyFields(Type);

impl StructType for AnyFields {
    fn get_type(&self) -> &Type {
        &self.0
    }

    fn new_value<'b, 'v>(&self, fields: BTreeMap<String, CowVal<'b, 'v>>) -> Result<Box<dyn Val + 'v>, ExecutionError> {
        let mut made = CelStruct::new(self.0.name().to_owned());
        for (name, value) in fields {
            // Of an optional field (`?name: value`) what is there.
            let Some(optional) = value.downcast_ref::<CelOptional<'_>>() else {
                made.add_field_value(name, value);
                continue;
            };
            if let Some(inner) = optional.option() {
                let inner = CowVal::Owned(inner.clone_as_boxed());
                made.add_field_value(name, inner);
            }
        }
        Ok(Box::new(made))
    }
}
