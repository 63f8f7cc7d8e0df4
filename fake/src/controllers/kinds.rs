//! The kinds that controllers read and write.

use crate::catalog::StorageKey;

/// A built-in kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    pub name: &'static str,
    pub plural: &'static str,
}

const fn kind(group: &'static str, version: &'static str, name: &'static str, plural: &'static str) -> Kind {
    Kind { group, version, name, plural }
}

pub(super) const CONFIG_MAPS: Kind = kind("", "v1", "ConfigMap", "configmaps");
pub(super) const CRON_JOBS: Kind = kind("batch", "v1", "CronJob", "cronjobs");
pub(super) const DAEMON_SETS: Kind = kind("apps", "v1", "DaemonSet", "daemonsets");
pub(super) const DEPLOYMENTS: Kind = kind("apps", "v1", "Deployment", "deployments");
pub(super) const ENDPOINTS: Kind = kind("", "v1", "Endpoints", "endpoints");
pub(super) const ENDPOINT_SLICES: Kind = kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices");
pub(super) const JOBS: Kind = kind("batch", "v1", "Job", "jobs");
pub(super) const NAMESPACES: Kind = kind("", "v1", "Namespace", "namespaces");
pub(super) const NODES: Kind = kind("", "v1", "Node", "nodes");
pub(super) const PERSISTENT_VOLUME_CLAIMS: Kind = kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims");
pub(super) const PODS: Kind = kind("", "v1", "Pod", "pods");
pub(super) const POD_DISRUPTION_BUDGETS: Kind = kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets");
pub(super) const REPLICA_SETS: Kind = kind("apps", "v1", "ReplicaSet", "replicasets");
pub(super) const RESOURCE_QUOTAS: Kind = kind("", "v1", "ResourceQuota", "resourcequotas");
pub(super) const SERVICES: Kind = kind("", "v1", "Service", "services");
pub(super) const SERVICE_ACCOUNTS: Kind = kind("", "v1", "ServiceAccount", "serviceaccounts");
pub(super) const STATEFUL_SETS: Kind = kind("apps", "v1", "StatefulSet", "statefulsets");

impl Kind {
    pub fn api_version(self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    pub fn storage(self) -> StorageKey {
        StorageKey::new(self.group, self.plural)
    }
}
