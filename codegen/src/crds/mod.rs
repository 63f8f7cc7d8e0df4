//! CustomResourceDefinitions as objects: in YAML or JSON files, folders and streams, or as a cluster stores them.
//!
//! [`Crds`] takes them all, and [`Crds::documents`] says of them what an API server would publish that has them installed:
//! the same [`Documents`] that come from a live cluster, so that a tree is the same, byte for byte, wherever it is made from.

mod object;
mod publish;
pub(crate) mod read;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    documents::{Documents, ServerVersion},
    error::DocumentError,
};
use object::Crd;

/// CustomResourceDefinitions, from any number of sources.
///
/// ```
/// use kubewright_codegen::{Options, Target, crds::Crds, generate};
///
/// let mut crds = Crds::default();
/// crds.read_text(
///     "valves.yaml",
///     r#"
/// apiVersion: apiextensions.k8s.io/v1
/// kind: CustomResourceDefinition
/// metadata: {name: valves.example.com}
/// spec:
///   group: example.com
///   scope: Namespaced
///   names: {kind: Valve, plural: valves}
///   versions:
///   - name: v1
///     served: true
///     storage: true
///     schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {open: {type: boolean}}}}}}
/// "#,
/// );
/// let options = Options::new(Target::Tree, "kubewright_runtime", "cargo xtask gen --crds valves.yaml");
/// let tree = generate(&crds.documents(), &options)?;
/// assert!(tree.files["example_com/v1/valves.rs"].contains("pub struct ValveSpec"));
/// # Ok::<(), kubewright_codegen::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Crds {
    /// By name, `certificates.cert-manager.io`.
    crds: BTreeMap<String, Crd>,
    /// Documents that are something else than a CustomResourceDefinition.
    skipped: usize,
    notes: Vec<String>,
    problems: Vec<DocumentError>,
}

/// What stands in a document.
pub(crate) enum Found<'a> {
    /// A definition, of a version of `apiextensions.k8s.io`.
    Definition { object: &'a Value, version: &'a str },
    /// Something else.
    Other,
}

/// Finds the definitions in a document: an object, or a list of objects.
pub(crate) fn each<'a>(object: &'a Value, found: &mut dyn FnMut(Found<'a>)) {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    match (group, text("kind")) {
        ("apiextensions.k8s.io", "CustomResourceDefinition") => found(Found::Definition { object, version }),
        ("" | "apiextensions.k8s.io", kind) if kind.ends_with("List") => {
            match object.get("items").and_then(Value::as_array) {
                // The items of a typed list need not say what they are.
                Some(items) => items.iter().for_each(|item| match item.get("kind") {
                    None if kind == "CustomResourceDefinitionList" => {
                        found(Found::Definition { object: item, version });
                    }
                    _ => each(item, found),
                }),
                None => found(Found::Other),
            }
        }
        _ => found(Found::Other),
    }
}

impl Crds {
    /// Takes a definition that does not say what it is, such as an item of a server's list.
    #[cfg(feature = "cluster")]
    pub(crate) fn add_of_version(&mut self, source: &str, object: &Value, version: &str) {
        self.add_crd(source, object, version);
    }

    fn add_crd(&mut self, source: &str, object: &Value, version: &str) {
        match Crd::read(object, version) {
            Ok(crd) => self.insert(source, crd),
            Err(problem) => self.problems.push(DocumentError::new(source, problem)),
        }
    }

    /// Takes a CustomResourceDefinition as an object, or a `List` of objects. Anything else is counted as skipped. What is
    /// wrong with an object is in [`Documents::problems`] in the end; `source` names it there.
    pub fn add(&mut self, source: &str, object: &Value) {
        each(object, &mut |found| match found {
            Found::Definition { object, version } => self.add_crd(source, object, version),
            Found::Other => self.skipped += 1,
        });
    }

    /// One definition: versions that stand in files of their own are put together. Of a version that comes twice the last
    /// counts, as if the files were applied one after the other.
    fn insert(&mut self, source: &str, crd: Crd) {
        match self.crds.get_mut(&crd.name) {
            None => drop(self.crds.insert(crd.name.clone(), crd)),
            Some(known) => {
                let name = crd.name.clone();
                for version in known.merge(crd) {
                    self.notes.push(format!("{name} has {version} more than once: the one in {source} is taken"));
                }
            }
        }
    }

    /// The definitions' names, such as `certificates.cert-manager.io`.
    pub fn names(&self) -> Vec<String> {
        self.crds.keys().cloned().collect()
    }

    /// The groups that they are of.
    #[cfg(feature = "cluster")]
    pub(crate) fn groups(&self) -> Vec<String> {
        self.crds.values().map(|crd| crd.group.clone()).collect()
    }

    /// Moves the definition of this name over from others, if they have it.
    pub fn take(&mut self, from: &mut Self, name: &str) {
        if let Some(crd) = from.crds.remove(name) {
            self.insert("others", crd);
        }
    }

    /// How many definitions there are.
    pub fn len(&self) -> usize {
        self.crds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.crds.is_empty()
    }

    /// How many documents were something else.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// What an API server publishes that has these definitions, and nothing else of its own. What could not be read is in
    /// [`Documents::problems`].
    pub fn documents(&self) -> Documents {
        let mut documents = Documents { server: ServerVersion::default(), ..Default::default() };
        self.publish(&mut documents);
        documents
    }

    /// Puts what an API server publishes of these definitions in the place of what documents have of them.
    pub fn publish(&self, documents: &mut Documents) {
        publish::publish(self.crds.values(), documents);
        documents.problems.extend(self.problems.iter().cloned());
        documents.problems.sort_by(|a, b| (&a.document, &a.place).cmp(&(&b.document, &b.place)));
        documents.notes.extend(self.notes.iter().cloned());
        let unserved = self.crds.values().filter(|crd| !crd.versions.iter().any(|version| version.served));
        documents.notes.extend(unserved.map(|crd| format!("{} serves no version: it has no types", crd.name)));
    }
}
