//! Size of a session's terminal.

use std::sync::Arc;

use super::buffers::Buffers;
use crate::error::Result;

/// Resizes the terminal of a process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Resize {
    pub(crate) shared: Arc<Buffers>,
}

impl Resize {
    /// Sets the size, in characters. It returns at once; of pending sizes, only the last one is sent.
    ///
    /// # Errors
    /// If the session has ended.
    pub fn set(&self, columns: u16, rows: u16) -> Result<()> {
        self.shared.set_resize((columns, rows))
    }
}
