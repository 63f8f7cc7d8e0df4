//! How exec plugins are run.

use std::time::Duration;

/// How the client runs an [exec plugin](super::ExecConfig), which a kubeconfig does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecOptions {
    /// The longest time that it may take; then it is killed. Default 5 minutes, since it may wait for a login in the
    /// browser; `None` is no limit, as in client-go.
    pub timeout: Option<Duration>,
    /// Where its standard error goes. Default [`ExecStderr::Inherit`].
    pub stderr: ExecStderr,
    /// Why it can't have standard input, though that is a terminal, such as `used for a manifest`: the program reads from
    /// it itself. A plugin with `interactiveMode: Always` is not run then, and one with `IfAvailable` runs without. Default
    /// `None`: it can have it.
    pub stdin_in_use: Option<String>,
}

/// Where a plugin's standard error goes. Its standard output, which holds the credentials, never goes anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecStderr {
    /// To this process's own, as in kubectl: plugins ask for passwords there, and print URLs to open.
    #[default]
    Inherit,
    /// Into the error, if it fails; else it is dropped. For programs without a terminal, or that draw on it themselves.
    /// What looks like a token or a key in it is redacted.
    InError,
}

impl Default for ExecOptions {
    fn default() -> Self {
        Self { timeout: Some(Duration::from_secs(300)), stderr: ExecStderr::Inherit, stdin_in_use: None }
    }
}
