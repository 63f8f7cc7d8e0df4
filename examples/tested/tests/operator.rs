//! The operator publishes pages.

use std::time::Duration;

use kubewright::Api;
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright_example_tested::{CONTENTS, Page, PageSpec, run};
use kubewright_fake::FakeCluster;

#[tokio::test]
async fn a_page_is_published_and_follows_its_text() -> Result<(), Box<dyn std::error::Error>> {
    // The definition is that of the Rust type, checked as by a real API server.
    let cluster = FakeCluster::builder().with_object(&Page::crd()?).build()?;
    let operator = tokio::spawn(run(cluster.client()));

    let client = cluster.client();
    let pages = Api::<Page>::namespaced(&client, "default");
    let spec = PageSpec { title: "Welcome".to_owned(), text: "Hello.".to_owned() };
    pages.create(&Page::new("home", spec)).await?;
    pages.wait("home").timeout(Duration::from_secs(10)).for_condition("Ready").await?;

    let config_maps = client.core_v1().config_maps("default");
    let published = config_maps.get("home").await?;
    assert_eq!(published.data["index.html"], "<h1>Welcome</h1>Hello.");
    assert_eq!(published.metadata.owner_references[0].kind, "Page");
    assert_eq!(config_maps.get(CONTENTS).await?.data["home"], "Welcome");

    pages.modify("home", |page: &mut Page| page.spec.text = "Goodbye.".to_owned()).await?;
    let is_new = |map: &ConfigMap| map.data["index.html"].ends_with("Goodbye.");
    config_maps.wait("home").timeout(Duration::from_secs(10)).until(is_new).await?;

    // What the schema forbids is refused, by the server.
    let refused = pages.create(&Page::new("untitled", PageSpec::default())).await.expect_err("a page without a title");
    assert!(refused.is_invalid(), "{refused}");
    operator.abort();
    Ok(())
}
