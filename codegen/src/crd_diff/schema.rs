//! Two schemas of one value.

use std::borrow::Cow;

use kubewright_core::crd::text_formats;
use serde_json::{Map, Value as Json, json};

use super::{Change, Version};

const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

/// Bounds that tighten as they grow, and such that tighten as they fall.
const LOWER: &[&str] = &["minimum", "minLength", "minItems", "minProperties"];
const UPPER: &[&str] = &["maximum", "maxLength", "maxItems", "maxProperties"];
/// What tightens whenever it is another.
const OTHER: &[&str] = &["pattern", "multipleOf", "allOf", "anyOf", "oneOf", "not"];
/// What tightens as it is turned on.
const FLAGS: &[&str] = &["exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "x-kubernetes-embedded-resource"];

impl Version<'_> {
    pub(super) fn schemas(&mut self, old: &Json, new: &Json, at: &str) {
        // What has no schema takes anything.
        let empty = Json::Object(Map::new());
        let [old, new] = [old, new].map(|schema| if schema.is_object() { schema } else { &empty });
        if !self.types(old, new, at) {
            return;
        }
        if old["nullable"] == true && new["nullable"] != true && !is_any(new) {
            self.add(at, Change::NullRefused);
        }
        if old["default"] != new["default"] {
            let text = |schema: &Json| schema.get("default").map(Json::to_string);
            // A default that is new for what was absent before.
            self.add(at, Change::DefaultChanged { from: text(old), to: text(new) });
        }
        self.values(old, new, at);
        self.merging(old, new, at);
        self.inside(old, new, at);
    }

    /// Whether values of the old type may be of the new one.
    fn types(&mut self, old: &Json, new: &Json, at: &str) -> bool {
        let (from, to) = (kind(old), kind(new));
        let wider = matches!(
            (from.as_str(), to.as_str()),
            ("integer", "number") | ("integer" | "string", "integer or string") | (_, "anything")
        );
        if from == to || wider {
            return true;
        }
        if from == "anything" && to == "object" {
            // Its fields are compared one by one.
            return true;
        }
        self.add(at, Change::TypeChanged { from, to });
        false
    }

    fn values(&mut self, old: &Json, new: &Json, at: &str) {
        if let Some(values) = new["enum"].as_array() {
            match old["enum"].as_array() {
                None => self.tightened("enum", old, new, at),
                Some(known) => {
                    for value in known.iter().filter(|value| !values.contains(value)) {
                        self.add(at, Change::EnumValueRemoved { value: value.to_string() });
                    }
                }
            }
        }
        for (keywords, grows) in [(LOWER, true), (UPPER, false)] {
            for keyword in keywords {
                let Some(to) = new[*keyword].as_f64() else { continue };
                let from = old[*keyword].as_f64();
                if from.is_none_or(|from| if grows { to > from } else { to < from }) && !is_trivial(keyword, to) {
                    self.tightened(keyword, old, new, at);
                }
            }
        }
        for keyword in OTHER {
            let [from, to] = [old, new].map(|schema| own(schema, keyword));
            if !to.is_null() && to != from {
                self.tightened(keyword, old, new, at);
            }
        }
        if new["format"] != old["format"] && new["format"].as_str().is_some_and(|format| is_bound(&kind(new), format)) {
            self.tightened("format", old, new, at);
        }
        for keyword in FLAGS {
            if new[*keyword] == true && old[*keyword] != true {
                self.tightened(keyword, old, new, at);
            }
        }
        let rules = |schema: &Json| -> Vec<String> {
            let all = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
            all.filter_map(|rule| rule["rule"].as_str().map(str::to_owned)).collect()
        };
        let known = rules(old);
        for rule in rules(new).into_iter().filter(|rule| !known.contains(rule)) {
            self.add(at, Change::RuleAdded { rule });
        }
    }

    fn tightened(&mut self, keyword: &str, old: &Json, new: &Json, at: &str) {
        let from = old.get(keyword).filter(|value| !value.is_null()).map(Json::to_string);
        self.add(at, Change::Tightened { keyword: keyword.to_owned(), from, to: new[keyword].to_string() });
    }

    fn merging(&mut self, old: &Json, new: &Json, at: &str) {
        let text = |value: &Json, default: &str| match value {
            Json::Null => default.to_owned(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        for (keyword, default) in [
            ("x-kubernetes-list-type", "atomic"),
            ("x-kubernetes-list-map-keys", "none"),
            ("x-kubernetes-map-type", "granular"),
        ] {
            let (from, to) = (text(&old[keyword], default), text(&new[keyword], default));
            if from != to {
                self.add(at, Change::MergeChanged { keyword, from, to });
            }
        }
    }

    fn inside(&mut self, old: &Json, new: &Json, at: &str) {
        let no_fields = Map::new();
        let [had, has] = [old, new].map(|schema| schema["properties"].as_object().unwrap_or(&no_fields));
        let keeps = |schema: &Json| schema[PRESERVE] == true || is_any(schema);
        let (rest, typed_rest) = (&old["additionalProperties"], new["additionalProperties"].as_object());
        // Values of any type under any name, but without the fields of objects in them.
        let flat = |schema: &Json| schema["additionalProperties"] == true && schema[PRESERVE] != true;
        let took_any = keeps(old) || flat(old);
        if (took_any || rest.is_object()) && !(keeps(new) || flat(new)) && typed_rest.is_none() && kind(new) == "object"
        {
            self.add(at, Change::UnknownFieldsDropped);
        } else if flat(new) && (keeps(old) || rest.is_object() && has_fields(rest)) {
            self.add(&format!("{at}[]"), Change::UnknownFieldsDropped);
        } else if took_any && kind(old) == "object" {
            // Where all is dropped that has no name, that is said once. Else a value that anything was may not be what it is now.
            for (name, new) in has.iter().filter(|(name, new)| !had.contains_key(*name) && !is_any(new)) {
                self.add(&format!("{at}.{name}"), Change::TypeChanged { from: kind(&Json::Null), to: kind(new) });
            }
            if typed_rest.is_some() && !is_any(&new["additionalProperties"]) {
                let to = kind(&new["additionalProperties"]);
                self.add(&format!("{at}[]"), Change::TypeChanged { from: kind(&Json::Null), to });
            }
        }
        for (name, old) in had {
            let at = format!("{at}.{name}");
            match (has.get(name), typed_rest) {
                (Some(new), _) => self.schemas(old, new, &at),
                (None, Some(_)) => self.schemas(old, &new["additionalProperties"], &at),
                (None, None) if keeps(new) || flat(new) && !has_fields(old) => {}
                (None, None) if flat(new) => self.add(&at, Change::UnknownFieldsDropped),
                (None, None) => self.add(&at, Change::FieldRemoved),
            }
        }
        let was: Vec<&Json> = old["required"].as_array().into_iter().flatten().collect();
        for name in new["required"].as_array().into_iter().flatten().filter(|name| !was.contains(name)) {
            let name = name.as_str().unwrap_or_default();
            if has.get(name).is_none_or(|field| field.get("default").is_none()) {
                self.add(&format!("{at}.{name}"), Change::Required);
            }
        }
        // A default that is gone leaves what is required without a value.
        for name in was.iter().filter_map(|name| name.as_str()) {
            let had_default = had.get(name).is_some_and(|field| field.get("default").is_some());
            let has_none = has.get(name).is_some_and(|field| field.get("default").is_none());
            let still = new["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
            if had_default && has_none && still {
                self.add(&format!("{at}.{name}"), Change::Required);
            }
        }
        for keyword in ["items", "additionalProperties"] {
            if old[keyword].is_object() && new[keyword].is_object() {
                self.schemas(&old[keyword], &new[keyword], &format!("{at}[]"));
            }
        }
    }
}

/// The type of a value, in words.
fn kind(schema: &Json) -> String {
    if schema[INT_OR_STRING] == true {
        return "integer or string".into();
    }
    schema["type"].as_str().unwrap_or("anything").to_owned()
}

/// Whether a value may have fields, or its items may.
fn has_fields(schema: &Json) -> bool {
    match kind(schema).as_str() {
        "array" => has_fields(&schema["items"]),
        "object" | "anything" => true,
        _ => false,
    }
}

fn is_any(schema: &Json) -> bool {
    kind(schema) == "anything"
}

/// What a keyword says, without what [`INT_OR_STRING`] says already: with it, the API server wants the two types in `anyOf`,
/// or in one of `allOf`.
fn own<'a>(schema: &'a Json, keyword: &str) -> Cow<'a, Json> {
    let value = &schema[keyword];
    let is_the_two = |any_of: &Json| {
        let types = any_of.as_array().into_iter().flatten();
        let of_one = |one: &Json| *one == json!({ "type": "integer" }) || *one == json!({ "type": "string" });
        any_of.as_array().is_some_and(|all| all.len() == 2) && types.into_iter().all(of_one)
    };
    match (schema[INT_OR_STRING] == true, keyword) {
        (true, "anyOf") if is_the_two(value) => Cow::Owned(Json::Null),
        (true, "allOf") => {
            let is_own = |one: &&Json| one.as_object().is_none_or(|one| one.len() > 1) || !is_the_two(&one["anyOf"]);
            let all: Vec<Json> = value.as_array().into_iter().flatten().filter(is_own).cloned().collect();
            Cow::Owned(if all.is_empty() { Json::Null } else { all.into() })
        }
        _ => Cow::Borrowed(value),
    }
}

/// Whether a format is one that the API server checks, and that not every value has which can be stored.
fn is_bound(kind: &str, format: &str) -> bool {
    match kind {
        "integer" => format == "int32",
        "number" => format == "float",
        "array" | "boolean" | "object" => false,
        _ => format != "password" && text_formats().any(|known| known == format),
    }
}

/// A bound that is none.
fn is_trivial(keyword: &str, bound: f64) -> bool {
    matches!(keyword, "minLength" | "minItems" | "minProperties") && bound == 0.0
}
