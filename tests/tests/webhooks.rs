//! Webhooks that a real API server calls.
#![allow(missing_docs)]

#[path = "webhooks/ferries.rs"]
mod ferries;
#[path = "webhooks/support.rs"]
mod support;

use std::sync::{Arc, Mutex};

use ferries::{FerryV1, FerryV1Spec, FerryV2, FerryV2Spec, ferries};
use http::StatusCode;
use kubewright::ApiGroups as _;
use kubewright::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::ObjectMeta;
use kubewright::retry::RetryPolicy;
use kubewright::{Api, CustomResource, DynamicObject, Scope};
use kubewright_controller::webhook::{AdmissionRequest, Decision, Denial, Mutation, Webhooks, v1::Operation};
use kubewright_ops::wait::established;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{Authority, Server, client, object, own, until, webhook};

fn prices(name: &str, data: &[(&str, &str)]) -> ConfigMap {
    let mut object = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
    for (key, value) in data {
        object.data.insert(*key, *value);
    }
    object
}

/// Denies what says `deny` in the way that it says, and whatever is deleted before it may be.
fn price_list() -> Webhooks {
    Webhooks::new().validating("/validate", |request: AdmissionRequest<ConfigMap>| async move {
        if *request.operation() == Operation::Delete {
            let old = request.old_object.expect("the old object");
            return if old.data.contains_key("keep") { Decision::deny("it is kept") } else { Decision::allow() };
        }
        let object = request.object.as_ref().expect("an object");
        match object.data.get("deny").map(|how| how.as_str()) {
            Some("plain") => Decision::deny("tea has no price"),
            Some("invalid") => Decision::deny(
                Denial::new("tea has no price")
                    .code(StatusCode::UNPROCESSABLE_ENTITY)
                    .reason("Invalid")
                    .cause("data.tea", "is required"),
            ),
            Some("panic") => panic!("a test's panic"),
            Some(other) => Decision::deny(format!("what is {other}?")),
            None if request.old_object.as_ref().is_some_and(|old| old.data.contains_key("final")) => {
                Decision::deny("it is final")
            }
            None => Decision::allow().warn("data.tea: cheap"),
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_reaches_the_client_as_the_error_that_the_webhook_made() {
    let Some(bed) = own() else { return };
    let (client, warnings) = client(bed);
    let namespace = "webhooks-validating";
    kubewright_tests::namespace(&client, namespace).await;
    let server = Server::start(price_list()).await;
    let configuration: ValidatingWebhookConfiguration = object(&json!({
        "metadata": {"name": namespace},
        "webhooks": [webhook(&server.client_config("/validate"), namespace, "", "configmaps")],
    }));
    client.admissionregistration_v1().validating_webhook_configurations().create(&configuration).await.expect("made");
    let maps = client.core_v1().config_maps(namespace);
    let denied = prices("denied", &[("deny", "plain")]);
    let error = until(|| maps.create(&denied).dry_run().into_future(), Result::is_err).await.expect_err("denied");
    assert!(error.is_forbidden(), "{error}");
    let message =
        format!("admission webhook \"{namespace}.webhooks.example.com\" denied the request: tea has no price");
    assert_eq!(error.status().and_then(|status| status.message.as_deref()), Some(message.as_str()));
    assert!(error.to_string().contains(&message), "{error}");

    let error = maps.create(&prices("denied", &[("deny", "invalid")])).await.expect_err("denied");
    assert!(error.is_invalid() && error.has_cause("FieldValueInvalid"), "{error}");
    let details = error.status().and_then(|status| status.details.as_deref()).expect("details");
    assert_eq!(details.causes[0].field.as_deref(), Some("data.tea"));

    // A panic is no decision: the policy decides, which is to fail by default.
    let error = maps.create(&prices("denied", &[("deny", "panic")])).await.expect_err("failed");
    assert!(error.is_internal() && error.to_string().contains("failed calling webhook"), "{error}");

    warnings.lock().expect("no panic").clear();
    maps.create(&prices("allowed", &[("final", ""), ("keep", "")])).await.expect("allowed");
    assert_eq!(*warnings.lock().expect("no panic"), ["data.tea: cheap"]);
    let error = maps.replace(&prices("allowed", &[])).await.expect_err("denied");
    assert!(error.to_string().contains("it is final"), "{error}");
    let error = maps.delete("allowed").await.expect_err("denied");
    assert!(error.to_string().contains("it is kept"), "{error}");
}

/// A widget of which the program knows one field.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "mutated.example.com", version = "v1", kind = "Widget", namespaced)]
struct WidgetSpec {
    size: Option<i64>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_changes_what_the_handler_changed_and_keeps_what_it_does_not_know() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    let namespace = "webhooks-mutating";
    kubewright_tests::namespace(&client, namespace).await;
    // The server knows more fields than the program.
    let mut crd = serde_json::to_value(Widget::crd().expect("a CRD")).expect("JSON");
    let schema = &mut crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    schema["x-kubernetes-preserve-unknown-fields"] = json!(true);
    install(&client, &object(&crd)).await;

    let dry_runs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&dry_runs);
    let webhooks = Webhooks::new().mutating("/mutate", move |request: AdmissionRequest<Widget>| {
        if request.object.is_some() {
            seen.lock().expect("no panic").push((request.name().to_owned(), request.is_dry_run()));
        }
        async move {
            let Some(mut widget) = request.object else { return Mutation::unchanged() };
            widget.spec.size.get_or_insert(7);
            widget.metadata.annotations.insert("example.com/mutated", "yes");
            Mutation::to(widget)
        }
    });
    let server = Server::start(webhooks).await;
    let configuration: MutatingWebhookConfiguration = object(&json!({
        "metadata": {"name": namespace},
        "webhooks": [webhook(&server.client_config("/mutate"), namespace, "mutated.example.com", "widgets")],
    }));
    client.admissionregistration_v1().mutating_webhook_configurations().create(&configuration).await.expect("made");

    let widgets: Api<Widget> = Api::namespaced(&client, namespace);
    let probe = Widget::new("probe", WidgetSpec::default());
    let is_mutated = |outcome: &Result<Widget, _>| outcome.as_ref().is_ok_and(|widget| widget.spec.size == Some(7));
    until(|| widgets.create(&probe).dry_run().into_future(), is_mutated).await.expect("mutated");
    assert!(dry_runs.lock().expect("no panic").contains(&("probe".to_owned(), true)));
    assert!(widgets.get("probe").await.expect_err("nothing was stored").is_not_found());

    // Fields of any sort that the program's type lacks, and numbers that no float holds.
    let spec = json!({
        "z": [{"b": null, "a": {"deep": [1, 2.5, "x"]}}], "a": 9007199254740993_i64, "text": "a\"b\\c~d/e", "none": {},
    });
    let any = Api::<DynamicObject>::dynamic(&client, &widgets.resource(), Scope::Namespace(namespace));
    let mut sent = DynamicObject::new(&widgets.resource(), "real");
    sent.set("spec", &spec).expect("JSON");
    let stored = any.create(&sent).await.expect("created");
    let mut wanted = spec;
    wanted["size"] = json!(7);
    // The server drops nulls of unknown fields or not; the webhook does neither.
    let without_webhook = {
        client.admissionregistration_v1().mutating_webhook_configurations().delete(namespace).await.expect("deleted");
        let is_plain = |outcome: &Result<Widget, _>| outcome.as_ref().is_ok_and(|widget| widget.spec.size.is_none());
        until(|| widgets.create(&probe).dry_run().into_future(), is_plain).await.expect("not mutated");
        sent.metadata.name = Some("plain".into());
        sent.set("spec", &wanted).expect("JSON");
        any.create(&sent).await.expect("created")
    };
    let spec_of = |object: &DynamicObject| object.get::<Value>("spec").expect("JSON");
    assert_eq!(spec_of(&stored), spec_of(&without_webhook));
    assert_eq!(stored.metadata.annotations.get("example.com/mutated").map(|value| value.as_str()), Some("yes"));
    assert_eq!(widgets.get("real").await.expect("a widget").spec.size, Some(7));
    assert!(dry_runs.lock().expect("no panic").contains(&("real".to_owned(), false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_is_taken_while_the_server_runs() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    let namespace = "webhooks-reload";
    kubewright_tests::namespace(&client, namespace).await;
    let server = Server::start(price_list()).await;
    let configurations = client.admissionregistration_v1().validating_webhook_configurations();
    let configuration = |client_config: &Value| {
        let webhooks = [webhook(client_config, namespace, "", "configmaps")];
        object::<ValidatingWebhookConfiguration>(&json!({"metadata": {"name": namespace}, "webhooks": webhooks}))
    };
    let maps = client.core_v1().config_maps(namespace);
    let denied = prices("denied", &[("deny", "plain")]);
    let try_it = || maps.create(&denied).dry_run().into_future();
    configurations.create(&configuration(&server.client_config("/validate"))).await.expect("made");
    assert!(until(try_it, Result::is_err).await.expect_err("denied").is_forbidden());

    // The server's certificate first, then what the API server trusts: with another bundle it connects again.
    let next = Authority::new();
    next.issue_to(server.folder.path());
    let trusted = configuration(&server.client_config_with("/validate", &next));
    configurations.modify(namespace, |old| old.webhooks = trusted.webhooks.clone()).await.expect("modified");
    assert!(try_it().await.is_err());
    // Trusting another one, it fails as soon as the API server has noticed, and no sooner.
    let wrong = configuration(&server.client_config_with("/validate", &Authority::new()));
    configurations.modify(namespace, |old| old.webhooks = wrong.webhooks.clone()).await.expect("modified");
    let error = until(try_it, |outcome| outcome.as_ref().is_err_and(kubewright::Error::is_internal)).await;
    assert!(error.expect_err("not trusted").to_string().contains("certificate"));
    configurations.modify(namespace, |old| old.webhooks = trusted.webhooks.clone()).await.expect("modified");
    let error = until(try_it, |outcome| outcome.as_ref().is_err_and(kubewright::Error::is_forbidden)).await;
    assert!(error.expect_err("denied").to_string().contains("tea has no price"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_two_versions_is_read_written_and_listed_in_both() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    let namespace = "webhooks-converting";
    kubewright_tests::namespace(&client, namespace).await;
    let conversions = ferries();
    let convert = move |object: DynamicObject, to: &str| conversions.convert(object, to);
    let server = Server::start(Webhooks::new().conversion("/convert", convert)).await;
    let versions = [FerryV1::crd().expect("a CRD"), FerryV2::crd().expect("a CRD")];
    let mut crd = kubewright::crd::merge(&versions, "v1").expect("a CRD");
    crd.spec.conversion = object::<kubewright::apiextensions::v1::CustomResourceConversion>(&json!({
        "strategy": "Webhook",
        "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": server.client_config("/convert")},
    }))
    .into();
    install(&client, &crd).await;

    let old: Api<FerryV1> = Api::namespaced(&client, namespace);
    let new: Api<FerryV2> = Api::namespaced(&client, namespace);
    for (name, route) in [("a", "north-south"), ("b", "east-west")] {
        old.create(&FerryV1::new(name, FerryV1Spec { route: route.into() })).await.expect("created");
    }
    let mut ferry = new.get("a").await.expect("a ferry");
    assert_eq!((ferry.spec.from.as_str(), ferry.spec.to.as_str()), ("north", "south"));
    ferry.spec.to = "harbour".into();
    let written = new.replace(&ferry).await.expect("replaced");
    assert_eq!(written.spec.to, "harbour");
    let read = old.get("a").await.expect("a ferry");
    assert_eq!(read.spec.route, "north-harbour");
    let annotation = read.metadata.annotations.get("example.com/converted").map(|value| value.as_str());
    assert_eq!(
        (annotation, read.metadata.uid),
        (Some("from v2"), ferry.metadata.uid),
        "labels and annotations convert"
    );

    let listed = new.list().await.expect("ferries").items;
    let routes: Vec<_> = listed.iter().map(|ferry| (ferry.spec.from.as_str(), ferry.spec.to.as_str())).collect();
    assert_eq!(routes, [("north", "harbour"), ("east", "west")]);
    let applied = FerryV2::new("c", FerryV2Spec { from: "sky".into(), to: "sea".into() });
    new.apply(&applied, "ferries").await.expect("applied");
    assert_eq!(old.get("c").await.expect("a ferry").spec.route, "sky-sea");

    // One that can't be converted: the error says which, and why.
    old.create(&FerryV1::new("d", FerryV1Spec { route: "nowhere".into() })).await.expect("created");
    let error = new.get("d").await.expect_err("it can't be converted");
    let text = error.unredacted_message().unwrap_or_default().to_owned();
    assert!(text.contains("webhooks-converting/d") && text.contains("the route has no end"), "{error}: {text}");
    // The server's cache of that version can't be filled either, for which it would take half a minute to recover.
    let list = new.list().extension(RetryPolicy::never()).into_future();
    assert!(list.await.is_err(), "all or nothing");
    assert_eq!(old.list().await.expect("ferries").items.len(), 4);
}

async fn install(client: &kubewright::Client, crd: &CustomResourceDefinition) {
    let crds: Api<CustomResourceDefinition> = Api::all(client);
    crds.apply(crd, "webhooks-test").force().await.expect("a CRD");
    let name = crd.metadata.name.as_deref().expect("a name");
    crds.wait(name).until(established).await.expect("established");
}
