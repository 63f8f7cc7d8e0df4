//! Bounded buffers between the readers and writers of a connection and the task that drives it, with their wakers.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::ReadBuf;

use super::exit::ExitStatus;
use super::failure::Failure;
use crate::error::{Error, Operation};

/// Maximum data per message. A larger one costs the server's readers more than it saves.
const FRAME: usize = 32 << 10;
/// Maximum amount of written data that was not sent yet.
const UNSENT: usize = 256 << 10;

/// Cost of a piece of data besides its bytes.
const CHUNK: usize = 64;

/// How a connection ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// Regularly.
    Done(Option<ExitStatus>),
    /// With an error.
    Failed(Failure),
}

/// State shared by a connection's task, its readers, its writer and its owner.
#[derive(Debug)]
pub(crate) struct Buffers {
    /// The operation of the connection.
    pub(crate) operation: Operation,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) inbound: Vec<Inbound>,
    pub(crate) outbound: Outbound,
    /// The terminal's size to send: only the latest counts.
    pub(crate) resize: Option<(u16, u16)>,
    pub(crate) end: Option<End>,
    /// Whether the owner has dropped the connection.
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
    /// Whether the task waits for capacity.
    stalled: bool,
    /// Whether the server has ended the stream.
    ended: bool,
    /// Whether the reader was dropped: data for it is discarded.
    unread: bool,
    reader: Option<Waker>,
}

/// Data to the server.
#[derive(Debug)]
pub(crate) struct Outbound {
    frames: VecDeque<BytesMut>,
    bytes: usize,
    /// Length of each frame's header.
    header: usize,
    /// Whether the end is still to be sent; `None` once it was.
    closing: Option<bool>,
    /// Whether everything taken has been flushed.
    pub(crate) flushed: bool,
    writer: Option<Waker>,
}

impl Buffers {
    /// Creates the state, with a reader for each limit.
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

    /// A poisoned lock only means that another thread panicked; its state is consistent.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the next chunk as received: `None` at the end.
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
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::BrokenPipe, "the stream was closed by this side")));
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

    /// Requests the end of the data.
    pub(crate) fn close_outbound(&self) {
        let mut state = self.lock();
        if state.outbound.closing == Some(false) {
            state.outbound.closing = Some(true);
            state.outbound.flushed = false;
        }
        wake(&mut state.driver);
    }

    /// Discards data for this reader.
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

    /// Sets how the connection ended, and wakes all. Only the first call counts.
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
    /// Registers the waker of the connection's task.
    pub(crate) fn register_driver(&mut self, cx: &Context<'_>) {
        wait(&mut self.driver, cx);
    }
}

impl Inbound {
    /// Whether the buffer is full: then the task is woken when it has capacity again.
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

    /// Records a read. A waiting task is woken only once half of the buffer is free, not for every small read.
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
    /// Adds data to the last frame, or to a new one if that is full, and returns the rest.
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

    /// Returns the next frame, with capacity for its header.
    pub(crate) fn pop(&mut self) -> Option<BytesMut> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len() - self.header;
        wake(&mut self.writer);
        Some(frame)
    }

    /// Whether the end of the data is due. True once.
    pub(crate) fn take_close(&mut self) -> bool {
        let now = self.closing == Some(true) && self.frames.is_empty();
        if now {
            self.closing = None;
        }
        now
    }

    /// Records that everything taken was flushed.
    pub(crate) fn sent(&mut self) {
        if self.frames.is_empty() && !self.flushed {
            self.flushed = true;
            wake(&mut self.writer);
        }
    }
}

impl End {
    /// Returns why writing is no longer possible.
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
