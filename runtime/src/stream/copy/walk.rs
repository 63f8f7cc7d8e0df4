//! Walks a local directory, entry by entry.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::error::failed;
use crate::error::Result;

/// Iterates over a local directory, or a single file. A directory precedes its contents, and names are sorted.
pub(super) struct Walk {
    root: PathBuf,
    follow: bool,
    /// Remaining paths relative to the root, the next one last.
    next: Vec<PathBuf>,
}

/// An entry of a local directory.
pub(super) struct Found {
    /// Its path in the directory; empty for the directory itself.
    pub(super) inner: PathBuf,
    /// Its local path.
    pub(super) path: PathBuf,
    /// Metadata, of the target if links are followed.
    pub(super) metadata: Metadata,
    /// Why a link can't be followed, if so.
    pub(super) astray: Option<&'static str>,
}

impl Walk {
    pub(super) fn new(root: &Path, follow: bool) -> Self {
        Self { root: root.to_owned(), follow, next: vec![PathBuf::new()] }
    }

    fn find(&mut self, inner: PathBuf) -> Result<Found> {
        let path = if inner.as_os_str().is_empty() { self.root.clone() } else { self.root.join(&inner) };
        let (mut metadata, mut astray) = (fs::symlink_metadata(&path).map_err(failed("inspect", &path))?, None);
        // A link that the caller names is followed.
        if metadata.is_symlink() && (self.follow || inner.as_os_str().is_empty()) {
            match fs::metadata(&path) {
                Ok(found) if found.is_dir() && self.leads_back(&inner, &path) => {
                    astray = Some("it is a symbolic link to a directory that contains it");
                }
                Ok(found) => metadata = found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    astray = Some("it is a dangling symbolic link");
                }
                Err(error) => return Err(failed("follow", &path)(error)),
            }
        }
        if metadata.is_dir() {
            let read = || fs::read_dir(&path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>();
            let mut names = read().map_err(failed("list", &path))?;
            names.sort_by(|a, b| b.cmp(a));
            self.next.extend(names.into_iter().map(|name| inner.join(name)));
        }
        Ok(Found { inner, path, metadata, astray })
    }

    /// Whether a link resolves to one of the directories that contain it.
    fn leads_back(&self, inner: &Path, path: &Path) -> bool {
        let Ok(target) = fs::canonicalize(path) else { return true };
        inner
            .ancestors()
            .skip(1)
            .any(|folder| fs::canonicalize(self.root.join(folder)).is_ok_and(|at| at.starts_with(&target)))
    }
}

impl Iterator for Walk {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        let inner = self.next.pop()?;
        Some(self.find(inner))
    }
}
