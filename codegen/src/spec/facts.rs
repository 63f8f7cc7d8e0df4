//! `protobuf.json`: what the Go types of Kubernetes tell and the OpenAPI documents leave out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{documents::Minor, model::Gvk};

/// Facts about Go types; made by `testbed/go/cmd/protofields`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The types, by Go name: `k8s.io/api/core/v1.Pod`.
    pub types: BTreeMap<String, FactType>,
    /// From the name of a schema to the Go name.
    pub models: BTreeMap<String, String>,
    /// The registered kinds.
    pub kinds: Vec<FactKind>,
}

/// Facts about one kind.
#[derive(Clone, Debug, Deserialize)]
pub struct FactKind {
    /// The kind.
    #[serde(flatten)]
    pub kind: Gvk,
    /// How long it is served, if its end is known.
    #[serde(default)]
    pub lifecycle: Option<Lifecycle>,
}

/// How long a kind is served.
///
/// <https://kubernetes.io/docs/reference/using-api/deprecation-policy/>
#[derive(Clone, Debug, Deserialize)]
pub struct Lifecycle {
    /// The minor that deprecates it: `1.35`. It may be to come.
    pub deprecated: String,
    /// The first minor that is not to serve it any more.
    #[serde(default)]
    pub removed: Option<String>,
    /// What to use instead: `apps/v1 Deployment`.
    #[serde(default)]
    pub replacement: Option<String>,
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
    /// Whether its comment says that it is deprecated.
    pub deprecated: bool,
    /// The JSON names of the fields whose comments say that they are deprecated.
    #[serde(rename = "deprecatedFields")]
    pub deprecated_fields: BTreeSet<String>,
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

    /// How long a kind is served, if a minor has deprecated it.
    pub fn deprecation(&self, kind: &Gvk, minor: Minor) -> Option<&Lifecycle> {
        let lifecycle = self.kinds.iter().find(|fact| fact.kind == *kind)?.lifecycle.as_ref()?;
        let (major, since) = lifecycle.deprecated.split_once('.')?;
        (major == "1" && since.parse::<Minor>().is_ok_and(|since| since <= minor)).then_some(lifecycle)
    }
}

impl Lifecycle {
    /// Since when a kind is deprecated, and what there is to say besides, such as `1.35, to be removed in 1.38`.
    pub fn since(&self) -> String {
        let Lifecycle { deprecated, removed, replacement } = self;
        let mut text = deprecated.clone();
        if let Some(removed) = removed {
            text.push_str(&format!(", to be removed in {removed}"));
        }
        if let Some(replacement) = replacement {
            text.push_str(&format!("; use {replacement}"));
        }
        text
    }
}
