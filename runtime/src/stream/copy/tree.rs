//! The local folder that a copy goes to. Nothing in it is reached through a symbolic link.

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

/// A local folder, or the one file, that a copy becomes.
pub(super) struct Tree {
    root: PathBuf,
    existing: Existing,
    preserve: bool,
    /// Folders that were made, to be given their mode and time when all is in them.
    made: Vec<(PathBuf, Attributes)>,
    /// What was to be written by this attempt, and by those before it, which may be replaced whatever the caller says of
    /// files that exist. Nothing is noted where everything may be.
    written: HashSet<PathBuf>,
    written_before: HashSet<PathBuf>,
    /// How hard links are made; a test has none.
    pub(super) linker: fn(&Path, &Path) -> io::Result<()>,
    names: RandomState,
    next: u64,
}

/// What a file or folder is to have.
#[derive(Clone, Copy)]
pub(super) struct Attributes {
    /// Who may read, write and execute it.
    pub(super) mode: u32,
    pub(super) changed: Option<SystemTime>,
}

/// A file that is being written; without [`keep`](Self::keep) it is removed again.
pub(super) struct Writing {
    pub(super) file: File,
    path: Temporary,
}

struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename it is not there any more.
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

    /// The same copy begins anew.
    pub(super) fn again(&mut self) {
        self.written_before.extend(self.written.drain());
    }

    /// Where something belongs, with the folders that it lies in, and how many of those were made.
    ///
    /// # Errors
    /// If a part of the way is a link, or no folder.
    pub(super) fn place(&self, parts: &[OsString], label: &str) -> Result<(PathBuf, u64)> {
        let (mut path, mut made) = (self.root.clone(), 0);
        for part in parts {
            match metadata(&path)? {
                Some(found) if found.is_dir() => {}
                Some(found) if found.is_symlink() => {
                    let why = format!("it would be reached through {path:?}, a symbolic link, and none is followed");
                    return Err(refused(label, why));
                }
                Some(_) => return Err(Error::local(format!("{path:?} is in the way: it is no folder"))),
                None => {
                    fs::create_dir(&path).map_err(failed("make the folder", &path))?;
                    made += 1;
                }
            }
            path.push(part);
        }
        Ok((path, made))
    }

    /// Makes a folder, unless it is there.
    pub(super) fn folder(&mut self, path: &Path, attributes: Attributes) -> Result<()> {
        match metadata(path)? {
            Some(found) if found.is_dir() => {
                // Named twice, the last word counts; a folder that was there before stays what it was.
                if let Some((_, known)) = self.made.iter_mut().rev().find(|(made, _)| made == path) {
                    *known = attributes;
                }
                Ok(())
            }
            Some(_) => Err(Error::local(format!("{path:?} is in the way: it is no folder"))),
            None => {
                self.make(path).map_err(failed("make the folder", path))?;
                self.made.push((path.to_owned(), attributes));
                Ok(())
            }
        }
    }

    /// Whether something is to be written here; not, if it is to keep what it has.
    pub(super) fn is_free(&mut self, path: &Path) -> Result<bool> {
        let Some(found) = metadata(path)? else {
            if self.existing != Existing::Replace {
                self.written.insert(path.to_owned());
            }
            return Ok(true);
        };
        if found.is_dir() {
            return Err(Error::local(format!("{path:?} is in the way: it is a folder")));
        }
        if !found.is_file() && !found.is_symlink() {
            return Err(Error::local(format!("{path:?} is in the way: it is neither a file nor a folder nor a link")));
        }
        // Once: an archive that names it twice means itself.
        if self.written_before.remove(path) {
            return Ok(self.written.insert(path.to_owned()));
        }
        match self.existing {
            Existing::Replace => Ok(true),
            Existing::Keep => Ok(false),
            Existing::Refuse => Err(Error::local(format!("{path:?} exists, and nothing is to be replaced"))),
        }
    }

    /// Starts a file beside its place.
    pub(super) fn write(&mut self, path: &Path, attributes: Attributes) -> Result<Writing> {
        let temporary = self.temporary(path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        set_mode(&mut options, self.preserve, attributes.mode);
        let file = options.open(&temporary).map_err(failed("make the file", &temporary))?;
        Ok(Writing { file, path: Temporary(temporary) })
    }

    /// Puts a file that is written into its place.
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
        fs::rename(&temporary.0, path).map_err(failed("put into its place", path))
    }

    /// Makes a symbolic link.
    #[cfg(unix)]
    pub(super) fn link(&mut self, path: &Path, target: &[u8]) -> Result<()> {
        use std::os::unix::ffi::OsStrExt as _;
        let temporary = Temporary(self.temporary(path));
        std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), &temporary.0)
            .and_then(|()| fs::rename(&temporary.0, path))
            .map_err(failed("make the symbolic link", path))
    }

    /// Makes a hard link; or a copy where there are none, or no more of this file, if that many bytes may be spent.
    pub(super) fn hard_link(
        &mut self,
        path: &Path,
        target: &Path,
        label: &str,
        spend: impl FnOnce(u64) -> Result<()>,
    ) -> Result<()> {
        let size = match metadata(target)? {
            Some(found) if found.is_file() => found.len(),
            _ => return Err(refused(label, format!("it is a hard link to {target:?}, which is no file"))),
        };
        if path == target {
            return Ok(());
        }
        let temporary = Temporary(self.temporary(path));
        if (self.linker)(target, &temporary.0).is_err() {
            spend(size)?;
            fs::copy(target, &temporary.0).map_err(failed("copy what a hard link leads to, ", target))?;
        }
        fs::rename(&temporary.0, path).map_err(failed("make the hard link", path))
    }

    /// Gives the folders that were made their modes and times.
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
            // Until it is complete, nobody else looks into it.
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        }
        builder.create(path)
    }
}

/// What is at a path itself, if anything.
pub(super) fn metadata(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("look at", path)(error)),
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
