//! Paths in a kubeconfig.

use std::path::{Component, Path, PathBuf, is_separator};

/// A path that an entry of this file names. A relative one belongs to the file's folder; `..` in it goes up the path as it is
/// written, also where that is by way of a link, as for client-go. Without a file it stays as it is.
pub(super) fn absolute(file: Option<&Path>, path: &Path) -> PathBuf {
    match file.and_then(Path::parent) {
        Some(folder) if path.is_relative() => {
            let mut clean = PathBuf::new();
            for part in folder.join(path).components() {
                match part {
                    // At the root there is nothing to go up from.
                    Component::ParentDir => drop(clean.pop()),
                    part => clean.push(part),
                }
            }
            clean
        }
        _ => path.to_owned(),
    }
}

/// Whether a command is a path. A name alone is looked for in `$PATH`, never beside the kubeconfig.
pub(super) fn is_path(command: &Path) -> bool {
    command.to_string_lossy().contains(is_separator)
}
