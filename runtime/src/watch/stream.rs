//! Stream of the events of one watch.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http_body_util::BodyDataStream;
use tokio_util::codec::FramedRead;
use tokio_util::io::StreamReader;

use super::position::Position;
use crate::Client;
use crate::Object;
use crate::client::ResponseFuture;
use crate::error::{Error, Result};
use crate::json::{DecoderState, Options};
use crate::list::shard;
use crate::transport::Body;
use crate::wire::Call;
use crate::wire::Codec;
use crate::wire::ResourceRef;
use crate::wire::event::{self, Decoded, WatchEvent};
use crate::wire::frames::{FrameError, Frames};
use crate::wire::identity::Retain;

/// Stream of the events of one watch. Dropping it ends the watch.
///
/// The stream ends when the server ends the watch. After an error nothing more is returned: resume with a new watch
/// from the last observed resource version, or, if the error [is an expired version](Error::is_expired), with a new
/// list.
///
/// An object that protobuf can't represent makes the stream reopen the watch in JSON, from the last returned version:
/// nothing is lost or repeated. During the initial events there is no such version: then it is an error, and the
/// client's next watch is in JSON.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchStream<K> {
    state: WatchState,
    codec: Codec,
    options: Options,
    retain: Option<Retain>,
    /// Number of bytes of events that were skipped since the last one that was returned.
    skipped: usize,
    decoder_state: DecoderState,
    client: Client,
    call: Call,
    position: Position,
    resource: ResourceRef,
    kind: std::marker::PhantomData<fn() -> K>,
}

enum WatchState {
    Open(Box<Framed>),
    /// The watch is being reopened in JSON.
    Reopening(ResponseFuture<(Codec, Body)>),
    Over,
}

/// Opens a watch; verifies that the server shards if it is of one shard.
pub(crate) fn open<K: Object>(client: Client, resource: ResourceRef, call: Call) -> ResponseFuture<WatchStream<K>> {
    Box::pin(async move {
        if call.is_sharded() {
            shard::prove(&client, &call).await?;
        }
        open_proven(client, resource, call).await
    })
}

/// Opens a watch of all objects, or on a server that is known to shard.
pub(crate) fn open_proven<K: Object>(
    client: Client,
    resource: ResourceRef,
    mut call: Call,
) -> ResponseFuture<WatchStream<K>> {
    Box::pin(async move {
        let (codec, body) = client.exchange(&mut call).await?.stream();
        Ok(WatchStream::new(codec, body, client, call, resource))
    })
}

type Framed = FramedRead<StreamReader<Chunks, bytes::Bytes>, Frames>;
type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<bytes::Bytes>> + Send>>;

fn frames(codec: Codec, body: Body) -> WatchState {
    use futures_util::TryStreamExt as _;
    let chunks: Chunks = Box::pin(BodyDataStream::new(body).map_err(std::io::Error::other));
    WatchState::Open(Box::new(FramedRead::new(StreamReader::new(chunks), Frames::of(codec))))
}

impl<K: Object> WatchStream<K> {
    fn new(codec: Codec, body: Body, client: Client, call: Call, resource: ResourceRef) -> Self {
        let (options, retain, position) = (call.options(K::table()), call.retained(), Position::of(&call));
        let (state, decoder_state) = (frames(codec, body), DecoderState::for_many());
        Self {
            state,
            codec,
            options,
            retain,
            skipped: 0,
            decoder_state,
            client,
            call,
            position,
            resource,
            kind: std::marker::PhantomData,
        }
    }

    /// Returns the version from which another watch resumes without losing or repeating anything; `None` before there
    /// is one.
    pub(super) fn position(&self) -> Option<&str> {
        self.position.version()
    }

    /// Returns the number of bytes received since the last returned event: of an incomplete one, and of those that were
    /// skipped.
    pub(super) fn buffered(&self) -> usize {
        let incomplete = match &self.state {
            WatchState::Open(frames) => frames.read_buffer().len(),
            WatchState::Reopening(_) | WatchState::Over => 0,
        };
        self.skipped.saturating_add(incomplete)
    }

    /// Decides after an error: the watch is reopened if JSON helps, or has ended.
    fn fail(&mut self, error: Error) -> Result<()> {
        self.state = WatchState::Over;
        if !(self.client.fall_back(&mut self.call, &error)? && self.position.resume(&mut self.call)) {
            return Err(error.with_operation(&self.call.operation()));
        }
        tracing::debug!(%error, "reopening a watch in JSON");
        let (client, mut call) = (self.client.clone(), self.call.clone());
        self.state = WatchState::Reopening(Box::pin(async move { Ok(client.exchange(&mut call).await?.stream()) }));
        Ok(())
    }
}

impl<K: Object> Stream for WatchStream<K> {
    type Item = Result<WatchEvent<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let event = match &mut this.state {
                WatchState::Over => return Poll::Ready(None),
                WatchState::Reopening(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Ok((codec, body)) => {
                        this.codec = codec;
                        this.state = frames(codec, body);
                        continue;
                    }
                    Err(error) => {
                        this.state = WatchState::Over;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                WatchState::Open(frames) => match ready!(Pin::new(&mut **frames).poll_next(cx)) {
                    None => {
                        this.state = WatchState::Over;
                        return Poll::Ready(None);
                    }
                    Some(Ok(frame)) => {
                        let (retain, state) = (this.retain.as_ref(), &mut this.decoder_state);
                        let read = event::decode(&frame, this.codec, &this.resource, &this.options, retain, state);
                        match &read {
                            Ok(Decoded::Event(event)) => {
                                let version = || event::version::<K>(&frame, this.codec);
                                this.position.advance(event, version);
                                this.skipped = 0;
                            }
                            Ok(Decoded::Skipped(event)) => {
                                this.position.advance(event, || None);
                                this.skipped = this.skipped.saturating_add(frame.len());
                            }
                            _ => {}
                        }
                        read
                    }
                    Some(Err(error)) => Err(understand(error)),
                },
            };
            match event {
                Ok(Decoded::Event(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(Decoded::Skipped(_) | Decoded::Unknown) => {}
                Err(error) => {
                    if let Err(error) = this.fail(error) {
                        return Poll::Ready(Some(Err(error)));
                    }
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
        f.debug_struct("WatchStream").field("operation", &self.call.operation()).finish_non_exhaustive()
    }
}
