//! What an API server says of an object is what `validate()` says of it, field by field and word by word: for objects that
//! break one rule after the other, created and updated, by the whole schema and by the table that is generated of it.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;

use kubewright::CustomResource;
use kubewright::validate::Validate as _;
use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Options, Target, generate};
use kubewright_core::validate::{Schema, Validation};
use kubewright_runtime::{Api, DynamicObject, DynamicResource, Error, Scope, yaml};
use kubewright_testbed::{Binaries, Cluster, or_skip};
use kubewright_tests::client;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crds/validation.yaml")
}

fn crd() -> Value {
    let text = std::fs::read_to_string(file()).expect("the definition");
    yaml::from_str::<DynamicObject>(&text).map(|crd| as_json(&crd)).expect("a definition")
}

fn as_json(object: &DynamicObject) -> Value {
    serde_json::from_slice(&kubewright_core::json::to_vec(object).expect("JSON")).expect("JSON")
}

/// The table that is generated for the kind.
fn table() -> Schema {
    let mut crds = Crds::default();
    crds.read_path(&file()).expect("it is there");
    let options = Options::new(Target::Tree, "kubewright_runtime", "the test").validation();
    let tree = generate(&crds.documents(), &options).expect("generated");
    let text = &tree.files["checks_example_com/v1/machines.rs"];
    let (_, after) = text.split_once("validation! { Machine, r#\"").expect("a table");
    let (table, _) = after.split_once("\"#").expect("its end");
    Schema::of_table(table)
}

fn machine(spec: &Value) -> Value {
    machine_named("one", spec)
}

fn machine_named(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "checks.example.com/v1", "kind": "Machine", "metadata": {"name": name}, "spec": spec})
}

/// Field, reason and message of each error.
type Errors = BTreeSet<(String, String, String)>;

fn of_server(result: Result<(), Error>) -> Errors {
    let Err(error) = result else { return Errors::new() };
    assert!(error.is_invalid(), "{error}");
    let details = error.status().and_then(|status| status.details.as_ref()).expect("details");
    let text = |text: &Option<kubewright_runtime::CompactString>| text.as_deref().unwrap_or_default().to_owned();
    let causes = details.causes.iter();
    causes.map(|cause| (text(&cause.field).replace("<nil>", ""), text(&cause.reason), text(&cause.message))).collect()
}

fn of_client(validation: &Validation) -> Errors {
    assert_eq!(validation.unchecked(), [], "everything can be checked");
    let errors = validation.errors().iter();
    errors.map(|error| (error.field.clone(), error.reason.to_string(), error.message.clone())).collect()
}

/// Specs that break one rule each, and some that break several or none.
fn specs() -> Vec<Value> {
    let with = |field: &str, value: Value| json!({"size": 3, field: value});
    let port = |port: i64, name: &str| json!({"port": port, "name": name});
    vec![
        json!({"size": 3}),
        json!({}),
        json!({"size": 0}),
        json!({"size": 11}),
        with("replicas", json!(200)),
        with("even", json!(3)),
        with("ratio", json!(0)),
        with("ratio", json!(0.5)),
        with("ratio", json!(1)),
        with("quarter", json!(0.3)),
        with("quarter", json!(0.5)),
        with("quarter", json!(1)),
        with("weight", json!(11)),
        with("weight", json!(10)),
        json!({"size": 3, "min": 2, "max": 1}),
        json!({"size": 3, "min": 1, "max": 1}),
        with("name", json!("a")),
        with("name", json!("abcdef")),
        with("name", json!("ééééé")),
        with("name", json!("a b")),
        with("namespace", json!("kube-system")),
        with("color", json!("blue")),
        with("color", json!("")),
        with("level", json!(2)),
        with("level", json!(4)),
        with("image", json!("nginx")),
        with("image", json!("nginx:1")),
        with("image", json!("1nginx:1")),
        with("since", json!("yesterday")),
        json!({"size": 3, "since": "2026-11-22T10:00:00Z", "until": "2026-11-22T10:00:00+01:00"}),
        json!({"size": 3, "since": "2026-11-22T10:00:00Z", "until": "2026-11-22T10:00:00-01:00"}),
        with("timeout", json!("2h")),
        with("timeout", json!("59m")),
        with("timeout", json!("soon")),
        with("address", json!("1.2.3")),
        with("address", json!("1.2.3.4")),
        with("range", json!("10.1.0.0/16")),
        with("range", json!("10.1.2.3/16")),
        with("range", json!("10.0.0.0/8")),
        with("range", json!("10.0.0.0/08")),
        with("range", json!("10.0.0.0")),
        with("range", json!("fd12::/16")),
        with("range", json!("fe80::/10")),
        with("range", json!("::ffff:1.2.3.0/120")),
        with("range", json!("1.2.3.4/0")),
        with("range", json!("0.0.0.0/0")),
        with("host", json!("192.168.0.1")),
        with("host", json!("127.0.0.1")),
        with("host", json!("fe80::1")),
        with("host", json!("2001:db8::1")),
        with("host", json!("2001:DB8::1")),
        with("host", json!("::ffff:1.2.3.4")),
        with("host", json!("::1.2.3.4")),
        with("host", json!("010.0.0.1")),
        with("host", json!("fe80::1%eth0")),
        with("host", json!("224.0.0.1")),
        with("host", json!("255.255.255.255")),
        with("host", json!("2001:db8:0:1:1:1:1:1")),
        with("host", json!("2001:0:0:1::1")),
        with("id", json!("one")),
        with("data", json!("aGk")),
        with("either", json!(5)),
        with("either", json!("5%")),
        with("either", json!("5")),
        with("words", json!([])),
        with("words", json!(["a", "b", "a"])),
        with("words", json!(["b", "a"])),
        with("words", json!(["a", ""])),
        with("words", json!(["a", "b", "c", "d", "e"])),
        with("words", json!(["aaaaaaaaaa", "bbbbbbbbbb"])),
        with("labels", json!({"a": "b"})),
        with("labels", json!({"a": "long"})),
        with("labels", json!({"a": "", "b": "", "c": ""})),
        with("labels", json!({"a-very-long-key-for-a-label": "x"})),
        with("labels", json!({"bad": "7"})),
        with("pairs", json!({})),
        with("note", json!(null)),
        with("note", json!("long")),
        with("image", json!(null)),
        with("ports", json!([port(8080, "a"), port(8081, "b")])),
        with("ports", json!([port(8080, "a"), port(8080, "b")])),
        with("ports", json!([port(80, "a")])),
        with("ports", json!([port(80, "system")])),
        with("ports", json!([{"port": 0}, {"name": "b"}])),
        with("source", json!({"git": {"url": "x"}})),
        with("source", json!({})),
        with("source", json!({"git": {"url": "x"}, "http": {"url": "y"}})),
        with("source", json!({"git": {"url": ""}})),
        with("choice", json!({"a": "x"})),
        with("choice", json!({})),
        with("choice", json!({"a": "x", "c": "x"})),
        with("frozen", json!("ice")),
        json!({"size": 0, "name": "a", "even": 3, "choice": {}}),
    ]
}

/// Specs with values that the types of the generated kind can't represent, so that its table does not check for them.
fn mistyped() -> Vec<Value> {
    let with = |field: &str, value: Value| json!({"size": 3, field: value});
    vec![
        json!({"size": "3"}),
        json!({"size": 3.5}),
        json!({"size": 3.0}),
        json!({"size": 3_000_000_000_i64}),
        with("even", json!(2.5)),
        with("either", json!(true)),
        with("pairs", json!({"a": "b"})),
        with("words", json!({})),
        with("source", json!([])),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verdicts_of_the_client_are_those_of_the_server() {
    let options = kubewright_testbed::Options { nodes: 0, everything: false, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    cluster.kubectl(&["create", "-f", &file().to_string_lossy()]).expect("the definition is accepted");
    let name = "customresourcedefinition/machines.checks.example.com";
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", name]).expect("it is established");

    let client = client(cluster.kubeconfig());
    let resource = DynamicResource {
        group: "checks.example.com".into(),
        version: "v1".into(),
        kind: "Machine".into(),
        plural: "machines".into(),
        namespaced: true,
    };
    let machines: Api<DynamicObject> = Api::dynamic(&client, &resource, Scope::Namespace("default"));
    let object =
        |value: &Value| -> DynamicObject { kubewright_core::json::from_str(&value.to_string()).expect("an object") };
    let (whole, table) = (Schema::of_crd(&crd(), "v1").expect("a schema"), table());

    let mut differences = Vec::new();
    let mut compare = |what: String, server: Errors, own: Vec<Errors>| {
        for (own, by) in own.into_iter().zip(["the schema", "the table"]) {
            if own != server {
                differences.push(format!("{what} by {by}\n  server: {server:#?}\n  client: {own:#?}"));
            }
        }
    };
    let mut all: Vec<Value> = specs().iter().map(machine).collect();
    all.push(machine_named("forbidden-name", &json!({"size": 3})));
    all.push(json!({"apiVersion": "checks.example.com/v1", "kind": "Machine", "metadata": {"name": "none"}}));
    let mut valid = 0;
    for value in &all {
        let server = of_server(machines.create(&object(value)).dry_run().await.map(drop));
        valid += usize::from(server.is_empty());
        let own = [&whole, &table].map(|schema| of_client(&schema.validate(value)));
        compare(format!("create {value}"), server, own.into());
    }
    for value in mistyped().iter().map(machine) {
        let server = of_server(machines.create(&object(&value)).dry_run().await.map(drop));
        compare(format!("create {value}"), server, vec![of_client(&whole.validate(&value))]);
    }
    assert!(valid > 15, "some of each: {valid} of {}", all.len());

    // Updates: of an object that is valid, and of one that was stored before the schema became stricter.
    let before = machine(&json!({"size": 3, "color": "red", "frozen": "ice", "ports": [{"port": 8080, "name": "a"}]}));
    let stored = machines.create(&object(&before)).await.expect("a valid object");
    for change in [
        json!({"size": 4, "color": "red", "frozen": "ice", "ports": [{"port": 8080, "name": "a"}]}),
        json!({"size": 3, "color": "green", "frozen": "ice"}),
        json!({"size": 3, "frozen": "water"}),
        json!({"size": 3, "ports": [{"port": 8080, "name": "b"}]}),
        json!({"size": 3, "ports": [{"port": 8081, "name": "b"}]}),
        json!({"size": 0, "color": "red"}),
    ] {
        let mut new = as_json(&stored);
        new["spec"] = change.clone();
        let server = of_server(machines.replace(&object(&new)).dry_run().await.map(drop));
        let old = as_json(&stored);
        let own = [&whole, &table].map(|schema| of_client(&schema.validate_update(&new, &old)));
        compare(format!("update to {change}"), server, own.into());
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// A kind that is derived.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "checks.example.com", version = "v1", kind = "Ferry", namespaced)]
struct FerrySpec {
    #[schemars(length(min = 1, max = 5))]
    route: String,
    #[serde(default)]
    #[kubewright(validation(rule = "self <= 3", message = "no ferry has more than three decks"))]
    #[kubewright(validation(rule = "self >= oldSelf", message = "decks are not removed"))]
    decks: u8,
}

#[test]
fn a_derived_kind_is_validated_by_its_definition() {
    let ferry = |route: &str, decks: u8| Ferry::new("nessie", FerrySpec { route: route.to_owned(), decks });
    let told =
        |validation: &Validation| of_client(validation).into_iter().map(|(field, _, what)| (field, what)).collect();
    let told: &dyn Fn(&Validation) -> Vec<(String, String)> = &told;
    assert_eq!(told(&ferry("north", 3).validate()), []);
    let decks = |what: &str| ("spec.decks".to_owned(), what.to_owned());
    assert_eq!(told(&ferry("north", 4).validate()), [decks("Invalid value: 4: no ferry has more than three decks")]);
    let short = "Invalid value: \"\": spec.route in body should be at least 1 chars long";
    assert_eq!(told(&ferry("", 1).validate()), [("spec.route".to_owned(), short.to_owned())]);
    let fewer = ferry("north", 1).validate_update(&ferry("north", 2));
    assert_eq!(told(&fewer), [decks("Invalid value: 1: decks are not removed")]);
    assert_eq!(told(&ferry("north", 4).validate_update(&ferry("south", 4))), [], "it was so before");
}
