//! Priority classes.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass>

use serde_json::{Value, json};

use crate::catalog::StorageKey;
use crate::store::Store;

/// What a class gives to pods.
#[derive(Debug, PartialEq)]
pub(super) struct Priority {
    /// Empty without a class.
    pub name: String,
    pub value: i64,
    pub preemption: String,
}

/// The classes that every cluster has.
pub(crate) fn of_a_new_cluster() -> [Value; 2] {
    let class = |name: &str, value: u32, description: &str| {
        json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": name },
            "value": value, "description": description,
        })
    };
    [
        class(
            "system-node-critical",
            2_000_001_000,
            "Used for system critical pods that must not be moved from their current node.",
        ),
        class(
            "system-cluster-critical",
            2_000_000_000,
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        ),
    ]
}

/// The class of a name.
pub(super) fn named(store: &Store, name: &str) -> Option<Priority> {
    store.get(&classes(), name).map(|class| of(class))
}

/// The class of pods that name none: the default one with the lowest value.
pub(super) fn default(store: &Store) -> Priority {
    let classes = classes();
    let defaults = store.all(&classes).map(|(_, class)| class).filter(|class| class["globalDefault"] == true);
    defaults.map(|class| of(class)).min_by_key(|class| class.value).unwrap_or_else(|| Priority {
        name: String::new(),
        value: 0,
        preemption: "PreemptLowerPriority".to_owned(),
    })
}

fn of(class: &Value) -> Priority {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Priority {
        name: text(&class["metadata"]["name"]).unwrap_or_default(),
        value: class["value"].as_i64().unwrap_or(0),
        preemption: text(&class["preemptionPolicy"]).unwrap_or_else(|| "PreemptLowerPriority".to_owned()),
    }
}

fn classes() -> StorageKey {
    StorageKey::new("scheduling.k8s.io", "priorityclasses")
}
