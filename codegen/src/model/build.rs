//! Builds the model from documents.

use std::collections::BTreeMap;

use openapiv3::{
    MediaType, Parameter as ApiParameter, ParameterSchemaOrContent, PathItem, ReferenceOr, SchemaKind, StatusCode, Type,
};
use serde_json::{Value, from_value};

use super::{
    Availability, Field, Gvk, Model, Object, Operation, Origin, Parameter, ParameterType, Payload, Resource, Schema,
    Shape, Subresource, TypeDef, Verb, Version,
};
use crate::documents::{DiscoveryResource, Document, Documents, GroupVersion};

/// Builds the model of one server.
pub fn build(documents: &Documents) -> Model {
    let mut model =
        Model { minors: vec![documents.server.minor()], notes: documents.notes.clone(), ..Default::default() };
    for (path, document) in &documents.openapi {
        add_types(&mut model, path, document);
    }
    for (path, document) in &documents.openapi {
        let Some(group_version) = GroupVersion::from_document(path) else { continue };
        let discovered = documents.discovery.version(&group_version);
        let resources = discovered.map(|version| version.resources.as_slice()).unwrap_or_default();
        let version = version(&group_version, document, resources, &mut model.notes);
        model.versions.insert(group_version, version);
    }
    for ((group_version, plural), definition) in &documents.definitions {
        let version = model.versions.get_mut(group_version);
        if let Some(resource) = version.and_then(|version| version.resources.get_mut(plural)) {
            resource.definition = Some(definition.clone());
        }
    }
    model
}

/// Documents repeat what they share. A type is taken from its own group-version's document where there is one, since
/// an aggregated server may have been built from an older library.
fn add_types(model: &mut Model, path: &str, document: &Document) {
    for (name, schema) in &document.schemas {
        let kinds = match schema {
            ReferenceOr::Item(schema) => kinds(schema.schema_data.extensions.get("x-kubernetes-group-version-kind")),
            ReferenceOr::Reference { .. } => Vec::new(),
        };
        let origin = Origin::of(name, &kinds);
        // A schema that was read can be written.
        let raw = (origin == Origin::Custom).then(|| serde_json::to_value(schema).ok()).flatten();
        let mut schema = Schema::read(schema);
        if origin == Origin::Custom {
            add_metadata(&mut schema);
            forget_metadata(&mut schema);
        } else if name.starts_with(SCALE) {
            forget_all(&mut schema);
        }
        let own = kinds.len() == 1 && kinds[0].group_version().document() == path;
        match model.types.get_mut(name) {
            None => {
                model.types.insert(
                    name.clone(),
                    TypeDef { name: name.clone(), origin, kinds, schema, raw, availability: Availability::default() },
                );
            }
            Some(known) => {
                if own {
                    known.schema = schema;
                    known.raw = raw;
                }
                known.kinds.extend(kinds);
                known.kinds.sort();
                known.kinds.dedup();
            }
        }
    }
}

/// The schemas of the scale subresource, which stand in the documents of the definitions that have one.
const SCALE: &str = "io.k8s.api.autoscaling.v1.Scale";

/// A definition may say nothing of its objects. They have metadata all the same.
fn add_metadata(schema: &mut Schema) {
    if schema.shape == Shape::Any {
        schema.shape = Shape::Object(Object::default());
    }
    if let Shape::Object(object) = &mut schema.shape
        && object.fields.is_empty()
    {
        let name = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta".to_owned();
        let metadata = Schema { shape: Shape::Reference(name), ..Default::default() };
        let availability = Availability::default();
        object.fields.push(Field { name: "metadata".to_owned(), required: false, schema: metadata, availability });
    }
}

/// Of what the server itself puts into what it publishes of a definition it has descriptions of its own, which are not in
/// the definition: without them a tree is the same, whether it is made from the one or from the other.
fn forget_metadata(schema: &mut Schema) {
    if let Shape::Object(object) = &mut schema.shape {
        for field in object.fields.iter_mut().filter(|field| field.name == "metadata") {
            field.schema.description = None;
        }
    }
}

/// See [`forget_metadata`].
fn forget_all(schema: &mut Schema) {
    schema.description = None;
    match &mut schema.shape {
        Shape::Object(object) => object.fields.iter_mut().for_each(|field| forget_all(&mut field.schema)),
        Shape::List(inner) | Shape::Map(inner) => forget_all(inner),
        _ => {}
    }
}

/// Reads `x-kubernetes-group-version-kind`: a list on schemas, one object on operations.
fn kinds(value: Option<&Value>) -> Vec<Gvk> {
    #[derive(serde::Deserialize)]
    struct Entry {
        #[serde(default)]
        group: String,
        version: String,
        kind: String,
    }
    let entries = match value {
        Some(Value::Array(entries)) => entries.clone(),
        Some(entry) => vec![entry.clone()],
        None => Vec::new(),
    };
    let entries = entries.into_iter().filter_map(|entry| from_value::<Entry>(entry).ok());
    entries.map(|Entry { group, version, kind }| Gvk { group, version, kind }).collect()
}

/// Where an operation's path leads, below its group-version.
enum PathTarget<'a> {
    Collection { plural: &'a str, namespaced: bool },
    Object { plural: &'a str, namespaced: bool },
    Subresource { plural: &'a str, subresource: String, namespaced: bool },
}

fn path_target<'a>(group_version: &GroupVersion, path: &'a str) -> Option<PathTarget<'a>> {
    let below = path.strip_prefix('/')?.strip_prefix(&group_version.document())?.strip_prefix('/')?;
    let segments: Vec<&str> = below.split('/').collect();
    let (namespaced, segments) = match segments.as_slice() {
        ["namespaces", "{namespace}", rest @ ..] => (true, rest),
        ["watch", ..] => return None,
        all => (false, all),
    };
    match segments {
        [""] => None,
        [plural] => Some(PathTarget::Collection { plural, namespaced }),
        [plural, "{name}"] => Some(PathTarget::Object { plural, namespaced }),
        [plural, "{name}", sub @ ..] => {
            Some(PathTarget::Subresource { plural, subresource: sub.join("/"), namespaced })
        }
        _ => None,
    }
}

/// What was found at the paths of one resource.
#[derive(Default)]
struct Found {
    namespaced: bool,
    cluster: BTreeMap<Verb, Operation>,
    namespace: BTreeMap<Verb, Operation>,
    subresources: BTreeMap<String, Subresource>,
}

fn version(
    group_version: &GroupVersion,
    document: &Document,
    discovered: &[DiscoveryResource],
    notes: &mut Vec<String>,
) -> Version {
    let mut found: BTreeMap<&str, Found> = BTreeMap::new();
    for (path, item) in &document.paths {
        let Some(target) = path_target(group_version, path) else { continue };
        if let PathTarget::Subresource { subresource, .. } = &target
            && let Some(at) = subresource.find('{')
        {
            // What is passed on to the other side is no subresource of its own: `proxy/{path}` beside `proxy`.
            let above = path[..path.len() - subresource.len() + at].trim_end_matches('/');
            if at == 0 || !document.paths.contains_key(above) {
                notes.push(format!("{path} is left out: a parameter stands where a subresource's name is expected"));
            }
            continue;
        }
        let (PathTarget::Collection { plural, namespaced }
        | PathTarget::Object { plural, namespaced }
        | PathTarget::Subresource { plural, namespaced, .. }) = target;
        let found = found.entry(plural).or_default();
        found.namespaced |= namespaced;
        for (verb, operation) in operations(document, path, item) {
            let operations = match &target {
                PathTarget::Subresource { subresource, .. } => {
                    &mut found.subresources.entry(subresource.clone()).or_default().operations
                }
                _ if namespaced => &mut found.namespace,
                _ => &mut found.cluster,
            };
            // Connections are listed with every HTTP method, of which GET is the first: it is the one for WebSocket.
            if verb != Verb::Connect || !operations.contains_key(&verb) {
                operations.insert(verb, operation);
            }
        }
    }
    let mut version = Version::default();
    for (plural, found) in found {
        let known = discovered.iter().find(|resource| resource.resource == plural);
        match resource(plural, found, known) {
            Ok(resource) => drop(version.resources.insert(plural.to_owned(), resource)),
            Err(reason) => notes.push(format!("resource {plural} of {group_version} is left out: {reason}")),
        }
    }
    version
}

fn resource(plural: &str, found: Found, known: Option<&DiscoveryResource>) -> Result<Resource, &'static str> {
    let Found { namespaced, cluster, namespace, subresources } = found;
    let (mut operations, mut all_namespaces) =
        if namespaced { (namespace, cluster) } else { (cluster, BTreeMap::new()) };
    let kind = operations.values().find_map(|operation| operation.kind.clone()).ok_or("no operation tells its kind")?;
    let object = [Verb::Get, Verb::Replace, Verb::Patch, Verb::Create].into_iter().find_map(|verb| {
        let operation = operations.get(&verb)?;
        match (&operation.response, &operation.request) {
            (Some(Payload::Schema(name)), _) => Some(name.clone()),
            (_, Some(Payload::Schema(name))) if verb != Verb::Patch => Some(name.clone()),
            _ => None,
        }
    });
    // Only `/watch/` paths, which are deprecated, would be operations of their own: watching is a parameter of list.
    if known.is_some_and(|known| known.verbs.iter().any(|verb| verb == "watch")) {
        for operations in [&mut operations, &mut all_namespaces] {
            if let Some(list) = operations.get(&Verb::List).cloned() {
                operations.insert(Verb::Watch, list);
            }
        }
    }
    let lower = || kind.kind.to_lowercase();
    let known = known.cloned().unwrap_or_default();
    Ok(Resource {
        plural: plural.to_owned(),
        singular: Some(known.singular_resource).filter(|name| !name.is_empty()).unwrap_or_else(lower),
        short_names: known.short_names,
        categories: known.categories,
        namespaced,
        schema: object.ok_or("no operation tells the schema of its objects")?,
        kind,
        operations,
        all_namespaces,
        subresources,
        definition: None,
        availability: Availability::default(),
    })
}

fn operations(document: &Document, path: &str, item: &PathItem) -> Vec<(Verb, Operation)> {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let operations = methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
    operations
        .filter_map(|(method, operation)| {
            let action = operation.extensions.get("x-kubernetes-action").and_then(Value::as_str)?;
            let mut parameters: Vec<Parameter> = Vec::new();
            for parameter in
                operation.parameters.iter().chain(&item.parameters).filter_map(|parameter| query(document, parameter))
            {
                if !parameters.iter().any(|known| known.name == parameter.name) {
                    parameters.push(parameter);
                }
            }
            parameters.sort_by(|a, b| a.name.cmp(&b.name));
            let request =
                operation.request_body.as_ref().and_then(ReferenceOr::as_item).and_then(|body| payload(&body.content));
            let success = operation.responses.responses.iter().find(|(status, _)| match status {
                StatusCode::Code(code) => (200..300).contains(code),
                StatusCode::Range(range) => *range == 2,
            });
            let response =
                success.and_then(|(_, response)| response.as_item()).and_then(|response| payload(&response.content));
            let kind = kinds(operation.extensions.get("x-kubernetes-group-version-kind")).into_iter().next();
            let operation = Operation {
                method,
                path: path.to_owned(),
                parameters,
                kind,
                request,
                response,
                availability: Availability::default(),
            };
            Some((Verb::from_action(action)?, operation))
        })
        .collect()
}

fn payload<'a>(content: impl IntoIterator<Item = (&'a String, &'a MediaType)> + Clone) -> Option<Payload> {
    let mut other = None;
    for (media, body) in content.clone() {
        match body.schema.as_ref().map(Schema::read) {
            Some(Schema { shape: Shape::Reference(name), .. }) => return Some(Payload::Schema(name)),
            _ if media == "text/plain" => other = Some(Payload::Text),
            _ => other = other.or(Some(Payload::Other)),
        }
    }
    other
}

fn query(document: &Document, parameter: &ReferenceOr<ApiParameter>) -> Option<Parameter> {
    let parameter = match parameter {
        ReferenceOr::Item(parameter) => parameter,
        ReferenceOr::Reference { reference } => {
            document.parameters.get(reference.strip_prefix("#/components/parameters/")?)?
        }
    };
    let ApiParameter::Query { parameter_data, .. } = parameter else { return None };
    let ty = match &parameter_data.format {
        ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) => match &schema.schema_kind {
            SchemaKind::Type(Type::Integer(_)) => ParameterType::Integer,
            SchemaKind::Type(Type::Boolean(_)) => ParameterType::Boolean,
            SchemaKind::Any(any) if any.typ.as_deref() == Some("integer") => ParameterType::Integer,
            SchemaKind::Any(any) if any.typ.as_deref() == Some("boolean") => ParameterType::Boolean,
            _ => ParameterType::Text,
        },
        _ => ParameterType::Text,
    };
    Some(Parameter {
        name: parameter_data.name.clone(),
        ty,
        description: parameter_data.description.clone(),
        availability: Availability::default(),
    })
}
