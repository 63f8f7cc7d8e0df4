//! A cluster with the CRDs of these tests, and what is looked at in it.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use kubewright_codegen::documents::Documents;
use kubewright_codegen::{Options, Target, Tree, generate};
use kubewright_runtime::{Api, Client, DynamicObject, Resource, json as codec, verbs};
use kubewright_testbed::{Binaries, Cluster, or_skip};
use kubewright_tests::documents_when;
use serde_json::{Value, json};

use super::kube::harbour_example::v1::Buoy;

/// What renews the committed client.
pub const UPDATE: &str = "UPDATE_GOLDEN=1 cargo test -p kubewright-tests --test presence";

/// How long the server may take to serve what it was told, and how often to look.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// The one that all tests of this program share: so is the client, whose connections live in it.
static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime"));

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// Custom resources, with what the tests do with them.
pub trait Custom:
    Resource
    + verbs::Get
    + verbs::Create
    + verbs::Replace
    + verbs::Patch
    + for<'de> kubewright_runtime::serde::Deserialize<'de>
{
}

impl<K> Custom for K where
    K: Resource
        + verbs::Get
        + verbs::Create
        + verbs::Replace
        + verbs::Patch
        + for<'de> kubewright_runtime::serde::Deserialize<'de>
{
}

pub struct Bed {
    cluster: Cluster,
    pub client: Client,
    /// What the server published when nothing was changed yet.
    pub documents: Documents,
    buoys: Mutex<()>,
}

/// What is stored of an object, and what of it a manager owns.
#[derive(Debug, PartialEq)]
pub struct Owned {
    pub spec: Value,
    pub fields: Value,
    pub status: Value,
    pub status_fields: Value,
}

impl Bed {
    /// The one of this program; `None` where there is no test bed.
    pub fn get() -> Option<&'static Self> {
        static BED: OnceLock<Option<Bed>> = OnceLock::new();
        BED.get_or_init(Self::start).as_ref()
    }

    fn start() -> Option<Self> {
        let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
        let binaries = or_skip(Binaries::find(options.minor))?;
        let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
        for name in ["ferries", "beacons", "berths", "zeros", "logbooks"] {
            cluster.kubectl(&["create", "-f", &path(name)]).expect("a CRD");
        }
        store_buoys(&cluster);
        let client = kubewright_tests::client(cluster.kubeconfig());
        let documents = block_on(documents(&client));
        Some(Self { cluster, client, documents, buoys: Mutex::default() })
    }

    /// For tests that change what buoys are defaulted to, or look at it: one after the other.
    pub fn buoys(&self) -> MutexGuard<'_, ()> {
        self.buoys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn api<K: Custom>(&self) -> Api<K> {
        Api::namespaced(&self.client, "default")
    }

    /// What kubectl makes of a manifest of this name: the spec as it is stored.
    pub fn kubectl_create<K: Custom>(&self, manifest: &str, name: &str) -> Result<Value, String> {
        let manifest = manifest.replace("NAME", name);
        self.cluster.kubectl_with_input(&["create", "-f", "-"], &manifest).map_err(|error| error.to_string())?;
        Ok(block_on(self.spec::<K>(name)))
    }

    /// The same for server-side apply.
    pub fn kubectl_apply<K: Custom>(&self, manifest: &str, name: &str) -> Result<Owned, String> {
        let manifest = manifest.replace("NAME", name);
        let apply = ["apply", "--server-side", "--field-manager=m", "-f", "-"];
        self.cluster.kubectl_with_input(&apply, &manifest).map_err(|error| error.to_string())?;
        Ok(block_on(self.owned::<K>(name)))
    }

    /// An object as the server has it.
    pub async fn raw<K: Custom>(&self, name: &str) -> Value {
        let kind = K::RESOURCE;
        let path = format!("/apis/{}/{}/namespaces/default/{}/{name}", kind.group, kind.version, kind.plural);
        let text =
            self.client.get_text(&path, "application/json").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        serde_json::from_str(&text).expect("JSON")
    }

    /// The spec of an object, letter by letter.
    pub async fn spec_text<K: Custom>(&self, name: &str) -> String {
        let kind = K::RESOURCE;
        let path = format!("/apis/{}/{}/namespaces/default/{}/{name}", kind.group, kind.version, kind.plural);
        let text = self.client.get_text(&path, "application/json").await.expect("there");
        let object: DynamicObject = codec::from_str(&text).expect("JSON");
        object.unknown_fields.get("spec").expect("a spec").as_str().to_owned()
    }

    pub async fn spec<K: Custom>(&self, name: &str) -> Value {
        self.raw::<K>(name).await["spec"].take()
    }

    /// What the manager `m` has applied.
    pub async fn owned<K: Custom>(&self, name: &str) -> Owned {
        self.owned_by::<K>(name, "m", "").await
    }

    pub async fn owned_by<K: Custom>(&self, name: &str, manager: &str, subresource: &str) -> Owned {
        let mut raw = self.raw::<K>(name).await;
        let entries = raw["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
        let mut own = entries.into_iter().filter(|entry| {
            let subresource_of = entry["subresource"].as_str().unwrap_or_default();
            entry["manager"] == manager && entry["operation"] == "Apply" && subresource_of == subresource
        });
        let mut fields = own.next().unwrap_or_else(|| panic!("{manager} has applied nothing: {raw}"));
        let [fields, status_fields] = ["f:spec", "f:status"].map(|part| fields["fieldsV1"][part].take());
        Owned { spec: raw["spec"].take(), fields, status: raw["status"].take(), status_fields }
    }

    /// Makes `true` the default of a buoy's flag, and waits until the server says so.
    pub async fn change_default_of_flag(&self) {
        let path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/flag/default";
        let patch = json!([{"op": "replace", "path": path, "value": true}]).to_string();
        self.cluster.kubectl(&["patch", "crd", "buoys.harbour.example", "--type=json", "-p", &patch]).expect("patched");
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            // It is stored without a flag, and nobody writes to it.
            if self.spec::<Buoy>("flagless").await["flag"] == true {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("the server keeps the old default");
    }
}

fn path(name: &str) -> String {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/crds/presence"));
    folder.join(format!("{name}.yaml")).display().to_string()
}

/// Stores buoys while nothing is required of them yet, and requires it then.
fn store_buoys(cluster: &Cluster) {
    let strict = std::fs::read_to_string(Path::new(&path("buoys"))).expect("a CRD");
    let lines = strict.lines().map(|line| match line.trim_start().starts_with("required:") {
        true => "",
        false => line,
    });
    let mut lenient = lines.collect::<Vec<_>>().join("\n").replace(", required: [low]", "");
    lenient = lenient.replace(", default: false", "");
    cluster.kubectl_with_input(&["create", "-f", "-"], &lenient).expect("a CRD");
    cluster.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=120s"]).expect("established");
    for (name, spec) in [
        ("bare", "spec: {}"),
        ("half", "spec: {anchor: {chain: c}, depths: [{}, {low: 0}]}"),
        ("zero", "spec: {lit: false, depth: 0, note: '', anchor: {weight: 0}, marks: [], maybe: null, flag: false}"),
        ("flagless", "spec: {}"),
        ("specless", "metadata: {name: specless, labels: {a: b}}"),
    ] {
        let metadata = if spec.starts_with("metadata") { "" } else { &format!("metadata: {{name: {name}}}\n") };
        let manifest = format!("apiVersion: harbour.example/v1\nkind: Buoy\n{metadata}{spec}\n");
        cluster.kubectl_with_input(&["create", "-f", "-"], &manifest).expect("stored");
        let status = r#"{"status": {"seen": "s"}}"#;
        cluster
            .kubectl(&["patch", "buoy", name, "--subresource=status", "--type=merge", "-p", status])
            .expect("a status");
    }
    cluster.kubectl(&["replace", "-f", &path("buoys")]).expect("a stricter CRD");
    let manifest = "apiVersion: harbour.example/v1\nkind: Buoy\nmetadata: {name: strict}\nspec: {}\n";
    let patience = Instant::now() + PATIENCE;
    while Instant::now() < patience {
        match cluster.kubectl_with_input(&["create", "--dry-run=server", "--validate=false", "-f", "-"], manifest) {
            Err(error) if error.to_string().contains("spec.lit") => return,
            _ => std::thread::sleep(PAUSE),
        }
    }
    panic!("the server keeps the old schema");
}

/// The client of the CRDs.
pub fn generated(documents: &Documents) -> Tree {
    // Before the server has published them there is nothing to generate.
    let has = |group: &&str| documents.openapi.contains_key(&format!("apis/{group}/v1"));
    let groups = ["harbour.example", "f27.example.com"].iter().filter(|group| has(group));
    let options = Options::new(Target::Tree, "kubewright_runtime", UPDATE)
        .groups(groups.map(|group| (*group).to_owned()).collect());
    generate(documents, &options).expect("a client")
}

/// The documents, once they have all of it.
async fn documents(client: &Client) -> Documents {
    documents_when(client, |documents| {
        let text = generated(documents).files.into_values().collect::<String>();
        let kinds =
            ["Ferry", "Beacon", "Berth", "Buoy", "Logbook", "Zeros"].map(|kind| format!("pub struct {kind} {{"));
        let missing: Vec<&String> = kinds.iter().filter(|kind| !text.contains(*kind)).collect();
        // The last that was changed.
        let strict = text.contains(r#"low "low" { required: true, "#);
        let all = missing.is_empty() && strict && documents.problems.is_empty();
        if all { Ok(()) } else { Err(format!("missing are {missing:?}")) }
    })
    .await
}
