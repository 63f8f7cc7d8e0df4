//! What a plugin receives: an `ExecCredential` without a status, in `KUBERNETES_EXEC_INFO`.

use serde::Serialize;

use super::plugin::Plugin;
use crate::auth::error::{AuthError, Kind};
use crate::config::{ExecCluster, SecretString};

/// The variable. It is always set, as client-go does.
pub(super) const VARIABLE: &str = "KUBERNETES_EXEC_INFO";

#[derive(Serialize)]
struct ExecCredential<'a> {
    kind: &'static str,
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a ExecCluster>,
    interactive: bool,
}

/// A proxy's URL in it may hold a password.
pub(super) fn encode(plugin: &Plugin, interactive: bool) -> Result<SecretString, AuthError> {
    let info = ExecCredential {
        kind: "ExecCredential",
        api_version: plugin.version.as_str(),
        spec: Spec {
            cluster: plugin.exec.cluster.as_deref().filter(|_| plugin.exec.provide_cluster_info),
            interactive,
        },
    };
    serde_json::to_string(&info).map(SecretString::from).map_err(|_| {
        plugin.error(
            Kind::Invalid,
            "cannot be run with provideClusterInfo: the cluster's settings cannot be written as JSON",
        )
    })
}
