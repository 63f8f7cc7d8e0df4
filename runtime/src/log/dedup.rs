//! Skips lines of a log that were already returned, so that it can be resumed without losing or repeating any.
//!
//! A log can be requested from a given second on (`sinceTime` is sent to the kubelet in whole seconds), and then
//! repeats every line of that second, in file order. Timestamps have nanoseconds, but lines may share one, and those of
//! stdout and stderr may be slightly out of order. So the newest timestamp is not sufficient: a hash of each line of
//! the last seconds is kept, and after resuming, each line is skipped as many times as it was returned.
//!
//! A clock may be set back. Earlier lines are then forgotten, and after resuming, everything before the first known
//! line is skipped.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::{Line, LineEnd};
use crate::types::Time;

/// Number of lines per second that are tracked individually; of the rest, only the number is kept.
const MOST_LINES: usize = 1 << 16;

/// How many seconds lines may be out of order.
const OVERLAP: i64 = 1;

/// Position in a log. Clones share it.
///
/// Logs that may overlap share one, so that no line is returned twice: see
/// [`FollowedLines::position`](super::FollowedLines::position).
#[derive(Clone, Debug, Default)]
pub struct Position(Arc<Mutex<Dedup>>);

impl Position {
    /// Timestamp of the last line returned; `None` before the first.
    pub fn last(&self) -> Option<Time> {
        self.lock().last()
    }

    /// Resets to the start. Not while a log uses it.
    pub fn reset(&self) {
        *self.lock() = Dedup::default();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Dedup> {
        // No code that holds the lock can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lines returned so far.
#[derive(Debug, Default)]
pub(super) struct Dedup {
    hasher: RandomState,
    /// By second of their timestamp.
    seconds: BTreeMap<i64, Second>,
    first: Option<Time>,
    newest: Option<Time>,
    /// Whether the clock was set back, so that lines before the known ones may be newer.
    stepped: bool,
    last: Option<(Time, u64)>,
    /// Set after resuming.
    again: Option<Again>,
}

/// The lines of one second.
#[derive(Clone, Debug, Default)]
struct Second {
    /// How many times each line was returned.
    lines: HashMap<u64, u32>,
    known: usize,
    /// Number of lines returned beyond those that are tracked.
    uncounted: u64,
}

/// Lines expected to repeat.
#[derive(Debug)]
struct Again {
    seconds: BTreeMap<i64, Second>,
    /// Whether a returned line has repeated.
    begun: bool,
    /// Whether the last line returned has repeated, so that nothing can be missing before the next new line.
    continuous: bool,
}

impl Dedup {
    /// Timestamp of the last line returned.
    pub(super) fn last(&self) -> Option<Time> {
        self.last.map(|(time, _)| time)
    }

    /// Second (since 1970) from which to request the log when resuming; `None` if nothing was returned yet.
    pub(super) fn go_on(&mut self) -> Option<i64> {
        let (newest, _) = self.seconds.last_key_value()?;
        let since = *newest - OVERLAP;
        self.again = Some(Again { seconds: self.seconds.clone(), begun: false, continuous: false });
        Some(since)
    }

    /// Whether nothing can be missing before the next new line.
    pub(super) fn is_continuous(&self) -> bool {
        self.again.as_ref().is_none_or(|again| again.continuous)
    }

    /// Continues from here, though lines may be missing after the returned timestamp.
    pub(super) fn settle(&mut self) -> Option<Time> {
        if let Some(again) = &mut self.again {
            again.continuous = true;
        }
        self.last()
    }

    /// Whether a line is new.
    pub(super) fn is_new(&mut self, line: &Line) -> bool {
        let Some(time) = line.time else { return true };
        let hash = self.hash(time, line);
        if let Some(again) = &mut self.again {
            let known = again.seconds.get_mut(&time.unix_seconds()).is_some_and(|second| second.take(hash));
            if known {
                again.begun = true;
                again.continuous |= self.last.is_some_and(|(_, last)| last == hash);
                return false;
            }
            // Lines before all returned ones were not requested, such as those that `tailLines` excludes.
            let start = if self.stepped { self.newest } else { self.first };
            if !again.begun && start.is_some_and(|start| time <= start) {
                return false;
            }
        }
        true
    }

    /// Records a line as returned.
    pub(super) fn give(&mut self, line: &Line) {
        let Some(time) = line.time else { return };
        let hash = self.hash(time, line);
        self.first.get_or_insert(time);
        self.newest = self.newest.max(Some(time));
        self.last = Some((time, hash));
        let second = time.unix_seconds();
        if self.seconds.last_key_value().is_some_and(|(newest, _)| newest.saturating_sub(second) > OVERLAP) {
            self.seconds.clear();
            self.stepped = true;
        }
        self.seconds.entry(second).or_default().put(hash);
        while let (Some((oldest, _)), Some((newest, _))) =
            (self.seconds.first_key_value(), self.seconds.last_key_value())
            && newest.saturating_sub(*oldest) > OVERLAP
        {
            self.seconds.pop_first();
        }
    }

    fn hash(&self, time: Time, line: &Line) -> u64 {
        self.hasher.hash_one((time, &line.bytes, line.end == LineEnd::Continues))
    }
}

impl Second {
    fn put(&mut self, hash: u64) {
        if self.known < MOST_LINES {
            self.known += 1;
            *self.lines.entry(hash).or_default() += 1;
        } else {
            self.uncounted += 1;
        }
    }

    /// Consumes one earlier return of the line, if any.
    fn take(&mut self, hash: u64) -> bool {
        if let Some(count) = self.lines.get_mut(&hash).filter(|count| **count > 0) {
            *count -= 1;
            return true;
        }
        // Tracked lines come first; any other line counts as an untracked one while there are any.
        let left = self.uncounted > 0;
        self.uncounted = self.uncounted.saturating_sub(1);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a log, each of a time in milliseconds and a text.
    fn log(lines: &[(i64, &'static str)]) -> Vec<Line> {
        let line = |(millis, text): &(i64, &'static str)| {
            let time = format!("1970-01-01T00:{:02}:{:02}.{:03}Z", millis / 60_000, millis / 1000 % 60, millis % 1000);
            let time = Some(Time::parse(&time).expect("a time"));
            Line { bytes: text.as_bytes().into(), time, end: LineEnd::Newline }
        };
        lines.iter().map(line).collect()
    }

    fn admitted(dedup: &mut Dedup, lines: &[Line]) -> Vec<String> {
        let mut admit = |line: &Line| {
            let is_new = dedup.is_new(line);
            if is_new {
                dedup.give(line);
            }
            is_new
        };
        lines.iter().filter(|line| admit(line)).map(ToString::to_string).collect()
    }

    /// What the server sends of a log from a second on.
    fn since(lines: &[Line], second: i64) -> Vec<Line> {
        lines.iter().filter(|line| line.time.is_some_and(|time| time.unix_seconds() >= second)).cloned().collect()
    }

    #[test]
    fn wherever_a_log_breaks_off_and_however_often_each_line_is_given_once() {
        // Equal lines at equal times, lines out of order, several in a second, a pause.
        let lines = [
            (1000, "a"),
            (1000, "a"),
            (1000, "b"),
            (1500, "c"),
            (1400, "d"),
            (1999, "e"),
            (2001, "f"),
            (1998, "g"),
            (2001, "f"),
            (2001, "f"),
            (9000, "h"),
            (9000, "h"),
            (9100, "i"),
            (8999, "j"),
            (9100, "i"),
            (10_000, "k"),
        ];
        let lines = log(&lines);
        let all: Vec<_> = lines.iter().map(ToString::to_string).collect();
        for first in 0..=lines.len() {
            for second in first..=lines.len() {
                let mut dedup = Dedup::default();
                let mut given = admitted(&mut dedup, &lines[..first]);
                for end in [second, lines.len()] {
                    let from = dedup.go_on().unwrap_or(0);
                    given.extend(admitted(&mut dedup, &since(&lines[..end], from)));
                    assert!(dedup.is_continuous() || first == 0);
                }
                assert_eq!(given, all, "broken off at {first} and {second}");
            }
        }
    }

    #[test]
    fn a_connection_that_breaks_while_lines_come_again_changes_nothing() {
        let lines = log(&[(1000, "a"), (1000, "a"), (1001, "b"), (1002, "c")]);
        let mut dedup = Dedup::default();
        assert_eq!(admitted(&mut dedup, &lines[..3]).len(), 3);
        for end in 0..3 {
            dedup.go_on();
            assert_eq!(admitted(&mut dedup, &lines[..end]), [""; 0]);
            assert!(!dedup.is_continuous());
        }
        dedup.go_on();
        assert_eq!(admitted(&mut dedup, &lines), ["c"]);
        assert!(dedup.is_continuous());
    }

    #[test]
    fn what_was_left_out_at_the_start_is_not_given_later() {
        let lines = log(&[(500, "old"), (1000, "same time"), (1000, "first"), (1000, "second"), (1001, "new")]);
        let mut dedup = Dedup::default();
        assert_eq!(admitted(&mut dedup, &lines[2..4]), ["first", "second"]);
        assert_eq!(dedup.go_on(), Some(0));
        assert_eq!(admitted(&mut dedup, &lines), ["new"]);
    }

    #[test]
    fn a_log_that_was_rotated_is_gone_on_with_and_the_gap_is_known() {
        let lines = log(&[(1000, "a"), (1001, "b"), (1500, "lost"), (1600, "c"), (1600, "d")]);
        let mut dedup = Dedup::default();
        assert_eq!(admitted(&mut dedup, &lines[..2]), ["a", "b"]);
        dedup.go_on();
        assert_eq!(admitted(&mut dedup, &lines[3..]), ["c", "d"]);
        assert!(!dedup.is_continuous());
        // Only the older part is gone: nothing is missing.
        dedup.go_on();
        assert_eq!(admitted(&mut dedup, &lines[4..]), [""; 0]);
        assert!(dedup.is_continuous());
    }

    #[test]
    fn a_clock_that_is_set_back_repeats_nothing() {
        let lines = log(&[(90_000, "a"), (91_000, "b"), (50_000, "c"), (51_000, "d"), (52_000, "e"), (53_000, "f")]);
        let all: Vec<_> = lines.iter().map(ToString::to_string).collect();
        for at in 0..=lines.len() {
            let mut dedup = Dedup::default();
            let mut given = admitted(&mut dedup, &lines[..at]);
            let from = dedup.go_on().unwrap_or(0);
            given.extend(admitted(&mut dedup, &since(&lines, from)));
            if at == 1 || at == 2 {
                // From here on the server is asked for nothing so old: that something is missing is known only later.
                assert!(given.len() <= all.len());
            } else {
                assert_eq!(given, all, "broken off at {at}");
            }
        }
    }

    #[test]
    fn a_second_of_very_many_lines_takes_bounded_memory_and_repeats_none() {
        let mut lines = log(&[(1000, "x")]);
        let one = lines.remove(0);
        for number in 0..MOST_LINES + 10_000 {
            lines.push(Line { bytes: number.to_string().into(), ..one.clone() });
        }
        let mut dedup = Dedup::default();
        let at = lines.len() - 5;
        assert_eq!(admitted(&mut dedup, &lines[..at]).len(), at);
        assert!(dedup.seconds[&1].lines.len() <= MOST_LINES);
        dedup.go_on();
        assert_eq!(admitted(&mut dedup, &lines).len(), 5);
        assert!(dedup.is_continuous());
    }
}
