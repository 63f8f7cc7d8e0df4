//! A user's `exec`: the command that prints credentials.

use super::super::{Cluster, paths};
use super::place::At;
use super::{incomplete, invalid, some};
use crate::config::error::{ConfigError, Kind};
use crate::config::{Config, ExecCluster, ExecConfig, InteractiveMode, SecretString};

/// The cluster's extension with settings for the command.
const EXTENSION: &str = "client.authentication.k8s.io/exec";

/// A version that is no longer taken, but has defaults.
const V1ALPHA1: &str = "client.authentication.k8s.io/v1alpha1";

/// What must be right about it whether it is run or not.
pub(super) fn check(exec: &ExecConfig, place: &str) -> Result<(), ConfigError> {
    if exec.command.as_os_str().is_empty() {
        return Err(incomplete(format!("{place}: exec has no command")));
    }
    if exec.env.iter().any(|variable| variable.name.is_empty()) {
        return Err(incomplete(format!("{place}: a variable of exec's env has no name")));
    }
    let Some(version) = some(exec.api_version.as_deref()) else {
        return Err(incomplete(format!("{place}: exec has no apiVersion; add `apiVersion: {}`", ExecConfig::V1)));
    };
    match interactive_mode(exec) {
        None if !matches!(version, ExecConfig::V1BETA1 | V1ALPHA1) => {
            Err(incomplete(format!("{place}: exec has no interactiveMode; add `interactiveMode: Never`")))
        }
        Some(InteractiveMode::Unknown(mode)) => Err(invalid(format!(
            "{place}: exec has interactiveMode {mode:?}; it should be Never, IfAvailable or Always"
        ))),
        _ => Ok(()),
    }
}

/// What must be right about it over TLS, where it may be run.
pub(super) fn check_version(exec: &ExecConfig, place: &str) -> Result<(), ConfigError> {
    match some(exec.api_version.as_deref()) {
        Some(ExecConfig::V1 | ExecConfig::V1BETA1) => Ok(()),
        other => {
            let message = format!(
                "{place}: exec has apiVersion {:?}; {} and {} are known (v1alpha1 has left Kubernetes in 1.24); does the \
                 command have a newer version?",
                other.unwrap_or_default(),
                ExecConfig::V1,
                ExecConfig::V1BETA1
            );
            Err(ConfigError::new(Kind::Unsupported, message))
        }
    }
}

/// An empty one counts as unset.
fn interactive_mode(exec: &ExecConfig) -> Option<&InteractiveMode> {
    exec.interactive_mode.as_ref().filter(|mode| !mode.as_str().is_empty())
}

/// Ready to be run: its path is absolute, its defaults are set, and what it receives about the cluster is filled in.
pub(super) fn ready(exec: &ExecConfig, cluster: &Cluster, at: &At<'_>, config: &Config) -> ExecConfig {
    let mut ready = exec.clone();
    if paths::is_path(&exec.command) {
        ready.command = at.absolute(&exec.command);
    }
    ready.interactive_mode = Some(interactive_mode(exec).cloned().unwrap_or(InteractiveMode::IfAvailable));
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
