//! Which lines of a log were given already: how to go on without losing or repeating any.
//!
//! A log can be asked for from a second on (`sinceTime` goes to the kubelet in whole seconds), and then every line of that
//! second comes again, in the order of the file. Lines have times to the nanosecond, but several may have the same one,
//! and those of stdout and stderr may be a little out of order. So what counts is not the newest time: of each line of the
//! last seconds a hash is kept, and when the log is gone on with, each of them is left out as often as it was given.
//!
//! A clock may be set back. What came before that is then forgotten, and when the log is gone on with, left out up to the
//! first line that is known.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::{Line, LineEnd};
use crate::types::Time;

/// How many lines of one second are known one by one; that of the rest is their number.
const MOST_LINES: usize = 1 << 16;

/// How far out of order lines may be, in seconds.
const OVERLAP: i64 = 1;

/// How far a log was read. Clones share it.
///
/// Logs that may show the same lines share one, so that none is given twice: see
/// [`FollowedLines::position`](super::FollowedLines::position).
#[derive(Clone, Debug, Default)]
pub struct Position(Arc<Mutex<Seen>>);

impl Position {
    /// When the line was written that was given last; `None` if none was.
    pub fn last(&self) -> Option<Time> {
        self.lock().last()
    }

    /// Back to the start: nothing was given. Not while a log is read with it.
    pub fn reset(&self) {
        *self.lock() = Seen::default();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        // Nothing that holds it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was given of a log.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hasher: RandomState,
    /// By the second of their time.
    seconds: BTreeMap<i64, Second>,
    first: Option<Time>,
    newest: Option<Time>,
    /// The clock was set back, so that lines before those that are known may be newer than they are.
    stepped: bool,
    last: Option<(Time, u64)>,
    /// Since the log is gone on with.
    again: Option<Again>,
}

/// The lines of one second.
#[derive(Clone, Debug, Default)]
struct Second {
    /// How often each line was given.
    lines: HashMap<u64, u32>,
    known: usize,
    /// How many were given besides, before there were too many to know each.
    uncounted: u64,
}

/// What is to come again.
#[derive(Debug)]
struct Again {
    seconds: BTreeMap<i64, Second>,
    /// Something that was given has come again.
    begun: bool,
    /// The line that was given last has come again, so that nothing can be missing between it and what follows.
    continuous: bool,
}

impl Seen {
    /// When the line was written that was given last.
    pub(super) fn last(&self) -> Option<Time> {
        self.last.map(|(time, _)| time)
    }

    /// From when on to ask for the log, in seconds since 1970, to go on; `None` if nothing was given yet.
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

    /// Goes on from here, though something may be missing after the time that is given.
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
            // What lies before all that was given was not asked for, such as what `tailLines` left out.
            let start = if self.stepped { self.newest } else { self.first };
            if !again.begun && start.is_some_and(|start| time <= start) {
                return false;
            }
        }
        true
    }

    /// Counts a line as given.
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

    /// Whether the line was given, once for each time that it was.
    fn take(&mut self, hash: u64) -> bool {
        if let Some(count) = self.lines.get_mut(&hash).filter(|count| **count > 0) {
            *count -= 1;
            return true;
        }
        // All that are known came first; what is not among them is one of the others, as long as there are any.
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

    fn admitted(seen: &mut Seen, lines: &[Line]) -> Vec<String> {
        let mut admit = |line: &Line| {
            let is_new = seen.is_new(line);
            if is_new {
                seen.give(line);
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
                let mut seen = Seen::default();
                let mut given = admitted(&mut seen, &lines[..first]);
                for end in [second, lines.len()] {
                    let from = seen.go_on().unwrap_or(0);
                    given.extend(admitted(&mut seen, &since(&lines[..end], from)));
                    assert!(seen.is_continuous() || first == 0);
                }
                assert_eq!(given, all, "broken off at {first} and {second}");
            }
        }
    }

    #[test]
    fn a_connection_that_breaks_while_lines_come_again_changes_nothing() {
        let lines = log(&[(1000, "a"), (1000, "a"), (1001, "b"), (1002, "c")]);
        let mut seen = Seen::default();
        assert_eq!(admitted(&mut seen, &lines[..3]).len(), 3);
        for end in 0..3 {
            seen.go_on();
            assert_eq!(admitted(&mut seen, &lines[..end]), [""; 0]);
            assert!(!seen.is_continuous());
        }
        seen.go_on();
        assert_eq!(admitted(&mut seen, &lines), ["c"]);
        assert!(seen.is_continuous());
    }

    #[test]
    fn what_was_left_out_at_the_start_is_not_given_later() {
        let lines = log(&[(500, "old"), (1000, "same time"), (1000, "first"), (1000, "second"), (1001, "new")]);
        let mut seen = Seen::default();
        assert_eq!(admitted(&mut seen, &lines[2..4]), ["first", "second"]);
        assert_eq!(seen.go_on(), Some(0));
        assert_eq!(admitted(&mut seen, &lines), ["new"]);
    }

    #[test]
    fn a_log_that_was_rotated_is_gone_on_with_and_the_gap_is_known() {
        let lines = log(&[(1000, "a"), (1001, "b"), (1500, "lost"), (1600, "c"), (1600, "d")]);
        let mut seen = Seen::default();
        assert_eq!(admitted(&mut seen, &lines[..2]), ["a", "b"]);
        seen.go_on();
        assert_eq!(admitted(&mut seen, &lines[3..]), ["c", "d"]);
        assert!(!seen.is_continuous());
        // Only the older part is gone: nothing is missing.
        seen.go_on();
        assert_eq!(admitted(&mut seen, &lines[4..]), [""; 0]);
        assert!(seen.is_continuous());
    }

    #[test]
    fn a_clock_that_is_set_back_repeats_nothing() {
        let lines = log(&[(90_000, "a"), (91_000, "b"), (50_000, "c"), (51_000, "d"), (52_000, "e"), (53_000, "f")]);
        let all: Vec<_> = lines.iter().map(ToString::to_string).collect();
        for at in 0..=lines.len() {
            let mut seen = Seen::default();
            let mut given = admitted(&mut seen, &lines[..at]);
            let from = seen.go_on().unwrap_or(0);
            given.extend(admitted(&mut seen, &since(&lines, from)));
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
        let mut seen = Seen::default();
        let at = lines.len() - 5;
        assert_eq!(admitted(&mut seen, &lines[..at]).len(), at);
        assert!(seen.seconds[&1].lines.len() <= MOST_LINES);
        seen.go_on();
        assert_eq!(admitted(&mut seen, &lines).len(), 5);
        assert!(seen.is_continuous());
    }
}
