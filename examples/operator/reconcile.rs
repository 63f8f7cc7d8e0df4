//! What is done for each site.

use std::error::Error;
use std::sync::Arc;

use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::ObjectMeta;
use kubewright::{Api, Client};
use kubewright_controller::Action;
use kubewright_controller::owner::Owner;
use kubewright_controller::status::{ConditionUpdate, StatusUpdate};

use crate::manifests::NAME;
use crate::site::Site;

/// Publishes the page of a site: a ConfigMap of its name, which is deleted with it.
pub async fn reconcile(client: Client, site: Arc<Site>) -> Result<Action, Box<dyn Error + Send + Sync>> {
    let name = site.metadata.name.as_deref().unwrap_or_default();
    let namespace = site.metadata.namespace.as_deref().unwrap_or_default();
    let mut page = ConfigMap { metadata: ObjectMeta::named(name).in_namespace(namespace), ..Default::default() };
    page.data.insert("index.html", format!("<h1>{}</h1><p>{}</p>", site.spec.title, site.spec.text));
    Owner::of(&*site)?.controller().adopt(&mut page)?;
    client.core_v1().config_maps(namespace).apply(&page, NAME).force().await?;

    let published = ConditionUpdate::new("Ready", true).reason("Published");
    let sites: Api<Site> = Api::namespaced(&client, namespace);
    StatusUpdate::of(&*site, NAME).observed_generation().condition(published).apply(&sites).await?;
    Ok(Action::done())
}
