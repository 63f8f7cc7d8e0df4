//! The functions that rules may call: those of the crate `cel` and its extension of texts, and what Kubernetes has beside
//! them.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries>

use std::sync::{Arc, LazyLock};

use cel::common::types::{DYN_TYPE, LIST_TYPE};
use cel::common::value::CowVal;
use cel::{Context, Env, ExecutionError, FunctionContext, Program, Value, extensions};

use super::super::calls;
use super::{addresses, lists, quantities, strings};

/// A function of ours, by its arguments: of a method, the value that it is called on comes first. An error does not show
/// values, which may be secret.
pub type Own = fn(&[Value]) -> Result<Value, &'static str>;

/// What a function says of arguments that it does not take.
pub const NO_OVERLOAD: &str = "no such overload";

const OWN: &[&[(&str, Own)]] = &[addresses::ALL, lists::ALL, quantities::ALL, strings::ALL];

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(new_env()));

/// The environment that all have.
pub fn env() -> Arc<Env> {
    Arc::clone(&ENV)
}

/// A new one like it, for more.
pub fn new_env() -> Env {
    let mut env = Env::stdlib();
    // Of names that are declared already nothing is added; a test calls each function.
    let _ = extensions::strings(&mut env);
    let _ = env.add_member_overload("indexOf", "list.indexOf(dyn)", LIST_TYPE, vec![DYN_TYPE], |args| {
        run(&args, lists::index_of)
    });
    let _ = env.add_member_overload("lastIndexOf", "list.lastIndexOf(dyn)", LIST_TYPE, vec![DYN_TYPE], |args| {
        run(&args, lists::last_index_of)
    });
    env
}

/// Parses an expression.
pub fn compile(expression: &str) -> Result<Program, String> {
    compile_with(expression, |_| false)
}

/// Parses an expression that may call other functions too, by their names without namespaces.
pub fn compile_with(expression: &str, is_other: impl Fn(&str) -> bool) -> Result<Program, String> {
    let program = ENV.compile(expression).map_err(|error| {
        let text = error.to_string();
        format!("the expression can't be parsed: {}", text.lines().next().unwrap_or_default())
    })?;
    // Operators have names that no function can have. Of a function in a namespace the parser reports the name alone.
    let is_function = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    let references = program.references();
    let unknown =
        references.functions().into_iter().filter(is_function).find(|name| !calls::is_known(name) && !is_other(name));
    match unknown.map(str::to_owned) {
        Some(name) => Err(calls::problem(expression)
            .unwrap_or_else(|| format!("the function {name}() is not available on the client"))),
        None => Ok(program),
    }
}

/// A context with all functions, and without variables.
pub fn context() -> Context<'static, 'static> {
    context_of(env())
}

/// The same in an environment that has more.
pub fn context_of(env: Arc<Env>) -> Context<'static, 'static> {
    let mut context = Context::with_env(env);
    for (name, own) in OWN.iter().copied().flatten() {
        let own = *own;
        let function = move |call: &FunctionContext<'_, '_>| -> Result<Value, ExecutionError> {
            let args: Vec<CowVal<'_, '_>> = call.this.iter().chain(&call.args).cloned().collect();
            values(&args).and_then(|args| own(&args).map_err(|what| call.error(what)))
        };
        let _ = context.add_function(name, function);
    }
    context
}

pub fn values(args: &[CowVal<'_, '_>]) -> Result<Vec<Value>, ExecutionError> {
    args.iter().map(|arg| Value::try_from(arg.as_ref())).collect()
}

fn run<'b, 'v>(args: &[CowVal<'b, 'v>], own: Own) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = own(&values(args)?).map_err(|what| ExecutionError::function_error("a list", what))?;
    Ok(CowVal::Owned(value.try_into()?))
}
