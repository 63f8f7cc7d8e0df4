//! Pings: they keep idle connections open, and find dead peers.

use std::time::Duration;

use tokio::time::Instant;

/// How often to ping the server on an idle stream, and when to give it up.
///
/// The default is every 15 seconds, and 60 seconds of silence. A connection on which the server has not taken in yet all
/// that was written is not given up by pings, since a server that waits for a process to read its stdin answers none:
/// that one is left to TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// The time between two pings.
    pub interval: Duration,
    /// How long the server may say nothing, pings and all, before the connection is taken for dead.
    pub timeout: Duration,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(15), timeout: Duration::from_secs(60) }
    }
}

/// What to do when the time between two pings is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    Ping,
    Wait,
    Dead,
}

/// The state of the pings on one connection.
#[derive(Debug)]
pub(crate) struct Pings {
    settings: KeepAlive,
    /// When the peer said something last; or when we last had no ear for it.
    heard: Instant,
    /// Bytes written when the unanswered ping was sent.
    unanswered: Option<u64>,
    /// Bytes that the peer is known to have read.
    confirmed: u64,
}

impl Pings {
    pub(crate) fn new(settings: KeepAlive, now: Instant) -> Self {
        Self { settings, heard: now, unanswered: None, confirmed: 0 }
    }

    /// Something came from the peer, or it could not be listened to.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// The answer to a ping came, so that the peer has read all that was written before the ping.
    pub(crate) fn answered(&mut self) {
        if let Some(written) = self.unanswered.take() {
            self.confirmed = written;
        }
    }

    /// The time between two pings is over; so many bytes have been written so far.
    pub(crate) fn tick(&mut self, written: u64, now: Instant) -> Tick {
        match self.unanswered {
            None => {
                self.unanswered = Some(written);
                Tick::Ping
            }
            Some(_) if written == self.confirmed && now.duration_since(self.heard) >= self.settings.timeout => {
                Tick::Dead
            }
            Some(_) => Tick::Wait,
        }
    }

    pub(crate) fn settings(&self) -> KeepAlive {
        self.settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pings() -> (Pings, Instant) {
        let start = Instant::now();
        let settings = KeepAlive { interval: Duration::from_secs(10), timeout: Duration::from_secs(30) };
        (Pings::new(settings, start), start)
    }

    #[test]
    fn a_peer_that_answers_nothing_is_dead_after_the_timeout() {
        let (mut pings, start) = pings();
        let ticks = (1..=3).map(|n| pings.tick(0, start + Duration::from_secs(10 * n))).collect::<Vec<_>>();
        assert_eq!(ticks, [Tick::Ping, Tick::Wait, Tick::Dead]);
    }

    #[test]
    fn whatever_a_peer_says_shows_that_it_lives() {
        let (mut pings, start) = pings();
        assert_eq!(pings.tick(0, start + Duration::from_secs(10)), Tick::Ping);
        pings.heard(start + Duration::from_secs(20));
        assert_eq!(pings.tick(0, start + Duration::from_secs(40)), Tick::Wait);
        pings.answered();
        assert_eq!(pings.tick(0, start + Duration::from_secs(50)), Tick::Ping);
    }

    #[test]
    fn a_peer_that_has_unread_data_of_ours_is_not_taken_for_dead() {
        let (mut pings, start) = pings();
        assert_eq!(pings.tick(5, start + Duration::from_secs(10)), Tick::Ping);
        assert_eq!(pings.tick(5, start + Duration::from_secs(100)), Tick::Wait);
        pings.answered();
        assert_eq!(pings.tick(5, start + Duration::from_secs(110)), Tick::Ping);
        assert_eq!(pings.tick(5, start + Duration::from_secs(200)), Tick::Dead);
    }
}
