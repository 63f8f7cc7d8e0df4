//! The session protocol, without IO: each message is a channel number in one byte, and data.
//!
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets>

use bytes::{Buf as _, Bytes, BytesMut};

use super::codec::{Codec, Event};
use super::exit::ExitStatus;
use super::failure::Failure;
use crate::json;
use crate::meta::v1::Status;

/// The protocol that can close stdin.
pub(crate) const V5: &str = "v5.channel.k8s.io";
/// The previous protocol.
pub(crate) const V4: &str = "v4.channel.k8s.io";

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
/// Not a channel: the next byte is that of a channel to close (v5 only).
const CLOSE: u8 = 255;

/// The readers' numbers, as in [`Event::Data`].
pub(crate) const STDOUT_READER: usize = 0;
pub(crate) const STDERR_READER: usize = 1;

/// A status is small; anything larger is not one.
const STATUS_LIMIT: usize = 1 << 20;

/// The protocol of exec and attach.
#[derive(Debug)]
pub(crate) struct Channels {
    /// Whether streams can be closed individually (v5).
    closes: bool,
    /// The exit status received so far.
    status: BytesMut,
}

impl Channels {
    pub(crate) fn new(closes: bool) -> Self {
        Self { closes, status: BytesMut::new() }
    }

    fn status(&mut self, data: &[u8]) -> Option<Event> {
        if self.status.len() + data.len() > STATUS_LIMIT {
            let message = format!("the exit status is larger than {STATUS_LIMIT} bytes");
            return Some(Event::Failed(Failure::Protocol(message)));
        }
        self.status.extend_from_slice(data);
        // It is sent in one message, though the protocol does not guarantee that.
        outcome(&self.status)
    }
}

impl Codec for Channels {
    fn receive(&mut self, mut message: Bytes, events: &mut impl Extend<Event>) {
        if message.is_empty() {
            return;
        }
        let event = match message.get_u8() {
            // The server's first message only confirms the channel.
            STDOUT | STDERR | STATUS if message.is_empty() => None,
            STDOUT => Some(Event::Data(STDOUT_READER, message)),
            STDERR => Some(Event::Data(STDERR_READER, message)),
            STATUS => self.status(&message),
            CLOSE if self.closes => match message[..] {
                [STDOUT] => Some(Event::End(STDOUT_READER)),
                [STDERR] => Some(Event::End(STDERR_READER)),
                _ => None,
            },
            channel => {
                tracing::warn!(channel, bytes = message.len(), "message on a channel that was not requested");
                None
            }
        };
        events.extend(event);
    }

    fn closed(&mut self, broken: Option<Failure>) -> Event {
        if !self.status.is_empty() {
            // Output of runtimes from before there was a `Status`, or a truncated one.
            let text = String::from_utf8_lossy(&self.status);
            return Event::Failed(Failure::Protocol(format!("the exit status is not a Status: {text}")));
        }
        Event::Failed(match broken {
            Some(Failure::Broken(message, source)) => {
                Failure::Broken(format!("the session ended without an exit status: {message}"), source)
            }
            Some(failure) => failure,
            None => Failure::broken("the session ended without an exit status: the server closed the connection"),
        })
    }

    const HEADER: usize = 1;

    fn seal(&mut self, frame: &mut BytesMut) {
        if let Some(channel) = frame.first_mut() {
            *channel = STDIN;
        }
    }

    fn end_of_data(&mut self) -> Option<Bytes> {
        self.closes.then_some(Bytes::from_static(&[CLOSE, STDIN]))
    }
}

/// Returns the message with a terminal's size.
pub(crate) fn resize(columns: u16, rows: u16) -> Bytes {
    let mut message = vec![RESIZE];
    message.extend_from_slice(format!(r#"{{"Width":{columns},"Height":{rows}}}"#).as_bytes());
    message.into()
}

/// Decodes how the command ended from a complete status.
fn outcome(text: &[u8]) -> Option<Event> {
    let text = std::str::from_utf8(text).ok()?;
    let mut status = Status::default();
    json::decode_into(&mut status, text, &json::Options::default()).ok()?;
    if status.status.as_deref() == Some("Success") {
        return Some(Event::Finished(Some(ExitStatus::SUCCESS)));
    }
    if status.reason.as_deref() != Some("NonZeroExitCode") {
        return Some(Event::Failed(Failure::Api(Box::new(status))));
    }
    let causes = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    let cause = causes.iter().find(|cause| cause.reason.as_deref() == Some("ExitCode"));
    let code = cause.and_then(|cause| cause.message.as_deref()?.trim().parse().ok());
    Some(match code {
        Some(code) => Event::Finished(Some(ExitStatus::new(code))),
        None => Event::Failed(Failure::Protocol(format!("the command failed without an exit code: {text}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(closes: bool, messages: &[&[u8]]) -> Vec<Event> {
        let mut codec = Channels::new(closes);
        let mut events = Vec::new();
        for message in messages {
            codec.receive(Bytes::copy_from_slice(message), &mut events);
        }
        events
    }

    fn status(text: &str) -> Event {
        let message = [&[STATUS], text.as_bytes()].concat();
        events(true, &[&message]).pop().expect("an event")
    }

    #[test]
    fn a_message_is_data_of_its_channel() {
        let events = events(true, &[b"\x01out", b"\x02err", b"", b"\x01", b"\x09what"]);
        let shown: Vec<_> = events.iter().map(|event| format!("{event:?}")).collect();
        assert_eq!(shown, [r#"Data(0, b"out")"#, r#"Data(1, b"err")"#]);
    }

    #[test]
    fn the_close_signal_is_one_in_v5_alone() {
        assert!(matches!(events(true, &[&[CLOSE, STDOUT]])[..], [Event::End(STDOUT_READER)]));
        assert!(events(false, &[&[CLOSE, STDOUT]]).is_empty());
        assert_eq!(Channels::new(true).end_of_data().as_deref(), Some(&[255, 0][..]));
        assert_eq!(Channels::new(false).end_of_data(), None);
    }

    #[test]
    fn success_exit_codes_and_server_errors_are_told_apart() {
        let success = status(r#"{"metadata":{},"status":"Success"}"#);
        assert!(matches!(success, Event::Finished(Some(exit)) if exit.success()));
        let failed = status(
            r#"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"42"}]}}"#,
        );
        assert!(matches!(failed, Event::Finished(Some(exit)) if exit.code() == 42));
        let broken = status(r#"{"status":"Failure","reason":"InternalError","message":"no runtime","code":500}"#);
        assert!(matches!(broken, Event::Failed(Failure::Api(status)) if status.code == Some(500)));
        let vague = status(
            r#"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"many"}]}}"#,
        );
        assert!(matches!(vague, Event::Failed(Failure::Protocol(_))));
    }

    #[test]
    fn a_status_in_pieces_is_put_together() {
        let events = events(true, &[b"\x03{\"status\":", b"\x03\"Success\"}"]);
        assert!(matches!(events[..], [Event::Finished(Some(exit))] if exit.success()));
    }

    #[test]
    fn an_end_without_a_status_is_a_failure_whatever_came_before() {
        let mut codec = Channels::new(true);
        assert!(matches!(codec.closed(None), Event::Failed(Failure::Broken(..))));
        codec.receive(Bytes::from_static(b"\x03{\"status\":\"Succ"), &mut Vec::new());
        assert!(matches!(codec.closed(None), Event::Failed(Failure::Protocol(_))));
    }

    #[test]
    fn a_terminals_size_is_told_in_json() {
        assert_eq!(&resize(80, 24)[..], b"\x04{\"Width\":80,\"Height\":24}");
    }
}
