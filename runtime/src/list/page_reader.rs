//! One page of a list, read from the body of its response.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::Body as _;

use crate::error::{Error, Result};
use crate::json::{Learned, Options};
use crate::message::MessageType;
use crate::meta::v1::List;
use crate::transport::Body;
use crate::wire::Codec;
use crate::wire::page::Page;

/// A page and the body that it comes in.
pub(super) struct PageReader<K> {
    body: Body,
    page: Page<K>,
}

/// What comes next of a page.
pub(super) enum Piece<K> {
    /// An item, which was read into the place that was given for it.
    Item,
    /// No further item: the list without its items.
    End(List<K>),
}

impl<K: MessageType> PageReader<K> {
    pub(super) fn new(codec: Codec, body: Body, options: Options, learned: Learned) -> Self {
        Self { body, page: Page::new(codec, options, learned) }
    }

    /// What was learned from it, for the page after it.
    pub(super) fn take_learned(&mut self) -> Learned {
        self.page.take_learned()
    }

    /// The next piece; an item goes into `place`, which is at its default and may otherwise be left half filled. Of the
    /// body no more is read than it takes: nothing while the last chunk has another item. There is nothing after the end,
    /// nor after an error.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>, place: &mut K) -> Poll<Result<Piece<K>>> {
        loop {
            if self.page.item(place)? {
                return Poll::Ready(Ok(Piece::Item));
            }
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(chunk) = frame.into_data() {
                        self.page.feed(chunk)?;
                    }
                }
                Some(Err(error)) => return Poll::Ready(Err(Error::transport(error))),
                None => return Poll::Ready(self.page.end().map(Piece::End)),
            }
        }
    }
}
