//! Watching: [the events of one watch](WatchStream), [a list and the watch after it](ListWatch), and [a list and
//! watches that reconnect](Watcher) until the stream is dropped.

mod initial_events;
mod list_watch;
mod objects;
mod position;
mod source;
mod stream;
mod watcher;

pub use list_watch::{ListWatch, ListWatchEvent};
pub use objects::Objects;
pub use stream::WatchStream;
pub use watcher::{Watcher, WatcherEvent};

pub use crate::wire::{Bookmark, WatchEvent};

pub(crate) use list_watch::INITIAL_EVENTS_TIMEOUT;
pub(crate) use stream::{open, open_proven};
