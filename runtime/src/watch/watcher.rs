//! A list and the watches that follow it, until the stream is dropped.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use compact_str::CompactString;
use futures_core::{FusedStream, Stream};
use http::StatusCode;
use tokio::time::{Sleep, sleep};

use super::objects::Objects;
use super::source::Source;
use super::{ListWatch, ListWatchEvent, WatchEvent, WatchStream};
use crate::client::Response;
use crate::error::{Error, Result};
use crate::retry::{Backoff, RetryClass, RetryState};
use crate::wire::{Call, ResourceRef};
use crate::{Client, Object};

/// The pauses between two attempts, unless set.
const BACKOFF: Backoff =
    Backoff::new(Duration::from_millis(800), Duration::from_secs(30)).reset_after(Duration::from_secs(30));

/// How long nothing may come before a watch counts as dead, unless set.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// How many attempts may fail before the first one succeeds, where permanent errors end the stream.
const INITIAL_ATTEMPTS: u32 = 3;

/// After this many events in a row that can't be decoded, everything is listed: resuming would only bring the same event.
const UNDECODABLE_EVENTS: u32 = 2;

/// After so many watches in a row in which nothing came, from a server that sends bookmarks, everything is listed.
const SILENT_WATCHES: u32 = 2;

/// In this time a server that sends bookmarks has sent one.
const BOOKMARKS_WITHIN: Duration = Duration::from_secs(120);

/// What a [`Watcher`] gives.
#[derive(Debug)]
#[non_exhaustive]
pub enum WatcherEvent<K> {
    /// An object that is there; they come up to [`Synced`](Self::Synced).
    Initial(K),
    /// Every object that is there has been given: what has come since the beginning, or since
    /// [`Restarted`](Self::Restarted), is all there is, as of this resource version.
    Synced {
        /// The resource version that was reached.
        resource_version: String,
    },
    /// A relist: everything that exists follows once more, as [`Initial`](Self::Initial) up to [`Synced`](Self::Synced). An
    /// object that does not come again no longer exists. If you maintain a cache, fill a new one, also from
    /// [`Applied`](Self::Applied) and [`Deleted`](Self::Deleted), and swap it in at `Synced`; a further `Restarted` before
    /// that discards it.
    ///
    /// The server has forgotten the resource version up to which it was watched (410), or a list was not completed. It does
    /// not come before the first list.
    Restarted,
    /// The object was created or changed, or has come to match the selectors; this is how it is now. It may come before
    /// [`Synced`](Self::Synced), too.
    Applied(K),
    /// The object was deleted, or no longer matches the selectors; this is how it last was.
    Deleted(K),
    /// Nothing happened up to this resource version.
    Bookmark {
        /// The resource version that was reached.
        resource_version: String,
    },
    /// The watch has ended or could not be opened; it is retried after a pause. Nothing is lost: what happens meanwhile
    /// comes later, as events or, after 410, by a relist.
    Interrupted {
        /// Why; `None` where the server ended it in an orderly way, as it does now and then.
        error: Option<Error>,
        /// After how long it goes on.
        pause: Duration,
    },
}

/// A list followed by watches that reconnect, until the stream is dropped: what caches and controllers stand on. Made by [`ListRequest::watcher`](crate::request::ListRequest::watcher).
///
/// It begins as [`ListWatch`] does: the server is asked to send everything in the watch itself ([streaming lists]), and
/// where it refuses that, or ignores it, the objects are listed. When a watch ends, for whatever reason, another one goes on
/// from the version up to which events have come, so that nothing is lost and nothing comes twice; where the server has
/// forgotten that version (410), everything is listed again, after [`Restarted`](WatcherEvent::Restarted).
///
/// | what happens | what comes |
/// |---|---|
/// | the server ends the watch | `Interrupted` without an error, and after a short pause what happened since |
/// | the connection breaks, time runs out, 429, 5xx, an event that is not understood | `Interrupted` with the error, and after a pause what happened since |
/// | nothing comes for [five minutes](Self::idle_timeout) | the watch is reopened silently; where the server had sent bookmarks, and the next watch is silent as well, `Restarted` and everything that is there |
/// | 410, as a status or as an event; 400 or 422 to a version that the server gave | `Interrupted` with the error, `Restarted`, everything that is there, `Synced` |
/// | the server refuses: 401, 403, 404 and the like | `Interrupted` with the error: it is asked again, unless [told otherwise](Self::end_on_permanent_errors) |
/// | the request can't be built, or a [feature gate](Error::feature_gate) is off | the error as the stream's last item |
///
/// Pauses [grow](Self::backoff), with jitter of each stream's own, from 0.8 s up to 30 s, and are never shorter than the
/// server asks for; a change, or a watch that holds, is a new start. The stream keeps no objects: its memory is that of one
/// event. Dropping it ends the watch. Nothing is read that is not polled for: a slow consumer slows the server down, which
/// may end the watch of one that is too slow.
///
/// ```no_run
/// # use futures_util::TryStreamExt as _;
/// # use kubewright_runtime::watch::WatcherEvent;
/// # use kubewright_runtime::{Api, DynamicObject};
/// # async fn run(crontabs: Api<DynamicObject>) -> kubewright_runtime::Result<()> {
/// let mut events = crontabs.list().labels("app=web").watcher();
/// while let Some(event) = events.try_next().await? {
///     match event {
///         WatcherEvent::Initial(object) | WatcherEvent::Applied(object) => println!("{:?} is there", object.metadata.name),
///         WatcherEvent::Deleted(object) => println!("{:?} is gone", object.metadata.name),
///         WatcherEvent::Interrupted { error: Some(error), pause } => eprintln!("{error}; again in {pause:?}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// [streaming lists]: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
#[must_use = "a stream does nothing until it is polled"]
pub struct Watcher<K> {
    source: Source,
    state: State<K>,
    /// From where the next watch goes on. `None` is from the beginning.
    position: Option<CompactString>,
    /// Whether something was given since the beginning, or since it was said that all is to be forgotten.
    given: bool,
    retries: RetryState,
    backoff: Backoff,
    initial_attempts: u32,
    /// Whether permanent errors end the stream.
    ends: bool,
    /// How many watches in a row have ended with an event that can't be decoded.
    undecodable: u32,
    /// Whether the server sends bookmarks now and then.
    has_bookmarks: bool,
    /// How many watches in a row have given nothing at all.
    silent: u32,
    initial_events_timeout: Option<Duration>,
    idle_timeout: Duration,
    /// Runs while there is nothing to read.
    idle: Option<Pin<Box<Sleep>>>,
    /// How many bytes of the next event had come when it was started.
    buffered: usize,
}

enum State<K> {
    /// The next watch is to be opened, when this is over.
    Pausing(Option<Pin<Box<Sleep>>>),
    /// The first list and watch, or those after an expired version.
    Listing(Box<ListWatch<K>>),
    /// A watch that goes on is being opened.
    Opening(Response<WatchStream<K>>),
    Watching(Box<WatchStream<K>>),
    Done,
}

/// What a source has come to.
enum Step<K> {
    Event(WatcherEvent<K>),
    /// Nothing to be told.
    Quiet,
    Ended(Option<Error>),
}

impl<K: Object> Watcher<K> {
    pub(crate) fn new(client: Client, resource: ResourceRef, list: Call) -> Self {
        Self {
            source: Source { client, resource, list, lists: false },
            state: State::Pausing(None),
            position: None,
            given: false,
            retries: RetryState::new(BACKOFF).initial_attempts(INITIAL_ATTEMPTS),
            backoff: BACKOFF,
            initial_attempts: INITIAL_ATTEMPTS,
            ends: false,
            undecodable: 0,
            has_bookmarks: false,
            silent: 0,
            initial_events_timeout: None,
            idle_timeout: IDLE_TIMEOUT,
            idle: None,
            buffered: 0,
        }
    }

    /// The pauses before the watch goes on. By default they grow from 0.8 s to 30 s, and begin again after a change, or a
    /// watch that held for 30 s. A back-off without [`reset_after`](Backoff::reset_after) begins again after a change alone.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self.settings()
    }

    /// Ends the stream with the error where retrying is pointless: the server refuses ([`RetryClass::Permanent`]), has
    /// not been reached in three attempts since the beginning, or something that may be for good
    /// ([`RetryClass::Uncertain`]) has gone wrong three times in a row.
    ///
    /// By default the stream goes on: rights may be granted, and a CustomResourceDefinition installed, at any time.
    pub fn end_on_permanent_errors(mut self) -> Self {
        self.ends = true;
        self
    }

    /// How many attempts may fail before the first one succeeds, where the stream
    /// [ends with permanent errors](Self::end_on_permanent_errors): who never reached a server more likely has the wrong
    /// address. 0 counts as 1. The default is 3.
    pub fn initial_attempts(mut self, attempts: u32) -> Self {
        self.initial_attempts = attempts;
        self.settings()
    }

    fn settings(mut self) -> Self {
        self.retries = RetryState::new(self.backoff.clone()).initial_attempts(self.initial_attempts);
        self
    }

    /// How long to wait for the end of the initial events before everything is listed instead; see
    /// [`ListWatch::initial_events_timeout`]. The default is 10 seconds.
    pub fn initial_events_timeout(mut self, timeout: Duration) -> Self {
        self.initial_events_timeout = Some(timeout);
        self
    }

    /// How long nothing may come, no bookmark and not a byte of an event, before the watch counts as dead and is opened again. The default is
    /// five minutes. Dead connections of HTTP/2 are found earlier, by pings; a proxy that holds on to a dead connection is
    /// found by this alone.
    ///
    /// A server sends a bookmark about every minute, but kube-apiserver none for core Events: a quiet watch of those is
    /// resumed each time, and after a compaction relisted. What is shorter than a `Retry-After` (at most 60 s) cuts that
    /// short.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The objects alone: those that are there, and each that is created or changed, as it is then. Deletions and
    /// interruptions are left out, the latter with a `tracing` event.
    pub fn applied_objects(self) -> Objects<K> {
        Objects::new(self, false)
    }

    /// The same with those that are deleted, as they last were.
    ///
    /// What was deleted while the resource version expired (410) does not come: only the events say which objects a relist
    /// no longer has. Nothing that keeps objects can stand on this.
    pub fn touched_objects(self) -> Objects<K> {
        Objects::new(self, true)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<WatcherEvent<K>>>> {
        loop {
            let step = match self.poll_step(cx) {
                Poll::Ready(step) => {
                    (self.idle, self.buffered) = (None, 0);
                    step
                }
                Poll::Pending => ready!(self.poll_idle(cx)),
            };
            match step {
                Step::Event(event) => return Poll::Ready(Some(Ok(event))),
                Step::Quiet => {}
                Step::Ended(error) => match self.ended(error) {
                    Some(item) => return Poll::Ready(Some(item)),
                    None => return Poll::Ready(None),
                },
            }
        }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step<K>> {
        match &mut self.state {
            State::Pausing(pause) => {
                if let Some(pause) = pause {
                    ready!(pause.as_mut().poll(cx));
                }
                Poll::Ready(self.begin())
            }
            State::Listing(list) => {
                let event = Pin::new(&mut **list).poll_next(cx);
                self.source.lists |= list.lists();
                let event = match ready!(event) {
                    Some(Ok(event)) => event,
                    Some(Err(error)) => return Poll::Ready(Step::Ended(Some(error))),
                    None => return Poll::Ready(Step::Ended(None)),
                };
                let position = list.position().map(CompactString::from);
                Poll::Ready(Step::Event(self.listed(event, position)))
            }
            State::Opening(opening) => Poll::Ready(match ready!(opening.as_mut().poll(cx)) {
                Ok(watch) => {
                    self.retries.connected();
                    self.state = State::Watching(Box::new(watch));
                    Step::Quiet
                }
                Err(error) => Step::Ended(Some(error)),
            }),
            State::Watching(watch) => Poll::Ready(match ready!(Pin::new(&mut **watch).poll_next(cx)) {
                Some(Ok(event)) => {
                    self.position = watch.position().map(CompactString::from);
                    Step::Event(self.changed(event))
                }
                Some(Err(error)) => Step::Ended(Some(error)),
                None => Step::Ended(None),
            }),
            State::Done => Poll::Ready(Step::Ended(None)),
        }
    }

    /// There is nothing to read: ready when that has been so for too long, and never while it pauses.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Step<K>> {
        if matches!(self.state, State::Pausing(_) | State::Done) {
            return Poll::Pending;
        }
        let buffered = match &self.state {
            State::Listing(list) => list.buffered(),
            State::Watching(watch) => watch.buffered(),
            State::Pausing(_) | State::Opening(_) | State::Done => 0,
        };
        // A large event over a slow connection is no silence.
        if buffered > std::mem::replace(&mut self.buffered, buffered) {
            self.idle = None;
        }
        let timeout = self.idle_timeout;
        let idle = self.idle.get_or_insert_with(|| Box::pin(sleep(timeout)));
        ready!(idle.as_mut().poll(cx));
        self.idle = None;
        // A watch that showed all there was may have had nothing to tell: it goes on elsewhere, from where it was.
        let silent = matches!(self.state, State::Watching(_) | State::Listing(_)) && self.position.is_some();
        if silent {
            self.silent = self.silent.saturating_add(1);
            // A server that sends bookmarks, and none to a second watch in a row, may have been put back to an older state:
            // it does not refuse a version that it has yet to reach, but is silent until then.
            // Who looks for a shorter time than lies between two bookmarks can't tell.
            let can_tell = self.has_bookmarks && timeout >= BOOKMARKS_WITHIN;
            let is_ahead = can_tell && self.silent >= SILENT_WATCHES;
            tracing::debug!(operation = %self.source.list.operation(), ?timeout, is_ahead, "nothing came: opening the watch again");
            if is_ahead {
                self.position = None;
                self.silent = 0;
            }
            self.state = State::Pausing(None);
            return Poll::Ready(Step::Quiet);
        }
        // It may be that it ignores the wish for initial events: the next time it is listed.
        self.source.lists |= matches!(self.state, State::Listing(_)) && self.position.is_none();
        let error = Error::timed_out(format!("no answer to a list or watch within {timeout:?}"));
        Poll::Ready(Step::Ended(Some(error.with_operation(&self.source.list.operation()))))
    }

    /// Opens the next watch.
    fn begin(&mut self) -> Step<K> {
        if let Some(version) = &self.position {
            self.state = State::Opening(self.source.watch_from(version));
            return Step::Quiet;
        }
        let mut list = ListWatch::of(self.source.clone());
        if let Some(timeout) = self.initial_events_timeout {
            list = list.initial_events_timeout(timeout);
        }
        self.state = State::Listing(Box::new(list));
        if std::mem::take(&mut self.given) { Step::Event(WatcherEvent::Restarted) } else { Step::Quiet }
    }

    /// An event of a list and its watch, which are now at this position.
    fn listed(&mut self, event: ListWatchEvent<K>, position: Option<CompactString>) -> WatcherEvent<K> {
        self.given = true;
        match event {
            ListWatchEvent::Initial(object) => WatcherEvent::Initial(object),
            ListWatchEvent::Restarted => {
                self.given = false;
                WatcherEvent::Restarted
            }
            ListWatchEvent::Synced { resource_version } => {
                self.position =
                    Some(resource_version.as_str().into()).filter(|version: &CompactString| !version.is_empty());
                self.source.read_the_newest();
                self.retries.connected();
                self.undecodable = 0;
                WatcherEvent::Synced { resource_version }
            }
            ListWatchEvent::Changed(event) => {
                if self.position.is_some() {
                    self.position = position;
                }
                self.changed(event)
            }
        }
    }

    fn changed(&mut self, event: WatchEvent<K>) -> WatcherEvent<K> {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                self.moved();
                WatcherEvent::Applied(object)
            }
            WatchEvent::Deleted(object) => {
                self.moved();
                WatcherEvent::Deleted(object)
            }
            WatchEvent::Bookmark(mark) => {
                (self.has_bookmarks, self.silent) = (true, 0);
                WatcherEvent::Bookmark { resource_version: mark.resource_version }
            }
        }
    }

    /// A change is worth the watch, once it is complete.
    fn moved(&mut self) {
        self.silent = 0;
        if self.position.is_some() {
            self.retries.progressed();
            self.undecodable = 0;
        }
    }

    /// The list or watch has ended. What is to be told of that; `None` if it had been over before.
    fn ended(&mut self, error: Option<Error>) -> Option<Result<WatcherEvent<K>>> {
        if matches!(self.state, State::Done) {
            return None;
        }
        let Some(error) = error else { return Some(Ok(self.interrupted(None, None))) };
        let class = error.retry_class();
        let relists = self.cannot_resume(&error, class);
        if relists {
            if self.position.is_none() {
                // The pages of a list took so long that the server forgot their version: a single one can't.
                self.source.list.set_page_size(0);
            }
            self.position = None;
            self.undecodable = 0;
            self.source.read_the_newest();
        }
        // A version that is refused is as good as expired.
        let class = if relists && class == RetryClass::Permanent { RetryClass::Expired } else { class };
        let pause = self.retries.failed_as(class, error.retry_after());
        // What the program itself got wrong does not heal, nor does a feature that is off.
        let lasts = error.is_build() || error.feature_gate().is_some();
        if lasts || self.ends && pause.is_none() {
            self.state = State::Done;
            return Some(Err(error));
        }
        Some(Ok(self.interrupted(Some(error), pause)))
    }

    /// Whether the version up to which events have come is of no more use.
    fn cannot_resume(&mut self, error: &Error, class: RetryClass) -> bool {
        match class {
            RetryClass::Expired => true,
            // A refused or failed request says nothing about the events: listing everything instead would only add to the
            // load of a server that has enough of it.
            RetryClass::Uncertain if error.is_response() && self.is_watching() => {
                self.undecodable += 1;
                self.undecodable >= UNDECODABLE_EVENTS
            }
            // The server does not take the version for one: what serves the kind may be another program by now.
            RetryClass::Permanent if matches!(self.state, State::Opening(_)) => {
                matches!(error.code(), Some(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY))
            }
            // That is how kube-apiserver refuses a version that is no number, as a server with versions of another kind may
            // have given.
            RetryClass::Uncertain if matches!(self.state, State::Opening(_)) && error.is_request_fault() => {
                self.position.as_ref().is_some_and(|version| !version.bytes().all(|byte| byte.is_ascii_digit()))
            }
            _ => false,
        }
    }

    /// Whether events are being read that follow those that have come.
    fn is_watching(&self) -> bool {
        match &self.state {
            State::Watching(_) => true,
            State::Listing(_) => self.position.is_some(),
            State::Pausing(_) | State::Opening(_) | State::Done => false,
        }
    }

    fn interrupted(&mut self, error: Option<Error>, pause: Option<Duration>) -> WatcherEvent<K> {
        let asked = error.as_ref().and_then(Error::retry_after).unwrap_or_default();
        let pause = pause.unwrap_or_else(|| self.retries.ended().max(asked));
        self.state = State::Pausing(Some(Box::pin(sleep(pause))));
        WatcherEvent::Interrupted { error, pause }
    }
}

impl<K: Object> Stream for Watcher<K> {
    type Item = Result<WatcherEvent<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx)
    }
}

impl<K: Object> FusedStream for Watcher<K> {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Done)
    }
}

impl<K> std::fmt::Debug for Watcher<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (operation, position) = (self.source.list.operation(), &self.position);
        f.debug_struct("Watcher").field("operation", &operation).field("position", position).finish_non_exhaustive()
    }
}
