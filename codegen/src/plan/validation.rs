//! What the schema of a custom kind checks, as a table: a schema on each line, in which other schemas are the numbers of
//! their lines, above it. Each is there once, and what checks nothing is left out.

use std::collections::BTreeMap;

use kubewright_core::validate::{
    is_checked_format, is_escaped, is_format_of_server_alone, pattern_problem, rule_problem,
};
use serde_json::{Map, Value, json};

use super::{Plan, types::Types};
use crate::model::Model;

type Keywords = Map<String, Value>;

/// Adds the tables of all custom kinds to a plan, and notes of what can't be checked.
pub fn plan(model: &Model, types: &Types, plan: &mut Plan) {
    for def in model.types.values() {
        let (Some(raw), Some(path), Some(kind)) = (&def.raw, types.structs.get(&def.name), def.kinds.first()) else {
            continue;
        };
        let module = plan.modules.get_mut(&path.module_path);
        let (Some(item), Some(table)) = (module.and_then(|module| module.structs.get_mut(&path.name)), table(raw))
        else {
            continue;
        };
        item.validation = Some(table.text);
        let title = format!("{} {}", kind.group_version(), kind.kind);
        plan.notes.extend(table.problems.into_iter().map(|(at, problem)| format!("{title}: {at}: {problem}")));
    }
}

/// A table, and what of it can't be checked.
#[derive(Debug, Default)]
struct Table {
    /// The lines.
    text: String,
    /// Patterns, formats and rules that are not checked: where, and why.
    problems: Vec<(String, String)>,
}

/// The table of a kind's schema; `None` if it checks nothing.
fn table(schema: &Value) -> Option<Table> {
    let mut lines = Lines::default();
    lines.schema(schema, Inside::default(), "")?;
    let Lines { lines, problems, .. } = lines;
    let text = lines.into_iter().map(|line| format!("{line}\n")).collect();
    Some(Table { text, problems })
}

/// Keywords that restrict a value, whatever else the schema says.
const CHECKS: [&str; 12] = [
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "x-kubernetes-validations",
];

/// What is around a schema.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// A rule or an alternative, which sees the value: what it is, and its default, have to be known.
    seen: bool,
    /// `oneOf` and its like, whose schemas say nothing but restrictions.
    alternative: bool,
    /// Something that depends on whether the value is there, so that its default does.
    presence: bool,
    /// A schema of the same value that says it is an integer or a text.
    int_or_string: bool,
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    known: BTreeMap<String, usize>,
    problems: Vec<(String, String)>,
}

impl Lines {
    /// The line of a schema; `None` if it checks nothing.
    fn schema(&mut self, schema: &Value, inside: Inside, at: &str) -> Option<usize> {
        let Value::Object(schema) = schema else { return None };
        let is = |name: &str| schema.get(name).and_then(Value::as_bool) == Some(true);
        let list = |name: &str| schema.get(name).and_then(Value::as_array).filter(|list| !list.is_empty());
        let mut line = Keywords::new();
        for name in CHECKS {
            let value =
                schema.get(name).filter(|value| !value.is_null() && *value != &json!([]) && *value != &json!(""));
            line.extend(value.map(|value| (name.to_owned(), value.clone())));
        }
        self.unchecked(schema, at);
        line.extend(list("enum").map(|values| ("enum".to_owned(), json!(values))));
        line.extend(is("uniqueItems").then(|| ("uniqueItems".to_owned(), json!(true))));
        self.list_type(schema, &mut line);
        let text = |name: &str| schema.get(name).and_then(Value::as_str).unwrap_or_default();
        let (format, type_name) = (text("format"), text("type"));
        // Of numbers the types in Rust keep what their formats say.
        let is_text = matches!(type_name, "" | "string");
        if is_text && format != "password" && is_checked_format(format) {
            line.insert("format".to_owned(), json!(format));
        }
        self.alternatives(schema, &mut line, inside, at);
        let sees = ["allOf", "anyOf", "not", "oneOf", "x-kubernetes-validations"];
        let seen = inside.seen || sees.iter().any(|name| line.contains_key(*name));
        let counted = line.contains_key("minProperties") || line.contains_key("maxProperties");
        self.children(schema, &mut line, Inside { seen, presence: counted, ..inside }, at);

        // A rule sees a number otherwise than an integer.
        let is_seen = inside.seen && type_name == "number";
        let default = schema.get("default").filter(|default| !default.is_null());
        let defaulted = default.is_some() && (inside.presence || inside.seen);
        if line.is_empty() && !is_seen && !defaulted && !inside.alternative {
            return None;
        }
        line.extend((!type_name.is_empty()).then(|| ("type".to_owned(), json!(type_name))));
        line.extend((format == "password").then(|| ("format".to_owned(), json!(format))));
        for name in ["nullable", "x-kubernetes-int-or-string"] {
            line.extend(is(name).then(|| (name.to_owned(), json!(true))));
        }
        line.extend(default.map(|default| ("default".to_owned(), default.clone())));
        for name in ["exclusiveMinimum", "exclusiveMaximum"] {
            line.extend(is(name).then(|| (name.to_owned(), json!(true))));
        }
        Some(self.add(line))
    }

    /// Reports what `validate()` can't check of a schema.
    fn unchecked(&mut self, schema: &Keywords, at: &str) {
        let mut report = |what: &str, text: &str, problem: &str| {
            self.problems.push((at.to_owned(), format!("the {what} {text:?} is not checked: {problem}")));
        };
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Some(problem) = pattern_problem(pattern)
        {
            report("pattern", pattern, &problem);
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        if is_format_of_server_alone(format) {
            report("format", format, "the API server alone knows it");
        }
        let rules = schema.get("x-kubernetes-validations").and_then(Value::as_array);
        for rule in rules.into_iter().flatten().filter_map(|rule| rule.get("rule")?.as_str()) {
            if let Some(problem) = rule_problem(rule) {
                report("rule", rule, &problem);
            }
        }
    }

    fn add(&mut self, line: Keywords) -> usize {
        let line = escaped(&Value::Object(line).to_string());
        if let Some(known) = self.known.get(&line) {
            return *known;
        }
        let index = self.lines.len();
        self.known.insert(line.clone(), index);
        self.lines.push(line);
        index
    }

    fn list_type(&self, schema: &Keywords, line: &mut Keywords) {
        let name = schema.get("x-kubernetes-list-type").and_then(Value::as_str);
        if let Some(name @ ("set" | "map")) = name {
            line.insert("x-kubernetes-list-type".to_owned(), json!(name));
            let keys = schema.get("x-kubernetes-list-map-keys").cloned();
            line.extend(keys.map(|keys| ("x-kubernetes-list-map-keys".to_owned(), keys)));
        }
    }

    fn alternatives(&mut self, schema: &Keywords, line: &mut Keywords, inside: Inside, at: &str) {
        let marked = schema.get("x-kubernetes-int-or-string").and_then(Value::as_bool) == Some(true);
        let inside = Inside { alternative: true, int_or_string: marked || inside.int_or_string, ..inside };
        for name in ["allOf", "anyOf", "oneOf"] {
            let Some(Value::Array(schemas)) = schema.get(name) else { continue };
            // A server publishes metadata as `allOf` with a reference, and nothing is checked of it here.
            let is_known =
                |schema: &Value| schema.get("$ref").is_some() || (inside.int_or_string && is_int_or_string(schema));
            if schemas.is_empty() || schemas.iter().all(is_known) {
                continue;
            }
            let lines = schemas.iter().map(|schema| self.schema(schema, inside, at));
            // A schema that can't be read allows anything.
            let lines: Vec<usize> = lines.collect::<Option<_>>().unwrap_or_default();
            line.insert(name.to_owned(), json!(lines));
        }
        if let Some(not) = schema.get("not").and_then(|not| self.schema(not, inside, at)) {
            line.insert("not".to_owned(), json!(not));
        }
    }

    fn children(&mut self, schema: &Keywords, line: &mut Keywords, inside: Inside, at: &str) {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|required| required.iter().any(|known| known == name));
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let mut lines = Keywords::new();
            for (name, property) in properties {
                let presence = inside.presence || is_required(name);
                let inside = Inside { alternative: false, int_or_string: false, presence, ..inside };
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                let mut index = self.schema(property, inside, &at);
                // A rule sees the names of fields otherwise than keys of maps.
                if index.is_none() && inside.seen && is_escaped(name) {
                    index = Some(self.add(Keywords::new()));
                }
                lines.extend(index.map(|index| (name.clone(), json!(index))));
            }
            if !lines.is_empty() {
                line.insert("properties".to_owned(), Value::Object(lines));
            }
        }
        let inside = Inside { alternative: false, int_or_string: false, presence: false, ..inside };
        for name in ["items", "additionalProperties"] {
            let child = schema.get(name).and_then(|child| self.schema(child, inside, &format!("{at}[]")));
            line.extend(child.map(|index| (name.to_owned(), json!(index))));
        }
    }
}

/// JSON without characters that change the direction of the text around them, which a file of Rust may not have.
fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut escaped, c| {
        match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.push_str(&format!("\\u{:04x}", c as u32)),
            c => escaped.push(c),
        }
        escaped
    })
}

/// Whether an alternative for an integer or a text says no more than which of them it is, as its type in Rust does. Where a
/// server publishes it, it does not say even that.
fn is_int_or_string(alternative: &Value) -> bool {
    let Value::Object(keywords) = alternative else { return false };
    let is_inner = |value: &Value| value.as_array().is_some_and(|inner| inner.iter().all(is_int_or_string));
    keywords.iter().all(|(name, value)| match name.as_str() {
        "type" => matches!(value.as_str(), Some("integer" | "string")),
        "anyOf" | "allOf" | "oneOf" => is_inner(value),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(schema: Value) -> Vec<String> {
        table(&schema).map(|table| table.text.lines().map(str::to_owned).collect()).unwrap_or_default()
    }

    #[test]
    fn what_checks_nothing_is_left_out_and_what_is_there_twice_is_there_once() {
        let port = json!({"type": "integer", "format": "int32", "minimum": 1, "description": "A port."});
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
            "port": port, "ports": {"type": "array", "items": port}, "note": {"type": "string", "default": "x"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        }}}});
        assert_eq!(
            lines(schema),
            [
                r#"{"minimum":1,"type":"integer"}"#,
                r#"{"items":0,"type":"array"}"#,
                r#"{"properties":{"port":0,"ports":1},"type":"object"}"#,
                r#"{"properties":{"spec":2},"type":"object"}"#,
            ]
        );
        assert!(table(&json!({"type": "object", "properties": {"a": {"type": "string", "format": "x"}}})).is_none());
    }

    #[test]
    fn a_default_is_kept_where_its_field_is_required_or_a_rule_sees_it() {
        let field = json!({"type": "string", "default": "x"});
        let required = lines(json!({"type": "object", "required": ["a"], "properties": {"a": field, "b": field}}));
        assert_eq!(
            required,
            [r#"{"default":"x","type":"string"}"#, r#"{"properties":{"a":0},"required":["a"],"type":"object"}"#]
        );
        let rules = json!([{"rule": "self.a == self.b"}]);
        let seen =
            lines(json!({"type": "object", "x-kubernetes-validations": rules, "properties": {"a": field, "b-c": {}}}));
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert!(seen[2].contains(r#""properties":{"a":0,"b-c":1}"#), "{seen:?}");
    }

    #[test]
    fn alternatives_are_kept_whole() {
        let one = |name: &str| json!({"required": [name]});
        let schema =
            json!({"type": "object", "oneOf": [one("a"), one("b")], "not": {"properties": {"a": {"enum": ["x"]}}}});
        let lines = lines(schema);
        assert_eq!(lines.last().map(String::as_str), Some(r#"{"not":3,"oneOf":[0,1],"type":"object"}"#), "{lines:?}");
    }

    #[test]
    fn that_a_value_is_an_integer_or_a_text_is_left_to_its_type() {
        let either = json!([{"type": "integer"}, {"type": "string"}]);
        for alternatives in
            [json!({"anyOf": either}), json!({"anyOf": [{}, {}]}), json!({"allOf": [{"anyOf": either}]})]
        {
            let mut port = alternatives;
            port["x-kubernetes-int-or-string"] = true.into();
            assert_eq!(lines(json!({"type": "object", "properties": {"port": port}})), [""; 0], "{port}");
        }
        let metadata = json!({"allOf": [{"$ref": "#/components/schemas/ObjectMeta"}], "description": "Published so."});
        assert_eq!(lines(json!({"type": "object", "properties": {"metadata": metadata}})), [""; 0]);
        let more = json!({"x-kubernetes-int-or-string": true, "allOf": [{"anyOf": either}, {"maximum": 3}]});
        assert_eq!(lines(more).len(), 3);
    }

    #[test]
    fn a_table_has_no_character_that_changes_the_direction_of_text() {
        let lines = lines(json!({"type": "object", "properties": {"a": {"enum": ["x\u{202e}y"]}}}));
        assert_eq!(lines[0], r#"{"enum":["x\u202ey"]}"#);
    }

    #[test]
    fn rules_and_formats_that_can_not_be_checked_are_reported_with_their_place_and_the_functions_by_name() {
        let rules = json!([{"rule": "isURL(self)"}, {"rule": "self.size() > 2"}, {"rule": "isCIDR(self)"}]);
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
            "url": {"type": "string", "x-kubernetes-validations": rules},
            "book": {"type": "string", "format": "isbn"}, "id": {"type": "string", "format": "uuid"},
        }}}});
        let problems = table(&schema).expect("a table").problems;
        let expected = [
            ("spec.book", "the format \"isbn\" is not checked: the API server alone knows it"),
            (
                "spec.url",
                "the rule \"isURL(self)\" is not checked: the function isURL() is not available on the client",
            ),
        ];
        assert_eq!(problems, expected.map(|(at, problem)| (at.to_owned(), problem.to_owned())));
    }

    #[test]
    fn a_pattern_that_can_not_be_compiled_is_reported_with_its_place() {
        let schema =
            json!({"type": "object", "properties": {"spec": {"type": "array", "items": {"pattern": "^(?!a)"}}}});
        let problems = table(&schema).expect("a table").problems;
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].0, "spec[]");
        assert!(problems[0].1.contains("look-around"), "{problems:?}");
    }
}
