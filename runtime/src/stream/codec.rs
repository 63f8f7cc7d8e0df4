//! What is the same for every protocol on a WebSocket: its messages mean events, and data goes out in frames.

use bytes::{Bytes, BytesMut};

use super::exit::ExitStatus;
use super::failure::Failure;

/// What a message of the peer means.
#[derive(Debug)]
pub(crate) enum Event {
    /// Data for the reader of this number.
    Data(usize, Bytes),
    /// No more data for that reader.
    End(usize),
    /// A message to send back.
    Reply(Bytes),
    /// Everything has been said; the connection is about to end.
    Finished(Option<ExitStatus>),
    /// It is over, as it should be.
    Done,
    /// It is over, badly.
    Failed(Failure),
}

/// A protocol on a WebSocket, without IO: from messages to events, and from data to messages.
pub(crate) trait Codec: Send + 'static {
    /// What has to be said first.
    fn open(&mut self) -> Option<Bytes> {
        None
    }

    /// A message of the peer. Its events are appended.
    fn receive(&mut self, message: Bytes, events: &mut impl Extend<Event>);

    /// The peer has closed the connection, or broken it: what that means if nothing else was said.
    fn closed(&mut self, broken: Option<Failure>) -> Event;

    /// Whether data may go out by now.
    fn writable(&self) -> bool {
        true
    }

    /// Bytes that a frame needs in front of the data.
    const HEADER: usize;

    /// Fills in the header of a frame of data.
    fn seal(&mut self, frame: &mut BytesMut);

    /// The message that says that no more data goes out, if the protocol has one.
    fn end_of_data(&mut self) -> Option<Bytes>;
}
