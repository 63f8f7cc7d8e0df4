//! The documents of a Kubernetes minor: discovery and OpenAPI, as a real API server gave them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read as _;
use std::sync::{Arc, Mutex, OnceLock};

use flate2::read::ZlibDecoder;
use serde_json::{Map, Value};

use crate::schema::Schema;

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
    pub openapi: Map<String, Value>,
    hashes: OnceLock<BTreeMap<String, u64>>,
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
        PACKED.iter().map(|(minor, _)| *minor)
    }

    /// The documents of a minor. `None` if there are none.
    pub fn of(minor: u32) -> Option<Arc<Self>> {
        let mut read = READ.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(known) = read.iter().find(|documents| documents.minor == minor) {
            return Some(known.clone());
        }
        let (_, packed) = PACKED.iter().find(|(known, _)| *known == minor)?;
        let documents = Arc::new(Self::unpack(minor, packed)?);
        read.push(documents.clone());
        Some(documents)
    }

    fn unpack(minor: u32, packed: &[u8]) -> Option<Self> {
        let mut text = Vec::new();
        ZlibDecoder::new(packed).read_to_end(&mut text).ok()?;
        let mut all: Value = serde_json::from_slice(&text).ok()?;
        let groups = match all["discovery"]["groups"].take() {
            Value::Array(groups) => groups,
            _ => return None,
        };
        let openapi = match all["openapi"].take() {
            Value::Object(documents) => documents,
            _ => return None,
        };
        Some(Self { minor, version: all["version"].take(), groups, openapi, hashes: OnceLock::new() })
    }

    /// The hashes of the documents of OpenAPI v3, by the documents' names.
    pub fn hashes(&self) -> &BTreeMap<String, u64> {
        self.hashes.get_or_init(|| self.openapi.iter().map(|(name, document)| (name.clone(), hash(document))).collect())
    }

    /// A schema of a group-version; that of anything, if there is none of the name.
    pub fn schema(&self, group: &str, version: &str, name: &str) -> Schema<'_> {
        self.schemas(group, version).and_then(|named| Schema::named(named, name)).unwrap_or_else(Schema::anything)
    }

    /// The schemas of a group-version, by name.
    pub fn schemas(&self, group: &str, version: &str) -> Option<&Map<String, Value>> {
        let group = if group.is_empty() { "core" } else { group };
        self.openapi.get(&format!("{group}_{version}"))?.get("components")?.get("schemas")?.as_object()
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
