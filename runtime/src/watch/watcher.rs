//! A list and watches that reconnect, until the stream is dropped.

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
use crate::client::ResponseFuture;
use crate::error::{Error, Result};
use crate::retry::{Backoff, RetryClass, RetryState};
use crate::wire::{Call, ResourceRef};
use crate::{Client, Object};

/// Default delays between two attempts.
const BACKOFF: Backoff =
    Backoff::new(Duration::from_millis(800), Duration::from_secs(30)).reset_after(Duration::from_secs(30));

/// Default time without data after which a watch counts as dead.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// Number of attempts that may fail before the first success, if permanent errors end the stream.
const INITIAL_ATTEMPTS: u32 = 3;

/// After this many consecutive events that can't be decoded, everything is listed: resuming would return the same
/// event.
const UNDECODABLE_EVENTS: u32 = 2;

/// After this many consecutive silent watches of a server that sends bookmarks, everything is listed.
const SILENT_WATCHES: u32 = 2;

/// A server that sends bookmarks sends one within this time.
const BOOKMARKS_WITHIN: Duration = Duration::from_secs(120);

/// An event of a [`Watcher`].
#[derive(Debug)]
#[non_exhaustive]
pub enum WatcherEvent<K> {
    /// An existing object; these come before [`Synced`](Self::Synced).
    Initial(K),
    /// All existing objects were returned: the events since the start, or since [`Restarted`](Self::Restarted), are the
    /// complete state, as of this resource version.
    Synced {
        /// The resource version that was reached.
        resource_version: String,
    },
    /// A relist: all existing objects follow again, as [`Initial`](Self::Initial) up to [`Synced`](Self::Synced). An
    /// object that is not among them no longer exists. If you maintain a cache, fill a new one, also from
    /// [`Applied`](Self::Applied) and [`Deleted`](Self::Deleted), and swap it in at `Synced`; a further `Restarted`
    /// before that discards it.
    ///
    /// The resource version expired (410), or a list was not completed. It does not come before the first list.
    Restarted,
    /// The object was created or modified, or now matches the selectors; this is its current state. It may come before
    /// [`Synced`](Self::Synced), too.
    Applied(K),
    /// The object was deleted, or no longer matches the selectors; this is its last state.
    Deleted(K),
    /// A bookmark: there are no further events up to this resource version.
    Bookmark {
        /// The resource version that was reached.
        resource_version: String,
    },
    /// The watch ended or could not be opened; it is retried after a delay. Nothing is lost: changes meanwhile come
    /// later, as events or, after 410, by a relist.
    Interrupted {
        /// The error; `None` if the server ended the watch regularly, as it does periodically.
        error: Option<Error>,
        /// Delay before the retry.
        pause: Duration,
    },
}

/// Stream of a list followed by watches that reconnect, until the stream is dropped: the basis of caches and
/// controllers. Created by [`ListRequest::watcher`](crate::request::ListRequest::watcher).
///
/// It starts as [`ListWatch`] does: the server is asked to send everything in the watch itself ([streaming lists]), and
/// if it rejects or ignores that, the objects are listed. When a watch ends, for whatever reason, the next one resumes
/// from the last observed version, so that nothing is lost or repeated; if that version has expired (410), everything
/// is listed again, after [`Restarted`](WatcherEvent::Restarted).
///
/// | cause | events |
/// |---|---|
/// | the server ends the watch | `Interrupted` without an error, and after a short delay the changes since |
/// | a broken connection, a time-out, 429, 5xx, an event that can't be decoded | `Interrupted` with the error, and after a delay the changes since |
/// | no data for [five minutes](Self::idle_timeout) | the watch is reopened silently; if the server had sent bookmarks, and the next watch is silent as well, `Restarted` and all existing objects |
/// | 410, as a status or as an event; 400 or 422 for a version from the server | `Interrupted` with the error, `Restarted`, all existing objects, `Synced` |
/// | the server rejects the request: 401, 403, 404 and the like | `Interrupted` with the error, and a retry, unless permanent errors [end the stream](Self::end_on_permanent_errors) |
/// | the request can't be built, or a [feature gate](Error::feature_gate) is off | the error as the stream's last item |
///
/// Delays [grow](Self::backoff) from 0.8 s to 30 s, with jitter per stream, and are never shorter than the server
/// requests; a change, or a watch that lasts, resets them. The stream keeps no objects: its memory is that of one
/// event. Dropping it ends the watch. Nothing is read unless polled: slow consumers apply back-pressure, and the server
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
///         WatcherEvent::Initial(object) | WatcherEvent::Applied(object) => println!("{:?} exists", object.metadata.name),
///         WatcherEvent::Deleted(object) => println!("{:?} was deleted", object.metadata.name),
///         WatcherEvent::Interrupted { error: Some(error), pause } => eprintln!("{error}; retrying in {pause:?}"),
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
    /// Position from which the next watch resumes. `None` is the start.
    position: Option<CompactString>,
    /// Whether any event was returned since the start or the last `Restarted`.
    given: bool,
    retries: RetryState,
    backoff: Backoff,
    initial_attempts: u32,
    /// Whether permanent errors end the stream.
    ends: bool,
    /// Number of consecutive watches that ended with an event that can't be decoded.
    undecodable: u32,
    /// Whether the server sends periodic bookmarks.
    has_bookmarks: bool,
    /// Number of consecutive watches without any event.
    silent: u32,
    initial_events_timeout: Option<Duration>,
    idle_timeout: Duration,
    /// Runs while there is nothing to read.
    idle: Option<Pin<Box<Sleep>>>,
    /// Bytes of the next event that were received when the timer started.
    buffered: usize,
}

enum State<K> {
    /// Waits before opening the next watch.
    Pausing(Option<Pin<Box<Sleep>>>),
    /// The first list and watch, or those after an expired version.
    Listing(Box<ListWatch<K>>),
    /// A watch that resumes is being opened.
    Opening(ResponseFuture<WatchStream<K>>),
    Watching(Box<WatchStream<K>>),
    Done,
}

/// Result of polling a source.
enum Step<K> {
    Event(WatcherEvent<K>),
    /// Nothing to report.
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

    /// Sets the delays before the watch is retried. By default they grow from 0.8 s to 30 s, and are reset by a change,
    /// or a watch that lasted for 30 s. A back-off without [`reset_after`](Backoff::reset_after) is reset by a change
    /// only.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self.settings()
    }

    /// Ends the stream with the error if retrying is pointless: the server rejects the request
    /// ([`RetryClass::Permanent`]), was not reached in the first three attempts, or returned three consecutive errors
    /// that are [rarely transient](RetryClass::Uncertain).
    ///
    /// By default the stream continues: permissions may be granted, and a CustomResourceDefinition installed, at any
    /// time.
    pub fn end_on_permanent_errors(mut self) -> Self {
        self.ends = true;
        self
    }

    /// Limits failed attempts before the first success, if the stream [ends with permanent
    /// errors](Self::end_on_permanent_errors), since a server that was never reached more likely has a wrong address. 0
    /// counts as 1. The default is 3.
    pub fn initial_attempts(mut self, attempts: u32) -> Self {
        self.initial_attempts = attempts;
        self.settings()
    }

    fn settings(mut self) -> Self {
        self.retries = RetryState::new(self.backoff.clone()).initial_attempts(self.initial_attempts);
        self
    }

    /// Sets the time-out for the end of the initial events, after which everything is listed instead; see
    /// [`ListWatch::initial_events_timeout`]. The default is 10 seconds.
    pub fn initial_events_timeout(mut self, timeout: Duration) -> Self {
        self.initial_events_timeout = Some(timeout);
        self
    }

    /// Sets the time without data, neither a bookmark nor a byte of an event, after which the watch counts as dead and
    /// is reopened. The default is five minutes. Dead HTTP/2 connections are detected earlier, by pings; a proxy that
    /// holds a dead connection is detected only by this.
    ///
    /// A server sends a bookmark about every minute, but kube-apiserver none for core Events: a quiet watch of those is
    /// resumed each time, and relisted after a compaction. A time-out shorter than a `Retry-After` (at most 60 s) cuts
    /// that short.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Streams the objects only: the existing ones, and each that is created or modified, in its current state.
    /// Deletions and interruptions are omitted, the latter with a `tracing` event.
    pub fn applied_objects(self) -> Objects<K> {
        Objects::new(self, false)
    }

    /// Same as [`applied_objects`](Self::applied_objects), with deleted objects in their last state.
    ///
    /// An object that was deleted while the resource version expired (410) is not reported: only the events reveal
    /// which objects a relist no longer contains. A cache can't be built on this.
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
                // Also past events of objects that are not retained.
                if self.position.is_some() && list.position().is_some() && list.position() != self.position.as_deref() {
                    self.position = list.position().map(CompactString::from);
                }
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
            State::Watching(watch) => {
                let event = Pin::new(&mut **watch).poll_next(cx);
                // Also past events of objects that are not retained.
                if watch.position() != self.position.as_deref() {
                    self.position = watch.position().map(CompactString::from);
                }
                Poll::Ready(match ready!(event) {
                    Some(Ok(event)) => Step::Event(self.changed(event)),
                    Some(Err(error)) => Step::Ended(Some(error)),
                    None => Step::Ended(None),
                })
            }
            State::Done => Poll::Ready(Step::Ended(None)),
        }
    }

    /// Waits for data: ready when there was none for too long; never during a delay.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Step<K>> {
        if matches!(self.state, State::Pausing(_) | State::Done) {
            return Poll::Pending;
        }
        let buffered = match &self.state {
            State::Listing(list) => list.buffered(),
            State::Watching(watch) => watch.buffered(),
            State::Pausing(_) | State::Opening(_) | State::Done => 0,
        };
        // A large event over a slow connection is not silence.
        if buffered > std::mem::replace(&mut self.buffered, buffered) {
            self.idle = None;
        }
        let timeout = self.idle_timeout;
        let idle = self.idle.get_or_insert_with(|| Box::pin(sleep(timeout)));
        ready!(idle.as_mut().poll(cx));
        self.idle = None;
        // A watch that has returned everything may have nothing to report: it resumes, on another connection.
        let silent = matches!(self.state, State::Watching(_) | State::Listing(_)) && self.position.is_some();
        if silent {
            self.silent = self.silent.saturating_add(1);
            // A server that sends bookmarks, but none to two watches in a row, may have been restored to an older
            // state: it does not reject a version that it has yet to reach, but stays silent until then. A time-out
            // shorter than the interval of bookmarks can't detect that.
            let can_tell = self.has_bookmarks && timeout >= BOOKMARKS_WITHIN;
            let is_ahead = can_tell && self.silent >= SILENT_WATCHES;
            tracing::debug!(operation = %self.source.list.operation(), ?timeout, is_ahead, "no data received: reopening the watch");
            if is_ahead {
                self.position = None;
                self.silent = 0;
            }
            self.state = State::Pausing(None);
            return Poll::Ready(Step::Quiet);
        }
        // It may have ignored the request for initial events: next time the objects are listed.
        self.source.lists |= matches!(self.state, State::Listing(_)) && self.position.is_none();
        let error = Error::timed_out(format!("no response to a list or watch within {timeout:?}"));
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

    /// Handles an event of a list and its watch, which are now at this position.
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

    /// A complete change counts as progress.
    fn moved(&mut self) {
        self.silent = 0;
        if self.position.is_some() {
            self.retries.progressed();
            self.undecodable = 0;
        }
    }

    /// Handles the end of the list or watch. Returns what to report; `None` if it had ended before.
    fn ended(&mut self, error: Option<Error>) -> Option<Result<WatcherEvent<K>>> {
        if matches!(self.state, State::Done) {
            return None;
        }
        let Some(error) = error else { return Some(Ok(self.interrupted(None, None))) };
        let class = error.retry_class();
        let relists = self.cannot_resume(&error, class);
        if relists {
            if self.position.is_none() {
                // The version expired between the pages of a list: a list without pages can't expire.
                self.source.list.set_page_size(0);
            }
            self.position = None;
            self.undecodable = 0;
            self.source.read_the_newest();
        }
        // A version that the server rejects counts as expired.
        let class = if relists && class == RetryClass::Permanent { RetryClass::Expired } else { class };
        let pause = self.retries.failed_as(class, error.retry_after());
        // Errors of the program itself are permanent, and so is a feature gate that is off.
        let lasts = error.is_build() || error.feature_gate().is_some();
        if lasts || self.ends && pause.is_none() {
            self.state = State::Done;
            return Some(Err(error));
        }
        Some(Ok(self.interrupted(Some(error), pause)))
    }

    /// Whether the last observed version is no longer usable.
    fn cannot_resume(&mut self, error: &Error, class: RetryClass) -> bool {
        match class {
            RetryClass::Expired => true,
            // A rejected or failed request says nothing about the events: relisting would only add to the load of an
            // overloaded server.
            RetryClass::Uncertain if error.is_decode() && self.is_watching() => {
                self.undecodable += 1;
                self.undecodable >= UNDECODABLE_EVENTS
            }
            // The server rejects the version as malformed: the kind may be served by another program by now.
            RetryClass::Permanent if matches!(self.state, State::Opening(_)) => {
                matches!(error.code(), Some(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY))
            }
            // So kube-apiserver rejects a version that is not a number, which a server with another kind of versions
            // may have returned.
            RetryClass::Uncertain if matches!(self.state, State::Opening(_)) && error.is_request_fault() => {
                self.position.as_ref().is_some_and(|version| !version.bytes().all(|byte| byte.is_ascii_digit()))
            }
            _ => false,
        }
    }

    /// Whether the events being read follow those that were returned.
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
