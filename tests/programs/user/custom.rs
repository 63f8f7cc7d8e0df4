//! The CRDs of `tests/crds`.

use kubewright_runtime::{Nullable, RawJson, Time};
use serde_json::json;

use crate::kube::demo_kubewright_dev::v1::web_shops::WebShopShelf;
use crate::kube::demo_kubewright_dev::v1::{Region, RegionSpec, WebShop, WebShopSpec};
use crate::kube::prelude::*;
use crate::{Outcome, exercise};

pub async fn run(client: &Client, namespace: &str) -> Outcome {
    exercise("demo.kubewright.dev/v1 WebShop", Api::namespaced(client, namespace), web_shop("tea")).await?;
    let region = Region {
        metadata: ObjectMeta::named(namespace),
        spec: Some(Box::new(RegionSpec { zones: Some(vec!["a".into()]), ..Default::default() })),
        ..Default::default()
    };
    exercise("demo.kubewright.dev/v1 Region", Api::all(client), region).await?;
    web_shops(client, namespace).await
}

fn web_shop(name: &str) -> WebShop {
    WebShop {
        metadata: ObjectMeta::named(name),
        spec: WebShopSpec { owner: "ada".into(), tier: "pro-2".into(), ..Default::default() },
        ..Default::default()
    }
}

/// Everything that the JSON of a CRD can be comes back as it was: absent, empty, null, numbers that are text.
async fn web_shops(client: &Client, namespace: &str) -> Outcome {
    let shops = client.demo_kubewright_dev_v1().web_shops(namespace);
    let mut shop = web_shop("full");
    shop.spec.budget = Some(Quantity::parse("1500m")?);
    shop.spec.port = Some(IntOrString::from(8080));
    shop.spec.opens_at = Some(Time::parse("2026-01-02T03:04:05.600+02:00")?.into());
    shop.spec.ratio = Some(0.25.into());
    shop.spec.tags = Some(vec![]);
    shop.spec.note = Some(Nullable::Null);
    shop.spec.settings = Some(RawJson::from(json!({ "any": ["thing", 1, null] })));
    shop.spec.shelves = Some(vec![WebShopShelf {
        name: "top".into(),
        goods: Some(vec![vec![1, 2], vec![]]),
        self_: Some(true),
        ..Default::default()
    }]);
    let mut created = shops.create(&shop).await?;
    assert_eq!(created.spec.replicas, Some(1), "the server's default");
    let path = format!("/apis/demo.kubewright.dev/v1/namespaces/{namespace}/webshops/full");
    let raw: serde_json::Value = serde_json::from_str(&client.get_text(&path, "application/json").await?)?;
    assert_eq!(raw["spec"]["tags"], json!([]));
    assert_eq!(raw["spec"]["port"], json!(8080));
    assert_eq!(raw["spec"]["opensAt"], json!("2026-01-02T03:04:05.600+02:00"));
    assert_eq!(raw["spec"]["shelves"], json!([{ "name": "top", "goods": [[1, 2], []], "self": true }]));
    assert_eq!(serde_json::to_value(&created)?, raw, "reading and writing back changes nothing");

    created.status = Some(Default::default());
    created.status.get_or_insert_default().replicas = Some(1);
    shops.replace_status(&created).await?;
    assert_eq!(shops.scale("full").replicas(4).await?.spec.replicas, 4);
    assert_eq!(shops.get("full").await?.spec.replicas, Some(4));
    let mut scale = shops.get_scale("full").await?;
    scale.spec.replicas = 5;
    assert_eq!(shops.replace_scale("full", &scale).await?.spec.replicas, 5);
    let six = Patch::merge(json!({ "spec": { "replicas": 6 } }));
    assert_eq!(shops.patch_scale("full", six).await?.spec.replicas, 6);
    assert_eq!(shops.get("full").await?.spec.replicas, Some(6));
    let refused = shops.create(&WebShop { spec: WebShopSpec::default(), ..web_shop("bad") }).await.expect_err("no tier");
    assert!(refused.is_invalid() && refused.to_string().contains("spec.tier"), "{refused}");
    shops.delete("full").await?;
    println!("demo.kubewright.dev/v1: status, scale and every shape of JSON work");
    Ok(())
}
