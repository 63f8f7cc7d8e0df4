//! How far a copy has come, and what has come of it.

use std::path::PathBuf;

/// How far a copy has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being copied, as a path in the folder that is; empty for that folder, or for the one file, itself.
    pub path: PathBuf,
    /// How many files are done.
    pub files: u64,
    /// How many bytes of contents were copied. Towards a container, what is under way counts.
    pub bytes: u64,
    /// How many files there are, if that is known: it is not for what comes from a container.
    pub total_files: Option<u64>,
    /// How many bytes of contents there are, if that is known: for what comes from a container only if it is one file.
    pub total_bytes: Option<u64>,
}

/// What a copy came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// Where the copy is: a local path, or one in the container.
    pub destination: PathBuf,
    /// How many files were copied, hard links among them.
    pub files: u64,
    /// How many folders were copied, the first one included.
    pub folders: u64,
    /// How many symbolic links were copied.
    pub links: u64,
    /// How many bytes of contents were copied.
    pub bytes: u64,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// What `tar` said on its stderr, though it succeeded; at most 16 KiB of it.
    pub warnings: String,
}

/// Something that a copy left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its path in the folder that was copied.
    pub path: PathBuf,
    /// Why, for people.
    pub why: String,
}

/// Who is told how far a copy has come.
pub(super) type Watcher = Box<dyn FnMut(&Progress) + Send>;

/// What tells it.
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
        self.tell();
    }

    pub(super) fn copied(&mut self, bytes: u64) {
        self.progress.bytes += bytes;
        self.tell();
    }

    pub(super) fn file_done(&mut self) {
        self.progress.files += 1;
        self.tell();
    }

    fn tell(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            watcher(&self.progress);
        }
    }
}
