//! A call as data: what is sent to an API server, and what comes back, without sending anything.
//!
//! There is no IO and no waiting here: a [`Call`] is an unsent request, and the receiver feeds in the response: as a
//! whole to [`response`], in chunks to [`page`] and [`frames`]. [`client`](crate::client) sends and receives.

mod call;
mod delete_options;
pub(crate) mod encoding;
pub(crate) mod event;
pub(crate) mod frames;
pub(crate) mod identity;
pub(crate) mod page;
mod resource;
pub(crate) mod response;
mod target;
mod timeouts;

pub(crate) use call::{Call, JSON, NewMessage, SHARD_SELECTOR};
pub(crate) use encoding::{Codec, Negotiation};
pub(crate) use resource::{ResourceRef, complete};
pub(crate) use target::Target;

pub use event::{Bookmark, WatchEvent};
pub use timeouts::{LongRunning, NoReadTimeout, Timeouts};
