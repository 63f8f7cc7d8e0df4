//! Registry of a generated tree's resources and types.

use super::{Resource, ResourceDesc, name};
use crate::message::{Gvk, Message, MessageType};
use crate::meta::v1::List;

/// Registry of every resource and type of a generated tree, for programs that choose among them at run time: admission
/// webhooks, fake servers, manifest tools, exhaustive tests.
///
/// Go's clients call it a [scheme](https://pkg.go.dev/k8s.io/apimachinery/pkg/runtime#Scheme). The resources of a
/// server, including custom resources, are in its discovery documents, which `Client::discovery` reads.
#[derive(Clone, Copy, Debug)]
pub struct Registry {
    resources: &'static [RegisteredResource],
    types: &'static [RegisteredType],
}

/// A resource, from the API server's OpenAPI and discovery documents.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RegisteredResource {
    /// Its names and scope.
    pub desc: &'static ResourceDesc,
    /// The supported verbs: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verbs: &'static [&'static str],
    /// Its subresources, such as `status`.
    pub subresources: &'static [RegisteredSubresource],
    /// Creates an empty object.
    pub object: fn() -> Box<dyn Message>,
    /// Creates an empty list.
    pub list: fn() -> Box<dyn Message>,
}

/// A subresource, from the API server's OpenAPI and discovery documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredSubresource {
    /// The name in paths, such as `status`.
    pub name: &'static str,
    /// The supported verbs: `get`, `create`, `update`, `patch`; and `connect` for a stream of bytes or a proxy, for
    /// which RBAC requires `get` or `create`.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#request-verb-resource>
    pub verbs: &'static [&'static str],
    /// The kind of the request, such as `Scale` of `autoscaling/v1`; that of the resource itself for `status`.
    pub kind: Option<Gvk>,
}

/// A type of objects, or of a part of them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RegisteredType {
    /// Its path in the tree: `apps::v1::DeploymentSpec`.
    pub path: &'static str,
    /// Creates an empty one.
    pub new: fn() -> Box<dyn Message>,
}

impl Registry {
    /// Creates a registry. For generated code.
    #[doc(hidden)]
    pub const fn new(resources: &'static [RegisteredResource], types: &'static [RegisteredType]) -> Self {
        Self { resources, types }
    }

    /// Returns the resources, by group, version and name.
    pub fn resources(&self) -> &'static [RegisteredResource] {
        self.resources
    }

    /// Returns the types, including those in objects (`PodSpec`) and the lists of each kind.
    pub fn types(&self) -> &'static [RegisteredType] {
        self.types
    }

    /// Returns the resource of this plural name, such as `apps`, `v1` and `deployments`; the core group's name is
    /// empty.
    pub fn resource(&self, group: &str, version: &str, plural: &str) -> Option<&'static RegisteredResource> {
        self.resources.iter().find(|resource| {
            let desc = resource.desc;
            desc.plural == plural && desc.group == group && desc.version == version
        })
    }

    /// Returns the resource for an `apiVersion` and kind, as in a manifest: `apps/v1` and `Deployment`.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&'static RegisteredResource> {
        self.resources.iter().find(|resource| {
            let gvk = resource.desc.gvk();
            gvk.kind == kind && gvk.is_api_version(api_version)
        })
    }

    /// Creates an empty message of an `apiVersion` and kind. Besides those of [resources](Self::kind) there are kinds
    /// of requests and responses, such as `Scale` and `Eviction`.
    pub fn message(&self, api_version: &str, kind: &str) -> Option<Box<dyn Message>> {
        if let Some(resource) = self.kind(api_version, kind) {
            return Some((resource.object)());
        }
        let is_it = |gvk: Gvk| gvk.kind == kind && gvk.is_api_version(api_version);
        self.types.iter().map(|known| (known.new)()).find(|message| message.descriptor().gvk.is_some_and(is_it))
    }

    /// Returns the resources that match a name which `kubectl get` accepts, case-insensitively and the best match
    /// first: plural, singular, short name or kind, alone (`deploy`), with a group (`deployments.apps`), or with a
    /// version and a group (`deployments.v1.apps`). The registry does not know the server's preferred version.
    pub fn find(&self, name: &str) -> Vec<&'static RegisteredResource> {
        let mut found: Vec<_> = self
            .resources
            .iter()
            .filter_map(|resource| {
                let desc = resource.desc;
                let plain = name::without_place(name, desc.group, desc.version)?;
                Some((name::rank(plain, desc.plural, desc.singular, desc.short_names, desc.kind)?, resource))
            })
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, resource)| resource).collect()
    }
}

impl RegisteredResource {
    /// Creates an entry. For generated code.
    #[doc(hidden)]
    pub const fn of<K: Resource>(
        verbs: &'static [&'static str],
        subresources: &'static [RegisteredSubresource],
    ) -> Self {
        Self { desc: K::RESOURCE, verbs, subresources, object: K::boxed, list: <List<K> as MessageType>::boxed }
    }

    /// Whether it supports a verb, such as `watch`.
    pub fn supports(&self, verb: &str) -> bool {
        self.verbs.contains(&verb)
    }

    /// Returns a subresource by name.
    pub fn subresource(&self, name: &str) -> Option<&'static RegisteredSubresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

impl RegisteredSubresource {
    /// Creates an entry. For generated code.
    #[doc(hidden)]
    pub const fn new(name: &'static str, verbs: &'static [&'static str], kind: Option<Gvk>) -> Self {
        Self { name, verbs, kind }
    }
}

impl RegisteredType {
    /// Creates an entry. For generated code.
    #[doc(hidden)]
    pub const fn of<T: MessageType>(path: &'static str) -> Self {
        Self { path, new: T::boxed }
    }
}

/// Defines the registry of a tree, with one line for each resource and type. Gates are those of the tree's crate.
#[doc(hidden)]
#[macro_export]
macro_rules! registry {
    (@kind) => { ::core::option::Option::None };
    (@kind $group:literal $version:literal $kind:literal) => {
        ::core::option::Option::Some($crate::message::Gvk { group: $group, version: $version, kind: $kind })
    };
    (
        resources { $(
            $(#[$cfg:meta])? $kind:ty [$($(#[$verb_cfg:meta])? $verb:ident)*] { $(
                $(#[$sub_cfg:meta])? $sub:literal [$($(#[$sub_verb_cfg:meta])? $sub_verb:ident)*] $($sub_kind:literal)*;
            )* }
        )* }
        types { $($(#[$ty_cfg:meta])? $ty:ty;)* }
    ) => {
        /// Registry of every resource and every type of this tree.
        pub static REGISTRY: $crate::resource::Registry = $crate::resource::Registry::new(
            &[$($(#[$cfg])? $crate::resource::RegisteredResource::of::<$kind>(
                &[$($(#[$verb_cfg])? stringify!($verb)),*],
                &[$($(#[$sub_cfg])? $crate::resource::RegisteredSubresource::new(
                    $sub,
                    &[$($(#[$sub_verb_cfg])? stringify!($sub_verb)),*],
                    $crate::registry!(@kind $($sub_kind)*),
                )),*],
            )),*],
            &[$($(#[$ty_cfg])? $crate::resource::RegisteredType::of::<$ty>(stringify!($ty))),*],
        );
    };
}
