//! A list and the watch that follows it, as one stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::StatusCode;

use super::{WatchEvent, WatchStream};
use crate::Client;
use crate::api::{Object, ResourceRef};
use crate::error::{Error, Result};
use crate::request::call::Call;
use crate::request::{ListStream, Response};

/// What a [`ListWatch`] gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ListWatchEvent<K> {
    /// An object that was there when the stream began.
    Initial(K),
    /// Every object that was there has been given: what was seen so far is all there is, as of this version.
    Synced {
        /// The resource version from which a later watch can go on.
        resource_version: String,
    },
    /// Something happened. Changes may come before [`Synced`](Self::Synced), too: apply them as they come.
    Changed(WatchEvent<K>),
}

/// Everything that is there, and then what happens to it; see
/// [`ListRequest::then_watch`](crate::request::ListRequest::then_watch).
///
/// The stream ends when the server ends the watch, or with an error, after which nothing more comes.
#[must_use = "a stream does nothing until it is polled"]
pub struct ListWatch<K> {
    source: Source,
    state: State<K>,
}

/// What is needed to begin.
struct Source {
    client: Client,
    resource: ResourceRef,
    /// The list, in pages or not.
    list: Call,
}

enum State<K> {
    Start,
    /// The server is asked to send everything in the watch.
    Asking(Response<WatchStream<K>>),
    Initial(WatchStream<K>),
    /// It would not: everything is listed.
    Listing(Box<ListStream<K>>),
    /// The list is there, and the watch from it is being opened.
    Opening(Response<WatchStream<K>>),
    Changes(WatchStream<K>),
    Done,
}

impl<K: Object> ListWatch<K> {
    pub(crate) fn new(client: Client, resource: ResourceRef, list: Call) -> Self {
        Self { source: Source { client, resource, list }, state: State::Start }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<ListWatchEvent<K>>>> {
        loop {
            match &mut self.state {
                State::Start => {
                    // Which exactly is a question that only a list can answer.
                    let exact = self.source.list.has_query("resourceVersionMatch", "Exact");
                    self.state = if exact { self.source.list() } else { self.source.ask() };
                }
                State::Asking(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Ok(watch) => self.state = State::Initial(watch),
                    Err(error) if is_refusal(&error) => self.state = self.source.list(),
                    Err(error) => return Poll::Ready(Err(error)),
                },
                State::Initial(watch) => match ready!(Pin::new(watch).poll_next(cx)).transpose()? {
                    None => return Poll::Ready(Ok(None)),
                    Some(WatchEvent::Added(object)) => return Poll::Ready(Ok(Some(ListWatchEvent::Initial(object)))),
                    Some(WatchEvent::Bookmark(mark)) if mark.initial_events_end() => {
                        if let State::Initial(watch) = std::mem::replace(&mut self.state, State::Done) {
                            self.state = State::Changes(watch);
                        }
                        let resource_version = mark.resource_version;
                        return Poll::Ready(Ok(Some(ListWatchEvent::Synced { resource_version })));
                    }
                    // To go on from here would be to miss what has not come yet.
                    Some(WatchEvent::Bookmark(_)) => {}
                    Some(event) => return Poll::Ready(Ok(Some(ListWatchEvent::Changed(event)))),
                },
                State::Listing(list) => match ready!(Pin::new(&mut **list).poll_next(cx)).transpose()? {
                    Some(object) => return Poll::Ready(Ok(Some(ListWatchEvent::Initial(object)))),
                    None => {
                        let resource_version = list.resource_version().unwrap_or_default().to_owned();
                        if resource_version.is_empty() {
                            let error = Error::response("the list has no resource version to watch from", None);
                            return Poll::Ready(Err(error.with_operation(&self.source.list.operation())));
                        }
                        self.state = self.source.watch_from(&resource_version);
                        return Poll::Ready(Ok(Some(ListWatchEvent::Synced { resource_version })));
                    }
                },
                State::Opening(opening) => self.state = State::Changes(ready!(opening.as_mut().poll(cx))?),
                State::Changes(watch) => {
                    let event = ready!(Pin::new(watch).poll_next(cx)).transpose()?;
                    return Poll::Ready(Ok(event.map(ListWatchEvent::Changed)));
                }
                State::Done => return Poll::Ready(Ok(None)),
            }
        }
    }
}

impl Source {
    /// Asks for a watch that begins with everything that is there.
    fn ask<K: Object>(&self) -> State<K> {
        let mut call = self.watch();
        call.set_query("sendInitialEvents", Some("true"));
        call.set_query("resourceVersionMatch", Some("NotOlderThan"));
        State::Asking(self.open(call))
    }

    fn list<K: Object>(&self) -> State<K> {
        State::Listing(Box::new(ListStream::start(self.client.clone(), self.resource.clone(), self.list.clone())))
    }

    fn watch_from<K: Object>(&self, resource_version: &str) -> State<K> {
        let mut call = self.watch();
        call.set_query("resourceVersionMatch", None);
        call.set_query("resourceVersion", Some(resource_version));
        State::Opening(self.open(call))
    }

    fn watch(&self) -> Call {
        let mut call = self.list.clone();
        call.list_to_watch();
        call.set_query("watch", Some("true"));
        call.set_query("allowWatchBookmarks", Some("true"));
        call
    }

    fn open<K: Object>(&self, call: Call) -> Response<WatchStream<K>> {
        super::open(self.client.clone(), self.resource.clone(), call)
    }
}

/// Whether the server says that it does not send initial events: it calls the parameter invalid or forbidden.
fn is_refusal(error: &Error) -> bool {
    match error.code() {
        Some(StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST) => true,
        // Who may not watch may not watch after a list either.
        Some(StatusCode::FORBIDDEN) => error.to_string().contains("sendInitialEvents"),
        _ => false,
    }
}

impl<K: Object> Stream for ListWatch<K> {
    type Item = Result<ListWatchEvent<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let event = ready!(this.poll_event(cx)).transpose();
        if !matches!(event, Some(Ok(_))) {
            this.state = State::Done;
        }
        Poll::Ready(event)
    }
}

impl<K> std::fmt::Debug for ListWatch<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListWatch").field("operation", &self.source.list.operation()).finish_non_exhaustive()
    }
}
