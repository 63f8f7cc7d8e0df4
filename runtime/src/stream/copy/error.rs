//! Errors of the steps of a copy.

use std::io;
use std::path::Path;

use crate::error::Error;

/// Creates an error of a local file.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let message = format!("cannot {doing} {path:?}");
    move |error| Error::io(message).with_source(error)
}

/// Creates an error for an entry that is rejected.
pub(super) fn refused(label: &str, why: impl std::fmt::Display) -> Error {
    Error::response(format!("rejected entry {label} of the archive: {why}"), None)
}
