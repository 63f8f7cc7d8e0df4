//! What a resource is: its names, its scope, its verbs.

use std::sync::Arc;

use super::Served;
use crate::message::{Gvk, MessageType};
use crate::meta::v1::ObjectMeta;

/// A resource's names and scope, as the discovery documents give them.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceDesc {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version within the group.
    pub version: &'static str,
    /// The kind of the objects, such as `Deployment`.
    pub kind: &'static str,
    /// The name in paths, such as `deployments`.
    pub plural: &'static str,
    /// The name of one, such as `deployment`.
    pub singular: &'static str,
    /// What people type for short, such as `deploy`.
    pub short_names: &'static [&'static str],
    /// The groupings that the resource is in, such as `all`.
    pub categories: &'static [&'static str],
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Which minors of Kubernetes have it, for all that is known.
    pub served: Served,
}

impl ResourceDesc {
    /// The group-version-kind of its objects.
    pub fn gvk(&self) -> Gvk {
        Gvk { group: self.group, version: self.version, kind: self.kind }
    }
}

/// A resource known only at run time, such as one that discovery found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DynamicResource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version within the group.
    pub version: String,
    /// The kind of the objects.
    pub kind: String,
    /// The name in paths.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl DynamicResource {
    /// The `apiVersion` of its objects: `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

impl From<&ResourceDesc> for DynamicResource {
    fn from(known: &ResourceDesc) -> Self {
        Self {
            group: known.group.to_owned(),
            version: known.version.to_owned(),
            kind: known.kind.to_owned(),
            plural: known.plural.to_owned(),
            namespaced: known.namespaced,
        }
    }
}

/// A resource of either sort, as a handle holds it.
#[derive(Clone, Debug)]
pub(crate) enum ResourceRef {
    Known(&'static ResourceDesc),
    Dynamic(Arc<DynamicResource>),
}

impl ResourceRef {
    pub(crate) fn group(&self) -> &str {
        match self {
            Self::Known(known) => known.group,
            Self::Dynamic(dynamic) => &dynamic.group,
        }
    }

    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Known(known) => known.version,
            Self::Dynamic(dynamic) => &dynamic.version,
        }
    }

    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Known(known) => known.kind,
            Self::Dynamic(dynamic) => &dynamic.kind,
        }
    }

    pub(crate) fn plural(&self) -> &str {
        match self {
            Self::Known(known) => known.plural,
            Self::Dynamic(dynamic) => &dynamic.plural,
        }
    }

    pub(crate) fn served(&self) -> Served {
        match self {
            Self::Known(known) => known.served,
            Self::Dynamic(_) => Served::ALWAYS,
        }
    }

    pub(crate) fn namespaced(&self) -> bool {
        match self {
            Self::Known(known) => known.namespaced,
            Self::Dynamic(dynamic) => dynamic.namespaced,
        }
    }
}

/// A kind whose objects have metadata: everything that the API server stores.
pub trait Object: MessageType {
    /// The object's name, namespace, labels, owner references, ….
    fn metadata(&self) -> &ObjectMeta;

    /// The object's metadata, to be changed.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;
}

/// A kind that the server serves as a resource, so that generic code can make an [`Api`](crate::Api) of it.
///
/// Generated; the verbs that the resource has are in [`verbs`](mod@crate::verbs).
pub trait Resource: Object {
    /// The resource's names and scope.
    const RESOURCE: &'static ResourceDesc;
}

/// Marker traits: which verbs a resource has, so that generic code can ask for them.
///
/// A generic function names what it needs, and a kind that lacks it does not compile:
///
/// ```
/// use kubewright_runtime::{Api, Resource, Result, verbs};
///
/// async fn remove<K: Resource + verbs::Delete>(api: &Api<K>, name: &str) -> Result<()> {
///     api.delete(name).await?;
///     Ok(())
/// }
/// ```
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
pub mod verbs {
    macro_rules! marker {
        ($(#[$meta:meta])* $verb:ident, $message:literal) => {
            $(#[$meta])*
            #[diagnostic::on_unimplemented(
                message = $message,
                label = "this resource can't do that",
                note = "a resource has exactly the verbs that the API server's documents list"
            )]
            pub trait $verb {}
        };
    }

    marker!(/// Objects can be read by name.
        Get, "the API server has no verb `get` for `{Self}`");
    marker!(/// Objects can be listed.
        List, "the API server has no verb `list` for `{Self}`");
    marker!(/// Changes can be watched.
        Watch, "the API server has no verb `watch` for `{Self}`");
    marker!(/// Objects can be created.
        Create, "the API server has no verb `create` for `{Self}`");
    marker!(/// Objects can be replaced as a whole (the server calls it `update`).
        Replace, "the API server has no verb `update` for `{Self}`");
    marker!(/// Objects can be patched and applied.
        Patch, "the API server has no verb `patch` for `{Self}`");
    marker!(/// Objects can be deleted by name.
        Delete, "the API server has no verb `delete` for `{Self}`");
    marker!(/// All objects, or those that a selector picks, can be deleted at once.
        DeleteCollection, "the API server has no verb `deletecollection` for `{Self}`");
}

/// Implements the marker traits of [`verbs`](mod@crate::verbs) for a kind: `verbs!(Pod: Get, List);`.
#[macro_export]
macro_rules! verbs {
    ($kind:ty: $($verb:ident),* $(,)?) => {
        $(impl $crate::verbs::$verb for $kind {})*
    };
}

impl From<&ResourceRef> for DynamicResource {
    fn from(resource: &ResourceRef) -> Self {
        match resource {
            ResourceRef::Known(known) => (*known).into(),
            ResourceRef::Dynamic(dynamic) => (**dynamic).clone(),
        }
    }
}
