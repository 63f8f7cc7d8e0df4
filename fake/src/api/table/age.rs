//! How long ago something was, as tables have it.

use jiff::Timestamp;
use serde_json::Value;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// A unit in seconds, and its letter.
type Unit = (i64, char);

/// Up to which age it is shown in which units: the larger, and perhaps the smaller one.
const UNITS: &[(i64, Unit, Option<Unit>)] = &[
    (2 * MINUTE, (1, 's'), None),
    (10 * MINUTE, (MINUTE, 'm'), Some((1, 's'))),
    (3 * HOUR, (MINUTE, 'm'), None),
    (8 * HOUR, (HOUR, 'h'), Some((MINUTE, 'm'))),
    (2 * DAY, (HOUR, 'h'), None),
    (8 * DAY, (DAY, 'd'), Some((HOUR, 'h'))),
    (2 * YEAR, (DAY, 'd'), None),
    (8 * YEAR, (YEAR, 'y'), Some((DAY, 'd'))),
];

/// The age of a time that an object has.
pub(super) fn since(time: &Value, now: Timestamp) -> String {
    let Some(text) = time.as_str() else { return "<unknown>".to_owned() };
    match text.parse::<Timestamp>() {
        Ok(time) => shown(now.as_second() - time.as_second()),
        Err(_) => "<invalid>".to_owned(),
    }
}

/// A duration in seconds.
pub(super) fn shown(seconds: i64) -> String {
    // Clocks differ a little.
    if seconds < -1 {
        return "<invalid>".to_owned();
    }
    let seconds = seconds.max(0);
    let units = UNITS.iter().find(|(limit, ..)| seconds < *limit);
    let ((large, name), small) = units.map_or(((YEAR, 'y'), None), |(_, large, small)| (*large, *small));
    let mut shown = format!("{}{name}", seconds / large);
    if let Some((small, name)) = small {
        let rest = seconds % large / small;
        if rest > 0 {
            shown.push_str(&format!("{rest}{name}"));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_age_has_the_units_that_kubectl_shows() {
        for (seconds, expected) in [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (600, "10m"),
            (179 * MINUTE, "179m"),
            (180 * MINUTE, "3h"),
            (3 * HOUR + MINUTE, "3h1m"),
            (47 * HOUR, "47h"),
            (48 * HOUR, "2d"),
            (51 * HOUR, "2d3h"),
            (8 * DAY, "8d"),
            (700 * DAY, "700d"),
            (2 * YEAR, "2y"),
            (3 * YEAR + DAY, "3y1d"),
            (9 * YEAR, "9y"),
        ] {
            assert_eq!(shown(seconds), expected, "{seconds}");
        }
        assert_eq!(since(&Value::Null, Timestamp::UNIX_EPOCH), "<unknown>");
        assert_eq!(since(&json!("nonsense"), Timestamp::UNIX_EPOCH), "<invalid>");
        assert_eq!(since(&json!("1970-01-01T00:00:00Z"), Timestamp::from_second(61).expect("a time")), "61s");
    }
}
