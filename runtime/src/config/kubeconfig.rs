//! The kubeconfig file, as types.
//!
//! <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>. Fields that are not known here are kept in `other`
//! and written back. Paths are kept as written; an entry remembers the file that it was read from, and its relative
//! paths are relative to that file's folder.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::SecretString;

/// A kubeconfig file, or several that were merged. Get one with [`load`](Self::load), [`read`](Self::read) or
/// [`from_yaml`](Self::from_yaml).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Kubeconfig {
    /// `v1`, or nothing.
    #[serde(rename = "apiVersion", skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `Config`, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The context that is used when none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_context: Option<String>,
    /// The clusters, by name.
    #[serde(deserialize_with = "null_as_default")]
    pub clusters: Vec<NamedCluster>,
    /// The users, by name.
    #[serde(deserialize_with = "null_as_default")]
    pub users: Vec<NamedUser>,
    /// The contexts, by name.
    #[serde(deserialize_with = "null_as_default")]
    pub contexts: Vec<NamedContext>,
    /// Preferences of kubectl, kept as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Value>,
    /// Data of other tools, kept as they are.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Value>,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    /// The files that it was read from.
    #[serde(skip)]
    pub(super) files: Vec<PathBuf>,
}

/// A cluster under its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedCluster {
    /// The name.
    pub name: String,
    /// The cluster.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cluster: Cluster,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
}

/// A user under its name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedUser {
    /// The name.
    pub name: String,
    /// The user.
    #[serde(default, deserialize_with = "null_as_default")]
    pub user: User,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
}

/// A context under its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedContext {
    /// The name.
    pub name: String,
    /// The context.
    #[serde(default, deserialize_with = "null_as_default")]
    pub context: Context,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
}

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
    /// The certificate authorities, base64 of PEM; wins over the file.
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

/// Who someone is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct User {
    /// File with the client certificate, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// The client certificate, base64 of PEM; wins over the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_data: Option<String>,
    /// File with the client certificate's key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key: Option<PathBuf>,
    /// The client certificate's key, base64 of PEM; wins over the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key_data: Option<SecretString>,
    /// A bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretString>,
    /// File with a bearer token; wins over `token` once it could be read.
    #[serde(rename = "tokenFile", skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// The user to impersonate.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub impersonate: Option<String>,
    /// The UID to impersonate.
    #[serde(rename = "as-uid", skip_serializing_if = "Option::is_none")]
    pub impersonate_uid: Option<String>,
    /// The groups to impersonate.
    #[serde(rename = "as-groups", deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub impersonate_groups: Vec<String>,
    /// Further facts to impersonate.
    #[serde(
        rename = "as-user-extra",
        deserialize_with = "null_as_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub impersonate_extra: BTreeMap<String, Vec<String>>,
    /// User name for basic authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password for basic authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretString>,
    /// A legacy authentication plugin; kept, not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_provider: Option<Value>,
    /// A command that prints credentials; kept, not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Value>,
    /// Fields that are not known here, and `extensions`.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A cluster, a user and a namespace that are used together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Context {
    /// The cluster's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The namespace, `default` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Fields that are not known here, and `extensions`.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Kubeconfig {
    /// The cluster of that name.
    pub fn cluster(&self, name: &str) -> Option<&NamedCluster> {
        self.clusters.iter().find(|entry| entry.name == name)
    }

    /// The user of that name.
    pub fn user(&self, name: &str) -> Option<&NamedUser> {
        self.users.iter().find(|entry| entry.name == name)
    }

    /// The context of that name.
    pub fn context(&self, name: &str) -> Option<&NamedContext> {
        self.contexts.iter().find(|entry| entry.name == name)
    }

    /// The files that it was read from, in order; none if it was made in memory.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Whether it says nothing: no clusters, users, contexts or current context.
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
            && self.users.is_empty()
            && self.contexts.is_empty()
            && self.current_context.as_deref().unwrap_or_default().is_empty()
    }
}

/// The file that an entry was read from.
pub(super) trait Entry {
    fn name(&self) -> &str;
    fn file(&self) -> Option<&Path>;
    fn set_file(&mut self, file: &Path);
}

macro_rules! entry {
    ($($named:ty),*) => {$(
        impl Entry for $named {
            fn name(&self) -> &str {
                &self.name
            }
            fn file(&self) -> Option<&Path> {
                self.file.as_deref()
            }
            fn set_file(&mut self, file: &Path) {
                self.file = Some(file.to_owned());
            }
        }
    )*};
}
entry!(NamedCluster, NamedUser, NamedContext);

// By hand: a proxy's URL may hold a password.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("server", &self.server)
            .field("tls_server_name", &self.tls_server_name)
            .field("insecure_skip_tls_verify", &self.insecure_skip_tls_verify)
            .field("certificate_authority", &self.certificate_authority)
            .field("certificate_authority_data", &self.certificate_authority_data)
            .field("proxy_url", &self.proxy_url.as_ref().map(|_| Redacted))
            .field("disable_compression", &self.disable_compression)
            .field("other", &self.other)
            .finish()
    }
}

// By hand: plugins' settings and unknown fields may hold secrets; of those only the names are shown.
impl fmt::Debug for NamedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedUser")
            .field("name", &self.name)
            .field("user", &self.user)
            .field("other", &Names(&self.other))
            .field("file", &self.file)
            .finish()
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("client_certificate", &self.client_certificate)
            .field("client_certificate_data", &self.client_certificate_data)
            .field("client_key", &self.client_key)
            .field("client_key_data", &self.client_key_data)
            .field("token", &self.token)
            .field("token_file", &self.token_file)
            .field("impersonate", &self.impersonate)
            .field("impersonate_uid", &self.impersonate_uid)
            .field("impersonate_groups", &self.impersonate_groups)
            .field("impersonate_extra", &self.impersonate_extra)
            .field("username", &self.username)
            .field("password", &self.password)
            .field("auth_provider", &self.auth_provider.as_ref().map(|_| Redacted))
            .field("exec", &self.exec.as_ref().map(|_| Redacted))
            .field("other", &Names(&self.other))
            .finish()
    }
}

struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

struct Names<'a>(&'a Map<String, Value>);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, Redacted))).finish()
    }
}

/// `clusters: null` is what kubectl writes for no clusters.
fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
