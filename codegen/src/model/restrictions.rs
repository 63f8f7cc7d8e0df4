//! What a schema checks of a value, in words.

use std::fmt::Display;

use openapiv3::{Schema, SchemaKind, Type};
use serde_json::Value;

/// How long a pattern or rule may be that is shown.
const LONGEST: usize = 120;

/// What a schema checks of the value itself, beside its type: `at least 1, at most 10`. The values of enums of texts are
/// types, and not said here.
pub fn of(schema: &Schema) -> Option<String> {
    let mut words = Words::default();
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(text)) => {
            words.sizes(text.min_length, text.max_length, "character");
            words.pattern(text.pattern.as_deref());
        }
        SchemaKind::Type(Type::Integer(number)) => {
            words.bounds(number.minimum, number.exclusive_minimum, number.maximum, number.exclusive_maximum);
            words.multiple(number.multiple_of);
            words.values(number.enumeration.iter().flatten());
        }
        SchemaKind::Type(Type::Number(number)) => {
            words.bounds(number.minimum, number.exclusive_minimum, number.maximum, number.exclusive_maximum);
            words.multiple(number.multiple_of);
            words.values(number.enumeration.iter().flatten());
        }
        SchemaKind::Type(Type::Array(list)) => words.sizes(list.min_items, list.max_items, "item"),
        SchemaKind::Type(Type::Object(object)) => {
            words.sizes(object.min_properties, object.max_properties, "property");
        }
        SchemaKind::Any(any) => {
            let is = |flag: Option<bool>| flag.unwrap_or_default();
            words.bounds(any.minimum, is(any.exclusive_minimum), any.maximum, is(any.exclusive_maximum));
            words.multiple(any.multiple_of);
            words.sizes(any.min_length, any.max_length, "character");
            words.pattern(any.pattern.as_deref());
            words.sizes(any.min_items, any.max_items, "item");
            words.sizes(any.min_properties, any.max_properties, "property");
            if any.typ.as_deref() != Some("string") {
                words.values(any.enumeration.iter());
            }
        }
        _ => {}
    }
    words.rules(schema.schema_data.extensions.get("x-kubernetes-validations"));
    words.finish()
}

#[derive(Default)]
struct Words {
    phrases: Vec<String>,
    rules: Vec<String>,
}

impl Words {
    fn say(&mut self, phrase: impl Into<String>) {
        self.phrases.push(phrase.into());
    }

    fn bounds<N: Display>(&mut self, minimum: Option<N>, above: bool, maximum: Option<N>, below: bool) {
        if let Some(minimum) = minimum {
            self.say(format!("{} {minimum}", if above { "more than" } else { "at least" }));
        }
        if let Some(maximum) = maximum {
            self.say(format!("{} {maximum}", if below { "less than" } else { "at most" }));
        }
    }

    fn multiple<N: Display>(&mut self, factor: Option<N>) {
        if let Some(factor) = factor {
            self.say(format!("a multiple of {factor}"));
        }
    }

    fn sizes(&mut self, least: Option<usize>, most: Option<usize>, unit: &str) {
        let units = |count: usize| match (count, unit) {
            (1, unit) => unit.to_owned(),
            (_, "property") => "properties".to_owned(),
            (_, unit) => format!("{unit}s"),
        };
        match (least.filter(|least| *least > 0), most) {
            (Some(least), Some(most)) if least == most => self.say(format!("exactly {least} {}", units(least))),
            (Some(least), Some(most)) => self.say(format!("{least} to {most} {}", units(most))),
            (Some(least), None) => self.say(format!("at least {least} {}", units(least))),
            (None, Some(most)) => self.say(format!("at most {most} {}", units(most))),
            (None, None) => {}
        }
    }

    fn pattern(&mut self, pattern: Option<&str>) {
        match pattern {
            // What is a quantity is a type.
            Some(super::schema::QUANTITY_PATTERN) | None | Some("") => {}
            Some(pattern) if pattern.len() <= LONGEST => self.say(format!("matches `{}`", code(pattern))),
            Some(_) => self.say("matches a long pattern"),
        }
    }

    fn values<'a, N: Display + 'a>(&mut self, values: impl Iterator<Item = &'a N>) {
        let values: Vec<String> = values.map(|value| format!("`{}`", code(&value.to_string()))).collect();
        if !values.is_empty() {
            self.say(format!("one of {}", values.join(", ")));
        }
    }

    fn rules(&mut self, rules: Option<&Value>) {
        for rule in rules.and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| rule.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
            // What it says is shorter, and made for people.
            let shown = match (text("message"), text("rule")) {
                ("", rule) if rule.len() <= LONGEST => format!("`{}`", code(rule)),
                ("", _) => "a long rule".to_owned(),
                (message, _) => message.trim_end_matches('.').to_owned(),
            };
            self.rules.push(shown);
        }
    }

    fn finish(self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.phrases.is_empty() {
            parts.push(format!("Valid: {}.", self.phrases.join(", ")));
        }
        if !self.rules.is_empty() {
            parts.push(format!("Rules: {}.", self.rules.join("; ")));
        }
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// A text between back quotes, on one line.
fn code(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(schema: Value) -> String {
        of(&serde_json::from_value(schema).expect("a schema")).unwrap_or_default()
    }

    #[test]
    fn what_is_checked_is_said_in_words() {
        for (schema, expected) in [
            (json!({"type": "integer", "minimum": 1, "maximum": 9}), "Valid: at least 1, at most 9."),
            (json!({"type": "number", "minimum": 0.5, "exclusiveMinimum": true}), "Valid: more than 0.5."),
            (json!({"type": "integer", "enum": [1, 2]}), "Valid: one of `1`, `2`."),
            (
                json!({"type": "string", "minLength": 2, "pattern": "^a`b$"}),
                "Valid: at least 2 characters, matches `^a'b$`.",
            ),
            (json!({"type": "array", "items": {"type": "string"}, "maxItems": 1}), "Valid: at most 1 item."),
            (json!({"type": "object", "minProperties": 1, "maxProperties": 2}), "Valid: 1 to 2 properties."),
            (
                json!({"type": "object", "x-kubernetes-validations": [{"rule": "self.a <\n self.b"}, {"rule": "x", "message": "No x."}]}),
                "Rules: `self.a < self.b`; No x.",
            ),
            (json!({"type": "string", "enum": ["a"]}), ""),
            (json!({"type": "string", "minLength": 0}), ""),
        ] {
            assert_eq!(words(schema.clone()), expected, "{schema}");
        }
    }
}
