//! Who may do what: bindings of roles, and requests for certificates.

use serde_json::{Value, json};

use super::{Printer, aged, labels, list, or_none, text};
use crate::api::table::age;
use crate::api::table::column::Column;

pub(super) const ROLE_BINDING: Printer = Printer {
    columns: &[
        Column::text(
            "Role",
            "roleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
        ),
        Column::AGE,
        Column::text("Users", "Users in the roleBinding").wide(),
        Column::text("Groups", "Groups in the roleBinding").wide(),
        Column::text("ServiceAccounts", "ServiceAccounts in the roleBinding").wide(),
    ],
    cells: |object, now| {
        let [users, groups, accounts] = subjects(object);
        vec![role(object), aged(object, now), users, groups, accounts]
    },
};

pub(super) const CLUSTER_ROLE_BINDING: Printer = Printer {
    columns: &[
        Column::text(
            "Role",
            "roleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
        ),
        Column::AGE,
        Column::text("Users", "Users in the clusterRoleBinding").wide(),
        Column::text("Groups", "Groups in the clusterRoleBinding").wide(),
        Column::text("ServiceAccounts", "ServiceAccounts in the clusterRoleBinding").wide(),
    ],
    ..ROLE_BINDING
};

pub(super) const CERTIFICATE_REQUEST: Printer = Printer {
    columns: &[
        Column::AGE,
        Column::text(
            "SignerName",
            "Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:\n 1. If it's a kubelet client certificate, it is assigned\n    \"kubernetes.io/kube-apiserver-client-kubelet\".\n 2. If it's a kubelet serving certificate, it is assigned\n    \"kubernetes.io/kubelet-serving\".\n 3. Otherwise, it is assigned \"kubernetes.io/legacy-unknown\".\nDistribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.",
        ),
        Column::text("Requestor", "Base64-encoded PKCS#10 CSR data"),
        Column::text(
            "RequestedDuration",
            "expirationSeconds is the requested duration of validity of the issued certificate. The certificate signer may issue a certificate with a different validity duration so a client must check the delta between the notBefore and and notAfter fields in the issued certificate to determine the actual duration.\n\nThe v1.22+ in-tree implementations of the well-known Kubernetes signers will honor this field as long as the requested duration is not greater than the maximum duration they will honor per the --cluster-signing-duration CLI flag to the Kubernetes controller manager.\n\nCertificate signers may not honor this field for various reasons:\n\n  1. Old signer that is unaware of the field (such as the in-tree\n     implementations prior to v1.22)\n  2. Signer whose configured maximum is shorter than the requested duration\n  3. Signer whose configured minimum is longer than the requested duration\n\nThe minimum valid value for expirationSeconds is 600, i.e. 10 minutes.",
        ),
        Column::text("Condition", "Conditions applied to the request, such as approval or denial."),
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        let signer = spec["signerName"].as_str().filter(|name| !name.is_empty());
        let lasting = spec["expirationSeconds"].as_i64().map_or_else(|| "<none>".to_owned(), age::shown);
        vec![
            aged(object, now),
            json!(signer.unwrap_or("<none>")),
            text(&spec["username"]),
            json!(lasting),
            json!(state(&object["status"])),
        ]
    },
};

/// The role that a binding grants.
fn role(binding: &Value) -> Value {
    let text = |field: &str| binding["roleRef"][field].as_str().unwrap_or_default();
    json!(format!("{}/{}", text("kind"), text("name")))
}

/// The users, groups and service accounts that a binding grants a role to.
fn subjects(binding: &Value) -> [Value; 3] {
    ["User", "Group", "ServiceAccount"].map(|kind| {
        let text = |subject: &Value, field: &str| subject[field].as_str().unwrap_or_default().to_owned();
        let names: Vec<String> = list(&binding["subjects"])
            .iter()
            .filter(|subject| subject["kind"] == kind)
            .map(|subject| match kind {
                "ServiceAccount" => format!("{}/{}", text(subject, "namespace"), text(subject, "name")),
                _ => text(subject, "name"),
            })
            .collect();
        json!(names.join(", "))
    })
}

/// How far a request has come.
fn state(status: &Value) -> String {
    let has = |kind: &str| list(&status["conditions"]).iter().any(|condition| condition["type"] == kind);
    let decided = match () {
        () if has("Denied") => "Denied",
        () if has("Approved") => "Approved",
        () => "Pending",
    };
    let failed = if has("Failed") { ",Failed" } else { "" };
    let is_issued = status["certificate"].as_str().is_some_and(|certificate| !certificate.is_empty());
    format!("{decided}{failed}{}", if is_issued { ",Issued" } else { "" })
}

pub(super) const POD_CERTIFICATE_REQUEST: Printer = Printer {
    columns: &[
        Column::text("PodName", "podName is the name of the pod into which the certificate will be mounted."),
        Column::text(
            "ServiceAccountName",
            "serviceAccountName is the name of the service account the pod is running as.",
        ),
        Column::text("NodeName", "nodeName is the name of the node the pod is assigned to."),
        Column::text(
            "SignerName",
            "signerName indicates the requested signer.\n\nAll signer names beginning with `kubernetes.io` are reserved for use by the Kubernetes project.  There is currently one well-known signer documented by the Kubernetes project, `kubernetes.io/kube-apiserver-client-pod`, which will issue client certificates understood by kube-apiserver.  It is currently unimplemented.",
        ),
        Column::text("State", "Is the request Pending, Issued, Denied, or Failed?"),
        Column::text(
            "UnverifiedUserAnnotations",
            "unverifiedUserAnnotations allow pod authors to pass additional information to the signer implementation.  Kubernetes does not restrict or validate this metadata in any way.\n\nEntries are subject to the same validation as object metadata annotations, with the addition that all keys must be domain-prefixed. No restrictions are placed on values, except an overall size limitation on the entire field.\n\nSigners should document the keys and values they support.  Signers should deny requests that contain keys they do not recognize.",
        ),
    ],
    cells: |object, _| {
        let spec = &object["spec"];
        let of = ["podName", "serviceAccountName", "nodeName", "signerName"].map(|name| text(&spec[name]));
        let mut conditions =
            list(&object["status"]["conditions"]).iter().filter_map(|condition| condition["type"].as_str());
        let state = conditions.rfind(|kind| matches!(*kind, "Issued" | "Denied" | "Failed"));
        let annotations = labels(&spec["unverifiedUserAnnotations"]);
        of.into_iter().chain([json!(state.unwrap_or("Pending")), annotations]).collect()
    },
};

pub(super) const TRUST_BUNDLE: Printer = Printer {
    columns: &[Column::text(
        "SignerName",
        "signerName indicates the associated signer, if any.\n\nIn order to create or update a ClusterTrustBundle that sets signerName, you must have the following cluster-scoped permission: group=certificates.k8s.io resource=signers resourceName=<the signer name> verb=attest.\n\nIf signerName is not empty, then the ClusterTrustBundle object must be named with the signer name as a prefix (translating slashes to colons). For example, for the signer name `example.com/foo`, valid ClusterTrustBundle object names include `example.com:foo:abc` and `example.com:foo:v1`.\n\nIf signerName is empty, then the ClusterTrustBundle object's name must not have such a prefix.\n\nList/watch requests for ClusterTrustBundles can filter on this field using a `spec.signerName=NAME` field selector.",
    )],
    cells: |object, _| vec![or_none(object["spec"]["signerName"].as_str().unwrap_or_default())],
};
