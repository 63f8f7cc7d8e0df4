//! Webhooks: one that validates, and one that converts between the versions of a kind.

use std::error::Error;
use std::future::pending;

use kubewright::admissionregistration::v1::ValidatingWebhookConfiguration;
use kubewright::apiextensions::v1::CustomResourceConversion;
use kubewright::config::Pem;
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright::{Api, ByteString, CustomResource, DynamicObject};
use kubewright_controller::webhook::{AdmissionRequest, Certificates, Conversions, Decision, WebhookServer, Webhooks};
use kubewright_fake::FakeCluster;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "Ferry", namespaced, struct = FerryV1)]
struct FerryV1Spec {
    route: String,
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "sea.example.com", version = "v2", kind = "Ferry", namespaced, struct = FerryV2)]
struct FerryV2Spec {
    from: String,
    to: String,
}

/// Serves webhooks on a free port. Returns the server's URL, and its certificate as a `caBundle` has it.
async fn serve(webhooks: Webhooks) -> Result<(String, String), Box<dyn Error>> {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let certificates =
        Certificates::pem(Pem::from_bytes(own.cert.pem()), Pem::from_bytes(own.signing_key.serialize_pem()));
    let server = WebhookServer::builder(webhooks, certificates).bind("127.0.0.1:0").await?;
    let url = format!("https://{}", server.local_addr());
    tokio::spawn(server.run_until(pending::<()>()));
    Ok((url, ByteString::from(own.cert.pem()).to_base64()))
}

#[tokio::test]
async fn what_has_no_price_is_not_sold() -> Result<(), Box<dyn Error>> {
    let webhooks = Webhooks::new().validating("/validate", |request: AdmissionRequest<ConfigMap>| async move {
        match request.object.is_some_and(|map| map.data.contains_key("price")) {
            true => Decision::allow(),
            false => Decision::deny("it has no price"),
        }
    });
    let (url, ca) = serve(webhooks).await?;
    let configuration: ValidatingWebhookConfiguration = kubewright::yaml::from_str(&format!(
        "
        metadata: {{name: prices}}
        webhooks:
        - name: prices.shop.example.com
          clientConfig: {{url: '{url}/validate', caBundle: {ca}}}
          rules: [{{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}}]
          sideEffects: None
          admissionReviewVersions: [v1]
        "
    ))?;
    let client = FakeCluster::builder().build()?.client();
    client.admissionregistration_v1().validating_webhook_configurations().create(&configuration).await?;

    let config_maps = client.core_v1().config_maps("default");
    let mut tea = ConfigMap { metadata: ObjectMeta::named("tea"), ..Default::default() };
    let refused = config_maps.create(&tea).await.expect_err("no price");
    assert!(refused.to_string().contains("denied the request: it has no price"), "{refused}");
    tea.data.insert("price", "2");
    config_maps.create(&tea).await?;
    Ok(())
}

#[tokio::test]
async fn a_ferry_is_read_in_both_versions() -> Result<(), Box<dyn Error>> {
    let conversions = Conversions::new().between(
        |old: FerryV1| {
            let (from, to) = old.spec.route.split_once('-').ok_or("the route has no end")?;
            let spec = FerryV2Spec { from: from.to_owned(), to: to.to_owned() };
            Ok::<_, &str>(FerryV2 { metadata: old.metadata, spec, ..Default::default() })
        },
        |new: FerryV2| {
            let spec = FerryV1Spec { route: format!("{}-{}", new.spec.from, new.spec.to) };
            Ok::<_, &str>(FerryV1 { metadata: new.metadata, spec, ..Default::default() })
        },
    );
    let convert = move |object: DynamicObject, to: &str| conversions.convert(object, to);
    let (url, ca) = serve(Webhooks::new().conversion("/convert", convert)).await?;
    let conversion: CustomResourceConversion = kubewright::yaml::from_str(&format!(
        "
        strategy: Webhook
        webhook: {{conversionReviewVersions: [v1], clientConfig: {{url: '{url}/convert', caBundle: {ca}}}}}
        "
    ))?;
    // Objects are stored in v1.
    let mut crd = kubewright::crd::merge(&[FerryV1::crd()?, FerryV2::crd()?], "v1")?;
    crd.spec.conversion = conversion.into();
    let client = FakeCluster::builder().with_object(&crd).build()?.client();

    let new = FerryV2Spec { from: "north".to_owned(), to: "south".to_owned() };
    Api::<FerryV2>::namespaced(&client, "default").create(&FerryV2::new("a", new)).await?;
    let old = Api::<FerryV1>::namespaced(&client, "default").get("a").await?;
    assert_eq!(old.spec.route, "north-south");
    Ok(())
}
