//! The local directory that a copy is written to. Nothing in it is accessed through a symbolic link.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{failed, refused};
use super::options::Existing;
use crate::error::{Error, Result};

/// The destination: a local directory, or a single file.
pub(super) struct Tree {
    root: PathBuf,
    existing: Existing,
    preserve: bool,
    /// Directories that were created, whose mode and time are set when they are complete.
    made: Vec<(PathBuf, Attributes)>,
    /// Paths written by this attempt and earlier ones, which may be replaced whatever the option for existing files is.
    /// Not recorded if all may be replaced.
    written: HashSet<PathBuf>,
    written_before: HashSet<PathBuf>,
    /// How hard links are created; a test has none.
    pub(super) linker: fn(&Path, &Path) -> io::Result<()>,
    names: RandomState,
    next: u64,
}

/// Metadata of a file or directory.
#[derive(Clone, Copy)]
pub(super) struct Attributes {
    /// Permissions to read, write and execute.
    pub(super) mode: u32,
    pub(super) changed: Option<SystemTime>,
}

/// A file that is being written; without [`keep`](Self::keep) it is removed.
pub(super) struct Writing {
    pub(super) file: File,
    path: Temporary,
}

struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename it does not exist any more.
        let _ = fs::remove_file(&self.0);
    }
}

impl Tree {
    pub(super) fn new(root: PathBuf, existing: Existing, preserve: bool) -> Self {
        let linker = |target: &Path, link: &Path| fs::hard_link(target, link);
        Self {
            root,
            existing,
            preserve,
            made: Vec::new(),
            written: HashSet::new(),
            written_before: HashSet::new(),
            linker,
            names: RandomState::new(),
            next: 0,
        }
    }

    /// Restarts the same copy.
    pub(super) fn again(&mut self) {
        self.written_before.extend(self.written.drain());
    }

    /// Returns the destination of an entry after creating its parent directories, and the number of those that were
    /// created.
    ///
    /// # Errors
    /// If a component of the path is a link, or not a directory.
    pub(super) fn place(&self, parts: &[OsString], label: &str) -> Result<(PathBuf, u64)> {
        let (mut path, mut made) = (self.root.clone(), 0);
        for part in parts {
            match metadata(&path)? {
                Some(found) if found.is_dir() => {}
                Some(found) if found.is_symlink() => {
                    let why = format!("its path contains {path:?}, a symbolic link, which is not followed");
                    return Err(refused(label, why));
                }
                Some(_) => return Err(Error::io(format!("{path:?} exists and is not a directory"))),
                None => {
                    fs::create_dir(&path).map_err(failed("create the directory", &path))?;
                    made += 1;
                }
            }
            path.push(part);
        }
        Ok((path, made))
    }

    /// Creates a directory, unless it exists.
    pub(super) fn folder(&mut self, path: &Path, attributes: Attributes) -> Result<()> {
        match metadata(path)? {
            Some(found) if found.is_dir() => {
                // For a repeated entry the last one counts; a directory that existed before is unchanged.
                if let Some((_, known)) = self.made.iter_mut().rev().find(|(made, _)| made == path) {
                    *known = attributes;
                }
                Ok(())
            }
            Some(_) => Err(Error::io(format!("{path:?} exists and is not a directory"))),
            None => {
                self.make(path).map_err(failed("create the directory", path))?;
                self.made.push((path.to_owned(), attributes));
                Ok(())
            }
        }
    }

    /// Whether to write here, or to keep an existing file.
    pub(super) fn is_free(&mut self, path: &Path) -> Result<bool> {
        let Some(found) = metadata(path)? else {
            if self.existing != Existing::Replace {
                self.written.insert(path.to_owned());
            }
            return Ok(true);
        };
        if found.is_dir() {
            return Err(Error::io(format!("{path:?} exists and is a directory")));
        }
        if !found.is_file() && !found.is_symlink() {
            return Err(Error::io(format!("{path:?} exists and is neither a file nor a directory nor a link")));
        }
        // Once: a repeated entry of an archive replaces itself.
        if self.written_before.remove(path) {
            return Ok(self.written.insert(path.to_owned()));
        }
        match self.existing {
            Existing::Replace => Ok(true),
            Existing::Keep => Ok(false),
            Existing::Refuse => Err(Error::io(format!("{path:?} exists and must not be replaced"))),
        }
    }

    /// Creates a temporary file beside its destination.
    pub(super) fn write(&mut self, path: &Path, attributes: Attributes) -> Result<Writing> {
        let temporary = self.temporary(path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        set_mode(&mut options, self.preserve, attributes.mode);
        let file = options.open(&temporary).map_err(failed("create the file", &temporary))?;
        Ok(Writing { file, path: Temporary(temporary) })
    }

    /// Renames a complete file to its destination.
    pub(super) fn keep(&self, writing: Writing, path: &Path, attributes: Attributes) -> Result<()> {
        let Writing { file, path: temporary } = writing;
        if self.preserve {
            let set = || {
                if let Some(changed) = attributes.changed {
                    file.set_modified(changed)?;
                }
                permit(&temporary.0, attributes.mode)
            };
            set().map_err(failed("set mode and time of", path))?;
        }
        drop(file);
        fs::rename(&temporary.0, path).map_err(failed("rename to its destination", path))
    }

    /// Creates a symbolic link.
    #[cfg(unix)]
    pub(super) fn link(&mut self, path: &Path, target: &[u8]) -> Result<()> {
        use std::os::unix::ffi::OsStrExt as _;
        let temporary = Temporary(self.temporary(path));
        std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), &temporary.0)
            .and_then(|()| fs::rename(&temporary.0, path))
            .map_err(failed("create the symbolic link", path))
    }

    /// Creates a hard link; or a copy if there are no (more) hard links, if the limit allows its bytes.
    pub(super) fn hard_link(
        &mut self,
        path: &Path,
        target: &Path,
        label: &str,
        spend: impl FnOnce(u64) -> Result<()>,
    ) -> Result<()> {
        let size = match metadata(target)? {
            Some(found) if found.is_file() => found.len(),
            _ => return Err(refused(label, format!("it is a hard link to {target:?}, which is not a file"))),
        };
        if path == target {
            return Ok(());
        }
        let temporary = Temporary(self.temporary(path));
        if (self.linker)(target, &temporary.0).is_err() {
            spend(size)?;
            fs::copy(target, &temporary.0).map_err(failed("copy the target of a hard link, ", target))?;
        }
        fs::rename(&temporary.0, path).map_err(failed("create the hard link", path))
    }

    /// Sets the modes and times of the created directories.
    pub(super) fn finish(&mut self) -> Result<()> {
        let mut first = Ok(());
        for (path, attributes) in std::mem::take(&mut self.made).into_iter().rev() {
            if self.preserve {
                first = first.and(settle(&path, attributes).map_err(failed("set mode and time of", &path)));
            }
        }
        first
    }

    fn temporary(&mut self, path: &Path) -> PathBuf {
        self.next += 1;
        let name = format!(".kubewright-{:016x}", self.names.hash_one(self.next));
        path.parent().unwrap_or(Path::new(".")).join(name)
    }

    fn make(&self, path: &Path) -> io::Result<()> {
        #[cfg_attr(not(unix), allow(unused_mut))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        if self.preserve {
            // Other users have no access until it is complete.
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        }
        builder.create(path)
    }
}

/// Returns the metadata at a path itself, if it exists.
pub(super) fn metadata(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("inspect", path)(error)),
    }
}

#[cfg(unix)]
fn set_mode(options: &mut OpenOptions, preserve: bool, mode: u32) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let by_umask = if mode & 0o111 == 0 { 0o666 } else { 0o777 };
    options.mode(if preserve { 0o600 } else { by_umask });
}

#[cfg(not(unix))]
fn set_mode(_: &mut OpenOptions, _: bool, _: u32) {}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn permit(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn settle(path: &Path, attributes: Attributes) -> io::Result<()> {
    if let Some(changed) = attributes.changed {
        File::open(path)?.set_modified(changed)?;
    }
    permit(path, attributes.mode)
}

#[cfg(not(unix))]
fn settle(_: &Path, _: Attributes) -> io::Result<()> {
    Ok(())
}
