//! What the test bed takes from its surroundings: folders, the Go command, variables.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Error;

/// The surroundings, as a value, so that tests need not change the process's own.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    /// The Go sources: `testbed/go` of the checkout.
    pub sources: PathBuf,
    /// Where built binaries are kept.
    pub cache: PathBuf,
    /// `KUBEBUILDER_ASSETS`.
    pub assets: Option<PathBuf>,
    /// The Go command.
    pub go: OsString,
}

impl Environment {
    /// Reads this process's surroundings.
    pub fn read() -> Result<Self, Error> {
        Ok(Self {
            sources: sources(),
            cache: cache_folder()?.join("testbed"),
            assets: folder("KUBEBUILDER_ASSETS"),
            go: "go".into(),
        })
    }
}

/// The folder of the Go sources, in the checkout that this crate was compiled from.
pub(crate) fn sources() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).join("testbed/go")
}

/// The folder for things that are costly to make and can be made again: `$KUBEWRIGHT_CACHE`, else
/// `$XDG_CACHE_HOME/kubewright`, else `~/.cache/kubewright`.
///
/// # Errors
/// None of these variables is set.
pub fn cache_folder() -> Result<PathBuf, Error> {
    folder("KUBEWRIGHT_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|parent| parent.join("kubewright")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache/kubewright")))
        .ok_or_else(|| {
            Error::new("there is no folder to keep the test bed's binaries in: set KUBEWRIGHT_CACHE or HOME")
        })
}

/// A folder that a variable names; an empty variable names none.
fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
