//! Large files are read, and small ones that stand for large ones are not.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::DynamicObject;
use crate::yaml::{Options, from_multiple, from_str};

#[test]
fn files_of_a_million_values_and_thousands_of_documents_are_read() {
    let mut text = String::from("kind: A\nspec:\n  values: [");
    for value in 0..1_000_000 {
        write!(text, "{value},").expect("a string");
    }
    text.push_str("]\n");
    let object: DynamicObject = from_str(&text).expect("a large one");
    assert_eq!(object.unknown_fields.get("spec").expect("a spec").as_str().matches(',').count(), 999_999);
    let many = "---\nkind: A\nmetadata: {name: a}\n".repeat(5_000);
    assert_eq!(from_multiple::<DynamicObject>(&many).expect("many").len(), 5_000);
}

#[test]
fn deep_nesting_is_read_up_to_the_limit() {
    let flow = |depth: usize| format!("kind: A\nspec: {}{}", "[".repeat(depth), "]".repeat(depth));
    let block = |depth: usize| format!("kind: A\nspec:\n {}1", "- ".repeat(depth));
    for nested in [flow(999), block(999)] {
        let object: DynamicObject = from_str(&nested).expect("deep");
        assert!(object.unknown_fields.get("spec").expect("a spec").as_str().starts_with("[[[["));
    }
    for nested in [flow(1_000), block(1_000), flow(100_000), block(100_000)] {
        let error = from_str::<DynamicObject>(&nested).expect_err("deeper").to_string();
        assert!(error.contains("nested deeper than 1000 levels"), "{error}");
    }
    let error = Options::default().max_depth(10).read::<DynamicObject>(&flow(10)).expect_err("deeper").to_string();
    assert!(error.contains("nested deeper than 10 levels"), "{error}");
    assert!(Options::default().max_depth(5_000).read::<DynamicObject>(&block(4_000)).is_ok());
    // Aliases make it deeper than the text is.
    let mut text = String::from("a0: &a0 [1]\n");
    for level in 1..20 {
        writeln!(text, "a{level}: &a{level} [[[[[[*a{}]]]]]]", level - 1).expect("a string");
    }
    let error = Options::default().max_depth(100).read::<DynamicObject>(&text).expect_err("deeper").to_string();
    assert!(error.contains("nested deeper than 100 levels"), "{error}");
}

#[test]
fn what_the_tables_know_goes_no_deeper_than_they_do_in_json() {
    // Not a stack overflow, nor an error of the YAML, but that of the message.
    let text =
        format!("kind: A\nmetadata:\n  managedFields: [{{fieldsV1: {}{}}}]\n", "{f: ".repeat(900), "}".repeat(900));
    assert!(from_str::<DynamicObject>(&text).is_ok(), "kept as text");
}

#[test]
fn a_document_of_aliases_that_stand_for_millions_of_values_is_refused_at_once() {
    let mut laughs = String::from("kind: A\na: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
    for (name, of) in
        ["b", "c", "d", "e", "f", "g", "h", "i", "j"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h", "i"])
    {
        writeln!(laughs, "{name}: &{name} [{}]", vec![format!("*{of}"); 10].join(",")).expect("a string");
    }
    let error = from_str::<DynamicObject>(&laughs).expect_err("ten billion").to_string();
    assert!(error.contains("aliases and merges expand to more than 8388608 bytes of text"), "{error}");
    // The same by merges, and by containers that hold no text at all.
    let mut merges = String::from("m0: &m0 {k: 1}\n");
    for level in 1..10_000 {
        writeln!(merges, "m{level}: &m{level} {{<<: *m{}, k{level}: 1}}", level - 1).expect("a string");
    }
    assert!(
        from_str::<DynamicObject>(&merges)
            .expect_err("fifty million")
            .to_string()
            .contains("aliases and merges expand to")
    );
    // By merges that stand inside one another, without an alias: each level copies all that is inside of it.
    let keys: String = (0..2_000).map(|key| format!("k{key}: 1, ")).collect();
    let nested = format!("kind: A\nspec: {}{{{keys}}}{}", "{<<: ".repeat(900), "}".repeat(900));
    let error = from_str::<DynamicObject>(&nested).expect_err("a merge of nine hundred levels").to_string();
    assert!(error.contains("aliases and merges expand to more than 8388608 bytes of text"), "{error}");
    let nested = format!("kind: A\nspec: {}{{{keys}}}{}", "{<<: ".repeat(20), "}".repeat(20));
    assert!(from_str::<DynamicObject>(&nested).is_ok());
    let empty = laughs.replace("lol", "[]");
    assert!(
        from_str::<DynamicObject>(&empty)
            .expect_err("empty lists")
            .to_string()
            .contains("aliases and merges expand to")
    );
    // What is used as it should be is read: one anchor, many times.
    let used = format!("kind: A\nlabels: &labels {{app: web}}\nspec: [{}]\n", vec!["*labels"; 10_000].join(","));
    assert!(from_str::<DynamicObject>(&used).is_ok());
    let error = Options::default().max_alias_bytes(1_000).read::<DynamicObject>(&used).expect_err("a lower limit");
    assert_eq!((error.line(), error.path().as_str()), (Some(3), ".spec[142]"), "{error}");
}

#[test]
fn what_aliases_add_is_limited_for_a_text_and_not_for_each_of_its_documents() {
    let document = format!("---\nkind: A\nlabels: &labels {{app: web}}\nspec: [{}]\n", vec!["*labels"; 100].join(","));
    let options = Options::default().max_alias_bytes(2_000);
    assert_eq!(options.read_multiple::<DynamicObject>(&document.repeat(2)).expect("1,400 bytes").len(), 2);
    let error = options.read_multiple::<DynamicObject>(&document.repeat(100)).expect_err("70,000 bytes");
    assert_eq!(error.line(), Some(12), "{error}");
}

#[test]
fn an_alias_inside_of_what_it_stands_for_is_refused() {
    let error = from_str::<DynamicObject>("kind: A\nspec: &a {b: [1, *a]}\n").expect_err("a cycle");
    assert_eq!((error.line(), error.path().as_str()), (Some(2), ".spec.b[1]"), "{error}");
}

#[test]
fn a_text_beyond_the_limit_of_bytes_is_refused() {
    let error = Options::default().max_bytes(10).read::<DynamicObject>("kind: Secret\n").expect_err("13 bytes");
    assert!(error.to_string().contains("longer than the limit of 10 bytes"), "{error}");
}

proptest! {
    #[test]
    fn no_text_panics_and_no_error_quotes_it(
        parts in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(vec![
                    "a", ": ", "- ", "\n", "\n  ", "\n---\n", "{", "}", "[", "]", ", ", "\"", "'", "&a ", "*a", "<<: ", "? ", "|", ">", "#",
                    "!!int ", "!!binary ", "!x ", "%", "\t", "\\", "~", "0x1F", "1e3", ".inf", "hunter2", "é", "\u{feff}", "\r", "kind: A",
                ]).prop_map(str::to_owned),
                "[ -~\n]{0,4}",
            ],
            0..40,
        )
    ) {
        let text = parts.concat();
        if let Err(error) = from_multiple::<DynamicObject>(&text) {
            // Keys are shown in the path.
            let path = error.path();
            prop_assert!(path.contains("hunter2") || !format!("{error:?}").contains("hunter2"), "{text:?}: {error:?}");
        }
        let _ = from_str::<DynamicObject>(&text);
    }
}
