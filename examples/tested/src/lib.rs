//! A kind, and the operator that publishes its objects. Its tests are those of `docs/testing-your-code.md`.

use std::error::Error;
use std::sync::Arc;

use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::Condition;
use kubewright::prelude::*;
use kubewright::{Api, CustomResource};
use kubewright_controller::owner::Owner;
use kubewright_controller::status::{ConditionUpdate, StatusUpdate};
use kubewright_controller::{Action, Controller};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The field manager.
const MANAGER: &str = "pages-operator";
/// The ConfigMap with the titles of all pages of a namespace.
pub const CONTENTS: &str = "contents";

/// A page of a website.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "web.example.com", version = "v1", kind = "Page", namespaced, status = PageStatus)]
#[serde(rename_all = "camelCase")]
pub struct PageSpec {
    /// The title of the page.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub text: String,
}

/// What the operator has observed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageStatus {
    /// The generation that was published last.
    pub observed_generation: Option<i64>,
    /// `Ready`: the page is published.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// An error of the operator.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Publishes the pages of all namespaces, until the future is dropped.
pub async fn run(client: Client) -> Result<(), BoxError> {
    let controller = Controller::new(Api::<Page>::all(&client)).owns(Api::<ConfigMap>::all(&client));
    controller.run(move |page, _| publish(client.clone(), page)).await?;
    Ok(())
}

/// Publishes a page: a ConfigMap of its name, and an entry in the contents of the namespace.
pub async fn publish(client: Client, page: Arc<Page>) -> Result<Action, BoxError> {
    let name = page.metadata.name.as_deref().unwrap_or_default();
    let namespace = page.metadata.namespace.as_deref().unwrap_or_default();
    let config_maps = client.core_v1().config_maps(namespace);

    let mut published = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
    published.data.insert("index.html", format!("<h1>{}</h1>{}", page.spec.title, page.spec.text));
    Owner::of(&*page)?.controller().adopt(&mut published)?;
    config_maps.apply(&published, MANAGER).force().await?;

    // Several pages are published at a time, and all of them change it.
    let add = |contents: &mut ConfigMap| {
        contents.data.insert(name, page.spec.title.as_str());
    };
    config_maps.modify(CONTENTS, add).or_create(ConfigMap::default).await?;

    let ready = ConditionUpdate::new("Ready", true).reason("Published");
    let pages = Api::<Page>::namespaced(&client, namespace);
    StatusUpdate::of(&*page, MANAGER).observed_generation().condition(ready).apply(&pages).await?;
    Ok(Action::done())
}
