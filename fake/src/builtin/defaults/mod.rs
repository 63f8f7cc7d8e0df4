//! Defaults that only Go code knows: those of single fields from a table that was made by running a real server, those that
//! depend on other fields by rules.

mod definitions;
mod devices;
mod groups;
mod rules;
mod table;

use serde_json::{Map, Value};

pub(crate) use definitions::set_stored_version;

use crate::catalog::{Resource, Source};
use crate::schema::Schema;

/// Sets the defaults of an object of a built-in kind.
pub(crate) fn set_defaults(object: &mut Value, resource: &Resource) {
    let Source::BuiltIn { schema: name, .. } = &resource.source else { return };
    if resource.plural == "customresourcedefinitions" {
        definitions::set_defaults(object);
    }
    if resource.plural == "apiservices" {
        definitions::set_port(object.pointer_mut("/spec/service"));
    }
    walk(object, resource.schema(), Some(name), &|name, fields, schema| {
        rules::apply(name, fields);
        from_table(name, fields, schema, |_| true);
    });
}

/// Sets the empty texts that the table has: they are Go's zeros, which these fields have even in an empty object.
pub(crate) fn set_zeros(object: &mut Value, resource: &Resource) {
    let Source::BuiltIn { schema: name, .. } = &resource.source else { return };
    walk(object, resource.schema(), Some(name), &|name, fields, schema| {
        from_table(name, fields, schema, |default| *default == "");
    });
}

fn walk(
    value: &mut Value,
    schema: Schema<'_>,
    name: Option<&str>,
    set: &impl Fn(&str, &mut Map<String, Value>, Schema<'_>),
) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = name.and_then(|name| name.strip_prefix("io.k8s.api.")) {
                set(name, fields, schema);
            }
            for (name, value) in fields.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
                let field = schema.field(name);
                walk(value, field, field.name(), set);
            }
        }
        Value::Array(items) => {
            let item_schema = schema.item();
            items.iter_mut().for_each(|item| walk(item, item_schema, item_schema.name(), set));
        }
        _ => {}
    }
}

fn from_table(name: &str, fields: &mut Map<String, Value>, schema: Schema<'_>, is_meant: impl Fn(&Value) -> bool) {
    if name == "autoscaling.v1.HorizontalPodAutoscalerSpec" {
        // Its metric is set with regard to annotations, where it is converted.
        return;
    }
    // No object is created with ephemeral containers. They have what containers have.
    let name = if name == "core.v1.EphemeralContainer" { "core.v1.Container" } else { name };
    for (field, default) in table::of(name).into_iter().flatten().filter(|(_, default)| is_meant(default)) {
        let is_missing = fields.get(field).is_none_or(|value| value.is_null() || *value == "");
        // An older minor may not have the field.
        if is_missing && schema.has_property(field) {
            fields.insert(field.clone(), default.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::catalog::built_in;
    use crate::documents::Documents;

    #[test]
    fn a_default_of_the_table_is_set_in_every_minor_that_has_its_field() {
        for minor in Documents::minors() {
            let resources = built_in(&Documents::of(minor).expect("documents"));
            let resource = resources.iter().find(|resource| resource.plural == "pods").expect("pods");
            let mut pod = json!({ "spec": { "containers": [{ "name": "a", "image": "a:1", "livenessProbe": {} }] } });
            set_defaults(&mut pod, resource);
            assert_eq!(pod["spec"]["containers"][0]["livenessProbe"]["failureThreshold"], 3, "1.{minor}");
            assert_eq!(pod["spec"]["dnsPolicy"], "ClusterFirst", "1.{minor}");
        }
    }
}
