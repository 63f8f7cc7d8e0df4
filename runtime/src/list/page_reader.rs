//! Reads one page of a list from the body of its response.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::Body as _;

use crate::error::{Error, Result};
use crate::json::{DecoderState, Options};
use crate::message::MessageType;
use crate::meta::v1::List;
use crate::transport::Body;
use crate::wire::Codec;
use crate::wire::identity::Retain;
use crate::wire::page::Page;

/// A page and its body.
pub(super) struct PageReader<K> {
    body: Body,
    page: Page<K>,
}

/// The next piece of a page.
pub(super) enum Piece<K> {
    /// An item, decoded into the given place.
    Item,
    /// No further item: the list without its items.
    End(List<K>),
}

impl<K: MessageType> PageReader<K> {
    pub(super) fn new(
        codec: Codec,
        body: Body,
        options: Options,
        retain: Option<Retain>,
        decoder_state: DecoderState,
    ) -> Self {
        Self { body, page: Page::new(codec, options, retain, decoder_state) }
    }

    /// Decoder state learned from this page, for the next one.
    pub(super) fn take_decoder_state(&mut self) -> DecoderState {
        self.page.take_decoder_state()
    }

    /// Reads the next piece; an item is decoded into `place`, which must be at its default and may be left partially
    /// filled on error. Reads only as much of the body as needed: nothing while the last chunk has another item. There
    /// is nothing after the end or an error.
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
