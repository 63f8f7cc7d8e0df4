//! Which resources and types a generated tree has, as data.

use super::{Resource, ResourceDesc, name};
use crate::message::{Gvk, Message, MessageType};
use crate::meta::v1::List;

/// Every resource and every type of a generated tree, for programs that learn at run time which of them they need:
/// admission webhooks, fake servers, tools that read manifests, tests that must leave nothing out.
///
/// It is what Go's clients call a [scheme](https://pkg.go.dev/k8s.io/apimachinery/pkg/runtime#Scheme). What a server
/// has, custom resources included, is in its discovery documents, which `Client::discovery` reads.
#[derive(Clone, Copy, Debug)]
pub struct Registry {
    resources: &'static [RegisteredResource],
    types: &'static [RegisteredType],
}

/// A resource, as the API server's documents list it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RegisteredResource {
    /// Its names and scope.
    pub desc: &'static ResourceDesc,
    /// What can be done with it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verbs: &'static [&'static str],
    /// What hangs below one object, such as `status`.
    pub subresources: &'static [RegisteredSubresource],
    /// Makes an empty object.
    pub object: fn() -> Box<dyn Message>,
    /// Makes an empty list.
    pub list: fn() -> Box<dyn Message>,
}

/// A subresource, as the API server's documents list it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredSubresource {
    /// The name in paths, such as `status`.
    pub name: &'static str,
    /// What can be done with it: `get`, `create`, `update`, `patch`; and `connect` where it is a stream of bytes or a proxy, for
    /// which RBAC asks for `get` or `create`.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#request-verb-resource>
    pub verbs: &'static [&'static str],
    /// The kind that is sent, such as `Scale` of `autoscaling/v1`; that of the resource itself for `status`.
    pub kind: Option<Gvk>,
}

/// A type of objects, or of a part of them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RegisteredType {
    /// Its path in the tree: `apps::v1::DeploymentSpec`.
    pub path: &'static str,
    /// Makes an empty one.
    pub new: fn() -> Box<dyn Message>,
}

impl Registry {
    /// Of these. Generated code calls it.
    #[doc(hidden)]
    pub const fn new(resources: &'static [RegisteredResource], types: &'static [RegisteredType]) -> Self {
        Self { resources, types }
    }

    /// The resources, by group, version and name.
    pub fn resources(&self) -> &'static [RegisteredResource] {
        self.resources
    }

    /// The types, with what stands in objects (`PodSpec`) and the lists of each kind.
    pub fn types(&self) -> &'static [RegisteredType] {
        self.types
    }

    /// The resource of this name in paths, such as `apps`, `v1` and `deployments`; the core group's name is empty.
    pub fn resource(&self, group: &str, version: &str, plural: &str) -> Option<&'static RegisteredResource> {
        self.resources.iter().find(|resource| {
            let desc = resource.desc;
            desc.plural == plural && desc.group == group && desc.version == version
        })
    }

    /// The resource whose objects have this `apiVersion` and kind, as they stand in a manifest: `apps/v1` and
    /// `Deployment`.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&'static RegisteredResource> {
        self.resources.iter().find(|resource| {
            let gvk = resource.desc.gvk();
            gvk.kind == kind && gvk.is_api_version(api_version)
        })
    }

    /// Makes an empty message of an `apiVersion` and kind. Beside those of [resources](Self::kind) there are kinds that are
    /// only sent or answered, such as `Scale` and `Eviction`.
    pub fn message(&self, api_version: &str, kind: &str) -> Option<Box<dyn Message>> {
        if let Some(resource) = self.kind(api_version, kind) {
            return Some((resource.object)());
        }
        let is_it = |gvk: Gvk| gvk.kind == kind && gvk.is_api_version(api_version);
        self.types.iter().map(|known| (known.new)()).find(|message| message.descriptor().gvk.is_some_and(is_it))
    }

    /// The resources that a name means which `kubectl get` takes, in any letter case and the likeliest first: plural,
    /// singular, short name or kind, alone (`deploy`), with a group (`deployments.apps`), or with a version and a group
    /// (`deployments.v1.apps`). The server knows which version it prefers; this doesn't.
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
    /// Of a kind. Generated code calls it.
    #[doc(hidden)]
    pub const fn of<K: Resource>(
        verbs: &'static [&'static str],
        subresources: &'static [RegisteredSubresource],
    ) -> Self {
        Self { desc: K::RESOURCE, verbs, subresources, object: K::boxed, list: <List<K> as MessageType>::boxed }
    }

    /// Whether it has a verb, such as `watch`.
    pub fn supports(&self, verb: &str) -> bool {
        self.verbs.contains(&verb)
    }

    /// A subresource by its name.
    pub fn subresource(&self, name: &str) -> Option<&'static RegisteredSubresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

impl RegisteredSubresource {
    /// Of these. Generated code calls it.
    #[doc(hidden)]
    pub const fn new(name: &'static str, verbs: &'static [&'static str], kind: Option<Gvk>) -> Self {
        Self { name, verbs, kind }
    }
}

impl RegisteredType {
    /// Of a type. Generated code calls it.
    #[doc(hidden)]
    pub const fn of<T: MessageType>(path: &'static str) -> Self {
        Self { path, new: T::boxed }
    }
}
