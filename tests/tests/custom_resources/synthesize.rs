//! Objects that are made from the schema of a definition: with every field, each arm of its unions and each value of its enums,
//! with `null`, `[]` and `{}` where the schema allows them, and with what is required alone, at zero.
//!
//! Values satisfy what a schema says of them alone (patterns, formats, bounds, enums, which fields exclude one another). What
//! only a rule in [CEL](https://kubernetes.io/docs/reference/using-api/cel/) says is not known here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::json::Json;
use super::pattern;

/// How many objects with every field there are at most, each with another arm of the unions.
const ARMS: usize = 8;
/// Of how many fields that a union names all combinations are considered.
const UNION: usize = 10;

/// What an object has.
#[derive(Clone, Copy)]
struct Recipe {
    fields: Fields,
    zero: bool,
    null: bool,
    arm: usize,
}

/// Which fields an object has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fields {
    All,
    /// All down to this level, below it what is required.
    Down(usize),
    Required,
}

/// The objects of a schema, each with what it is about. The first of them have the least.
pub fn objects(schema: &Value) -> Vec<(String, Json)> {
    let all = Recipe { fields: Fields::All, zero: false, null: false, arm: 0 };
    let mut recipes = vec![("required".to_owned(), Recipe { fields: Fields::Required, zero: true, ..all })];
    recipes.extend(
        (1..4).map(|level| (format!("hollow{level}"), Recipe { fields: Fields::Down(level), zero: true, ..all })),
    );
    recipes.push(("zeros".to_owned(), Recipe { zero: true, ..all }));
    if any(schema, &|schema: &Value| schema["nullable"] == true) {
        recipes.push(("nulls".to_owned(), Recipe { null: true, ..all }));
    }
    let arms = arms(schema).clamp(2, ARMS);
    recipes.extend((0..arms).map(|arm| (format!("full{arm}"), Recipe { arm, ..all })));
    let mut objects: Vec<(String, Json)> = Vec::new();
    for (name, recipe) in recipes {
        let Some(object) = recipe.object(schema, 0, true) else { continue };
        if !objects.iter().any(|(_, known)| *known == object) {
            objects.push((name, object));
        }
    }
    objects
}

/// What is below a schema.
fn below(schema: &Value) -> impl Iterator<Item = &Value> {
    let properties = schema["properties"].as_object().into_iter().flat_map(Map::values);
    properties.chain([&schema["items"], &schema["additionalProperties"]]).filter(|schema| schema.is_object())
}

fn any(schema: &Value, test: &dyn Fn(&Value) -> bool) -> bool {
    test(schema) || below(schema).any(|schema| any(schema, test))
}

/// How many objects show each arm of a schema's unions and each value of its enums.
fn arms(schema: &Value) -> usize {
    let own = if has_junctors(schema) { alternatives(schema).len() } else { 0 };
    let values = schema["enum"].as_array().map_or(0, Vec::len);
    below(schema).map(arms).max().unwrap_or(0).max(own).max(values)
}

fn has_junctors(schema: &Value) -> bool {
    let is_there = |name: &&str| schema.get(*name).is_some();
    // Of these the arms are types.
    schema["x-kubernetes-int-or-string"] != true && ["oneOf", "anyOf", "allOf", "not"].iter().any(is_there)
}

/// The schemas that a keyword lists.
fn listed<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a Value> {
    schema[keyword].as_array().into_iter().flatten()
}

fn names(schema: &Value, keyword: &str) -> BTreeSet<String> {
    listed(schema, keyword).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether an object with these fields satisfies what a schema says of their presence; nothing if it depends on their values.
fn holds(schema: &Value, fields: &BTreeSet<String>) -> Option<bool> {
    let mut outcome = Some(names(schema, "required").is_subset(fields));
    let mut also = |holds: Option<bool>| {
        outcome = match (outcome, holds) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    };
    let says_of_values =
        ["enum", "pattern", "format", "minimum", "maximum"].iter().any(|name| schema.get(*name).is_some());
    let is_of_value = |name: &String| fields.contains(name);
    if says_of_values || schema["properties"].as_object().is_some_and(|all| all.keys().any(is_of_value)) {
        also(None);
    }
    for part in listed(schema, "allOf") {
        also(holds(part, fields));
    }
    if schema.get("anyOf").is_some() {
        let parts: Vec<Option<bool>> = listed(schema, "anyOf").map(|part| holds(part, fields)).collect();
        also(if parts.contains(&Some(true)) {
            Some(true)
        } else if parts.contains(&None) {
            None
        } else {
            Some(false)
        });
    }
    if schema.get("oneOf").is_some() {
        let parts: Vec<Option<bool>> = listed(schema, "oneOf").map(|part| holds(part, fields)).collect();
        let (sure, open) = (parts.iter().filter(|part| **part == Some(true)).count(), parts.contains(&None));
        also(match (sure, open) {
            (0 | 1, true) => None,
            (1, false) => Some(true),
            _ => Some(false),
        });
    }
    if let Some(not) = schema.get("not") {
        also(holds(not, fields).map(|holds| !holds));
    }
    outcome
}

/// What a schema says beside its properties.
fn junctors(schema: &Value) -> Value {
    let mut schema = schema.clone();
    for name in ["properties", "required", "enum", "pattern", "format", "minimum", "maximum"] {
        schema.as_object_mut().and_then(|schema| schema.remove(name));
    }
    schema
}

/// The fields that the arms of a schema name.
fn mentioned(schema: &Value, found: &mut BTreeSet<String>) {
    for part in
        ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|keyword| listed(schema, keyword)).chain(schema.get("not"))
    {
        found.extend(names(part, "required"));
        mentioned(part, found);
    }
}

/// Which of the fields that its arms name may be in an object together: as many as can be, and last as few as can be.
fn alternatives(schema: &Value) -> Vec<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    mentioned(schema, &mut named);
    let named: Vec<String> = named.into_iter().filter(|name| schema["properties"].get(name).is_some()).collect();
    let junctors = junctors(schema);
    let mut all: Vec<BTreeSet<String>> = match named.len() {
        0..=UNION => (0..1_usize << named.len())
            .map(|bits| {
                named
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| bits >> index & 1 == 1)
                    .map(|(_, name)| name.clone())
                    .collect()
            })
            .collect(),
        _ => named.iter().map(|name| BTreeSet::from([name.clone()])).chain([BTreeSet::new()]).collect(),
    };
    let required = names(schema, "required");
    all.retain(|fields| {
        let with: BTreeSet<String> = fields.union(&required).cloned().collect();
        required.iter().all(|name| !named.contains(name) || fields.contains(name))
            && holds(&junctors, &with) != Some(false)
    });
    let least = all.iter().min_by_key(|fields| fields.len()).cloned();
    let most: Vec<BTreeSet<String>> = all
        .iter()
        .filter(|fields| !all.iter().any(|other| other.len() > fields.len() && fields.is_subset(other)))
        .cloned()
        .collect();
    most.into_iter().chain(least).collect()
}

/// A schema with what an arm of its unions says of values.
fn with_arm(schema: &Value, arm: usize, fields: &BTreeSet<String>) -> Value {
    let mut schema = schema.clone();
    let all: Vec<Value> = listed(&schema, "allOf").cloned().collect();
    for keyword in ["oneOf", "anyOf"] {
        let arms: Vec<Value> =
            listed(&schema, keyword).filter(|part| holds(part, fields) != Some(false)).cloned().collect();
        if !arms.is_empty() {
            overlay(&mut schema, &arms[arm % arms.len()]);
        }
    }
    all.iter().for_each(|part| overlay(&mut schema, part));
    schema
}

/// Adds what a part says of values.
fn overlay(schema: &mut Value, part: &Value) {
    for keyword in ["enum", "pattern", "format", "minimum", "maximum", "minLength", "maxLength"] {
        if let (Some(value), Some(schema)) = (part.get(keyword), schema.as_object_mut()) {
            schema.insert(keyword.to_owned(), value.clone());
        }
    }
    for (name, part) in part["properties"].as_object().into_iter().flatten() {
        if let Some(property) = schema.get_mut("properties").and_then(|all| all.get_mut(name)) {
            overlay(property, part);
        }
    }
}

impl Recipe {
    /// A value of a schema; none if the schema allows none that is known here.
    fn value(self, schema: &Value, level: usize) -> Option<Json> {
        let is_listed = schema["enum"].is_array();
        // The server's check of enums takes no null, not even one that is listed.
        if self.null && schema["nullable"] == true && !is_listed {
            return Some(Json::null());
        }
        let kind = schema["type"].as_str().unwrap_or_default();
        let with_arm = (kind != "object" && has_junctors(schema)).then(|| with_arm(schema, self.arm, &BTreeSet::new()));
        let schema = with_arm.as_ref().unwrap_or(schema);
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
            let zero = values.iter().find(|value| [json!(""), json!(0), json!(false)].contains(value));
            let value = match zero {
                Some(zero) if self.zero => *zero,
                _ => *values.get(self.arm.checked_rem(values.len())?)?,
            };
            return Json::parse(&value.to_string()).ok();
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return match (self.zero, self.arm % 2) {
                (true, _) | (_, 0) => self.integer(schema),
                _ if schema["pattern"].is_string() => self.text(schema),
                _ => Some(Json::text(["50%", "http", "1e3"][self.arm / 2 % 3])),
            };
        }
        match kind {
            "string" => self.text(schema),
            "integer" => self.integer(schema),
            "number" => self.number(schema),
            "boolean" => Some(Json::leaf(!self.zero && self.arm.is_multiple_of(2))),
            "array" => self.list(schema, level),
            "object" => self.object(schema, level, false),
            // Any JSON.
            _ => Some(match (self.zero, self.arm % 6) {
                (true, _) => Json::map::<String>([]),
                (_, 0) => free(),
                (_, 1) => Json::text("any"),
                (_, 2) => Json::List(vec![free(), Json::leaf(0)]),
                (_, 3) => Json::leaf(false),
                (_, 4) => Json::List(Vec::new()),
                _ => Json::leaf(7),
            }),
        }
    }

    /// Whether an object has this field, if nothing else excludes it.
    fn has(self, schema: &Value, required: &BTreeSet<String>, name: &str, level: usize) -> bool {
        match self.fields {
            Fields::All => true,
            Fields::Down(deepest) if level < deepest => true,
            // What has a default need not be there, for the server puts it there.
            _ => required.contains(name) && schema["properties"][name].get("default").is_none_or(Value::is_null),
        }
    }

    fn object(self, schema: &Value, level: usize, is_root: bool) -> Option<Json> {
        let required = names(schema, "required");
        let properties = schema["properties"].as_object();
        let known =
            || properties.into_iter().flat_map(Map::keys).filter(move |name| !is_root || !is_every_objects(name));
        let mut fields: BTreeSet<String> =
            known().filter(|name| self.has(schema, &required, name, level)).cloned().collect();
        let mut changed = None;
        if has_junctors(schema) {
            let alternatives = alternatives(schema);
            let mut named = BTreeSet::new();
            mentioned(schema, &mut named);
            let chosen = match self.fields {
                Fields::All => alternatives.get(self.arm.checked_rem(alternatives.len())?)?,
                _ => alternatives.last()?,
            };
            fields.retain(|name| !named.contains(name));
            fields.extend(chosen.iter().cloned());
            changed = Some(with_arm(schema, self.arm, &fields));
        }
        let schema = changed.as_ref().unwrap_or(schema);
        let (least, most) =
            (count(schema, "minProperties").unwrap_or(0), count(schema, "maxProperties").unwrap_or(usize::MAX));
        let optional: Vec<String> = known().filter(|name| !required.contains(*name)).cloned().collect();
        for index in 0..optional.len() {
            let name = &optional[(index + self.arm) % optional.len()];
            if fields.len() > most {
                fields.remove(name);
            } else if fields.len() < least {
                fields.insert(name.clone());
            }
        }
        let mut object: BTreeMap<String, Json> = BTreeMap::new();
        for name in &fields {
            match self.value(&schema["properties"][name], level + 1) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if required.contains(name) => return None,
                None => {}
            }
        }
        let more = &schema["additionalProperties"];
        if more.is_object() || *more == true {
            let wanted = if self.zero || self.fields != Fields::All { 0 } else { 1 + self.arm % 2 };
            for key in ["key", "a.b/c", "x-1", "y", "z"].into_iter().take(wanted.max(least).min(most)) {
                // Of objects in such a map the server drops all fields.
                let value = if more.is_object() { self.value(more, level + 1)? } else { Json::text("any") };
                object.insert(key.to_owned(), value);
            }
        }
        if schema["x-kubernetes-embedded-resource"] == true {
            object.insert("apiVersion".to_owned(), Json::text("v1"));
            object.insert("kind".to_owned(), Json::text("ConfigMap"));
            object.insert("metadata".to_owned(), Json::map([("name", Json::text("within"))]));
        }
        if schema["x-kubernetes-preserve-unknown-fields"] == true
            && !more.is_object()
            && !self.zero
            && self.fields == Fields::All
            && !is_root
        {
            object.insert("notInTheSchema".to_owned(), free());
        }
        Some(Json::Map(object))
    }

    fn list(self, schema: &Value, level: usize) -> Option<Json> {
        let (least, most) = (count(schema, "minItems").unwrap_or(0), count(schema, "maxItems").unwrap_or(usize::MAX));
        let wanted = if self.zero { 0 } else { 1 + self.arm % 2 };
        let (mut items, mut seen) = (Vec::new(), BTreeSet::new());
        // More than are wanted: some may be alike.
        for index in 0..wanted.max(least) * 4 {
            if items.len() >= wanted.max(least).min(most) {
                break;
            }
            let recipe = Self { arm: self.arm + index, zero: self.zero && index == 0, ..self };
            let Some(item) = recipe.value(&schema["items"], level + 1) else { break };
            let identity = match schema["x-kubernetes-list-type"].as_str() {
                Some("map") => {
                    let keys = names(schema, "x-kubernetes-list-map-keys");
                    keys.iter().map(|key| format!("{:?}", item.get(key))).collect()
                }
                Some("set") => item.to_string(),
                _ if schema["uniqueItems"] == true => item.to_string(),
                _ => index.to_string(),
            };
            if seen.insert(identity) {
                items.push(item);
            }
        }
        (items.len() >= least).then_some(Json::List(items))
    }

    fn text(self, schema: &Value) -> Option<Json> {
        let (least, most) = (count(schema, "minLength").unwrap_or(0), count(schema, "maxLength").unwrap_or(usize::MAX));
        let fits = |text: &&String| (least..=most).contains(&text.chars().count());
        if let Some(pattern) = schema["pattern"].as_str() {
            let samples = pattern::samples(pattern, self.arm);
            let fitting: Vec<&String> = samples.iter().filter(fits).collect();
            let index = if self.zero { 0 } else { fitting.len() / 2 + self.arm };
            return fitting.get(index.min(fitting.len().checked_sub(1)?)).map(|text| Json::text(text));
        }
        let of_format: Option<[&str; 2]> = match schema["format"].as_str().unwrap_or_default() {
            "date-time" => Some(["2024-01-02T03:04:05Z", "2024-02-29T23:59:59.25+01:00"]),
            "date" => Some(["2024-02-29", "0001-01-01"]),
            "byte" => Some(["YWJj", "AA=="]),
            "duration" => Some(["1h30m", "0s"]),
            "uuid" => Some(["a987fbc9-4bed-3078-8f07-9141ba07c9f3", "00000000-0000-0000-0000-000000000000"]),
            "ipv4" | "ip" => Some(["127.0.0.1", "0.0.0.0"]),
            "ipv6" => Some(["::1", "2001:db8::1"]),
            "cidr" => Some(["10.0.0.0/8", "::/0"]),
            "mac" => Some(["00:00:5e:00:53:01", "ff:ff:ff:ff:ff:ff"]),
            "uri" => Some(["https://example.com/a?b=c", "urn:a:b"]),
            "email" => Some(["a@example.com", "b@example.com"]),
            "hostname" => Some(["example.com", "a"]),
            _ => None,
        };
        if let Some(samples) = of_format {
            return Some(Json::text(samples[self.arm % 2]));
        }
        let mut text = match self.arm % 4 {
            _ if self.zero => String::new(),
            0 => format!("value {}", self.arm),
            1 => format!("{}: \"été\"\n<&> \\", self.arm),
            2 => format!("{}", self.arm),
            _ => ["null", "true", "~", "1e3"][self.arm / 4 % 4].to_owned(),
        };
        text = text.chars().take(most).collect();
        while text.chars().count() < least {
            text.push('x');
        }
        Some(Json::text(&text))
    }

    fn integer(self, schema: &Value) -> Option<Json> {
        let (low, high) = match schema["format"].as_str().unwrap_or_default() {
            "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            "uint32" => (0, i64::from(u32::MAX)),
            "uint16" => (0, i64::from(u16::MAX)),
            "uint64" => (0, i64::MAX),
            _ if schema["x-kubernetes-int-or-string"] == true => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let bound = |name: &str| schema[name].as_f64();
        let low = bound("minimum").map_or(low, |low| low.ceil() as i64) + i64::from(schema["exclusiveMinimum"] == true);
        let high =
            bound("maximum").map_or(high, |high| high.floor() as i64) - i64::from(schema["exclusiveMaximum"] == true);
        let step = bound("multipleOf").map_or(1, |step| (step as i64).max(1));
        let wanted = match self.arm % 4 {
            _ if self.zero => 0,
            0 => 1 + self.arm as i64,
            // The next ones are no floats of the same value.
            1 => high.min(9_007_199_254_740_991),
            2 => -1 - self.arm as i64,
            _ => low.max(-9_007_199_254_740_991),
        };
        let stepped = wanted.clamp(low, high.max(low)) / step * step;
        let value = if stepped < low { stepped + step } else { stepped };
        (low..=high).contains(&value).then(|| Json::leaf(value))
    }

    fn number(self, schema: &Value) -> Option<Json> {
        let low = schema["minimum"].as_f64().unwrap_or(-1e6);
        let high = schema["maximum"].as_f64().unwrap_or(1e6);
        let wanted: f64 = match self.arm % 3 {
            _ if self.zero => 0.0,
            0 => 0.5,
            1 => 3.25,
            _ => -1.5,
        };
        let value: f64 = wanted.max(low).min(high);
        let is_edge = (value == low && schema["exclusiveMinimum"] == true)
            || (value == high && schema["exclusiveMaximum"] == true);
        let value = if is_edge { (low + high) / 2.0 } else { value };
        Some(Json::leaf(if value.fract() == 0.0 { format!("{value:.0}") } else { value.to_string() }))
    }
}

/// Any JSON object.
fn free() -> Json {
    let list = Json::List(vec![Json::leaf(0), Json::text(""), Json::map([("b", Json::leaf("0.5"))])]);
    Json::map([("a", list), ("c", Json::map::<String>([])), ("d", Json::leaf(true))])
}

fn count(schema: &Value, name: &str) -> Option<usize> {
    schema[name].as_u64().and_then(|count| usize::try_from(count).ok())
}

/// Fields of every object.
fn is_every_objects(name: &str) -> bool {
    matches!(name, "apiVersion" | "kind" | "metadata")
}
