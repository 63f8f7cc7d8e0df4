//! The minors of Kubernetes that serve a resource or call.

use std::fmt;

/// The range of Kubernetes minors that serve a resource or call.
///
/// A client that is generated from several minors has it for every resource and call. A server outside of it returns
/// 404, as for an object that was not found; the client then checks the server's version, and distinguishes the two
/// (`Error::is_not_served`).
///
/// Kubernetes counts its minors within major version 1: 36 stands for 1.36.
///
/// <https://kubernetes.io/releases/version-skew-policy/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Served {
    /// The first minor that serves it; 0 if it is older than the client's data.
    pub since: u32,
    /// The first minor that no longer serves it; 0 if there is none yet.
    pub until: u32,
}

impl Served {
    /// Every minor, as far as known.
    pub const ALWAYS: Self = Self { since: 0, until: 0 };

    /// From this minor on.
    pub const fn since(minor: u32) -> Self {
        Self { since: minor, ..Self::ALWAYS }
    }

    /// Same, up to but excluding this minor.
    pub const fn until(self, minor: u32) -> Self {
        Self { until: minor, ..self }
    }

    /// The intersection of both.
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

    /// Whether this minor serves it, as far as known.
    pub const fn by(self, minor: u32) -> bool {
        minor >= self.since && (self.until == 0 || minor < self.until)
    }
}

/// Formats as `requires Kubernetes 1.36 or newer` or `was removed in Kubernetes 1.37`.
impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, self.until) {
            (0, 0) => f.write_str("requires no particular Kubernetes version"),
            (since, 0) => write!(f, "requires Kubernetes 1.{since} or newer"),
            (0, until) => write!(f, "was removed in Kubernetes 1.{until}"),
            (since, until) => {
                write!(f, "requires Kubernetes 1.{since} or newer, and was removed in 1.{until}")
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
