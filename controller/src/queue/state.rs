//! The keys of a queue and where each of them is: ready, scheduled, or running.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use kubewright::retry::Backoff;
use tokio::time::Instant;

use super::ready::ReadyKeys;
use super::{Outcome, Priority, Settings};
use crate::key::ObjectKey;

/// The keys. It knows the time only from its callers, and waits for nothing.
pub(super) struct State {
    /// At most one entry per key: what is added again is merged.
    entries: HashMap<Arc<ObjectKey>, Entry>,
    ready: ReadyKeys,
    /// By the time at which they become ready.
    scheduled: BTreeMap<(Instant, u64), Arc<ObjectKey>>,
    running: HashMap<Arc<ObjectKey>, Running>,
    failures: HashMap<Arc<ObjectKey>, Failures>,
    /// Number of the next entry.
    number: u64,
    concurrency: usize,
    backoff: Backoff,
    closed: bool,
}

struct Entry {
    priority: Priority,
    number: u64,
    place: Place,
}

/// Where an entry is.
#[derive(Clone, Copy)]
enum Place {
    /// Among the ready ones, since this time.
    Ready(Instant),
    /// Among the scheduled ones, until this time.
    Scheduled(Instant),
    /// Its key is running. Afterwards it is ready, or scheduled until this time.
    Held(Option<Instant>),
}

struct Running {
    since: Instant,
}

struct Failures {
    backoff: Backoff,
    count: u32,
}

/// A key that was handed out.
pub(super) struct Taken {
    pub(super) key: Arc<ObjectKey>,
    pub(super) priority: Priority,
    pub(super) failures: u32,
    /// How long it was ready.
    pub(super) waited: Duration,
}

/// What was done when a key was finished.
pub(super) struct Finished {
    pub(super) ran: Duration,
    /// The delay before the next attempt, after a failure.
    pub(super) retry: Option<Duration>,
    /// Number of keys that became ready.
    pub(super) became_ready: u64,
}

impl State {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut ready = ReadyKeys::default();
        if settings.fair {
            ready.set_fair();
        }
        Self {
            entries: HashMap::new(),
            ready,
            scheduled: BTreeMap::new(),
            running: HashMap::new(),
            failures: HashMap::new(),
            number: 0,
            concurrency: settings.concurrency,
            backoff: settings.backoff.clone(),
            closed: false,
        }
    }

    /// Adds a key that is to run at this time, or now. Returns whether it became ready by that.
    pub(super) fn add(&mut self, key: Arc<ObjectKey>, priority: Priority, at: Option<Instant>, now: Instant) -> bool {
        if self.closed {
            return false;
        }
        let at = at.filter(|at| *at > now);
        let Some(known) = self.entries.get(&key) else {
            let number = self.number;
            self.number += 1;
            return self.place(key, priority, number, at, now);
        };
        let (known_priority, number, place) = (known.priority, known.number, known.place);
        let (was_ready, known_at) = match place {
            Place::Ready(_) if priority <= known_priority => return false,
            Place::Ready(_) => (true, None),
            Place::Scheduled(at) => (false, Some(at)),
            Place::Held(at) => (false, at),
        };
        self.take_out(&key, known_priority, number, place);
        // The earlier of both, and the higher priority.
        let at = at.zip(known_at).map(|(one, other)| one.min(other));
        let since = if let Place::Ready(since) = place { since } else { now };
        self.place(key, priority.max(known_priority), number, at, since) && !was_ready
    }

    /// Puts an entry where it belongs. Returns whether it is ready.
    fn place(
        &mut self,
        key: Arc<ObjectKey>,
        priority: Priority,
        number: u64,
        at: Option<Instant>,
        ready_since: Instant,
    ) -> bool {
        let place = match at {
            _ if self.running.contains_key(&key) => Place::Held(at),
            Some(at) => {
                self.scheduled.insert((at, number), key.clone());
                Place::Scheduled(at)
            }
            None => {
                self.ready.insert(priority, number, key.clone());
                Place::Ready(ready_since)
            }
        };
        self.entries.insert(key, Entry { priority, number, place });
        matches!(place, Place::Ready(_))
    }

    fn take_out(&mut self, key: &ObjectKey, priority: Priority, number: u64, place: Place) {
        match place {
            Place::Ready(_) => self.ready.remove(priority, number, key),
            Place::Scheduled(at) => {
                self.scheduled.remove(&(at, number));
            }
            Place::Held(_) => {}
        }
    }

    /// Moves what is due from the scheduled to the ready keys. Returns how many.
    pub(super) fn promote(&mut self, now: Instant) -> u64 {
        let mut count = 0;
        while let Some(first) = self.scheduled.first_entry()
            && first.key().0 <= now
        {
            let (at, number) = *first.key();
            let key = first.remove();
            let priority = self.entries.get(&key).map_or(Priority::DEFAULT, |entry| entry.priority);
            // It is ready since it was due, not since somebody looked.
            self.place(key, priority, number, None, at);
            count += 1;
        }
        count
    }

    /// Hands out the first ready key, if another one may run.
    pub(super) fn take(&mut self, now: Instant) -> Option<Taken> {
        if self.closed || self.running.len() >= self.concurrency {
            return None;
        }
        let (priority, key) = self.ready.pop()?;
        let since = match self.entries.remove(&key).map(|entry| entry.place) {
            Some(Place::Ready(since)) => since,
            _ => now,
        };
        self.running.insert(key.clone(), Running { since: now });
        let failures = self.failures.get(&key).map_or(0, |failures| failures.count);
        Some(Taken { key, priority, failures, waited: now.saturating_duration_since(since) })
    }

    /// Returns when the next scheduled key is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.scheduled.first_key_value().map(|((at, _), _)| *at)
    }

    /// Ends the run of a key that was handed out.
    pub(super) fn finish(
        &mut self,
        key: &Arc<ObjectKey>,
        priority: Priority,
        outcome: Outcome,
        now: Instant,
    ) -> Finished {
        let ran =
            self.running.remove(key).map_or(Duration::ZERO, |running| now.saturating_duration_since(running.since));
        let mut became_ready = 0;
        // What was added while it ran.
        if let Some(Entry { priority, number, place: Place::Held(at) }) = self.entries.remove(key) {
            let at = at.filter(|at| *at > now);
            became_ready += u64::from(self.place(key.clone(), priority, number, at, now));
        }
        let (delay, retry) = match outcome {
            Outcome::Done => (None, None),
            Outcome::RequeueAfter(delay) => (Some(delay), None),
            Outcome::Failed => {
                let fresh = || Failures { backoff: self.backoff.clone(), count: 0 };
                let failures = self.failures.entry(key.clone()).or_insert_with(fresh);
                failures.count = failures.count.saturating_add(1);
                let delay = failures.backoff.next_delay();
                (Some(delay), Some(delay))
            }
        };
        if retry.is_none() {
            self.failures.remove(key);
        }
        if let Some(delay) = delay {
            let at = later(now, delay);
            became_ready += u64::from(self.add(key.clone(), priority, Some(at), now));
        }
        Finished { ran, retry, became_ready }
    }

    /// Hands out and accepts nothing more.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.entries.clear();
        self.scheduled.clear();
        self.failures.clear();
        while self.ready.pop().is_some() {}
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn depths(&self) -> Vec<(Priority, usize)> {
        self.ready.depths()
    }

    pub(super) fn scheduled(&self) -> usize {
        self.scheduled.len()
    }

    /// Returns since when each running key runs.
    pub(super) fn running(&self) -> impl ExactSizeIterator<Item = Instant> {
        self.running.values().map(|running| running.since)
    }

    pub(super) fn failing(&self) -> usize {
        self.failures.len()
    }
}

/// Returns the time after this delay; ten years from now if it can't be represented.
pub(super) fn later(now: Instant, delay: Duration) -> Instant {
    now.checked_add(delay).unwrap_or_else(|| now + Duration::from_secs(60 * 60 * 24 * 365 * 10))
}
