//! Checks of objects in custom resources.

use serde_json::{Value, json};

use super::findings::{Findings, text};
use super::metadata;
use crate::objects::{embedded, texts};
use crate::schema::Schema;

pub(super) fn check(object: &Value, schema: Schema<'_>, found: &mut Findings) {
    let mut one = |embedded: &mut Value, path: &str| -> Result<(), ()> {
        let place = |name: &str| format!("{path}.{name}");
        for name in ["apiVersion", "kind"] {
            match embedded.get(name) {
                None => found.required(place(name)),
                Some(value) if text(value).is_empty() => found.invalid(place(name), value, "must not be empty"),
                Some(_) => {}
            }
        }
        let (version, kind) = (text(&embedded["apiVersion"]), text(&embedded["kind"]));
        if version.matches('/').count() > 1 {
            let why = format!("unexpected GroupVersion string: {version}");
            found.invalid(place("apiVersion"), &json!(version), &why);
        }
        if !kind.is_empty() {
            for problem in texts::label_with_letter(&kind.to_lowercase()) {
                let why = format!("may have mixed case, but should otherwise match: {problem}");
                found.invalid(place("kind"), &json!(kind), &why);
            }
        }
        if let Some(metadata) = embedded.get("metadata") {
            metadata::embedded(metadata, format_args!("{}", place("metadata")), found);
        }
        Ok(())
    };
    // It finds what is wrong, and ends with none of it.
    let _ = embedded::each(&mut object.clone(), schema, "", &mut one);
}
