//! The outside facts that configuration depends on, in one place so that tests can make them up.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Environment variables, the home directory, and where a pod's service account is mounted.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) kubeconfig: Option<OsString>,
    pub(super) home: Option<PathBuf>,
    pub(super) service_host: Option<String>,
    pub(super) service_port: Option<String>,
    pub(super) service_account: PathBuf,
    /// `POD_NAMESPACE`, which people set from the pod's own namespace.
    pub(super) pod_namespace: Option<String>,
    /// `KUBERC`: the file with kubectl's preferences, or `off`.
    pub(super) kuberc: Option<OsString>,
    /// Whether `KUBECTL_KUBERC` is `false`.
    pub(super) kuberc_disabled: bool,
}

impl Environment {
    pub(super) fn current() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            kubeconfig: std::env::var_os("KUBECONFIG").filter(|list| !list.is_empty()),
            home: std::env::home_dir(),
            service_host: text("KUBERNETES_SERVICE_HOST"),
            service_port: text("KUBERNETES_SERVICE_PORT"),
            service_account: Path::new("/var/run/secrets/kubernetes.io/serviceaccount").to_owned(),
            pod_namespace: text("POD_NAMESPACE"),
            kuberc: std::env::var_os("KUBERC").filter(|file| !file.is_empty()),
            kuberc_disabled: text("KUBECTL_KUBERC").is_some_and(|value| value.eq_ignore_ascii_case("false")),
        }
    }

    pub(super) fn kubeconfig_paths(&self) -> Vec<PathBuf> {
        match &self.kubeconfig {
            Some(list) => std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect(),
            None => self.home.iter().map(|home| home.join(".kube").join("config")).collect(),
        }
    }
}
