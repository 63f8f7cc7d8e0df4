//! No error quotes the text.

use crate::DynamicObject;
use crate::json::tests::samples::Secret;
use crate::yaml::{DuplicateKeys, Error, Options, from_multiple, from_str};

/// Mistakes around a password, and where they are.
const BROKEN: &[(&str, usize)] = &[
    // A wrong indent, on the line of the password and around it.
    ("apiVersion: v1\nkind: Secret\nstringData:\n  user: ann\n   password: hunter2\n", 5),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: hunter2\n other: [\n", 5),
    ("apiVersion: v1\nkind: Secret\nstringData:\n\tpassword: hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData: {password: hunter2\nkind: x\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: hunter2: x\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: \"hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: \"hunter2\\q\"\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: *hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: !hunter2!x y\n", 4),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: @hunter2\n", 4),
    // Twice.
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: hunter2\n  password: hunter2\n", 5),
    // Another type or form than the field's.
    ("apiVersion: v1\nkind: Secret\nstringData: hunter2\n", 3),
    ("apiVersion: v1\nkind: Secret\nstringData: [hunter2]\n", 3),
    ("apiVersion: v1\nkind: Secret\nstringData:\n  password: [hunter2]\n", 4),
    ("apiVersion: v1\nkind: Secret\ndata:\n  password: hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\ndata:\n  password: !!binary hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\ndata:\n  password: !!int hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\nmetadata:\n  generation: hunter2\n", 4),
    ("apiVersion: v1\nkind: Secret\nmetadata:\n  creationTimestamp: hunter2\n", 4),
    ("hunter2", 1),
    ("- hunter2", 1),
];

fn shown(error: &Error) -> String {
    let source = std::error::Error::source(error).map(|source| format!("{source} {source:?}"));
    format!("{error} {error:?} {error:#?} {}", source.unwrap_or_default())
}

#[test]
fn an_error_names_line_and_column_and_never_quotes_the_text() {
    for (text, line) in BROKEN {
        let options = Options::default().duplicate_keys(DuplicateKeys::Refuse);
        let error = options.read::<Secret>(text).expect_err(text);
        assert!(!shown(&error).contains("hunter"), "{text}: {error:?}");
        assert_eq!(error.line(), Some(*line), "{text}: {error}");
        assert!(error.column().is_some(), "{text}: {error}");
        for errors in [from_multiple::<Secret>(text).err(), from_str::<DynamicObject>(text).err()] {
            assert!(!errors.is_some_and(|error| shown(&error).contains("hunter")), "{text}");
        }
    }
}

#[test]
fn an_error_names_no_function_of_another_crate() {
    for (text, _) in BROKEN {
        let options = Options::default().duplicate_keys(DuplicateKeys::Refuse);
        let error = options.read::<Secret>(text).expect_err(text).to_string();
        for foreign in ["saphyr", "granit", "from_str", "from_multiple", "with_deserializer", "serde", "::"] {
            assert!(!error.contains(foreign), "{error}");
        }
    }
}

#[test]
fn an_error_names_the_field_path() {
    let path = |text: &str| from_str::<Secret>(text).expect_err(text).path();
    assert_eq!(path("kind: Secret\nstringData: {password: [1]}\n"), ".stringData.password");
    assert_eq!(path("kind: Secret\ndata: {password: 'x'}\n"), ".data.password");
    assert_eq!(
        path("kind: Secret\nmetadata: {managedFields: [{}, {manager: {}}]}\n"),
        ".metadata.managedFields[1].manager"
    );
    let error = from_str::<DynamicObject>("kind: A\nspec: {a: [1, {b: .inf}]}\n").expect_err("infinite");
    assert_eq!(error.path(), ".spec.a[1].b", "{error}");
}
