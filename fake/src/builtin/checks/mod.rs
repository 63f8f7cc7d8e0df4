//! Checks of values that no document tells of, in the words of the API server.
//!
//! They are those of the mistakes that are made most: `docs/testing-your-code.md` lists what is checked of which kind.

mod addresses;
mod affinity;
mod api_services;
mod attachments;
mod autoscaling;
mod batch;
mod candidates;
mod certificates;
mod claims_of_pods;
mod classes;
mod conditions;
mod containers;
mod csi;
mod data;
mod declared;
mod definitions;
mod devices;
mod dns;
mod embedded;
mod endpoints;
mod events;
mod evictions;
#[cfg_attr(not(feature = "cel"), path = "expressions_without_cel.rs")]
mod expressions;
mod findings;
mod flows;
mod groups;
mod leases;
mod limits;
mod matching;
mod metadata;
mod mutating_policies;
mod namespaces;
mod networking;
mod node_selectors;
mod nodes;
mod persistent_volumes;
mod pod_certificates;
mod pod_level;
mod pods;
mod policies;
mod policy;
mod quantities;
mod rbac;
mod resize;
mod scheduling;
mod schema_defaults;
mod schema_rules;
mod security;
mod selectors;
mod services;
mod spread;
mod storage;
mod storage_versions;
mod structural;
mod templates;
mod trust_bundles;
mod uids;
mod validating_policies;
mod volumes;
mod webhooks;
mod workloads;
mod x509;

use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::Resource;
use crate::status::Cause;
pub(super) use addresses::contains;
pub(crate) use addresses::problems_of_address;
use findings::Findings;
pub(crate) use resize::{fits_node, resized};
pub(crate) use selectors::selects;

/// Checks an object, a new one or one in place of another.
pub(crate) fn check(object: &Value, old: Option<&Value>, resource: &Resource) -> Vec<Cause> {
    let mut found = Findings::default();
    metadata::check(object, resource, &mut found);
    if let Some(custom) = resource.custom() {
        if custom.has_embedded {
            embedded::check(object, resource.schema(), &mut found);
        }
        return found.into_causes();
    }
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "configmaps") => data::config_map(object, old, &mut found),
        ("", "secrets") => data::secret(object, old, &mut found),
        ("", "pods") => pods::check(object, old, &mut found),
        ("", "services") => services::check(object, old, &mut found),
        ("apps", "deployments") => workloads::deployment(object, old, &mut found),
        ("apps", "replicasets") => workloads::replica_set(object, old, &mut found),
        ("apps", "statefulsets") => workloads::stateful_set(object, old, &mut found),
        ("apps", "daemonsets") => workloads::daemon_set(object, old, &mut found),
        ("coordination.k8s.io", "leasecandidates") => candidates::check(object, old, &mut found),
        ("coordination.k8s.io", "leases") => leases::check(object, &mut found),
        ("batch", "jobs") => batch::job(object, old, &mut found),
        ("batch", "cronjobs") => batch::cron_job(object, &mut found),
        ("", "endpoints") => endpoints::check(object, old, &mut found),
        ("", "limitranges") => limits::limit_range(object, &mut found),
        ("", "nodes") => nodes::check(object, old, &mut found),
        ("", "persistentvolumes") => persistent_volumes::check(object, old, &mut found),
        ("", "resourcequotas") => limits::quota(object, old, &mut found),
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies") => {
            mutating_policies::policy(object, old, &mut found);
        }
        ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings") => {
            mutating_policies::binding(object, &mut found);
        }
        ("admissionregistration.k8s.io", "validatingadmissionpolicies") => {
            validating_policies::policy(object, old, &mut found);
        }
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings") => {
            validating_policies::binding(object, &mut found);
        }
        ("admissionregistration.k8s.io", _) => webhooks::check(object, &resource.plural, old.is_none(), &mut found),
        ("apiextensions.k8s.io", "customresourcedefinitions") => definitions::check(object, old, &mut found),
        ("apiregistration.k8s.io", _) => api_services::check(object, &mut found),
        ("autoscaling", _) => autoscaling::check(object, old, &mut found),
        ("certificates.k8s.io", "certificatesigningrequests") => certificates::check(object, old, "", &mut found),
        ("certificates.k8s.io", "clustertrustbundles") => trust_bundles::check(object, old, &mut found),
        ("certificates.k8s.io", _) => pod_certificates::check(object, old, resource, &mut found),
        ("lifecycle.k8s.io", plural) => evictions::check(object, old, plural, &mut found),
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => flows::schema(object, &mut found),
        ("flowcontrol.apiserver.k8s.io", _) => flows::level(object, resource, &mut found),
        ("networking.k8s.io", "ingressclasses") => classes::ingress(object, old, &mut found),
        ("node.k8s.io", "runtimeclasses") => classes::runtime(object, old, &mut found),
        ("" | "events.k8s.io", "events") => events::check(object, old, &resource.group, &mut found),
        ("", "persistentvolumeclaims") => storage::claim(object, old, &mut found),
        ("discovery.k8s.io", "endpointslices") => networking::endpoint_slice(object, old, &mut found),
        ("networking.k8s.io", "ipaddresses") => addresses::address(object, old, &mut found),
        ("networking.k8s.io", "servicecidrs") => addresses::range(object, old, &mut found),
        ("networking.k8s.io", "ingresses") => networking::ingress(object, old, &mut found),
        ("networking.k8s.io", "networkpolicies") => networking::network_policy(object, &mut found),
        ("policy", "poddisruptionbudgets") => policy::budget(object, &mut found),
        ("rbac.authorization.k8s.io", "roles") => rbac::role(object, true, &mut found),
        ("rbac.authorization.k8s.io", "clusterroles") => rbac::role(object, false, &mut found),
        ("rbac.authorization.k8s.io", "rolebindings") => rbac::binding(object, old, true, &mut found),
        ("rbac.authorization.k8s.io", "clusterrolebindings") => rbac::binding(object, old, false, &mut found),
        ("", "podtemplates") => templates::pod_template(object, &mut found),
        ("", "replicationcontrollers") => templates::replication_controller(object, &mut found),
        ("apps", "controllerrevisions") => templates::revision(object, old, &mut found),
        ("internal.apiserver.k8s.io", _) if old.is_none() => storage_versions::version(object, &mut found),
        ("storage.k8s.io", "csidrivers") => csi::driver(object, old, &mut found),
        ("storage.k8s.io", "csinodes") => csi::node(object, old, resource, &mut found),
        ("storage.k8s.io", "csistoragecapacities") => csi::capacity(object, old, &mut found),
        ("storage.k8s.io", "volumeattachments") => attachments::attachment(object, old, &mut found),
        ("storage.k8s.io", "volumeattributesclasses") => attachments::class(object, old, &mut found),
        ("storagemigration.k8s.io", _) => storage_versions::migration(object, old, &resource.version, &mut found),
        ("resource.k8s.io", _) => devices::check(object, old, resource, &mut found),
        ("storage.k8s.io", "storageclasses") => storage::class(object, old, &mut found),
        ("scheduling.k8s.io", "priorityclasses") => data::priority_class(object, old, &mut found),
        ("scheduling.k8s.io", _) => groups::check(object, old, resource, &mut found),
        _ => {}
    }
    found.into_causes()
}

/// Checks a write of the status, or of the approval of a request of a certificate, at a time.
pub(crate) fn check_status(
    object: &Value,
    old: &Value,
    resource: &Resource,
    subresource: &str,
    now: Timestamp,
) -> Vec<Cause> {
    let mut found = Findings::default();
    metadata::check(object, resource, &mut found);
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => pods::status(object, old, &mut found),
        ("", "namespaces") => namespaces::status(object, &mut found),
        ("networking.k8s.io", "ingresses") => networking::ingress_status(object, &mut found),
        ("", "services") => services::status(object, &mut found),
        ("", "nodes") => nodes::status(object, old, &mut found),
        ("", "resourcequotas") => limits::quota_status(object, &mut found),
        ("autoscaling", _) => autoscaling::status(object, &mut found),
        ("certificates.k8s.io", "certificatesigningrequests") => {
            certificates::check(object, Some(old), subresource, &mut found);
        }
        ("certificates.k8s.io", _) => pod_certificates::status(object, old, now, &mut found),
        ("lifecycle.k8s.io", _) => evictions::status(object, old, &mut found),
        ("apiregistration.k8s.io", _) => api_services::status(object, &mut found),
        ("scheduling.k8s.io", plural) => groups::status(object, plural, &mut found),
        ("resource.k8s.io", _) => devices::check_status(object, old, resource, &mut found),
        ("flowcontrol.apiserver.k8s.io", _) => flows::conditions(&object["status"], &mut found),
        ("policy", "poddisruptionbudgets") => policy::status(object, &mut found),
        ("", "replicationcontrollers") => workloads::status(object, "replicasets", &mut found),
        ("internal.apiserver.k8s.io", _) => storage_versions::version(object, &mut found),
        ("storage.k8s.io", "volumeattachments") => attachments::attachment(object, Some(old), &mut found),
        ("storagemigration.k8s.io", _) => {
            storage_versions::migration_status(object, old, &resource.version, &mut found);
        }
        ("apps", _) => workloads::status(object, &resource.plural, &mut found),
        _ => {}
    }
    found.into_causes()
}

/// Checks a write of the ephemeral containers of a pod.
pub(crate) fn check_ephemeral(pod: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut found = Findings::default();
    pods::spec(&pod["spec"], format_args!("spec"), &mut found);
    if let Some(old) = old {
        pods::ephemeral(pod, old, &mut found);
    }
    found.into_causes()
}

/// Checks a pod that is resized.
pub(crate) fn check_resize(pod: &Value, old: &Value, minor: u32) -> Vec<Cause> {
    let mut found = Findings::default();
    pods::spec(&pod["spec"], format_args!("spec"), &mut found);
    resize::resize(pod, old, minor, &mut found);
    found.into_causes()
}
