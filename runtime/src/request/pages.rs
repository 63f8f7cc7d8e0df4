//! A list in pages: fetched one after the other, by their continue tokens.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::Client;
use crate::api::ResourceRef;
use crate::client::response;
use crate::error::{Error, Result};
use crate::message::MessageType;
use crate::meta::v1::List;
use crate::request::Response;
use crate::request::call::Call;

/// The pages of a list.
pub(crate) struct Pages<K> {
    client: Client,
    resource: ResourceRef,
    call: Call,
    kind: PhantomData<fn() -> K>,
}

impl<K: MessageType> Pages<K> {
    pub(crate) fn new(client: Client, resource: ResourceRef, mut call: Call) -> Self {
        if let Some(size) = call.page_size() {
            call.set_query("limit", Some(&size.to_string()));
        }
        Self { client, resource, call, kind: PhantomData }
    }

    /// The page that the call asks for now.
    fn fetch(&self) -> Response<List<K>> {
        let resource = self.resource.clone();
        crate::request::respond(self.client.clone(), self.call.clone(), move |body| {
            let mut list: List<K> = response::decode(body)?;
            list.items.iter_mut().for_each(|item| crate::request::complete(item, &resource));
            Ok(list)
        })
    }

    /// Asks for the page after this one. False where there is none, or where one page is all that was asked for.
    fn advance(&mut self, list: &List<K>) -> bool {
        if self.call.page_size().is_none() {
            return false;
        }
        match list.metadata.continue_.as_deref() {
            None | Some("") => false,
            Some(token) => {
                self.call.set_query("continue", Some(token));
                // The token carries the version; the server refuses both.
                self.call.set_query("resourceVersion", None);
                self.call.set_query("resourceVersionMatch", None);
                true
            }
        }
    }

    /// Every page, put together. A version that the server forgot on the way is listed afresh without pages, since
    /// pages of two versions together would be a list of neither.
    pub(crate) async fn collect(mut self) -> Result<List<K>> {
        let whole = self.call.clone();
        let mut all: List<K> = self.fetch().await?;
        let mut more = self.advance(&all);
        while more {
            let page = match self.fetch().await {
                Ok(page) => page,
                Err(error) if error.is_expired() => {
                    self.call = whole;
                    self.call.set_query("limit", None);
                    return self.fetch().await;
                }
                Err(error) => return Err(error),
            };
            more = self.advance(&page);
            all.metadata = page.metadata;
            all.items.extend(page.items);
        }
        Ok(all)
    }
}

/// The items of a list as a stream; see [`ListRequest::stream`](crate::request::ListRequest::stream).
#[must_use = "a stream does nothing until it is polled"]
pub struct ListStream<K> {
    pages: Pages<K>,
    state: State<K>,
    resource_version: Option<String>,
}

enum State<K> {
    Start,
    Fetching(Response<List<K>>),
    Items { items: std::vec::IntoIter<K>, more: bool },
    Done,
}

impl<K: MessageType> ListStream<K> {
    pub(crate) fn new(pages: Pages<K>) -> Self {
        Self { pages, state: State::Start, resource_version: None }
    }

    /// The resource version of the list, once its first page has come: a watch can start from it.
    pub fn resource_version(&self) -> Option<&str> {
        self.resource_version.as_deref()
    }
}

impl<K: MessageType + Unpin> Stream for ListStream<K> {
    type Item = Result<K, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Start => this.state = State::Fetching(this.pages.fetch()),
                State::Fetching(page) => match ready!(page.as_mut().poll(cx)) {
                    Ok(list) => {
                        let more = this.pages.advance(&list);
                        this.resource_version = list.metadata.resource_version.as_deref().map(str::to_owned);
                        this.state = State::Items { items: list.items.into_iter(), more };
                    }
                    Err(error) => {
                        this.state = State::Done;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Items { items, more } => match items.next() {
                    Some(item) => return Poll::Ready(Some(Ok(item))),
                    None => this.state = if *more { State::Start } else { State::Done },
                },
                State::Done => return Poll::Ready(None),
            }
        }
    }
}

impl<K> std::fmt::Debug for ListStream<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListStream").field("operation", &self.pages.call.operation()).finish_non_exhaustive()
    }
}
