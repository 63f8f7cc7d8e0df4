//! What a real API server makes of the corpus: its CRDs are installed, and its objects are made, read, applied and watched.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures_util::{FutureExt as _, TryStreamExt as _};
use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::autoscaling::v1::Scale;
use kubewright::meta::v1::{Condition, ObjectMeta};
use kubewright::types::Nullable;
use kubewright::{Api, Client, ClientBuilder, DynamicObject, DynamicResource, Patch, Scope, WatchEvent, json};
use kubewright_ops::wait::{condition, established};
use kubewright_testbed::{Binaries, Cluster, Options, or_skip};
use kubewright_tests::config;
use serde_json::{Value, json};

use crate::corpus::{self, Case, Kind, attributes, fields};
use crate::golden::object;

/// A cluster of these tests' own, so that their kinds are in nobody's way.
fn own() -> Option<&'static Cluster> {
    static OWN: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = || {
        let options = Options { nodes: 0, ..Default::default() };
        let binaries = or_skip(Binaries::find(options.minor))?;
        Some(Cluster::start_from(&binaries, &options).expect("a cluster"))
    };
    OWN.get_or_init(start).as_ref()
}

/// A client that keeps the server's warnings.
fn client(bed: &Cluster) -> (Client, Arc<Mutex<Vec<String>>>) {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&warnings);
    let builder = ClientBuilder::from_config(&config(bed.kubeconfig())).expect("a config");
    let client = builder.on_warning(move |warning| kept.lock().expect("no panic").push(warning.text.clone())).build();
    (client, warnings)
}

/// Installs a CRD, as a program would that comes with one, and waits until it is served.
async fn install(client: &Client, crd: &CustomResourceDefinition) {
    let crds: Api<CustomResourceDefinition> = Api::all(client);
    let name = crd.metadata.name.as_deref().expect("a name");
    crds.apply(crd, "derive-test").force().await.unwrap_or_else(|error| panic!("{name}: {error}"));
    crds.wait(name).until(established).await.unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_installs_without_a_warning_and_its_objects_come_back_as_they_were_made() {
    let Some(bed) = own() else { return };
    let (client, warnings) = client(bed);
    kubewright_tests::namespace(&client, "derive").await;
    let mut failures = Vec::new();
    for case in corpus::all() {
        // One after the other, whatever became of those before it.
        if let Err(panic) = AssertUnwindSafe(one(&client, &warnings, &case)).catch_unwind().await {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            failures.push(format!("{}: {text}", case.plural));
            warnings.lock().expect("no panic").clear();
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

async fn one(client: &Client, warnings: &Mutex<Vec<String>>, case: &Case) {
    let crd = (case.crd)();
    install(client, &crd).await;
    // Written back as it is, the server has nothing to change in it: it says what the server's own words are.
    let crds: Api<CustomResourceDefinition> = Api::all(client);
    let installed = crds.get(crd.metadata.name.as_deref().expect("a name")).await.expect("a CRD");
    assert_eq!(installed.spec.versions, crd.spec.versions, "{}", case.plural);
    assert_eq!(installed.spec.names, crd.spec.names, "{}", case.plural);
    if crd.spec.versions[0].deprecated != Some(true) {
        assert_eq!(*warnings.lock().expect("no panic"), [""; 0], "{}", case.plural);
    }
    let (kind, version) = (&crd.spec.names.kind, &crd.spec.versions[0].name);
    let objects = (case.samples)().into_iter().enumerate().map(|(index, sample)| {
        object(&format!("derive.example.com/{version}"), kind, &format!("sample-{index}"), &sample)
    });
    (case.exercise)(client, "derive", objects.collect()).await;
    let told = std::mem::take(&mut *warnings.lock().expect("no panic"));
    match crd.spec.versions[0].deprecation_warning.as_deref() {
        Some(warning) => assert!(told.iter().any(|text| text == warning), "{told:?}"),
        None => assert_eq!(told, [""; 0], "{}", case.plural),
    }
}

/// What a program does with objects of a kind.
pub async fn exercise<K: Kind>(client: &Client, namespace: &str, objects: Vec<Value>) {
    let api = K::api(client, namespace);
    let kind = K::RESOURCE.kind;
    let mut watch = api.watch().await.unwrap_or_else(|error| panic!("{kind}: {error}"));
    for wanted in objects {
        let object: K = json::from_str(&wanted.to_string()).expect("an object");
        let name = object.metadata().name.clone().expect("a name");
        let created = api.create(&object).await.unwrap_or_else(|error| panic!("{kind}: {error}: {wanted}"));
        let read = api.get(&name).await.expect("the object");
        assert_eq!(read, created, "{kind}");
        let path = match K::RESOURCE.namespaced {
            true => format!("namespaces/{namespace}/{}/{name}", K::RESOURCE.plural),
            false => format!("{}/{name}", K::RESOURCE.plural),
        };
        let path = format!("/apis/{}/{}/{path}", K::RESOURCE.group, K::RESOURCE.version);
        let raw = client.get_text(&path, "application/json").await.expect("the object");
        let stored: Value = serde_json::from_str(&raw).expect("JSON");
        assert!(has(&stored, &wanted), "{kind}: {wanted} is stored as {stored}");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), stored, "{kind}: what is read is what is stored");

        let replaced = api.replace(&read).await.expect("nothing to change");
        assert_eq!(replaced.metadata().resource_version, read.metadata().resource_version, "{kind}: nothing changed");
        let list = api.list().await.expect("a list");
        assert!(list.items.contains(&read), "{kind}: {list:?}");
        loop {
            let event = watch.try_next().await.expect("an event").expect("the watch goes on");
            if let WatchEvent::Added(seen) = event
                && seen == read
            {
                break;
            }
        }

        // What is applied is what the manager owns, and what it owns is applied again with no change.
        let applied = api.apply(&object, "derive-test").force().await.unwrap_or_else(|error| panic!("{kind}: {error}"));
        let own = kubewright::extract(&applied, "derive-test").expect("managed fields");
        let again = api.apply(&own, "derive-test").await.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(again.metadata().resource_version, applied.metadata().resource_version, "{kind}: {own:?}");
        let labelled = api.patch(&name, Patch::merge(json!({ "metadata": { "labels": { "a": "b" } } }))).await;
        assert!(labelled.expect("a patch").metadata().labels.contains_key("a"));
        api.delete(&name).await.expect("deleted");
    }
}

/// Whether all of a value is in another. Nulls that the schema does not allow are dropped by the server.
fn has(stored: &Value, wanted: &Value) -> bool {
    match (stored, wanted) {
        (Value::Object(stored), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| stored.get(key).map_or(wanted.is_null(), |stored| has(stored, wanted)))
        }
        (Value::Array(stored), Value::Array(wanted)) => {
            stored.len() == wanted.len() && stored.iter().zip(wanted).all(|(stored, wanted)| has(stored, wanted))
        }
        // A whole number with a fraction of nothing is written without it.
        (Value::Number(stored), Value::Number(wanted)) => stored.as_f64() == wanted.as_f64(),
        (stored, wanted) => stored == wanted,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_scale_selectable_fields_and_conditions_work() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    kubewright_tests::namespace(&client, "derive-fleet").await;
    install(&client, &attributes::Fleet::crd().expect("a CRD")).await;
    let fleets: Api<attributes::Fleet> = Api::namespaced(&client, "derive-fleet");
    let spec = attributes::FleetSpec { replicas: 2, harbour: "north".into() };
    let mut fleet = fleets.create(&attributes::Fleet::new("a", spec)).await.expect("created");
    fleets.create(&attributes::Fleet::new("b", Default::default())).await.expect("created");
    let found = fleets.list().fields("spec.harbour=north").await.expect("a list");
    assert_eq!(found.items, [fleet.clone()]);

    let ready = Condition {
        type_: "Ready".into(),
        status: "True".into(),
        reason: "Arrived".into(),
        last_transition_time: kubewright::Time::parse("2026-01-02T03:04:05Z").expect("a time"),
        ..Default::default()
    };
    fleet.status =
        Some(attributes::FleetStatus { replicas: Some(2), selector: Some("a=b".into()), conditions: vec![ready] });
    let updated = fleets.replace_subresource(&fleet, "status").await.expect("a status");
    assert_eq!(updated.metadata.generation, Some(1), "a status is no change of the spec");
    assert!(condition(&updated, "Ready", "true").is_met());
    fleets.wait("a").for_condition("Ready").await.expect("it is");

    let scale = fleets.scale::<Scale>("a").await.expect("a scale");
    assert_eq!((scale.spec.replicas, scale.status.replicas, scale.status.selector.as_deref()), (2, 2, Some("a=b")));
    fleets.scale::<Scale>("a").replicas(5).await.expect("scaled");
    assert_eq!(fleets.get("a").await.expect("the fleet").spec.replicas, 5);

    // Of a status, too, what is applied is what is set.
    let mut mine = attributes::Fleet { metadata: ObjectMeta::named("a"), ..Default::default() };
    mine.unknown_fields.mark_absent("spec");
    mine.status = Some(attributes::FleetStatus { selector: Some("c=d".into()), ..Default::default() });
    let applied = fleets.apply_subresource(&mine, "status", "sailor").force().await.expect("a status");
    let own = kubewright::extract_subresource(&applied, "sailor", "status").expect("managed fields");
    assert_eq!(own.status.as_ref().and_then(|status| status.selector.as_deref()), Some("c=d"));
    assert_eq!(applied.status.as_ref().and_then(|status| status.replicas), Some(2), "none is not null");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_checked_and_defaults_are_put() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    kubewright_tests::namespace(&client, "derive-rules").await;
    install(&client, &attributes::Window::crd().expect("a CRD")).await;
    let windows: Api<attributes::Window> = Api::namespaced(&client, "derive-rules");
    let window = |name, least, most| {
        let spec = attributes::WindowSpec { least, most, frame_color: Some("red".into()) };
        attributes::Window::new(name, spec)
    };
    let refused = windows.create(&window("never", 1, 2)).await.expect_err("a rule");
    assert!(refused.is_invalid() && refused.to_string().contains("self.metadata.name != 'never'"), "{refused}");
    let refused = windows.create(&window("a", 3, 2)).await.expect_err("a rule");
    let causes = refused.status().map(|status| format!("{status:?}")).unwrap_or_default();
    assert!(causes.contains("least is more than most") && causes.contains("spec.least"), "{causes}");
    let mut created = windows.create(&window("a", 1, 2)).await.expect("created");
    created.spec.frame_color = Some("blue".into());
    let refused = windows.replace(&created).await.expect_err("a rule");
    assert!(refused.to_string().contains("the frame is fixed"), "{refused}");

    install(&client, &fields::DefaultObject::crd().expect("a CRD")).await;
    let defaults: Api<fields::DefaultObject> = Api::namespaced(&client, "derive-rules");
    let none: fields::DefaultObject = json::from_str(r#"{"metadata":{"name":"a"},"spec":{}}"#).expect("an object");
    let created = defaults.create(&none).await.expect("created");
    assert_eq!((created.spec.number, created.spec.by_schema, created.spec.inner.flag), (3, Some(true), true));
    let zero = fields::DefaultSpec { number: 0, ..Default::default() };
    let created = defaults.create(&fields::DefaultObject::new("b", zero)).await.expect("created");
    assert_eq!(created.spec.number, 0, "a zero is a value");
}

#[tokio::test(flavor = "multi_thread")]
async fn null_absent_and_a_value_are_three() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    kubewright_tests::namespace(&client, "derive-maybe").await;
    install(&client, &fields::Maybe::crd().expect("a CRD")).await;
    let api: Api<fields::Maybe> = Api::namespaced(&client, "derive-maybe");
    let raw = |name: &'static str| {
        let client = client.clone();
        async move {
            let path = format!("/apis/derive.example.com/v1/namespaces/derive-maybe/maybes/{name}");
            let text = client.get_text(&path, "application/json").await.expect("the object");
            serde_json::from_str::<Value>(&text).expect("JSON")["spec"].clone()
        }
    };
    let spec = fields::MaybeSpec { null: Nullable::Value(3), ..Default::default() };
    api.create(&fields::Maybe::new("absent", spec.clone())).await.expect("created");
    assert_eq!(raw("absent").await, json!({ "null": 3, "unit": null }));
    let null = fields::MaybeSpec { null: Nullable::Null, three_states: Some(Nullable::Null), ..spec.clone() };
    api.create(&fields::Maybe::new("null", null)).await.expect("created");
    assert_eq!(raw("null").await, json!({ "null": null, "threeStates": null, "unit": null }));

    // A field that nobody here knows survives a change of another, and so does a null.
    let open: Api<fields::Flat> = Api::namespaced(&client, "derive-maybe");
    install(&client, &fields::Flat::crd().expect("a CRD")).await;
    let text =
        r#"{"metadata":{"name":"a"},"spec":{"name":"n","size":null,"own":false,"inner":{"more":[1.5,{"x":null}]}}}"#;
    let made: fields::Flat = json::from_str(text).expect("an object");
    let mut made = open.create(&made).await.expect("created");
    made.spec.own = true;
    let changed = open.replace(&made).await.expect("replaced");
    assert_eq!(
        serde_json::to_value(&changed).expect("JSON")["spec"],
        json!({ "name": "n", "size": null, "own": true, "inner": { "more": [1.5, { "x": null }] } })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_of_a_kind_are_one_crd() {
    let Some(bed) = own() else { return };
    let (client, _) = client(bed);
    kubewright_tests::namespace(&client, "derive-versions").await;
    // The corpus installs the kind in one version: here it is another group's.
    let versions = [attributes::BridgeV1Alpha1::crd().expect("a CRD"), attributes::Bridge::crd().expect("a CRD")];
    let merged = kubewright::crd::merge(&versions, "v1").expect("one CRD");
    let text = String::from_utf8(json::to_vec(&merged).expect("JSON")).expect("UTF-8");
    let text = text.replace("derive.example.com", "derive2.example.com");
    let crd: CustomResourceDefinition = json::from_str(&text).expect("a CRD");
    install(&client, &crd).await;
    // The group's own document follows a moment later.
    let names = loop {
        let group = client.get_text("/apis/derive2.example.com", "application/json").await.unwrap_or_default();
        let group: Value = serde_json::from_str(&group).unwrap_or_default();
        let names: Vec<_> =
            group["versions"].as_array().into_iter().flatten().map(|one| one["version"].clone()).collect();
        if names.len() == 2 {
            break names;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(names, ["v1", "v1alpha1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_formats_that_stay_in_a_crd_are_those_that_the_server_checks() {
    let Some(bed) = own() else { return };
    let (client, warnings) = client(bed);
    kubewright_tests::namespace(&client, "derive-formats").await;
    let kept: Vec<&str> = kubewright::crd::text_formats().collect();
    let texts = kept.iter().chain(&["iri", "semver"]);
    let properties = texts.map(|format| ((*format).to_owned(), json!({ "type": "string", "format": format })));
    let properties: serde_json::Map<String, Value> = properties.collect();
    let schema = json!({ "type": "object", "properties": { "spec": { "type": "object", "properties": properties } } });
    let crd = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "formats.derive.example.com" },
        "spec": {
            "group": "derive.example.com", "scope": "Namespaced", "names": { "kind": "Format", "plural": "formats" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }],
        },
    });
    install(&client, &json::from_str(&crd.to_string()).expect("a CRD")).await;
    let told = std::mem::take(&mut *warnings.lock().expect("no panic"));
    let is_told = |format: &str| told.iter().any(|warning| warning.contains(&format!("\"{format}\"")));
    assert!(is_told("iri") && is_told("semver"), "{told:?}");
    assert_eq!(told.len(), 2, "{told:?}");

    // A text that has none of them.
    let wrong = properties.keys().map(|format| (format.clone(), json!("?")));
    let wrong: serde_json::Map<String, Value> = wrong.collect();
    let resource = DynamicResource {
        group: "derive.example.com".into(),
        version: "v1".into(),
        kind: "Format".into(),
        plural: "formats".into(),
        namespaced: true,
    };
    let api = Api::<DynamicObject>::dynamic(&client, &resource, Scope::Namespace("derive-formats"));
    let mut object = DynamicObject::new(&resource, "wrong");
    object.set("spec", Value::Object(wrong)).expect("JSON");
    let error = api.create(&object).await.expect_err("invalid");
    let details = error.status().and_then(|status| status.details.as_deref()).expect("details");
    let rejected: BTreeSet<&str> =
        details.causes.iter().filter_map(|cause| cause.field.as_deref()?.strip_prefix("spec.")).collect();
    // Every text is a password.
    let expected: BTreeSet<&str> = kept.into_iter().filter(|format| *format != "password").collect();
    assert_eq!(rejected, expected, "{error}");
}
