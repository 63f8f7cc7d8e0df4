//! The events of a watch, as they come.

mod event;
mod frames;
mod stream;

pub use event::{Bookmark, WatchEvent};
pub use stream::WatchStream;
