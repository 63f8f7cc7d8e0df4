//! Which commands may be run for credentials.

use std::path::{Path, PathBuf};

/// Which [commands that print credentials](super::ExecConfig) may be run: a kubeconfig from somebody else can name any
/// program.
///
/// kubectl reads it from its [kuberc](https://kubernetes.io/docs/reference/kubectl/kuberc/) as `credentialPluginPolicy`
/// and `credentialPluginAllowlist`, which this crate does where it is asked to:
/// [`ExecPolicy::from_kuberc`](Self::from_kuberc). KEP-3104.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecPolicy {
    /// Every command.
    #[default]
    AllowAll,
    /// No command.
    DenyAll,
    /// These commands: a path, or a name that is looked for in `$PATH`.
    Allowlist(Vec<PathBuf>),
}

impl ExecPolicy {
    /// Whether a command may be run.
    ///
    /// `command` is what the kubeconfig names, `executable` the file that would be run, and `look_up` finds the file that
    /// a command stands for. An entry of the allowlist is the command as it is written, or stands for the same file.
    pub fn permits(&self, command: &Path, executable: &Path, look_up: impl Fn(&Path) -> Option<PathBuf>) -> bool {
        match self {
            Self::AllowAll => true,
            Self::DenyAll => false,
            Self::Allowlist(entries) => entries.iter().any(|entry| {
                // Letter by letter: the path `aws/.` equals the name `aws`, and is a file in the working directory.
                entry.as_os_str() == command.as_os_str()
                    || entry == executable
                    || (entry.file_name() == executable.file_name() && look_up(entry).as_deref() == Some(executable))
            }),
        }
    }
}
