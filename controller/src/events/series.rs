//! Events that were recorded, and what of them the server has.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use kubewright::events::v1::{Event, EventSeries};
use kubewright::types::MicroTime;
use tokio::time::Instant;

use super::event::{Key, Recorded};

/// Time after the last event of a series at which it has ended.
pub(super) const FINISH_AFTER: Duration = Duration::from_secs(6 * 60);
/// Time between two writes of a series that goes on, so that the server does not delete it (by default after an hour).
pub(super) const REFRESH_AFTER: Duration = Duration::from_secs(30 * 60);
/// Limit of different events that wait to be written, or may become a series.
pub(super) const MAX_EVENTS: usize = 1000;

/// The events that may still become a series, or continue one.
pub(super) struct Series {
    controller: String,
    instance: String,
    entries: HashMap<Key, Entry>,
    /// Those that are to be written, in order.
    unwritten: VecDeque<Key>,
    /// The number of the last event.
    number: u64,
}

struct Entry {
    event: Event,
    /// How often it was recorded.
    count: i32,
    /// The count that the server has; 0 if it does not have the event.
    written: i32,
    last: MicroTime,
    last_seen: Instant,
    last_written: Instant,
    is_queued: bool,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) enum Write {
    /// The event is created, with a series if it has been repeated already.
    Create(Event),
    /// The event exists, and its series is patched.
    Patch(Event),
}

impl Series {
    pub(super) fn new(controller: String, instance: String) -> Self {
        Self { controller, instance, entries: HashMap::new(), unwritten: VecDeque::new(), number: 0 }
    }

    /// Adds an event. Returns `false` if it is dropped.
    pub(super) fn add(&mut self, recorded: Recorded, now: Instant) -> bool {
        let Some(key) = recorded.key() else { return false };
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.count = entry.count.saturating_add(1);
            (entry.last, entry.last_seen) = (recorded.time, now);
            // The second time is written at once, and later ones only from time to time.
            if entry.written == 1 && !entry.is_queued {
                entry.is_queued = true;
                self.unwritten.push_back(key);
            }
            return true;
        }
        if self.entries.len() >= MAX_EVENTS && !self.make_room() {
            return false;
        }
        // Nanoseconds since 1970, as client-go has them, and never twice the same.
        let nanos =
            recorded.time.unix_seconds().saturating_mul(1_000_000_000) + i64::from(recorded.time.subsec_nanos());
        self.number = u64::try_from(nanos).unwrap_or_default().max(self.number + 1);
        let last = recorded.time;
        let event = recorded.into_event(&key, &self.controller, &self.instance, self.number);
        let entry = Entry { event, count: 1, written: 0, last, last_seen: now, last_written: now, is_queued: true };
        self.entries.insert(key.clone(), entry);
        self.unwritten.push_back(key);
        true
    }

    /// Forgets the event that has not been repeated for the longest time, if there is one that is written.
    fn make_room(&mut self) -> bool {
        let written = self.entries.iter().filter(|(_, entry)| !entry.is_queued && entry.written == entry.count);
        let oldest = written.min_by_key(|(_, entry)| entry.last_seen).map(|(key, _)| key.clone());
        oldest.is_some_and(|key| self.entries.remove(&key).is_some())
    }

    /// Queues what is due, and forgets what has ended.
    pub(super) fn tick(&mut self, now: Instant) {
        let Self { entries, unwritten, .. } = self;
        entries.retain(|key, entry| {
            let has_ended = now.saturating_duration_since(entry.last_seen) >= FINISH_AFTER;
            let is_due = has_ended || now.saturating_duration_since(entry.last_written) >= REFRESH_AFTER;
            if is_due && entry.written != entry.count && !entry.is_queued {
                entry.is_queued = true;
                unwritten.push_back(key.clone());
            }
            entry.is_queued || !has_ended
        });
    }

    /// Queues everything that the server does not have.
    pub(super) fn flush(&mut self) {
        for (key, entry) in
            self.entries.iter_mut().filter(|(_, entry)| !entry.is_queued && entry.written != entry.count)
        {
            entry.is_queued = true;
            self.unwritten.push_back(key.clone());
        }
    }

    /// Whether everything that was queued is written.
    pub(super) fn is_written(&self) -> bool {
        self.unwritten.is_empty()
    }

    /// Returns what is to be sent next, as of now, and the number of events that it stands for.
    pub(super) fn next(&self) -> Option<(Key, Write, i32)> {
        let key = self.unwritten.front()?;
        let entry = self.entries.get(key)?;
        let mut event = entry.event.clone();
        if entry.count > 1 {
            let series = EventSeries { count: entry.count, last_observed_time: entry.last, ..Default::default() };
            event.series = Some(Box::new(series));
        }
        let write = if entry.written == 0 { Write::Create(event) } else { Write::Patch(event) };
        Some((key.clone(), write, entry.count))
    }

    /// Records that the server has this number of an event.
    pub(super) fn written(&mut self, key: &Key, count: i32, now: Instant) {
        self.unwritten.pop_front();
        if let Some(entry) = self.entries.get_mut(key) {
            // It was repeated for the first time while it was being created.
            let again = count == 1 && entry.count > 1;
            (entry.written, entry.last_written, entry.is_queued) = (count, now, again);
            if again {
                self.unwritten.push_back(key.clone());
            }
        }
    }

    /// Records that the server no longer has an event, so that it is created the next time.
    pub(super) fn lost(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.written = 0;
        }
    }

    /// Forgets an event that the server does not accept.
    pub(super) fn rejected(&mut self, key: &Key) {
        self.unwritten.pop_front();
        self.entries.remove(key);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
