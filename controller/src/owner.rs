//! Owner references: which object a child belongs to, so that it is deleted with it, and so that its changes trigger the
//! owner's controller ([`Controller::owns`](crate::Controller::owns)).
//!
//! ```
//! use kubewright::core::v1::ConfigMap;
//! use kubewright::apps::v1::Deployment;
//! use kubewright::meta::v1::ObjectMeta;
//! use kubewright_controller::owner::Owner;
//!
//! # let mut deployment = Deployment { metadata: ObjectMeta::named("web").in_namespace("shop"), ..Default::default() };
//! # deployment.metadata.uid = Some("5f0c".into());
//! let mut settings = ConfigMap { metadata: ObjectMeta::named("web-settings"), ..Default::default() };
//! Owner::of(&deployment)?.controller().adopt(&mut settings)?;
//! assert_eq!(settings.metadata.namespace.as_deref(), Some("shop"));
//! # Ok::<(), kubewright_controller::owner::OwnerError>(())
//! ```
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>

use kubewright::meta::v1::{ObjectMeta, OwnerReference};
use kubewright::{DynamicObject, DynamicResource, Object, Resource};

use crate::key::ObjectKey;

/// An object that owns others. See the [module](self).
#[derive(Clone, Debug)]
pub struct Owner {
    reference: OwnerReference,
    /// `None` if it is cluster-scoped.
    namespace: Option<String>,
}

/// Why an object can't be an owner, or the owner of a child.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// The owner has no uid, name or (if its kind is namespaced) namespace: it was not read from a server.
    #[error("the {kind} {name} can't be an owner: it has no {field}; use the object that the server returned")]
    Incomplete {
        /// The owner's kind.
        kind: String,
        /// The owner's name, if it has one.
        name: String,
        /// The missing field.
        field: &'static str,
    },
    /// An object in a namespace can only own objects of the same namespace.
    #[error(
        "the {owner} in namespace {owner_namespace} can't own the {child} in namespace {child_namespace}: \
         owner references don't cross namespaces, and the garbage collector would delete the child"
    )]
    OtherNamespace {
        /// The owner, as kind and name.
        owner: String,
        /// The owner's namespace.
        owner_namespace: String,
        /// The child, as kind and name.
        child: String,
        /// The child's namespace.
        child_namespace: String,
    },
    /// An object in a namespace can't own a cluster-scoped one.
    #[error(
        "the {owner} in namespace {owner_namespace} can't own the {child}, which is cluster-scoped: an owner in a namespace \
         can own objects of that namespace alone; clean up by a finalizer instead"
    )]
    ClusterScopedChild {
        /// The owner, as kind and name.
        owner: String,
        /// The owner's namespace.
        owner_namespace: String,
        /// The child, as kind and name.
        child: String,
    },
    /// The child is controlled by another object, and an object has at most one controller.
    #[error("the {owner} can't control the {child}: the {controller} does")]
    AlreadyControlled {
        /// The owner, as kind and name.
        owner: String,
        /// The child, as kind and name.
        child: String,
        /// The child's controller, as kind and name.
        controller: String,
    },
    /// An object can't own itself.
    #[error("the {owner} can't own itself")]
    Itself {
        /// The owner, as kind and name.
        owner: String,
    },
}

impl Owner {
    /// Creates an owner from an object that was read from a server.
    ///
    /// # Errors
    /// If it has no uid, name or namespace ([`OwnerError::Incomplete`]).
    pub fn of<K: Resource>(owner: &K) -> Result<Self, OwnerError> {
        Self::new(&K::RESOURCE.into(), owner.metadata())
    }

    /// Creates an owner from an object of a kind known only at run time.
    ///
    /// # Errors
    /// As for [`of`](Self::of).
    pub fn dynamic(resource: &DynamicResource, owner: &DynamicObject) -> Result<Self, OwnerError> {
        Self::new(resource, owner.metadata())
    }

    fn new(resource: &DynamicResource, metadata: &ObjectMeta) -> Result<Self, OwnerError> {
        let incomplete = |field| OwnerError::Incomplete {
            kind: resource.kind.clone(),
            name: metadata.name.as_deref().unwrap_or("(unnamed)").to_owned(),
            field,
        };
        let set = |field: &Option<kubewright::CompactString>| field.clone().filter(|value| !value.is_empty());
        let namespace = match set(&metadata.namespace) {
            _ if !resource.namespaced => None,
            Some(namespace) => Some(namespace.into()),
            None => return Err(incomplete("metadata.namespace")),
        };
        let reference = OwnerReference {
            api_version: resource.api_version().into(),
            kind: resource.kind.as_str().into(),
            name: set(&metadata.name).ok_or_else(|| incomplete("metadata.name"))?,
            uid: set(&metadata.uid).ok_or_else(|| incomplete("metadata.uid"))?,
            ..OwnerReference::default()
        };
        Ok(Self { reference, namespace })
    }

    /// Makes it the controller of its children: at most one owner is, and its controller manages them. It also sets
    /// [`block_owner_deletion`](Self::block_owner_deletion), as kubectl and client-go do.
    pub fn controller(mut self) -> Self {
        self.reference.controller = Some(true);
        self.block_owner_deletion(true)
    }

    /// Sets whether a deletion of the owner in the foreground waits for its children. On clusters with the admission plugin
    /// `OwnerReferencesPermissionEnforcement` (OpenShift), setting it requires the permission to update the owner's
    /// subresource `finalizers`.
    ///
    /// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/#foreground-deletion>
    pub fn block_owner_deletion(mut self, block: bool) -> Self {
        self.reference.block_owner_deletion = Some(block);
        self
    }

    /// Returns the owner reference.
    pub fn reference(&self) -> &OwnerReference {
        &self.reference
    }

    /// Adds the owner reference to a child, or replaces the one for an object of this group, kind and name. A child of a
    /// namespaced kind that has no namespace yet gets the owner's.
    ///
    /// # Errors
    /// If the child is in another namespace, or cluster-scoped while the owner is not, or is controlled by another object,
    /// or is the owner itself. The child is then unchanged.
    pub fn adopt<C: Resource>(&self, child: &mut C) -> Result<(), OwnerError> {
        self.adopt_any(C::RESOURCE.kind, C::RESOURCE.namespaced, child.metadata_mut())
    }

    /// Same as [`adopt`](Self::adopt), for a child of a kind known only at run time.
    ///
    /// # Errors
    /// As for [`adopt`](Self::adopt).
    pub fn adopt_dynamic(&self, resource: &DynamicResource, child: &mut DynamicObject) -> Result<(), OwnerError> {
        self.adopt_any(&resource.kind, resource.namespaced, child.metadata_mut())
    }

    fn adopt_any(&self, kind: &str, namespaced: bool, child: &mut ObjectMeta) -> Result<(), OwnerError> {
        let owner = || label(&self.reference.kind, &self.reference.name);
        let child_label =
            || label(kind, child.name.as_deref().or(child.generate_name.as_deref()).unwrap_or("(unnamed)"));
        if child.uid.as_ref() == Some(&self.reference.uid) {
            return Err(OwnerError::Itself { owner: owner() });
        }
        let child_namespace = child.namespace.as_deref().filter(|namespace| !namespace.is_empty());
        let mut inherits = false;
        if let Some(namespace) = &self.namespace {
            if !namespaced {
                let owner_namespace = namespace.clone();
                return Err(OwnerError::ClusterScopedChild { owner: owner(), owner_namespace, child: child_label() });
            }
            match child_namespace {
                None => inherits = true,
                Some(same) if same == namespace => {}
                Some(other) => {
                    return Err(OwnerError::OtherNamespace {
                        owner: owner(),
                        owner_namespace: namespace.clone(),
                        child: child_label(),
                        child_namespace: other.to_owned(),
                    });
                }
            }
        }
        if self.reference.controller == Some(true)
            && let Some(controller) = controller_of(child)
            && !is_same(controller, &self.reference)
        {
            let controller = label(&controller.kind, &controller.name);
            return Err(OwnerError::AlreadyControlled { owner: owner(), child: child_label(), controller });
        }
        if inherits {
            child.namespace = self.namespace.as_deref().map(Into::into);
        }
        match child.owner_references.iter_mut().find(|known| is_same(known, &self.reference)) {
            Some(known) => *known = self.reference.clone(),
            None => child.owner_references.push(self.reference.clone()),
        }
        Ok(())
    }

    /// Removes the owner reference from a child. Returns whether there was one.
    pub fn release<C: Object>(&self, child: &mut C) -> bool {
        let references = &mut child.metadata_mut().owner_references;
        let before = references.len();
        references.retain(|known| known.uid != self.reference.uid);
        references.len() < before
    }
}

/// Returns the reference to an object's controller.
pub fn controller_of(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().find(|reference| reference.controller == Some(true))
}

/// Returns the keys of an object's owners of this kind, whatever the version: the one that controls it, or all.
pub(crate) fn owners<'a>(
    metadata: &'a ObjectMeta,
    kind: &'a DynamicResource,
    only_controller: bool,
) -> impl Iterator<Item = ObjectKey> + 'a {
    let references = metadata.owner_references.iter().filter(move |reference| {
        (!only_controller || reference.controller == Some(true))
            && reference.kind == kind.kind
            && group_of(&reference.api_version) == kind.group
    });
    references.map(|reference| match metadata.namespace.as_deref().filter(|_| kind.namespaced) {
        Some(namespace) => ObjectKey::namespaced(namespace, reference.name.as_str()),
        None => ObjectKey::cluster(reference.name.as_str()),
    })
}

/// Whether two references are for an object of the same group, kind and name. The version is that of the program that
/// wrote it.
fn is_same(one: &OwnerReference, other: &OwnerReference) -> bool {
    one.kind == other.kind && one.name == other.name && group_of(&one.api_version) == group_of(&other.api_version)
}

fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn label(kind: &str, name: &str) -> String {
    format!("{kind} {name}")
}

#[cfg(test)]
mod tests {
    use kubewright::apps::v1::Deployment;
    use kubewright::core::v1::{ConfigMap, Node, Pod};

    use super::*;

    fn deployment() -> Deployment {
        let mut owner = Deployment { metadata: ObjectMeta::named("web").in_namespace("shop"), ..Default::default() };
        owner.metadata.uid = Some("1".into());
        owner
    }

    fn node() -> Node {
        let mut owner = Node { metadata: ObjectMeta::named("n1"), ..Default::default() };
        owner.metadata.uid = Some("2".into());
        owner
    }

    fn map(namespace: &str) -> ConfigMap {
        let metadata = ObjectMeta::named("settings");
        let metadata = if namespace.is_empty() { metadata } else { metadata.in_namespace(namespace) };
        ConfigMap { metadata, ..Default::default() }
    }

    #[test]
    fn a_controller_reference_is_what_kubectl_and_client_go_write() {
        let mut child = map("shop");
        Owner::of(&deployment()).expect("an owner").controller().adopt(&mut child).expect("adopted");
        let [reference] = &child.metadata.owner_references[..] else { panic!("{child:?}") };
        let OwnerReference { api_version, kind, name, uid, controller, block_owner_deletion, .. } = reference;
        assert_eq!([&**api_version, &**kind, &**name, &**uid], ["apps/v1", "Deployment", "web", "1"]);
        assert_eq!((*controller, *block_owner_deletion), (Some(true), Some(true)));
    }

    #[test]
    fn an_owner_that_is_no_controller_blocks_nothing_unless_it_is_asked_to() {
        let owner = Owner::of(&node()).expect("an owner");
        let mut child = map("shop");
        owner.adopt(&mut child).expect("adopted");
        owner.clone().block_owner_deletion(true).adopt(&mut child).expect("adopted again");
        let [reference] = &child.metadata.owner_references[..] else { panic!("{child:?}") };
        assert_eq!((reference.controller, reference.block_owner_deletion), (None, Some(true)));
    }

    #[test]
    fn a_child_without_a_namespace_gets_that_of_its_owner_if_there_is_one() {
        let mut child = map("");
        Owner::of(&node()).expect("an owner").adopt(&mut child).expect("adopted");
        assert_eq!(child.metadata.namespace, None);
        Owner::of(&deployment()).expect("an owner").adopt(&mut child).expect("adopted");
        assert_eq!(child.metadata.namespace.as_deref(), Some("shop"));
    }

    #[test]
    fn what_the_garbage_collector_would_delete_is_an_error_that_says_why() {
        let owner = Owner::of(&deployment()).expect("an owner");
        let mut child = map("other");
        let error = owner.adopt(&mut child).expect_err("another namespace");
        assert_eq!(
            error.to_string(),
            "the Deployment web in namespace shop can't own the ConfigMap settings in namespace other: owner references \
             don't cross namespaces, and the garbage collector would delete the child"
        );
        assert_eq!(child, map("other"), "it is unchanged");

        let error = owner.adopt(&mut node()).expect_err("a cluster-scoped child");
        assert!(matches!(error, OwnerError::ClusterScopedChild { .. }), "{error}");
        assert!(error.to_string().contains("the Node n1, which is cluster-scoped"), "{error}");

        // The other way round is fine, in any namespace.
        Owner::of(&node()).expect("an owner").adopt(&mut map("other")).expect("adopted");
        Owner::of(&node()).expect("an owner").adopt(&mut Node::default()).expect("adopted");
    }

    #[test]
    fn a_second_controller_is_rejected_and_a_second_owner_is_not() {
        let mut child = map("shop");
        Owner::of(&deployment()).expect("an owner").controller().adopt(&mut child).expect("adopted");
        let before = child.clone();
        let second = Owner::of(&node()).expect("an owner");
        let error = second.clone().controller().adopt(&mut child).expect_err("it is controlled");
        assert_eq!(error.to_string(), "the Node n1 can't control the ConfigMap settings: the Deployment web does");
        assert_eq!(child, before);
        second.adopt(&mut child).expect("adopted");
        assert_eq!(child.metadata.owner_references.len(), 2);
    }

    #[test]
    fn the_reference_to_an_owner_that_was_created_again_or_has_another_version_is_replaced() {
        let mut child = map("shop");
        let mut owner = Owner::of(&deployment()).expect("an owner").controller();
        owner.reference.api_version = "apps/v1beta2".into();
        owner.adopt(&mut child).expect("adopted");
        let mut again = deployment();
        again.metadata.uid = Some("9".into());
        Owner::of(&again).expect("an owner").controller().adopt(&mut child).expect("adopted");
        let [reference] = &child.metadata.owner_references[..] else { panic!("{child:?}") };
        assert_eq!([&*reference.api_version, &*reference.uid], ["apps/v1", "9"]);
    }

    #[test]
    fn an_object_that_no_server_returned_is_no_owner() {
        let mut owner = deployment();
        owner.metadata.uid = None;
        let error = Owner::of(&owner).expect_err("no uid");
        assert!(error.to_string().contains("the Deployment web can't be an owner: it has no metadata.uid"), "{error}");
        owner = deployment();
        owner.metadata.namespace = Some("".into());
        let error = Owner::of(&owner).expect_err("no namespace");
        assert!(matches!(error, OwnerError::Incomplete { field: "metadata.namespace", .. }), "{error}");
    }

    #[test]
    fn an_object_does_not_own_itself() {
        let mut owner = deployment();
        let error = Owner::of(&owner).expect("an owner").adopt(&mut owner).expect_err("itself");
        assert_eq!(error, OwnerError::Itself { owner: "Deployment web".into() });
    }

    #[test]
    fn a_released_child_keeps_its_other_owners() {
        let mut child = map("shop");
        let (one, other) = (Owner::of(&deployment()).expect("an owner"), Owner::of(&node()).expect("an owner"));
        one.adopt(&mut child).expect("adopted");
        other.adopt(&mut child).expect("adopted");
        assert!(one.release(&mut child) && !one.release(&mut child));
        assert_eq!(child.metadata.owner_references[0].uid, "2");
    }

    #[test]
    fn owners_are_found_by_group_and_kind_in_the_namespace_of_the_child() {
        let mut child = Pod { metadata: ObjectMeta::named("p").in_namespace("shop"), ..Default::default() };
        let reference = |api_version: &str, kind: &str, name: &str, controller| OwnerReference {
            api_version: api_version.into(),
            kind: kind.into(),
            name: name.into(),
            controller,
            ..Default::default()
        };
        child.metadata.owner_references = vec![
            reference("apps/v1beta1", "Deployment", "a", Some(true)),
            reference("apps/v1", "Deployment", "b", None),
            reference("example.com/v1", "Deployment", "c", None),
            reference("apps/v1", "ReplicaSet", "d", None),
            reference("v1", "Node", "n1", None),
        ];
        let found = |kind: &DynamicResource, only_controller| -> Vec<String> {
            owners(&child.metadata, kind, only_controller).map(|key| key.to_string()).collect()
        };
        assert_eq!(found(&Deployment::RESOURCE.into(), true), ["shop/a"]);
        assert_eq!(found(&Deployment::RESOURCE.into(), false), ["shop/a", "shop/b"]);
        assert_eq!(found(&Node::RESOURCE.into(), false), ["n1"]);
    }
}
