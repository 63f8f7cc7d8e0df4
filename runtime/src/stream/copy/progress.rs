//! Progress and outcome of a copy.

use std::path::PathBuf;

/// Progress of a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The current path in the copied directory; empty for that directory, or for a single file, itself.
    pub path: PathBuf,
    /// Number of files that are complete.
    pub files: u64,
    /// Number of bytes of contents that were copied. Towards a container, bytes in flight count.
    pub bytes: u64,
    /// Total number of files, if known: never for a copy from a container.
    pub total_files: Option<u64>,
    /// Total number of bytes of contents, if known: for a copy from a container only if it is a single file.
    pub total_bytes: Option<u64>,
}

/// Outcome of a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// The destination: a local path, or one in the container.
    pub destination: PathBuf,
    /// Number of files that were copied, including hard links.
    pub files: u64,
    /// Number of directories that were copied, including the first.
    pub folders: u64,
    /// Number of symbolic links that were copied.
    pub links: u64,
    /// Number of bytes of contents that were copied.
    pub bytes: u64,
    /// Skipped entries.
    pub skipped: Vec<Skipped>,
    /// The output of `tar` on stderr, though it succeeded; at most 16 KiB of it.
    pub warnings: String,
}

/// An entry that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its path in the copied directory.
    pub path: PathBuf,
    /// The reason, human-readable.
    pub why: String,
}

/// Callback for progress.
pub(super) type Watcher = Box<dyn FnMut(&Progress) + Send>;

/// Counts, and calls the callback.
pub(super) struct Meter {
    pub(super) progress: Progress,
    watcher: Option<Watcher>,
}

impl Meter {
    pub(super) fn new(watcher: Option<Watcher>) -> Self {
        Self { progress: Progress::default(), watcher }
    }

    pub(super) fn at(&mut self, path: impl Into<PathBuf>) {
        self.progress.path = path.into();
        self.notify();
    }

    pub(super) fn copied(&mut self, bytes: u64) {
        self.progress.bytes += bytes;
        self.notify();
    }

    pub(super) fn file_done(&mut self) {
        self.progress.files += 1;
        self.notify();
    }

    fn notify(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            watcher(&self.progress);
        }
    }
}
