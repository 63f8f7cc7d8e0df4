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

/// The names of fields that are not known here: what they hold may be secret.
pub(super) struct Names<'a>(pub(super) &'a Map<String, Value>);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, Redacted))).finish()
    }
}
