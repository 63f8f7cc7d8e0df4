//! The webhooks that are registered.

use std::sync::Arc;

use serde_json::Value;

use super::reviews::ReviewVersion;
use crate::catalog::{Resource, StorageKey};
use crate::store::Store;
use crate::stored::Stored;

/// The kinds of configurations, by their resources.
pub(crate) const MUTATING: &str = "mutatingwebhookconfigurations";
pub(crate) const VALIDATING: &str = "validatingwebhookconfigurations";

const GROUP: &str = "admissionregistration.k8s.io";

/// What no webhook is asked about: what would make webhooks or policies depend on themselves.
const EXEMPT: &[&str] = &[
    MUTATING,
    VALIDATING,
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
];

/// A webhook of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    configuration: Arc<Stored>,
    index: usize,
}

impl Hook {
    #[cfg(test)]
    pub fn of(webhook: Value) -> Self {
        let configuration = Stored::new(serde_json::json!({ "webhooks": [webhook] }), 0);
        Self { configuration: Arc::new(configuration), index: 0 }
    }

    /// Its fields.
    pub fn fields(&self) -> &Value {
        &self.configuration["webhooks"][self.index]
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.fields()["name"].as_str().unwrap_or_default()
    }

    /// Whether a request goes on if it can't be called.
    pub fn ignores_failures(&self) -> bool {
        self.fields()["failurePolicy"] == "Ignore"
    }

    /// The version of the reviews that it is sent; `None` if it reads none that is known.
    pub fn review_version(&self) -> Option<ReviewVersion> {
        let versions = self.fields()["admissionReviewVersions"].as_array().into_iter().flatten();
        ReviewVersion::first_of(versions.filter_map(Value::as_str))
    }

    /// How many seconds it has.
    pub fn timeout(&self) -> u64 {
        self.fields()["timeoutSeconds"].as_u64().unwrap_or(10)
    }
}

fn storage(plural: &str) -> StorageKey {
    StorageKey::new(GROUP, plural)
}

/// The webhooks of a kind, in the order in which they are called: by the names of their configurations.
pub(crate) fn hooks(store: &Store, plural: &str) -> Vec<Hook> {
    let mut hooks = Vec::new();
    for (_, configuration) in store.all(&storage(plural)) {
        let count = configuration["webhooks"].as_array().map_or(0, Vec::len);
        hooks.extend((0..count).map(|index| Hook { configuration: configuration.clone(), index }));
    }
    hooks
}

/// Whether webhooks of a kind may have to be asked about a resource.
pub(crate) fn are_configured(store: &Store, plural: &str, resource: &Resource) -> bool {
    let is_exempt = resource.group == GROUP && EXEMPT.contains(&resource.plural.as_str());
    !is_exempt && store.all(&storage(plural)).next().is_some()
}
