//! What a server sets in objects that it is sent, by the schemas of the fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The schemas of all groups, by name.
pub struct Documents(Map<String, Value>);

/// What became of absent fields, by schema and field. What is set is there as text; none if it stayed absent.
#[derive(Default)]
pub struct Observations(BTreeMap<String, BTreeMap<String, BTreeSet<Option<String>>>>);

/// Schemas of which the server sets what it knows itself, rather than a default.
const OWN: &[&str] = &["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"];

impl Documents {
    /// Reads the documents of a folder.
    pub fn read(folder: &Path) -> Self {
        let mut schemas = Map::new();
        for entry in fs::read_dir(folder).expect("documents") {
            let text = fs::read_to_string(entry.expect("a file").path()).expect("a document");
            let mut document: Value = serde_json::from_str(&text).expect("JSON");
            if let Value::Object(more) = document["components"]["schemas"].take() {
                schemas.extend(more);
            }
        }
        Self(schemas)
    }

    /// The name of a kind's schema.
    pub fn of_kind(&self, group: &str, version: &str, kind: &str) -> Option<&str> {
        let wanted = json!({ "group": group, "kind": kind, "version": version });
        let has = |schema: &Value| {
            let kinds = schema["x-kubernetes-group-version-kind"].as_array();
            kinds.is_some_and(|kinds| kinds.contains(&wanted))
        };
        self.0.iter().find(|(_, schema)| has(schema)).map(|(name, _)| name.as_str())
    }

    /// Compares an object that was sent with what came back, but for the status, which the server sets itself.
    pub fn compare(&self, sent: &Value, answer: &Value, schema: &str, observations: &mut Observations) {
        let without_status = |object: &Value| {
            let mut object = object.clone();
            object["status"] = json!("of the server");
            object
        };
        self.compare_by(&without_status(sent), &without_status(answer), schema, observations);
    }

    fn compare_by(&self, sent: &Value, answer: &Value, schema: &str, observations: &mut Observations) {
        let Some(properties) = self.0.get(schema).and_then(|schema| schema["properties"].as_object()) else { return };
        if OWN.contains(&schema) || !sent.is_object() || !answer.is_object() {
            return;
        }
        let is_kind = properties.contains_key("apiVersion") && properties.contains_key("metadata");
        let empty = json!({});
        for (field, property) in properties {
            if is_kind && matches!(field.as_str(), "apiVersion" | "kind") {
                continue;
            }
            // Structs are there, whether they are sent or not.
            let is_struct = property["default"] == empty;
            let own = sent.get(field).or(is_struct.then_some(&empty));
            match (own, answer.get(field)) {
                (Some(sent), Some(answer)) => self.inside(sent, answer, property, observations),
                (Some(_), None) => {}
                (None, _) if has_own_default(property, requires(&self.0[schema], field)) => {}
                (None, found) => observations.add(schema, field, found.filter(|found| !found.is_null())),
            }
        }
    }

    fn inside(&self, sent: &Value, answer: &Value, property: &Value, observations: &mut Observations) {
        if let Some(name) = reference(property) {
            return self.compare_by(sent, answer, name, observations);
        }
        match (sent, answer) {
            (Value::Array(sent), Value::Array(answer)) => {
                for (sent, answer) in sent.iter().zip(answer) {
                    self.inside(sent, answer, &property["items"], observations);
                }
            }
            (Value::Object(sent), Value::Object(answer)) => {
                for (key, sent) in sent {
                    if let Some(answer) = answer.get(key) {
                        self.inside(sent, answer, &property["additionalProperties"], observations);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a document gives the default of a field already. An empty text is one if the field is required.
fn has_own_default(property: &Value, is_required: bool) -> bool {
    property.get("default").is_some_and(|default| is_required || *default != "")
}

fn requires(schema: &Value, field: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|name| name == field))
}

fn reference(property: &Value) -> Option<&str> {
    let target = property.get("$ref").or_else(|| property["allOf"].get(0)?.get("$ref"))?;
    target.as_str()?.strip_prefix("#/components/schemas/")
}

impl Observations {
    fn add(&mut self, schema: &str, field: &str, found: Option<&Value>) {
        let schema = schema.strip_prefix("io.k8s.api.").unwrap_or(schema);
        let fields = self.0.entry(schema.to_owned()).or_default();
        fields.entry(field.to_owned()).or_default().insert(found.map(Value::to_string));
    }

    /// The table: the fields that are always set to one value, and those that are not, but sometimes set.
    pub fn table(&self) -> Value {
        let mut defaults = Map::new();
        let mut conditional = Map::new();
        for (schema, fields) in &self.0 {
            for (field, found) in fields {
                let values: Vec<&Option<String>> = found.iter().collect();
                match values.as_slice() {
                    [Some(value)] => {
                        let value: Value = serde_json::from_str(value).expect("JSON");
                        defaults.entry(schema.as_str()).or_insert_with(|| json!({}))[field] = value;
                    }
                    [None] => {}
                    _ => match conditional.entry(schema.as_str()).or_insert_with(|| json!([])) {
                        Value::Array(names) => names.push(json!(field)),
                        _ => unreachable!("a list"),
                    },
                }
            }
        }
        json!({ "defaults": defaults, "conditional": conditional })
    }
}

/// The paths of all fields of an object, but for those that say what it is.
pub fn paths(object: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    walk(object, &mut Vec::new(), &mut paths);
    paths.retain(|path| !matches!(path[0].as_str(), "apiVersion" | "kind" | "metadata"));
    paths
}

fn walk(value: &Value, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => return,
    };
    for (name, child) in children {
        path.push(name);
        if value.is_object() {
            paths.push(path.clone());
        }
        walk(child, path, paths);
        path.pop();
    }
}

/// The object without a field.
pub fn leave_out(object: &Value, path: &[String]) -> Value {
    let mut object = object.clone();
    let [parents @ .., last] = path else { return object };
    let parent =
        object.pointer_mut(&parents.iter().map(|name| format!("/{}", name.replace('/', "~1"))).collect::<String>());
    if let Some(Value::Object(fields)) = parent {
        fields.remove(last);
    }
    object
}
