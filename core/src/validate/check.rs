//! What a schema says of a value, but for rules and list types.
//!
//! The order of the checks, what counts as a match of an alternative, and the words are those of the API server's
//! [validator](https://pkg.go.dev/k8s.io/kube-openapi/pkg/validation/validate).

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::error::{FieldError, Reason, Unchecked};
use super::node::{Node, counterpart};
use super::number::{Value as Number, is_integral};
use super::types::of_value;
use super::{path, text};

/// What was found in a value: what is wrong, and how much matched, which decides whose errors an alternative shows.
#[derive(Default)]
pub struct Outcome {
    pub errors: Vec<FieldError>,
    matches: usize,
}

impl Outcome {
    fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Adds an error, unless it is there already.
    fn add(&mut self, error: FieldError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn merge(&mut self, other: Self) {
        self.matches += other.matches;
        other.errors.into_iter().for_each(|error| self.add(error));
    }
}

/// Checks a value. Errors of one that is as it was before are dropped; `old` is its value before, where it can be told.
pub fn check(node: &Node, value: &Json, old: Option<&Json>, at: &str, unchecked: &mut Vec<Unchecked>) -> Outcome {
    let mut checker = Checker { unchecked };
    checker.ratcheted(node, value, old, at)
}

struct Checker<'a> {
    unchecked: &'a mut Vec<Unchecked>,
}

/// An error without a path: it names the value in its text.
fn general(what: String) -> FieldError {
    FieldError { field: String::new(), reason: Reason::Invalid, message: format!("Invalid value: \"\": {what}") }
}

/// An error of a value.
struct At<'a> {
    at: &'a str,
    secret: bool,
}

impl At<'_> {
    fn error(&self, reason: Reason, message: String) -> FieldError {
        FieldError { field: self.at.strip_prefix('.').unwrap_or(self.at).to_owned(), reason, message }
    }

    /// `Invalid value: 3: spec.size in body should be …`
    fn invalid(&self, value: &Json, should: &str) -> FieldError {
        let message = format!("Invalid value: {}: {} in body {should}", text::value(value, self.secret), self.at);
        self.error(Reason::Invalid, message)
    }

    fn of_type(&self, expected: &str, found: &str, secret: bool) -> FieldError {
        let found = text::value(&found.into(), secret);
        let message = format!("Invalid value: {found}: {} in body must be of type {expected}: {found}", self.at);
        self.error(Reason::TypeInvalid, message)
    }
}

impl Checker<'_> {
    fn ratcheted(&mut self, node: &Node, value: &Json, old: Option<&Json>, at: &str) -> Outcome {
        let mut outcome = self.node(node, value, old, at);
        if !outcome.is_valid() && old == Some(value) {
            outcome.errors.clear();
        }
        outcome
    }

    fn node(&mut self, node: &Node, value: &Json, old: Option<&Json>, at: &str) -> Outcome {
        let mut outcome = Outcome::default();
        let place = At { at, secret: node.secret };
        if value.is_null() {
            if !node.types.is_empty() && !node.nullable {
                outcome.add(place.of_type(&node.types.to_string(), "null", false));
            }
            outcome.errors.extend(one_of_values(node, value, &place));
            return outcome;
        }
        if !node.types.is_empty() || node.format.is_some() {
            match type_error(node, value, &place) {
                Some(error) => outcome.add(error),
                None => outcome.matches += 1,
            }
            outcome.matches += 1;
        }
        let alternatives = self.alternatives(node, value, old, at);
        outcome.merge(alternatives);
        match value {
            Json::String(text) => {
                self.text(node, text, &place).into_iter().for_each(|error| outcome.add(error));
                self.format(node, text, &place).into_iter().for_each(|error| outcome.add(error));
                outcome.matches += 1 + usize::from(node.format.is_some());
            }
            Json::Number(_) => {
                number(node, value, &place).into_iter().for_each(|error| outcome.add(error));
                outcome.matches += 2;
            }
            Json::Array(items) => {
                let list = self.list(node, items, old, &place);
                outcome.merge(list);
                outcome.matches += 2;
            }
            _ => {}
        }
        outcome.errors.extend(one_of_values(node, value, &place));
        outcome.matches += 1;
        if let Json::Object(fields) = value {
            let object = self.object(node, fields, old, &place);
            outcome.merge(object);
            outcome.matches += 1;
        }
        outcome.matches += 1;
        outcome
    }

    /// `allOf`, `anyOf`, `oneOf` and `not`.
    fn alternatives(&mut self, node: &Node, value: &Json, old: Option<&Json>, at: &str) -> Outcome {
        let mut outcome = Outcome::default();
        let named = text::quoted(at);
        if !node.any_of.is_empty() {
            let (valid, best) = self.each(&node.any_of, value, old, at, true);
            if valid == 0 {
                outcome.add(general(format!("{named} must validate at least one schema (anyOf)")));
            }
            outcome.merge(best);
        }
        if !node.one_of.is_empty() {
            let (valid, best) = self.each(&node.one_of, value, old, at, false);
            let found = match valid {
                1 => None,
                0 => Some("Found none valid".to_owned()),
                several => Some(format!("Found {several} valid alternatives")),
            };
            let is_one = found.is_none();
            if let Some(found) = found {
                outcome.add(general(format!("{named} must validate one and only one schema (oneOf). {found}")));
            }
            if is_one || valid == 0 {
                outcome.merge(best);
            }
        }
        if !node.all_of.is_empty() {
            let mut valid = 0;
            for schema in &node.all_of {
                let result = self.node(schema, value, old, at);
                valid += usize::from(result.is_valid());
                outcome.merge(result);
            }
            if valid < node.all_of.len() {
                let none = if valid == 0 { ". None validated" } else { "" };
                outcome.add(general(format!("{named} must validate all the schemas (allOf){none}")));
            }
        }
        if let Some(not) = &node.not
            && self.quietly(|checker| checker.node(not, value, old, at)).is_valid()
        {
            outcome.add(general(format!("{named} must not validate the schema (not)")));
        }
        outcome.matches += 1;
        outcome
    }

    /// How many alternatives are valid, and what is to be reported: of the first valid one, or of the one that matches best.
    fn each(
        &mut self,
        schemas: &[Arc<Node>],
        value: &Json,
        old: Option<&Json>,
        at: &str,
        first: bool,
    ) -> (usize, Outcome) {
        let mut valid = 0;
        let mut best: Option<Outcome> = None;
        for schema in schemas {
            let result = self.quietly(|checker| checker.node(schema, value, old, at));
            if result.is_valid() {
                valid += 1;
                if valid == 1 {
                    best = Some(result);
                }
                if first {
                    break;
                }
            } else if valid == 0 && best.as_ref().is_none_or(|best| result.matches > best.matches) {
                best = Some(result);
            }
        }
        (valid, best.unwrap_or_default())
    }

    /// What can't be checked in an alternative may not matter, but is reported once in any case.
    fn quietly(&mut self, check: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let before = self.unchecked.len();
        let outcome = check(self);
        let (known, new) = self.unchecked.split_at(before);
        let new: Vec<Unchecked> = new.iter().filter(|new| !known.contains(new)).cloned().collect();
        self.unchecked.truncate(before);
        self.unchecked.extend(new);
        outcome
    }

    /// The first of length and pattern that is not met.
    fn text(&mut self, node: &Node, value: &str, place: &At<'_>) -> Option<FieldError> {
        let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
        if let Some(max) = node.max_length.filter(|max| length > *max) {
            // The API server counts characters, and says bytes.
            let unit = if max == 1 { "byte" } else { "bytes" };
            return Some(place.error(Reason::TooLong, format!("Too long: may not be more than {max} {unit}")));
        }
        if let Some(min) = node.min_length.filter(|min| length < *min) {
            return Some(place.invalid(&value.into(), &format!("should be at least {min} chars long")));
        }
        let pattern = node.pattern.as_ref()?;
        match &pattern.regex {
            Ok(regex) if regex.is_match(value) => None,
            Ok(_) => Some(place.invalid(&value.into(), &format!("should match '{}'", pattern.text))),
            Err(why) => {
                self.report(place.at, &pattern.text, why);
                None
            }
        }
    }

    fn format(&mut self, node: &Node, value: &str, place: &At<'_>) -> Option<FieldError> {
        let format = node.format?;
        match format.is_met_by(value) {
            Some(true) => None,
            Some(false) => Some(place.of_type(format.name(), value, place.secret)),
            None => {
                self.report(place.at, format.name(), "the format is not checked on the client");
                None
            }
        }
    }

    fn report(&mut self, at: &str, rule: &str, why: &str) {
        let new = Unchecked { field: at.to_owned(), rule: rule.to_owned(), why: why.to_owned() };
        if !self.unchecked.contains(&new) {
            self.unchecked.push(new);
        }
    }

    fn list(&mut self, node: &Node, items: &[Json], old: Option<&Json>, place: &At<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        if let Some(schema) = &node.items {
            for (index, item) in items.iter().enumerate() {
                let result = self.ratcheted(schema, item, counterpart(node, old, item), &path::item(place.at, index));
                outcome.merge(result);
            }
        }
        let size = size(items.len());
        if let Some(min) = node.min_items.filter(|min| size < *min) {
            outcome.add(place.invalid(&size.into(), &format!("should have at least {min} items")));
        }
        if let Some(max) = node.max_items.filter(|max| size > *max) {
            outcome.add(place.error(Reason::TooMany, too_many(size, max)));
        }
        if node.unique_items && (1..items.len()).any(|index| items[..index].contains(&items[index])) {
            outcome.add(place.invalid(&"".into(), "shouldn't contain duplicates"));
        }
        outcome
    }

    fn object(&mut self, node: &Node, fields: &Map<String, Json>, old: Option<&Json>, place: &At<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let size = size(fields.len());
        if let Some(min) = node.min_properties.filter(|min| size < *min) {
            outcome.add(place.invalid(&size.into(), &format!("should have at least {min} properties")));
        }
        if let Some(max) = node.max_properties.filter(|max| size > *max) {
            outcome.add(place.error(Reason::TooMany, too_many(size, max)));
        }
        for (name, value) in fields {
            let (schema, at) = match (node.properties.get(name), &node.additional) {
                (Some(schema), _) => (schema, path::field(place.at, name)),
                (None, Some(schema)) => (schema, format!("{}.{name}", place.at)),
                (None, None) => continue,
            };
            // What the object is can't be unchanged: both are converted to one version.
            let is_type = place.at.is_empty() && matches!(name.as_str(), "apiVersion" | "kind");
            let old = old.and_then(|old| old.get(name)).filter(|_| !is_type);
            let result = self.ratcheted(schema, value, old, &at);
            outcome.merge(result);
        }
        for name in node.required.iter().filter(|name| !fields.contains_key(*name)) {
            let place = At { at: &path::field(place.at, name), secret: false };
            outcome.add(place.error(Reason::Required, "Required value".to_owned()));
        }
        outcome
    }
}

fn size(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn too_many(size: i64, max: i64) -> String {
    format!("Too many: {size}: must have at most {max} {}", if max == 1 { "item" } else { "items" })
}

fn type_error(node: &Node, value: &Json, place: &At<'_>) -> Option<FieldError> {
    let (found, found_format) = of_value(value);
    let is_integer = found == "number" && node.types.has("integer") && value.as_f64().is_some_and(is_integral);
    let is_number = found == "integer" && node.types.has("number");
    let fits = node.types.has(found) || is_integer || is_number;
    let has_text = matches!(value, Json::String(_) | Json::Array(_));
    if let Some(format) = node.format {
        if !has_text && !fits && found_format != format.name() {
            return Some(place.of_type(format.name(), found_format, false));
        }
        // A format says what a text is, whatever the type says.
        if has_text && !node.types.has("number") && !node.types.has("integer") {
            return None;
        }
    }
    (!fits).then(|| place.of_type(&node.types.to_string(), found, false))
}

fn one_of_values(node: &Node, value: &Json, place: &At<'_>) -> Option<FieldError> {
    // A null is none of them, even if it is listed.
    let is_one = |known: &Json| !value.is_null() && same(known, value);
    if node.values.is_empty() || node.values.iter().any(is_one) {
        return None;
    }
    let listed = node.values.iter().map(|value| match value {
        Json::String(known) => text::quoted(known),
        other => text::quoted(&text::json(other)),
    });
    let listed = listed.collect::<Vec<_>>().join(", ");
    let found = text::value(value, place.secret);
    Some(place.error(Reason::NotSupported, format!("Unsupported value: {found}: supported values: {listed}")))
}

/// Whether two values are equal, numbers by their value.
fn same(known: &Json, value: &Json) -> bool {
    match (known, value) {
        (Json::Number(known), Json::Number(value)) => known == value || known.as_f64() == value.as_f64(),
        _ => known == value,
    }
}

fn number(node: &Node, json: &Json, place: &At<'_>) -> Vec<FieldError> {
    let Json::Number(number) = json else { return Vec::new() };
    let value = Number::of(number);
    let mut errors = Vec::new();
    if node.types.is("integer") {
        let format = node.format.map(|format| format.name());
        // A float without a fraction is an integer, too.
        let integer =
            number.as_i64().or_else(|| number.as_f64().filter(|float| is_integral(*float)).map(|float| float as i64));
        let fits = |value: i64| format != Some("int32") || i32::try_from(value).is_ok();
        if !integer.is_some_and(fits) {
            let format = format.map_or("(default format)".to_owned(), |format| format!("with format {format}"));
            errors.push(general(format!("Checked value must be of type integer {format} in {}", place.at)));
        }
    }
    if let Some(factor) = node.multiple_of.filter(|factor| !value.is_multiple_of(*factor)) {
        // Of an integer no fraction is a factor: the API server takes 0.5 for 0, and says so.
        errors.push(match value.bound(factor).as_str() {
            "0" => {
                let what = format!("factor MultipleOf declared for {} must be positive: 0", place.at);
                place.error(Reason::Invalid, format!("Invalid value: 0: {what}"))
            }
            factor => place.invalid(json, &format!("should be a multiple of {factor}")),
        });
    }
    if let Some(min) = node.minimum.filter(|min| !value.is_at_least(*min, node.exclusive_minimum)) {
        let than = if node.exclusive_minimum { "greater than" } else { "greater than or equal to" };
        errors.push(place.invalid(json, &format!("should be {than} {}", value.bound(min))));
    }
    if let Some(max) = node.maximum.filter(|max| !value.is_at_most(*max, node.exclusive_maximum)) {
        let than = if node.exclusive_maximum { "less than" } else { "less than or equal to" };
        errors.push(place.invalid(json, &format!("should be {than} {}", value.bound(max))));
    }
    errors
}
