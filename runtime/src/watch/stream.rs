//! The stream of a watch's events.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http_body_util::BodyDataStream;
use tokio_util::codec::FramedRead;
use tokio_util::io::StreamReader;

use super::event::{self, WatchEvent};
use super::frames::{FrameError, Frames};
use crate::Client;
use crate::api::{Object, ResourceRef};
use crate::client::encoding::Codec;
use crate::error::{Error, Operation, Result};
use crate::json::{Learned, Options};
use crate::request::Response;
use crate::request::call::Call;
use crate::transport::Body;

/// The events of a watch, as they come. Dropping it ends the watch.
///
/// The stream ends when the server ends the watch. After an error nothing more comes: go on with a new watch from the
/// last resource version that was seen, or, where the error [is an expired version](Error::is_expired), with a new list.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchStream<K> {
    frames: Option<Framed>,
    codec: Codec,
    options: Options,
    learned: Learned,
    operation: Operation,
    resource: ResourceRef,
    kind: std::marker::PhantomData<fn() -> K>,
}

/// Opens a watch.
pub(crate) fn open<K: Object>(client: Client, resource: ResourceRef, call: Call) -> Response<WatchStream<K>> {
    Box::pin(async move {
        let (operation, options) = (call.operation(), call.options(K::table()));
        let (codec, body) = client.open(call).await?;
        Ok(WatchStream::new(codec, body, options, operation, resource))
    })
}

type Framed = FramedRead<StreamReader<Chunks, bytes::Bytes>, Frames>;
type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<bytes::Bytes>> + Send>>;

impl<K> WatchStream<K> {
    fn new(codec: Codec, body: Body, options: Options, operation: Operation, resource: ResourceRef) -> Self {
        use futures_util::TryStreamExt as _;
        let chunks: Chunks = Box::pin(BodyDataStream::new(body).map_err(std::io::Error::other));
        let frames = FramedRead::new(StreamReader::new(chunks), Frames::of(codec));
        let learned = Learned::for_many();
        Self { frames: Some(frames), codec, options, learned, operation, resource, kind: std::marker::PhantomData }
    }
}

impl<K: Object> Stream for WatchStream<K> {
    type Item = Result<WatchEvent<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let Some(frames) = &mut this.frames else { return Poll::Ready(None) };
            let event = match ready!(Pin::new(frames).poll_next(cx)) {
                None => {
                    this.frames = None;
                    return Poll::Ready(None);
                }
                Some(Ok(frame)) => event::decode(&frame, this.codec, &this.resource, &this.options, &mut this.learned),
                Some(Err(error)) => Err(understand(error)),
            };
            match event {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(None) => {}
                Err(error) => {
                    this.frames = None;
                    return Poll::Ready(Some(Err(error.with_operation(&this.operation))));
                }
            }
        }
    }
}

fn understand(error: FrameError) -> Error {
    match error {
        FrameError::Io(io) => Error::transport(io.into()),
        FrameError::Cut(rest) => {
            let message = FrameError::Cut(rest.clone()).to_string();
            Error::response(message, Some(rest))
        }
        FrameError::Foreign(body) => {
            let message = FrameError::Foreign(body.clone()).to_string();
            Error::response(message, Some(body))
        }
        FrameError::TooLong => Error::response(FrameError::TooLong.to_string(), None),
    }
}

impl<K> std::fmt::Debug for WatchStream<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchStream").field("operation", &self.operation).finish_non_exhaustive()
    }
}
