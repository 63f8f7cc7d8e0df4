//! Schedules of cron.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax>

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// How many days ahead a schedule is searched: none that has a day misses it for longer, of leap years too.
const DAYS: i32 = 366 * 9;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// When something happens again and again.
#[derive(Debug)]
pub(super) enum Schedule {
    Fields(Fields),
    /// `@every 1h`: from the start on.
    Every(SignedDuration),
}

/// The minutes, hours, days, months and weekdays, as bits.
#[derive(Debug)]
pub(super) struct Fields {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether both days and weekdays are given: then either is enough.
    is_either: bool,
}

impl Schedule {
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        if let Some(every) = text.strip_prefix("@every ") {
            let every: SignedDuration = every.trim().parse().ok()?;
            // At least a second.
            return Some(Self::Every(every.max(SignedDuration::from_secs(1))));
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let is_any = |field: &str| field.starts_with(['*', '?']);
        // Sunday is 7 too.
        let week = bits(weekdays, (0, 7), &WEEKDAYS, 0)?;
        Some(Self::Fields(Fields {
            minutes: bits(minutes, (0, 59), &[], 0)?,
            hours: bits(hours, (0, 23), &[], 0)?,
            days: bits(days, (1, 31), &[], 0)?,
            months: bits(months, (1, 12), &MONTHS, 1)?,
            weekdays: week | (week >> 7 & 1),
            is_either: !is_any(days) && !is_any(weekdays),
        }))
    }

    /// The first time after another.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Every(every) => after.checked_add(*every).ok(),
            Self::Fields(fields) => fields.next(after, zone),
        }
    }
}

impl Fields {
    fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let start = after.to_zoned(zone.clone());
        let mut date = start.date();
        for _ in 0..DAYS {
            if self.has_day(date) {
                let minutes = || (0..60).filter(|minute| self.minutes >> minute & 1 == 1);
                for hour in (0..24).filter(|hour| self.hours >> hour & 1 == 1) {
                    for minute in minutes() {
                        let time = Time::new(hour, minute, 0, 0).ok()?;
                        let time = date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp();
                        if time > after {
                            return Some(time);
                        }
                    }
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn has_day(&self, date: Date) -> bool {
        let has = |bits: u64, number: i8| bits >> number & 1 == 1;
        let is_day = has(self.days, date.day());
        let is_weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let is_one = if self.is_either { is_day || is_weekday } else { is_day && is_weekday };
        has(self.months, date.month()) && is_one
    }
}

/// The numbers of a field, as bits: numbers, names, ranges and steps.
fn bits(field: &str, (least, most): (u32, u32), names: &[&str], first: u32) -> Option<u64> {
    let number = |text: &str| -> Option<u32> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).and_then(|at| u32::try_from(at).ok());
        let number = named.map_or_else(|| text.parse().ok(), |at| Some(at + first))?;
        (least..=most).contains(&number).then_some(number)
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let (start, end) = match range.split_once('-') {
            Some((start, end)) => (number(start)?, number(end)?),
            // A week has seven days.
            None if matches!(range, "*" | "?") => (least, if names.len() == 7 { 6 } else { most }),
            None if step.is_some() => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        let step = step.map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0)?;
        bits = (start..=end).step_by(step).fold(bits, |bits, number| bits | 1_u64 << number);
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_of_a_schedule_is_the_first_after_another() {
        let next = |schedule: &str, after: &str| {
            let schedule = Schedule::parse(schedule).expect("a schedule");
            let after = after.parse().expect("a time");
            schedule.next(after, &TimeZone::UTC).map(|time| time.to_string()).unwrap_or_default()
        };
        assert_eq!(next("*/15 * * * *", "2030-01-01T00:00:00Z"), "2030-01-01T00:15:00Z");
        assert_eq!(next("*/15 * * * *", "2030-01-01T00:45:30Z"), "2030-01-01T01:00:00Z");
        assert_eq!(next("30 4 1 * *", "2030-01-01T04:30:00Z"), "2030-02-01T04:30:00Z");
        assert_eq!(next("0 0 29 feb *", "2030-01-01T00:00:00Z"), "2032-02-29T00:00:00Z");
        // A Tuesday; Friday the fourth comes first of the two.
        assert_eq!(next("0 0 13 * fri", "2030-01-01T00:00:00Z"), "2030-01-04T00:00:00Z");
        assert_eq!(next("0 0 * * 7", "2030-01-01T00:00:00Z"), "2030-01-06T00:00:00Z");
        assert_eq!(next("@every 90s", "2030-01-01T00:00:00Z"), "2030-01-01T00:01:30Z");
        assert_eq!(next("0 0 31 feb *", "2030-01-01T00:00:00Z"), "", "never");
    }

    #[test]
    fn what_is_no_schedule_is_none() {
        for text in ["", "* * * *", "60 * * * *", "* * * * mop", "*/0 * * * *", "@never"] {
            assert!(Schedule::parse(text).is_none(), "{text}");
        }
    }
}
