//! Copying files and folders to and from a container, through the container's own `tar`.
//!
//! ```text
//!  copy_from                                                                          the container
//!  ┌───────────────────────────────────────────────┐                            ┌────────────────────┐
//!  │ folder ←─ names checked ←─ archive read ←─ [8]┼─── stdout ←── API server ←─┼─ tar -c -f - …     │
//!  └───────────────────────────────────────────────┘                            └────────────────────┘
//!  copy_to
//!  ┌───────────────────────────────────────────────┐                            ┌────────────────────┐
//!  │ folder ─→ archive written ─→ [8] ─────────────┼──→ stdin ───→ API server ──┼→ tar -x -f - …     │
//!  └───────────────────────────────────────────────┘                            └────────────────────┘
//! ```
//!
//! A thread for blocking work reads and writes the files; a channel of a few chunks lies between it and the session, so
//! memory is bounded and each side waits for the slower one.
//!
//! A path in a Windows container may have `\` between its parts: see [`CopyFrom::windows`].
//!
//! Output of a container is not trusted. See [`CopyFrom`] for what is rejected.

mod command;
mod copier;
mod error;
mod from;
mod names;
mod options;
mod outcome;
mod pack;
mod progress;
mod remote;
mod request;
mod sink;
mod source;
mod to;
mod tree;
mod unpack;
mod walk;
mod windows;

use crate::error::{Error, Result};

pub use options::{Existing, Links};
pub use progress::{Copied, Progress, Skipped};
pub use request::{CopyFrom, CopyTo};

/// Starts blocking work on a thread of its own, at once and not when its result is awaited.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send {
    let thread = tokio::task::spawn_blocking(work);
    async {
        match thread.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::io("the runtime is shutting down")),
            },
        }
    }
}
