//! A user's `auth-provider`: a way to log in that is built into the client.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::redacted::Names;
use crate::config::{SecretString, null};

/// A way to log in that is built into the client, and its settings and tokens. `oidc` is known: see
/// [`OidcConfig`](crate::config::OidcConfig).
///
/// `gcp` and `azure` have left Kubernetes in 1.26: an [`ExecConfig`](crate::config::ExecConfig) is what replaced them.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthProvider {
    /// Its name, such as `oidc`.
    pub name: String,
    /// Its settings and tokens, such as `client-id` and `refresh-token`.
    #[serde(deserialize_with = "null::as_default_values", skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, SecretString>,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl AuthProvider {
    /// The setting of this name, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.config.get(name).filter(|value| !value.is_empty())
    }
}

// By hand: unknown fields may hold secrets; of those only the names are shown.
impl fmt::Debug for AuthProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthProvider")
            .field("name", &self.name)
            .field("config", &self.config)
            .field("other", &Names(&self.other))
            .finish()
    }
}
