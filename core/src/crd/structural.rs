//! JSON schemas as schemars makes them, rewritten to the structural form that the API server demands.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
//!
//! A structural schema says everything about the shape of a value (types, properties, items) once, outside of `allOf`,
//! `anyOf`, `oneOf` and `not`; inside these there may be nothing but what narrows values down. So the properties of an
//! enum's variants are moved up to the enum, and what is left of the variants is which of them are required. A value
//! that a structural schema has no words for (a string or an object) is any value.

use schemars::Schema;
use schemars::transform::Transform;
use serde_json::{Map, Value as Json, json};

use super::CrdError;
use super::format::of_text;
use super::union::union;

pub(super) type Object = Map<String, Json>;

/// Keeps unknown fields, in place of a type where there is none.
pub(super) const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
pub(super) const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

/// What narrows a value down, and stands as it is.
const VALIDATIONS: &[&str] = &[
    "maximum",
    "minimum",
    "multipleOf",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
];

/// Rewrites a schema to structural form, as a transform of schemars.
///
/// ```
/// use kubewright_core::crd::Structural;
/// use schemars::transform::Transform;
///
/// let mut schema = schemars::json_schema!({ "type": ["string", "null"], "const": "a" });
/// let mut structural = Structural::default();
/// structural.transform(&mut schema);
/// structural.finish()?;
/// assert_eq!(schema, schemars::json_schema!({ "type": "string", "nullable": true, "enum": ["a"] }));
/// # Ok::<(), kubewright_core::crd::CrdError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Structural {
    error: Option<CrdError>,
}

impl Structural {
    /// The first thing that has no structural form.
    ///
    /// # Errors
    /// If a schema that was transformed contains itself, or takes no value at all. That schema was left as it was.
    pub fn finish(self) -> Result<(), CrdError> {
        self.error.map_or(Ok(()), Err)
    }
}

impl Transform for Structural {
    fn transform(&mut self, schema: &mut Schema) {
        match structural(schema.as_value(), "") {
            Ok(rewritten) => *schema = rewritten.into(),
            Err(error) => self.error = self.error.take().or(Some(error)),
        }
    }
}

/// The structural form of a schema, which stands at a path of the object.
pub(super) fn structural(schema: &Json, at: &str) -> Result<Object, CrdError> {
    let schema = match schema {
        Json::Bool(true) => return Ok(any()),
        Json::Bool(false) => return Err(CrdError::at(at, "its type has no value")),
        Json::Object(schema) => schema,
        _ => return Err(CrdError::at(at, "its schema is neither an object nor a boolean")),
    };
    if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
        let name = name.rsplit('/').next().unwrap_or(name);
        let why = format!(
            "`{name}` contains itself, and a structural schema has no references: give one of its fields \
             `#[schemars(with = \"serde_json::Value\")]` or the type `RawJson`"
        );
        return Err(CrdError::at(at, why));
    }
    let mut out = Object::new();
    describe(schema, &mut out);
    kind(schema, &mut out);
    values(schema, &mut out);
    shape(schema, &mut out, at)?;
    for branch in list(schema, "allOf") {
        intersect(&mut out, structural(branch, at)?);
    }
    for junctor in ["anyOf", "oneOf"] {
        let branches: Vec<&Json> = list(schema, junctor).collect();
        let some: Vec<&Json> = branches.iter().copied().filter(|branch| !is_null(branch)).collect();
        if some.len() < branches.len() {
            out.insert("nullable".into(), true.into());
        }
        let is_open = |branch: &&Json| **branch == true || branch.as_object().is_some_and(Map::is_empty);
        let optional = junctor == "anyOf" && out.contains_key("properties") && some.iter().any(is_open);
        let some = some.into_iter().filter(|branch| !optional || !is_open(branch));
        let some = some.map(|branch| structural(branch, at)).collect::<Result<Vec<_>, _>>()?;
        if optional {
            // An enum that is flattened into the object, or not: its fields without any being required.
            let mut fields = Object::new();
            union(&mut fields, junctor, some);
            fields.retain(|key, _| !matches!(key.as_str(), "required" | "allOf" | "anyOf" | "oneOf" | "not"));
            intersect(&mut out, fields);
        } else {
            union(&mut out, junctor, some);
        }
    }
    if let Some(not) = schema.get("not")
        && let narrowed = narrowing(&structural(not, at)?)
        && !narrowed.is_empty()
    {
        out.insert("not".into(), narrowed.into());
    }
    settle(&mut out);
    Ok(out)
}

/// Any value.
pub(super) fn any() -> Object {
    Object::from_iter([(PRESERVE.to_owned(), true.into())])
}

fn list<'a>(schema: &'a Object, key: &str) -> impl Iterator<Item = &'a Json> {
    schema.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn is_null(schema: &Json) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
        || schema.get("const").is_some_and(Json::is_null)
        || schema.get("enum").and_then(Json::as_array).is_some_and(|values| values.iter().all(Json::is_null))
}

/// What is for people, and what the API server has words of its own for.
fn describe(schema: &Object, out: &mut Object) {
    let text = schema.get("description").and_then(Json::as_str).unwrap_or_default();
    let deprecated = schema.get("deprecated").is_some_and(|deprecated| deprecated == true);
    let text = match (text, deprecated) {
        ("", true) => "Deprecated.".to_owned(),
        (text, true) => format!("{text}\n\nDeprecated."),
        (text, false) => text.to_owned(),
    };
    if !text.is_empty() {
        out.insert("description".into(), text.into());
    }
    let own = schema.iter().filter(|(key, _)| key.starts_with("x-kubernetes-") || *key == "nullable");
    out.extend(own.map(|(key, value)| (key.clone(), value.clone())));
    if let Some(default) = schema.get("default").filter(|default| !default.is_null()) {
        out.insert("default".into(), default.clone());
    }
}

/// The one type that a structural schema may have.
fn kind(schema: &Object, out: &mut Object) {
    let mut kinds: Vec<&str> = match schema.get("type") {
        Some(Json::String(kind)) => vec![kind],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    if let Some(null) = kinds.iter().position(|kind| *kind == "null") {
        kinds.remove(null);
        out.insert("nullable".into(), true.into());
        if kinds.is_empty() {
            // Nothing but null: an object is the least that can be said beside.
            kinds.push("object");
        }
    }
    kinds.sort_unstable();
    match kinds.as_slice() {
        [] => {}
        [kind] => drop(out.insert("type".into(), (*kind).into())),
        ["integer", "number"] => drop(out.insert("type".into(), "number".into())),
        ["integer", "string"] => drop(out.insert(INT_OR_STRING.into(), true.into())),
        _ => drop(out.insert(PRESERVE.into(), true.into())),
    }
}

/// What the value may be.
fn values(schema: &Object, out: &mut Object) {
    let mut values: Option<Vec<Json>> = schema.get("enum").and_then(Json::as_array).cloned();
    if let Some(value) = schema.get("const") {
        values = Some(vec![value.clone()]);
    }
    if let Some(mut values) = values {
        let all = values.len();
        values.retain(|value| !value.is_null());
        // The API server takes no null where there is an `enum`, whether or not null is one of its values.
        if values.len() < all {
            out.insert("nullable".into(), true.into());
        }
        if !values.is_empty() {
            out.insert("enum".into(), values.into());
        }
    }
    let kept = VALIDATIONS.iter().filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone())));
    out.extend(kept);
    // OpenAPI's exclusive bounds are booleans beside the bounds.
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let Some(own) = schema.get(exclusive).filter(|own| own.is_number()) else { continue };
        let tighter = match (out.get(bound).and_then(Json::as_f64), own.as_f64()) {
            (Some(bound), Some(own)) => {
                if exclusive == "exclusiveMinimum" {
                    own >= bound
                } else {
                    own <= bound
                }
            }
            _ => true,
        };
        if tighter {
            out.insert(bound.into(), own.clone());
            out.insert(exclusive.into(), true.into());
        }
    }
    format(schema, out);
}

fn format(schema: &Object, out: &mut Object) {
    let Some(format) = schema.get("format").and_then(Json::as_str) else { return };
    let (format, bounds): (&str, Option<(i64, i64)>) = match (out.get("type").and_then(Json::as_str), format) {
        (Some("integer"), "int8") => ("int32", Some((i8::MIN.into(), i8::MAX.into()))),
        (Some("integer"), "int16") => ("int32", Some((i16::MIN.into(), i16::MAX.into()))),
        (Some("integer"), "uint8") => ("int32", Some((0, u8::MAX.into()))),
        (Some("integer"), "uint16") => ("int32", Some((0, u16::MAX.into()))),
        (Some("integer"), "uint32") => ("int64", Some((0, u32::MAX.into()))),
        // What is beyond 63 bits the API server does not take either.
        (Some("integer"), "uint64" | "uint" | "int" | "uint128" | "int128") => ("int64", None),
        (Some("integer"), format @ ("int32" | "int64")) => (format, None),
        (Some("number"), format @ ("float" | "double")) => (format, None),
        (Some("string"), format) if of_text(format).is_some() => (format, None),
        _ => return,
    };
    out.insert("format".into(), format.into());
    if let Some((minimum, maximum)) = bounds {
        out.entry("minimum").or_insert(Json::from(minimum));
        out.entry("maximum").or_insert(Json::from(maximum));
    }
}

/// What is inside an object or a list.
fn shape(schema: &Object, out: &mut Object, at: &str) -> Result<(), CrdError> {
    let mut properties = Object::new();
    for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        properties.insert(name.clone(), structural(property, &format!("{at}.{name}"))?.into());
    }
    let patterns: Vec<&Json> =
        schema.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(Map::values).collect();
    let rest = match (schema.get("additionalProperties"), patterns.as_slice()) {
        (None | Some(Json::Bool(false)), [one]) => Some(*one),
        // Closed objects have no words: what is unknown is dropped, not refused.
        (None | Some(Json::Bool(false)), []) => None,
        (rest, []) => rest,
        _ => Some(&Json::Bool(true)),
    };
    match rest {
        Some(_) if !properties.is_empty() => drop(out.insert(PRESERVE.into(), true.into())),
        Some(rest) => {
            out.insert("additionalProperties".into(), structural(rest, &format!("{at}[]"))?.into());
        }
        None => {}
    }
    let has_rest = rest.is_some();
    if !properties.is_empty() {
        out.insert("properties".into(), properties.into());
    }
    if let Some(required) = schema.get("required").filter(|required| required.as_array().is_some_and(|r| !r.is_empty()))
    {
        out.insert("required".into(), required.clone());
    }
    let is_object = has_rest || out.contains_key("properties") || out.contains_key("required");
    if is_object && !out.contains_key("type") {
        out.insert("type".into(), "object".into());
    }
    items(schema, out, at)
}

fn items(schema: &Object, out: &mut Object, at: &str) -> Result<(), CrdError> {
    let at = format!("{at}[]");
    let mut all: Vec<Object> =
        list(schema, "prefixItems").map(|item| structural(item, &at)).collect::<Result<_, _>>()?;
    match schema.get("items") {
        Some(items @ Json::Object(_)) => all.push(structural(items, &at)?),
        Some(Json::Bool(true)) => all.push(any()),
        _ => {}
    }
    let is_list = out.get("type").is_some_and(|kind| kind == "array") || !all.is_empty() && !out.contains_key("type");
    if !is_list {
        return Ok(());
    }
    all.dedup();
    let one = if all.len() == 1 { all.pop() } else { None }.unwrap_or_else(any);
    let scalar = one.get("type").is_some_and(|kind| kind != "object" && kind != "array");
    // The server has no unique items but sets, and sets of nothing but scalars.
    if scalar && schema.get("uniqueItems").is_some_and(|unique| unique == true) {
        out.entry("x-kubernetes-list-type").or_insert("set".into());
    }
    out.insert("type".into(), "array".into());
    out.insert("items".into(), one.into());
    Ok(())
}

/// Adds the constraints of another schema. Keywords that are present keep their description.
pub(super) fn intersect(out: &mut Object, other: Object) {
    for (key, value) in other {
        match (key.as_str(), out.get_mut(&key), value) {
            ("properties", Some(Json::Object(own)), Json::Object(new)) => {
                for (name, property) in new {
                    match (own.get_mut(&name), property) {
                        (Some(Json::Object(own)), Json::Object(new)) => intersect(own, new),
                        (_, property) => drop(own.insert(name, property)),
                    }
                }
            }
            ("required", Some(Json::Array(own)), Json::Array(new)) => {
                let new: Vec<_> = new.into_iter().filter(|name| !own.contains(name)).collect();
                own.extend(new);
            }
            ("oneOf" | "anyOf" | "not", Some(_), value) => {
                let all = out.entry("allOf").or_insert_with(|| json!([]));
                if let Json::Array(all) = all {
                    all.push(json!({ key: value }));
                }
            }
            (_, Some(_), _) => {}
            (_, None, value) => drop(out.insert(key, value)),
        }
    }
}

/// What is left of a schema inside a junctor: what narrows the value down.
pub(super) fn narrowing(schema: &Object) -> Object {
    let mut out = Object::new();
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("properties", Json::Object(properties)) => {
                let inner = properties.iter().filter_map(|(name, property)| {
                    let narrowed = narrowing(property.as_object()?);
                    (!narrowed.is_empty()).then(|| (name.clone(), Json::from(narrowed)))
                });
                let inner: Object = inner.collect();
                if !inner.is_empty() {
                    out.insert(key.clone(), inner.into());
                }
            }
            (
                "enum" | "required" | "exclusiveMinimum" | "exclusiveMaximum" | "oneOf" | "anyOf" | "allOf" | "not",
                _,
            ) => {
                out.insert(key.clone(), value.clone());
            }
            (known, _) if VALIDATIONS.contains(&known) => drop(out.insert(key.clone(), value.clone())),
            _ => {}
        }
    }
    out
}

/// What follows from the rest: a type where there is none, and nothing that contradicts another.
pub(super) fn settle(out: &mut Object) {
    if out.contains_key(INT_OR_STRING) {
        out.remove("type");
        out.remove("format");
    } else if !out.contains_key("type") {
        match out.get("enum").and_then(Json::as_array).and_then(|values| kind_of_all(values)) {
            Some(kind) => drop(out.insert("type".into(), kind.into())),
            None => drop(out.insert(PRESERVE.into(), true.into())),
        }
    }
    if out.contains_key("properties") && out.remove("additionalProperties").is_some() {
        out.insert(PRESERVE.into(), true.into());
    }
    let object = out.get("type").is_some_and(|kind| kind == "object");
    if object && out.get("x-kubernetes-embedded-resource").is_some_and(|embedded| embedded == true) {
        out.remove("additionalProperties");
        if !out.contains_key("properties") {
            out.insert(PRESERVE.into(), true.into());
        }
    }
}

/// The type of values that are all of one.
fn kind_of_all(values: &[Json]) -> Option<&'static str> {
    let mut kinds = values.iter().map(|value| match value {
        Json::String(_) => Some("string"),
        Json::Bool(_) => Some("boolean"),
        Json::Number(number) => Some(if number.is_f64() { "number" } else { "integer" }),
        Json::Object(_) => Some("object"),
        Json::Array(_) | Json::Null => None,
    });
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}
