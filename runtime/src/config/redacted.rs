//! What `Debug` shows in place of secrets.

use std::fmt;

use serde_json::{Map, Value};

/// `[redacted]`.
pub(super) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A URL, without its query, which may be secret; and not at all if it holds a login.
pub(super) struct Url<'a>(pub(super) &'a str);

impl fmt::Debug for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(['?', '#']) {
            _ if self.0.contains('@') => Redacted.fmt(f),
            Some((url, _)) => format!("{url}?[redacted]").fmt(f),
            None => self.0.fmt(f),
        }
    }
}

/// The names of fields that are not known here: what they hold may be secret.
pub(super) struct Names<'a>(pub(super) &'a Map<String, Value>);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, Redacted))).finish()
    }
}
