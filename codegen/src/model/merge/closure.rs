//! What something refers to is there as long as it is itself.

use std::collections::BTreeMap;

use crate::{
    documents::Minor,
    model::{Model, Operation, Payload, Schema, Shape},
};

/// Makes every type as old as the oldest thing that refers to it.
///
/// Documents are closed, so types mostly are; but where a rule kept the newer of two types, what the older minor had now
/// refers to a type that it did not have.
pub fn extend(model: &mut Model) {
    let mut needed: BTreeMap<String, Minor> = BTreeMap::new();
    for version in model.versions.values() {
        for resource in version.resources.values() {
            let since = resource.availability.within(version.availability).since;
            need(&mut needed, &resource.schema, since);
            let below = resource.subresources.values().flat_map(|subresource| subresource.operations.values());
            for operation in resource.operations.values().chain(resource.all_namespaces.values()).chain(below) {
                for name in payloads(operation) {
                    need(&mut needed, name, since.max(operation.availability.since));
                }
            }
        }
    }
    loop {
        for (name, since) in &needed {
            if let Some(def) = model.types.get_mut(name) {
                def.availability.since = def.availability.since.min(*since);
            }
        }
        let before = needed.clone();
        for def in model.types.values() {
            references(&def.schema, def.availability.since, &mut needed);
        }
        if needed == before {
            return;
        }
    }
}

fn need(needed: &mut BTreeMap<String, Minor>, name: &str, since: Minor) {
    match needed.get_mut(name) {
        Some(known) => *known = since.min(*known),
        None => drop(needed.insert(name.to_owned(), since)),
    }
}

fn payloads(operation: &Operation) -> impl Iterator<Item = &String> {
    [&operation.request, &operation.response].into_iter().flatten().filter_map(|payload| match payload {
        Payload::Schema(name) => Some(name),
        Payload::Text | Payload::Other => None,
    })
}

fn references(schema: &Schema, since: Minor, needed: &mut BTreeMap<String, Minor>) {
    match &schema.shape {
        Shape::Reference(name) => need(needed, name, since),
        Shape::List(inner) | Shape::Map(inner) => references(inner, since, needed),
        Shape::Object(object) => {
            object
                .fields
                .iter()
                .for_each(|field| references(&field.schema, since.max(field.availability.since), needed));
        }
        _ => {}
    }
}
