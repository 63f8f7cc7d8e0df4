//! What is deprecated and still there, as Go's types tell.

use super::{Change, Kind, Subject, module, resources};
use crate::{
    model::{Model, Shape},
    plan::ModulePaths,
    spec::Facts,
};

/// What the newest minor of a model serves and has deprecated: resources, types and fields, sorted by group and version.
///
/// Of kinds of versions that are not stable Go's types say when; of other types and of fields it is in their comments.
pub fn deprecated(model: &Model, facts: &Facts) -> Vec<Change> {
    let module_paths = ModulePaths::new(model);
    let mut found = Vec::new();
    let mut push = |module: &str, subject, name: &str, detail: String| {
        found.push(Change {
            module: module.to_owned(),
            subject,
            name: name.to_owned(),
            change: Kind::Deprecated,
            detail,
        });
    };
    let minor = model.minors.last().copied().unwrap_or_default();
    for version in model.versions.values() {
        for (plural, resource) in &version.resources {
            if let Some(lifecycle) = facts.deprecation(&resource.kind, minor) {
                push(
                    &resources::place(model, &module_paths, resource),
                    Subject::Resource,
                    plural,
                    format!("since {}", lifecycle.since()),
                );
            }
        }
    }
    for (schema, def) in &model.types {
        let Some(fact) = facts.of(schema) else { continue };
        let (module, short) = (module(&module_paths, def), schema.rsplit('.').next().unwrap_or(schema));
        // A kind is reported with its resource.
        if fact.deprecated && !def.kinds.iter().any(|kind| facts.deprecation(kind, minor).is_some()) {
            push(&module, Subject::Type, short, String::new());
        }
        let Shape::Object(object) = &def.schema.shape else { continue };
        for field in object.fields.iter().filter(|field| fact.deprecated_fields.contains(&field.name)) {
            push(&module, Subject::Field, &format!("{short}.{}", field.name), String::new());
        }
    }
    found.sort();
    found
}
