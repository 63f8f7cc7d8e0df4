//! Validation rules in [CEL](https://cel.dev), evaluated by the crate `cel`.
//!
//! The crate has no type checker. So a rule is evaluated only if every function of it is known here, and an error that is
//! not one of the language (no such key, division by zero, …) means that the rule could not be checked.

mod addresses;
mod functions;
mod lists;
mod quantities;
mod strings;
pub(super) mod value;

use cel::{Context, ExecutionError, Program, Value};
use serde_json::Value as Json;

use super::error::{FieldError, Reason, Unchecked, Validation};
use super::node::{Node, counterpart};
use super::rule::Rule;
use super::{path, text};

pub(super) use functions::{compile_with, context_of, env, new_env, values};

use functions::compile;

/// A rule, parsed.
#[derive(Debug)]
pub struct Compiled {
    rule: Result<Program, String>,
    message: Option<Program>,
    uses_old: bool,
}

impl Compiled {
    pub fn new(rule: &str, message: &str) -> Self {
        let rule = compile(rule);
        let uses_old = rule.as_ref().is_ok_and(|program| program.references().has_variable("oldSelf"));
        // The API server falls back to the rule's message, too.
        let message = (!message.is_empty()).then(|| compile(message).ok()).flatten();
        Self { rule, message, uses_old }
    }
}

/// Evaluates the rules of an object.
pub fn check(node: &Node, object: &Json, old: Option<&Json>, validation: &mut Validation) {
    Rules { context: functions::context(), validation }.node(
        node,
        object,
        Before { value: old, parent_is_same: false },
        "",
    );
}

/// What is known of a value before an update, which decides whether its errors count.
#[derive(Clone, Copy)]
struct Before<'a> {
    /// The value before, where it can be told.
    value: Option<&'a Json>,
    /// Whether something around the value is as it was.
    parent_is_same: bool,
}

impl Before<'_> {
    fn is_same(self, value: &Json) -> bool {
        self.parent_is_same || self.value == Some(value)
    }
}

struct Rules<'a> {
    /// With all functions.
    context: Context<'static, 'static>,
    validation: &'a mut Validation,
}

impl Rules<'_> {
    fn node(&mut self, node: &Node, value: &Json, before: Before<'_>, at: &str) {
        // Of a null the rules around it speak.
        if value.is_null() || !node.has_rules {
            return;
        }
        self.rules(node, node, value, before, at);
        for one in &node.all_of {
            self.rules(one, node, value, before, at);
        }
        // A value is compared once, however much is in it.
        let parent_is_same = before.is_same(value);
        match value {
            Json::Object(fields) => {
                for (name, inner) in fields {
                    let Some((node, at)) = node.field_at(name, at) else { continue };
                    let value = before.value.and_then(|before| before.get(name));
                    self.node(node, inner, Before { value, parent_is_same }, &at);
                }
            }
            Json::Array(items) => {
                let Some(schema) = &node.items else { return };
                for (index, item) in items.iter().enumerate() {
                    let value = counterpart(node, before.value, item);
                    self.node(schema, item, Before { value, parent_is_same }, &path::item(at, index));
                }
            }
            _ => {}
        }
    }

    /// The rules of a schema for a value, whose type another one may say (`allOf`).
    fn rules(&mut self, of: &Node, node: &Node, value: &Json, before: Before<'_>, at: &str) {
        if of.rules.is_empty() {
            return;
        }
        let old = before.value.filter(|old| !old.is_null());
        let scope = Scope { value: value::of(value, Some(node)), old: old.map(|old| value::of(old, Some(node))) };
        for rule in &of.rules {
            self.rule(rule, node, value, &scope, before, at);
        }
    }

    fn rule(&mut self, rule: &Rule, node: &Node, value: &Json, scope: &Scope, before: Before<'_>, at: &str) {
        let program = match &rule.compiled.rule {
            Ok(program) => program,
            Err(why) => return self.unchecked(rule, at, why.clone()),
        };
        // Transition rules are for updates.
        if rule.compiled.uses_old && scope.old.is_none() && !rule.more.optional_old_self {
            return;
        }
        let type_name = text::quoted(&node.types.to_string());
        let shown = if rule.more.message.is_empty() { rule.rule.trim() } else { &rule.more.message };
        match scope.evaluate(&self.context, program, rule.more.optional_old_self) {
            Ok(Value::Bool(true)) => {}
            Ok(Value::Bool(false)) => {
                if !rule.compiled.uses_old && before.is_same(value) {
                    return;
                }
                let error = self.failed(rule, node, value, scope, at);
                self.validation.errors.push(error);
            }
            Ok(other) => self.unchecked(
                rule,
                at,
                format!("the rule is neither true nor false, but of the type {}", other.type_of()),
            ),
            Err(error) => match in_words(&error) {
                Some(what) => self.validation.errors.push(FieldError {
                    field: at.to_owned(),
                    reason: Reason::Invalid,
                    message: format!("Invalid value: {type_name}: {what} evaluating rule: {shown}"),
                }),
                None => self.unchecked(rule, at, format!("the rule can't be evaluated: {}", in_short(&error))),
            },
        }
    }

    fn failed(&mut self, rule: &Rule, node: &Node, value: &Json, scope: &Scope, at: &str) -> FieldError {
        let said = rule.compiled.message.as_ref().and_then(|message| {
            let Ok(Value::String(text)) = scope.evaluate(&self.context, message, rule.more.optional_old_self) else {
                return None;
            };
            let text = text.trim();
            (!text.is_empty() && !text.contains('\n') && text.len() <= LONGEST).then(|| text.to_owned())
        });
        let said = said.unwrap_or_else(|| match rule.more.message.as_str() {
            "" => format!("failed rule: {}", rule.rule.trim()),
            message => message.to_owned(),
        });
        let whole = node.types.is("object") || node.types.is("array");
        let shown = if whole { String::new() } else { format!(": {}", text::value(value, node.secret)) };
        let (reason, message) = match rule.more.reason.unwrap_or(Reason::Invalid) {
            Reason::Forbidden => (Reason::Forbidden, format!("Forbidden: {said}")),
            Reason::Required => (Reason::Required, format!("Required value: {said}")),
            Reason::Duplicate => (Reason::Duplicate, format!("Duplicate value{shown}")),
            _ => (Reason::Invalid, format!("Invalid value{shown}: {said}")),
        };
        FieldError { field: below(at, &rule.more.field_path, node), reason, message }
    }

    fn unchecked(&mut self, rule: &Rule, at: &str, why: String) {
        self.validation.unchecked.push(Unchecked { field: at.to_owned(), rule: rule.rule.clone(), why });
    }
}

/// The longest text of a message expression that the API server shows, in bytes.
const LONGEST: usize = 5 * 1024;

/// What a rule can name.
struct Scope {
    value: Value,
    old: Option<Value>,
}

impl Scope {
    fn evaluate(
        &self,
        functions: &Context<'static, 'static>,
        program: &Program,
        optional: bool,
    ) -> Result<Value, ExecutionError> {
        let mut context = functions.new_inner_scope();
        context.add_variable_from_value("self", self.value.clone());
        match (&self.old, optional) {
            (Some(old), false) => context.add_variable_from_value("oldSelf", old.clone()),
            (old, true) => context.add_variable_from_value("oldSelf", value::optional(old.clone())),
            (None, false) => {}
        }
        program.execute(&context)
    }
}

/// Errors that the language defines, in the API server's words.
pub(super) fn in_words(error: &ExecutionError) -> Option<String> {
    Some(match error {
        ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
        ExecutionError::DivisionByZero(_) => "division by zero".to_owned(),
        ExecutionError::RemainderByZero(_) => "modulus by zero".to_owned(),
        ExecutionError::Overflow(..) => "integer overflow".to_owned(),
        ExecutionError::IndexOutOfBounds(Value::Int(index)) => format!("index out of bounds: {index}"),
        _ => return None,
    })
}

/// Any other error, without the values that it is of: they may be secret.
pub(super) fn in_short(error: &ExecutionError) -> String {
    match error {
        ExecutionError::UndeclaredReference(name) => format!("{name} is not known"),
        ExecutionError::FunctionError { function, .. } => format!("{function} fails"),
        _ => "an operator or function does not take these values".to_owned(),
    }
}

/// A field path of a rule, such as `.ports` or `.labels['app']`, below a path.
fn below(at: &str, field_path: &str, node: &Node) -> String {
    let mut path = at.to_owned();
    let mut rest = field_path;
    let mut here = Some(node);
    while !rest.is_empty() {
        let (name, after) = if let Some(quoted) = rest.strip_prefix("['") {
            quoted.split_once("']").unwrap_or((quoted, ""))
        } else {
            let plain = rest.strip_prefix('.').unwrap_or(rest);
            plain.split_at(plain.find(['.', '[']).unwrap_or(plain.len()))
        };
        let is_map = here.is_some_and(|node| node.properties.is_empty() && node.additional.is_some());
        path = if is_map { path::key(&path, name) } else { path::field(&path, name) };
        here = here.and_then(|node| node.field(name)).map(|node| &**node);
        rest = after;
    }
    path
}
