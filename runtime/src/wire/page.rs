//! Incremental decoder of one page of a list.

use std::marker::PhantomData;

use bytes::{Buf as _, Bytes};

use crate::error::{BoxError, Error, Result};
use crate::json::{self, DecoderState, Options};
use crate::message::MessageType;
use crate::meta::v1::List;
use crate::protobuf;
use crate::wire::Codec;
use crate::wire::identity::{self, Retain};
use crate::wire::response;

/// Maximum size of an item, and of the list without its items. The API server limits objects to a few MiB.
const MAX_ITEM: usize = 64 << 20;

/// Size of the body's prefix that is kept for error messages, in case it is not a list.
const HEAD: usize = 512;

/// Incremental decoder of a page: it holds only one chunk and the bytes of one item.
///
/// The receiver takes [`item`](Self::item)s until there is none, [`feed`](Self::feed)s the next chunk, and
/// [`end`](Self::end)s it with the body. It must not be used after an error.
pub(crate) struct Page<K> {
    chunk: Bytes,
    splitter: Option<Splitter>,
    options: Options,
    /// Which items are decoded, if not all.
    retain: Option<Retain>,
    decoder_state: DecoderState,
    /// Number of items so far.
    count: usize,
    head: Vec<u8>,
    kind: PhantomData<fn() -> K>,
}

/// Outcome of reading the next item.
enum Next {
    Decoded,
    /// It is not retained.
    Skipped,
    /// The chunk has no further complete item.
    Nothing,
}

enum Splitter {
    Json(json::split::ListSplitter),
    Protobuf(protobuf::split::ListSplitter),
}

impl<K: MessageType> Page<K> {
    pub(crate) fn new(codec: Codec, options: Options, retain: Option<Retain>, decoder_state: DecoderState) -> Self {
        let splitter = match codec {
            Codec::Json => Splitter::Json(json::split::ListSplitter::new(MAX_ITEM)),
            Codec::Protobuf => Splitter::Protobuf(protobuf::split::ListSplitter::new(MAX_ITEM)),
        };
        Self {
            chunk: Bytes::new(),
            splitter: Some(splitter),
            options,
            retain,
            decoder_state,
            count: 0,
            head: Vec::new(),
            kind: PhantomData,
        }
    }

    /// Returns decoder state learned from this page, for the next one.
    pub(crate) fn take_decoder_state(&mut self) -> DecoderState {
        std::mem::take(&mut self.decoder_state)
    }

    /// Adds the next chunk of the body, once there is no further [`item`](Self::item) in the previous one.
    pub(crate) fn feed(&mut self, chunk: Bytes) -> Result<()> {
        self.look_at(&chunk)?;
        self.chunk = chunk;
        Ok(())
    }

    /// Decodes the next item that is retained into `object`, which must be at its default and may be left partially filled
    /// on error. False if the chunk has no further complete item.
    pub(crate) fn item(&mut self, object: &mut K) -> Result<bool> {
        loop {
            match self.next(object)? {
                Next::Decoded => return Ok(true),
                Next::Skipped => {}
                Next::Nothing => return Ok(false),
            }
        }
    }

    fn next(&mut self, object: &mut K) -> Result<Next> {
        let first = self.count == 0;
        let mut rest = &*self.chunk;
        let found = match &mut self.splitter {
            None => Ok(None),
            Some(Splitter::Json(splitter)) => match splitter.next(&mut rest) {
                Ok(None) => Ok(None),
                Err(error) => Err((error.into(), None)),
                Ok(Some(bytes)) => {
                    let read = json::as_utf8(bytes)
                        .and_then(|text| {
                            if let Some(retain) = &self.retain
                                && !retain.is_retained(&identity::of_json(text)?)
                            {
                                return Ok(Next::Skipped);
                            }
                            json::decode_next(object, text, &self.options, &mut self.decoder_state)?;
                            Ok(Next::Decoded)
                        })
                        .map_err(|error| (error, Bytes::copy_from_slice(bytes)));
                    // A list of another kind fails anywhere: report that it is another kind.
                    let so_far = std::str::from_utf8(splitter.so_far()).unwrap_or_default();
                    let kind = if first { json::check_answer(List::<K>::table(), so_far) } else { Ok(()) };
                    match (kind, read) {
                        (Err(error), _) => Err((error.into(), None)),
                        (_, Err((error, bytes))) => {
                            Err((error.in_items(self.count, splitter.item_start()).into(), Some(bytes)))
                        }
                        (_, Ok(next)) => Ok(Some(next)),
                    }
                }
            },
            Some(Splitter::Protobuf(splitter)) => match splitter.next(&mut rest) {
                Ok(None) => Ok(None),
                Err(error) => Err((error.into(), None)),
                Ok(Some(bytes)) => {
                    let is_retained = match &self.retain {
                        Some(retain) => identity::of_bare_protobuf(bytes).map(|object| retain.is_retained(&object)),
                        None => Ok(true),
                    };
                    let read = is_retained
                        .and_then(|is_retained| {
                            if !is_retained {
                                return Ok(Next::Skipped);
                            }
                            protobuf::decode_next_bare(object, bytes, &self.options, &mut self.decoder_state)?;
                            Ok(Next::Decoded)
                        })
                        .map_err(|error| (error, Bytes::copy_from_slice(bytes)));
                    let kind = if first { splitter.check_answer(List::<K>::table()) } else { Ok(()) };
                    match (kind, read) {
                        (Err(error), _) => Err((error.into(), None)),
                        (_, Err((error, bytes))) => {
                            Err((error.in_items(self.count, splitter.item_start()).into(), Some(bytes)))
                        }
                        (_, Ok(next)) => Ok(Some(next)),
                    }
                }
            },
        };
        let read = self.chunk.len() - rest.len();
        self.chunk.advance(read);
        match found {
            Ok(None) => Ok(Next::Nothing),
            Ok(Some(next)) => {
                self.count += 1;
                Ok(next)
            }
            Err((error, bytes)) => Err(self.not_understood(error, bytes)),
        }
    }

    /// Returns the list without its items, once the body has ended.
    pub(crate) fn end(&mut self) -> Result<List<K>> {
        let (codec, rest): (_, Result<_, BoxError>) = match self.splitter.take() {
            Some(Splitter::Json(splitter)) => (Codec::Json, splitter.finish().map_err(Into::into)),
            Some(Splitter::Protobuf(splitter)) => (Codec::Protobuf, splitter.finish().map_err(Into::into)),
            None => return Ok(List::default()),
        };
        let read = rest.and_then(|rest| response::decode_list(codec, &rest));
        read.map_err(|error| response::not_understood(&expected::<K>(), codec, error, self.head()))
    }

    /// Keeps the start of the body, and fails early if it is not JSON: a page of HTML need not be read to its end.
    fn look_at(&mut self, chunk: &[u8]) -> Result<()> {
        let room = HEAD.saturating_sub(self.head.len());
        let is_start = self.head.trim_ascii().is_empty();
        self.head.extend_from_slice(&chunk[..room.min(chunk.len())]);
        let start = self.head.trim_ascii_start();
        if !is_start
            || start.is_empty()
            || start.starts_with(b"{")
            || matches!(self.splitter, Some(Splitter::Protobuf(_)))
        {
            return Ok(());
        }
        match response::decode_list::<K>(Codec::Json, &self.head) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.not_understood(error, None)),
        }
    }

    /// Returns the error for an item, given its bytes, or for the list.
    fn not_understood(&mut self, error: BoxError, item: Option<Bytes>) -> Error {
        let codec = match self.splitter.take() {
            Some(Splitter::Protobuf(_)) => Codec::Protobuf,
            _ => Codec::Json,
        };
        match item {
            Some(item) => {
                let message = format!("expected a {} as {}: {error}", expected::<K>(), codec.name());
                Error::response(message, Some(item)).with_source(error)
            }
            None => response::not_understood(&expected::<K>(), codec, error, self.head()),
        }
    }

    fn head(&mut self) -> Bytes {
        std::mem::take(&mut self.head).into()
    }
}

fn expected<K: MessageType>() -> String {
    format!("list of {}", K::table().name)
}
