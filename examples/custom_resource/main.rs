//! Works with a CRD through a client that was generated from a cluster that has it.
//!
//! ```sh
//! kubectl apply -f tests/crds/webshops.yaml
//! cargo run -p kubewright-examples --example custom_resource
//! ```
//!
//! The client in `kube/` is what `cargo kubewright gen --from-cluster --groups demo.kubewright.dev --out …` makes of a cluster
//! that has the CRD. Here it is made from that cluster's documents, pinned in `spec/`, so that it is checked with the rest:
//! `cargo xtask spec --from-cluster --groups demo.kubewright.dev --out examples/custom_resource/spec`.

#[rustfmt::skip]
mod kube;

use kube::demo_kubewright_dev::v1::web_shops::{WebShopShelf, WebShopTier};
use kube::demo_kubewright_dev::v1::{WebShop, WebShopSpec};
use kube::prelude::*;
use kubewright_runtime::Quantity;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    let shops = client.demo_kubewright_dev_v1().web_shops(client.default_namespace());

    let shop = WebShop {
        metadata: ObjectMeta::named("tea-and-more"),
        spec: WebShopSpec {
            owner: "ada".into(),
            tier: WebShopTier::Pro2,
            budget: Some(Quantity::parse("2k")?),
            shelves: Some(vec![WebShopShelf { name: "green".into(), ..Default::default() }]),
            ..Default::default()
        },
        ..Default::default()
    };
    shops.apply(&shop, "shop-example").force().await?;
    shops.scale("tea-and-more").replicas(2).await?;
    for shop in shops.list().await? {
        let name = shop.metadata.name.as_deref().unwrap_or("-");
        println!("{name}: tier {}, {} replicas", shop.spec.tier, shop.spec.replicas.unwrap_or(1));
    }
    shops.delete("tea-and-more").await?;
    Ok(())
}
