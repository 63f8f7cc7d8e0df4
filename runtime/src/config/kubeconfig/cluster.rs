//! A cluster of a kubeconfig: where an API server is.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::redacted::{Names, Url};

/// Where an API server is, and how to know that it is the right one.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Cluster {
    /// Its URL, `https://host:port`, with a path if it sits behind one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The name that its certificate is checked for, if not the URL's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_server_name: Option<String>,
    /// Take any certificate. Unsafe: whoever sits in between can read and change everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_skip_tls_verify: Option<bool>,
    /// File with the certificate authorities, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_authority: Option<PathBuf>,
    /// The certificate authorities, base64 of PEM. Not together with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_authority_data: Option<String>,
    /// A proxy to go through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<String>,
    /// Don't ask for compressed responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_compression: Option<bool>,
    /// Fields that are not known here, and `extensions`.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Cluster {
    /// What the extension of this name holds: data of other tools, or settings of an exec plugin
    /// (`client.authentication.k8s.io/exec`).
    pub fn extension(&self, name: &str) -> Option<&Value> {
        let extensions = self.other.get("extensions")?.as_array()?;
        extensions.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name))?.get("extension")
    }
}

// By hand: URLs may hold a password, and extensions and unknown fields anything.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("server", &self.server.as_ref().map(|url| Url(url.as_str())))
            .field("tls_server_name", &self.tls_server_name)
            .field("insecure_skip_tls_verify", &self.insecure_skip_tls_verify)
            .field("certificate_authority", &self.certificate_authority)
            .field("certificate_authority_data", &self.certificate_authority_data)
            .field("proxy_url", &self.proxy_url.as_ref().map(|url| Url(url.as_str())))
            .field("disable_compression", &self.disable_compression)
            .field("other", &Names(&self.other))
            .finish()
    }
}
