//! What is known of an expression before it is evaluated: names that nothing has, and in simple cases its type.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#type-checking>

use cel::common::ast::SourceInfo;
use cel::common::ast::{EntryExpr, Expr, LiteralValue, operators};
use cel::{IdedExpr, Program};

use super::super::cel::compile_with;
use super::Library;

/// What is no variable: the types of the language, and the first words of functions such as `sets.contains`.
const NAMES: &[&str] = &[
    "base64",
    "bool",
    "bytes",
    "cel",
    "cidr",
    "double",
    "duration",
    "dyn",
    "format",
    "google",
    "int",
    "ip",
    "json",
    "jsonpatch",
    "kubernetes",
    "list",
    "lists",
    "map",
    "math",
    "net",
    "null_type",
    "optional",
    "optional_type",
    "quantity",
    "regex",
    "semver",
    "sets",
    "string",
    "strings",
    "timestamp",
    "type",
    "uint",
    "url",
];

/// What is wrong with an expression that was parsed, in the words of the API server: variables that are not declared. `None` if nothing
/// is, or if that can't be told, since it has functions that are not known here.
///
/// ```
/// use kubewright_core::validate::expression::{Library, undeclared};
///
/// let found = undeclared("objct.metadata.name == 'a'", &Library::default(), |name| name == "object");
/// let expected = "ERROR: <input>:1:1: undeclared reference to 'objct' (in container '')\n | objct.metadata.name == 'a'\n | ^";
/// assert_eq!(found.as_deref(), Some(expected));
/// ```
#[must_use]
pub fn undeclared(text: &str, library: &Library, is_variable: impl Fn(&str) -> bool) -> Option<String> {
    let program = compile_with(text, |name| library.has_function(name)).ok()?;
    let mut found = Names { is_variable: &is_variable, bound: Vec::new(), unknown: Vec::new() };
    found.visit(program.expression());
    let errors: Vec<String> =
        found.unknown.iter().filter_map(|(id, name)| error(text, program.source_info(), *id, name)).collect();
    (!errors.is_empty()).then(|| errors.join("\n"))
}

/// The type of an expression, as the language writes it: `list(string)`. `None` if that can't be told here.
#[must_use]
pub fn output_type(text: &str, library: &Library) -> Option<String> {
    let program: Program = compile_with(text, |name| library.has_function(name)).ok()?;
    type_of(program.expression())
}

/// An error at a place, with the line that it is in.
fn error(text: &str, source: &SourceInfo, id: u64, name: &str) -> Option<String> {
    let start = usize::try_from(source.offset_for(id)?.0).ok()?;
    let before = text.get(..start)?;
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next()?.chars().count();
    let shown = text.split('\n').nth(line)?;
    Some(format!(
        "ERROR: <input>:{}:{}: undeclared reference to '{name}' (in container '')\n | {shown}\n | {}^",
        line + 1,
        column + 1,
        ".".repeat(column)
    ))
}

struct Names<'a> {
    is_variable: &'a dyn Fn(&str) -> bool,
    /// The variables of macros.
    bound: Vec<&'a str>,
    unknown: Vec<(u64, String)>,
}

impl<'a> Names<'a> {
    fn visit(&mut self, expression: &'a IdedExpr) {
        match &expression.expr {
            Expr::Ident(name) => {
                let name = name.trim_start_matches('.');
                if !(self.is_variable)(name) && !self.bound.contains(&name) && !NAMES.contains(&name) {
                    self.unknown.push((expression.id, name.to_owned()));
                }
            }
            Expr::Select(select) => self.visit(&select.operand),
            Expr::Call(call) => {
                for part in call.target.as_deref().into_iter().chain(&call.args) {
                    self.visit(part);
                }
            }
            Expr::Comprehension(of) => {
                self.visit(&of.iter_range);
                self.visit(&of.accu_init);
                let count = self.bound.len();
                self.bound.extend([of.iter_var.as_str(), of.accu_var.as_str()]);
                self.bound.extend(of.iter_var2.as_deref());
                for part in [&of.loop_cond, &of.loop_step, &of.result] {
                    self.visit(part);
                }
                self.bound.truncate(count);
            }
            Expr::List(list) => list.elements.iter().for_each(|part| self.visit(part)),
            Expr::Map(map) => map.entries.iter().for_each(|entry| self.visit_entry(&entry.expr)),
            Expr::Struct(literal) => literal.entries.iter().for_each(|entry| self.visit_entry(&entry.expr)),
            Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn visit_entry(&mut self, entry: &'a EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.visit(&field.value),
            EntryExpr::MapEntry(entry) => {
                self.visit(&entry.key);
                self.visit(&entry.value);
            }
        }
    }
}

fn type_of(expression: &IdedExpr) -> Option<String> {
    let plain = |name: &str| Some(name.to_owned());
    match &expression.expr {
        Expr::Literal(literal) => plain(match literal {
            LiteralValue::Boolean(_) => "bool",
            LiteralValue::Bytes(_) => "bytes",
            LiteralValue::Double(_) => "double",
            LiteralValue::Int(_) => "int",
            LiteralValue::Null => "null_type",
            LiteralValue::String(_) => "string",
            LiteralValue::UInt(_) => "uint",
        }),
        Expr::Struct(literal) => Some(literal.type_name.clone()),
        Expr::List(list) if list.elements.is_empty() => plain("list(dyn)"),
        Expr::List(list) if list.optional_indices.is_empty() => {
            Some(format!("list({})", common(list.elements.iter().map(type_of))?))
        }
        Expr::Map(map) if map.entries.is_empty() => plain("map(dyn, dyn)"),
        Expr::Map(map) => {
            let entries = || {
                map.entries.iter().map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) if !entry.optional => Some(entry),
                    _ => None,
                })
            };
            let keys = common(entries().map(|entry| type_of(&entry?.key)))?;
            Some(format!("map({keys}, {})", common(entries().map(|entry| type_of(&entry?.value)))?))
        }
        Expr::Ident(name) if ["object", "oldObject", "params"].contains(&name.as_str()) => plain("dyn"),
        Expr::Select(select) if select.test => plain("bool"),
        Expr::Select(select) => type_of(&select.operand).filter(|of| of == "dyn"),
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, _)
            | (operators::EQUALS | operators::NOT_EQUALS | operators::IN, _)
            | (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, _)
            | ("startsWith" | "endsWith" | "allowed" | "errored", _) => plain("bool"),
            ("string", [_]) if call.target.is_none() => plain("string"),
            ("int", [_]) if call.target.is_none() => plain("int"),
            (operators::CONDITIONAL, [_, one, other]) | (operators::ADD, [one, other]) => {
                common([one, other].into_iter().map(type_of)).filter(|of| of != "dyn")
            }
            (operators::INDEX, [of, _]) => type_of(of).filter(|of| of == "dyn"),
            _ => None,
        },
        _ => None,
    }
}

/// The one type that all have.
fn common(mut types: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = types.next()??;
    types.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_nothing_declares_are_found_with_their_places() {
        let found = |text: &str| undeclared(text, &Library::default(), |name| ["object", "request"].contains(&name));
        for text in [
            "object.a.all(x, x > 1) && has(request.name)",
            "sets.contains([1], object.a) && type(object.b) == int",
            "object.?a.optMap(x, x + 1).orValue(2) == 3",
            "[1].exists_one(y, y == object.c)",
            "unknownFunction(foo)",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        let both = "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a && b\n | ^\nERROR: <input>:1:6: undeclared reference to 'b' (in container '')\n | a && b\n | .....^";
        assert_eq!(found("a && b").as_deref(), Some(both));
        let second = "ERROR: <input>:2:4: undeclared reference to 'y' (in container '')\n | && y\n | ...^";
        assert_eq!(found("object.a\n&& y").as_deref(), Some(second));
    }

    #[test]
    fn simple_types_are_known() {
        for (text, expected) in [
            ("1", Some("int")),
            ("object.a.b", Some("dyn")),
            ("object.a == 1", Some("bool")),
            ("[1, 2]", Some("list(int)")),
            ("{'a': 'b'}", Some("map(string, string)")),
            ("true ? 'a' : 'b'", Some("string")),
            ("request.name", None),
            ("[1, object.a]", None),
        ] {
            assert_eq!(output_type(text, &Library::default()).as_deref(), expected, "{text}");
        }
    }
}
