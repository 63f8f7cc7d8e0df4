//! The operator survives what goes wrong in a cluster.

use std::time::Duration;

use kubewright::Api;
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright_example_tested::{CONTENTS, Page, PageSpec, run};
use kubewright_fake::{FakeCluster, Verb};

// Pauses between attempts take no time: the clock advances whenever everything waits.
#[tokio::test(start_paused = true)]
async fn every_page_is_published_although_a_watch_breaks_and_a_write_conflicts()
-> Result<(), Box<dyn std::error::Error>> {
    let cluster = FakeCluster::builder().with_object(&Page::crd()?).build()?;
    // The watch of the pages breaks after two events, and cannot be resumed: its version has expired.
    cluster.faults().on(Verb::Watch).of("pages.web.example.com").cut_after(2);
    cluster.faults().on(Verb::Watch).of("pages.web.example.com").gone();
    // Somebody else is faster than the second change of the contents.
    cluster.faults().on(Verb::Update).of("configmaps").named(CONTENTS).nth(2).conflict();
    let operator = tokio::spawn(run(cluster.client()));

    let client = cluster.client();
    let pages = Api::<Page>::namespaced(&client, "default");
    for name in ["home", "news", "shop", "team"] {
        let spec = PageSpec { title: name.to_uppercase(), ..PageSpec::default() };
        pages.create(&Page::new(name, spec)).await?;
    }
    let has_all = |contents: &ConfigMap| contents.data.len() == 4;
    let contents = client.core_v1().config_maps("default").wait(CONTENTS).even_if_absent();
    contents.timeout(Duration::from_secs(60)).until(has_all).await?;

    cluster.faults().assert_done();
    // The first page creates the contents, the three others change them, one of them twice.
    let writes = cluster.requests().of("configmaps").named(CONTENTS).with(Verb::Update);
    assert!(writes.len() >= 4, "{writes:?}");
    operator.abort();
    Ok(())
}
