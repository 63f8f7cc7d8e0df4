//! A cluster's objects in a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::catalog::StorageKey;
use crate::store::{Key, Store};
use crate::stored::Stored;

/// What marks the file, and the version of its format.
const FORMAT: &str = "kubewright-fake/1";

/// The objects of a resource.
type Objects = BTreeMap<Key, Arc<Stored>>;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub revision: u64,
    pub resources: Vec<(StorageKey, Objects)>,
}

impl Snapshot {
    pub fn of(store: &Store) -> Self {
        let mut resources: Vec<(StorageKey, Objects)> =
            store.resources().map(|(key, objects)| (key.clone(), objects.clone())).collect();
        resources.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { revision: store.revision(), resources }
    }

    pub fn to_text(&self) -> String {
        let resources: Vec<Value> = self
            .resources
            .iter()
            .filter(|(_, objects)| !objects.is_empty())
            .map(|(StorageKey { group, plural }, objects)| {
                let objects: Map<String, Value> =
                    objects.iter().map(|(key, object)| (key.clone(), object.with(Value::clone))).collect();
                json!({ "group": group, "plural": plural, "objects": objects })
            })
            .collect();
        json!({ "format": FORMAT, "resourceVersion": self.revision, "resources": resources }).to_string()
    }

    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let file: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if file["format"] != FORMAT {
            return Err(format!("it does not have the format {FORMAT:?}"));
        }
        let revision = file["resourceVersion"].as_u64().ok_or("it has no resourceVersion")?;
        let mut resources = Vec::new();
        for resource in file["resources"].as_array().into_iter().flatten() {
            let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
            let key = StorageKey { group: text("group"), plural: text("plural") };
            let mut objects = Objects::new();
            for (name, object) in resource["objects"].as_object().into_iter().flatten() {
                if !object["metadata"].is_object() {
                    return Err(format!("{} {name:?} is no object", key.plural));
                }
                objects.insert(name.clone(), Arc::new(Stored::new(object.clone(), 0)));
            }
            resources.push((key, objects));
        }
        Ok(Self { revision, resources })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_all_objects_and_their_version() {
        let mut store = Store::new(10);
        let key = |plural: &str| StorageKey::new("", plural);
        store.put(&key("configmaps"), "default/a", json!({ "metadata": { "name": "a" }, "data": { "x": "1" } }));
        store.put(&key("namespaces"), "default", json!({ "metadata": { "name": "default" } }));
        let snapshot = Snapshot::of(&store);
        assert_eq!(Snapshot::parse(snapshot.to_text().as_bytes()), Ok(snapshot.clone()));

        let restored = Store::restored(snapshot, 10);
        assert_eq!(restored.revision(), store.revision());
        assert_eq!(restored.get(&key("configmaps"), "default/a"), store.get(&key("configmaps"), "default/a"));
        assert!(restored.changes_since(&key("configmaps"), 1).is_none(), "the history is not in the file");
    }

    #[test]
    fn a_file_of_something_else_is_an_error() {
        for text in ["", "[]", "{}", r#"{"format":"kubewright-fake/1"}"#] {
            assert!(Snapshot::parse(text.as_bytes()).is_err(), "{text}");
        }
        let no_object = r#"{"format":"kubewright-fake/1","resourceVersion":3,"resources":[{"objects":{"a":1}}]}"#;
        assert_eq!(Snapshot::parse(no_object.as_bytes()), Err(" \"a\" is no object".to_owned()));
    }
}
