//! Keep-alive pings: they keep idle connections open, and detect dead peers.

use std::time::Duration;

use tokio::time::Instant;

/// How often to ping the server on an idle stream, and when to close the connection.
///
/// The default is every 15 seconds, and 60 seconds without a response. A connection with written data that the server
/// has not read yet is not closed by pings, since a server that waits for a process to read its stdin answers none:
/// that case is left to TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Interval between two pings.
    pub interval: Duration,
    /// Time without any message of the server, pongs included, after which the connection counts as dead.
    pub timeout: Duration,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(15), timeout: Duration::from_secs(60) }
    }
}

/// What to do after an interval.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    /// Send a ping with this payload, which the pong repeats.
    Ping([u8; 8]),
    Dead,
}

/// State of the pings of one connection.
#[derive(Debug)]
pub(crate) struct Pings {
    settings: KeepAlive,
    /// When the peer last sent something; or when receiving was last blocked.
    heard: Instant,
    /// Whether a ping is unanswered.
    asked: bool,
    /// Number of bytes that the peer is known to have read.
    confirmed: u64,
}

impl Pings {
    pub(crate) fn new(settings: KeepAlive, now: Instant) -> Self {
        Self { settings, heard: now, asked: false, confirmed: 0 }
    }

    /// Records a message of the peer, or that receiving is blocked.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// Records a pong: the peer has read everything written before that ping.
    pub(crate) fn answered(&mut self, content: &[u8]) {
        if let Ok(written) = content.try_into().map(u64::from_be_bytes) {
            self.confirmed = self.confirmed.max(written);
        }
        self.asked = false;
    }

    /// Handles the end of an interval, with the number of bytes written so far.
    pub(crate) fn tick(&mut self, written: u64, now: Instant) -> Tick {
        let asked = std::mem::replace(&mut self.asked, true);
        let silent = now.duration_since(self.heard) >= self.settings.timeout;
        if asked && silent && written == self.confirmed { Tick::Dead } else { Tick::Ping(written.to_be_bytes()) }
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

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_peer_that_answers_nothing_is_dead_after_the_timeout() {
        let (mut pings, start) = pings();
        let ticks = (1..=3).map(|n| pings.tick(0, start + seconds(10 * n))).collect::<Vec<_>>();
        assert_eq!(ticks, [Tick::Ping([0; 8]), Tick::Ping([0; 8]), Tick::Dead]);
    }

    #[test]
    fn whatever_a_peer_says_shows_that_it_lives() {
        let (mut pings, start) = pings();
        pings.tick(0, start + seconds(10));
        pings.heard(start + seconds(20));
        assert_eq!(pings.tick(0, start + seconds(40)), Tick::Ping([0; 8]));
        pings.answered(&[0; 8]);
        assert_eq!(pings.tick(0, start + seconds(100)), Tick::Ping([0; 8]), "it was not asked since");
    }

    #[test]
    fn a_peer_that_has_unread_data_of_ours_is_not_taken_for_dead() {
        let (mut pings, start) = pings();
        pings.tick(5, start + seconds(10));
        let Tick::Ping(content) = pings.tick(5, start + seconds(100)) else { panic!("it is busy") };
        pings.answered(&content);
        pings.tick(5, start + seconds(110));
        assert_eq!(pings.tick(5, start + seconds(200)), Tick::Dead);
    }
}
