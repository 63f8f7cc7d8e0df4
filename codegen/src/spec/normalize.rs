//! From a live server's answers to the files of a `spec/` folder.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::file_name;
use crate::{
    documents::{Discovery, GroupVersion, ServerVersion},
    error::DocumentError,
};

/// What a live server answered, as it came.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// The answer of [`VERSION_PATH`](crate::documents::VERSION_PATH).
    pub version: &'a [u8],
    /// The answers of [`DISCOVERY_PATHS`](crate::documents::DISCOVERY_PATHS), each with its path.
    pub discovery: &'a [(&'a str, &'a [u8])],
    /// The OpenAPI documents, by name: `apis/apps/v1`. Besides those of group-versions, `api` and `apis` are worth
    /// having: they alone describe discovery itself.
    pub openapi: &'a BTreeMap<String, Vec<u8>>,
}

/// Makes the files of a `spec/` folder, by their path in it. `protobuf.json` is not among them.
///
/// # Errors
///
/// If an answer is not what a Kubernetes server gives.
pub fn normalize(answers: &Answers<'_>) -> Result<BTreeMap<String, String>, DocumentError> {
    let version: ServerVersion = crate::documents::parse_json("/version", answers.version)?;
    let mut discovery = Discovery::default();
    for (path, answer) in answers.discovery {
        discovery.add(path, answer)?;
    }
    let mut files = BTreeMap::from([
        ("version.json".to_owned(), text(&json!(version))),
        ("discovery.json".to_owned(), text(&json!(discovery))),
    ]);
    for (name, document) in answers.openapi {
        let document: Map<String, Value> = crate::documents::parse_json(name, document)?;
        let document = reduce(document, GroupVersion::from_document(name).is_some());
        files.insert(file_name(name), text(&Value::Object(document)));
    }
    Ok(files)
}

/// Keeps what generating needs of a document, in a form that is still OpenAPI v3.
fn reduce(mut document: Map<String, Value>, resources: bool) -> Map<String, Value> {
    let mut parameters = Parameters::default();
    let mut paths = Map::new();
    if let Some(Value::Object(all)) = document.remove("paths").filter(|_| resources) {
        for (path, item) in all {
            // `/watch/` paths are a deprecated twin of `?watch=1`: discovery says what can be watched.
            if !path.contains("/watch/")
                && let Value::Object(item) = item
                && let Some(item) = path_item(item, &mut parameters)
            {
                paths.insert(path, item);
            }
        }
    }
    let mut schemas = match document.remove("components") {
        Some(Value::Object(mut components)) => components.remove("schemas").unwrap_or_else(|| json!({})),
        _ => json!({}),
    };
    each_value(&mut schemas, strip_schema);
    let mut reduced = Map::new();
    reduced.insert("openapi".into(), document.remove("openapi").unwrap_or(Value::Null));
    reduced.insert("info".into(), document.remove("info").unwrap_or(Value::Null));
    reduced.insert("paths".into(), Value::Object(paths));
    reduced.insert("components".into(), json!({"parameters": parameters.by_name, "schemas": schemas}));
    reduced
}

fn path_item(item: Map<String, Value>, parameters: &mut Parameters) -> Option<Value> {
    let mut kept = Map::new();
    for (key, value) in item {
        match value {
            Value::Array(list) if key == "parameters" => drop(kept.insert(key, parameters.refer(list))),
            Value::Object(operation) if operation.contains_key("x-kubernetes-action") => {
                kept.insert(key, self::operation(operation, parameters));
            }
            _ => {}
        }
    }
    kept.values().any(Value::is_object).then_some(Value::Object(kept))
}

fn operation(mut operation: Map<String, Value>, parameters: &mut Parameters) -> Value {
    let mut kept = Map::new();
    for key in ["x-kubernetes-action", "x-kubernetes-group-version-kind"] {
        kept.extend(operation.remove(key).map(|value| (key.to_owned(), value)));
    }
    if let Some(Value::Array(list)) = operation.remove("parameters") {
        kept.insert("parameters".into(), parameters.refer(list));
    }
    if let Some(body) = operation.remove("requestBody") {
        kept.insert("requestBody".into(), json!({"content": content(&body)}));
    }
    let responses = operation.remove("responses").unwrap_or(Value::Null);
    let success = responses.as_object().into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    if let Some((status, response)) = success {
        // OpenAPI requires the description of a response, even an empty one.
        let mut response = json!({"description": "", "content": content(response)});
        if response["content"] == json!({}) {
            response = json!({"description": ""});
        }
        kept.insert("responses".into(), json!({status: response}));
    } else {
        kept.insert("responses".into(), json!({}));
    }
    Value::Object(kept)
}

/// The content of a request or a response: of one schema in many encodings JSON's is kept, or the first, and the media
/// types that tell something by themselves: plain text, and whether the server takes an apply patch.
fn content(of: &Value) -> Value {
    let telling = ["application/json", "text/plain", "application/apply-patch+yaml"];
    let all = of.get("content").and_then(Value::as_object);
    let mut content: Map<String, Value> =
        all.into_iter().flatten().map(|(media, body)| (media.clone(), body.clone())).collect();
    if content.keys().any(|media| telling.contains(&media.as_str())) {
        content.retain(|media, _| telling.contains(&media.as_str()));
    } else if let Some((media, body)) = content.iter().next().map(|(media, body)| (media.clone(), body.clone())) {
        content = Map::from_iter([(media, body)]);
    }
    for body in content.values_mut() {
        body.get_mut("schema").into_iter().for_each(strip_schema);
    }
    Value::Object(content)
}

/// Parameters that many operations share, so that each is written once.
#[derive(Default)]
struct Parameters {
    by_name: BTreeMap<String, Value>,
}

impl Parameters {
    fn refer(&mut self, list: Vec<Value>) -> Value {
        list.into_iter().map(|parameter| self.refer_one(parameter)).collect()
    }

    fn refer_one(&mut self, mut parameter: Value) -> Value {
        if let Some(parameter) = parameter.as_object_mut() {
            parameter.remove("description");
            parameter.get_mut("schema").into_iter().for_each(strip_schema);
        }
        let Some(name) = parameter.get("name").and_then(Value::as_str).map(str::to_owned) else { return parameter };
        let mut key = name.clone();
        let mut number = 1;
        while self.by_name.get(&key).is_some_and(|known| *known != parameter) {
            number += 1;
            key = format!("{name}-{number}");
        }
        let reference = json!({"$ref": format!("#/components/parameters/{key}")});
        self.by_name.insert(key, parameter);
        reference
    }
}

/// Removes every description from a schema; a *property* called `description` stays.
fn strip_schema(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for prose in ["description", "title", "externalDocs", "example"] {
        schema.remove(prose);
    }
    for (key, value) in schema {
        match key.as_str() {
            "properties" | "patternProperties" | "definitions" => each_value(value, strip_schema),
            "items" | "additionalProperties" | "not" => strip_schema(value),
            "allOf" | "anyOf" | "oneOf" => value.as_array_mut().into_iter().flatten().for_each(strip_schema),
            _ => {}
        }
    }
}

fn each_value(object: &mut Value, change: impl FnMut(&mut Value)) {
    object.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(change);
}

/// JSON with sorted keys, one line for each value, so that differences are readable.
fn text(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // Writing a `Value` into memory cannot fail.
    let _ = serde::Serialize::serialize(&value, &mut serializer);
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Document;

    const DOCUMENT: &str = r##"{"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "1.37"},
        "paths": {
            "/apis/a/v1/": {"get": {"description": "discovery", "responses": {}}},
            "/apis/a/v1/watch/xs": {"get": {"x-kubernetes-action": "watchlist", "responses": {}}},
            "/apis/a/v1/xs": {
                "get": {"description": "list", "operationId": "listX", "x-kubernetes-action": "list",
                    "parameters": [{"name": "limit", "in": "query", "description": "how many", "schema": {"type": "integer"}}],
                    "responses": {"200": {"description": "OK", "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/a.v1.XList"}},
                        "application/yaml": {"schema": {"$ref": "#/components/schemas/a.v1.XList"}}}},
                        "401": {"description": "Unauthorized"}}},
                "parameters": [{"name": "limit", "in": "path", "required": true, "schema": {"type": "string"}}]}},
        "components": {"schemas": {"a.v1.X": {"description": "An x.", "type": "object", "properties": {
            "description": {"description": "Prose.", "type": "string"}}}}, "securitySchemes": {}}}"##;

    fn reduced() -> String {
        let openapi = BTreeMap::from([("apis/a/v1".to_owned(), DOCUMENT.as_bytes().to_vec())]);
        let version = br#"{"major": "1", "minor": "37", "gitVersion": "v1.37.1", "buildDate": "today"}"#;
        let mut files = normalize(&Answers { version, discovery: &[], openapi: &openapi }).expect("files");
        assert_eq!(
            files["version.json"],
            "{\n \"gitVersion\": \"v1.37.1\",\n \"major\": \"1\",\n \"minor\": \"37\"\n}\n"
        );
        files.remove("openapi/a_v1.json").expect("the document")
    }

    #[test]
    fn descriptions_go_and_a_property_of_that_name_stays() {
        let text = reduced();
        assert!(!text.contains("An x.") && !text.contains("Prose.") && !text.contains("how many"), "{text}");
        let document = Document::parse("a", text.as_bytes()).expect("still OpenAPI");
        let schema = document.schemas["a.v1.X"].as_item().expect("a schema");
        let openapiv3::SchemaKind::Type(openapiv3::Type::Object(object)) = &schema.schema_kind else {
            panic!("an object")
        };
        assert!(object.properties.contains_key("description"));
    }

    #[test]
    fn only_operations_on_resources_are_kept_and_their_parameters_are_shared() {
        let document = Document::parse("a", reduced().as_bytes()).expect("still OpenAPI");
        assert_eq!(document.paths.keys().collect::<Vec<_>>(), ["/apis/a/v1/xs"]);
        assert_eq!(document.parameters.keys().collect::<Vec<_>>(), ["limit", "limit-2"]);
    }

    #[test]
    fn normalizing_is_stable() {
        let once = reduced();
        let again = reduce(serde_json::from_str(&once).expect("JSON"), true);
        // Parameters are already shared: a second pass finds references where the first found parameters.
        assert_eq!(
            again["components"]["schemas"],
            serde_json::from_str::<Value>(&once).expect("JSON")["components"]["schemas"]
        );
        assert_eq!(reduced(), once);
    }
}
