//! The entry that is being read: for messages, for its relative paths, and for the files that it names.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::super::{Entry, Kubeconfig, paths};
use super::{invalid, some};
use crate::config::Pem;
use crate::config::error::{ConfigError, Kind};

/// An entry's place.
pub(super) struct At<'a> {
    /// In words, such as `user "ann" in /home/ann/.kube/config`.
    pub(super) place: String,
    /// The file that the entry was read from.
    pub(super) file: Option<&'a Path>,
}

impl<'a> At<'a> {
    pub(super) fn new<T: Entry>(what: &str, entry: &'a T, source: &str) -> Self {
        Self { place: place(what, entry, source), file: entry.file() }
    }

    /// A path that the entry names.
    pub(super) fn absolute(&self, path: &Path) -> PathBuf {
        paths::absolute(self.file, path)
    }

    /// `FIELD-data`, or the file that `FIELD` names.
    pub(super) fn pem(&self, data: Option<&str>, path: Option<&Path>, field: &str) -> Result<Option<Pem>, ConfigError> {
        let place = &self.place;
        let path = path.filter(|path| !path.as_os_str().is_empty());
        match (some(data), path) {
            (Some(_), Some(_)) => {
                Err(invalid(format!("{place} has both {field} and {field}-data: remove one of them")))
            }
            (Some(data), None) => {
                // Of white space Go takes line breaks alone.
                let compact: Zeroizing<String> = Zeroizing::new(data.split(['\r', '\n']).collect());
                // Not the cause, which says which byte is wrong.
                let bytes = STANDARD.decode(compact.as_bytes()).map_err(|_| {
                    let should = "it should be what `base64 -w0 FILE` prints";
                    invalid(format!("{place}: {field}-data is not base64; {should}"))
                })?;
                Ok(Some(Pem::with_origin(bytes, format!("{field}-data of {place}"))))
            }
            (None, Some(path)) => {
                let path = self.absolute(path);
                let origin = format!("{} ({field} of {place})", path.display());
                Pem::read_for(&path, origin).map(Some).map_err(|error| {
                    let message = format!("{place}: cannot read its {field}, {}", path.display());
                    ConfigError::new(Kind::Unreadable, message).because(error)
                })
            }
            (None, None) => Ok(None),
        }
    }
}

pub(super) fn place<T: Entry>(what: &str, entry: &T, source: &str) -> String {
    match entry.file() {
        Some(file) => format!("{what} {:?} in {}", entry.name(), file.display()),
        None => format!("{what} {:?} in {source}", entry.name()),
    }
}

pub(super) fn describe_files(kubeconfig: &Kubeconfig) -> String {
    match kubeconfig.files() {
        [] => "the kubeconfig".to_owned(),
        files => {
            let listed: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            format!("kubeconfig {}", listed.join(", "))
        }
    }
}

pub(super) fn names<T: Entry>(entries: &[T]) -> String {
    const SHOWN: usize = 10;
    if entries.is_empty() {
        return "there are none".to_owned();
    }
    let listed: Vec<_> = entries.iter().take(SHOWN).map(|entry| format!("{:?}", entry.name())).collect();
    let more = if entries.len() > SHOWN { format!(" and {} more", entries.len() - SHOWN) } else { String::new() };
    let are = if listed.len() == 1 { "is" } else { "are" };
    format!("there {are} {}{more}", listed.join(", "))
}
