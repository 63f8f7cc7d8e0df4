//! Exit status of a command.

use std::fmt;

/// Exit codes above this are signals, by the convention of shells and container runtimes …
const SIGNALS: i32 = 128;
/// … and this is the highest signal of Linux.
const LAST_SIGNAL: i32 = 64;

/// Exit status of a command: its exit code, and the signal that killed it, if any.
///
/// A command that could not be run at all has no exit status: that is an [`Error`](crate::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitStatus {
    code: i32,
}

impl ExitStatus {
    pub(crate) const SUCCESS: Self = Self { code: 0 };

    pub(crate) fn new(code: i32) -> Self {
        Self { code }
    }

    /// Whether the exit code is 0.
    pub fn success(self) -> bool {
        self.code == 0
    }

    /// Returns the exit code, as reported by the container runtime: 137 for a process killed by signal 9.
    pub fn code(self) -> i32 {
        self.code
    }

    /// Returns the signal that killed the command, such as 9 or 15. Container runtimes report it as the exit code 128 +
    /// signal, so that a command that itself exits with such a code can't be distinguished from one that was killed.
    ///
    /// <https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/>
    pub fn signal(self) -> Option<i32> {
        let signal = self.code - SIGNALS;
        (1..=LAST_SIGNAL).contains(&signal).then_some(signal)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.signal() {
            Some(signal) => write!(f, "killed by signal {signal} (exit code {})", self.code),
            None => write!(f, "exit code {}", self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ExitStatus;

    #[test]
    fn a_signal_is_told_from_an_exit_code() {
        let shown = |code| (ExitStatus::new(code).signal(), ExitStatus::new(code).to_string());
        assert_eq!(shown(3), (None, "exit code 3".to_owned()));
        assert_eq!(shown(137), (Some(9), "killed by signal 9 (exit code 137)".to_owned()));
        assert_eq!(shown(128), (None, "exit code 128".to_owned()));
        assert_eq!(shown(255), (None, "exit code 255".to_owned()));
    }
}
