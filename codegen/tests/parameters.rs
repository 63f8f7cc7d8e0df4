//! What is known of every query parameter is written down.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The query parameters in a document: wherever an object says that it is one.
fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if object.get("in").and_then(Value::as_str) == Some("query")
                && let Some(name) = object.get("name").and_then(Value::as_str)
            {
                names.insert(name.to_owned());
            }
            object.values().for_each(|value| collect(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

fn read(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read(&path).expect("a file");
            collect(&serde_json::from_slice(&text).expect("JSON"), names);
        }
    }
}

#[test]
fn the_table_of_parameters_has_every_parameter_of_the_documents() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut expected = BTreeSet::new();
    read(&root.join("spec"), &mut expected);
    assert!(expected.contains("shardSelector"), "{expected:?}");
    let table = fs::read_to_string(root.join("docs/parameters.md")).expect("the table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let found: BTreeSet<_> = rows.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(found, expected, "docs/parameters.md is out of date");
}
