//! The resources that a cluster serves: the built-in ones of its minor.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use crate::builtin;
use crate::crd::CustomVersion;
use crate::documents::Documents;
use crate::ownership::Made;
use crate::schema::Schema;

/// A version of a group as Go writes it: one of the core group begins with a slash.
pub(crate) fn as_go_writes_version(api_version: &str) -> Cow<'_, str> {
    if api_version.contains('/') { Cow::from(api_version) } else { Cow::from(format!("/{api_version}")) }
}

/// A resource in one version.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub singular: String,
    pub namespaced: bool,
    pub verbs: Vec<String>,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    /// By name.
    pub subresources: BTreeMap<String, Subresource>,
    pub source: Source,
    pub known: Known,
}

/// What was found out about a resource, once it was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// An object in which nothing is set.
    pub nothing: OnceLock<Value>,
    /// New objects, and what their writers own.
    pub made: Made,
    /// The fields that the type of a built-in kind has, and its schema not; `None` if they are not known.
    pub lacks: OnceLock<Option<Vec<builtin::Way>>>,
}

/// A subresource of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Subresource {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub verbs: Vec<String>,
}

/// Where the schema of a resource is from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The documents of the minor, by the schema's name. The version is the one that objects are stored in.
    BuiltIn { documents: Arc<Documents>, schema: String, is_stored: bool },
    /// A CustomResourceDefinition.
    Custom(Arc<CustomVersion>),
}

/// What tells the objects of a resource from others; the same for all its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StorageKey {
    pub group: String,
    pub plural: String,
}

impl StorageKey {
    pub fn new(group: &str, plural: &str) -> Self {
        Self { group: group.to_owned(), plural: plural.to_owned() }
    }

    /// That of CustomResourceDefinitions.
    pub fn definitions() -> Self {
        Self::new("apiextensions.k8s.io", "customresourcedefinitions")
    }
}

impl Resource {
    /// Whether it is that of namespaces themselves.
    pub fn is_namespaces(&self) -> bool {
        self.group.is_empty() && self.plural == "namespaces"
    }

    /// Whether it is what requests name so.
    pub fn is_at(&self, group: &str, version: &str, plural: &str) -> bool {
        self.plural == plural && self.version == version && self.group == group
    }

    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    pub fn storage_key(&self) -> StorageKey {
        let group = if builtin::is_of_core(self) { String::new() } else { self.group.clone() };
        StorageKey { group, plural: self.plural.clone() }
    }

    /// Whether the kind is defined by a CustomResourceDefinition.
    pub fn custom(&self) -> Option<&CustomVersion> {
        match &self.source {
            Source::Custom(version) => Some(version),
            Source::BuiltIn { .. } => None,
        }
    }

    /// The schema of its objects.
    pub fn schema(&self) -> Schema<'_> {
        match &self.source {
            Source::Custom(version) => version.schema(),
            Source::BuiltIn { documents, schema, .. } => documents.schema(&self.group, &self.version, schema),
        }
    }

    /// Whether this is a version that the fake serves of a built-in kind with several.
    pub fn is_served(&self) -> bool {
        !matches!(self.source, Source::BuiltIn { is_stored: false, .. }) || builtin::is_older(self)
    }

    pub fn has_verb(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }
}

/// Those that were read already: they are the same for every cluster of a process.
static BUILT_IN: Mutex<Vec<(u32, Vec<Arc<Resource>>)>> = Mutex::new(Vec::new());

/// The built-in resources of a minor.
pub(crate) fn built_in(documents: &Arc<Documents>) -> Vec<Arc<Resource>> {
    let mut read = BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, known)) = read.iter().find(|(minor, _)| *minor == documents.minor) {
        return known.clone();
    }
    let resources: Vec<_> = read_built_in(documents).into_iter().map(Arc::new).collect();
    read.push((documents.minor, resources.clone()));
    resources
}

fn read_built_in(documents: &Arc<Documents>) -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    for group in &documents.groups {
        let name = text(group, "name");
        for version in list(group, "versions") {
            let version_name = text(version, "version");
            let by_kind = documents.kinds(&name, &version_name);
            for resource in list(version, "resources") {
                let kind = text(&resource["responseKind"], "kind");
                let Some(schema) = by_kind.and_then(|by_kind| by_kind.get(&kind)) else { continue };
                let plural = text(resource, "resource");
                // Versions are in the order of preference: the first that has the resource is the one that counts.
                let is_stored = !resources.iter().any(|known| known.group == name && known.plural == plural);
                resources.push(Resource {
                    group: name.clone(),
                    version: version_name.clone(),
                    kind,
                    plural,
                    singular: text(resource, "singularResource"),
                    namespaced: resource["scope"] == "Namespaced",
                    verbs: texts(resource, "verbs"),
                    short_names: texts(resource, "shortNames"),
                    categories: texts(resource, "categories"),
                    subresources: list(resource, "subresources")
                        .iter()
                        .map(|sub| subresource(sub, &version_name))
                        .collect(),
                    source: Source::BuiltIn { documents: documents.clone(), schema: schema.clone(), is_stored },
                    known: Known::default(),
                });
            }
        }
    }
    resources
}

fn subresource(written: &Value, version: &str) -> (String, Subresource) {
    let kind = &written["responseKind"];
    let (group, own) = (text(kind, "group"), text(kind, "version"));
    let version = if own.is_empty() { version.to_owned() } else { own };
    let subresource = Subresource { group, version, kind: text(kind, "kind"), verbs: texts(written, "verbs") };
    (text(written, "subresource"), subresource)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    list(value, name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_of_discovery_that_has_a_schema_is_there() {
        let documents = Documents::of(Documents::minors().last().expect("a minor")).expect("documents");
        let resources = built_in(&documents);
        let find = |group: &str, plural: &str| {
            resources.iter().find(|resource| resource.group == group && resource.plural == plural).expect(plural)
        };
        let deployments = find("apps", "deployments");
        assert_eq!((&*deployments.kind, deployments.namespaced), ("Deployment", true));
        assert_eq!(deployments.subresources["scale"].kind, "Scale");
        assert!(deployments.schema().field("spec").has_property("replicas"));
        assert!(!find("", "nodes").namespaced);
        assert_eq!(find("autoscaling", "horizontalpodautoscalers").version, "v2");
        let old = resources.iter().find(|resource| resource.group == "autoscaling" && resource.version == "v1");
        assert!(old.is_some_and(|old| old.is_served()), "it is a view of the other one");
    }
}
