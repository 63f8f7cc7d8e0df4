//! The project's own webhook server, registered at the fake API server: nothing but this process is needed to test webhooks.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "webhooks/support.rs"]
#[allow(dead_code)]
mod support;

use std::sync::{Arc, Mutex};

use kubewright::ApiGroups as _;
use kubewright::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use kubewright::apiextensions::v1::CustomResourceConversion;
use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::ObjectMeta;
use kubewright::{Api, Client, CustomResource, DynamicObject, WatchEvent};
use kubewright_controller::webhook::{AdmissionRequest, Conversions, Decision, Mutation, Webhooks};
use kubewright_fake::FakeCluster;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use support::{Server, object, webhook};

fn named(name: &str, data: &[(&str, &str)]) -> ConfigMap {
    let mut map = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
    for (key, value) in data {
        map.data.insert(*key, *value);
    }
    map
}

/// Gives everything a team, and lets nobody sell at no price. It reads in the cluster while it is asked.
fn shop(client: &Client) -> Webhooks {
    let client = client.clone();
    Webhooks::new()
        .mutating("/mutate", |request: AdmissionRequest<ConfigMap>| async move {
            let Some(mut map) = request.object else { return Mutation::unchanged() };
            map.metadata.labels.entry("team").or_insert("unknown".into());
            Mutation::to(map).warn("teams are required soon")
        })
        .validating("/validate", move |request: AdmissionRequest<ConfigMap>| {
            let client = client.clone();
            async move {
                let Some(map) = request.object else { return Decision::allow() };
                let known = client.core_v1().config_maps("default").get("prices").await.expect("the prices");
                match map.data.get("sells") {
                    Some(what) if !known.data.contains_key(what.as_str()) => {
                        Decision::deny(format!("{what} has no price"))
                    }
                    _ => Decision::allow(),
                }
            }
        })
}

async fn register(client: &Client, server: &Server) {
    let configurations = client.admissionregistration_v1();
    let mutating: MutatingWebhookConfiguration = object(&json!({
        "metadata": { "name": "shop" },
        "webhooks": [webhook(&server.client_config("/mutate"), "default", "", "configmaps")],
    }));
    configurations.mutating_webhook_configurations().create(&mutating).await.expect("registered");
    let validating: ValidatingWebhookConfiguration = object(&json!({
        "metadata": { "name": "shop" },
        "webhooks": [webhook(&server.client_config("/validate"), "default", "", "configmaps")],
    }));
    configurations.validating_webhook_configurations().create(&validating).await.expect("registered");
}

#[tokio::test]
async fn objects_are_mutated_and_validated_by_webhooks_that_read_in_the_cluster() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let heard = warnings.clone();
    let client = kubewright::ClientBuilder::from_service(cluster.service())
        .on_warning(move |warning| heard.lock().expect("no panic").push(warning.text.clone()))
        .build();
    let maps = client.core_v1().config_maps("default");
    maps.create(&named("prices", &[("tea", "2")])).await.expect("made before there are webhooks");
    let server = Server::start(shop(&client)).await;
    register(&client, &server).await;

    let created = maps.create(&named("a", &[("sells", "tea")])).await.expect("allowed");
    assert_eq!(created.metadata.labels.get("team").map(|team| team.as_str()), Some("unknown"));
    assert_eq!(*warnings.lock().expect("no panic"), ["teams are required soon"]);
    let error = maps.create(&named("b", &[("sells", "coffee")])).await.expect_err("denied");
    assert!(error.is_forbidden() && error.to_string().contains("denied the request: coffee has no price"), "{error}");

    // Many at a time: while one waits for an answer, others are written.
    let all = (0..20).map(|index| {
        let maps = maps.clone();
        async move { maps.create(&named(&format!("many-{index}"), &[("sells", "tea")])).await }
    });
    for created in futures_util::future::join_all(all).await {
        created.expect("allowed");
    }

    // Without the server, the policy decides.
    drop(server);
    let error = maps.create(&named("c", &[])).await.expect_err("nobody answers");
    assert!(error.is_internal() && error.to_string().contains("failed calling webhook"), "{error}");
}

#[tokio::test]
async fn a_webhook_of_a_service_is_where_the_test_says() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let client = cluster.client();
    let (folder, authority) = (tempfile::tempdir().expect("a folder"), support::Authority::new());
    authority.issue_to_name(folder.path(), "shop.default.svc");
    let certificates = kubewright_controller::webhook::Certificates::folder(folder.path()).expect("files");
    let webhooks = Webhooks::new()
        .validating("/validate", |_: AdmissionRequest<ConfigMap>| async move { Decision::deny("the shop is closed") });
    let server = kubewright_controller::webhook::WebhookServer::builder(webhooks, certificates);
    let server = server.bind("127.0.0.1:0").await.expect("a server");
    let address = server.local_addr();
    tokio::spawn(server.run_until(std::future::pending::<()>()));
    let client_config = json!({
        "service": { "namespace": "default", "name": "shop", "path": "/validate" },
        "caBundle": kubewright::ByteString::from(authority.pem.as_str()).to_base64(),
    });
    let validating: ValidatingWebhookConfiguration = object(&json!({
        "metadata": { "name": "shop" }, "webhooks": [webhook(&client_config, "default", "", "configmaps")],
    }));
    client
        .admissionregistration_v1()
        .validating_webhook_configurations()
        .create(&validating)
        .await
        .expect("registered");

    let maps = client.core_v1().config_maps("default");
    let error = maps.create(&named("a", &[])).await.expect_err("nobody knows where it is");
    assert!(error.to_string().contains("service \"shop\" not found"), "{error}");
    cluster.service_address("default", "shop", address);
    let error = maps.create(&named("a", &[])).await.expect_err("denied");
    assert!(error.to_string().contains("denied the request: the shop is closed"), "{error}");
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "converted.example.com", version = "v1", kind = "Ferry", namespaced, struct = FerryV1)]
struct FerryV1Spec {
    route: String,
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "converted.example.com", version = "v2", kind = "Ferry", namespaced, struct = FerryV2)]
struct FerryV2Spec {
    from: String,
    to: String,
}

fn ferries() -> Conversions {
    Conversions::new().between(
        |old: FerryV1| {
            let (from, to) = old.spec.route.split_once('-').ok_or("the route has no end")?;
            let spec = FerryV2Spec { from: from.into(), to: to.into() };
            Ok::<_, &str>(FerryV2 { metadata: old.metadata, spec, ..Default::default() })
        },
        |new: FerryV2| {
            let spec = FerryV1Spec { route: format!("{}-{}", new.spec.from, new.spec.to) };
            Ok::<_, std::convert::Infallible>(FerryV1 { metadata: new.metadata, spec, ..Default::default() })
        },
    )
}

#[tokio::test]
async fn a_kind_of_two_versions_is_read_written_listed_and_watched_in_both() {
    let client = FakeCluster::builder().build().expect("a cluster").client();
    let conversions = ferries();
    let convert = move |object: DynamicObject, to: &str| conversions.convert(object, to);
    let server = Server::start(Webhooks::new().conversion("/convert", convert)).await;
    let versions = [FerryV1::crd().expect("a CRD"), FerryV2::crd().expect("a CRD")];
    let mut crd = kubewright::crd::merge(&versions, "v1").expect("a CRD");
    crd.spec.conversion = object::<CustomResourceConversion>(&json!({
        "strategy": "Webhook",
        "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": server.client_config("/convert")},
    }))
    .into();
    Api::all(&client).create(&crd).await.expect("a CRD");

    let old: Api<FerryV1> = Api::namespaced(&client, "default");
    let new: Api<FerryV2> = Api::namespaced(&client, "default");
    for (name, route) in [("a", "north-south"), ("b", "east-west")] {
        old.create(&FerryV1::new(name, FerryV1Spec { route: route.into() })).await.expect("created");
    }
    let mut ferry = new.get("a").await.expect("a ferry");
    assert_eq!((ferry.spec.from.as_str(), ferry.spec.to.as_str()), ("north", "south"));
    ferry.spec.to = "harbour".into();
    new.replace(&ferry).await.expect("replaced");
    assert_eq!(old.get("a").await.expect("a ferry").spec.route, "north-harbour");
    let listed = new.list().await.expect("ferries").items;
    let routes: Vec<_> = listed.iter().map(|ferry| (ferry.spec.from.as_str(), ferry.spec.to.as_str())).collect();
    assert_eq!(routes, [("north", "harbour"), ("east", "west")]);

    let mut watch = std::pin::pin!(new.watch().await.expect("a watch"));
    let mut seen = Vec::new();
    old.create(&FerryV1::new("c", FerryV1Spec { route: "sky-sea".into() })).await.expect("created");
    while seen.len() < 3 {
        let event = futures_util::StreamExt::next(&mut watch).await.expect("an event").expect("no error");
        if let WatchEvent::Added(ferry) = event {
            seen.push(format!("{}-{}", ferry.spec.from, ferry.spec.to));
        }
    }
    assert_eq!(seen, ["north-harbour", "east-west", "sky-sea"]);

    old.create(&FerryV1::new("d", FerryV1Spec { route: "nowhere".into() })).await.expect("created");
    let error = new.get("d").await.expect_err("it can't be converted");
    assert!(error.unredacted_message().unwrap_or_default().contains("the route has no end"), "{error}");
    assert!(new.list().await.is_err(), "all or nothing");
    assert_eq!(old.list().await.expect("ferries").items.len(), 4);
}
