//! A list and the watch that follows it, as one stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use http::StatusCode;

use super::initial_events::InitialEventsTimeout;
use super::source::Source;
use super::{WatchEvent, WatchStream};
use crate::Client;
use crate::Object;
use crate::client::Response;
use crate::error::{Error, Result};
use crate::list::ListStream;
use crate::wire::Call;
use crate::wire::ResourceRef;

/// How long to wait for the end of the initial events, unless set.
pub(crate) const INITIAL_EVENTS_TIMEOUT: Duration = Duration::from_secs(10);

/// What a [`ListWatch`] gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ListWatchEvent<K> {
    /// An object that was there when the stream began.
    Initial(K),
    /// What was given so far may be out of date: forget it. Everything that is there follows as
    /// [`Initial`](Self::Initial), up to [`Synced`](Self::Synced); an object that does not come again no longer exists.
    ///
    /// It comes only before `Synced`, and only if something was given: when the server turns out not to send everything in
    /// the watch, so that it is listed after all.
    Restarted,
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
    /// Whether anything was given.
    given: bool,
    timeout: Duration,
}

enum State<K> {
    Start,
    /// The server is asked to send everything in the watch.
    Asking(Response<WatchStream<K>>, InitialEventsTimeout),
    /// It may be doing so.
    Initial(WatchStream<K>, InitialEventsTimeout),
    /// It would not: everything is listed.
    Listing(Box<ListStream<K>>),
    /// The list is there, and the watch from it is being opened.
    Opening(Response<WatchStream<K>>),
    Changes(WatchStream<K>),
    Done,
}

impl<K: Object> ListWatch<K> {
    pub(crate) fn new(client: Client, resource: ResourceRef, list: Call) -> Self {
        Self::of(Source { client, resource, list, lists: false })
    }

    pub(super) fn of(source: Source) -> Self {
        Self { source, state: State::Start, given: false, timeout: INITIAL_EVENTS_TIMEOUT }
    }

    /// How many bytes have come of an event that is not complete.
    pub(super) fn buffered(&self) -> usize {
        match &self.state {
            State::Initial(watch, _) | State::Changes(watch) => watch.buffered(),
            State::Start | State::Asking(..) | State::Listing(_) | State::Opening(_) | State::Done => 0,
        }
    }

    /// The version up to which all has been given, once everything that was there has been.
    pub(super) fn position(&self) -> Option<&str> {
        match &self.state {
            State::Changes(watch) => watch.position(),
            _ => None,
        }
    }

    /// Whether the server has turned out not to send initial events.
    pub(super) fn lists(&self) -> bool {
        self.source.lists
    }

    /// How long to wait for the end of the initial events before everything is listed instead. The default is 10 seconds.
    ///
    /// A server that does not know [streaming lists] (an aggregated one, a cache in between) may ignore that it was asked
    /// for one, and would keep the stream waiting for ever. What counts is the time in which nothing comes, not a byte of an
    /// object; once changes come, which a server sends after what was there, all of it. A bookmark that is not the end of the initial events
    /// decides at once. What comes meanwhile is given as it comes; if anything was, the list begins with
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
                State::Start => {
                    // Which exactly is a question that only a list can answer.
                    let exact = self.source.list.has_query("resourceVersionMatch", "Exact");
                    self.state = if exact || self.source.lists {
                        self.list()
                    } else {
                        State::Asking(self.source.ask(), InitialEventsTimeout::new(self.timeout))
                    };
                }
                State::Asking(opening, waiting) => match opening.as_mut().poll(cx) {
                    // Who holds the response's head back until there is an event, and sends none, is found out as well.
                    Poll::Pending => {
                        ready!(waiting.poll_timed_out(cx, 0));
                        tracing::debug!("the watch for the initial events is not answered: listing instead");
                        self.source.lists = true;
                        self.state = self.list();
                    }
                    Poll::Ready(Ok(watch)) => {
                        self.state = State::Initial(watch, InitialEventsTimeout::new(self.timeout));
                    }
                    Poll::Ready(Err(error)) if is_refusal(&error) => {
                        self.source.lists = true;
                        self.state = self.list();
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                },
                State::Initial(watch, waiting) => {
                    let event = match Pin::new(&mut *watch).poll_next(cx) {
                        Poll::Pending => {
                            ready!(waiting.poll_timed_out(cx, watch.buffered()));
                            tracing::debug!("no end of the initial events has come: listing instead");
                            self.source.lists = true;
                            None
                        }
                        Poll::Ready(Some(Ok(WatchEvent::Bookmark(mark)))) if mark.initial_events_end() => {
                            if let State::Initial(watch, _) = std::mem::replace(&mut self.state, State::Done) {
                                self.state = State::Changes(watch);
                            }
                            let resource_version = mark.resource_version;
                            return Poll::Ready(Ok(Some(ListWatchEvent::Synced { resource_version })));
                        }
                        // A server that streams the list sends none before its end. What another one has sent may be all of it
                        // or not.
                        Poll::Ready(Some(Ok(WatchEvent::Bookmark(_)))) => {
                            self.source.lists = true;
                            None
                        }
                        // It may do so the next time.
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
                State::Listing(list) => match ready!(Pin::new(&mut **list).poll_next(cx)).transpose() {
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
                        self.state = State::Opening(self.source.watch_from(&resource_version));
                        return Poll::Ready(Ok(Some(ListWatchEvent::Synced { resource_version })));
                    }
                    Err(error) => {
                        if let Some(restarted) = self.settle_for_json(error)? {
                            return Poll::Ready(Ok(Some(restarted)));
                        }
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

    /// Begins again in JSON, where that will do better; before anything is synced, it is as good as a new beginning.
    fn settle_for_json(&mut self, error: Error) -> Result<Option<ListWatchEvent<K>>> {
        if !self.source.client.fall_back(&mut self.source.list, &error)? {
            return Err(error);
        }
        self.state = if matches!(self.state, State::Listing(_)) { self.list() } else { State::Start };
        Ok(self.restarted())
    }

    fn list(&self) -> State<K> {
        State::Listing(Box::new(self.source.list()))
    }

    /// What says that everything comes again, if anything has come.
    fn restarted(&mut self) -> Option<ListWatchEvent<K>> {
        std::mem::take(&mut self.given).then_some(ListWatchEvent::Restarted)
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
