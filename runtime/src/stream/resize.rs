//! The size of a session's terminal.

use std::sync::Arc;

use super::buffers::Buffers;
use crate::error::Result;

/// Tells the process the size of its terminal. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Resize {
    pub(crate) shared: Arc<Buffers>,
}

impl Resize {
    /// Sets the size, in characters. It returns at once; of several sizes that could not go out yet, the last one does.
    ///
    /// # Errors
    /// If the session has ended.
    pub fn set(&self, columns: u16, rows: u16) -> Result<()> {
        self.shared.set_resize((columns, rows))
    }
}
