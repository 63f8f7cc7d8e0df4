//! `protobuf.json`: what the Go types of Kubernetes tell and the OpenAPI documents leave out.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Facts about Go types; made by `tests/testbed/cmd/protofields`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The types, by Go name: `k8s.io/api/core/v1.Pod`.
    pub types: BTreeMap<String, FactType>,
    /// From the name of a schema to the Go name.
    pub models: BTreeMap<String, String>,
}

/// Facts about one Go type.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FactType {
    /// The name of its schema.
    pub model: String,
    /// For a type whose JSON is not an object with these fields: `Quantity`, `JSONSchemaPropsOrBool`, `List` for a list of
    /// strings that is a message of its own.
    pub special: String,
    /// The JSON names of its fields, in Go's order, which is the order in which a server writes them.
    pub order: Vec<String>,
    /// Its fields, by JSON name.
    pub fields: BTreeMap<String, FactField>,
}

/// Facts about one field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FactField {
    /// The protobuf field number.
    pub number: u32,
    /// The numbers of the messages to enter first: a struct that JSON shows inline is a message in protobuf.
    pub via: Vec<u32>,
    /// Whether protobuf always holds the field, even if it is empty: Go's field is no pointer, list or map.
    pub always: bool,
    /// The kind of the value: `string`, `message`, `int32`.
    pub kind: String,
    /// The Go name of its type, where it has one: `k8s.io/api/core/v1.Protocol`.
    #[serde(rename = "type")]
    pub go: String,
}

impl Facts {
    /// What is known of the Go type behind a schema.
    pub fn of(&self, schema: &str) -> Option<&FactType> {
        self.types.get(self.models.get(schema)?)
    }
}
