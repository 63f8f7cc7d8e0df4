//! Events of a merged log stream.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kubewright_runtime::log::Line;
use kubewright_runtime::{CompactString, Error, Time};

/// Identifies a log: one run of a container.
///
/// Its `Display` is `NAMESPACE/POD/CONTAINER`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LogSource {
    /// The pod's namespace.
    pub namespace: CompactString,
    /// The pod's name.
    pub pod: CompactString,
    /// The container's name.
    pub container: CompactString,
    /// The run of the container, by restart count; 0 is the first.
    pub run: i32,
}

/// A line and its source. Its `Display` is the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine {
    /// The log that it belongs to.
    pub source: Arc<LogSource>,
    /// The line, with its timestamp.
    pub line: Line,
}

/// An event of a merged log stream. The `Display` of all but lines is a sentence about them.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogEvent {
    /// A line.
    Line(LogLine),
    /// Reading the log of a container starts here.
    Started(Arc<LogSource>),
    /// The log of a container has ended.
    Ended(Arc<LogSource>),
    /// The maximum number of logs is being read: this one waits until another ends.
    Waiting(Arc<LogSource>),
    /// No log is available: the container was not started yet or has no previous run. Reported only without `follow`;
    /// otherwise the log is added once it exists. Also reported if the log of this run was deleted, such as with its
    /// pod, before it could be read.
    NoLog(Arc<LogSource>),
    /// Lines of this container may be missing here: after a reconnect, the last line returned was no longer in the log,
    /// since the log was rotated or deleted.
    Gap {
        /// The log.
        source: Arc<LogSource>,
        /// Timestamp of the last line returned, if any.
        after: Option<Time>,
    },
    /// The container was restarted more than once between two observations, so that the logs of runs in between are
    /// lost.
    RunsMissed {
        /// The run that is available.
        source: Arc<LogSource>,
        /// Number of runs before it that are missing.
        runs: i32,
    },
    /// The connection for this log broke or could not be opened. It is retried.
    Retrying {
        /// The log.
        source: Arc<LogSource>,
        /// The error.
        error: Error,
        /// Delay before the retry.
        delay: Duration,
    },
    /// The log of this container can't be read, or no further. The others continue.
    Failed {
        /// The log; the container's name is empty if the pod itself could not be read.
        source: Arc<LogSource>,
        /// The error.
        error: Error,
    },
    /// Watching the pods was interrupted, so new pods are added later. Logs that are being read continue.
    Unwatched {
        /// The error.
        error: Error,
        /// Delay before the pods are listed and watched again.
        delay: Duration,
    },
}

impl LogEvent {
    /// Returns the line, if this is one.
    pub fn line(&self) -> Option<&LogLine> {
        match self {
            Self::Line(line) => Some(line),
            _ => None,
        }
    }
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.pod)?;
        if self.container.is_empty() { Ok(()) } else { write!(f, "/{}", self.container) }
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line.fmt(f)
    }
}

impl fmt::Display for LogEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => line.fmt(f),
            Self::Started(source) if source.run > 0 => write!(f, "{source}: log of run {} started", source.run),
            Self::Started(source) => write!(f, "{source}: log started"),
            Self::Ended(source) => write!(f, "{source}: log ended"),
            Self::Waiting(source) => write!(f, "{source}: waiting, the maximum number of logs is being read"),
            Self::NoLog(source) if source.run > 0 => write!(f, "{source}: no log of run {} available", source.run),
            Self::NoLog(source) => write!(f, "{source}: no log available"),
            Self::Gap { source, after: Some(after) } => write!(f, "{source}: lines after {after} may be missing"),
            Self::Gap { source, after: None } => write!(f, "{source}: lines may be missing"),
            Self::RunsMissed { source, runs } => {
                write!(f, "{source}: logs of {runs} runs before run {} are missing", source.run)
            }
            Self::Retrying { source, error, delay } => write!(f, "{source}: retrying in {delay:.1?}: {error}"),
            Self::Failed { source, error } => write!(f, "{source}: {error}"),
            Self::Unwatched { error, delay } => write!(f, "retrying to watch the pods in {delay:.1?}: {error}"),
        }
    }
}
