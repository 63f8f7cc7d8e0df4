//! OpenAPI v3: the documents of the minor, and those of CustomResourceDefinitions.
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3>

pub(super) mod protobuf;
pub(super) mod v2;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::catalog::Resource;
use crate::documents::{Documents, hash};

/// The index: where the document of each group-version is, with its hash.
pub(crate) fn index(documents: &Documents, resources: &[Arc<Resource>]) -> Value {
    let mut paths = Map::new();
    for (name, hash) in documents.hashes() {
        let path = path_of(name);
        paths.insert(path.clone(), entry(&path, *hash));
    }
    for (path, resources) in custom(resources) {
        let document = document(documents, &resources);
        paths.insert(path.clone(), entry(&path, hash(&document)));
    }
    json!({ "paths": paths })
}

/// A document by its path, such as `apis/apps/v1`.
pub(crate) fn one(documents: &Documents, resources: &[Arc<Resource>], path: &str) -> Option<Value> {
    let built_in = documents.names().find(|name| path_of(name) == path).and_then(|name| documents.openapi(name));
    let mut document = match built_in {
        Some(document) => document.clone(),
        None => document(documents, custom(resources).get(path)?),
    };
    inline_parameters(&mut document);
    Some(document)
}

/// Where a document is that is asked for by a hash it doesn't have.
pub(crate) fn moved(documents: &Documents, resources: &[Arc<Resource>], path: &str, hash: &str) -> Option<String> {
    let index = index(documents, resources);
    let present = index["paths"][path]["serverRelativeURL"].as_str()?;
    (!present.ends_with(&format!("?hash={hash}"))).then(|| present.to_owned())
}

/// Puts the parameters of operations to where they are referred to, as a real server has them: kubectl follows no references.
fn inline_parameters(document: &mut Value) {
    let components = document.get_mut("components").and_then(Value::as_object_mut);
    let Some(named) = components.and_then(|components| components.remove("parameters")) else { return };
    for path in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        let Value::Object(path) = path else { continue };
        let of_operations = path.values_mut().filter_map(|operation| operation.get_mut("parameters"));
        of_operations.for_each(|parameters| inline(parameters, &named));
        if let Some(parameters) = path.get_mut("parameters") {
            inline(parameters, &named);
        }
    }
}

fn inline(parameters: &mut Value, named: &Value) {
    for parameter in parameters.as_array_mut().into_iter().flatten() {
        let name = parameter["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/parameters/"));
        if let Some(found) = name.and_then(|name| named.get(name)) {
            *parameter = found.clone();
        }
    }
}

fn entry(path: &str, hash: u64) -> Value {
    json!({ "serverRelativeURL": format!("/openapi/v3/{path}?hash={hash:016X}") })
}

/// The path of a document by its name: `core_v1` is `api/v1`.
fn path_of(name: &str) -> String {
    match name.rsplit_once('_') {
        Some(("core", version)) => format!("api/{version}"),
        Some((group, version)) => format!("apis/{group}/{version}"),
        None => name.to_owned(),
    }
}

/// The custom resources by the paths of their documents.
fn custom(resources: &[Arc<Resource>]) -> BTreeMap<String, Vec<&Resource>> {
    let mut by_path: BTreeMap<String, Vec<&Resource>> = BTreeMap::new();
    for resource in resources.iter().filter(|resource| resource.custom().is_some()) {
        by_path.entry(format!("apis/{}", resource.api_version())).or_default().push(resource);
    }
    by_path
}

/// The document of the custom resources of a group-version.
fn document(documents: &Documents, resources: &[&Resource]) -> Value {
    let mut schemas = Map::new();
    let built_in = documents.schemas("", "v1").into_iter().flatten();
    for (name, schema) in built_in.filter(|(name, _)| name.starts_with("io.k8s.apimachinery.pkg.")) {
        schemas.insert(name.clone(), schema.clone());
    }
    let parameters = documents.openapi("apps_v1").map(|document| document["components"]["parameters"].clone());
    let mut paths = Map::new();
    for resource in resources {
        let name = schema_name(resource);
        schemas.insert(name.clone(), object_schema(resource));
        schemas.insert(format!("{name}List"), list_schema(resource, &name));
        add_paths(&mut paths, resource, &name);
    }
    json!({
        "openapi": "3.0.0",
        "info": { "title": "Kubernetes CRD Swagger", "version": "v0.1.0" },
        "paths": paths,
        "components": { "schemas": schemas, "parameters": parameters },
    })
}

/// The name of a kind's schema: the group backwards, the version and the kind.
fn schema_name(resource: &Resource) -> String {
    let group: Vec<&str> = resource.group.rsplit('.').collect();
    format!("{}.{}.{}", group.join("."), resource.version, resource.kind)
}

fn gvk(group: &str, version: &str, kind: &str) -> Value {
    json!({ "group": group, "version": version, "kind": kind })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object_schema(resource: &Resource) -> Value {
    let mut schema = resource.custom().map(|custom| custom.written.clone()).filter(Value::is_object);
    let mut schema = schema.take().unwrap_or_else(|| json!({ "type": "object" }));
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    schema["properties"]["apiVersion"] = json!({ "type": "string" });
    schema["properties"]["kind"] = json!({ "type": "string" });
    schema["properties"]["metadata"] =
        json!({ "allOf": [reference("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")] });
    schema["x-kubernetes-group-version-kind"] = json!([gvk(&resource.group, &resource.version, &resource.kind)]);
    schema
}

fn list_schema(resource: &Resource, name: &str) -> Value {
    json!({
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": { "type": "string" },
            "kind": { "type": "string" },
            "metadata": { "allOf": [reference("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")] },
            "items": { "type": "array", "items": reference(name) },
        },
        "x-kubernetes-group-version-kind": [gvk(&resource.group, &resource.version, &format!("{}List", resource.kind))],
    })
}

fn add_paths(paths: &mut Map<String, Value>, resource: &Resource, name: &str) {
    let own = gvk(&resource.group, &resource.version, &resource.kind);
    let root = format!("/apis/{}", resource.api_version());
    let (collection, in_path) = if resource.namespaced {
        (format!("{root}/namespaces/{{namespace}}/{}", resource.plural), vec!["namespace"])
    } else {
        (format!("{root}/{}", resource.plural), Vec::new())
    };
    let parameters = |names: &[&str]| -> Value {
        names.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })).collect()
    };
    let answer = |schema: &str| json!({ "200": { "description": "OK", "content": { "application/json": { "schema": reference(schema) } } } });
    let operation = |action: &str, gvk: &Value, schema: &str, names: &[&str], body: Option<(&str, &str)>| {
        let mut operation = json!({
            "responses": answer(schema), "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk,
            "parameters": parameters(names),
        });
        if let Some((media_type, schema)) = body {
            operation["requestBody"] = json!({ "content": { media_type: { "schema": reference(schema) } } });
        }
        operation
    };
    const LIST: &[&str] = &[
        "allowWatchBookmarks",
        "continue",
        "fieldSelector",
        "labelSelector",
        "limit",
        "resourceVersion",
        "resourceVersionMatch",
        "sendInitialEvents",
        "shardSelector",
        "timeoutSeconds",
        "watch",
    ];
    const WRITE: &[&str] = &["dryRun", "fieldManager", "fieldValidation"];
    const PATCH: &[&str] = &["dryRun", "fieldManager", "fieldValidation", "force"];
    const DELETE: &[&str] = &["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];
    const STATUS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";
    const OPTIONS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
    const BODY: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
    let list = format!("{name}List");
    let with_list = |names: &[&'static str]| [names, LIST].concat();
    paths.insert(
        collection.clone(),
        json!({
            "get": operation("list", &own, &list, LIST, None),
            "post": operation("post", &own, name, WRITE, Some(("*/*", name))),
            "delete": operation("deletecollection", &own, STATUS, &with_list(DELETE), Some(("*/*", OPTIONS))),
            "parameters": parameters(&in_path),
        }),
    );
    if resource.namespaced {
        paths.insert(
            format!("{root}/{}", resource.plural),
            json!({
                "get": operation("list", &own, &list, &[], None), "parameters": parameters(LIST),
            }),
        );
    }
    let in_path = [in_path, vec!["name"]].concat();
    let item = format!("{collection}/{{name}}");
    let of_one = |gvk: &Value, schema: &str| {
        json!({
            "get": operation("get", gvk, schema, &["resourceVersion"], None),
            "put": operation("put", gvk, schema, WRITE, Some(("*/*", schema))),
            "patch": operation("patch", gvk, schema, PATCH, Some(("application/apply-patch+yaml", BODY))),
            "parameters": parameters(&in_path),
        })
    };
    let mut whole = of_one(&own, name);
    whole["delete"] = operation("delete", &own, STATUS, DELETE, Some(("*/*", OPTIONS)));
    paths.insert(item.clone(), whole);
    for (subresource, about) in &resource.subresources {
        let is_own = about.group == resource.group;
        let schema = if is_own { name.to_owned() } else { "io.k8s.api.autoscaling.v1.Scale".to_owned() };
        paths.insert(format!("{item}/{subresource}"), of_one(&gvk(&about.group, &about.version, &about.kind), &schema));
    }
}
