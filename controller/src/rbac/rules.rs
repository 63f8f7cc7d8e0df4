//! The operations that a program declares.

use std::collections::BTreeSet;
use std::fmt;

use kubewright::coordination::v1::Lease;
use kubewright::events::v1::Event;
use kubewright::{CompactString, DynamicResource, Resource, verbs};

use super::Verb;
use super::Verb::{Create, Delete, Get, List, Patch, Update, Watch};

/// Operations on resources: what a program does, or what it may do.
///
/// Each method declares what one use of a kind requires; the same may be declared twice.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Rules {
    pub(super) permissions: BTreeSet<Permission>,
}

/// One verb on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permission {
    pub(super) place: Place,
    pub(super) target: Target,
    pub(super) verb: Verb,
}

/// Where a program's objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Cluster-scoped, or no resource at all.
    Cluster,
    /// In the namespaces that the program watches.
    Watched,
    /// In the namespace that the program runs in.
    Own,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Resource {
        /// The API group; empty for the core group.
        group: CompactString,
        /// The plural name, with a subresource after a slash.
        resource: CompactString,
        /// The only object; `None` for all.
        name: Option<CompactString>,
    },
    /// A path that is no resource, such as `/metrics`.
    Url(CompactString),
}

impl Target {
    /// Whether whoever may do something with this one may do it with the other.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Resource { group, resource, name },
                Self::Resource { group: other_group, resource: other_resource, name: other_name },
            ) => group == other_group && resource == other_resource && (name.is_none() || name == other_name),
            _ => self == other,
        }
    }
}

impl Rules {
    /// Creates rules that allow nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads objects by name: `get`.
    pub fn reads<K: Resource + verbs::Get>(self) -> Self {
        self.writes::<K>([Get])
    }

    /// Watches objects: `get`, `list` and `watch`, which a controller's caches and waits require.
    pub fn watches<K: Resource + verbs::List + verbs::Watch>(self) -> Self {
        self.writes::<K>([Get, List, Watch])
    }

    /// Applies objects (server-side apply): `patch`, and `create` for those that do not exist yet.
    pub fn applies<K: Resource + verbs::Patch>(self) -> Self {
        self.writes::<K>([Create, Patch])
    }

    /// Watches, applies and deletes objects, as a controller does with those that it owns.
    pub fn owns<K: Resource + verbs::List + verbs::Watch + verbs::Patch + verbs::Delete>(self) -> Self {
        self.watches::<K>().applies::<K>().writes::<K>([Delete])
    }

    /// Any verbs on a kind.
    pub fn writes<K: Resource>(self, verbs: impl IntoIterator<Item = Verb>) -> Self {
        self.resource(&K::RESOURCE.into(), verbs)
    }

    /// Writes the status by patch or server-side apply: `patch` on the subresource.
    pub fn status<K: Resource>(self) -> Self {
        self.subresource::<K>("status", [Patch])
    }

    /// Any verbs on a subresource, such as `create` on `eviction`.
    pub fn subresource<K: Resource>(self, subresource: &str, verbs: impl IntoIterator<Item = Verb>) -> Self {
        self.at(Place::Watched, &K::RESOURCE.into(), Some(subresource), None, verbs)
    }

    /// Adds and removes finalizers: `patch`.
    pub fn finalizes<K: Resource + verbs::Patch>(self) -> Self {
        self.writes::<K>([Patch])
    }

    /// Creates owner references to the kind that block the owner's deletion: `update` on the subresource `finalizers`,
    /// which the admission plugin `OwnerReferencesPermissionEnforcement` requires. It is on by default in OpenShift.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#ownerreferencespermissionenforcement>
    pub fn blocks_deletion_of<K: Resource>(self) -> Self {
        self.subresource::<K>("finalizers", [Update])
    }

    /// Records events: `create`, and `patch` for series, of `events.k8s.io`. Events are in the namespaces of the objects
    /// that they are about.
    pub fn events(self) -> Self {
        self.writes::<Event>([Create, Patch])
    }

    /// Elects a leader by a Lease of this name, in the namespace that the program runs in: `get` and `update` of that
    /// one. `create` can't be restricted to a name, and is allowed for every Lease of the namespace.
    ///
    /// <https://kubernetes.io/docs/concepts/architecture/leases/>
    pub fn lease(self, name: &str) -> Self {
        let leases = Lease::RESOURCE.into();
        self.at(Place::Own, &leases, None, Some(name), [Get, Update]).at(Place::Own, &leases, None, None, [Create])
    }

    /// Maintains any Leases in the namespace that the program runs in, such as those of an operator's replicas: `get`,
    /// `list`, `watch`, `create`, `update` and `delete`.
    pub fn leases(self) -> Self {
        let verbs = [Get, List, Watch, Create, Update, Delete];
        self.at(Place::Own, &Lease::RESOURCE.into(), None, None, verbs)
    }

    /// Any verbs on a resource that is known only at run time.
    pub fn resource(self, resource: &DynamicResource, verbs: impl IntoIterator<Item = Verb>) -> Self {
        self.at(Place::Watched, resource, None, None, verbs)
    }

    /// Any verbs on a path that is no resource, such as `get` on `/metrics`.
    pub fn url(mut self, path: &str, verbs: impl IntoIterator<Item = Verb>) -> Self {
        self.add(Place::Cluster, Target::Url(path.into()), verbs);
        self
    }

    /// Everything that either declares.
    pub fn and(mut self, other: &Rules) -> Self {
        self.permissions.extend(other.permissions.iter().cloned());
        self
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.permissions.is_empty()
    }

    /// Returns what these rules do not allow of `needed`, wherever the objects are.
    #[must_use]
    pub fn missing(&self, needed: &Rules) -> Rules {
        needed.but(|needed| self.permissions.iter().any(|own| covers(own, needed)))
    }

    /// Returns what these rules allow and `needed` does not need, wherever the objects are. A rule for all objects is
    /// needed if one for a single object is.
    #[must_use]
    pub fn unused(&self, needed: &Rules) -> Rules {
        self.but(|own| needed.permissions.iter().any(|needed| covers(own, needed)))
    }

    fn but(&self, leave_out: impl Fn(&Permission) -> bool) -> Rules {
        Rules { permissions: self.permissions.iter().filter(|permission| !leave_out(permission)).cloned().collect() }
    }

    fn at(
        mut self,
        place: Place,
        resource: &DynamicResource,
        subresource: Option<&str>,
        name: Option<&str>,
        verbs: impl IntoIterator<Item = Verb>,
    ) -> Self {
        let place = if resource.namespaced { place } else { Place::Cluster };
        let target = Target::Resource {
            group: resource.group.as_str().into(),
            resource: match subresource {
                Some(subresource) => format!("{}/{subresource}", resource.plural).into(),
                None => resource.plural.as_str().into(),
            },
            name: name.map(Into::into),
        };
        self.add(place, target, verbs);
        self
    }

    pub(super) fn add(&mut self, place: Place, target: Target, verbs: impl IntoIterator<Item = Verb>) {
        let permission = |verb| Permission { place, target: target.clone(), verb };
        self.permissions.extend(verbs.into_iter().map(permission));
    }
}

fn covers(own: &Permission, needed: &Permission) -> bool {
    own.verb == needed.verb && own.target.covers(&needed.target)
}

/// A line for each verb and resource: `patch deployments/status.apps`.
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Permission { target, verb, .. } in &self.permissions {
            match target {
                Target::Url(path) => writeln!(f, "{verb} {path}")?,
                Target::Resource { group, resource, name } => {
                    let dot = if group.is_empty() { "" } else { "." };
                    write!(f, "{verb} {resource}{dot}{group}")?;
                    match name {
                        Some(name) => writeln!(f, " {name}")?,
                        None => writeln!(f)?,
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.to_string().lines()).finish()
    }
}
