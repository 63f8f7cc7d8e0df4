//! Unpacks an archive into a local directory, without leaving it.

use std::ffi::OsString;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tar::EntryType;
use tokio::sync::mpsc::Receiver;
use tokio::sync::oneshot;

use super::error::{failed, refused};
use super::names;
use super::options::{Existing, Links};
use super::progress::{Copied, Meter, Progress, Skipped};
use super::source::{Source, State};
use super::tree::{Attributes, Tree, Writing};
use crate::error::Error;

/// Size of reads.
const PIECE: usize = 64 << 10;
/// Zeros of at least this length become a hole.
const HOLE: usize = 4 << 10;
/// A block of an archive, such as a header.
const BLOCK: u64 = 512;
/// Maximum padding after the archive's end, which is that of a record.
const PADDING: usize = 1 << 20;
/// More skipped entries than this are an error.
const SKIPPED: usize = 10_000;
/// And so are more bytes than this to report them.
const REPORTED: usize = 16 << 20;
/// No system supports longer names or link targets.
const NAME: usize = 64 << 10;

/// The destination, and the entries to unpack.
pub(super) struct Plan {
    /// What the archive's first entry becomes.
    pub(super) root: PathBuf,
    /// Whether that must be a directory.
    pub(super) folder_only: bool,
    /// The requested path, for messages.
    pub(super) from: String,
    /// Common prefix of all names in the archive.
    pub(super) prefix: Vec<OsString>,
    pub(super) links: Links,
    pub(super) existing: Existing,
    pub(super) preserve: bool,
    pub(super) limit: Option<u64>,
}

/// Why an archive was not unpacked.
pub(super) enum Fault {
    /// It was truncated, for a reason reported elsewhere.
    Cut,
    /// It was empty, likewise.
    Empty,
    Failed(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

type Entry<'a> = tar::Entry<'a, Source>;

/// Unpacks an archive and reports progress.
pub(super) struct Attempt {
    pub(super) pieces: Receiver<Bytes>,
    /// Notified when its end was read, though padding may follow.
    pub(super) at_end: oneshot::Sender<()>,
    pub(super) outcome: oneshot::Sender<Result<Copied, Fault>>,
}

/// Unpacks one archive after the other to the same destination, until there is none. Blocks.
pub(super) fn unpack(plan: Plan, mut attempts: Receiver<Attempt>, meter: Meter) -> Result<(), Error> {
    let mut unpacker = Unpacker::new(plan, meter);
    while let Some(Attempt { pieces, at_end, outcome }) = attempts.blocking_recv() {
        // After an abort nobody receives the result.
        let _ = outcome.send(unpacker.attempt(pieces, at_end));
        unpacker.begin_anew();
    }
    // In any case: directories must not stay inaccessible.
    unpacker.tree.finish()
}

struct Unpacker {
    plan: Plan,
    tree: Tree,
    meter: Meter,
    copied: Copied,
    budget: Budget,
    /// Number of bytes to report skipped entries.
    reported: usize,
    started: bool,
    buffer: Vec<u8>,
}

impl Unpacker {
    fn new(plan: Plan, meter: Meter) -> Self {
        let tree = Tree::new(plan.root.clone(), plan.existing, plan.preserve);
        let copied = Copied { destination: plan.root.clone(), ..Copied::default() };
        let budget = Budget { limit: plan.limit, spent: 0 };
        Self { plan, tree, meter, copied, budget, reported: 0, started: false, buffer: vec![0; PIECE] }
    }

    fn attempt(&mut self, pieces: Receiver<Bytes>, at_end: oneshot::Sender<()>) -> Result<Copied, Fault> {
        let (source, state) = Source::new(pieces);
        let mut archive = tar::Archive::new(source);
        self.entries(&mut archive, &state)?;
        let _ = at_end.send(());
        end(archive.into_inner())?;
        if !self.started {
            return Err(Fault::Empty);
        }
        let Progress { files, bytes, .. } = self.meter.progress;
        Ok(Copied { files, bytes, ..std::mem::take(&mut self.copied) })
    }

    /// Resets the state of an attempt, except for what it has written.
    fn begin_anew(&mut self) {
        self.tree.again();
        self.meter.progress = Progress::default();
        self.copied = Copied { destination: self.plan.root.clone(), ..Copied::default() };
        self.budget.spent = 0;
        (self.reported, self.started) = (0, false);
    }

    fn entries(&mut self, archive: &mut tar::Archive<Source>, state: &State) -> Result<(), Fault> {
        let mut entries = archive.entries().map_err(|error| unreadable(error, state))?;
        loop {
            state.expect_headers();
            let Some(entry) = entries.next() else { break };
            state.expect_contents();
            let mut entry = entry.map_err(|error| unreadable(error, state))?;
            self.entry(&mut entry, state)?;
            self.drain(&mut entry, state)?;
        }
        state.expect_contents();
        // The library regards an archive that is truncated between two entries as complete.
        if state.ended() {
            return Err(Fault::Cut);
        }
        Ok(())
    }

    fn entry(&mut self, entry: &mut Entry<'_>, state: &State) -> Result<(), Fault> {
        self.budget.spend(BLOCK)?;
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        let name = entry.path_bytes().into_owned();
        let label = names::shown(&name);
        if name.len() > NAME {
            return Err(refused(&label, format!("its name is longer than {NAME} bytes")).into());
        }
        well_formed(entry, &label)?;
        let parts = names::parts(&name).map_err(|why| refused(&label, why))?;
        let Some(parts) = parts.strip_prefix(&*self.plan.prefix) else {
            return Err(refused(&label, "it was not requested").into());
        };
        if !self.started && !parts.is_empty() {
            return Err(refused(&label, "the first entry must be the requested path").into());
        }
        self.started = true;
        self.meter.at(parts.iter().collect::<PathBuf>());
        // The oldest archives mark a directory by a trailing slash.
        let folder = kind == EntryType::Directory || (kind == EntryType::Regular && name.ends_with(b"/"));
        if parts.is_empty() && self.plan.folder_only && !folder && kind != EntryType::Symlink {
            let message = format!("{:?} must be a directory, but {:?} is not", self.plan.root, self.plan.from);
            return Err(Error::io(message).into());
        }
        match kind {
            _ if folder => self.folder(entry, parts, &label),
            EntryType::Regular | EntryType::Continuous => self.file(entry, parts, &label, state),
            EntryType::Symlink => self.link(entry, parts, &label),
            EntryType::Link => self.hard_link(entry, parts, &label),
            EntryType::Char | EntryType::Block => self.skip(parts, "it is a device"),
            EntryType::Fifo => self.skip(parts, "it is a named pipe"),
            other => self.skip(parts, format!("it has an unknown type ({:?})", char::from(other.as_byte()))),
        }
    }

    fn folder(&mut self, entry: &Entry<'_>, parts: &[OsString], label: &str) -> Result<(), Fault> {
        let attributes = attributes(entry, label)?;
        let path = self.place(parts, label)?;
        self.tree.folder(&path, attributes)?;
        self.copied.folders += 1;
        Ok(())
    }

    fn file(&mut self, entry: &mut Entry<'_>, parts: &[OsString], label: &str, state: &State) -> Result<(), Fault> {
        let (size, attributes) = (entry.size(), attributes(entry, label)?);
        if parts.is_empty() {
            (self.meter.progress.total_files, self.meter.progress.total_bytes) = (Some(1), Some(size));
        }
        let path = self.place(parts, label)?;
        if !self.tree.is_free(&path)? {
            return self.skip(parts, "it exists");
        }
        let mut writing = self.tree.write(&path, attributes)?;
        self.contents(entry, &mut writing, &path, state)?;
        self.tree.keep(writing, &path, attributes)?;
        self.meter.file_done();
        Ok(())
    }

    /// Writes a file's contents. Long runs of zeros become holes.
    fn contents(
        &mut self,
        entry: &mut Entry<'_>,
        writing: &mut Writing,
        path: &std::path::Path,
        state: &State,
    ) -> Result<(), Fault> {
        let size = entry.size();
        let mut done = 0;
        while done < size {
            let length = match entry.read(&mut self.buffer) {
                Ok(0) if state.ended() => return Err(Fault::Cut),
                Ok(0) => {
                    return Err(Error::response("a file in the archive is shorter than its header says", None).into());
                }
                Ok(length) => length,
                Err(error) => return Err(unreadable(error, state)),
            };
            self.budget.spend(length as u64)?;
            let piece = &self.buffer[..length];
            if length >= HOLE && piece.iter().all(|byte| *byte == 0) {
                writing.file.seek(SeekFrom::Current(length as i64)).map_err(failed("write", path))?;
            } else {
                writing.file.write_all(piece).map_err(failed("write", path))?;
            }
            done += length as u64;
            self.meter.copied(length as u64);
        }
        // A hole at the end requires setting the length.
        writing.file.set_len(size).map_err(failed("write", path))?;
        Ok(())
    }

    fn link(&mut self, entry: &Entry<'_>, parts: &[OsString], label: &str) -> Result<(), Fault> {
        let target = target(entry, label)?;
        let shown = names::shown(&target);
        let keep = match self.plan.links {
            Links::Keep => true,
            Links::Skip => return self.skip(parts, "it is a symbolic link, which are skipped"),
            Links::Inside | Links::Follow => names::leads_inside(parts.len().saturating_sub(1), &target),
        };
        if parts.is_empty() && self.plan.links != Links::Keep {
            let message = format!(
                "{:?} is a symbolic link to {shown}: use the target, end the path in a slash if it is a directory, \
                 or follow links",
                self.plan.from
            );
            return Err(Error::command(message).into());
        }
        if !keep {
            return self.skip(
                parts,
                format!("it is a symbolic link to {shown}, which may resolve outside of the copied tree"),
            );
        }
        let path = self.place(parts, label)?;
        if !self.tree.is_free(&path)? {
            return self.skip(parts, "it exists");
        }
        #[cfg(unix)]
        {
            self.tree.link(&path, &target)?;
            self.copied.links += 1;
            Ok(())
        }
        #[cfg(not(unix))]
        self.skip(parts, format!("it is a symbolic link to {shown}, which this system does not support"))
    }

    fn hard_link(&mut self, entry: &Entry<'_>, parts: &[OsString], label: &str) -> Result<(), Fault> {
        let target = target(entry, label)?;
        let outside =
            || refused(label, format!("it is a hard link to {}, outside of the copied tree", names::shown(&target)));
        let target = names::parts(&target).map_err(|_| outside())?;
        let target = target.strip_prefix(&*self.plan.prefix).ok_or_else(outside)?;
        let (target, path) = (self.place(target, label)?, self.place(parts, label)?);
        if !self.tree.is_free(&path)? {
            return self.skip(parts, "it exists");
        }
        self.tree.hard_link(&path, &target, label, |bytes| self.budget.spend(bytes))?;
        self.meter.file_done();
        Ok(())
    }

    fn skip(&mut self, parts: &[OsString], why: impl Into<String>) -> Result<(), Fault> {
        let why = why.into();
        if parts.is_empty() && why != "it exists" {
            return Err(Error::command(format!("{:?} can't be copied: {why}", self.plan.from)).into());
        }
        let path: PathBuf = parts.iter().collect();
        self.reported += path.as_os_str().len() + why.len();
        if self.copied.skipped.len() >= SKIPPED || self.reported > REPORTED {
            let message = format!(
                "more than {SKIPPED} entries can't be copied, or reporting them takes more than {REPORTED} bytes; the last one \
                 because {why}"
            );
            return Err(Error::response(message, None).into());
        }
        self.copied.skipped.push(Skipped { path, why });
        Ok(())
    }

    /// Returns the destination of an entry. Directories created for it count towards the limit.
    fn place(&mut self, parts: &[OsString], label: &str) -> Result<PathBuf, Error> {
        let (path, made) = self.tree.place(parts, label)?;
        self.budget.spend(made.saturating_mul(BLOCK))?;
        Ok(path)
    }

    /// Discards the rest of an entry.
    fn drain(&mut self, entry: &mut Entry<'_>, state: &State) -> Result<(), Fault> {
        loop {
            match entry.read(&mut self.buffer) {
                Ok(0) => return if state.ended() { Err(Fault::Cut) } else { Ok(()) },
                Ok(length) => self.budget.spend(length as u64)?,
                Err(error) => return Err(unreadable(error, state)),
            }
        }
    }
}

/// Limits what is accepted from a container.
struct Budget {
    limit: Option<u64>,
    spent: u64,
}

impl Budget {
    fn spend(&mut self, bytes: u64) -> Result<(), Error> {
        self.spent = self.spent.saturating_add(bytes);
        match self.limit {
            Some(limit) if self.spent > limit => {
                let message = format!("it exceeds the limit of {limit} bytes: raise the limit, or copy less");
                Err(Error::response(message, None))
            }
            _ => Ok(()),
        }
    }
}

/// Reads what follows the last entry: the rest of the end, which is two blocks of zeros, and the padding.
fn end(mut source: Source) -> Result<(), Fault> {
    let mut rest = Vec::new();
    let limit = PADDING as u64;
    let read = source.by_ref().take(limit).read_to_end(&mut rest);
    read.map_err(|error| Error::response("the archive's end can't be read", None).with_source(error))?;
    if rest.len() < BLOCK as usize {
        return Err(Fault::Cut);
    }
    if rest.len() == PADDING || rest.iter().any(|byte| *byte != 0) {
        return Err(Error::response("data after the end of the archive", None).into());
    }
    Ok(())
}

/// Rejects what the library does not support, which must not be misread.
fn well_formed(entry: &mut Entry<'_>, label: &str) -> Result<(), Error> {
    let holes = || refused(label, "it has holes, as written by --sparse: run tar without that option");
    // Holes are not read from the container: a header could declare zeros without end, and
    // an abort would go unnoticed.
    if entry.header().entry_type() == EntryType::GNUSparse {
        return Err(holes());
    }
    let malformed = |error| refused(label, "its extended header is malformed").with_source(error);
    for extension in entry.pax_extensions().map_err(malformed)?.into_iter().flatten() {
        // The library misparses a value with a newline; its name would be another one.
        if extension.map_err(malformed)?.key_bytes().starts_with(b"GNU.sparse.") {
            return Err(holes());
        }
    }
    Ok(())
}

fn target(entry: &Entry<'_>, label: &str) -> Result<Vec<u8>, Error> {
    let target =
        entry.link_name_bytes().ok_or_else(|| refused(label, "it is a hard or symbolic link without a target"))?;
    if target.len() > NAME {
        return Err(refused(label, format!("it is a link to a name that is longer than {NAME} bytes")));
    }
    Ok(target.into_owned())
}

/// Returns mode and time of an entry, without bits that run a program as another user.
fn attributes(entry: &Entry<'_>, label: &str) -> Result<Attributes, Error> {
    let malformed = |error| refused(label, "its header is malformed").with_source(error);
    let mode = entry.header().mode().map_err(malformed)? & 0o777;
    // Before 1970, the number is negative.
    let seconds = entry.header().mtime().map_err(malformed)?.cast_signed();
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let changed = match seconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    };
    Ok(Attributes { mode, changed })
}

fn unreadable(error: std::io::Error, state: &State) -> Fault {
    if state.ended() {
        return Fault::Cut;
    }
    Error::response("cannot read the archive from the container", None).with_source(error).into()
}

#[cfg(all(test, unix))]
mod tests;
