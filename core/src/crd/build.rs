//! A CustomResourceDefinition of its parts.

use schemars::transform::Transform;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value as Json, json};

use super::structural::{Object, settle};
use super::{CrdDesc, CrdError, FieldDesc, PrinterColumn, Rule, Structural};
use crate::resource::ResourceDesc;

type Fields = fn(&mut SchemaGenerator) -> Vec<(&'static FieldDesc, Schema)>;

/// The CRD of a kind in one version.
pub(super) fn crd(resource: &ResourceDesc, crd: &CrdDesc, fields: Fields) -> Result<Json, CrdError> {
    let mut metadata = json!({ "name": format!("{}.{}", resource.plural, resource.group) });
    for (key, pairs) in [("labels", crd.labels), ("annotations", crd.annotations)] {
        if !pairs.is_empty() {
            metadata[key] = pairs.iter().map(|(key, value)| ((*key).to_owned(), Json::from(*value))).collect();
        }
    }
    let default_list = format!("{}List", resource.kind);
    let mut names = json!({
        "kind": resource.kind,
        "listKind": crd.list_kind.unwrap_or(&default_list),
        "plural": resource.plural,
        "singular": resource.singular,
    });
    for (key, list) in [("shortNames", resource.short_names), ("categories", resource.categories)] {
        if !list.is_empty() {
            names[key] = json!(list);
        }
    }
    let scope = if resource.namespaced { "Namespaced" } else { "Cluster" };
    Ok(json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {
            "group": resource.group,
            "names": names,
            "scope": scope,
            "versions": [version(resource, crd, fields)?],
        },
    }))
}

fn version(resource: &ResourceDesc, crd: &CrdDesc, fields: Fields) -> Result<Json, CrdError> {
    let mut version = json!({
        "name": resource.version,
        "served": crd.served,
        "storage": crd.storage,
        "schema": { "openAPIV3Schema": schema(crd, fields)? },
    });
    if crd.deprecated {
        version["deprecated"] = true.into();
    }
    if let Some(warning) = crd.deprecation_warning {
        version["deprecationWarning"] = warning.into();
    }
    let mut subresources = Map::new();
    if crd.status {
        subresources.insert("status".into(), json!({}));
    }
    if let Some(scale) = crd.scale {
        let mut paths = json!({ "specReplicasPath": scale.spec_replicas, "statusReplicasPath": scale.status_replicas });
        if let Some(selector) = scale.label_selector {
            paths["labelSelectorPath"] = selector.into();
        }
        subresources.insert("scale".into(), paths);
    }
    if !subresources.is_empty() {
        version["subresources"] = subresources.into();
    }
    if !crd.columns.is_empty() {
        version["additionalPrinterColumns"] = crd.columns.iter().map(column).collect();
    }
    if !crd.selectable.is_empty() {
        version["selectableFields"] = crd.selectable.iter().map(|path| json!({ "jsonPath": path })).collect();
    }
    Ok(version)
}

fn column(column: &PrinterColumn) -> Json {
    let mut out = json!({ "name": column.name, "type": column.kind, "jsonPath": column.json_path });
    for (key, text) in [("description", column.description), ("format", column.format)] {
        if let Some(text) = text {
            out[key] = text.into();
        }
    }
    if column.priority != 0 {
        out["priority"] = column.priority.into();
    }
    out
}

fn schema(crd: &CrdDesc, fields: Fields) -> Result<Json, CrdError> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
        settings.transforms.clear();
    });
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (desc, mut schema) in fields(&mut settings.into_generator()) {
        let mut structural = Structural::default();
        structural.transform(&mut schema);
        structural.finish().map_err(|error| error.under(desc.name))?;
        let Json::Object(mut schema) = schema.to_value() else { continue };
        add(&mut schema, desc, &format!(".{}", desc.name))?;
        properties.insert(desc.name.to_owned(), schema.into());
        if desc.required {
            required.push(desc.name);
        }
    }
    let mut root = Map::new();
    if !crd.description.is_empty() {
        root.insert("description".into(), crd.description.into());
    }
    root.insert("type".into(), "object".into());
    root.insert("properties".into(), properties.into());
    if !required.is_empty() {
        root.insert("required".into(), required.into());
    }
    add_rules(&mut root, crd.rules);
    Ok(root.into())
}

/// Adds what a field's attributes say.
fn add(schema: &mut Object, desc: &FieldDesc, at: &str) -> Result<(), CrdError> {
    if !desc.description.is_empty() {
        schema.insert("description".into(), desc.description.into());
    }
    for (key, value) in desc.keywords {
        let value =
            serde_json::from_str(value).map_err(|_| CrdError::at(at, format!("the value of {key} is no JSON")))?;
        schema.insert((*key).to_owned(), value);
    }
    settle(schema);
    add_rules(schema, desc.rules);
    for field in desc.fields {
        let at = format!("{at}.{}", field.name);
        let inner = schema.get_mut("properties").and_then(|all| all.get_mut(field.name)).and_then(Json::as_object_mut);
        let inner = inner.ok_or_else(|| {
            CrdError::at(&at, "the schema has no such field: does serde skip it, or `schemars` call it otherwise?")
        })?;
        add(inner, field, &at)?;
    }
    Ok(())
}

fn add_rules(schema: &mut Object, rules: &[Rule]) {
    if rules.is_empty() {
        return;
    }
    let all = schema.entry("x-kubernetes-validations").or_insert_with(|| json!([]));
    if let Json::Array(all) = all {
        all.extend(rules.iter().map(rule));
    }
}

fn rule(rule: &Rule) -> Json {
    let mut out = json!({ "rule": rule.rule });
    let texts = [
        ("message", rule.message),
        ("messageExpression", rule.message_expression),
        ("reason", rule.reason),
        ("fieldPath", rule.field_path),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            out[key] = text.into();
        }
    }
    if rule.optional_old_self {
        out["optionalOldSelf"] = true.into();
    }
    out
}
