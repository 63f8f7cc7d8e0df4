//! Which file a plugin's command is, and whether the policy lets it run.

use std::path::{Path, PathBuf};

use super::plugin::Plugin;
use crate::auth::error::{AuthError, Kind};
use crate::auth::shown::shown;
use crate::config::ExecPolicy;

/// The file to run.
///
/// A name without a path separator is looked for in `$PATH` of this process, and there only in absolute folders: what lies
/// in the working directory is not taken for a command.
pub(super) fn find(plugin: &Plugin) -> Result<PathBuf, AuthError> {
    let command = plugin.command();
    if plugin.policy == ExecPolicy::DenyAll {
        return Err(
            plugin.error(Kind::NotAllowed, "is not allowed to run: the plugin policy (Config::exec_policy) denies all")
        );
    }
    let Some(executable) = look_up(command) else {
        let what = if is_bare(command) {
            "is not installed: no folder in $PATH has it"
        } else {
            "does not exist or is not executable"
        };
        return Err(missing(plugin, what));
    };
    if !plugin.policy.permits(command, &executable, look_up) {
        let file = if executable == *command { String::new() } else { format!(", nor {}", executable.display()) };
        let words = format!(
            "is not allowed to run: the allowlist of the plugin policy (Config::exec_policy) does not have it{file}"
        );
        return Err(plugin.error(Kind::NotAllowed, words));
    }
    Ok(executable)
}

/// The command is not there, or can't be executed: with the kubeconfig's words on how to install it.
pub(super) fn missing(plugin: &Plugin, what: &str) -> AuthError {
    let hint = plugin.exec.install_hint.as_deref().map(|hint| shown(hint, [])).filter(|hint| !hint.is_empty());
    let words = match hint {
        Some(hint) => format!("{what}. {hint}"),
        None => what.to_owned(),
    };
    plugin.error(Kind::NotInstalled, words)
}

fn look_up(command: &Path) -> Option<PathBuf> {
    if !is_bare(command) {
        return which::which_in_global(std::path::absolute(command).ok()?, None::<&str>).ok()?.next();
    }
    let path = std::env::var_os("PATH")?;
    which::which_in_global(command, Some(path)).ok()?.find(|found| found.is_absolute())
}

/// Whether it is a name alone.
fn is_bare(command: &Path) -> bool {
    let text = command.as_os_str().as_encoded_bytes();
    !text.iter().any(|byte| std::path::is_separator(char::from(*byte)))
}
