//! The events of a watch, as they come.

mod event;
mod frames;
mod list_watch;
mod position;
mod stream;
mod undecided;

pub use event::{Bookmark, WatchEvent};
pub use list_watch::{ListWatch, ListWatchEvent};
pub use stream::WatchStream;

pub(crate) use list_watch::PATIENCE;
pub(crate) use stream::{open, open_proven};
