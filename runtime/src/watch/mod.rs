//! The events of a watch, as they come.

mod initial_events;
mod list_watch;
mod position;
mod stream;

pub use list_watch::{ListWatch, ListWatchEvent};
pub use stream::WatchStream;

pub use crate::wire::{Bookmark, WatchEvent};

pub(crate) use list_watch::INITIAL_EVENTS_TIMEOUT;
pub(crate) use stream::{open, open_proven};
