//! Fields that a kind doesn't have, and values of other types.

use serde_json::Value;

use crate::catalog::Resource;
use crate::schema::Schema;

/// What in an object doesn't fit its schema.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Unfit {
    /// The paths of fields that the kind doesn't have, which were left out: in order, those in the metadata of a custom resource first.
    pub unknown: Vec<String>,
    /// The first value of a wrong type: its path, and what is expected and found.
    pub mistyped: Option<(String, &'static str, &'static str)>,
}

/// Takes out what the schema doesn't have, and nulls, and says what doesn't fit.
///
/// Null stands for nothing, but for a field that is `nullable`; as a value of a map it is the empty value of its type.
pub(crate) fn fit(object: &mut Value, schema: Schema<'_>) -> Unfit {
    let mut unfit = Unfit::default();
    walk(object, schema, &mut String::new(), &mut unfit, Rules::BuiltIn);
    unfit
}

/// As [`fit`], for a custom resource: outside of its metadata, a null in a map goes too, and so do the fields of objects of which the
/// schema describes none.
pub(crate) fn fit_custom(object: &mut Value, schema: Schema<'_>) -> Unfit {
    let mut unfit = Unfit::default();
    walk(object, schema, &mut String::new(), &mut unfit, Rules::Custom);
    unfit.unknown.sort_by(|one, other| {
        let key = |path: &String| !path.starts_with("metadata.");
        (key(one), one).cmp(&(key(other), other))
    });
    unfit
}

/// Whose rules hold for fields, numbers and nulls.
#[derive(Clone, Copy, PartialEq)]
enum Rules {
    /// Those of Go's types: null among the values of a map is the empty value of its type, and no integer is written as `1.0`.
    BuiltIn,
    /// Those of a structural schema: null stands for nothing.
    Custom,
    /// Those of the metadata of a custom resource, whose numbers were read before.
    Metadata,
}

fn walk(value: &mut Value, schema: Schema<'_>, path: &mut String, unfit: &mut Unfit, rules: Rules) {
    if let Some((expected, found)) = mistyped(value, schema, rules) {
        unfit.mistyped.get_or_insert((path.clone(), expected, found));
        return;
    }
    let start = path.len();
    match value {
        Value::Object(fields) => {
            let is_embedded = schema.is("x-kubernetes-embedded-resource");
            let keeps_none = rules == Rules::Custom && schema.describes_no_fields();
            let mut gone = Vec::new();
            for (name, value) in fields.iter_mut() {
                let field = schema.field(name);
                let is_type_meta = is_embedded && matches!(name.as_str(), "apiVersion" | "kind" | "metadata");
                if (field.is_absent() || keeps_none) && !is_type_meta {
                    unfit.unknown.push(join(path, name));
                    gone.push(name.clone());
                    continue;
                }
                if value.is_null() && !keep_null(value, name, schema, rules) {
                    gone.push(name.clone());
                    continue;
                }
                if field.is_absent() {
                    continue;
                }
                let rules = match rules {
                    Rules::Custom if (start == 0 || is_embedded) && name == "metadata" => Rules::Metadata,
                    rules => rules,
                };
                if start > 0 {
                    path.push('.');
                }
                path.push_str(name);
                walk(value, field, path, unfit, rules);
                path.truncate(start);
            }
            for name in gone {
                fields.remove(&name);
            }
        }
        Value::Array(list) => {
            for (index, item) in list.iter_mut().enumerate() {
                path.push_str(&format!("[{index}]"));
                walk(item, schema.item(), path, unfit, rules);
                path.truncate(start);
            }
        }
        _ => {}
    }
}

/// Whether a null of a field stays; among the values of a map it may stand for another value.
fn keep_null(value: &mut Value, name: &str, schema: Schema<'_>, rules: Rules) -> bool {
    let field = schema.field(name);
    if field.is("nullable") {
        return true;
    }
    if schema.has_property(name) {
        return false;
    }
    match empty(field).filter(|_| rules != Rules::Custom) {
        Some(empty) => {
            *value = empty;
            true
        }
        None => field.kind().is_none(),
    }
}

/// Makes integers of `1.0` and `1e3`, as Go writes them.
pub(crate) fn with_integers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(whole) = number.as_f64().filter(|whole| whole.fract() == 0.0 && whole.abs() < i64::MAX as f64) {
                *value = Value::from(whole as i64);
            }
        }
        Value::Object(fields) => {
            fields.values_mut().for_each(with_integers);
        }
        Value::Array(list) => list.iter_mut().for_each(with_integers),
        _ => {}
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What Go's type has for null among the values of a map.
fn empty(schema: Schema<'_>) -> Option<Value> {
    Some(match schema.kind()? {
        "string" => Value::from(""),
        "boolean" => Value::from(false),
        "integer" | "number" => Value::from(0),
        _ => return None,
    })
}

/// Why an object that a mutation has left is none: of a built-in kind, once it [fits](fit), that it is no object at all; of a custom one,
/// which is checked by its definition later, that its metadata are none either.
pub(crate) fn misshapen(object: &Value, resource: &Resource) -> Option<String> {
    let found = kind_of(object).unwrap_or("null");
    if !object.is_object() {
        return Some(format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"));
    }
    resource.custom()?;
    let unfit = fit_custom(&mut object.clone(), resource.schema());
    let (path, expected, found) = unfit.mistyped.filter(|(path, ..)| path.starts_with("metadata"))?;
    Some(format!("json: cannot unmarshal {found} into Go struct field {}.{path} of type {expected}", resource.kind))
}

fn mistyped(value: &Value, schema: Schema<'_>, rules: Rules) -> Option<(&'static str, &'static str)> {
    let found = kind_of(value)?;
    if schema.is_raw() {
        return None;
    }
    if rules == Rules::BuiltIn && schema.format() == Some("int-or-string") {
        let fits = value.is_string() || value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
        return (!fits).then_some(("int32", found));
    }
    let is_int_or_string =
        schema.is("x-kubernetes-int-or-string") || schema.format() == Some("int-or-string") || schema.has_one_of();
    let expected = match schema.kind() {
        _ if is_int_or_string => return None,
        Some("integer") if !is_integer(value, schema, rules) => "integer",
        Some("number") if found != "number" => "number",
        Some("string") if found != "string" => "string",
        Some("boolean") if found != "bool" => "bool",
        Some("object") if found != "object" => "object",
        Some("array") if found != "array" => "array",
        _ => return None,
    };
    Some((expected, found))
}

/// Whether a value is an integer that Go's type holds.
fn is_integer(value: &Value, schema: Schema<'_>, rules: Rules) -> bool {
    let of_float = || value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < i64::MAX as f64);
    let of_float = || of_float().filter(|_| rules != Rules::BuiltIn).map(|number| number as i64);
    let Some(whole) = value.as_i64().or_else(of_float) else { return false };
    let is_short = schema.format() == Some("int32");
    !is_short || i32::try_from(whole).is_ok()
}

/// The type of a value, as Go's decoder of JSON names it. `None` for null, which is of any type.
pub(crate) fn kind_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({"type": "object", "properties": {
            "data": {"type": "object", "additionalProperties": {"type": "string"}},
            "spec": {"type": "object", "properties": {
                "replicas": {"type": "integer", "format": "int32"}, "port": {"x-kubernetes-int-or-string": true},
                "maybe": {"type": "string", "nullable": true}, "list": {"type": "array", "items": {"type": "object",
                    "properties": {"a": {"type": "string"}}}},
                "raw": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            }},
        }})
    }

    #[test]
    fn unknown_fields_are_named_and_left_out() {
        let mut object = json!({"bogus": 1, "spec": {"x": 1, "list": [{"a": "1", "b": 2}], "raw": {"anything": [1]}}});
        let unfit = fit(&mut object, Schema::structural(&schema()));
        assert_eq!(unfit.unknown, ["bogus", "spec.list[0].b", "spec.x"]);
        assert_eq!(unfit.mistyped, None);
        assert_eq!(object, json!({"spec": {"list": [{"a": "1"}], "raw": {"anything": [1]}}}));
    }

    #[test]
    fn objects_of_custom_resources_have_the_fields_that_are_described_and_no_others() {
        let schema = json!({"type": "object", "properties": {
            "empty": {"type": "object"},
            "any": {"type": "object", "additionalProperties": true},
            "whole": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"metadata": {"type": "object"}}},
        }});
        let sent = json!({
            "empty": {"a": 1},
            "any": {"a": 1, "b": {"c": 1}, "d": [{"e": 1}]},
            "whole": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}},
        });
        let mut object = sent.clone();
        let unfit = fit_custom(&mut object, Schema::structural(&schema));
        assert_eq!(unfit.unknown, ["any.b.c", "any.d[0].e", "empty.a", "whole.spec"]);
        let kept = json!({
            "empty": {},
            "any": {"a": 1, "b": {}, "d": [{}]},
            "whole": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}},
        });
        assert_eq!(object, kept);

        let mut object = json!({"empty": {"a": 1}, "any": {"b": {"c": 1}}});
        fit(&mut object, Schema::structural(&schema));
        assert_eq!(
            object,
            json!({"empty": {"a": 1}, "any": {"b": {"c": 1}}}),
            "documents of built-in kinds mean any fields"
        );
    }

    #[test]
    fn null_is_nothing_but_where_it_is_a_value() {
        let mut object = json!({"data": {"x": null}, "spec": {"replicas": null, "maybe": null}});
        fit(&mut object, Schema::structural(&schema()));
        assert_eq!(object, json!({"data": {"x": ""}, "spec": {"maybe": null}}));
    }

    #[test]
    fn the_first_value_of_another_type_is_named() {
        let found = |mut object: Value| fit(&mut object, Schema::structural(&schema())).mistyped;
        assert_eq!(found(json!({"data": {"x": 1}})), Some(("data.x".to_owned(), "string", "number")));
        assert_eq!(found(json!({"spec": {"replicas": 1.5}})), Some(("spec.replicas".to_owned(), "integer", "number")));
        assert_eq!(found(json!({"spec": {"replicas": 1.0}})), Some(("spec.replicas".to_owned(), "integer", "number")));
        assert_eq!(found(json!({"spec": {"replicas": 1, "port": "http"}})), None);
        let mut custom = json!({"spec": {"replicas": 1.0}});
        assert_eq!(fit_custom(&mut custom, Schema::structural(&schema())).mistyped, None, "an integer as JSON has it");
        for number in [json!(1_u64 << 31), json!(u64::MAX), json!(1e300)] {
            assert!(found(json!({"spec": {"replicas": number}})).is_some(), "{number} is too large");
        }
        assert_eq!(found(json!({"spec": []})), Some(("spec".to_owned(), "object", "array")));
    }
}
