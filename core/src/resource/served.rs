//! Which minors of Kubernetes serve something.

use std::fmt;

/// From which minor of Kubernetes on something is served, and up to which.
///
/// A client that is generated from several minors knows it of every resource and call. A server outside of it answers
/// 404, as for an object that is not there; the client looks at the server's version then, and tells the two apart
/// (`Error::is_not_served`).
///
/// Kubernetes counts its minors within major version 1: 36 stands for 1.36.
///
/// <https://kubernetes.io/releases/version-skew-policy/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Served {
    /// The first minor that serves it; 0 if it is as old as anything that the client knows.
    pub since: u32,
    /// The first minor that does not serve it any more; 0 if there is none yet.
    pub until: u32,
}

impl Served {
    /// By every minor, for all that is known.
    pub const ALWAYS: Self = Self { since: 0, until: 0 };

    /// From this minor on.
    pub const fn since(minor: u32) -> Self {
        Self { since: minor, ..Self::ALWAYS }
    }

    /// The same, but this minor does not serve it any more.
    pub const fn until(self, minor: u32) -> Self {
        Self { until: minor, ..self }
    }

    /// Where both are served.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            since: if self.since > other.since { self.since } else { other.since },
            until: match (self.until, other.until) {
                (0, until) | (until, 0) => until,
                (one, other) if one < other => one,
                (_, other) => other,
            },
        }
    }

    /// Whether this minor serves it, for all that is known.
    pub const fn by(self, minor: u32) -> bool {
        minor >= self.since && (self.until == 0 || minor < self.until)
    }
}

/// As `needs Kubernetes 1.36` or `needs a Kubernetes before 1.37`.
impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, self.until) {
            (0, 0) => f.write_str("needs no particular Kubernetes"),
            (since, 0) => write!(f, "needs Kubernetes 1.{since}"),
            (0, until) => write!(f, "needs a Kubernetes before 1.{until}, which removed it"),
            (since, until) => {
                write!(f, "needs Kubernetes 1.{since}, or a later one before 1.{until}, which removed it")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_is_from_the_later_start_to_the_earlier_end() {
        assert_eq!(Served::ALWAYS.and(Served::since(35)), Served::since(35));
        assert_eq!(Served::since(36).and(Served::since(35).until(37)), Served::since(36).until(37));
        assert_eq!(Served::ALWAYS.until(36).and(Served::ALWAYS.until(37)), Served::ALWAYS.until(36));
        assert_eq!(Served::ALWAYS.until(37).and(Served::ALWAYS.until(36)), Served::ALWAYS.until(36));
    }

    #[test]
    fn it_is_served_by_the_first_minor_and_not_by_the_one_that_removed_it() {
        let served = Served::since(35).until(37);
        assert_eq!([34, 35, 36, 37].map(|minor| served.by(minor)), [false, true, true, false]);
        assert_eq!([1, 99].map(|minor| Served::ALWAYS.by(minor)), [true, true]);
    }
}
