//! Objects that were read from protobuf: they have the fields of their type alone, with values of their types. There is nothing to take out
//! of them, but for fields that the type has from another minor.

use std::collections::HashMap;

use kubewright::registry::REGISTRY;
use kubewright_core::message::Descriptor;
use serde_json::Value;

use crate::catalog::Resource;
use crate::schema::Schema;

/// The way to a field.
pub(crate) type Way = Vec<Step>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Field(String),
    /// Any item of a list, or value of a map.
    Each,
}

/// Whether the schema of a kind has every field that an object of its type has. If it says no, that is not known.
pub(crate) fn has_all_fields_of(resource: &Resource, object: &Value) -> bool {
    let lacks = resource.known.lacks.get_or_init(|| {
        let message = REGISTRY.message(&resource.api_version(), &resource.kind)?;
        let lacking = lacks(resource.schema(), message.descriptor(), &mut HashMap::new())?;
        Some(lacking.ways)
    });
    lacks.as_ref().is_some_and(|lacks| !lacks.iter().any(|way| is_there(object, way)))
}

fn is_there(value: &Value, way: &[Step]) -> bool {
    match (way, value) {
        ([], _) => true,
        ([Step::Field(name), rest @ ..], value) => value.get(name).is_some_and(|value| is_there(value, rest)),
        ([Step::Each, rest @ ..], Value::Array(items)) => items.iter().any(|item| is_there(item, rest)),
        ([Step::Each, rest @ ..], Value::Object(values)) => values.values().any(|value| is_there(value, rest)),
        ([Step::Each, ..], _) => false,
    }
}

/// What a schema lacks of a type.
#[derive(Clone, Default)]
struct Lacking {
    ways: Vec<Way>,
    /// Whether the type is, or contains, one that was not read to its end.
    is_open: bool,
}

/// The types that were read: what schemas lack of each, once that is known.
type Known = HashMap<*const Descriptor, Option<Lacking>>;

/// The fields of a type that its schema lacks. `None` if they can't be named, since a type lacks some that contains itself, or one that
/// does.
fn lacks(schema: Schema<'_>, table: &'static Descriptor, known: &mut Known) -> Option<Lacking> {
    let place = std::ptr::from_ref(table);
    match known.get(&place) {
        Some(Some(lacking)) => return Some(lacking.clone()),
        Some(None) => return Some(Lacking { is_open: true, ..Lacking::default() }),
        None => {}
    }
    known.insert(place, None);
    let mut all = Lacking::default();
    for field in table.fields {
        let name = field.json_name();
        let step = Step::Field(name.to_string());
        if !schema.has_property(&name) {
            all.ways.push(vec![step]);
            continue;
        }
        let Some(message) = field.message else { continue };
        let of_field = schema.field(&name);
        let (steps, inner) = match of_field.kind() {
            Some("array") => (vec![step, Step::Each], of_field.item()),
            _ if of_field.is_map() => (vec![step, Step::Each], of_field.field("any")),
            _ => (vec![step], of_field),
        };
        if inner.kind().is_some_and(|kind| kind != "object") || inner.is_map() {
            // It is no object there, or one in several lists or maps.
            all.ways.push(steps.into_iter().take(1).collect());
            continue;
        }
        let inside = lacks(inner, message(), known)?;
        all.is_open |= inside.is_open;
        all.ways.extend(inside.ways.into_iter().map(|way| steps.iter().cloned().chain(way).collect()));
    }
    if all.is_open && !all.ways.is_empty() {
        return None;
    }
    known.insert(place, Some(all.clone()));
    Some(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;
    use crate::documents::Documents;

    fn of(minor: u32, kind: &str, object: &Value) -> bool {
        let resources = catalog::built_in(&Documents::of(minor).expect("documents"));
        let resource = resources.iter().find(|known| known.kind == kind && known.version == "v1");
        has_all_fields_of(resource.expect("the kind"), object)
    }

    #[test]
    fn an_object_with_a_field_of_another_minor_is_told_from_others() {
        // It was there until 1.36.
        let older = json!({ "spec": { "workloadRef": { "name": "a" } } });
        let usual = json!({ "spec": { "containers": [{ "name": "a", "image": "b" }] } });
        assert_eq!((of(37, "Pod", &older), of(37, "Pod", &usual)), (false, true));
        assert_eq!((of(34, "Pod", &older), of(34, "Pod", &usual)), (false, true));
        let template = json!({ "spec": { "template": older } });
        assert!(!of(37, "Deployment", &template) && of(37, "Deployment", &json!({})));
    }

    #[test]
    fn every_kind_of_the_newest_minor_can_be_told() {
        let resources = catalog::built_in(&Documents::of(37).expect("documents"));
        let unknown: Vec<_> = resources
            .iter()
            .filter(|resource| !has_all_fields_of(resource, &json!({})))
            .map(|resource| (&*resource.kind, &*resource.version))
            .collect();
        assert_eq!(unknown, []);
    }
}
