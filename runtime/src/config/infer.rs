//! The configuration that kubectl would use.

use super::environment::Environment;
use super::error::{ConfigError, Kind};
use super::{Config, in_cluster};
#[cfg(feature = "kubeconfig")]
use super::{Kubeconfig, KubeconfigOptions};

impl Config {
    /// What kubectl would use: the current context of the kubeconfig ([`Kubeconfig::load`]); if there is none, or it is
    /// empty, the service account of the pod that this runs in.
    ///
    /// As for client-go, a kubeconfig is empty where no cluster is named that is among its clusters; and in a pod the
    /// namespace is the pod's where the context says nothing else.
    ///
    /// Without the feature `kubeconfig` it is the pod's service account alone.
    ///
    /// Reads files, and so blocks.
    ///
    /// # Errors
    /// There is neither ([`ConfigError::is_not_found`]), or the first of them that exists can't be used.
    pub fn infer() -> Result<Self, ConfigError> {
        Self::infer_from(&Environment::current())
    }

    #[cfg(feature = "kubeconfig")]
    pub(super) fn infer_from(environment: &Environment) -> Result<Self, ConfigError> {
        let no_kubeconfig = match Kubeconfig::load_from(environment) {
            Ok(kubeconfig) => match Self::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()) {
                Ok(config) => return Ok(in_the_pods_namespace(config, &kubeconfig, environment)),
                Err(error) if !error.is_empty() => return Err(error),
                Err(error) if !kubeconfig.is_empty() && !in_cluster::is_possible(environment) => return Err(error),
                Err(error) => {
                    if !kubeconfig.is_empty() {
                        tracing::warn!(%error, "the kubeconfig names no cluster: the pod's service account is used");
                    }
                    let files: Vec<_> = kubeconfig.files().iter().map(|file| file.display().to_string()).collect();
                    format!("kubeconfig {} is empty", files.join(", "))
                }
            },
            Err(error) if error.is_not_found() => error.to_string(),
            Err(error) => return Err(error),
        };
        in_cluster::load(environment).map_err(|error| nothing_found(error, &no_kubeconfig))
    }

    #[cfg(not(feature = "kubeconfig"))]
    pub(super) fn infer_from(environment: &Environment) -> Result<Self, ConfigError> {
        let none = "kubeconfigs are not read (the feature `kubeconfig` is off)";
        in_cluster::load(environment).map_err(|error| nothing_found(error, none))
    }
}

fn nothing_found(error: ConfigError, no_kubeconfig: &str) -> ConfigError {
    match error.is_not_found() {
        true => ConfigError::new(Kind::NotFound, format!("no cluster is configured: {no_kubeconfig}; and {error}")),
        false => error,
    }
}

#[cfg(feature = "kubeconfig")]
fn in_the_pods_namespace(mut config: Config, kubeconfig: &Kubeconfig, environment: &Environment) -> Config {
    let current = kubeconfig.current_context.as_deref().unwrap_or_default();
    let said = kubeconfig.context(current).and_then(|entry| entry.context.namespace.as_deref()).unwrap_or_default();
    if said.is_empty() && in_cluster::is_possible(environment) {
        match in_cluster::namespace(environment) {
            Ok(Some(namespace)) => config.namespace = namespace,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "cannot read the namespace of the pod's service account"),
        }
    }
    config
}
