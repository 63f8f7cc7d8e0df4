//! Structs that are the whole object.

use std::collections::BTreeMap;

use kubewright::CustomResource;
use kubewright::message::UnknownFields;
use kubewright::meta::v1::ObjectMeta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Case;

/// A kind with fields beside its spec.
#[derive(CustomResource, Clone, Default)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Whole", namespaced, object)]
pub struct Whole {
    pub metadata: ObjectMeta,
    pub spec: WholeSpec,
    pub status: Option<WholeStatus>,
    /// Texts by name.
    #[kubewright(validation = "size(self) < 9", map_type = "atomic")]
    pub extra_data: Option<BTreeMap<String, String>>,
    #[kubewright(rename = "type")]
    pub kind_of_it: Option<String>,
    pub unknown_fields: UnknownFields,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct WholeSpec {
    pub on: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WholeStatus {
    pub seen: Option<i64>,
}

/// A kind without a spec.
#[derive(CustomResource, Clone, Default)]
#[kubewright(group = "derive.example.com", version = "v1", kind = "Bare", namespaced, object)]
pub struct Bare {
    pub metadata: ObjectMeta,
    pub data: Option<BTreeMap<String, String>>,
    pub unknown_fields: UnknownFields,
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::of::<Whole>(|| {
            vec![
                json!({ "$root": { "spec": { "on": true }, "extraData": { "a": "b" }, "type": "t" } }),
                json!({ "on": false }),
            ]
        }),
        Case::of::<Bare>(|| vec![json!({ "$root": { "data": { "a": "b" } } })]),
    ]
}
