//! Task that moves data between a WebSocket and the buffers of its readers and writers.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::buffers::{Buffers, End, Inbound};
use super::channel;
use super::codec::{Codec, Event};
use super::failure::Failure;
use super::idle::Idle;
use super::keep_alive::{KeepAlive, Pings, Tick};
use crate::transport::BoxIo;

/// Rounds before yielding to other tasks.
const ROUNDS: usize = 64;
/// More frequent pings than this are a mistake.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);
/// Time-out for the server to accept the streams.
const ACCEPTANCE: Duration = Duration::from_secs(30);
/// Time-out for the server to close the connection after the outcome is known.
const PARTING: Duration = Duration::from_secs(5);

type Socket = WebSocketStream<BoxIo>;

/// Spawns the task of a connection, which is closed if no data is transferred for `read_timeout`.
pub(crate) fn spawn<C: Codec>(
    socket: Socket,
    codec: C,
    shared: Arc<Buffers>,
    keep_alive: KeepAlive,
    read_timeout: Option<Duration>,
) {
    let now = Instant::now();
    let keep_alive = KeepAlive { interval: keep_alive.interval.max(SHORTEST_INTERVAL), ..keep_alive };
    let mut driver = Driver {
        socket,
        codec,
        shared,
        started: now,
        pings: Pings::new(keep_alive, now),
        timer: Box::pin(sleep_until(now + keep_alive.interval)),
        idle: read_timeout.and_then(|limit| Idle::start(limit, now)),
        events: VecDeque::new(),
        replies: VecDeque::new(),
        written: 0,
        stalled: false,
        deaf: None,
        outcome: None,
    };
    driver.replies.extend(driver.codec.open().map(Message::Binary));
    tokio::spawn(driver);
}

struct Driver<C: Codec> {
    socket: Socket,
    codec: C,
    shared: Arc<Buffers>,
    started: Instant,
    pings: Pings,
    /// The next ping; or, with an outcome, the time-out for the peer to close.
    timer: Pin<Box<Sleep>>,
    /// The limit of the time without data, if there is one.
    idle: Option<Idle>,
    /// Events that were received but not delivered yet.
    events: VecDeque<Event>,
    /// Messages to send before any data.
    replies: VecDeque<Message>,
    /// Number of bytes of data that were sent.
    written: u64,
    /// Whether a reader's buffer is full, so that nothing more is received.
    stalled: bool,
    /// Set once sending fails, with the reason. Pending received messages are read first.
    deaf: Option<Failure>,
    /// Set once the outcome is known.
    outcome: Option<End>,
}

/// Whether a step made progress, so that another round is useful.
type Progress = Result<bool, End>;

impl<C: Codec> Future for Driver<C> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        match this.rounds(cx) {
            Poll::Ready(end) => {
                this.shared.finish(end);
                Poll::Ready(())
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<C: Codec> Unpin for Driver<C> {}

impl<C: Codec> Driver<C> {
    fn rounds(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.shared.lock().register_driver(cx);
        for _ in 0..ROUNDS {
            if self.shared.lock().abandoned {
                self.part(cx);
                return Poll::Ready(End::Failed(Failure::broken("the session was dropped")));
            }
            let steps = self
                .write(cx)
                .and_then(|wrote| Ok(wrote | self.read(cx)?))
                .and_then(|did| Ok(did | self.tick(cx)?))
                .and_then(|did| self.check_idle(cx).map(|()| did));
            match steps {
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
                Err(end) => {
                    self.part(cx);
                    return Poll::Ready(end);
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Sends pending messages, as far as the connection accepts them.
    fn write(&mut self, cx: &mut Context<'_>) -> Progress {
        if self.deaf.is_some() {
            return Ok(false);
        }
        match self.try_write(cx) {
            Ok(progress) => Ok(progress),
            Err(error) => {
                self.deaf = Some(Failure::because("the connection broke", error.into()));
                Ok(false)
            }
        }
    }

    fn try_write(&mut self, cx: &mut Context<'_>) -> Result<bool, WsError> {
        let mut progress = false;
        loop {
            match Pin::new(&mut self.socket).poll_ready(cx)? {
                Poll::Ready(()) => {}
                Poll::Pending => return Ok(progress),
            }
            let Some(message) = self.next_message() else { break };
            progress = true;
            Pin::new(&mut self.socket).start_send(message)?;
        }
        if Pin::new(&mut self.socket).poll_flush(cx)?.is_ready() {
            self.shared.lock().outbound.sent();
        }
        Ok(progress)
    }

    fn next_message(&mut self) -> Option<Message> {
        if let Some(message) = self.replies.pop_front() {
            return Some(message);
        }
        let mut state = self.shared.lock();
        if let Some((columns, rows)) = state.resize.take() {
            return Some(Message::Binary(channel::resize(columns, rows)));
        }
        if !self.codec.writable() {
            return None;
        }
        if let Some(mut frame) = state.outbound.pop() {
            drop(state);
            self.active();
            self.codec.seal(&mut frame);
            self.written += frame.len() as u64;
            return Some(Message::Binary(frame.freeze()));
        }
        if state.outbound.take_close() {
            return self.codec.end_of_data().map(Message::Binary);
        }
        None
    }

    /// Receives messages and delivers their events to the readers.
    fn read(&mut self, cx: &mut Context<'_>) -> Progress {
        let delivered = self.deliver()?;
        if !self.events.is_empty() {
            self.stalled = true;
            return Ok(delivered);
        }
        if std::mem::take(&mut self.stalled) {
            self.pings.heard(Instant::now());
            self.active();
        }
        let message = match Pin::new(&mut self.socket).poll_next(cx) {
            Poll::Pending => return Ok(delivered),
            Poll::Ready(message) => message,
        };
        self.pings.heard(Instant::now());
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                self.active();
                self.codec.receive(bytes, &mut self.events);
            }
            Some(Ok(Message::Pong(content))) => self.pings.answered(&content),
            Some(Ok(Message::Text(text))) => {
                let message = format!(
                    "the server sent a text message where only binary ones are expected: {:.100}",
                    text.as_str()
                );
                return Err(End::Failed(Failure::Protocol(message)));
            }
            Some(Ok(Message::Ping(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(reason))) => return Err(self.closed(reason)),
            Some(Err(error)) => return Err(self.broken(error)),
            None => return Err(self.closed(None)),
        }
        Ok(true)
    }

    fn deliver(&mut self) -> Progress {
        let mut progress = false;
        while let Some(event) = self.events.pop_front() {
            if let Event::Data(reader, _) = &event
                && self.shared.lock().inbound.get_mut(*reader).is_some_and(Inbound::is_full)
            {
                self.events.push_front(event);
                break;
            }
            progress = true;
            self.apply(event)?;
        }
        Ok(progress)
    }

    fn apply(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Data(reader, bytes) => {
                if let Some(inbound) = self.shared.lock().inbound.get_mut(reader) {
                    inbound.push(bytes);
                }
            }
            Event::End(reader) => {
                if let Some(inbound) = self.shared.lock().inbound.get_mut(reader) {
                    inbound.end();
                }
            }
            Event::Reply(message) => self.replies.push_back(Message::Binary(message)),
            Event::Finished(exit) => self.conclude(End::Done(exit)),
            Event::Done => return Err(End::Done(None)),
            Event::Failed(failure @ Failure::Api(_)) => self.conclude(End::Failed(failure)),
            Event::Failed(failure) => return Err(End::Failed(failure)),
        }
        Ok(())
    }

    /// Handles a known outcome. The peer should close the connection now; if it does not, that changes nothing.
    fn conclude(&mut self, end: End) {
        if self.outcome.is_none() {
            self.outcome = Some(end);
            self.timer.as_mut().reset(Instant::now() + PARTING);
        }
    }

    fn tick(&mut self, cx: &mut Context<'_>) -> Progress {
        if self.timer.as_mut().poll(cx).is_pending() {
            return Ok(false);
        }
        if let Some(end) = self.outcome.take() {
            return Err(end);
        }
        let now = Instant::now();
        let KeepAlive { interval, timeout } = self.pings.settings();
        self.timer.as_mut().reset(now + interval);
        if self.stalled {
            // Further messages of the peer are ignored.
            self.pings.heard(now);
        } else if let Some(failure) = self.deaf.take() {
            return Err(self.over(Some(failure)));
        }
        if !self.codec.writable() && now.duration_since(self.started) >= ACCEPTANCE {
            let message = format!("the server did not accept the stream within {ACCEPTANCE:?}");
            return Err(End::Failed(Failure::Silent(message)));
        }
        match self.pings.tick(self.written, now) {
            // While sending is blocked, one pending ping is enough.
            Tick::Ping(_) if !self.replies.is_empty() => {}
            Tick::Ping(content) => self.replies.push_back(Message::Ping(Bytes::copy_from_slice(&content))),
            Tick::Dead => {
                let message = format!("the server has not answered a ping for {timeout:?}; is it still reachable?");
                return Err(End::Failed(Failure::Silent(message)));
            }
        }
        Ok(true)
    }

    /// Records that data was transferred.
    fn active(&mut self) {
        if let Some(idle) = &mut self.idle {
            idle.active(Instant::now());
        }
    }

    /// Fails if no data was transferred for too long.
    fn check_idle(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        if self.stalled {
            // It is this side that is waited for.
            self.active();
        }
        match &mut self.idle {
            // Once the outcome is known, only the end of the connection is missing.
            Some(idle) if self.outcome.is_none() => match idle.poll(cx) {
                Poll::Ready(limit) => {
                    let message = format!("no data was transferred for {limit:?} (read_timeout)");
                    Err(End::Failed(Failure::Silent(message)))
                }
                Poll::Pending => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Handles a WebSocket that the peer has closed.
    fn closed(&mut self, reason: Option<CloseFrame>) -> End {
        let reason = reason.filter(|reason| reason.code != CloseCode::Normal || !reason.reason.is_empty());
        let broken = reason.map(|CloseFrame { code, reason }| {
            Failure::broken(format!("the server closed the connection, with code {code} {:?}", reason.as_str()))
        });
        self.over(broken)
    }

    fn broken(&mut self, error: WsError) -> End {
        let failure = match error {
            WsError::ConnectionClosed | WsError::AlreadyClosed => return self.over(None),
            WsError::Capacity(error) => {
                Failure::Protocol(format!("the server sent a message that is too large: {error}"))
            }
            error @ (WsError::Protocol(_) | WsError::Utf8(_)) if !is_cut_off(&error) => {
                Failure::Protocol(format!("the server violated the WebSocket protocol: {error}"))
            }
            error => Failure::because("the connection broke", error.into()),
        };
        self.over(Some(failure))
    }

    fn over(&mut self, broken: Option<Failure>) -> End {
        if let Some(end) = self.outcome.take() {
            return end;
        }
        match self.codec.closed(broken) {
            Event::Finished(exit) => End::Done(exit),
            Event::Failed(failure) => End::Failed(failure),
            Event::Done | Event::Data(..) | Event::End(_) | Event::Reply(_) => End::Done(None),
        }
    }

    /// Starts the closing handshake, without waiting.
    fn part(&mut self, cx: &mut Context<'_>) {
        let close = CloseFrame { code: CloseCode::Normal, reason: Default::default() };
        if let Poll::Ready(Ok(())) = Pin::new(&mut self.socket).poll_ready(cx)
            && Pin::new(&mut self.socket).start_send(Message::Close(Some(close))).is_ok()
        {
            // Best effort: the connection is dropped now.
            let _ = Pin::new(&mut self.socket).poll_flush(cx);
        }
    }
}

/// Whether the connection ended without a closing handshake, which the library reports as a protocol error of the peer.
fn is_cut_off(error: &WsError) -> bool {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    matches!(error, WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake))
}

impl<C: Codec> Drop for Driver<C> {
    fn drop(&mut self) {
        // Only if the task was cancelled: the async runtime is shutting down.
        self.shared.finish(End::Failed(Failure::broken("the program's async runtime shut down")));
    }
}
