//! Port-forward over plain WebSocket, for kubelets without tunnels: one channel for data, and one for errors.

use bytes::{Buf as _, Bytes, BytesMut};

use super::codec::{Codec, Event};
use super::failure::Failure;
use super::pipe::READER;
use super::tunnel::refused;

const DATA: u8 = 0;
const ERRORS: u8 = 1;
/// Each channel starts with the port, in two bytes.
const PORT: usize = 2;

/// Limit of the server's error message.
const WORDS: usize = 64 << 10;

/// One connection to one port.
#[derive(Debug)]
pub(crate) struct PortChannels {
    port: u16,
    /// Remaining bytes of the port, per channel.
    preamble: [usize; 2],
    words: BytesMut,
}

impl PortChannels {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, preamble: [PORT; 2], words: BytesMut::new() }
    }
}

impl Codec for PortChannels {
    fn receive(&mut self, mut message: Bytes, events: &mut impl Extend<Event>) {
        if message.is_empty() {
            return;
        }
        let channel = message.get_u8();
        let Some(preamble) = self.preamble.get_mut(usize::from(channel)) else {
            tracing::warn!(channel, bytes = message.len(), "message on a channel that was not requested");
            return;
        };
        let skipped = message.len().min(*preamble);
        *preamble -= skipped;
        message.advance(skipped);
        match channel {
            DATA => events.extend([Event::Data(READER, message)]),
            ERRORS => {
                let room = WORDS.saturating_sub(self.words.len());
                self.words.extend_from_slice(&message[..message.len().min(room)]);
            }
            _ => {}
        }
    }

    /// The server reports that the process has closed the connection by closing the WebSocket.
    fn closed(&mut self, broken: Option<Failure>) -> Event {
        if !self.words.is_empty() {
            return Event::Failed(refused(self.port, &self.words));
        }
        broken.map_or(Event::Done, Event::Failed)
    }

    const HEADER: usize = 1;

    fn seal(&mut self, frame: &mut BytesMut) {
        if let Some(channel) = frame.first_mut() {
            *channel = DATA;
        }
    }

    fn end_of_data(&mut self) -> Option<Bytes> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_in_front_is_no_data_however_it_comes() {
        let mut codec = PortChannels::new(8080);
        let mut events = Vec::new();
        for message in [&b"\x00\x90"[..], b"\x00\x1fda", b"\x01\x90\x1f", b"\x00ta", b"\x01refused", b"\x07?", b""] {
            codec.receive(Bytes::copy_from_slice(message), &mut events);
        }
        let data: Vec<u8> = events
            .iter()
            .flat_map(|event| match event {
                Event::Data(READER, bytes) => bytes.to_vec(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(data, b"data");
        assert!(
            matches!(codec.closed(None), Event::Failed(Failure::Broken(message, _)) if message.contains("refused"))
        );
    }
}
