//! What a copy may be asked to do with links, and with files that are there already.

#[cfg(doc)]
use super::Copied;

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Links {
    /// Those that surely lead to something in what is copied stay links; the others are left out, and
    /// [told](Copied::skipped). An absolute target is outside, and so is one with `..` behind a name, which may itself
    /// be a link.
    Inside,
    /// All stay links, wherever they lead.
    Keep,
    /// All are left out, and told.
    Skip,
    /// What they lead to is copied in their place. In a container that is `tar -h`.
    Follow,
}

/// What becomes of local files that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Existing {
    /// They are replaced.
    Replace,
    /// They stay as they are, and what would have replaced them is left out, and [told](Copied::skipped).
    Keep,
    /// The first one is an error.
    Refuse,
}
