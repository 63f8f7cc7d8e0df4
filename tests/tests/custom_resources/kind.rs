//! Random CRDs, and random objects of them.

use fastrand::Rng;
use serde_json::{Value, json};

use super::json::Json;
use super::schema::{Field, Node, Shape};
use super::target::Target;
use super::value::Maker;

/// The API group of all of them.
pub const GROUP: &str = "random.kubewright.dev";
/// The group as a name in Rust.
pub const MODULE: &str = "random_kubewright_dev";

const NAMES: [&str; 12] =
    ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Katsura", "Lime"];

/// A kind of custom resource.
pub struct Kind {
    pub target: Target,
    list_kind: String,
    /// Everything but the status, and the status.
    pub fields: Vec<Field>,
    pub status_field: Field,
    /// The schema of the whole, as it was before and as it is now.
    pub earlier: Vec<Field>,
    pub seed: u64,
}

/// An object of a kind, without a name.
#[derive(Clone)]
pub struct Case {
    pub name: String,
    /// What it is like at first, and later.
    pub first: Json,
    pub second: Json,
    pub status: Json,
    /// A field of its spec, and what it is set to later.
    pub change: Option<(String, Json)>,
}

impl Kind {
    /// The kind with this index.
    pub fn random(seed: u64, index: usize) -> Self {
        // Each kind is random for itself, so that one alone can be looked at.
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(index as u64);
        let rng = &mut Rng::with_seed(seed);
        let round = index / NAMES.len();
        let base = NAMES[index % NAMES.len()];
        let name = if round == 0 { base.to_owned() } else { format!("{base}{round}") };
        let depth = rng.usize(2..5);
        // Some have it all, so that no seed leaves out what is rare.
        let fields = if index.is_multiple_of(6) { Node::every_leaf(rng) } else { Node::fields(rng, depth) };
        let spec = Node { shape: Shape::Object { fields, open: false, atomic: false }, nullable: false, default: None };
        let mut fields = vec![Field { name: "spec", required: rng.bool(), node: spec }];
        for name in ["enabled", "size", "data", "mode"] {
            if rng.u32(..3) == 0 {
                fields.push(Field { name, required: rng.u32(..3) == 0, node: Node::random(rng, 2) });
            }
        }
        let node = Node {
            shape: Shape::Object { fields: Node::fields(rng, 2), open: false, atomic: false },
            nullable: false,
            default: None,
        };
        let status_field = Field { name: "status", required: false, node };
        let whole = Shape::Object { fields: fields.clone(), open: false, atomic: false };
        let whole = Node { shape: whole, nullable: false, default: None };
        let Shape::Object { fields: earlier, .. } = whole.earlier(rng).shape else { unreachable!("an object") };
        let plural = format!("{}s", name.to_lowercase());
        let target = Target {
            group: GROUP.to_owned(),
            version: "v1".to_owned(),
            prefix: plural.clone(),
            plural,
            namespaced: rng.u32(..4) > 0,
            status: rng.u32(..4) > 0,
            kind: name.clone(),
        };
        Self {
            list_kind: if rng.u32(..3) == 0 { format!("{name}Collection") } else { format!("{name}List") },
            target,
            fields,
            status_field,
            earlier,
            seed,
        }
    }

    /// The CRD, as it was before or as it is now. Its description says which.
    pub fn crd(&self, now: bool) -> Value {
        let fields = if now { &self.fields } else { &self.earlier };
        let mut fields = fields.clone();
        fields.push(self.status_field.clone());
        let whole = Shape::Object { fields, open: false, atomic: false };
        let mut schema = Node { shape: whole, nullable: false, default: None }.schema();
        schema["description"] = json!(self.mark(now));
        let mut version = json!({ "name": "v1", "served": true, "storage": true,
            "schema": { "openAPIV3Schema": schema } });
        let Target { kind, plural, namespaced, status, .. } = &self.target;
        if *status {
            version["subresources"] = json!({ "status": {} });
        }
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": { "name": format!("{plural}.{GROUP}") },
            "spec": {
                "group": GROUP,
                "scope": if *namespaced { "Namespaced" } else { "Cluster" },
                "names": { "kind": kind, "listKind": self.list_kind, "plural": plural },
                "versions": [version],
            },
        })
    }

    /// The text that is in the published document when the server has the schema.
    pub fn mark(&self, now: bool) -> String {
        format!("{} {}.", self.target.kind, if now { "as it is now" } else { "as it was" })
    }

    /// The case with this index.
    pub fn case(&self, index: usize) -> Case {
        let rng = &mut Rng::with_seed(self.seed.wrapping_mul(7919).wrapping_add(index as u64 + 1));
        let mut maker = Maker { rng, odd: index % 4 == 3, default: false };
        let first = maker.object(&self.fields);
        let second = maker.vary(&self.fields, &first);
        let status = maker.value(&self.status_field.node);
        // What a program makes anew has all that is required, so that only what is there is comparable.
        let has_spec = matches!(first.get("spec"), Some(Json::Map(_)));
        let change = self.fields.first().and_then(|spec| match &spec.node.shape {
            Shape::Object { fields, .. } if has_spec => {
                let field = &fields[maker.rng.usize(..fields.len())];
                Some((field.name.to_owned(), maker.value(&field.node)))
            }
            _ => None,
        });
        Case { name: format!("c{index}"), first, second, status, change }
    }

    /// An object of the schema as it was.
    pub fn earlier_object(&self, index: usize) -> Json {
        let rng = &mut Rng::with_seed(self.seed.wrapping_mul(104_729).wrapping_add(index as u64 + 1));
        Maker { rng, odd: index % 2 == 1, default: false }.object(&self.earlier)
    }
}
