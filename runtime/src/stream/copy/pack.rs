//! Packs a local directory into an archive.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use tar::{Builder, EntryType, Header};
use tokio::sync::mpsc::Sender;

use super::error::failed;
use super::names;
use super::options::Links;
use super::progress::{Copied, Meter, Skipped};
use super::sink::Sink;
use super::walk::{Found, Walk};
use crate::error::{Error, Result};

/// What to pack.
pub(super) struct Plan {
    pub(super) source: PathBuf,
    /// The name of the directory or file in the archive; empty to pack only its contents.
    pub(super) top: Option<OsString>,
    pub(super) links: Links,
    pub(super) preserve: bool,
    pub(super) owner: Option<(u32, u32)>,
    /// The outcome, besides the numbers.
    pub(super) destination: PathBuf,
}

/// Packs the archive into the channel. Blocks.
pub(super) fn pack(plan: Plan, pieces: Sender<Bytes>, mut meter: Meter) -> Result<Copied> {
    count(&plan, &mut meter)?;
    let copied = Copied { destination: plan.destination.clone(), ..Copied::default() };
    let builder = Builder::new(Sink::new(pieces));
    let mut packer = Packer { plan, builder, meter, copied, first_names: HashMap::new() };
    match packer.all() {
        Ok(()) => packer.builder.into_inner().and_then(Sink::finish).map_err(unsent)?,
        Err(error) => {
            // Dropping the builder would write the archive's end, as if it were complete.
            packer.builder.get_mut().give_up();
            return Err(error);
        }
    }
    let Packer { meter, mut copied, .. } = packer;
    (copied.files, copied.bytes) = (meter.progress.files, meter.progress.bytes);
    Ok(copied)
}

/// Counts files and bytes.
fn count(plan: &Plan, meter: &mut Meter) -> Result<()> {
    let (mut files, mut bytes, mut counted) = (0, 0, HashSet::new());
    for found in Walk::new(&plan.source, plan.links == Links::Follow) {
        let Found { metadata, .. } = found?;
        if metadata.is_file() {
            files += 1;
            // A file with more than one hard link is sent once.
            if identity(&metadata).is_none_or(|identity| counted.insert(identity)) {
                bytes += metadata.len();
            }
        }
    }
    (meter.progress.total_files, meter.progress.total_bytes) = (Some(files), Some(bytes));
    Ok(())
}

struct Packer {
    plan: Plan,
    builder: Builder<Sink>,
    meter: Meter,
    copied: Copied,
    /// Names in the archive of files with more than one hard link.
    first_names: HashMap<(u64, u64), PathBuf>,
}

impl Packer {
    fn all(&mut self) -> Result<()> {
        for found in Walk::new(&self.plan.source, self.plan.links == Links::Follow) {
            let found = found?;
            self.meter.at(&*found.inner);
            self.one(&found)?;
        }
        Ok(())
    }

    fn one(&mut self, found: &Found) -> Result<()> {
        let name = match &self.plan.top {
            Some(top) if found.inner.as_os_str().is_empty() => PathBuf::from(top),
            Some(top) => Path::new(top).join(&found.inner),
            None => found.inner.clone(),
        };
        let kind = found.metadata.file_type();
        if let Some(why) = found.astray {
            return self.skip(found, why);
        }
        if kind.is_dir() {
            // The directory for the contents exists.
            if !name.as_os_str().is_empty() {
                let mut header = self.header(EntryType::Directory, &found.metadata);
                self.builder.append_data(&mut header, &name, io::empty()).map_err(unsent)?;
                self.copied.folders += 1;
            }
            Ok(())
        } else if kind.is_file() {
            self.file(found, &name)
        } else if kind.is_symlink() {
            self.link(found, &name)
        } else {
            self.skip(found, "it is neither a file nor a directory nor a link")
        }
    }

    fn file(&mut self, found: &Found, name: &Path) -> Result<()> {
        if self.is_another_name(found, name)? {
            return Ok(());
        }
        let file = File::open(&found.path).map_err(failed("read", &found.path))?;
        let metadata = file.metadata().map_err(failed("inspect", &found.path))?;
        let mut header = self.header(EntryType::Regular, &metadata);
        header.set_size(metadata.len());
        let mut contents = Contents { file, left: metadata.len(), meter: &mut self.meter, failure: None };
        let appended = self.builder.append_data(&mut header, name, &mut contents);
        match (contents.failure, appended) {
            (Some(error), _) => return Err(failed("read", &found.path)(error)),
            (None, appended) => appended.map_err(unsent)?,
        }
        self.meter.file_done();
        Ok(())
    }

    /// Adds a further name of a file that is in the archive already.
    fn is_another_name(&mut self, found: &Found, name: &Path) -> Result<bool> {
        let Some(identity) = identity(&found.metadata) else { return Ok(false) };
        let first = match self.first_names.entry(identity) {
            Entry::Vacant(vacant) => {
                vacant.insert(name.to_owned());
                return Ok(false);
            }
            Entry::Occupied(first) => first.get().clone(),
        };
        let mut header = self.header(EntryType::Link, &found.metadata);
        self.builder.append_link(&mut header, name, &first).map_err(unsent)?;
        self.meter.file_done();
        Ok(true)
    }

    fn link(&mut self, found: &Found, name: &Path) -> Result<()> {
        let target = std::fs::read_link(&found.path).map_err(failed("read the symbolic link", &found.path))?;
        let bytes = match names::bytes(target.as_os_str()) {
            Ok(bytes) => bytes,
            Err(why) => return self.skip(found, why),
        };
        let depth = found.inner.components().count().saturating_sub(1);
        match self.plan.links {
            Links::Skip => return self.skip(found, "it is a symbolic link, which are skipped"),
            Links::Inside if !names::leads_inside(depth, &bytes) => {
                let shown = names::shown(&bytes);
                let why = format!("it is a symbolic link to {shown}, which may resolve outside of the copied tree");
                return self.skip(found, why);
            }
            _ => {}
        }
        let mut header = self.header(EntryType::Symlink, &found.metadata);
        let appended = match header.set_link_name_literal(&bytes) {
            Ok(()) => self.builder.append_data(&mut header, name, io::empty()),
            // Too long for a header.
            Err(_) => self.builder.append_link(&mut header, name, &target),
        };
        appended.map_err(unsent)?;
        self.copied.links += 1;
        Ok(())
    }

    fn skip(&mut self, found: &Found, why: impl Into<String>) -> Result<()> {
        let why = why.into();
        if found.inner.as_os_str().is_empty() {
            return Err(Error::io(format!("{:?} can't be copied: {why}", found.path)));
        }
        self.copied.skipped.push(Skipped { path: found.inner.clone(), why });
        Ok(())
    }

    fn header(&self, kind: EntryType, metadata: &Metadata) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_mode(if self.plan.preserve { mode(metadata) & 0o777 } else { plain(mode(metadata)) });
        let changed = if self.plan.preserve { metadata.modified().ok() } else { None };
        let since = changed.unwrap_or_else(SystemTime::now).duration_since(SystemTime::UNIX_EPOCH);
        header.set_mtime(since.map_or(0, |since| since.as_secs()));
        let (user, group) = self.plan.owner.unwrap_or_default();
        header.set_uid(user.into());
        header.set_gid(group.into());
        header
    }
}

/// Reads exactly as many bytes of a file as its header declares.
struct Contents<'a> {
    file: File,
    left: u64,
    meter: &'a mut Meter,
    failure: Option<io::Error>,
}

impl Read for Contents<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let read = match self.file.read(&mut buffer[..wanted]) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it was truncated while it was read")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            other => other,
        };
        match read {
            Ok(length) => {
                self.left -= length as u64;
                self.meter.copied(length as u64);
                Ok(length)
            }
            Err(error) => {
                let kind = error.kind();
                self.failure = Some(error);
                Err(kind.into())
            }
        }
    }
}

fn unsent(error: io::Error) -> Error {
    Error::stream("the archive could not be sent").with_source(error)
}

/// Metadata of a file without any of its own.
fn plain(mode: u32) -> u32 {
    if mode & 0o111 == 0 { 0o644 } else { 0o755 }
}

/// Returns the identity of a file, if it has more than one hard link.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()))
}

/// Returns the identity of a file, if it has more than one hard link.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn mode(metadata: &Metadata) -> u32 {
    if metadata.is_dir() { 0o755 } else { 0o644 }
}
