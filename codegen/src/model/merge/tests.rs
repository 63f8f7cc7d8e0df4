use serde_json::{Value, json};

use super::*;
use crate::{
    documents::{Document, Documents, ServerVersion},
    model::{Field, Shape, TypeDef, build},
};

const SCHEMA: &str = "io.k8s.api.example.v1.Thing";

/// A minor with one type, of these properties, and what Go tells of it.
fn part(minor: Minor, schema: Value, numbers: &[(&str, u32)]) -> (Model, Facts) {
    let document = json!({"openapi": "3.0.0", "info": {"title": "x", "version": "x"}, "paths": {},
        "components": {"schemas": {SCHEMA: schema}}});
    let document = Document::parse("a", document.to_string().as_bytes()).expect("a document");
    let server = ServerVersion { minor: minor.to_string(), ..Default::default() };
    let documents =
        Documents { server, openapi: BTreeMap::from([("apis/a/v1".to_owned(), document)]), ..Default::default() };
    let fields: serde_json::Map<String, Value> =
        numbers.iter().map(|(name, number)| ((*name).to_owned(), json!({"number": number}))).collect();
    let order: Vec<&str> = numbers.iter().map(|(name, _)| *name).collect();
    let facts = json!({"models": {SCHEMA: "example.Thing"},
        "types": {"example.Thing": {"model": SCHEMA, "order": order, "fields": fields}}});
    (build(&documents), serde_json::from_value(facts).expect("facts"))
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn merged(parts: Vec<(Model, Facts)>) -> (Model, Facts) {
    merge(parts, &[]).expect("nothing that needs a rule")
}

fn refused(parts: Vec<(Model, Facts)>, rules: &[Rule]) -> String {
    merge(parts, rules).expect_err("a change that no rule covers").to_string()
}

fn thing(model: &Model) -> &TypeDef {
    &model.types[SCHEMA]
}

fn field<'a>(model: &'a Model, name: &str) -> &'a Field {
    let Shape::Object(object) = &thing(model).schema.shape else { panic!("an object") };
    object.fields.iter().find(|field| field.name == name).expect("the field")
}

fn string() -> Value {
    json!({"type": "string"})
}

#[test]
fn what_comes_and_goes_and_comes_back_has_its_life() {
    let old = object(json!({"always": string(), "gone": string(), "back": string()}));
    let middle = object(json!({"always": string(), "brief": string()}));
    let new = object(json!({"always": string(), "back": string(), "late": string()}));
    let (model, _) = merged(vec![part(35, old, &[]), part(36, middle, &[]), part(37, new, &[])]);
    let availability = |name| (field(&model, name).availability.since, field(&model, name).availability.until);
    assert_eq!(availability("always"), (0, None));
    assert_eq!(availability("gone"), (0, Some(36)));
    assert_eq!(availability("back"), (0, None), "what is there again is not gone");
    assert_eq!(availability("brief"), (36, Some(37)));
    assert_eq!(availability("late"), (37, None));
    assert_eq!(model.minors, [35, 36, 37]);
}

#[test]
fn a_field_is_required_where_every_minor_that_has_it_requires_it() {
    let of = |required: &[&str]| {
        let mut schema = object(json!({"a": string(), "b": string(), "c": string()}));
        schema["required"] = json!(required);
        schema
    };
    let (model, _) = merged(vec![part(36, of(&["a", "b"]), &[]), part(37, of(&["a", "c"]), &[])]);
    let required = |name| (field(&model, name).required, field(&model, name).is_plain());
    assert_eq!(required("a"), (true, true));
    assert_eq!(required("b"), (false, false));
    assert_eq!(required("c"), (false, false));
    assert!(model.drift.iter().any(|note| note.starts_with(&format!("{SCHEMA}.b: it is not required any more"))));

    let mut newer = object(json!({"new": string()}));
    newer["required"] = json!(["new"]);
    let (model, _) = merged(vec![part(36, object(json!({"x": string()})), &[]), part(37, newer, &[])]);
    assert!(field(&model, "new").required, "what the older minor does not have, it does not make optional");
}

#[test]
fn a_field_is_stored_by_value_where_every_minor_does_so_for_whatever_reason() {
    let by_value = object(json!({"a": {"type": "string", "default": ""}, "b": {"type": "string", "default": ""}}));
    let mut required = object(json!({"a": string(), "b": string()}));
    required["required"] = json!(["a"]);
    for parts in [[&by_value, &required], [&required, &by_value]] {
        let (model, _) = merged(vec![part(36, parts[0].clone(), &[]), part(37, parts[1].clone(), &[])]);
        assert!(field(&model, "a").is_plain() && !field(&model, "a").required);
        assert!(!field(&model, "b").is_plain(), "absent and empty differ in one of them");
    }
}

#[test]
fn the_newest_default_is_told() {
    let of = |default: Value| object(json!({"a": {"type": "string", "default": default}}));
    let (model, _) = merged(vec![part(36, of(json!("x")), &[]), part(37, of(json!("y")), &[])]);
    assert_eq!(field(&model, "a").schema.default, Some(json!("y")));
    assert!(!field(&model, "a").is_plain());
}

#[test]
fn the_values_of_an_enum_are_those_of_all_minors() {
    let of = |values: &[&str]| object(json!({"a": {"type": "string", "enum": values}, "b": string()}));
    let (model, _) = merged(vec![part(36, of(&["X", "Y"]), &[]), part(37, of(&["Y", "Z"]), &[])]);
    let Shape::Enum(values) = &field(&model, "a").schema.shape else { panic!("an enum") };
    let values: Vec<_> =
        values.iter().map(|value| (value.value.as_str(), value.availability.since, value.availability.until)).collect();
    assert_eq!(values, [("X", 0, Some(37)), ("Y", 0, None), ("Z", 37, None)]);
}

#[test]
fn a_field_of_another_type_is_an_error_that_names_it_and_the_minors() {
    let parts = || {
        let old = object(json!({"a": string(), "l": {"type": "array", "items": string()}}));
        let new = object(json!({"a": {"type": "boolean"}, "l": {"type": "array", "items": {"type": "boolean"}}}));
        vec![part(36, old, &[]), part(37, new, &[])]
    };
    let error = refused(parts(), &[]);
    assert!(error.starts_with("2 changes") && error.contains("rules.rs"), "{error}");
    assert!(error.contains(&format!("{SCHEMA}.a: was String, and is Boolean (1.36 to 1.37)")), "{error}");
    assert!(error.contains(&format!("{SCHEMA}.l[]: was String")), "{error}");

    let places = &["io.k8s.api.example.v1.Thing.a", "io.k8s.api.example.v1.Thing.l[]"];
    let rule = |keep| [Rule { name: "thing_is_true", newer: 37, places, keep }];
    let (model, _) = merge(parts(), &rule(Keep::Newer)).expect("a rule for each");
    assert_eq!(field(&model, "a").schema.shape, Shape::Boolean);
    let (model, _) = merge(parts(), &rule(Keep::Older)).expect("a rule for each");
    assert_eq!(field(&model, "a").schema.shape, Shape::String);
}

#[test]
fn a_rule_that_decides_nothing_is_an_error_for_its_minor_alone() {
    let of = || object(json!({"a": string()}));
    let rules = [Rule { name: "idle", newer: 37, places: &["io.k8s.api.example.v1.Thing.a"], keep: Keep::Newer }];
    let error = refused(vec![part(36, of(), &[]), part(37, of(), &[])], &rules);
    assert!(error.contains("`idle`") && error.contains("1.36") && error.contains("1.37"), "{error}");
    merge(vec![part(35, of(), &[]), part(36, of(), &[])], &rules).expect("not for this minor");
}

#[test]
fn protobuf_numbers_agree_or_nothing_is_generated() {
    let of = || object(json!({"a": string(), "b": string()}));
    let error = refused(vec![part(36, of(), &[("a", 1), ("b", 2)]), part(37, of(), &[("a", 1), ("b", 3)])], &[]);
    assert!(error.contains(&format!("{SCHEMA}.b: its number in protobuf was 2, and is 3")), "{error}");

    let (_, facts) = merged(vec![
        part(36, of(), &[("a", 1), ("b", 2)]),
        part(37, object(json!({"a": string(), "c": string()})), &[("a", 1), ("c", 3)]),
    ]);
    let known = facts.of(SCHEMA).expect("facts");
    assert_eq!(known.order, ["a", "b", "c"]);
    assert_eq!(known.fields["b"].number, 2, "what is gone keeps its number");
}

#[test]
fn a_field_that_took_the_number_of_another_was_renamed_and_needs_a_rule() {
    let parts = || {
        let old = part(36, object(json!({"a": string()})), &[("a", 1)]);
        vec![old, part(37, object(json!({"b": string()})), &[("b", 1)])]
    };
    let error = refused(parts(), &[]);
    assert!(error.contains(&format!("{SCHEMA}.a: number 1 in protobuf is b now: renamed")), "{error}");
    let places = &["io.k8s.api.example.v1.Thing.a"];
    let rules = [Rule { name: "a_is_b", newer: 37, places, keep: Keep::Newer }];
    let (model, facts) = merge(parts(), &rules).expect("a rule");
    let Shape::Object(object) = &thing(&model).schema.shape else { panic!("an object") };
    assert_eq!(object.fields.len(), 1, "the older name is an unknown field");
    assert_eq!(facts.of(SCHEMA).expect("facts").fields.keys().collect::<Vec<_>>(), ["b"]);
}

/// A minor with one resource.
fn served(minor: Minor, plural: &str, namespaced: bool, kind: &str, parameters: &[&str]) -> (Model, Facts) {
    let schema = format!("io.k8s.api.example.v1.{kind}");
    let path = if namespaced { "/apis/a/v1/namespaces/{namespace}/" } else { "/apis/a/v1/" };
    let parameters: Vec<Value> =
        parameters.iter().map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}})).collect();
    let document = json!({"openapi": "3.0.0", "info": {"title": "x", "version": "x"},
        "paths": {format!("{path}{plural}/{{name}}"): {"get": {
            "x-kubernetes-action": "get", "parameters": parameters,
            "x-kubernetes-group-version-kind": {"group": "a", "version": "v1", "kind": kind},
            "responses": {"200": {"description": "", "content": {"application/json": {
                "schema": {"$ref": format!("#/components/schemas/{schema}")}}}}}}}},
        "components": {"schemas": {schema: object(json!({}))}}});
    let document = Document::parse("a", document.to_string().as_bytes()).expect("a document");
    let server = ServerVersion { minor: minor.to_string(), ..Default::default() };
    let openapi = BTreeMap::from([("apis/a/v1".to_owned(), document)]);
    (build(&Documents { server, openapi, ..Default::default() }), Facts::default())
}

#[test]
fn a_resource_that_is_another_now_needs_a_rule() {
    let things = || served(36, "things", true, "Thing", &[]);
    let error = refused(vec![things(), served(37, "things", false, "Thing", &[])], &[]);
    assert!(error.contains("a/v1 things: its scope was a namespace, and is the cluster"), "{error}");
    let error = refused(vec![things(), served(37, "things", true, "Gadget", &[])], &[]);
    assert!(error.contains("a/v1 things: its kind was") && error.contains("Gadget"), "{error}");
    let error = refused(vec![things(), served(37, "stuff", true, "Thing", &[])], &[]);
    assert!(error.contains("a/v1 things: is served as stuff"), "{error}");
}

#[test]
fn a_parameter_is_as_old_as_the_minor_that_brought_it() {
    let parts =
        vec![served(36, "things", true, "Thing", &["a", "gone"]), served(37, "things", true, "Thing", &["a", "b"])];
    let (model, _) = merged(parts);
    let version = model.versions.values().next().expect("a version");
    let get = version.resources["things"].operations.values().next().expect("get");
    let availabilities: Vec<_> = get
        .parameters
        .iter()
        .map(|known| (known.name.as_str(), known.availability.since, known.availability.until))
        .collect();
    assert_eq!(availabilities, [("a", 0, None), ("b", 37, None), ("gone", 0, Some(37))]);
}

#[test]
fn what_a_rule_makes_older_pieces_refer_to_is_as_old_as_they_are() {
    let of = |refers: &str| {
        let refers = json!({"$ref": format!("#/components/schemas/{refers}")});
        let schemas = json!({SCHEMA: object(json!({"a": refers})), "Old": object(json!({})), "New": object(json!({}))});
        let mut schemas = schemas.as_object().expect("schemas").clone();
        schemas.retain(|name, _| name == SCHEMA || refers["$ref"].as_str().is_some_and(|text| text.ends_with(name)));
        let document = json!({"openapi": "3.0.0", "info": {"title": "x", "version": "x"}, "paths": {},
            "components": {"schemas": schemas}});
        let document = Document::parse("a", document.to_string().as_bytes()).expect("a document");
        let openapi = BTreeMap::from([("apis/a/v1".to_owned(), document)]);
        Documents { openapi, ..Default::default() }
    };
    let part = |minor: Minor, refers| {
        let server = ServerVersion { minor: minor.to_string(), ..Default::default() };
        (build(&Documents { server, ..of(refers) }), Facts::default())
    };
    let places = &["io.k8s.api.example.v1.Thing.a"];
    let rules = [Rule { name: "old_is_new", newer: 37, places, keep: Keep::Newer }];
    let (model, _) = merge(vec![part(36, "Old"), part(37, "New")], &rules).expect("a rule");
    assert_eq!(model.types["New"].availability.since, 0, "a field of 1.36 has this type");
    assert_eq!(model.types["Old"].availability.until, Some(37));
}

#[test]
fn one_minor_alone_comes_back_as_it_is() {
    let (model, _) = merged(vec![part(37, object(json!({"a": string()})), &[])]);
    assert_eq!(model.minors, [37]);
    assert_eq!(
        (thing(&model).availability, field(&model, "a").availability),
        (Availability::default(), Availability::default())
    );
}
