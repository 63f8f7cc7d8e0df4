//! The documents of a Kubernetes minor: discovery and OpenAPI, as a real API server gave them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use flate2::read::ZlibDecoder;
use serde_json::{Map, Value};

use crate::schema::{Schema, Schemas};

include!(concat!(env!("OUT_DIR"), "/packed.rs"));

/// The documents of a minor.
#[derive(Debug)]
pub(crate) struct Documents {
    /// The minor: 37 for 1.37.
    pub minor: u32,
    /// What `/version` answers.
    pub version: Value,
    /// The groups, with their versions and resources.
    pub groups: Vec<Value>,
    /// The documents of OpenAPI v3 by group and version, such as `apps_v1`; those of the core group are `core_v1`.
    openapi: BTreeMap<&'static str, Document>,
    hashes: OnceLock<BTreeMap<String, u64>>,
}

/// A document of OpenAPI v3. It is unpacked when it is asked for: a test needs few of them.
#[derive(Debug)]
struct Document {
    packed: &'static [u8],
    /// The names of its schemas by the kinds that they are of.
    kinds: BTreeMap<String, String>,
    whole: OnceLock<Value>,
    schemas: OnceLock<Schemas>,
}

impl Document {
    fn unpack(&self) -> Value {
        unpack(self.packed).unwrap_or_default()
    }

    fn whole(&self) -> &Value {
        self.whole.get_or_init(|| self.unpack())
    }

    fn schemas(&self) -> &Schemas {
        self.schemas.get_or_init(|| match self.unpack()["components"]["schemas"].take() {
            Value::Object(named) => Schemas::new(named),
            _ => Schemas::default(),
        })
    }
}

/// What a build packed.
fn unpack(packed: &[u8]) -> Option<Value> {
    let mut text = Vec::new();
    ZlibDecoder::new(packed).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The hash of a document.
pub(crate) fn hash(document: &Value) -> u64 {
    hash_of_text(&document.to_string())
}

/// The hash of a document as it is sent.
pub(crate) fn hash_of_text(document: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    document.hash(&mut hasher);
    hasher.finish()
}

/// Those that were read already: they are the same for every cluster of a process.
static READ: Mutex<Vec<Arc<Documents>>> = Mutex::new(Vec::new());

impl Documents {
    /// The minors that there are documents of, the newest last.
    pub fn minors() -> impl Iterator<Item = u32> {
        PACKED.iter().map(|(minor, ..)| *minor)
    }

    /// The documents of a minor. `None` if there are none.
    pub fn of(minor: u32) -> Option<Arc<Self>> {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.iter().find(|documents| documents.minor == minor) {
            return Some(known.clone());
        }
        let (_, index, openapi) = PACKED.iter().find(|(known, ..)| *known == minor)?;
        let documents = Arc::new(Self::unpack(minor, index, openapi)?);
        read.push(documents.clone());
        Some(documents)
    }

    fn unpack(minor: u32, index: &[u8], packed: &'static [(&'static str, &'static [u8])]) -> Option<Self> {
        let mut index = unpack(index)?;
        let groups = match index["discovery"]["groups"].take() {
            Value::Array(groups) => groups,
            _ => return None,
        };
        let document = |(name, packed): &(&'static str, &'static [u8])| {
            let kinds = index["kinds"][name].as_object().into_iter().flatten();
            let kinds = kinds.map(|(kind, name)| (kind.clone(), name.as_str().unwrap_or_default().to_owned()));
            let (whole, schemas) = (OnceLock::new(), OnceLock::new());
            (*name, Document { packed, kinds: kinds.collect(), whole, schemas })
        };
        let openapi = packed.iter().map(document).collect();
        Some(Self { minor, version: index["version"].take(), groups, openapi, hashes: OnceLock::new() })
    }

    /// The documents of OpenAPI v3 by their names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.openapi.iter().map(|(name, document)| (*name, document.whole()))
    }

    /// The names of the documents of OpenAPI v3.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.openapi.keys().copied()
    }

    /// A document of OpenAPI v3 by its name.
    pub fn openapi(&self, name: &str) -> Option<&Value> {
        self.openapi.get(name).map(Document::whole)
    }

    /// The hashes of the documents of OpenAPI v3, by the documents' names.
    pub fn hashes(&self) -> &BTreeMap<String, u64> {
        self.hashes.get_or_init(|| self.all().map(|(name, document)| (name.to_owned(), hash(document))).collect())
    }

    /// A schema of a group-version; that of anything, if there is none of the name.
    pub fn schema(&self, group: &str, version: &str, name: &str) -> Schema<'_> {
        let document = self.document(group, version);
        document.and_then(|document| Schema::named(document.schemas(), name)).unwrap_or_else(Schema::anything)
    }

    /// The names of the schemas of a group-version by the kinds that they are of.
    pub fn kinds(&self, group: &str, version: &str) -> Option<&BTreeMap<String, String>> {
        self.document(group, version).map(|document| &document.kinds)
    }

    /// The schemas of a group-version as they are written, by name.
    pub fn schemas(&self, group: &str, version: &str) -> Option<&Map<String, Value>> {
        self.document(group, version)?.whole().get("components")?.get("schemas")?.as_object()
    }

    fn document(&self, group: &str, version: &str) -> Option<&Document> {
        let group = if group.is_empty() { "core" } else { group };
        self.openapi.get(&*format!("{group}_{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_minor_has_its_documents_and_is_read_once() {
        assert!(Documents::minors().count() >= 1);
        for minor in Documents::minors() {
            let documents = Documents::of(minor).expect("documents");
            assert_eq!(documents.version["minor"], minor.to_string());
            let schemas = documents.schemas("apps", "v1").expect("schemas");
            assert!(schemas.contains_key("io.k8s.api.apps.v1.Deployment"));
            assert!(documents.schemas("", "v1").is_some_and(|schemas| !schemas.is_empty()));
            assert!(Arc::ptr_eq(&documents, &Documents::of(minor).expect("the same")));
        }
        assert!(Documents::of(1).is_none());
    }
}
