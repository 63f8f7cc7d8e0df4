//! Exec plugins: commands that print credentials.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>, KEP-541. client-go
//! decides what is right; [decision 018](https://github.com/kubewright/kubewright/blob/main/docs/decisions/018-authentication.md)
//! says where this differs, and why.
//!
//! `plugin` is what is to be run, `info` what it receives, `command` which file it is, `run` runs it, and `output` reads what
//! it printed.

mod command;
mod info;
mod output;
mod plugin;
mod run;

use std::sync::Arc;

use self::plugin::Plugin;
use super::cached::Cached;
use super::means::Means;
use super::registry::Registry;
use crate::config::{
    Config, ConfigError, Credential, CredentialFuture, CredentialRequest, CredentialSource, ExecConfig,
};

static PLUGINS: Registry<Plugin> = Registry::new();

/// The credential of this plugin for the cluster of `config`, shared by all clients of the process that have the same.
pub(super) fn cached(
    config: &Config,
    exec: &ExecConfig,
    means: &'static dyn Means,
) -> Result<Arc<Cached>, ConfigError> {
    let plugin = Plugin::new(config, exec)?;
    Ok(PLUGINS.get_or_make(plugin, |plugin| {
        let name = format!("the exec plugin {}", plugin.command().display());
        Cached::new(Arc::new(plugin.clone()), means, name)
    }))
}

impl CredentialSource for Plugin {
    fn fetch(&self, _: CredentialRequest) -> CredentialFuture<'_> {
        Box::pin(async move { Ok(self.credential().await?) })
    }
}

impl Plugin {
    async fn credential(&self) -> Result<Credential, super::AuthError> {
        let executable = command::find(self)?;
        let interactive = self.interactive()?;
        let info = info::encode(self, interactive)?;
        let stdout = run::run(self, &executable, interactive, info).await?;
        output::read(self, &stdout)
    }
}
