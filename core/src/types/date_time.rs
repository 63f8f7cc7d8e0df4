//! A point in time of a custom resource, preserved verbatim.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::SystemTime;

use compact_str::{CompactString, ToCompactString};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{MicroTime, Time, TimeError};

/// Text of a point in time: a custom resource's field of `format: date-time`.
///
/// The server stores the text of such a field verbatim, and accepts invalid times (an offset of 99 hours). So does this
/// type, and only [`time`](Self::time) may fail.
///
/// Equality, order and hash are those of the instant; invalid texts sort last, by their characters. The default is the
/// empty text, which no server accepts. Twenty-four bytes; texts of up to 24 bytes need no allocation.
///
/// ```
/// use kubewright_core::{DateTime, Time};
///
/// let expires = DateTime::new("2026-11-22T10:00:00.5+01:00");
/// assert_eq!(expires.time()?, Time::parse("2026-11-22T09:00:00.5Z")?);
/// assert_eq!(expires.as_str(), "2026-11-22T10:00:00.5+01:00");
/// # Ok::<(), kubewright_core::types::TimeError>(())
/// ```
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
#[derive(Clone, Default)]
pub struct DateTime(CompactString);

impl DateTime {
    /// Creates a value from a text without validating it; parsing, or the server, may reject it.
    pub fn new(text: impl Into<CompactString>) -> Self {
        DateTime(text.into())
    }

    /// Returns the current time, in seconds and UTC.
    pub fn now() -> Self {
        Time::now().into()
    }

    /// Returns the text verbatim.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses the time, its fraction truncated to nanoseconds.
    ///
    /// # Errors
    ///
    /// If [`Time::parse`] can't parse the text.
    pub fn time(&self) -> Result<Time, TimeError> {
        Time::parse(&self.0)
    }

    /// Converts to a `jiff` timestamp, for arithmetic and time zones.
    ///
    /// # Errors
    ///
    /// If the text is not a time, or beyond the range of `jiff` (the last day of the year 9999).
    pub fn to_timestamp(&self) -> Result<jiff::Timestamp, TimeError> {
        self.time()?.to_timestamp()
    }
}

impl From<Time> for DateTime {
    fn from(time: Time) -> Self {
        DateTime(time.to_compact_string())
    }
}

impl From<MicroTime> for DateTime {
    fn from(time: MicroTime) -> Self {
        DateTime(time.to_compact_string())
    }
}

/// Truncates to seconds.
impl From<jiff::Timestamp> for DateTime {
    fn from(instant: jiff::Timestamp) -> Self {
        Time::from(instant).into()
    }
}

/// Truncates to seconds.
impl From<SystemTime> for DateTime {
    fn from(instant: SystemTime) -> Self {
        Time::from(instant).into()
    }
}

impl TryFrom<&DateTime> for Time {
    type Error = TimeError;

    fn try_from(text: &DateTime) -> Result<Self, TimeError> {
        text.time()
    }
}

/// Strict, unlike [`DateTime::new`]: an invalid text is an error.
impl FromStr for DateTime {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        Time::parse(text)?;
        Ok(DateTime::new(text))
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for DateTime {}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0 == other.0 {
            return Ordering::Equal;
        }
        match (self.time(), other.time()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => self.0.cmp(&other.0),
        }
    }
}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.time() {
            Ok(time) => time.hash(state),
            Err(_) => self.0.hash(state),
        }
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// `null` is the empty text.
impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = DateTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"2006-01-02T15:04:05Z\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DateTime, E> {
                Ok(DateTime::new(text))
            }

            fn visit_unit<E>(self) -> Result<DateTime, E> {
                Ok(DateTime::default())
            }
        }

        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    #[test]
    fn it_is_as_small_as_its_string() {
        assert_eq!((size_of::<DateTime>(), size_of::<Option<DateTime>>()), (24, 24));
    }

    #[test]
    fn any_text_is_kept_and_only_asking_for_the_time_may_fail() {
        for text in
            ["2024-01-01t00:00:00z", "2024-01-01T00:00:00.1234567890123Z", "2024-01-01T00:00:00+99:99", "", "soon"]
        {
            let read: DateTime = serde_json::from_value(text.into()).expect("a string");
            assert_eq!((read.as_str(), serde_json::to_value(&read).expect("a string")), (text, text.into()));
        }
        assert!(DateTime::new("2024-01-01T00:00:00+99:99").time().is_err());
        assert!(DateTime::new("soon").to_timestamp().is_err() && "soon".parse::<DateTime>().is_err());
        assert_eq!(serde_json::from_str::<DateTime>("null").expect("null"), DateTime::default());
    }

    #[test]
    fn equality_order_and_hash_are_those_of_the_instant() {
        let hasher = RandomState::new();
        let (paris, utc) = (DateTime::new("2026-11-22T11:00:00+01:00"), DateTime::new("2026-11-22T10:00:00.0Z"));
        assert_eq!(paris, utc);
        assert_eq!(hasher.hash_one(&paris), hasher.hash_one(&utc));
        assert!(
            paris < DateTime::new("2026-11-22T10:00:01Z")
                && paris < DateTime::new("")
                && DateTime::new("a") < DateTime::new("b")
        );
    }

    #[test]
    fn it_is_made_from_times() {
        let time = Time::parse("2026-11-22T10:00:00Z").expect("a time");
        assert_eq!(DateTime::from(time).as_str(), "2026-11-22T10:00:00Z");
        assert_eq!(DateTime::from(MicroTime::from(time)).as_str(), "2026-11-22T10:00:00.000000Z");
        assert_eq!(DateTime::from(time.to_timestamp().expect("in range")).time(), Ok(time));
        assert!(DateTime::now().time().is_ok());
    }
}
