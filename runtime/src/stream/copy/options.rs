//! Options of a copy for links and existing files.

#[cfg(doc)]
use super::Copied;

/// How symbolic links are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Links {
    /// Links that certainly resolve inside the copied tree stay links; the others are skipped and
    /// [reported](Copied::skipped). An absolute target is outside, and so is one with `..` after a name, which may
    /// itself be a link.
    Inside,
    /// All stay links, wherever they resolve.
    Keep,
    /// All are skipped and reported.
    Skip,
    /// Their targets are copied in their place. In a container this is `tar -h`.
    Follow,
}

/// How existing local files are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Existing {
    /// They are replaced.
    Replace,
    /// They are kept, and what would have replaced them is skipped and [reported](Copied::skipped).
    Keep,
    /// They are an error.
    Refuse,
}
