//! Service account, roles and bindings.

use std::collections::BTreeSet;

use kubewright::CompactString;
use kubewright::core::v1::ServiceAccount;
use kubewright::meta::v1::ObjectMeta;
use kubewright::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding, RoleRef, Subject};

use super::policy;
use super::rules::{Place, Rules};

const GROUP: &str = "rbac.authorization.k8s.io";

/// A service account, and the roles and bindings that allow it what [`Rules`] declare.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Manifests {
    /// The account of the program's pods.
    pub service_account: ServiceAccount,
    /// What is allowed in the whole cluster, if anything is.
    pub cluster_role: Option<ClusterRole>,
    /// Binds the cluster role to the account.
    pub cluster_role_binding: Option<ClusterRoleBinding>,
    /// What is allowed in single namespaces.
    pub roles: Vec<Role>,
    /// Bind each role to the account, in the order of the roles.
    pub role_bindings: Vec<RoleBinding>,
}

impl Rules {
    /// Returns the manifests of a program that watches all namespaces. All objects have this name; the account is in the
    /// namespace that the program runs in.
    pub fn manifests(&self, name: &str, namespace: &str) -> Manifests {
        self.manifests_of(name, namespace, None)
    }

    /// Same for a program that watches these namespaces alone: what it does in them is in a role of each.
    pub fn manifests_in<'n>(
        &self,
        name: &str,
        namespace: &str,
        watched: impl IntoIterator<Item = &'n str>,
    ) -> Manifests {
        let watched = watched.into_iter().collect();
        self.manifests_of(name, namespace, Some(watched))
    }

    fn manifests_of<'a>(&self, name: &str, own: &'a str, watched: Option<BTreeSet<&'a str>>) -> Manifests {
        let at = |places: &[Place]| policy::rules(self.permissions.iter().filter(|one| places.contains(&one.place)));
        let cluster_wide = match watched {
            None => at(&[Place::Cluster, Place::Watched]),
            Some(_) => at(&[Place::Cluster]),
        };
        let watched = watched.unwrap_or_default();
        let mut namespaces = watched.clone();
        namespaces.insert(own);
        let roles: Vec<_> = namespaces
            .into_iter()
            .map(|namespace| {
                let rules = match (namespace == own, watched.contains(namespace)) {
                    (true, true) => at(&[Place::Own, Place::Watched]),
                    (true, false) => at(&[Place::Own]),
                    (false, _) => at(&[Place::Watched]),
                };
                Role { metadata: named(name).in_namespace(namespace), rules, ..Role::default() }
            })
            .filter(|role| !role.rules.is_empty())
            .collect();
        let subject = Subject {
            kind: "ServiceAccount".into(),
            name: name.into(),
            namespace: Some(own.into()),
            ..Subject::default()
        };
        let bound = |kind: &str| RoleRef {
            api_group: GROUP.into(),
            kind: kind.into(),
            name: name.into(),
            ..RoleRef::default()
        };
        let role_bindings = roles
            .iter()
            .map(|role| RoleBinding {
                metadata: role.metadata.clone(),
                subjects: vec![subject.clone()],
                role_ref: bound("Role"),
                ..RoleBinding::default()
            })
            .collect();
        let has_cluster_role = !cluster_wide.is_empty();
        Manifests {
            service_account: ServiceAccount { metadata: named(name).in_namespace(own), ..ServiceAccount::default() },
            cluster_role: has_cluster_role.then(|| ClusterRole {
                metadata: named(name),
                rules: cluster_wide,
                ..ClusterRole::default()
            }),
            cluster_role_binding: has_cluster_role.then(|| ClusterRoleBinding {
                metadata: named(name),
                subjects: vec![subject.clone()],
                role_ref: bound("ClusterRole"),
                ..ClusterRoleBinding::default()
            }),
            roles,
            role_bindings,
        }
    }
}

/// The label by which all of them are found.
fn named(name: &str) -> ObjectMeta {
    ObjectMeta::named(name).label("app.kubernetes.io/name", CompactString::from(name))
}

#[cfg(feature = "yaml")]
impl Manifests {
    /// Returns all of them as a YAML file for `kubectl apply`.
    ///
    /// # Errors
    /// One can't be written, which the encoder does not do to these kinds.
    pub fn to_yaml(&self) -> Result<String, kubewright::yaml::Error> {
        use kubewright::yaml::to_string;
        let mut documents = vec![to_string(&self.service_account)?];
        if let Some(role) = &self.cluster_role {
            documents.push(to_string(role)?);
        }
        if let Some(binding) = &self.cluster_role_binding {
            documents.push(to_string(binding)?);
        }
        for (role, binding) in self.roles.iter().zip(&self.role_bindings) {
            documents.extend([to_string(role)?, to_string(binding)?]);
        }
        Ok(documents.join("---\n"))
    }
}
