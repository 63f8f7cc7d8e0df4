//! What the readers and writers of a connection share with the task that drives it: bounded buffers, and who waits.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::ReadBuf;

use super::exit::ExitStatus;
use super::failure::Failure;
use crate::error::{Error, Operation};

/// The most data in one message. A larger one costs the server's readers more than it saves.
const FRAME: usize = 32 << 10;
/// How much may be written that has not gone out yet.
const UNSENT: usize = 256 << 10;

/// What a piece of data costs besides its bytes.
const CHUNK: usize = 64;

/// How a connection ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// As it should.
    Done(Option<ExitStatus>),
    /// Badly.
    Failed(Failure),
}

/// What is shared by a connection's task, its readers, its writer and its owner.
#[derive(Debug)]
pub(crate) struct Buffers {
    /// What the connection is for.
    pub(crate) operation: Operation,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) inbound: Vec<Inbound>,
    pub(crate) outbound: Outbound,
    /// The terminal's size that is still to be told: the newest alone counts.
    pub(crate) resize: Option<(u16, u16)>,
    pub(crate) end: Option<End>,
    /// Nobody wants the connection any more.
    pub(crate) abandoned: bool,
    waiting_for_end: Vec<Waker>,
    driver: Option<Waker>,
}

/// Data from the server for one reader.
#[derive(Debug)]
pub(crate) struct Inbound {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    limit: usize,
    /// The task waits for room.
    stalled: bool,
    /// The server said that no more comes.
    ended: bool,
    /// Nobody reads: what comes is thrown away.
    unread: bool,
    reader: Option<Waker>,
}

/// Data to the server.
#[derive(Debug)]
pub(crate) struct Outbound {
    frames: VecDeque<BytesMut>,
    bytes: usize,
    /// Bytes in front of the data of each frame.
    header: usize,
    /// No more is coming; `None` once that has been told.
    closing: Option<bool>,
    /// What was taken has reached the connection.
    pub(crate) flushed: bool,
    writer: Option<Waker>,
}

impl Buffers {
    /// With a reader for each limit.
    pub(crate) fn new(operation: Operation, header: usize, limits: &[usize]) -> Arc<Self> {
        let inbound = |limit: &usize| Inbound {
            chunks: VecDeque::new(),
            bytes: 0,
            limit: (*limit).max(1),
            stalled: false,
            ended: false,
            unread: false,
            reader: None,
        };
        let outbound =
            Outbound { frames: VecDeque::new(), bytes: 0, header, closing: Some(false), flushed: true, writer: None };
        let state = State {
            inbound: limits.iter().map(inbound).collect(),
            outbound,
            resize: None,
            end: None,
            abandoned: false,
            waiting_for_end: Vec::new(),
            driver: None,
        };
        Arc::new(Self { operation, state: Mutex::new(state) })
    }

    /// A poisoned lock only means that somebody panicked; what it guards is whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of data as it came: `None` at the end.
    pub(crate) fn poll_chunk(&self, reader: usize, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        let mut state = self.lock();
        let State { inbound, driver, end, .. } = &mut *state;
        let Some(inbound) = inbound.get_mut(reader) else { return Poll::Ready(None) };
        if let Some(chunk) = inbound.chunks.pop_front() {
            inbound.took(chunk.len(), driver);
            return Poll::Ready(Some(Ok(chunk)));
        }
        inbound.poll_empty(end.as_ref(), cx)
    }

    pub(crate) fn poll_read(
        &self,
        reader: usize,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.lock();
        let State { inbound, driver, end, .. } = &mut *state;
        let Some(inbound) = inbound.get_mut(reader) else { return Poll::Ready(Ok(())) };
        if inbound.chunks.is_empty() {
            return match inbound.poll_empty(end.as_ref(), cx) {
                Poll::Ready(Some(Err(failure))) => Poll::Ready(Err(failure.to_io(&self.operation))),
                Poll::Ready(_) => Poll::Ready(Ok(())),
                Poll::Pending => Poll::Pending,
            };
        }
        let before = buffer.remaining();
        while let Some(chunk) = inbound.chunks.front_mut() {
            let length = chunk.len().min(buffer.remaining());
            buffer.put_slice(&chunk[..length]);
            chunk.advance(length);
            if !chunk.is_empty() {
                break;
            }
            inbound.chunks.pop_front();
        }
        inbound.took(before - buffer.remaining(), driver);
        Poll::Ready(Ok(()))
    }

    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, mut data: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.lock();
        let State { outbound, driver, end, .. } = &mut *state;
        if let Some(end) = end {
            return Poll::Ready(Err(end.refusal(&self.operation)));
        }
        if outbound.closing != Some(false) {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::BrokenPipe, "the stream was closed from this side")));
        }
        let room = UNSENT.saturating_sub(outbound.bytes);
        if room == 0 && !data.is_empty() {
            wait(&mut outbound.writer, cx);
            return Poll::Pending;
        }
        data = &data[..data.len().min(room)];
        let taken = data.len();
        while !data.is_empty() {
            data = outbound.append(data);
        }
        outbound.bytes += taken;
        outbound.flushed &= taken == 0;
        wake(driver);
        Poll::Ready(Ok(taken))
    }

    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.lock();
        let State { outbound, end, .. } = &mut *state;
        if outbound.flushed && outbound.frames.is_empty() && outbound.closing != Some(true) {
            return Poll::Ready(Ok(()));
        }
        if let Some(end) = end {
            return Poll::Ready(Err(end.refusal(&self.operation)));
        }
        wait(&mut outbound.writer, cx);
        Poll::Pending
    }

    /// Says that no more data goes out.
    pub(crate) fn close_outbound(&self) {
        let mut state = self.lock();
        if state.outbound.closing == Some(false) {
            state.outbound.closing = Some(true);
            state.outbound.flushed = false;
        }
        wake(&mut state.driver);
    }

    /// What comes for this reader is not wanted.
    pub(crate) fn stop_reading(&self, reader: usize) {
        let mut state = self.lock();
        if let Some(inbound) = state.inbound.get_mut(reader) {
            inbound.unread = true;
            inbound.chunks.clear();
            inbound.bytes = 0;
        }
        wake(&mut state.driver);
    }

    pub(crate) fn set_resize(&self, size: (u16, u16)) -> Result<(), Error> {
        let mut state = self.lock();
        match &state.end {
            Some(End::Failed(failure)) => return Err(failure.to_error(&self.operation)),
            Some(End::Done(_)) => return Err(Error::stream("the session has ended").with_operation(&self.operation)),
            None => {}
        }
        state.resize = Some(size);
        wake(&mut state.driver);
        Ok(())
    }

    /// Ends the connection.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        wake(&mut state.driver);
    }

    pub(crate) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<End> {
        let mut state = self.lock();
        if let Some(end) = &state.end {
            return Poll::Ready(end.clone());
        }
        if !state.waiting_for_end.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting_for_end.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Tells everybody how the connection ended. The first word is the last one.
    pub(crate) fn finish(&self, end: End) {
        let mut state = self.lock();
        state.end.get_or_insert(end);
        state.outbound.frames.clear();
        let State { inbound, outbound, waiting_for_end, .. } = &mut *state;
        for inbound in inbound {
            wake(&mut inbound.reader);
        }
        wake(&mut outbound.writer);
        waiting_for_end.drain(..).for_each(Waker::wake);
    }
}

impl State {
    /// Who to wake when there is something to do for the connection's task.
    pub(crate) fn register_driver(&mut self, cx: &Context<'_>) {
        wait(&mut self.driver, cx);
    }
}

impl Inbound {
    /// Whether nothing more may be pushed: then the task is woken when there is room again.
    pub(crate) fn is_full(&mut self) -> bool {
        self.stalled = !self.unread && (self.stalled || self.bytes + self.chunks.len() * CHUNK >= self.limit);
        self.stalled
    }

    pub(crate) fn push(&mut self, chunk: Bytes) {
        if self.unread || self.ended || chunk.is_empty() {
            return;
        }
        self.bytes += chunk.len();
        self.chunks.push_back(chunk);
        wake(&mut self.reader);
    }

    pub(crate) fn end(&mut self) {
        self.ended = true;
        wake(&mut self.reader);
    }

    /// Some of it was read. The task waits only if the buffer was full, and then until half of it is free, so that it is
    /// not woken for every small piece.
    fn took(&mut self, bytes: usize, driver: &mut Option<Waker>) {
        self.bytes -= bytes;
        if self.stalled && self.bytes + self.chunks.len() * CHUNK <= self.limit / 2 {
            self.stalled = false;
            wake(driver);
        }
    }

    fn poll_empty(&mut self, end: Option<&End>, cx: &Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        match end {
            _ if self.ended => Poll::Ready(None),
            Some(End::Done(_)) => Poll::Ready(None),
            Some(End::Failed(failure)) => Poll::Ready(Some(Err(failure.clone()))),
            None => {
                wait(&mut self.reader, cx);
                Poll::Pending
            }
        }
    }
}

impl Outbound {
    /// Adds data to the last frame, or to a new one if that is full, and returns what is left over.
    fn append<'a>(&mut self, data: &'a [u8]) -> &'a [u8] {
        let full = self.header + FRAME;
        if self.frames.back().is_none_or(|frame| frame.len() >= full) {
            let mut frame = BytesMut::with_capacity(self.header + data.len().min(FRAME));
            frame.resize(self.header, 0);
            self.frames.push_back(frame);
        }
        let Some(frame) = self.frames.back_mut() else { return &[] };
        let (now, later) = data.split_at(data.len().min(full - frame.len()));
        frame.extend_from_slice(now);
        later
    }

    /// The next frame, with room for its header.
    pub(crate) fn pop(&mut self) -> Option<BytesMut> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len() - self.header;
        wake(&mut self.writer);
        Some(frame)
    }

    /// Whether it has to be told by now that no more data comes. True once.
    pub(crate) fn take_close(&mut self) -> bool {
        let now = self.closing == Some(true) && self.frames.is_empty();
        if now {
            self.closing = None;
        }
        now
    }

    /// What was taken has gone out.
    pub(crate) fn sent(&mut self) {
        if self.frames.is_empty() && !self.flushed {
            self.flushed = true;
            wake(&mut self.writer);
        }
    }
}

impl End {
    /// Why nothing more can be written.
    fn refusal(&self, operation: &Operation) -> io::Error {
        match self {
            Self::Done(_) => io::Error::new(io::ErrorKind::BrokenPipe, "the stream has ended"),
            Self::Failed(failure) => failure.to_io(operation),
        }
    }
}

fn wait(place: &mut Option<Waker>, cx: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *place = Some(cx.waker().clone()),
    }
}

fn wake(place: &mut Option<Waker>) {
    if let Some(waker) = place.take() {
        waker.wake();
    }
}
