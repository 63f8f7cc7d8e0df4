//! Interface of the protocols over a WebSocket: its messages are decoded into events, and data is sent in frames.

use bytes::{Bytes, BytesMut};

use super::exit::ExitStatus;
use super::failure::Failure;

/// An event decoded from the peer's messages.
#[derive(Debug)]
pub(crate) enum Event {
    /// Data for the reader of this number.
    Data(usize, Bytes),
    /// End of data for that reader.
    End(usize),
    /// A message to send back.
    Reply(Bytes),
    /// The outcome is known; the connection is about to end.
    Finished(Option<ExitStatus>),
    /// The stream ended regularly.
    Done,
    /// The stream ended with an error.
    Failed(Failure),
}

/// A protocol over a WebSocket, without IO: from messages to events, and from data to messages.
pub(crate) trait Codec: Send + 'static {
    /// Returns the messages to send first.
    fn open(&mut self) -> Option<Bytes> {
        None
    }

    /// Decodes a message of the peer and appends its events.
    fn receive(&mut self, message: Bytes, events: &mut impl Extend<Event>);

    /// Returns the event for a connection that the peer has closed or broken, if the outcome is not known.
    fn closed(&mut self, broken: Option<Failure>) -> Event;

    /// Whether data may be sent yet.
    fn writable(&self) -> bool {
        true
    }

    /// Length of a frame's header.
    const HEADER: usize;

    /// Fills in the header of a frame of data.
    fn seal(&mut self, frame: &mut BytesMut);

    /// Returns the message that ends the data, if the protocol has one.
    fn end_of_data(&mut self) -> Option<Bytes>;
}
