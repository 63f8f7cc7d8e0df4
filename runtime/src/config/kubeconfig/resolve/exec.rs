//! A user's `exec`: the command that prints credentials.

use std::path::is_separator;

use super::super::Cluster;
use super::place::At;
use super::{incomplete, invalid, some};
use crate::config::error::{ConfigError, Kind};
use crate::config::{Config, ExecCluster, ExecConfig, InteractiveMode, SecretString};

/// The cluster's extension with settings for the command.
const EXTENSION: &str = "client.authentication.k8s.io/exec";

/// What must be right about it whether it is run or not.
pub(super) fn check(exec: &ExecConfig, place: &str) -> Result<(), ConfigError> {
    if exec.command.as_os_str().is_empty() {
        return Err(incomplete(format!("{place}: exec has no command")));
    }
    if exec.env.iter().any(|variable| variable.name.is_empty()) {
        return Err(incomplete(format!("{place}: a variable of exec's env has no name")));
    }
    match some(exec.api_version.as_deref()) {
        Some(ExecConfig::V1) if exec.interactive_mode.is_none() => {
            return Err(incomplete(format!("{place}: exec has no interactiveMode; add `interactiveMode: Never`")));
        }
        Some(ExecConfig::V1 | ExecConfig::V1BETA1) => {}
        Some(other) => {
            let message = format!(
                "{place}: exec has apiVersion {other:?}; {} and {} are known (v1alpha1 has left Kubernetes in 1.24); does \
                 the command have a newer version?",
                ExecConfig::V1,
                ExecConfig::V1BETA1
            );
            return Err(ConfigError::new(Kind::Unsupported, message));
        }
        None => {
            return Err(incomplete(format!("{place}: exec has no apiVersion; add `apiVersion: {}`", ExecConfig::V1)));
        }
    }
    if let Some(InteractiveMode::Unknown(mode)) = &exec.interactive_mode {
        return Err(invalid(format!(
            "{place}: exec has interactiveMode {mode:?}; it should be Never, IfAvailable or Always"
        )));
    }
    Ok(())
}

/// Ready to be run: its path is absolute, its defaults are set, and what it is told about the cluster is there.
pub(super) fn ready(exec: &ExecConfig, cluster: &Cluster, at: &At<'_>, config: &Config) -> ExecConfig {
    let mut ready = exec.clone();
    // A name alone is looked for in $PATH, never beside the kubeconfig.
    if exec.command.to_string_lossy().contains(is_separator) {
        // Without the `.` of `./plugin`, so that it can be compared with an allowlist's paths.
        ready.command = at.absolute(&exec.command).components().collect();
    }
    ready.interactive_mode.get_or_insert(InteractiveMode::IfAvailable);
    // It is printed.
    ready.install_hint = exec.install_hint.as_deref().map(printable);
    ready.cluster = exec.provide_cluster_info.then(|| {
        Box::new(ExecCluster {
            server: some(cluster.server.as_deref()).unwrap_or_default().to_owned(),
            tls_server_name: config.tls_server_name.clone(),
            insecure_skip_tls_verify: config.insecure_skip_tls_verify,
            certificate_authority_data: config.ca.clone(),
            proxy_url: some(cluster.proxy_url.as_deref()).map(SecretString::from),
            disable_compression: !config.compression,
            config: cluster.extension(EXTENSION).cloned(),
        })
    });
    ready
}

/// A text without control characters, but for white space: others can put a terminal into an odd state.
fn printable(text: &str) -> String {
    let odd = |c: char| c.is_control() && !c.is_ascii_whitespace() && c != '\u{b}';
    text.chars().map(|c| if odd(c) { format!("U+{:04X}", u32::from(c)) } else { c.to_string() }).collect()
}
