//! A list in pages, fetched one after the other by continue token.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::page_reader::{PageReader, Piece};
use super::shard::{self, Proof};
use crate::Client;
use crate::client::ResponseFuture;
use crate::error::{Error, Result};
use crate::json::DecoderState;
use crate::message::MessageType;
use crate::meta::v1::{List, ListMeta};
use crate::wire::Call;
use crate::wire::ResourceRef;

/// The pages of a list.
pub(crate) struct Pages<K> {
    client: Client,
    resource: ResourceRef,
    call: Call,
    /// Decoder state learned from one page, for the next one.
    decoder_state: Option<DecoderState>,
    /// Where the server shows that it shards, if known and required.
    shown: Option<Proof>,
    kind: PhantomData<fn() -> K>,
}

impl<K: MessageType> Pages<K> {
    pub(crate) fn new(client: Client, resource: ResourceRef, mut call: Call) -> Self {
        if let Some(size) = call.page_size() {
            call.set_query("limit", Some(&size.to_string()));
        }
        Self { client, resource, call, decoder_state: None, shown: None, kind: PhantomData }
    }

    /// Opens the page of the current call, and returns the call: in JSON, if the server declined protobuf.
    fn open(&mut self) -> ResponseFuture<(Call, PageReader<K>)> {
        let decoder_state = self.decoder_state.take().unwrap_or_else(DecoderState::for_many);
        let (client, mut call) = (self.client.clone(), self.call.clone());
        let (options, retain) = (call.options(K::table()), call.retained());
        Box::pin(async move {
            let (codec, body) = client.exchange(&mut call).await?.stream();
            Ok((call, PageReader::new(codec, body, options, retain, decoder_state)))
        })
    }

    /// Reads the page of the current call, appends its items, and returns the list without items.
    async fn read(&mut self, items: &mut Vec<K>) -> Result<List<K>> {
        let (call, mut page) = self.open().await?;
        self.call = call;
        loop {
            // Decoded in place: objects are large to move.
            items.push(K::default());
            let Some(place) = items.last_mut() else { continue };
            match poll_fn(|cx| page.poll_next(cx, place)).await.map_err(|error| self.understand(error))? {
                Piece::Item => crate::wire::complete(place, &self.resource),
                Piece::End(rest) => {
                    items.pop();
                    self.decoder_state = Some(page.take_decoder_state());
                    self.check_shard(&rest.metadata).await?;
                    return Ok(rest);
                }
            }
        }
    }

    /// Returns an error unless a list of one shard is sharded: if its form can't show that, the server is probed.
    async fn check_shard(&mut self, metadata: &ListMeta) -> Result<()> {
        if !self.lacks_shard(metadata) {
            return Ok(());
        }
        let may_be_silent = !self.call.is_of_whole_objects() || metadata.continue_.is_some();
        if self.shown.is_some() || !may_be_silent {
            return Err(self.understand(shard::not_sharded()));
        }
        self.shown = Some(shard::prove_by_refusal(&self.client, &self.call).await?);
        Ok(())
    }

    /// Whether a list of one shard does not report that it is sharded.
    fn lacks_shard(&self, metadata: &ListMeta) -> bool {
        self.call.is_sharded() && self.shown != Some(Proof::Nowhere) && metadata.shard_info.is_none()
    }

    fn understand(&self, error: Error) -> Error {
        error.with_operation(&self.call.operation())
    }

    /// Advances the call to the next page. False if there is none, or if only one page was requested.
    fn advance(&mut self, metadata: &ListMeta) -> bool {
        if self.call.page_size().is_none() {
            return false;
        }
        match metadata.continue_.as_deref() {
            None | Some("") => false,
            Some(token) => {
                self.call.set_query("continue", Some(token));
                // The token includes the version; the server rejects both.
                self.call.set_query("resourceVersion", None);
                self.call.set_query("resourceVersionMatch", None);
                true
            }
        }
    }

    /// Reads all pages and concatenates them. If the version expires on the way, everything is listed again without
    /// pages, since pages of two versions would not be a consistent list. A list that can't be decoded from protobuf is
    /// read again in JSON.
    pub(crate) async fn collect(mut self) -> Result<List<K>> {
        let whole = self.call.clone();
        let mut items = Vec::new();
        let mut more = false;
        loop {
            let page = match self.read(&mut items).await {
                Ok(page) => page,
                Err(error) if error.is_expired() && more => {
                    items.clear();
                    self.call = whole.clone();
                    self.call.set_page_size(0);
                    self.call.set_query("limit", None);
                    more = false;
                    continue;
                }
                Err(error) if self.client.fall_back(&mut self.call, &error)? => {
                    items.clear();
                    // The kinds are marked by now: the retry is in JSON.
                    self.call = whole.clone();
                    more = false;
                    continue;
                }
                Err(error) => return Err(error),
            };
            more = self.advance(&page.metadata);
            if !more {
                items.shrink_to_fit();
                return Ok(List { items, ..page });
            }
        }
    }
}

/// A stream of a list's items; see [`ListRequest::stream`](crate::request::ListRequest::stream).
#[must_use = "a stream does nothing until it is polled"]
pub struct ListStream<K> {
    pages: Pages<K>,
    state: PagesState<K>,
    metadata: Option<ListMeta>,
}

enum PagesState<K> {
    Start,
    /// No item is returned before it is known that the server shards.
    Proving(ResponseFuture<Proof>),
    Opening(ResponseFuture<(Call, PageReader<K>)>),
    Reading(Box<PageReader<K>>),
    Done,
}

impl<K: MessageType> ListStream<K> {
    pub(crate) fn new(pages: Pages<K>) -> Self {
        Self { pages, state: PagesState::Start, metadata: None }
    }

    /// The stream of a list's items.
    pub(crate) fn start(client: Client, resource: ResourceRef, call: Call) -> Self {
        Self::new(Pages::new(client, resource, call))
    }

    /// Returns the resource version of the list, once all items of its first page were returned: a watch can start from
    /// it.
    pub fn resource_version(&self) -> Option<&str> {
        self.metadata()?.resource_version.as_deref()
    }

    /// Returns the list's metadata, once all items of its first page were returned: that of the last page read to its
    /// end.
    pub fn metadata(&self) -> Option<&ListMeta> {
        self.metadata.as_ref()
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<K>>> {
        loop {
            match &mut self.state {
                PagesState::Start if self.pages.call.is_sharded() && self.pages.shown.is_none() => {
                    let (client, call) = (self.pages.client.clone(), self.pages.call.clone());
                    self.state = PagesState::Proving(Box::pin(async move { shard::prove(&client, &call).await }));
                }
                PagesState::Proving(proof) => {
                    self.pages.shown = Some(ready!(proof.as_mut().poll(cx))?);
                    self.state = PagesState::Start;
                }
                PagesState::Start => self.state = PagesState::Opening(self.pages.open()),
                PagesState::Opening(page) => {
                    let (call, page) = ready!(page.as_mut().poll(cx))?;
                    self.pages.call = call;
                    self.state = PagesState::Reading(Box::new(page));
                }
                PagesState::Reading(page) => {
                    let mut item = K::default();
                    match ready!(page.poll_next(cx, &mut item)).map_err(|error| self.pages.understand(error))? {
                        Piece::Item => {
                            crate::wire::complete(&mut item, &self.pages.resource);
                            return Poll::Ready(Ok(Some(item)));
                        }
                        Piece::End(rest) => {
                            self.pages.decoder_state = Some(page.take_decoder_state());
                            if self.pages.lacks_shard(&rest.metadata) {
                                return Poll::Ready(Err(self.pages.understand(shard::not_sharded())));
                            }
                            self.state =
                                if self.pages.advance(&rest.metadata) { PagesState::Start } else { PagesState::Done };
                            self.metadata = Some(rest.metadata);
                        }
                    }
                }
                PagesState::Done => return Poll::Ready(Ok(None)),
            }
        }
    }
}

impl<K: MessageType> Stream for ListStream<K> {
    type Item = Result<K, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let item = ready!(this.poll_page(cx));
        if let Err(error) = &item {
            // Returned items can't be taken back, but the next attempt uses JSON: the kind is marked.
            let _ = this.pages.client.fall_back(&mut this.pages.call, error);
            this.state = PagesState::Done;
        }
        Poll::Ready(item.transpose())
    }
}

impl<K> std::fmt::Debug for ListStream<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListStream").field("operation", &self.pages.call.operation()).finish_non_exhaustive()
    }
}
