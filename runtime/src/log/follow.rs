//! A log that is gone on with when the connection breaks.

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

/// The first pause before a log is asked for again; each is twice as long as the one before.
const FIRST_DELAY: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// How many attempts in a row to read a log may fail, unless told otherwise.
const MAX_ATTEMPTS: u32 = 10;

/// What has become of the writer is known after this time at the latest. A kubelet tells of a new run when it begins.
const KNOWN_AFTER: Duration = Duration::from_secs(3);

/// A connection that lived for so long did not fail in vain.
const LONG: Duration = Duration::from_secs(10);

/// What has become of that which writes the log, such as a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instance {
    /// It runs, as far as is known: its log may go on.
    Running,
    /// It has stopped: its log ends where it ends now.
    Stopped,
    /// It was started anew, and only `previous=true` gives the log of the one before.
    Replaced,
    /// It is gone, and its log with it.
    Gone,
}

/// What comes of a log that is gone on with.
#[derive(Debug)]
#[non_exhaustive]
pub enum FollowEvent {
    /// A line.
    Line(Line),
    /// Lines may be missing here: the line that was given last is not in the log any more, since it was rotated or deleted
    /// while there was no connection.
    Gap {
        /// When the line was written that was given last, if any was.
        after: Option<Time>,
    },
    /// The connection broke, or could not be made. The log is asked for again.
    Retrying {
        /// Why.
        error: Error,
        /// After what pause.
        delay: Duration,
    },
}

/// The lines of a log, which is gone on with when the connection breaks; see
/// [`TextRequest::follow_lines`](crate::request::TextRequest::follow_lines). Dropping it ends the request.
///
/// Every line is given once, and in the log's order; where that can't be promised, a [`FollowEvent::Gap`] says so. After
/// an error nothing more comes.
#[must_use = "a stream does nothing until it is polled"]
pub struct FollowedLines(State);

enum State {
    New(Option<Box<Follower>>),
    Running(Pin<Box<dyn Stream<Item = Result<FollowEvent>> + Send>>),
}

/// Makes the stream for a call.
pub(crate) fn follow(
    client: Client,
    mut call: Call,
    kind: String,
    instance: impl Fn() -> Instance + Send + 'static,
) -> FollowedLines {
    // Of a run that is over, nothing more comes.
    let follow = call.has_query("follow", "true") && !call.has_query("previous", "true");
    call.set_query("timestamps", Some("true"));
    FollowedLines(State::New(Some(Box::new(Follower {
        client,
        kind,
        follow,
        limited: call.has_parameter("limitBytes"),
        call,
        instance: Box::new(instance),
        max_line: MAX_LINE,
        seen: Position::default(),
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
    /// At most how many attempts in a row may fail, the first included; 0 counts as 1. The default is 10, which with the
    /// [back-off](Backoff) between them is about half a minute. A new line, and a connection of over ten seconds, begin a
    /// new row. [What may pass, and more often does not](RetryClass::Uncertain), is attempted three times.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        if let State::New(Some(follower)) = &mut self.0 {
            follower.retry = follower.retry.clone().max_attempts(attempts);
        }
        self
    }

    /// Where what was given is kept. A log that may begin with lines that another has given, as when a container's log turns
    /// out to be that of its next run, shares the position of that one, and is then gone on with from there. The default
    /// is a position of its own, at the start.
    pub fn position(mut self, position: &Position) -> Self {
        if let State::New(Some(follower)) = &mut self.0 {
            follower.seen = position.clone();
        }
        self
    }

    /// What this log is a part of began so long ago: `sinceSeconds` counts from then, and not from now, so that the lines in
    /// between are not lost. The default is zero.
    pub fn began(mut self, ago: Duration) -> Self {
        if let State::New(Some(follower)) = &mut self.0 {
            follower.began = Instant::now().checked_sub(ago).unwrap_or(follower.began);
        }
        self
    }

    /// How many bytes of a line come in one item at most. The default is 1 MiB.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        if let State::New(Some(follower)) = &mut self.0 {
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
                State::Running(events) => return events.as_mut().poll_next(cx),
                State::New(follower) => {
                    let Some(follower) = follower.take() else { return Poll::Ready(None) };
                    let events = stream::unfold(follower, |mut follower| async move {
                        follower.next().await.map(|event| (event, follower))
                    });
                    self.0 = State::Running(Box::pin(events.fuse()));
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

/// What the connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The log, as long as it goes on.
    Log,
    /// The rest of a log that doesn't get longer: of this one, or of the one before.
    Rest { previous: bool },
}

struct Follower {
    client: Client,
    /// Whose log it is.
    kind: String,
    /// As it was asked for, with times.
    call: Call,
    follow: bool,
    /// What comes is cut by a number of bytes, so that there is nothing to go on with.
    limited: bool,
    instance: Box<dyn Fn() -> Instance + Send>,
    max_line: usize,
    seen: Position,
    /// A line of this very log was given or met again. Before that, what was given is of another.
    own: bool,
    /// A line that does not follow what was given, until it is known why.
    held: Option<Line>,
    reading: Reading,
    lines: Option<Lines>,
    /// From when `sinceSeconds` counts.
    began: Instant,
    was_open: bool,
    /// Lines may be missing before the first one.
    unsure: bool,
    /// The connection is not the first.
    is_again: bool,
    /// A new line came over the connection.
    has_given: bool,
    /// All that there was has come, as far as can be known: if the writer is gone now, nothing is missing.
    is_whole: bool,
    retry: RetryState,
    /// How long to wait before the next connection.
    delay: Option<Duration>,
    /// Of this connection, no line has come yet that has a time.
    fresh: bool,
    /// A first line without a time, in a log that is gone on with. Either it is the end of a long line whose start is too
    /// old to come again; then others follow. Or it is what the kubelet has to say.
    fragment: Option<Line>,
    /// What the kubelet said last: it says the same each time that it is asked.
    said: Option<Line>,
    /// The start of a line, after which the text ended.
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
            // What writes the log may have stopped in the meantime.
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
                // The log that is resumed is that of the same container, whatever the annotation is changed to.
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

    /// The call for what is to be read next.
    fn request(&mut self) -> Call {
        let mut call = self.call.clone();
        let mut seen = self.seen.lock();
        if let Some(second) = seen.go_on() {
            if !self.own {
                seen.settle();
            }
            for name in ["sinceSeconds", "sinceTime", "tailLines"] {
                call.set_query(name, None);
            }
            call.set_query("sinceTime", Some(&Time::from_unix(second, 0).to_string()));
        } else if let Some(seconds) = call.parameter("sinceSeconds").and_then(|seconds| seconds.parse::<u64>().ok()) {
            let seconds = seconds.saturating_add(self.began.elapsed().as_secs());
            call.set_query("sinceSeconds", Some(&seconds.to_string()));
        }
        drop(seen);
        // The newest lines are others by now.
        self.unsure = self.was_open && call.has_parameter("tailLines");
        if let Reading::Rest { previous } = self.reading {
            call.set_query("follow", None);
            if previous {
                call.set_query("previous", Some("true"));
            }
        }
        if call.has_query("follow", "true") {
            call.be_patient();
        }
        call
    }

    fn take(&mut self, line: Line) {
        if line.end == LineEnd::EndOfText {
            // If the log is gone on with, it comes again, and whole.
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
            let mut seen = self.seen.lock();
            (seen.is_new(&line), seen.is_continuous() && !self.unsure)
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
        // What comes again, and what the kubelet has to say, is no success: it comes each time that the log is asked for.
        (self.own, self.has_given) = (true, true);
        self.retry.progressed();
        self.seen.lock().give(&line);
        self.ready.push_back(Ok(FollowEvent::Line(line)));
    }

    /// Why does a line not follow what was given? If it is of the next run, the rest of this one is to be had elsewhere,
    /// which may become known only a little later. Else something is missing.
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

    /// Gives a line that is not of the log.
    fn say(&mut self, line: Line) {
        if self.said.as_ref() != Some(&line) {
            self.said = Some(line.clone());
            self.ready.push_back(Ok(FollowEvent::Line(line)));
        }
    }

    fn gap(&mut self) {
        let after = self.seen.lock().settle();
        self.ready.push_back(Ok(FollowEvent::Gap { after }));
    }

    /// The server has ended the text.
    fn ended(&mut self) {
        self.lines = None;
        if let Some(words) = self.fragment.take() {
            self.say(words);
        }
        let is_continuous = self.seen.lock().is_continuous();
        match self.reading {
            Reading::Log if self.follow && !self.limited => {
                let writer = (self.instance)();
                // A server that shuts down ends a text in the same way. It was the end of the log if the writer is over, or
                // if there was nothing more when it was asked for again.
                let is_end = writer != Instance::Running || self.is_again && !self.has_given;
                self.is_whole = is_continuous && is_end;
                // Without the pause if it is known to have stopped.
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

    /// The connection broke, or was not made.
    fn broke(&mut self, error: Error) {
        self.lines = None;
        let code = error.code();
        let is_gone = code == Some(StatusCode::NOT_FOUND) && self.was_open
            || code == Some(StatusCode::BAD_REQUEST) && self.reading == Reading::Rest { previous: true };
        if is_gone {
            return self.gone();
        }
        self.is_whole = false;
        // A container that is just being started has no log yet: that is a bad request.
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

    /// What has become of the writer decides what to read next.
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

    /// Nothing comes after what is ready, and after the start of a line that will not come again.
    fn finish(&mut self) {
        self.over = true;
        if let Some(rest) = self.rest.take() {
            self.ready.push_back(Ok(FollowEvent::Line(rest)));
        }
    }
}
