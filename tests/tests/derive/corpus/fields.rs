//! What the fields of a spec may be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kubewright::core::v1::{Pod, PodTemplateSpec, ResourceRequirements};
use kubewright::meta::v1::{Condition, LabelSelector, ObjectMeta};
use kubewright::types::Nullable;
use kubewright::{
    ByteString, CompactString, CustomResource, DateTime, Duration, IntOrString, Map, MicroTime, Number, Quantity,
    RawJson, Time,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Case;

/// Defaults of every sort.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Default", struct = DefaultObject, namespaced)]
#[serde(rename_all = "camelCase")]
pub struct DefaultSpec {
    #[serde(default = "three")]
    pub number: i32,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub list: Vec<i32>,
    #[serde(default)]
    pub inner: Inner,
    #[serde(default)]
    pub optional: Option<bool>,
    #[schemars(default = "yes")]
    pub by_schema: Option<bool>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Inner {
    #[serde(default)]
    pub flag: bool,
    #[serde(default = "three")]
    pub three: i32,
}

impl Default for Inner {
    fn default() -> Self {
        Inner { flag: true, three: 3 }
    }
}

fn three() -> i32 {
    3
}

fn yes() -> Option<bool> {
    Some(true)
}

/// Null, absent, and a value.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Maybe", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct MaybeSpec {
    pub text: Option<String>,
    pub inner: Option<Inner>,
    pub list: Option<Vec<Option<i32>>>,
    pub null: Nullable<i32>,
    #[serde(
        default,
        deserialize_with = "kubewright::types::deserialize_present",
        skip_serializing_if = "Option::is_none"
    )]
    pub three_states: Option<Nullable<String>>,
    #[serde(default)]
    pub unit: (),
}

/// Numbers of every width, with bounds.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Number", struct = NumberObject, namespaced)]
pub struct NumberSpec {
    pub i8: i8,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub isize: isize,
    pub u8: u8,
    pub u16: u16,
    pub u32: u32,
    pub u64: u64,
    pub usize: usize,
    pub f32: f32,
    pub f64: f64,
    pub number: Number,
    pub non_zero: Option<std::num::NonZeroU16>,
    #[schemars(range(min = 1, max = 5))]
    pub stars: u8,
    #[schemars(extend("exclusiveMinimum" = 0.0, "multipleOf" = 0.5))]
    pub ratio: f64,
}

/// Texts, with formats, lengths and patterns.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Text", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct TextSpec {
    #[schemars(length(min = 1, max = 10), regex(pattern = r"^[a-z]+$"))]
    pub word: String,
    #[schemars(email)]
    pub mail: Option<String>,
    #[schemars(extend("format" = "hostname"))]
    pub host: Option<String>,
    pub letter: Option<char>,
    /// Says nothing any more.
    #[deprecated]
    #[schemars(extend("format" = "of-ours"))]
    pub old: Option<String>,
    #[schemars(rename = "type", extend("examples" = ["a"], "title" = "A type"))]
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub ip: Option<std::net::Ipv4Addr>,
}

/// Lists of every sort.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Sequence", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct SequenceSpec {
    #[schemars(length(max = 3))]
    pub plain: Vec<String>,
    pub nested: Vec<Vec<i32>>,
    pub set: BTreeSet<String>,
    pub pair: (i32, i32),
    pub mixed: Option<(String, i32)>,
    pub fixed: [u8; 3],
    #[kubewright(list_type = "map", list_map_keys("name"))]
    pub keyed: Vec<Item>,
    #[kubewright(list_type = "atomic")]
    pub whole: Vec<Item>,
    pub sets_of_objects: Option<Vec<BTreeSet<i32>>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i32>,
}

/// Maps of every sort.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Table", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct TableSpec {
    pub plain: BTreeMap<String, String>,
    pub of_items: HashMap<String, Item>,
    pub of_lists: Map<Vec<i32>>,
    pub of_anything: BTreeMap<String, Value>,
    pub by_number: BTreeMap<u32, bool>,
    #[kubewright(map_type = "atomic")]
    pub whole: BTreeMap<String, i32>,
}

/// What kubewright has types for.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Leaf", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct LeafSpec {
    pub memory: Quantity,
    pub port: IntOrString,
    pub since: Option<Time>,
    pub exactly: Option<MicroTime>,
    pub as_written: Option<DateTime>,
    pub timeout: Option<Duration>,
    pub bytes: ByteString,
    pub raw: RawJson,
    pub value: Value,
    pub short: CompactString,
    pub labels: Map<CompactString>,
}

/// Types of the API server's own.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Builtin", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct BuiltinSpec {
    /// What runs.
    pub template: PodTemplateSpec,
    #[kubewright(map_type = "atomic")]
    pub selector: LabelSelector,
    pub resources: Option<ResourceRequirements>,
    #[kubewright(list_type = "map", list_map_keys("type"))]
    pub conditions: Vec<Condition>,
    pub metadata: Option<ObjectMeta>,
}

/// Objects inside of objects, and what has no schema.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Holder", namespaced)]
#[serde(rename_all = "camelCase")]
pub struct HolderSpec {
    pub pod: Option<Pod>,
    #[kubewright(embedded_resource)]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub any_object: Option<Value>,
    #[kubewright(preserve_unknown_fields)]
    pub open: Option<Item>,
    #[kubewright(int_or_string)]
    #[schemars(with = "String")]
    pub port: Value,
    pub tree: Option<Tree>,
}

/// A type that contains itself, but not in the schema.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Tree {
    pub name: String,
    #[serde(default)]
    #[schemars(with = "Vec<Value>")]
    pub children: Vec<Tree>,
}

/// Fields that are those of others.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Flat", namespaced)]
pub struct FlatSpec {
    #[serde(flatten)]
    pub item: Item,
    pub inner: Open,
    pub own: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Open {
    pub known: Option<bool>,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::of::<DefaultObject>(|| vec![json!({}), json!({ "number": 0, "inner": { "flag": false } })]),
        Case::of::<Maybe>(|| {
            vec![
                json!({ "null": 1, "text": "a", "inner": { "flag": true }, "list": [1, 2], "threeStates": "x" }),
                json!({ "null": null, "text": null, "inner": null, "list": null, "threeStates": null }),
            ]
        }),
        Case::of::<NumberObject>(|| {
            vec![json!({
                "i8": -128, "i16": -32768, "i32": -2147483648, "i64": -9223372036854775808_i64, "isize": 1, "u8": 255, "u16": 65535,
                "u32": 4294967295_u32, "u64": 9007199254740993_u64, "usize": 7, "f32": 0.1, "f64": 1.5, "number": 2,
                "non_zero": 9, "stars": 5, "ratio": 2.5,
            })]
        }),
        Case::of::<Text>(|| {
            vec![
                json!({ "word": "abc", "mail": "a@example.com", "host": "a.example.com", "letter": "é", "old": "x", "type": "t", "ip": "1.2.3.4" }),
            ]
        }),
        Case::of::<Sequence>(|| {
            vec![json!({
                "plain": ["a", "a"], "nested": [[1], []], "set": ["a", "b"], "pair": [1, 2], "mixed": ["a", 1], "fixed": [1, 2, 3],
                "keyed": [{ "name": "a", "size": 1 }, { "name": "b" }], "whole": [{ "name": "a" }, { "name": "a" }],
            })]
        }),
        Case::of::<Table>(|| {
            vec![json!({
                "plain": { "a": "b" }, "ofItems": { "x": { "name": "n" } }, "ofLists": { "l": [1] },
                "ofAnything": { "a": [1, "b", { "c": null }] }, "byNumber": { "7": true }, "whole": { "a": 1 },
            })]
        }),
        Case::of::<Leaf>(|| {
            vec![json!({
                "memory": "1Gi", "port": "http", "since": "2026-01-02T03:04:05Z", "exactly": "2026-01-02T03:04:05.000006Z",
                "asWritten": "2026-01-02T03:04:05.600+02:00", "timeout": "1m30s", "bytes": "aGk=", "raw": { "a": [1.5, "x"] },
                "value": ["a"], "short": "s", "labels": { "a": "b" },
            })]
        }),
        Case::of::<Builtin>(|| {
            vec![json!({
                "template": {
                    "metadata": { "labels": { "app": "web" } },
                    "spec": { "containers": [{ "name": "main", "image": "web:1", "ports": [{ "containerPort": 80 }],
                        "resources": { "limits": { "cpu": "100m" } } }] },
                },
                "selector": { "matchLabels": { "app": "web" } },
                "resources": { "requests": { "memory": "1Gi" } },
                "conditions": [{ "type": "Ready", "status": "True", "reason": "Ok", "message": "",
                    "lastTransitionTime": "2026-01-02T03:04:05Z" }],
                "metadata": { "annotations": { "a": "b" } },
            })]
        }),
        Case::of::<Holder>(|| {
            vec![json!({
                "pod": { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" },
                    "spec": { "containers": [{ "name": "main", "image": "web:1" }] } },
                "anyObject": { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" }, "data": { "a": "b" } },
                "open": { "name": "a", "more": { "x": 1 } },
                "port": 80,
                "tree": { "name": "root", "children": [{ "name": "leaf", "children": [] }] },
            })]
        }),
        Case::of::<Flat>(|| {
            vec![json!({ "name": "a", "size": 1, "inner": { "known": true, "more": [1], "other": "x" }, "own": true })]
        }),
    ]
}
