//! A log stream that resumes when the connection breaks.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::{StreamExt as _, stream};
use http::StatusCode;
use tokio::time::{Instant, sleep};

use super::MAX_LINE;
use super::dedup::Position;
use super::line::{Line, LineEnd};
use super::lines::{self, Lines};
use crate::Client;
use crate::client::container;
use crate::error::{Error, Result};
use crate::retry::{Backoff, RetryClass, RetryState};
use crate::types::Time;
use crate::wire::Call;

/// First delay before a log is requested again; each is twice as long as the one before.
const FIRST_DELAY: Duration = Duration::from_millis(100);

/// Longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// Number of consecutive failed attempts by default.
const MAX_ATTEMPTS: u32 = 10;

/// The writer's state is known after this time at the latest. A kubelet reports a new run when it starts.
const KNOWN_AFTER: Duration = Duration::from_secs(3);

/// A connection that lasted this long counts as a success.
const LONG: Duration = Duration::from_secs(10);

/// FollowState of the container (or other writer) that writes the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instance {
    /// It is running, as far as is known: its log may grow.
    Running,
    /// It has stopped: its log no longer grows.
    Stopped,
    /// It was restarted, and only `previous=true` reads the log of the former run.
    Replaced,
    /// It was deleted, and its log with it.
    Gone,
}

/// An event of a resumable log stream.
#[derive(Debug)]
#[non_exhaustive]
pub enum FollowEvent {
    /// A line.
    Line(Line),
    /// Lines may be missing here: the last line returned is no longer in the log, since it was rotated or deleted
    /// during a disconnection.
    Gap {
        /// Timestamp of the last line returned, if any.
        after: Option<Time>,
    },
    /// The connection broke or could not be opened. It is retried.
    Retrying {
        /// The error.
        error: Error,
        /// Delay before the retry.
        delay: Duration,
    },
}

/// Stream of a log's lines, which resumes when the connection breaks; see
/// [`TextRequest::follow_lines`](crate::request::TextRequest::follow_lines). Dropping it closes the connection.
///
/// Every line is returned once and in the log's order; where that can't be guaranteed, a [`FollowEvent::Gap`] is
/// reported. After an error the stream ends.
#[must_use = "a stream does nothing until it is polled"]
pub struct FollowedLines(FollowState);

enum FollowState {
    New(Option<Box<Follower>>),
    Running(Pin<Box<dyn Stream<Item = Result<FollowEvent>> + Send>>),
}

/// Creates the stream for a call.
pub(crate) fn follow(
    client: Client,
    mut call: Call,
    kind: String,
    instance: impl Fn() -> Instance + Send + 'static,
) -> FollowedLines {
    // A terminated run writes nothing more.
    let follow = call.has_query("follow", "true") && !call.has_query("previous", "true");
    call.set_query("timestamps", Some("true"));
    FollowedLines(FollowState::New(Some(Box::new(Follower {
        client,
        kind,
        follow,
        limited: call.has_parameter("limitBytes"),
        call,
        instance: Box::new(instance),
        max_line: MAX_LINE,
        position: Position::default(),
        own: false,
        held: None,
        reading: Reading::Log,
        lines: None,
        began: Instant::now(),
        was_open: false,
        unsure: false,
        is_again: false,
        has_given: false,
        is_whole: false,
        retry: RetryState::new(Backoff::new(FIRST_DELAY, LONGEST_DELAY).reset_after(LONG)).max_attempts(MAX_ATTEMPTS),
        delay: None,
        fresh: true,
        fragment: None,
        said: None,
        rest: None,
        ready: VecDeque::new(),
        over: false,
    }))))
}

impl FollowedLines {
    /// Limits the consecutive attempts that may fail, including the first; 0 counts as 1. The default is 10, which with
    /// the [back-off](Backoff) between them takes about half a minute. A new line, and a connection of more than ten
    /// seconds, reset the count. Errors that are [rarely transient](RetryClass::Uncertain) are attempted three times.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        if let FollowState::New(Some(follower)) = &mut self.0 {
            follower.retry = follower.retry.clone().max_attempts(attempts);
        }
        self
    }

    /// Sets the position that records what was returned. A log that may start with lines that another one has returned,
    /// as when a container's log turns out to be that of its next run, shares the position of that one and resumes from
    /// there. The default is a position of its own, at the start.
    pub fn position(mut self, position: &Position) -> Self {
        if let FollowState::New(Some(follower)) = &mut self.0 {
            follower.position = position.clone();
        }
        self
    }

    /// Sets how long ago the operation that this log is a part of started: `sinceSeconds` counts from then, not from
    /// now, so that the lines in between are not lost. The default is zero.
    pub fn began(mut self, ago: Duration) -> Self {
        if let FollowState::New(Some(follower)) = &mut self.0 {
            follower.began = Instant::now().checked_sub(ago).unwrap_or(follower.began);
        }
        self
    }

    /// Limits the bytes of a line in one item. The default is 1 MiB.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        if let FollowState::New(Some(follower)) = &mut self.0 {
            follower.max_line = bytes;
        }
        self
    }
}

impl Stream for FollowedLines {
    type Item = Result<FollowEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.0 {
                FollowState::Running(events) => return events.as_mut().poll_next(cx),
                FollowState::New(follower) => {
                    let Some(follower) = follower.take() else { return Poll::Ready(None) };
                    let events = stream::unfold(follower, |mut follower| async move {
                        follower.next().await.map(|event| (event, follower))
                    });
                    self.0 = FollowState::Running(Box::pin(events.fuse()));
                }
            }
        }
    }
}

impl std::fmt::Debug for FollowedLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowedLines").finish_non_exhaustive()
    }
}

/// Purpose of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The log, while it grows.
    Log,
    /// The rest of a log that no longer grows: of this run, or of the previous one.
    Rest { previous: bool },
}

struct Follower {
    client: Client,
    /// The kind that the log belongs to.
    kind: String,
    /// The original request, with timestamps.
    call: Call,
    follow: bool,
    /// Whether the response is limited by bytes, so that it can't be resumed.
    limited: bool,
    instance: Box<dyn Fn() -> Instance + Send>,
    max_line: usize,
    position: Position,
    /// Whether a line of this very run was returned or met again. Before that, returned lines are those of another run.
    own: bool,
    /// A line that does not follow the returned ones, until the reason is known.
    held: Option<Line>,
    reading: Reading,
    lines: Option<Lines>,
    /// Start time for `sinceSeconds`.
    began: Instant,
    was_open: bool,
    /// Whether lines may be missing before the first one.
    unsure: bool,
    /// Whether the connection is not the first one.
    is_again: bool,
    /// Whether a new line came over the connection.
    has_given: bool,
    /// Whether all existing lines were received, as far as can be known: if the writer was deleted meanwhile, none is
    /// missing.
    is_whole: bool,
    retry: RetryState,
    /// Delay before the next connection.
    delay: Option<Duration>,
    /// Whether no line with a timestamp was received over this connection.
    fresh: bool,
    /// A first line without a timestamp in a resumed log. Either it is the end of a long line whose start is too old to
    /// repeat; then others follow. Or it is the kubelet's own message.
    fragment: Option<Line>,
    /// The kubelet's last message: it repeats on each request.
    said: Option<Line>,
    /// The start of a line after which the text ended.
    rest: Option<Line>,
    ready: VecDeque<Result<FollowEvent>>,
    over: bool,
}

impl Follower {
    async fn next(&mut self) -> Option<Result<FollowEvent>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if let Some(line) = self.held.take() {
                self.check(line).await;
                continue;
            }
            match &mut self.lines {
                None => self.connect().await,
                Some(lines) => match lines.next().await {
                    Some(Ok(line)) => self.take(line),
                    Some(Err(error)) => self.broke(error),
                    None => self.ended(),
                },
            }
        }
    }

    async fn connect(&mut self) {
        if let Some(delay) = self.delay.take() {
            sleep(delay).await;
            // The writer may have stopped in the meantime.
            self.look();
            if self.over {
                return;
            }
        }
        let mut call = self.request();
        let opened =
            container::or_default(&self.client, &mut call, |call| lines::open(self.client.clone(), call, true));
        let opened = opened.await;
        match opened {
            Ok(lines) => {
                // The resumed log is that of the same container, even if the annotation changes.
                container::remember(&mut self.call, call.parameter(container::PARAMETER));
                (self.is_again, self.has_given, self.is_whole) = (self.was_open, false, false);
                (self.was_open, self.fresh) = (true, true);
                self.retry.connected();
                (self.rest, self.fragment) = (None, None);
                self.lines = Some(lines.max_line_bytes(self.max_line));
            }
            Err(error) => self.broke(error),
        }
    }

    /// Returns the call for the next connection.
    fn request(&mut self) -> Call {
        let mut call = self.call.clone();
        let mut dedup = self.position.lock();
        if let Some(second) = dedup.go_on() {
            if !self.own {
                dedup.settle();
            }
            for name in ["sinceSeconds", "sinceTime", "tailLines"] {
                call.set_query(name, None);
            }
            call.set_query("sinceTime", Some(&Time::from_unix(second, 0).to_string()));
        } else if let Some(seconds) = call.parameter("sinceSeconds").and_then(|seconds| seconds.parse::<u64>().ok()) {
            let seconds = seconds.saturating_add(self.began.elapsed().as_secs());
            call.set_query("sinceSeconds", Some(&seconds.to_string()));
        }
        drop(dedup);
        // The latest lines are different ones by now.
        self.unsure = self.was_open && call.has_parameter("tailLines");
        if let Reading::Rest { previous } = self.reading {
            call.set_query("follow", None);
            if previous {
                call.set_query("previous", Some("true"));
            }
        }
        if call.has_query("follow", "true") {
            call.without_read_timeout();
        }
        call
    }

    fn take(&mut self, line: Line) {
        if line.end == LineEnd::EndOfText {
            // It repeats, whole, when the log is resumed.
            self.rest = Some(line);
            return;
        }
        if line.time.is_none() {
            if let Some(first) = self.fragment.take() {
                self.say(first);
            } else if self.fresh && self.own {
                self.fragment = Some(line);
                return;
            }
            self.say(line);
            return;
        }
        (self.fresh, self.fragment) = (false, None);
        let (is_new, is_continuous) = {
            let mut dedup = self.position.lock();
            (dedup.is_new(&line), dedup.is_continuous() && !self.unsure)
        };
        if !is_new {
            self.own |= is_continuous;
        } else if is_continuous {
            self.give(line);
        } else {
            self.held = Some(line);
        }
    }

    fn give(&mut self, line: Line) {
        // Repeated lines and the kubelet's messages are not progress: they come with each request.
        (self.own, self.has_given) = (true, true);
        self.retry.progressed();
        self.position.lock().give(&line);
        self.ready.push_back(Ok(FollowEvent::Line(line)));
    }

    /// Determines why a line does not follow the returned ones. If it belongs to the next run, the rest of this run is
    /// available elsewhere, which may become known only a little later. Otherwise something is missing.
    async fn check(&mut self, line: Line) {
        let end = Instant::now() + KNOWN_AFTER;
        while self.follow && self.reading != (Reading::Rest { previous: true }) {
            match (self.instance)() {
                Instance::Replaced => {
                    self.lines = None;
                    self.reading = Reading::Rest { previous: true };
                    return;
                }
                Instance::Gone => return self.gone(),
                _ if Instant::now() >= end => break,
                _ => sleep(FIRST_DELAY).await,
            }
        }
        self.unsure = false;
        self.gap();
        self.give(line);
    }

    /// Returns a line that is not part of the log.
    fn say(&mut self, line: Line) {
        if self.said.as_ref() != Some(&line) {
            self.said = Some(line.clone());
            self.ready.push_back(Ok(FollowEvent::Line(line)));
        }
    }

    fn gap(&mut self) {
        let after = self.position.lock().settle();
        self.ready.push_back(Ok(FollowEvent::Gap { after }));
    }

    /// Handles the end of the text.
    fn ended(&mut self) {
        self.lines = None;
        if let Some(words) = self.fragment.take() {
            self.say(words);
        }
        let is_continuous = self.position.lock().is_continuous();
        match self.reading {
            Reading::Log if self.follow && !self.limited => {
                let writer = (self.instance)();
                // A server that shuts down ends a text in the same way. It was the end of the log if the writer has
                // terminated, or if a further request returned nothing new.
                let is_end = writer != Instance::Running || self.is_again && !self.has_given;
                self.is_whole = is_continuous && is_end;
                // Without a delay if it is known to have stopped.
                self.turn_to(writer);
                if self.reading == Reading::Log && !self.over {
                    self.delay = Some(self.retry.ended());
                }
            }
            _ => {
                if !is_continuous {
                    self.gap();
                }
                self.finish();
            }
        }
    }

    /// Handles a connection that broke or could not be opened.
    fn broke(&mut self, error: Error) {
        self.lines = None;
        let code = error.code();
        let is_gone = code == Some(StatusCode::NOT_FOUND) && self.was_open
            || code == Some(StatusCode::BAD_REQUEST) && self.reading == Reading::Rest { previous: true };
        if is_gone {
            return self.gone();
        }
        self.is_whole = false;
        // A container that is just starting has no log yet: the server returns 400.
        let starting = self.was_open && code == Some(StatusCode::BAD_REQUEST);
        let class = if starting { RetryClass::Transient } else { error.retry_class() };
        let delay = self.retry.failed_as(class, error.retry_after());
        let Some(delay) = delay.filter(|_| !(self.limited && self.was_open)) else {
            self.finish();
            self.ready.push_back(Err(error));
            return;
        };
        self.delay = Some(delay);
        tracing::debug!(kind = self.kind, %error, ?delay, "resuming a log stream");
        self.ready.push_back(Ok(FollowEvent::Retrying { error, delay }));
    }

    /// Decides by the writer's state what to read next.
    fn look(&mut self) {
        if self.follow && self.reading == Reading::Log {
            self.turn_to((self.instance)());
        }
    }

    fn turn_to(&mut self, writer: Instance) {
        match writer {
            Instance::Running => {}
            Instance::Stopped => self.reading = Reading::Rest { previous: false },
            Instance::Replaced => self.reading = Reading::Rest { previous: true },
            Instance::Gone => self.gone(),
        }
    }

    fn gone(&mut self) {
        if !self.is_whole {
            self.gap();
        }
        self.finish();
    }

    /// Ends the stream after the pending items, and after the start of a line that will not repeat.
    fn finish(&mut self) {
        self.over = true;
        if let Some(rest) = self.rest.take() {
            self.ready.push_back(Ok(FollowEvent::Line(rest)));
        }
    }
}
