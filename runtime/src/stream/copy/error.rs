//! Errors of the steps of a copy.

use std::io;
use std::path::Path;

use crate::error::Error;

/// An error about a local file.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let message = format!("cannot {doing} {path:?}");
    move |error| Error::local(message).with_source(error)
}

/// An entry that is not taken.
pub(super) fn refused(label: &str, why: impl std::fmt::Display) -> Error {
    Error::response(format!("the archive's entry {label} is refused: {why}"), None)
}
