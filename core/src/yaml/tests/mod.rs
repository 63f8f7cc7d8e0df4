//! Manifests, good and broken.

mod limits;
mod secrets;
mod vectors;
mod warnings;
mod written;

use super::*;
use crate::DynamicObject;
use crate::json::tests::samples::{Kite, Widget};
use crate::meta::v1::PartialObjectMetadata;

#[test]
fn a_manifest_is_read_and_written_back() {
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  labels: {x: 'yes'}\nstringData:\n  k: v\n";
    let object: DynamicObject = from_str(manifest).expect("a manifest");
    assert_eq!((&*object.kind, &*object.metadata.labels["x"]), ("Secret", "yes"));
    let again: DynamicObject = from_str(&to_string(&object).expect("YAML")).expect("a manifest");
    assert_eq!(again, object);
}

#[test]
fn a_file_may_hold_many_documents() {
    let objects: Vec<DynamicObject> = from_multiple("kind: A\n---\nkind: B\n").expect("two");
    assert_eq!(objects.len(), 2);
    assert!(from_str::<DynamicObject>("kind: A\n---\nkind: B\n").is_err());
}

#[test]
fn scalars_mean_what_they_mean_to_kubectl() {
    let manifest = "kind: A\nspec: {mode: 0400, hex: 0x10, on: yes, text: '0400', version: 1.10.0}\n";
    let object: DynamicObject = from_str(manifest).expect("a manifest");
    let text = crate::json::to_vec(&object).expect("JSON");
    let text = String::from_utf8(text).expect("text");
    assert!(text.contains(r#"{"mode":256,"hex":16,"true":true,"text":"0400","version":"1.10.0"}"#), "{text}");
    let typed = "metadata: {name: 0400, generation: 0400}\n";
    let typed: PartialObjectMetadata = from_str(typed).expect("a manifest");
    assert_eq!((typed.metadata.name.as_deref(), typed.metadata.generation), (Some("0400"), Some(256)));
    let written = to_string(&typed).expect("YAML");
    assert!(written.contains("name: \"0400\"") && written.contains("generation: 256"), "{written}");
}

#[test]
fn another_kind_and_a_wrong_shape_are_told_with_their_place() {
    let error = from_str::<PartialObjectMetadata>("apiVersion: v1\nkind: Pod\n").expect_err("a Pod").to_string();
    assert!(error.contains("Pod"), "{error}");
    let error = from_str::<DynamicObject>("kind: A\nmetadata:\n  name: [1]\n").expect_err("a list").to_string();
    assert!(error.contains('3'), "the line: {error}");
}

#[test]
fn documents_without_content_count_as_none() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: blue\n";
    for text in [
        format!("---\n{manifest}---\n"),
        format!("# before\n---\n{manifest}"),
        format!("---\n# before\n---\n{manifest}---\n# after\n---\n"),
        format!("{manifest}---\nnull\n---\n~\n...\n"),
        format!("\u{feff}{manifest}---"),
        format!("{manifest}# the end"),
        format!("--- # a comment\n{manifest}").replace('\n', "\r\n"),
    ] {
        let object: DynamicObject = from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(&*object.kind, "ConfigMap", "{text}");
        let objects: Vec<DynamicObject> = from_multiple(&text).expect(&text);
        assert_eq!(objects, [object], "{text}");
    }
    for text in ["", "# nothing\n", "---\n---\n", "null\n"] {
        assert_eq!(from_multiple::<DynamicObject>(text).expect(text), []);
        let error = from_str::<DynamicObject>(text).expect_err(text).to_string();
        assert!(error.contains("no document"), "{error}");
    }
}

#[test]
fn a_comment_may_follow_the_dashes_between_documents_at_once() {
    let object = r#"{"kind": "B"}"#;
    for text in [
        "---# Source: a.yaml\nkind: A\n---# Source: b.yaml\nkind: B\n---#\n".to_owned(),
        "kind: A\n---# é: [\n# another\nkind: B\n".replace('\n', "\r\n"),
        "kind: A\nspec: |\n  text\n  ---# of the text\n---#\n---#\n---\nkind: B\n".to_owned(),
        format!("{{\"kind\": \"A\"}}\n---# c\n{object}\n"),
        format!("{{\"kind\": \"A\"}} {object}\n---# c\n"),
    ] {
        let objects: Vec<DynamicObject> = from_multiple(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(objects.iter().map(|object| &*object.kind).collect::<Vec<_>>(), ["A", "B"], "{text}");
    }
    // Places are those in the whole text.
    let error = from_multiple::<DynamicObject>("---# a\nkind: A\n---# b\nkind: [1]\n").expect_err("a list");
    assert_eq!((error.line(), error.column(), error.path().as_str()), (Some(4), Some(7), ".kind"), "{error}");
    // Anywhere else the dashes are text.
    let object: DynamicObject = from_str("kind: A\nmetadata:\n  name: a---#b\n   ---#c\n").expect("one");
    assert_eq!(object.metadata.name.as_deref(), Some("a---#b ---#c"));
}

#[test]
fn a_merge_of_no_objects_adds_nothing() {
    let object: DynamicObject = from_str("kind: A\nspec: {<<: [], a: 1}\n").expect("a manifest");
    assert_eq!(object.unknown_fields.get("spec").expect("a spec").as_str(), r#"{"a":1}"#);
    for wrong in ["1", "~", "''", "[1]", "[[]]", "[{}, []]"] {
        let error = from_str::<DynamicObject>(&format!("kind: A\nspec: {{<<: {wrong}}}\n")).expect_err(wrong);
        assert!(error.to_string().contains("requires an object or a list of objects"), "{error}");
    }
}

#[test]
fn json_objects_may_follow_one_another() {
    let text = "{\"kind\": \"A\"}\n{\"kind\": \"B\", \"metadata\": {\"name\": 1}} {\"kind\": \"C\"}\n---\nkind: D\n";
    let objects: Vec<DynamicObject> = from_multiple(text).expect("four");
    assert_eq!(objects.iter().map(|object| &*object.kind).collect::<Vec<_>>(), ["A", "B", "C", "D"]);
    // Places are those in the whole text.
    let text = "{\"kind\": \"A\"}\n{\"kind\": \"B\"} {\"kind\": [1]}\n";
    let error = from_multiple::<DynamicObject>(text).expect_err("a list");
    assert_eq!((error.line(), error.column(), error.path().as_str()), (Some(2), Some(24), ".kind"), "{error}");
}

#[test]
fn integers_are_read_however_they_are_written() {
    for (written, value) in [
        ("1e+06", 1_000_000),
        ("1.0", 1),
        ("08", 8),
        ("1E3", 1000),
        ("+5", 5),
        ("1_000", 1000),
        ("0400", 256),
        ("0o400", 256),
        ("0x100", 256),
        ("0b11", 3),
        ("-0", 0),
        ("1.5e1", 15),
    ] {
        let typed: PartialObjectMetadata = from_str(&format!("metadata: {{generation: {written}}}")).expect(written);
        assert_eq!(typed.metadata.generation, Some(value), "{written}");
        let untyped: DynamicObject = from_str(&format!("kind: A\nspec: {{replicas: {written}}}")).expect(written);
        let text = String::from_utf8(crate::json::to_vec(&untyped).expect("JSON")).expect("text");
        assert!(text.contains(&format!(r#""spec":{{"replicas":{value}}}"#)), "{written}: {text}");
    }
    for wrong in ["1.5", "'1'", "yes", "9223372036854775808", "1e400", ".inf"] {
        let error = from_str::<PartialObjectMetadata>(&format!("metadata: {{generation: {wrong}}}")).expect_err(wrong);
        assert_eq!(error.path(), ".metadata.generation", "{error}");
    }
}

#[test]
fn the_digits_of_large_numbers_are_kept() {
    let object: DynamicObject =
        from_str("kind: A\nspec: {a: 123456789012345678901234567890, b: -99999999999999999999}").expect("a manifest");
    let text = String::from_utf8(crate::json::to_vec(&object).expect("JSON")).expect("text");
    assert!(text.contains(r#"{"a":123456789012345678901234567890,"b":-99999999999999999999}"#), "{text}");
}

#[test]
fn floats_may_have_underscores_wherever_their_digits_start() {
    let text = "kind: A\nspec: {a: .1_5, b: -.1_5, c: 1_0.5, d: .1e1_0, e: ._, f: .1_x}";
    let object: DynamicObject = from_str(text).expect("a manifest");
    let spec = object.unknown_fields.get("spec").expect("a spec").as_str();
    assert_eq!(spec, r#"{"a":0.15,"b":-0.15,"c":10.5,"d":1000000000,"e":"._","f":".1_x"}"#);
}

#[test]
fn a_typed_number_keeps_the_digits_of_its_manifest_and_an_infinite_one_is_refused() {
    let kite: Kite = from_str(
        "spec: {name: k, count: 1, height: 123456789012345678901234567890, amount: 123456789012345678901, heights: [1.5, 0x10]}",
    )
    .expect("a manifest");
    let spec = kite.spec.expect("a spec");
    assert_eq!(spec.height.map(|height| height.as_str().to_owned()).as_deref(), Some("123456789012345678901234567890"));
    assert_eq!(spec.amount.map(|amount| amount.as_str().to_owned()).as_deref(), Some("123456789012345678901"));
    let heights = spec.heights.expect("heights");
    assert_eq!(heights.iter().map(|height| height.as_str()).collect::<Vec<_>>(), ["1.5", "16"]);
    let digits = "9".repeat(400);
    for wrong in [&*digits, ".inf", ".nan", "'12'", "12e400", "[1]"] {
        let error = from_str::<Kite>(&format!("spec:\n  height: {wrong}\n")).expect_err(wrong);
        assert_eq!((error.line(), error.path().as_str()), (Some(2), ".spec.height"), "{error}");
        assert!(!error.to_string().contains("99999"), "{error}");
    }
    let widget = from_str::<Widget>(&format!("ratio: {digits}\n")).expect_err("beyond a float");
    assert_eq!(widget.path(), ".ratio", "{widget}");
}

#[test]
fn a_null_inside_a_list_or_map_of_a_custom_resource_is_a_mistake_and_in_a_field_it_is_none() {
    for (inner, path) in [
        ("names: [a, null]", ".spec.names[1]"),
        ("tags: {a: ~}", ".spec.tags.a"),
        ("heights: [null]", ".spec.heights[0]"),
        ("byName: {a: }", ".spec.byName.a"),
        ("grid: [[1], null]", ".spec.grid[1]"),
        ("grid: [[1, null]]", ".spec.grid[0][1]"),
        ("tails: [null]", ".spec.tails[0]"),
    ] {
        let error = from_str::<Kite>(&format!("spec: {{{inner}}}")).expect_err(inner);
        assert_eq!(error.path(), path, "{error}");
        assert!(error.to_string().contains("null"), "{error}");
        let json: serde_json::Value = from_str_any(&format!("spec: {{{inner}}}"));
        assert!(serde_json::from_value::<Kite>(json.clone()).is_err(), "through serde: {inner}");
        let mut kite = Kite::default();
        let strict = crate::json::Options { strict: true, ..Default::default() };
        let error = crate::json::decode_into(&mut kite, &json.to_string(), &strict).expect_err(inner).to_string();
        assert!(error.contains(path.trim_start_matches('.')), "{error}");
    }
    let kite: Kite =
        from_str("spec: {name: ~, flag: null, maybe: null, tails: [{key: 1, length: null}]}").expect("no mistake");
    let written = String::from_utf8(crate::json::to_vec(&kite).expect("JSON")).expect("text");
    assert!(written.ends_with(r#""spec":{"maybe":null,"tails":[{"key":1}]}}"#), "{written}");
    // Go's types take a null for the zero value.
    let labels: PartialObjectMetadata = from_str("metadata: {labels: {a: null}, finalizers: [~]}").expect("labels");
    assert_eq!((&*labels.metadata.labels["a"], &*labels.metadata.finalizers[0]), ("", ""));
}

fn from_str_any(text: &str) -> serde_json::Value {
    let object: crate::types::RawJson = super::read::one(text, &Options::default()).expect("YAML");
    object.to_value().expect("JSON")
}

#[test]
fn of_a_key_that_comes_twice_the_last_counts_unless_that_is_refused() {
    let text = "kind: A\nmetadata:\n  name: a\n  labels: {x: '1', y: '2', x: '3'}\nspec: {a: 1, b: 2, a: 3}\nkind: B\n";
    let object: DynamicObject = from_str(text).expect("the last one");
    assert_eq!((&*object.kind, &*object.metadata.labels["x"]), ("B", "3"));
    let text_of = String::from_utf8(crate::json::to_vec(&object).expect("JSON")).expect("text");
    assert!(text_of.contains(r#""spec":{"a":3,"b":2}"#), "{text_of}");
    let strict = Options::default().duplicate_keys(DuplicateKeys::Refuse);
    let error = strict.read::<DynamicObject>(text).expect_err("twice");
    assert_eq!((error.line(), error.column(), error.path().as_str()), (Some(4), Some(28), ".metadata.labels.x"));
}

#[test]
fn merges_and_aliases_stand_for_what_they_name() {
    let text = "
kind: A
base: &base {image: a, pull: Always}
more: &more {pull: Never, extra: 1}
spec:
  one: {<<: *base, image: b}
  two: {<<: [*base, *more]}
  three: {image: c, <<: *base}
  four: *base
";
    let object: DynamicObject = from_str(text).expect("a manifest");
    let text = String::from_utf8(crate::json::to_vec(&object).expect("JSON")).expect("text");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let expected = serde_json::json!({
        "one": {"image": "b", "pull": "Always"},
        "two": {"image": "a", "pull": "Always", "extra": 1},
        // As in Go: what is merged later overrides.
        "three": {"image": "a", "pull": "Always"},
        "four": {"image": "a", "pull": "Always"},
    });
    assert_eq!(value["spec"], expected);
}
