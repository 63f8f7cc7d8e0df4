//! The built-in kinds that are served, and by which rules.

use crate::catalog::{Resource, Source};

/// A built-in kind that is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub group: &'static str,
    pub plural: &'static str,
    /// Whether a PUT creates an object where there is none.
    pub is_created_by_put: bool,
    /// Whether an object is replaced with a resourceVersion alone.
    pub needs_version: bool,
    pub generation: Generation,
    /// What of the metadata a write of the status leaves as it is, beside all of the spec.
    pub kept_by_status: &'static [&'static str],
    /// The fields that selectors may name, beside the name and namespace.
    pub selectable: &'static [&'static str],
    /// Whether a deletion answers with the object, even if nothing of it stays.
    pub is_returned_when_deleted: bool,
    /// Whether a new object has the status that it is sent with, rather than one of the server's.
    pub is_created_with_status: bool,
}

/// When an object gets another generation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Generation {
    /// It has none.
    None,
    /// It has one, which stays.
    Constant,
    /// With the spec.
    Spec,
    /// With the spec; a new object has none.
    ChangesOfSpec,
    /// With the spec or the annotations.
    SpecAndAnnotations,
    /// With all but the metadata, and the labels.
    AllAndLabels,
    /// With the template of pods.
    Template,
    /// With the webhooks.
    Webhooks,
}

const fn kind(group: &'static str, plural: &'static str) -> Kind {
    Kind {
        group,
        plural,
        is_created_by_put: false,
        needs_version: false,
        generation: Generation::None,
        kept_by_status: &[],
        selectable: &[],
        is_returned_when_deleted: false,
        is_created_with_status: false,
    }
}

impl Kind {
    const fn created_by_put(self) -> Self {
        Self { is_created_by_put: true, ..self }
    }

    const fn replaced_by_version(self) -> Self {
        Self { needs_version: true, ..self }
    }

    const fn generation(self, generation: Generation) -> Self {
        Self { generation, ..self }
    }

    const fn status_keeps(self, kept_by_status: &'static [&'static str]) -> Self {
        Self { kept_by_status, ..self }
    }

    const fn selected_by(self, selectable: &'static [&'static str]) -> Self {
        Self { selectable, ..self }
    }

    const fn returned_when_deleted(self) -> Self {
        Self { is_returned_when_deleted: true, ..self }
    }

    const fn created_with_status(self) -> Self {
        Self { is_created_with_status: true, ..self }
    }
}

use Generation::{AllAndLabels, ChangesOfSpec, Constant, Spec, SpecAndAnnotations, Template, Webhooks};

/// All of the metadata that a write of the status can leave as it is.
const METADATA: &[&str] = &["annotations", "finalizers", "labels", "ownerReferences"];

/// The kinds, each with all that the API server does to it at the writes that `docs/testing-your-code.md` lists.
const KINDS: &[Kind] = &[
    kind("", "bindings"),
    kind("", "componentstatuses"),
    kind("", "configmaps"),
    kind("", "endpoints").created_by_put(),
    kind("", "events").created_by_put().selected_by(&[
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ]),
    kind("", "limitranges").created_by_put(),
    kind("", "namespaces").selected_by(&["status.phase"]),
    kind("", "nodes").created_with_status().selected_by(&["spec.unschedulable"]),
    kind("", "persistentvolumeclaims").returned_when_deleted(),
    kind("", "persistentvolumes").returned_when_deleted(),
    kind("", "pods").generation(Spec).status_keeps(&["ownerReferences"]).returned_when_deleted().selected_by(&[
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ]),
    kind("", "podtemplates").generation(Template).returned_when_deleted(),
    kind("", "replicationcontrollers").generation(Spec).selected_by(&["status.replicas"]),
    kind("", "resourcequotas").returned_when_deleted(),
    kind("", "secrets").selected_by(&["type"]),
    kind("", "serviceaccounts").returned_when_deleted(),
    kind("", "services").created_by_put().returned_when_deleted().selected_by(&["spec.clusterIP", "spec.type"]),
    kind("admissionregistration.k8s.io", "mutatingadmissionpolicies").replaced_by_version().generation(Spec),
    kind("admissionregistration.k8s.io", "mutatingadmissionpolicybindings").replaced_by_version().generation(Spec),
    kind("admissionregistration.k8s.io", "mutatingwebhookconfigurations").replaced_by_version().generation(Webhooks),
    kind("admissionregistration.k8s.io", "validatingwebhookconfigurations").replaced_by_version().generation(Webhooks),
    kind("admissionregistration.k8s.io", "validatingadmissionpolicies")
        .replaced_by_version()
        .generation(Spec)
        .status_keeps(&["annotations", "finalizers", "labels", "ownerReferences"]),
    kind("admissionregistration.k8s.io", "validatingadmissionpolicybindings").replaced_by_version().generation(Spec),
    kind("apiextensions.k8s.io", "customresourcedefinitions").replaced_by_version().generation(Spec),
    kind("apiregistration.k8s.io", "apiservices").replaced_by_version().status_keeps(METADATA),
    kind("apps", "controllerrevisions"),
    kind("apps", "daemonsets").generation(Spec),
    kind("apps", "deployments").generation(SpecAndAnnotations).status_keeps(&["labels"]),
    kind("apps", "replicasets").generation(Spec).selected_by(&["status.replicas"]),
    kind("apps", "statefulsets").generation(Spec),
    kind("authentication.k8s.io", "selfsubjectreviews"),
    kind("authentication.k8s.io", "tokenreviews"),
    kind("authorization.k8s.io", "localsubjectaccessreviews"),
    kind("authorization.k8s.io", "selfsubjectaccessreviews"),
    kind("authorization.k8s.io", "selfsubjectrulesreviews"),
    kind("authorization.k8s.io", "subjectaccessreviews"),
    kind("autoscaling", "horizontalpodautoscalers").generation(Spec),
    kind("batch", "cronjobs").generation(Spec),
    kind("batch", "jobs").generation(Spec).selected_by(&["status.successful"]),
    kind("certificates.k8s.io", "certificatesigningrequests").selected_by(&["spec.signerName"]),
    kind("certificates.k8s.io", "clustertrustbundles").replaced_by_version().selected_by(&["spec.signerName"]),
    kind("certificates.k8s.io", "podcertificaterequests").replaced_by_version().status_keeps(METADATA).selected_by(&[
        "spec.signerName",
        "spec.podName",
        "spec.nodeName",
    ]),
    kind("coordination.k8s.io", "leasecandidates").created_by_put().replaced_by_version(),
    kind("coordination.k8s.io", "leases").created_by_put().replaced_by_version(),
    kind("discovery.k8s.io", "endpointslices").generation(AllAndLabels),
    kind("events.k8s.io", "events").created_by_put().selected_by(&[
        "reason",
        "regarding.kind",
        "regarding.namespace",
        "regarding.name",
        "regarding.uid",
        "regarding.apiVersion",
        "regarding.resourceVersion",
        "regarding.fieldPath",
        "reportingController",
        "type",
    ]),
    kind("internal.apiserver.k8s.io", "storageversions").replaced_by_version().status_keeps(METADATA),
    kind("flowcontrol.apiserver.k8s.io", "flowschemas").generation(Spec).status_keeps(METADATA),
    kind("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations").generation(Spec).status_keeps(METADATA),
    kind("lifecycle.k8s.io", "evictionrequests").replaced_by_version().generation(Spec).status_keeps(METADATA),
    kind("lifecycle.k8s.io", "evictions").replaced_by_version().generation(Spec).status_keeps(METADATA),
    kind("networking.k8s.io", "ingressclasses").generation(Spec),
    kind("networking.k8s.io", "ingresses").generation(Spec),
    kind("networking.k8s.io", "ipaddresses"),
    kind("networking.k8s.io", "servicecidrs").status_keeps(METADATA),
    kind("networking.k8s.io", "networkpolicies").generation(Spec),
    kind("node.k8s.io", "runtimeclasses").created_by_put().replaced_by_version(),
    kind("policy", "poddisruptionbudgets").generation(Spec).replaced_by_version(),
    kind("rbac.authorization.k8s.io", "clusterrolebindings").created_by_put(),
    kind("rbac.authorization.k8s.io", "clusterroles").created_by_put(),
    kind("rbac.authorization.k8s.io", "rolebindings").created_by_put(),
    kind("rbac.authorization.k8s.io", "roles").created_by_put(),
    kind("resource.k8s.io", "deviceclasses").generation(Spec).returned_when_deleted(),
    kind("resource.k8s.io", "devicetaintrules").generation(Spec).replaced_by_version().status_keeps(METADATA),
    kind("resource.k8s.io", "resourceclaims").status_keeps(METADATA).returned_when_deleted(),
    kind("resource.k8s.io", "resourceclaimtemplates").returned_when_deleted(),
    kind("resource.k8s.io", "resourcepoolstatusrequests")
        .replaced_by_version()
        .status_keeps(METADATA)
        .returned_when_deleted(),
    kind("resource.k8s.io", "resourceslices").generation(Spec).returned_when_deleted().selected_by(&[
        "spec.driver",
        "spec.nodeName",
        "spec.pool.name",
    ]),
    kind("scheduling.k8s.io", "compositepodgroups").replaced_by_version().status_keeps(METADATA),
    kind("scheduling.k8s.io", "podgroups").replaced_by_version().status_keeps(METADATA),
    kind("scheduling.k8s.io", "priorityclasses").generation(Constant),
    kind("scheduling.k8s.io", "workloads").replaced_by_version(),
    kind("storage.k8s.io", "csidrivers").replaced_by_version().generation(ChangesOfSpec).returned_when_deleted(),
    kind("storage.k8s.io", "csinodes").replaced_by_version().status_keeps(METADATA).returned_when_deleted(),
    kind("storage.k8s.io", "csistoragecapacities").replaced_by_version(),
    kind("storage.k8s.io", "storageclasses").returned_when_deleted(),
    kind("storage.k8s.io", "volumeattachments").replaced_by_version().status_keeps(METADATA).returned_when_deleted(),
    kind("storage.k8s.io", "volumeattributesclasses").returned_when_deleted(),
    kind("storagemigration.k8s.io", "storageversionmigrations").replaced_by_version().status_keeps(METADATA),
];

/// Kinds that have other rules in versions before v1.
const BEFORE_V1: &[Kind] =
    &[kind("resource.k8s.io", "devicetaintrules").generation(Spec).status_keeps(METADATA).returned_when_deleted()];

/// Kinds of scheduling that have other rules in the versions before `v1alpha3`, since their objects have other fields.
const EARLY: &[Kind] =
    &[kind("scheduling.k8s.io", "podgroups").status_keeps(METADATA), kind("scheduling.k8s.io", "workloads")];

/// Whether a resource is one of a version of scheduling in which objects have other fields than later.
pub(crate) fn is_early(resource: &Resource) -> bool {
    resource.group == "scheduling.k8s.io" && matches!(&*resource.version, "v1alpha1" | "v1alpha2")
}

/// Where a real server stores the objects of a resource: errors of its storage name the place.
pub(crate) fn storage_place(resource: &Resource) -> String {
    let plural = &resource.plural;
    let is_of_other_server = matches!(&*resource.group, "apiextensions.k8s.io" | "apiregistration.k8s.io");
    if is_of_other_server || resource.custom().is_some() {
        return format!("{}/{plural}", resource.group);
    }
    match (&*resource.group, &**plural) {
        ("", "endpoints") => "services/endpoints",
        ("", "nodes") => "minions",
        ("", "replicationcontrollers") => "controllers",
        ("", "services") => "services/specs",
        ("networking.k8s.io", "ingresses") => "ingress",
        _ => plural,
    }
    .to_owned()
}

/// The rules of a built-in kind that is served. `None` for others.
pub(crate) fn of(resource: &Resource) -> Option<&'static Kind> {
    let is_it = |kind: &&Kind| kind.plural == resource.plural && kind.group == resource.group;
    let older = || BEFORE_V1.iter().find(is_it).filter(|_| resource.version != "v1");
    match resource.source {
        Source::BuiltIn { .. } if is_early(resource) => EARLY.iter().find(is_it),
        Source::BuiltIn { .. } => older().or_else(|| KINDS.iter().find(is_it)),
        Source::Custom(_) => None,
    }
}
