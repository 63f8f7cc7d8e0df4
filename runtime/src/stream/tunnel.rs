//! Port-forward over SPDY, tunnelled through a WebSocket: one stream for data, and one for errors.
//!
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets>

use bytes::{Bytes, BytesMut};

use super::codec::{Codec, Event};
use super::failure::Failure;
use super::pipe::READER;
use super::spdy::{self, Decoder, Frame};

/// The WebSocket protocol.
pub(crate) const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";

/// The stream numbers: a client's are odd.
const ERRORS: u32 = 1;
const DATA: u32 = 3;

/// Limit of the server's error message.
const WORDS: usize = 64 << 10;

/// One connection to one port.
#[derive(Debug)]
pub(crate) struct Tunnel {
    port: u16,
    decoder: Decoder,
    /// Streams that the server has accepted: earlier data would be lost.
    taken: [bool; 2],
    /// Streams that the server has ended.
    ended: [bool; 2],
    words: BytesMut,
}

impl Tunnel {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, decoder: Decoder::default(), taken: [false; 2], ended: [false; 2], words: BytesMut::new() }
    }

    fn event(&mut self, frame: Frame) -> Option<Event> {
        let index = |stream| match stream {
            ERRORS => Some(0),
            DATA => Some(1),
            _ => None,
        };
        match frame {
            Frame::Reply(stream) => {
                self.taken[index(stream)?] = true;
                // The client writes nothing to it.
                (stream == ERRORS).then(|| Event::Reply(spdy::fin(ERRORS)))
            }
            Frame::Data(DATA, bytes) => Some(Event::Data(READER, bytes)),
            Frame::Data(ERRORS, bytes) => {
                let room = WORDS.saturating_sub(self.words.len());
                self.words.extend_from_slice(&bytes[..bytes.len().min(room)]);
                None
            }
            Frame::Data(..) | Frame::GoAway => None,
            Frame::Ping(id) => Some(Event::Reply(spdy::ping(id))),
            Frame::Fin(stream) => {
                self.ended[index(stream)?] = true;
                match self.ended {
                    [true, true] => Some(self.verdict(None)),
                    // If there was an error, the other stream reports it next.
                    [false, true] => Some(Event::Finished(None)),
                    _ if self.words.is_empty() => None,
                    _ => Some(self.verdict(None)),
                }
            }
            Frame::Reset(stream, code) => {
                index(stream)?;
                let message = format!("the server reset the connection to port {} (code {code})", self.port);
                Some(self.verdict(Some(Failure::broken(message))))
            }
        }
    }

    /// Returns the outcome at the end: an error from the server takes precedence.
    fn verdict(&self, broken: Option<Failure>) -> Event {
        if self.words.is_empty() {
            return broken.map_or(Event::Done, Event::Failed);
        }
        Event::Failed(refused(self.port, &self.words))
    }
}

/// Returns the pod's error, with the server's message.
pub(crate) fn refused(port: u16, words: &[u8]) -> Failure {
    Failure::broken(format!("cannot forward port {port}: {}", String::from_utf8_lossy(words).trim()))
}

impl Codec for Tunnel {
    fn open(&mut self) -> Option<Bytes> {
        let port = self.port.to_string();
        let mut out = BytesMut::new();
        for (stream, kind) in [(ERRORS, "error"), (DATA, "data")] {
            let headers = [("port", port.as_str()), ("requestid", "0"), ("streamtype", kind)];
            spdy::syn_stream(&mut out, stream, &headers, stream == ERRORS);
        }
        Some(out.freeze())
    }

    fn receive(&mut self, message: Bytes, events: &mut impl Extend<Event>) {
        let mut decoder = std::mem::take(&mut self.decoder);
        let read = decoder.push(message, |frame| events.extend(self.event(frame)));
        self.decoder = decoder;
        if let Err(message) = read {
            events.extend([Event::Failed(Failure::Protocol(message))]);
        }
    }

    fn closed(&mut self, broken: Option<Failure>) -> Event {
        let [_, data_ended] = self.ended;
        let abrupt = || {
            let message = format!("the server closed the connection while port {} was being forwarded", self.port);
            Failure::broken(message)
        };
        self.verdict(if data_ended { None } else { Some(broken.unwrap_or_else(abrupt)) })
    }

    fn writable(&self) -> bool {
        self.taken == [true, true]
    }

    const HEADER: usize = spdy::DATA_HEADER;

    fn seal(&mut self, frame: &mut BytesMut) {
        spdy::seal(frame, DATA);
    }

    fn end_of_data(&mut self) -> Option<Bytes> {
        Some(spdy::fin(DATA))
    }
}
