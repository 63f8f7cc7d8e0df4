//! What an API server publishes of a CustomResourceDefinition: an OpenAPI document for each version, and discovery.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#publish-validation-schema-in-openapi>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::object::{Crd, Version};
use crate::documents::{
    DiscoveryGroup, DiscoveryKind, DiscoveryResource, DiscoverySubresource, DiscoveryVersion, Document, Documents,
    GroupVersion,
};

/// The schemas of the scale subresource, as the API server has them, without its descriptions.
const SCALE: &str = include_str!("scale.json");

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";

/// Puts what is published of definitions in the place of what documents have of their group-versions.
pub fn publish<'a>(crds: impl Iterator<Item = &'a Crd>, documents: &mut Documents) {
    let mut groups: BTreeMap<&str, Vec<DiscoveryVersion>> = BTreeMap::new();
    let mut published: BTreeMap<String, Document> = BTreeMap::new();
    for crd in crds {
        for version in crd.versions.iter().filter(|version| version.served) {
            let group_version = GroupVersion::new(&crd.group, &version.name);
            let path = group_version.document();
            let source = format!("{} {}", crd.name, version.name);
            match Document::read(&source, &document(crd, version)) {
                Ok(mut document) => {
                    documents.problems.append(&mut document.problems);
                    let known = published.entry(path).or_default();
                    known.paths.extend(document.paths);
                    known.schemas.extend(document.schemas);
                }
                Err(problem) => documents.problems.push(problem),
            }
            documents.definitions.insert((group_version, crd.plural.clone()), version.definition.clone());
            let versions = groups.entry(&crd.group).or_default();
            let resource = discovered(crd, version);
            match versions.iter_mut().find(|known| known.version == version.name) {
                Some(known) => known.resources.push(resource),
                None => versions.push(DiscoveryVersion {
                    version: version.name.clone(),
                    resources: vec![resource],
                    freshness: "Current".to_owned(),
                }),
            }
        }
    }
    // What could not be had of these group-versions is here now.
    documents.problems.retain(|problem| !published.contains_key(&problem.document));
    documents.openapi.extend(published);
    for (group, mut versions) in groups {
        let known = documents.discovery.groups.iter_mut().find(|known| known.name == group);
        match known {
            None => documents.discovery.groups.push(DiscoveryGroup { name: group.to_owned(), versions }),
            Some(known) => {
                known.versions.retain(|known| versions.iter().all(|version| version.version != known.version));
                known.versions.append(&mut versions);
            }
        }
    }
    documents.discovery.sort();
}

/// The name of a kind's schema: the group's labels backwards, the version, the kind.
fn schema_name(crd: &Crd, version: &str, kind: &str) -> String {
    let labels: Vec<&str> = crd.group.split('.').rev().collect();
    format!("{}.{version}.{kind}", labels.join("."))
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The OpenAPI document of one version.
fn document(crd: &Crd, version: &Version) -> Map<String, Value> {
    let (name, list) = (schema_name(crd, &version.name, &crd.kind), schema_name(crd, &version.name, &crd.list_kind));
    let mut schemas: Map<String, Value> = Map::new();
    schemas.insert(name.clone(), object_schema(crd, version));
    schemas.insert(list.clone(), list_schema(crd, version, &name));
    // The runtime has these; here they only have to be known.
    for name in ["ListMeta", "ObjectMeta"] {
        schemas.insert(format!("{META}.{name}"), json!({"type": "object"}));
    }
    if version.definition.scale.is_some()
        && let Ok(Value::Object(scale)) = serde_json::from_str(SCALE)
    {
        schemas.extend(scale);
    }
    Map::from_iter([
        ("openapi".to_owned(), json!("3.0.0")),
        ("paths".to_owned(), paths(crd, version, &name, &list)),
        ("components".to_owned(), Value::Object(Map::from_iter([("schemas".to_owned(), Value::Object(schemas))]))),
    ])
}

fn kind_of(crd: &Crd, version: &Version, kind: &str) -> Value {
    json!({"group": crd.group, "version": version.name, "kind": kind})
}

/// The schema of the kind: what every object has, in the place of what the definition says of it.
fn object_schema(crd: &Crd, version: &Version) -> Value {
    let mut schema = match &version.schema {
        Some(schema) => {
            let mut schema = schema.clone();
            embedded(&mut schema);
            set(&mut schema, "properties", "metadata", reference(&format!("{META}.ObjectMeta")));
            for name in ["apiVersion", "kind"] {
                set(&mut schema, "properties", name, json!({"type": "string"}));
            }
            schema
        }
        None => json!({"type": "object"}),
    };
    if let Value::Object(schema) = &mut schema {
        schema.insert("x-kubernetes-group-version-kind".to_owned(), json!([kind_of(crd, version, &crd.kind)]));
    }
    schema
}

fn list_schema(crd: &Crd, version: &Version, item: &str) -> Value {
    json!({
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": reference(&format!("{META}.ListMeta")),
            "items": {"type": "array", "items": reference(item)},
        },
        "x-kubernetes-group-version-kind": [kind_of(crd, version, &crd.list_kind)],
    })
}

/// Objects inside an object have what every object has.
fn embedded(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.values_mut().for_each(embedded);
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(inner) {
            embedded(inner);
        }
    }
    if fields.get("x-kubernetes-embedded-resource").and_then(Value::as_bool) != Some(true) {
        return;
    }
    for name in ["apiVersion", "kind"] {
        set(schema, "properties", name, json!({"type": "string"}));
    }
    set(schema, "properties", "metadata", reference(&format!("{META}.ObjectMeta")));
    let Value::Object(fields) = schema else { return };
    let required = fields.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        for name in ["kind", "apiVersion"] {
            if !required.iter().any(|known| known == name) {
                required.push(name.into());
            }
        }
    }
}

/// Sets a key of an object inside an object.
fn set(schema: &mut Value, below: &str, key: &str, value: Value) {
    if let Value::Object(schema) = schema {
        let inner = schema.entry(below).or_insert_with(|| json!({}));
        if inner.is_null() {
            *inner = json!({});
        }
        if let Value::Object(inner) = inner {
            inner.insert(key.to_owned(), value);
        }
    }
}

/// The paths of the resource and of its subresources.
fn paths(crd: &Crd, version: &Version, name: &str, list: &str) -> Value {
    let root = format!("/apis/{}/{}", crd.group, version.name);
    let kind = kind_of(crd, version, &crd.kind);
    let operation = |action: &str, request: Option<&str>, response: &str| {
        let body = |schema: &str| json!({"application/json": {"schema": reference(schema)}});
        let mut operation = json!({
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": kind,
            "responses": {"200": {"description": "OK", "content": body(response)}},
        });
        if let (Value::Object(operation), Some(request)) = (&mut operation, request) {
            operation.insert("requestBody".to_owned(), json!({"content": body(request), "required": true}));
        }
        operation
    };
    let (status, patch) = (format!("{META}.Status"), format!("{META}.Patch"));
    let delete = format!("{META}.DeleteOptions");
    let mut paths = Map::new();
    let mut collection = format!("{root}/{}", crd.plural);
    if crd.namespaced {
        paths.insert(collection, json!({"get": operation("list", None, list)}));
        collection = format!("{root}/namespaces/{{namespace}}/{}", crd.plural);
    }
    let object = format!("{collection}/{{name}}");
    paths.insert(
        collection,
        json!({
            "get": operation("list", None, list),
            "post": operation("post", Some(name), name),
            "delete": operation("deletecollection", None, &status),
        }),
    );
    let read_and_write = |schema: &str| {
        json!({
            "get": operation("get", None, schema),
            "put": operation("put", Some(schema), schema),
            "patch": operation("patch", Some(&patch), schema),
        })
    };
    let mut own = read_and_write(name);
    own["delete"] = operation("delete", Some(&delete), &status);
    if version.definition.status {
        paths.insert(format!("{object}/status"), read_and_write(name));
    }
    if version.definition.scale.is_some() {
        paths.insert(format!("{object}/scale"), read_and_write("io.k8s.api.autoscaling.v1.Scale"));
    }
    paths.insert(object, own);
    Value::Object(paths)
}

fn discovered(crd: &Crd, version: &Version) -> DiscoveryResource {
    let kind = |group: &str, version: &str, kind: &str| DiscoveryKind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
    };
    let below = |name: &str, kind: DiscoveryKind| DiscoverySubresource {
        subresource: name.to_owned(),
        response_kind: kind,
        verbs: ["get", "patch", "update"].map(str::to_owned).to_vec(),
    };
    let own = || kind(&crd.group, &version.name, &crd.kind);
    let mut subresources = Vec::new();
    subresources.extend(version.definition.scale.is_some().then(|| below("scale", kind("autoscaling", "v1", "Scale"))));
    subresources.extend(version.definition.status.then(|| below("status", own())));
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    DiscoveryResource {
        resource: crd.plural.clone(),
        response_kind: own(),
        scope: if crd.namespaced { "Namespaced" } else { "Cluster" }.to_owned(),
        singular_resource: crd.singular.clone(),
        verbs: verbs.map(str::to_owned).to_vec(),
        short_names: crd.short_names.clone(),
        categories: crd.categories.clone(),
        subresources,
    }
}
