//! The events of a watch, as they come.

mod event;
mod frames;
mod initial_events;
mod list_watch;
mod position;
mod stream;

pub use event::{Bookmark, WatchEvent};
pub use list_watch::{ListWatch, ListWatchEvent};
pub use stream::WatchStream;

pub(crate) use list_watch::INITIAL_EVENTS_TIMEOUT;
pub(crate) use stream::{open, open_proven};
