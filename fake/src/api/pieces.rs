//! A body in several pieces of memory.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

/// The size from which on pieces are sent, in bytes: smaller ones are put together.
const CHUNK: usize = 64 * 1024;

/// A body whose pieces are shared with others: it takes no memory of its own.
#[derive(Debug)]
pub(super) struct Pieces {
    left: VecDeque<Bytes>,
    length: usize,
}

impl Pieces {
    pub fn new(pieces: Vec<Bytes>) -> Self {
        let length = pieces.iter().map(Bytes::len).sum();
        Self { left: pieces.into(), length }
    }

    /// The next pieces together, until there is enough.
    fn next(&mut self) -> Option<Bytes> {
        let first = self.left.pop_front()?;
        if first.len() >= CHUNK || self.left.is_empty() {
            return Some(first);
        }
        let mut chunk = BytesMut::with_capacity(CHUNK.max(first.len()).min(self.length));
        chunk.extend_from_slice(&first);
        while let Some(next) = self.left.front().filter(|next| chunk.len() + next.len() <= CHUNK) {
            chunk.extend_from_slice(next);
            self.left.pop_front();
        }
        Some(chunk.freeze())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.next();
        self.length -= next.as_ref().map_or(0, Bytes::len);
        Poll::Ready(next.map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn pieces_come_in_order_and_small_ones_together() {
        let pieces: Vec<Bytes> = [3, CHUNK + 1, 1, CHUNK - 1, 5, 0, 7]
            .into_iter()
            .enumerate()
            .map(|(index, length)| Bytes::from(vec![index as u8; length]))
            .collect();
        let whole = pieces.concat();
        let mut body = Pieces::new(pieces.clone());
        assert_eq!(body.size_hint().exact(), Some(whole.len() as u64));
        let mut lengths = Vec::new();
        while let Some(frame) = body.frame().await {
            lengths.push(frame.expect("a frame").into_data().expect("data").len());
        }
        assert_eq!(lengths, [3, CHUNK + 1, CHUNK, 12]);
        assert_eq!(body.size_hint().exact(), Some(0));
        assert_eq!(Pieces::new(pieces).collect().await.expect("all").to_bytes(), whole);
        assert!(Pieces::new(Vec::new()).is_end_stream());
    }
}
