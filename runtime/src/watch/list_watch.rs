//! A list and the watch that follows it, as one stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use compact_str::CompactString;
use futures_core::Stream;
use http::StatusCode;

use super::initial_events::InitialEventsTimeout;
use super::source::Source;
use super::{WatchEvent, WatchStream};
use crate::Client;
use crate::Object;
use crate::client::ResponseFuture;
use crate::error::{Error, Result};
use crate::list::ListStream;
use crate::wire::Call;
use crate::wire::ResourceRef;

/// Default time-out for the end of the initial events.
pub(crate) const INITIAL_EVENTS_TIMEOUT: Duration = Duration::from_secs(10);

/// An event of a [`ListWatch`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ListWatchEvent<K> {
    /// An object that existed when the stream started.
    Initial(K),
    /// Previous events may be outdated: discard them. All existing objects follow as [`Initial`](Self::Initial), up to
    /// [`Synced`](Self::Synced); an object that is not among them no longer exists.
    ///
    /// It comes only before `Synced`, and only after other events: when the server turns out not to send the initial
    /// events in the watch, so that the objects are listed instead.
    Restarted,
    /// All existing objects were returned: the events so far are the complete state, as of this version.
    Synced {
        /// The resource version from which a later watch can resume.
        resource_version: String,
    },
    /// A change. Changes may come before [`Synced`](Self::Synced), too: apply them as they come.
    Changed(WatchEvent<K>),
}

/// Stream of the existing objects and then the changes to them; see
/// [`ListRequest::then_watch`](crate::request::ListRequest::then_watch).
///
/// The stream ends when the server ends the watch, and after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct ListWatch<K> {
    source: Source,
    state: ListWatchState<K>,
    /// Whether any event was returned.
    given: bool,
    timeout: Duration,
    /// The position in which it ended.
    ended_at: Option<CompactString>,
}

enum ListWatchState<K> {
    Start,
    /// The watch with initial events is being opened.
    Asking(ResponseFuture<WatchStream<K>>, InitialEventsTimeout),
    /// The watch is open, and the server may be sending the initial events.
    Initial(WatchStream<K>, InitialEventsTimeout),
    /// The server does not send them: everything is listed.
    Listing(Box<ListStream<K>>),
    /// The list is complete, and the watch from it is being opened.
    Opening(ResponseFuture<WatchStream<K>>),
    Changes(WatchStream<K>),
    Done,
}

impl<K: Object> ListWatch<K> {
    pub(crate) fn new(client: Client, resource: ResourceRef, list: Call) -> Self {
        Self::of(Source { client, resource, list, lists: false })
    }

    pub(super) fn of(source: Source) -> Self {
        Self { source, state: ListWatchState::Start, given: false, timeout: INITIAL_EVENTS_TIMEOUT, ended_at: None }
    }

    /// Returns the number of bytes received of an incomplete event.
    pub(super) fn buffered(&self) -> usize {
        match &self.state {
            ListWatchState::Initial(watch, _) | ListWatchState::Changes(watch) => watch.buffered(),
            ListWatchState::Start
            | ListWatchState::Asking(..)
            | ListWatchState::Listing(_)
            | ListWatchState::Opening(_)
            | ListWatchState::Done => 0,
        }
    }

    /// Returns the version up to which everything was returned, once all existing objects were.
    pub(super) fn position(&self) -> Option<&str> {
        match &self.state {
            ListWatchState::Changes(watch) => watch.position(),
            _ => self.ended_at.as_deref(),
        }
    }

    /// Whether the server has turned out not to send initial events.
    pub(super) fn lists(&self) -> bool {
        self.source.lists
    }

    /// Sets the time-out for the end of the initial events, after which everything is listed instead. The default is 10
    /// seconds.
    ///
    /// A server without [streaming lists] (an aggregated one, a cache in between) may ignore the request for them, and
    /// would never complete the stream. Only time without receiving a byte of an object counts; once changes are
    /// received, which a server sends after the initial events, all time counts. A bookmark other than the end of the
    /// initial events decides at once. Events are returned as they come; if there were any, the list starts with
    /// [`Restarted`](ListWatchEvent::Restarted).
    ///
    /// [streaming lists]: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
    pub fn initial_events_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<ListWatchEvent<K>>>> {
        loop {
            match &mut self.state {
                ListWatchState::Start => {
                    // Only a list can answer which version exactly.
                    let exact = self.source.list.has_query("resourceVersionMatch", "Exact");
                    self.state = if exact || self.source.lists {
                        self.list()
                    } else {
                        ListWatchState::Asking(self.source.ask(), InitialEventsTimeout::new(self.timeout))
                    };
                }
                ListWatchState::Asking(opening, waiting) => match opening.as_mut().poll(cx) {
                    // A server that delays the response's head until there is an event, and sends none, is detected
                    // as well.
                    Poll::Pending => {
                        ready!(waiting.poll_timed_out(cx, 0));
                        tracing::debug!("no response to the watch with initial events: listing instead");
                        self.source.lists = true;
                        self.state = self.list();
                    }
                    Poll::Ready(Ok(watch)) => {
                        self.state = ListWatchState::Initial(watch, InitialEventsTimeout::new(self.timeout));
                    }
                    Poll::Ready(Err(error)) if is_refusal(&error) => {
                        self.source.lists = true;
                        self.state = self.list();
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                },
                ListWatchState::Initial(watch, waiting) => {
                    let event = match Pin::new(&mut *watch).poll_next(cx) {
                        Poll::Pending => {
                            ready!(waiting.poll_timed_out(cx, watch.buffered()));
                            tracing::debug!("the initial events did not end: listing instead");
                            self.source.lists = true;
                            None
                        }
                        Poll::Ready(Some(Ok(WatchEvent::Bookmark(mark)))) if mark.initial_events_end() => {
                            if let ListWatchState::Initial(watch, _) =
                                std::mem::replace(&mut self.state, ListWatchState::Done)
                            {
                                self.state = ListWatchState::Changes(watch);
                            }
                            let resource_version = mark.resource_version;
                            return Poll::Ready(Ok(Some(ListWatchEvent::Synced { resource_version })));
                        }
                        // A server with streaming lists sends no other bookmark before their end. What another one
                        // has sent may or may not be complete.
                        Poll::Ready(Some(Ok(WatchEvent::Bookmark(_)))) => {
                            self.source.lists = true;
                            None
                        }
                        // It may support them next time.
                        Poll::Ready(None) => None,
                        Poll::Ready(Some(Ok(event))) => Some(event),
                        Poll::Ready(Some(Err(error))) => match self.settle_for_json(error)? {
                            Some(restarted) => return Poll::Ready(Ok(Some(restarted))),
                            None => continue,
                        },
                    };
                    let Some(event) = event else {
                        self.state = self.list();
                        match self.restarted() {
                            Some(restarted) => return Poll::Ready(Ok(Some(restarted))),
                            None => continue,
                        }
                    };
                    self.given = true;
                    let initial = matches!(event, WatchEvent::Added(_));
                    waiting.received(initial);
                    return Poll::Ready(Ok(Some(match event {
                        WatchEvent::Added(object) => ListWatchEvent::Initial(object),
                        event => ListWatchEvent::Changed(event),
                    })));
                }
                ListWatchState::Listing(list) => match ready!(Pin::new(&mut **list).poll_next(cx)).transpose() {
                    Ok(Some(object)) => {
                        self.given = true;
                        return Poll::Ready(Ok(Some(ListWatchEvent::Initial(object))));
                    }
                    Ok(None) => {
                        let resource_version = list.resource_version().unwrap_or_default().to_owned();
                        if resource_version.is_empty() {
                            let error = Error::response("the list has no resource version to watch from", None);
                            return Poll::Ready(Err(error.with_operation(&self.source.list.operation())));
                        }
                        self.state = ListWatchState::Opening(self.source.watch_from(&resource_version));
                        return Poll::Ready(Ok(Some(ListWatchEvent::Synced { resource_version })));
                    }
                    Err(error) => {
                        if let Some(restarted) = self.settle_for_json(error)? {
                            return Poll::Ready(Ok(Some(restarted)));
                        }
                    }
                },
                ListWatchState::Opening(opening) => {
                    self.state = ListWatchState::Changes(ready!(opening.as_mut().poll(cx))?)
                }
                ListWatchState::Changes(watch) => {
                    let event = ready!(Pin::new(watch).poll_next(cx)).transpose()?;
                    return Poll::Ready(Ok(event.map(ListWatchEvent::Changed)));
                }
                ListWatchState::Done => return Poll::Ready(Ok(None)),
            }
        }
    }

    /// Restarts in JSON, if that helps; before everything is synced, this equals a new start.
    fn settle_for_json(&mut self, error: Error) -> Result<Option<ListWatchEvent<K>>> {
        if !self.source.client.fall_back(&mut self.source.list, &error)? {
            return Err(error);
        }
        self.state = if matches!(self.state, ListWatchState::Listing(_)) { self.list() } else { ListWatchState::Start };
        Ok(self.restarted())
    }

    fn list(&self) -> ListWatchState<K> {
        ListWatchState::Listing(Box::new(self.source.list()))
    }

    /// Returns the event that announces a restart, if there were events before.
    fn restarted(&mut self) -> Option<ListWatchEvent<K>> {
        std::mem::take(&mut self.given).then_some(ListWatchEvent::Restarted)
    }
}

/// Whether the server reports that it does not support initial events: it calls the parameter invalid or forbidden.
fn is_refusal(error: &Error) -> bool {
    match error.code() {
        Some(StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST) => true,
        // A user without permission to watch lacks it after a list, too.
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
            this.ended_at = this.position().map(CompactString::from);
            this.state = ListWatchState::Done;
        }
        Poll::Ready(event)
    }
}

impl<K> std::fmt::Debug for ListWatch<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListWatch").field("operation", &self.source.list.operation()).finish_non_exhaustive()
    }
}
