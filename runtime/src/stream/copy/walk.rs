//! What there is to copy in a local folder, one after the other.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::error::failed;
use crate::error::Result;

/// Goes through a local folder, or is at one file. A folder comes before what is in it, and names are in order.
pub(super) struct Walk {
    root: PathBuf,
    follow: bool,
    /// Paths in the root that are still to come, the next one last.
    next: Vec<PathBuf>,
}

/// Something in a local folder.
pub(super) struct Found {
    /// Its path in the folder; empty for the folder itself.
    pub(super) inner: PathBuf,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Of what it leads to, if links are followed.
    pub(super) metadata: Metadata,
    /// A link that can't be followed, and why.
    pub(super) astray: Option<&'static str>,
}

impl Walk {
    pub(super) fn new(root: &Path, follow: bool) -> Self {
        Self { root: root.to_owned(), follow, next: vec![PathBuf::new()] }
    }

    fn find(&mut self, inner: PathBuf) -> Result<Found> {
        let path = if inner.as_os_str().is_empty() { self.root.clone() } else { self.root.join(&inner) };
        let (mut metadata, mut astray) = (fs::symlink_metadata(&path).map_err(failed("look at", &path))?, None);
        // What is named by the caller is followed.
        if metadata.is_symlink() && (self.follow || inner.as_os_str().is_empty()) {
            match fs::metadata(&path) {
                Ok(found) if found.is_dir() && self.leads_back(&inner, &path) => {
                    astray = Some("it is a symbolic link to a folder that it is in");
                }
                Ok(found) => metadata = found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    astray = Some("it is a symbolic link that leads nowhere");
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

    /// Whether a link leads to one of the folders that it is in.
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
