//! What is to be run: everything that two clients must have in common to share a credential.

use std::fmt;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::auth::error::{AuthError, Kind};
use crate::config::{
    Config, ConfigError, ExecConfig, ExecEnv, ExecPolicy, ExecStderr, InteractiveMode, Kind as ConfigKind, Pem, Proxy,
    SecretString,
};

/// A plugin and its surroundings. As in client-go's cache, all of it distinguishes plugins: also the cluster where the plugin
/// does not receive it.
#[derive(Clone, PartialEq)]
pub(super) struct Plugin {
    pub(super) version: Version,
    pub(super) exec: ExecConfig,
    pub(super) mode: InteractiveMode,
    pub(super) policy: ExecPolicy,
    pub(super) timeout: Option<Duration>,
    pub(super) stderr: ExecStderr,
    /// Why standard input can't be given to it though it is a terminal.
    pub(super) stdin_in_use: Option<String>,
    cluster: Cluster,
}

/// The cluster that the credential is for. Not whether responses are compressed, which upgrades and other requests of one client
/// don't have in common; a plugin that receives it has it in its [`ExecConfig`].
#[derive(Clone, PartialEq)]
struct Cluster {
    server: http::Uri,
    ca: Option<Pem>,
    tls_server_name: Option<String>,
    insecure_skip_tls_verify: bool,
    proxy: Option<Proxy>,
}

/// The version of what it reads and prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V1Beta1,
}

impl Version {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::V1 => ExecConfig::V1,
            Self::V1Beta1 => ExecConfig::V1BETA1,
        }
    }
}

impl Plugin {
    pub(super) fn new(config: &Config, exec: &ExecConfig) -> Result<Self, ConfigError> {
        let invalid = |why: String| {
            let command = exec.command.display();
            ConfigError::new(ConfigKind::Invalid, format!("the exec plugin {command} cannot be run: {why}"))
        };
        if exec.command.as_os_str().is_empty() {
            return Err(invalid("its `command` is empty".to_owned()));
        }
        let version = match exec.api_version.as_deref().unwrap_or_default() {
            ExecConfig::V1 => Version::V1,
            ExecConfig::V1BETA1 => Version::V1Beta1,
            "" => return Err(invalid(format!("it has no `apiVersion`; {} is the newest", ExecConfig::V1))),
            other => {
                return Err(invalid(format!(
                    "its `apiVersion` {other:?} is not known: {} and {} are; a newer version of the plugin may speak one of them",
                    ExecConfig::V1,
                    ExecConfig::V1BETA1
                )));
            }
        };
        let mode = match (&exec.interactive_mode, version) {
            (Some(InteractiveMode::Unknown(mode)), _) => {
                return Err(invalid(format!(
                    "its `interactiveMode` {mode:?} is none of Never, IfAvailable and Always"
                )));
            }
            (Some(mode), _) => mode.clone(),
            (None, Version::V1Beta1) => InteractiveMode::IfAvailable,
            (None, Version::V1) => {
                return Err(invalid(format!(
                    "{} needs an `interactiveMode`: Never, IfAvailable or Always",
                    ExecConfig::V1
                )));
            }
        };
        if let Some(ExecEnv { name, .. }) = exec.env.iter().find(|variable| !is_name(&variable.name)) {
            return Err(invalid(format!("{name:?} in its `env` is no name of a variable")));
        }
        Ok(Self {
            version,
            exec: exec.clone(),
            mode,
            policy: config.exec_policy.clone(),
            timeout: config.exec_options.timeout,
            stderr: config.exec_options.stderr,
            stdin_in_use: config.exec_options.stdin_in_use.clone(),
            cluster: Cluster {
                server: config.server.clone(),
                ca: config.ca.clone(),
                tls_server_name: config.tls_server_name.clone(),
                insecure_skip_tls_verify: config.insecure_skip_tls_verify,
                proxy: config.proxy.clone(),
            },
        })
    }

    /// Whether it gets standard input: only one that is a terminal, which a person sits at.
    pub(super) fn interactive(&self) -> Result<bool, AuthError> {
        let is_terminal = std::io::stdin().is_terminal();
        match self.mode {
            InteractiveMode::Always if !is_terminal => Err(self.error(
                Kind::NotInteractive,
                "needs a terminal (`interactiveMode: Always`), and standard input is not one",
            )),
            InteractiveMode::Always => match &self.stdin_in_use {
                Some(why) => {
                    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                    let message = format!("needs standard input (`interactiveMode: Always`), which is in use{why}");
                    Err(self.error(Kind::NotInteractive, message))
                }
                None => Ok(true),
            },
            InteractiveMode::IfAvailable => Ok(is_terminal && self.stdin_in_use.is_none()),
            InteractiveMode::Never | InteractiveMode::Unknown(_) => Ok(false),
        }
    }

    pub(super) fn command(&self) -> &PathBuf {
        &self.exec.command
    }

    /// An error about it: its name, and then these words.
    pub(super) fn error(&self, kind: Kind, words: impl fmt::Display) -> AuthError {
        AuthError::new(kind, self.sentence(words))
    }

    pub(super) fn sentence(&self, words: impl fmt::Display) -> String {
        format!("the exec plugin {} {words}", self.command().display())
    }

    /// What its configuration holds that must not be shown, though the plugin may say it: the values of variables, those of
    /// arguments whose name says that they are secret, and of what it receives about the cluster the proxy's login and all
    /// settings.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let mut secrets: Vec<_> = self.exec.env.iter().map(|variable| variable.value.clone()).collect();
        let mut follows = false;
        for arg in &self.exec.args {
            match arg.split_once('=') {
                Some((name, value)) if is_secret(name) => secrets.push(value.into()),
                _ if follows => secrets.push(arg.as_str().into()),
                _ => {}
            }
            follows = is_secret(arg);
        }
        let cluster = self.exec.cluster.as_deref().filter(|_| self.exec.provide_cluster_info);
        if let Some(url) = cluster.and_then(|cluster| cluster.proxy_url.as_ref()) {
            let login = url.expose().split_once("://").and_then(|(_, rest)| Some(rest.rsplit_once('@')?.0));
            // As it is written, and as it is meant.
            secrets.extend(login.and_then(|login| Some(login.split_once(':')?.1.into())));
            secrets.extend(Proxy::parse(url.expose()).ok().and_then(|proxy| Some(proxy.login()?.1.clone())));
        }
        if let Some(settings) = cluster.and_then(|cluster| cluster.config.as_ref()) {
            add_texts(settings, &mut secrets);
        }
        secrets
    }
}

/// Whether an argument is the name of one that is secret: `--client-secret`, `-password`.
fn is_secret(arg: &str) -> bool {
    let arg = arg.to_ascii_lowercase();
    arg.starts_with('-') && ["secret", "password", "passphrase", "token", "key"].iter().any(|end| arg.ends_with(end))
}

fn add_texts(settings: &Value, to: &mut Vec<SecretString>) {
    match settings {
        Value::String(text) => to.push(text.as_str().into()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, to)),
        Value::Object(fields) => fields.values().for_each(|field| add_texts(field, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether the system can have a variable of this name: anything else makes it panic.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}
