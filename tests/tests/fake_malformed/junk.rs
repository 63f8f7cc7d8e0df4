//! Objects of which one value is of another type.

use std::fs;
use std::path::Path;

use fastrand::Rng;
use http::Method;
use kubewright::DynamicObject;
use kubewright::registry::REGISTRY;
use serde_json::{Value, json};

use super::cases::Case;

/// What is put in place of a value.
fn junk() -> [Value; 12] {
    [
        json!(null),
        json!(true),
        json!(-1),
        json!(18_446_744_073_709_551_615_u64),
        json!(1e300),
        json!(""),
        json!("\u{0}é\u{1f600}"),
        json!("x".repeat(400)),
        json!([]),
        json!([null, 1, "a", {}, []]),
        json!({}),
        json!({ "": null, "$patch": "bogus", "a": [1] }),
    ]
}

/// The requests.
pub fn cases(random: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    for object in objects() {
        let text = |name: &str| object[name].as_str().unwrap_or_default();
        let Some(resource) = REGISTRY.kind(text("apiVersion"), text("kind")) else { continue };
        let root = if resource.desc.group.is_empty() { "/api" } else { "/apis" };
        let place = if resource.desc.namespaced { "namespaces/default/" } else { "" };
        let collection = format!("{root}/{}/{place}{}", text("apiVersion"), resource.desc.plural);
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let json = "application/json";
        // So that there is something to change, where it is accepted.
        cases.push(case(Method::POST, &collection, json, &object));
        let mut pointers = Vec::new();
        collect(&object, String::new(), &mut pointers);
        for pointer in pointers {
            let mut changed = object.clone();
            let value = changed.pointer_mut(&pointer).expect("a value");
            *value = junk()[random.usize(..12)].clone();
            let named = format!("{collection}/{name}");
            cases.push(match random.u8(..6) {
                0 => case(Method::POST, &format!("{collection}?dryRun=All"), json, &changed),
                1 => case(Method::PUT, &format!("{named}?dryRun=All"), json, &changed),
                2 => case(Method::PATCH, &format!("{named}?dryRun=All"), "application/merge-patch+json", &changed),
                3 => case(
                    Method::PATCH,
                    &format!("{named}?dryRun=All"),
                    "application/strategic-merge-patch+json",
                    &changed,
                ),
                4 => {
                    case(Method::PATCH, &format!("{named}/status?dryRun=All"), "application/merge-patch+json", &changed)
                }
                _ => case(
                    Method::PATCH,
                    &format!("{named}?dryRun=All&fieldManager=junk&force=true"),
                    "application/apply-patch+yaml",
                    &changed,
                ),
            });
        }
    }
    cases
}

fn case(method: Method, path: &str, media_type: &'static str, body: &Value) -> Case {
    Case {
        method: match method {
            Method::POST => "POST",
            Method::PUT => "PUT",
            _ => "PATCH",
        },
        path: path.to_owned(),
        headers: vec![("content-type", media_type)],
        body: body.to_string().into_bytes(),
    }
}

/// The places of all values, but for those of lists after the first.
fn collect(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(value, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => items.iter().take(1).for_each(|item| collect(item, format!("{place}/0"), found)),
        _ => {}
    }
    found.push(place);
}

/// The objects of `fake/defaults.yaml` and the maximal ones, of the kinds that there are.
fn objects() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = fs::read_dir(folder.join("fixtures/maximal"))
        .expect("fixtures")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.to_string_lossy().contains("_v1_") || path.to_string_lossy().contains("_v2_"))
        .collect();
    files.sort();
    files.push(folder.join("tests/fake/defaults.yaml"));
    let mut objects = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a file").replace("NAME", "x").replace("DIGIT", "7");
        let documents: Vec<DynamicObject> = kubewright::yaml::from_multiple(&text).expect("YAML");
        for document in documents {
            let text = kubewright::json::to_vec(&document).expect("JSON");
            let mut object: Value = serde_json::from_slice(&text).expect("JSON");
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata
                    .retain(|name, _| matches!(name.as_str(), "name" | "labels" | "annotations" | "ownerReferences"));
            }
            objects.push(object);
        }
    }
    objects
}
