//! The kind.

use kubewright::CustomResource;
use kubewright::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A web site of one page.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "sites.example.com",
    version = "v1",
    kind = "Site",
    namespaced,
    status = SiteStatus,
    printcolumn(name = "Title", type = "string", json_path = ".spec.title"),
    printcolumn(name = "Ready", type = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status")
)]
#[serde(rename_all = "camelCase")]
pub struct SiteSpec {
    /// The title of the page. By default the site's name.
    #[serde(default)]
    pub title: String,
    /// The text of the page.
    pub text: String,
}

/// What the operator has observed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SiteStatus {
    /// The generation that was reconciled last.
    pub observed_generation: Option<i64>,
    /// `Ready`: the page is published.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}
