//! Writing a kubeconfig file so that nobody ever reads half of one.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Kubeconfig;
use super::lock::Locks;
use crate::config::error::{ConfigError, Kind};
use crate::yaml;

impl Kubeconfig {
    /// It as YAML, secrets included. Relative paths stay as they were read.
    ///
    /// # Errors
    /// An unknown field holds something that YAML can't express.
    pub fn to_yaml(&self) -> Result<String, ConfigError> {
        yaml::write(self)
            .map_err(|why| ConfigError::new(Kind::Invalid, format!("cannot write the kubeconfig as YAML: {why}")))
    }

    /// Writes all of it to one file, whatever that held, with kubectl's lock file `PATH.lock` held meanwhile. A new file
    /// can be read by its owner alone (mode 0600); one that exists keeps its owner and mode, and a symbolic link stays
    /// one. Relative paths stay as they were read, and so lead elsewhere from a file in another folder: call
    /// [`make_paths_absolute`](Self::make_paths_absolute) before.
    ///
    /// To change files, rather than to make one, there is [`modify`](Self::modify).
    ///
    /// # Errors
    /// It can't be written, or another program keeps the lock.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ConfigError> {
        let path = path.as_ref();
        let path = std::path::absolute(path).map_err(|error| unwritable(path, error))?;
        let _locks = Locks::take([path.clone()])?;
        replace(&path, self)
    }
}

/// Writes the file, whose lock is held.
pub(super) fn replace(path: &Path, content: &Kubeconfig) -> Result<(), ConfigError> {
    let text = Zeroizing::new(content.to_yaml()?);
    put(path, text.as_bytes()).map_err(|error| unwritable(path, error))
}

fn put(path: &Path, text: &[u8]) -> io::Result<()> {
    let target = behind_link(path)?;
    let existing = match std::fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    match (swap(&target, text, existing.as_ref()), existing) {
        // A file that can't be replaced, such as one that is mounted by itself or belongs to somebody else, is written as
        // kubectl does.
        (Err(error), Some(_))
            if matches!(
                error.kind(),
                io::ErrorKind::ResourceBusy | io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            tracing::debug!(path = %path.display(), %error, "the kubeconfig can't be replaced, and is written in place");
            in_place(&target, text)
        }
        (result, _) => result,
    }
}

/// The file that is to be written: a link stays one, also where it leads to nothing yet.
fn behind_link(path: &Path) -> io::Result<PathBuf> {
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    match std::fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let target = std::fs::read_link(path)?;
            Ok(path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target)))
        }
        result => result,
    }
}

/// Puts a new file in the place of `target`, with the owner and mode of the existing one.
fn swap(target: &Path, text: &[u8], existing: Option<&Metadata>) -> io::Result<()> {
    let (temporary, mut file) = beside(target)?;
    let swapped = (|| {
        file.write_all(text)?;
        if let Some(existing) = existing {
            keep_owner(&file, existing)?;
            file.set_permissions(existing.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&temporary, target)
    })();
    if swapped.is_err() {
        // What matters is the error at hand.
        let _ = std::fs::remove_file(&temporary);
    }
    swapped
}

fn in_place(target: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).truncate(true).open(target)?;
    file.write_all(text)?;
    file.sync_all()
}

/// A new file in the folder of `target`, for its owner alone.
fn beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let mut name = target.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let name = PathBuf::from(name);
    // One that is there is of a program that had this id and was killed: the lock is held.
    match std::fs::remove_file(&name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&name)?;
    Ok((name, file))
}

#[cfg(unix)]
fn keep_owner(file: &File, existing: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (existing.uid(), existing.gid()) {
        return Ok(());
    }
    fchown(file, Some(existing.uid()), Some(existing.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

fn unwritable(path: &Path, error: io::Error) -> ConfigError {
    ConfigError::new(Kind::Unreadable, format!("cannot write kubeconfig {}", path.display())).because(error)
}
