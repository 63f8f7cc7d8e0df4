//! The kubeconfig file, as types.
//!
//! <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>. Fields that are not known here are kept in `other`
//! and written back. Paths are kept as written; an entry remembers the file that it was read from, and its relative
//! paths are relative to that file's folder.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Cluster, User};
use crate::config::null;
use crate::config::redacted::{Names, Redacted};

/// A kubeconfig file, or several that were merged. Get one with [`load`](Self::load), [`read`](Self::read) or
/// [`from_yaml`](Self::from_yaml).
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
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
    #[serde(deserialize_with = "null::as_default_items")]
    pub clusters: Vec<NamedCluster>,
    /// The users, by name.
    #[serde(deserialize_with = "null::as_default_items")]
    pub users: Vec<NamedUser>,
    /// The contexts, by name.
    #[serde(deserialize_with = "null::as_default_items")]
    pub contexts: Vec<NamedContext>,
    /// Preferences of kubectl, kept as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Value>,
    /// Data of other tools, kept as they are.
    #[serde(deserialize_with = "null::as_default", skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Value>,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    /// The files that it was read from.
    #[serde(skip)]
    pub(super) files: Vec<PathBuf>,
}

/// A cluster under its name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedCluster {
    /// The name.
    pub name: String,
    /// The cluster.
    #[serde(deserialize_with = "null::as_default")]
    pub cluster: Cluster,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
}

/// A user under its name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedUser {
    /// The name.
    pub name: String,
    /// The user.
    #[serde(deserialize_with = "null::as_default")]
    pub user: User,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
}

/// A context under its name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedContext {
    /// The name.
    pub name: String,
    /// The context.
    #[serde(deserialize_with = "null::as_default")]
    pub context: Context,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
}

/// A cluster, a user and a namespace that are used together.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
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

macro_rules! named {
    ($($named:ident $field:ident $inner:ident),*) => {$(
        impl $named {
            /// An entry of this name, which no file has yet.
            pub fn new(name: impl Into<String>, $field: $inner) -> Self {
                Self { name: name.into(), $field, ..Self::default() }
            }

            /// The file that it was read from; `None` where the program made it.
            pub fn file(&self) -> Option<&Path> {
                self.file.as_deref()
            }
        }
    )*};
}
named!(NamedCluster cluster Cluster, NamedUser user User, NamedContext context Context);

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

// By hand: unknown fields and data of other tools may hold secrets; of those only the names are shown.
impl fmt::Debug for Kubeconfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kubeconfig")
            .field("api_version", &self.api_version)
            .field("kind", &self.kind)
            .field("current_context", &self.current_context)
            .field("clusters", &self.clusters)
            .field("users", &self.users)
            .field("contexts", &self.contexts)
            .field("preferences", &self.preferences.as_ref().map(|_| Redacted))
            .field("extensions", &self.extensions.iter().map(|_| Redacted).collect::<Vec<_>>())
            .field("other", &Names(&self.other))
            .field("files", &self.files)
            .finish()
    }
}

macro_rules! debug_entry {
    ($($named:ident $field:ident),*) => {$(
        impl fmt::Debug for $named {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($named))
                    .field("name", &self.name)
                    .field(stringify!($field), &self.$field)
                    .field("other", &Names(&self.other))
                    .field("file", &self.file)
                    .finish()
            }
        }
    )*};
}
debug_entry!(NamedCluster cluster, NamedUser user, NamedContext context);

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("cluster", &self.cluster)
            .field("user", &self.user)
            .field("namespace", &self.namespace)
            .field("other", &Names(&self.other))
            .finish()
    }
}
