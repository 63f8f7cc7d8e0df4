//! What every namespace has: the service account `default`, and the certificate of the cluster's authority.

use serde_json::json;

use super::context::Context;
use super::kinds::{CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS};
use super::values::{is_deleted, name};

const CERTIFICATES: &str = "kube-root-ca.crt";
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/// Makes the service account `default` where it is missing.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#serviceaccount-controller>
pub(super) fn sync_accounts(context: &mut Context<'_>) {
    for namespace in context.list(NAMESPACES) {
        if !is_deleted(&namespace) && context.get(SERVICE_ACCOUNTS, name(&namespace), "default").is_none() {
            let account = json!({ "metadata": { "name": "default", "namespace": name(&namespace) } });
            // The namespace may be gone by now.
            let _ = context.create(SERVICE_ACCOUNTS, &account);
        }
    }
}

/// Makes the config map `kube-root-ca.crt` where it is missing. There is no authority, and its certificate is empty.
pub(super) fn sync_certificates(context: &mut Context<'_>) {
    for namespace in context.list(NAMESPACES) {
        if !is_deleted(&namespace) && context.get(CONFIG_MAPS, name(&namespace), CERTIFICATES).is_none() {
            let map = json!({
                "metadata": {
                    "name": CERTIFICATES, "namespace": name(&namespace),
                    "annotations": { "kubernetes.io/description": DESCRIPTION },
                },
                "data": { "ca.crt": "" },
            });
            // The namespace may be gone by now.
            let _ = context.create(CONFIG_MAPS, &map);
        }
    }
}
