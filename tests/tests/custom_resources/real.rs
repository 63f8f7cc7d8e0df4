//! Definitions in files, such as those that projects publish, installed on a server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use http::Method;
use kubewright_codegen::crds::Crds;
use kubewright_codegen::{Options, Tree, generate};
use kubewright_core::yaml;
use serde_json::{Value, json};

use super::json::Json;
use super::kind::Case;
use super::plan::Plan;
use super::program::Type;
use super::server::Server;
use super::synthesize;
use super::target::Target;

/// What is done to objects of these definitions.
pub const VERBS: &[&str] = &["create", "apply", "replace-status", "apply-status"];

/// A served version of a definition that the server has.
pub struct Served {
    pub target: Target,
    /// The schema, without rules in CEL.
    pub schema: Value,
}

/// Where the definitions are: in the folder that `KUBEWRIGHT_CRDS` names, or else the small set of this repository. Those of
/// `odd.yaml` are odd by their names alone.
fn paths() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("KUBEWRIGHT_CRDS") {
        return vec![folder.into()];
    }
    eprintln!("SKIPPED in part: KUBEWRIGHT_CRDS names no folder of definitions; a small set of tests/crds is tested");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    ["presence", "regions.yaml", "rich.yaml", "webshops.yaml"].map(|name| own.join(name)).into()
}

/// The definitions, each once: further versions of it may be in files of their own. A served version of each is stored.
pub fn definitions() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    paths().iter().for_each(|path| read(path, &mut found));
    found.values_mut().for_each(serve);
    found
}

/// Makes a served version of a definition the one that is stored. A file may lack that one, or have nothing but versions that
/// its project serves no longer: they are served here.
fn serve(definition: &mut Value) {
    let Some(versions) = definition["spec"]["versions"].as_array_mut() else { return };
    let is = |version: &Value, name: &str| version[name] == true;
    let stored = versions.iter().position(|version| is(version, "storage") && is(version, "served"));
    let served = stored.or_else(|| versions.iter().position(|version| is(version, "served")));
    let chosen = served.or_else(|| versions.iter().position(|version| is(version, "storage"))).unwrap_or_default();
    for (index, version) in versions.iter_mut().enumerate() {
        version["storage"] = json!(index == chosen);
        if index == chosen {
            version["served"] = json!(true);
        }
    }
}

fn read(path: &Path, found: &mut BTreeMap<String, Value>) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut entries: Vec<PathBuf> = entries.collect();
        entries.sort();
        return entries.iter().for_each(|entry| read(entry, found));
    }
    if path.extension().is_none_or(|extension| extension != "yaml") {
        return;
    }
    let text = std::fs::read_to_string(path).expect("a file");
    let options = yaml::Options::default().max_bytes(usize::MAX).max_alias_bytes(64 << 20).max_depth(256);
    for document in yaml::each::<Value>(&text, &options) {
        let object = document.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if object["kind"] == "CustomResourceDefinition" {
            add(found, object);
        }
    }
}

fn add(found: &mut BTreeMap<String, Value>, mut object: Value) {
    let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
    let Some(known) = found.get_mut(&name) else {
        found.insert(name, object);
        return;
    };
    let versions = known["spec"]["versions"].as_array_mut().expect("versions");
    for version in object["spec"]["versions"].as_array_mut().into_iter().flatten() {
        if !versions.iter().any(|known| known["name"] == version["name"]) {
            version["storage"] = json!(false);
            versions.push(version.take());
        }
    }
}

/// Installs definitions; gives the served versions, and of each definition that the server refuses the reason.
///
/// They are installed without their rules in CEL, of which a synthesised object knows nothing, and without their webhooks for
/// conversion, which nobody runs here.
pub async fn install(
    server: &Server,
    definitions: &BTreeMap<String, Value>,
) -> (Vec<Served>, BTreeMap<String, String>) {
    let (mut served, mut refused) = (Vec::new(), BTreeMap::new());
    for (name, definition) in definitions {
        let mut definition = definition.clone();
        remove_rules(&mut definition);
        complete(&mut definition);
        let target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        if let Err(error) = server.send(Method::POST, target, definition.to_string()).await {
            let status: Value = serde_json::from_str(&error).unwrap_or_default();
            refused.insert(name.clone(), status["message"].as_str().unwrap_or(&error).to_owned());
            continue;
        }
        served.extend(versions(&definition, served.len()));
    }
    server.wait_until_served(served.iter().map(|served| &served.target)).await;
    (served, refused)
}

/// Makes a definition of a file one that a server takes.
fn complete(definition: &mut Value) {
    if let Some(metadata) = definition["metadata"].as_object_mut() {
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        // Groups of Kubernetes itself must say that they were reviewed, or that they were not.
        annotations["api-approved.kubernetes.io"] = json!("unapproved, for a test");
    }
    if let Some(spec) = definition["spec"].as_object_mut() {
        spec.remove("conversion");
    }
}

/// The served versions of a definition that have the schema of the stored one, of which those of others are this many.
fn versions(definition: &Value, others: usize) -> Vec<Served> {
    let spec = &definition["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = || spec["versions"].as_array().into_iter().flatten();
    let stored = all().find(|version| version["storage"] == true).map(|version| &version["schema"]);
    // Without its webhook, what another version has more is lost when it is stored.
    let versions = all().filter(|version| version["served"] == true && Some(&version["schema"]) == stored);
    let served = versions.enumerate().map(|(index, version)| Served {
        target: Target {
            group: text(&spec["group"]),
            version: text(&version["name"]),
            kind: text(&spec["names"]["kind"]),
            plural: text(&spec["names"]["plural"]),
            namespaced: spec["scope"] == "Namespaced",
            // A status that the schema has not is refused by kubectl, which sends it for strict validation.
            status: version["subresources"]["status"].is_object()
                && version["schema"]["openAPIV3Schema"]["properties"]["status"].is_object(),
            prefix: format!("r{}", others + index),
        },
        schema: version["schema"]["openAPIV3Schema"].clone(),
    });
    served.collect()
}

fn remove_rules(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("x-kubernetes-validations");
            fields.values_mut().for_each(remove_rules);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_rules),
        _ => {}
    }
}

/// A client for definitions, those aside that the server refuses.
pub fn client(definitions: &BTreeMap<String, Value>, refused: &BTreeMap<String, String>) -> Tree {
    let mut crds = Crds::default();
    for (name, definition) in definitions.iter().filter(|(name, _)| !refused.contains_key(*name)) {
        crds.add(name, definition);
    }
    let documents = crds.documents();
    assert!(documents.problems.is_empty(), "{:?}", documents.problems);
    let options = Options::new(kubewright_codegen::Target::Tree, "kubewright_runtime", "the test");
    generate(&documents, &options).expect("a client")
}

/// The types of a client's resources: each is in the module of its group-version.
pub fn types(tree: &Tree) -> Vec<Type> {
    let modules = tree.files.iter().filter_map(|(file, text)| {
        let line = text.lines().find(|line| line.starts_with("impl ") && line.contains("Resource for "))?;
        let name = line.rsplit_once("Resource for ")?.1.trim_end_matches(" {");
        let module = file.rsplit_once('/')?.0.replace('/', "::");
        Some(Type { path: format!("kube::{module}::{name}"), handle: None })
    });
    modules.collect()
}

/// What is done to the objects of a version: all that can be made of its schema.
pub fn plan(served: &Served) -> Plan<'_> {
    let Served { target, schema } = served;
    let objects = synthesize::objects(schema);
    let cases = objects.iter().enumerate().map(|(index, (name, whole))| {
        let second = &objects[(index + 1) % objects.len()].1;
        let (first, status) = split(whole, target, schema);
        let (second, _) = split(second, target, schema);
        Case { name: name.clone(), first, second, status, change: None }
    });
    Plan::with(target, cases.collect(), VERBS, format!("schema: {schema}"))
}

/// An object without its status, and the status, where that is a subresource: at least what is required of one.
fn split(whole: &Json, target: &Target, schema: &Value) -> (Json, Json) {
    let mut object = whole.clone();
    let least = || synthesize::objects(&schema["properties"]["status"]).into_iter().next().map(|(_, status)| status);
    let status = whole.get("status").cloned().or_else(least).unwrap_or_else(|| Json::map::<String>([]));
    if target.status {
        object.remove("status");
    }
    (object, status)
}
