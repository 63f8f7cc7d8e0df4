//! What `#[kubewright(…)]` says on a struct.

use kubewright::CustomResource;
use kubewright::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Case;

/// As little as there can be.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Plain")]
pub struct PlainSpec {
    /// What it is called.
    pub title: String,
}

/// Every name that there is.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "derive.example.com",
    version = "v1",
    kind = "Mouse",
    plural = "mice",
    singular = "mouse",
    list_kind = "MouseCollection",
    shortname = "mm",
    shortname = "mo",
    category = "all",
    category = "animals",
    namespaced,
    label("app", "zoo"),
    annotation("example.com/note", "two \"words\""),
    struct = Rodent,
    doc = "A mouse, and what it eats."
)]
pub struct MouseSpec {
    pub eats: Option<String>,
}

/// With a status, a scale and columns.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "derive.example.com",
    version = "v1",
    kind = "Fleet",
    namespaced,
    status = FleetStatus,
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Wanted", type = "integer", json_path = ".spec.replicas", description = "How many.", format = "int32"),
    printcolumn(name = "Age", type = "date", json_path = ".metadata.creationTimestamp", priority = 1),
    selectable = ".spec.harbour"
)]
#[serde(rename_all = "camelCase")]
pub struct FleetSpec {
    #[serde(default = "one")]
    pub replicas: i32,
    #[serde(default)]
    pub harbour: String,
}

fn one() -> i32 {
    1
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FleetStatus {
    pub replicas: Option<i32>,
    pub selector: Option<String>,
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// With rules for the object and for fields.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "derive.example.com",
    version = "v1",
    kind = "Window",
    namespaced,
    validation = "self.metadata.name != 'never'",
    validation(
        rule = "self.spec.least <= self.spec.most",
        message_expression = "self.spec.most < 0 ? 'both are below zero' : 'least is more than most'",
        reason = "FieldValueForbidden",
        field_path = ".spec.least"
    )
)]
#[serde(rename_all = "camelCase")]
pub struct WindowSpec {
    pub least: i64,
    pub most: i64,
    #[kubewright(validation(rule = "self == oldSelf", message = "the frame is fixed"))]
    pub frame_color: Option<String>,
}

/// Served no longer by preference.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "derive.example.com",
    version = "v1beta1",
    kind = "Relic",
    namespaced,
    deprecated = "derive.example.com/v1beta1 Relic is old"
)]
pub struct RelicSpec {
    pub age: Option<u16>,
}

/// What it was at first: one of two versions.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "derive.example.com",
    version = "v1alpha1",
    kind = "Bridge",
    struct = BridgeV1Alpha1,
    namespaced,
    storage = false,
    deprecated,
    shortname = "br"
)]
pub struct BridgeV1Alpha1Spec {
    pub span: Option<i64>,
}

/// What it became: the other.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Bridge", namespaced, shortname = "brg")]
pub struct BridgeSpec {
    pub span: Option<i64>,
    pub lanes: Option<u8>,
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::of::<Plain>(|| vec![json!({ "title": "a" })]),
        Case::of::<Rodent>(|| vec![json!({ "eats": "cheese" }), json!({})]),
        Case::of::<Fleet>(|| vec![json!({ "replicas": 3, "harbour": "east" })]),
        Case::of::<Window>(|| vec![json!({ "least": 1, "most": 2, "frameColor": "red" })]),
        Case::of::<Relic>(|| vec![json!({ "age": 65535 })]),
        Case::of::<Bridge>(|| vec![json!({ "span": 3, "lanes": 2 })]),
    ]
}
