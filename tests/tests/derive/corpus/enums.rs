//! Enums, in each of serde's representations.

use kubewright::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Case;

/// Values without data.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Unit", namespaced)]
pub struct UnitSpec {
    pub plain: Level,
    pub optional: Option<Level>,
    pub documented: Option<Color>,
    pub one: Option<Only>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    Low,
    High,
}

/// What it is painted in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Color {
    /// As tomatoes are.
    Red,
    /// As grass is.
    Green,
    Grey,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Only {
    One,
}

/// The variant is the key.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "External", namespaced)]
pub struct ExternalSpec {
    pub source: Source,
    pub optional: Option<Source>,
    #[serde(flatten)]
    pub target: Option<Source>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// From a repository.
    Git {
        url: String,
        depth: Option<u32>,
    },
    /// From a bucket.
    Bucket(Bucket),
    Inline(String),
}

impl Default for Source {
    fn default() -> Self {
        Source::Inline(String::new())
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Bucket {
    pub name: String,
}

/// The variant is a field beside its own.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Internal", namespaced)]
pub struct InternalSpec {
    pub shape: Shape,
    pub more: Option<Vec<Shape>>,
    #[serde(flatten)]
    pub own: Shape,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub enum Shape {
    /// Round.
    Circle {
        /// Half of its width.
        radius: f64,
    },
    Square {
        side: f64,
        name: Option<String>,
    },
    Bucket(Bucket),
    #[default]
    Nothing,
}

/// The variant and its data are two fields.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Adjacent", namespaced)]
pub struct AdjacentSpec {
    pub step: Step,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", content = "with")]
pub enum Step {
    Wait(u32),
    Say(String),
    Move {
        x: i32,
        y: i32,
    },
    #[default]
    Stop,
}

/// Nothing says which variant it is.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Untagged", namespaced)]
pub struct UntaggedSpec {
    pub objects: Objects,
    pub port: Port,
    pub lists: Option<Lists>,
    pub anything: Option<Anything>,
    pub open: Option<OpenLevel>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Objects {
    ByName { name: String },
    ById { id: i64, name: Option<String> },
}

impl Default for Objects {
    fn default() -> Self {
        Objects::ByName { name: "none".into() }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Port {
    Number(u16),
    Name(String),
}

impl Default for Port {
    fn default() -> Self {
        Port::Number(80)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Lists {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Anything {
    Flag(bool),
    Text(String),
    Bucket(Bucket),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OpenLevel {
    Known(Level),
    Other(String),
}

/// Some variants have data, and some have none.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Mixed", namespaced)]
pub struct MixedSpec {
    pub strategy: Strategy,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum Strategy {
    #[default]
    Recreate,
    Rolling {
        surge: u8,
    },
}

/// The spec is an enum itself.
#[derive(CustomResource, Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Choice", namespaced)]
#[serde(rename_all = "camelCase")]
pub enum ChoiceSpec {
    Small(Bucket),
    Large { size: i64, bucket: Option<Bucket> },
}

impl Default for ChoiceSpec {
    fn default() -> Self {
        ChoiceSpec::Small(Bucket::default())
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::of::<Unit>(|| {
            vec![
                json!({ "plain": "high", "optional": "low", "documented": "Green", "one": "One" }),
                json!({ "plain": "low" }),
            ]
        }),
        Case::of::<External>(|| {
            vec![
                json!({ "source": { "git": { "url": "u", "depth": 1 } }, "optional": { "bucket": { "name": "b" } }, "inline": "x" }),
                json!({ "source": { "inline": "y" }, "optional": null, "git": { "url": "u" } }),
            ]
        }),
        Case::of::<Internal>(|| {
            vec![
                json!({ "shape": { "type": "Circle", "radius": 1.5 }, "type": "Square", "side": 2.5, "name": "s" }),
                json!({
                    "shape": { "type": "Nothing" }, "more": [{ "type": "Bucket", "name": "b" }, { "type": "Nothing" }],
                    "type": "Nothing",
                }),
            ]
        }),
        Case::of::<Adjacent>(|| {
            vec![
                json!({ "step": { "do": "Wait", "with": 3 } }),
                json!({ "step": { "do": "Say", "with": "hi" } }),
                json!({ "step": { "do": "Move", "with": { "x": 1, "y": 2 } } }),
                json!({ "step": { "do": "Stop" } }),
            ]
        }),
        Case::of::<Untagged>(|| {
            vec![
                json!({ "objects": { "name": "a" }, "port": 80, "lists": [1, 2], "anything": true, "open": "high" }),
                json!({ "objects": { "id": 7 }, "port": "http", "lists": ["a"], "anything": { "name": "b" }, "open": "other" }),
            ]
        }),
        Case::of::<Mixed>(|| {
            vec![json!({ "strategy": "Recreate" }), json!({ "strategy": { "Rolling": { "surge": 2 } } })]
        }),
        Case::of::<Choice>(|| {
            vec![json!({ "small": { "name": "a" } }), json!({ "large": { "size": 7, "bucket": { "name": "b" } } })]
        }),
    ]
}
