//! What comes of the logs of many containers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kubewright_runtime::log::Line;
use kubewright_runtime::{CompactString, Error, Time};

/// Which log: one run of a container.
///
/// It shows (`Display`) as `NAMESPACE/POD/CONTAINER`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LogSource {
    /// The pod's namespace.
    pub namespace: CompactString,
    /// The pod's name.
    pub pod: CompactString,
    /// The container's name.
    pub container: CompactString,
    /// Which run of the container it is, by its restart count; 0 is the first.
    pub run: i32,
}

/// A line, and whose it is. It shows (`Display`) as its text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine {
    /// Whose log it is in.
    pub source: Arc<LogSource>,
    /// The line, with its time.
    pub line: Line,
}

/// What comes of the logs of many containers. All but lines show (`Display`) as a sentence about them.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogEvent {
    /// A line.
    Line(LogLine),
    /// The log of a container is read from here on.
    Started(Arc<LogSource>),
    /// The log of a container has come to its end.
    Ended(Arc<LogSource>),
    /// As many logs are read as may be at once: this one has to wait until another ends.
    Waiting(Arc<LogSource>),
    /// The container has no log: it was not started yet, or has no previous run. That is told where nothing is followed; else
    /// the log joins when there is one. Or the log of this run is gone, with its pod, say, before its turn came.
    NoLog(Arc<LogSource>),
    /// Lines of this container may be missing here: the line that was given last is not in the log any more, since it was
    /// rotated or deleted while there was no connection.
    Gap {
        /// Whose.
        source: Arc<LogSource>,
        /// When the line was written that was given last, if any was.
        after: Option<Time>,
    },
    /// The container was started anew so often, before it was looked at again, that the logs of runs between are gone.
    RunsMissed {
        /// The run that is there.
        source: Arc<LogSource>,
        /// How many runs before it are missing.
        runs: i32,
    },
    /// The connection for this log broke, or could not be made. It is asked for again.
    Retrying {
        /// Whose.
        source: Arc<LogSource>,
        /// Why.
        error: Error,
        /// After what pause.
        delay: Duration,
    },
    /// The log of this container can't be read, or not any further. The others go on.
    Failed {
        /// Whose; the container's name is empty if the pod itself could not be read.
        source: Arc<LogSource>,
        /// Why.
        error: Error,
    },
    /// The pods are not watched for a moment, so that those that are new join later. The logs go on.
    Unwatched {
        /// Why.
        error: Error,
        /// After what pause they are listed and watched again.
        delay: Duration,
    },
}

impl LogEvent {
    /// The line, if it is one.
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
            Self::Started(source) if source.run > 0 => write!(f, "{source}: the log of run {} begins", source.run),
            Self::Started(source) => write!(f, "{source}: the log begins"),
            Self::Ended(source) => write!(f, "{source}: the log has ended"),
            Self::Waiting(source) => write!(f, "{source}: too many logs at once, this one waits"),
            Self::NoLog(source) if source.run > 0 => write!(f, "{source}: there is no log of run {}", source.run),
            Self::NoLog(source) => write!(f, "{source}: there is no log"),
            Self::Gap { source, after: Some(after) } => write!(f, "{source}: lines after {after} may be missing"),
            Self::Gap { source, after: None } => write!(f, "{source}: lines may be missing"),
            Self::RunsMissed { source, runs } => {
                write!(f, "{source}: the logs of {runs} runs before run {} are missing", source.run)
            }
            Self::Retrying { source, error, delay } => write!(f, "{source}: again in {delay:.1?}: {error}"),
            Self::Failed { source, error } => write!(f, "{source}: {error}"),
            Self::Unwatched { error, delay } => write!(f, "watching the pods again in {delay:.1?}: {error}"),
        }
    }
}
