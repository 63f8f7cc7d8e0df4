//! The logs of containers, and how a test writes them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::server::Server;

/// The log of a container, which the test writes: see [`FakeCluster::log`](crate::FakeCluster::log). Clones write the same one.
///
/// It outlives the pod: one of the same name that is created later has it, too.
#[derive(Clone)]
pub struct FakeLog {
    server: Arc<Server>,
    id: LogId,
}

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LogId {
    pub namespace: String,
    pub pod: String,
    pub container: String,
}

/// All logs.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    runs: Mutex<HashMap<LogId, Runs>>,
}

/// The last two runs of a container.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    pub current: Arc<watch::Sender<Run>>,
    pub previous: Option<Arc<watch::Sender<Run>>>,
}

/// What a container has written in one run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub lines: Vec<Line>,
    pub has_ended: bool,
}

/// A line, without its end.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub time: Timestamp,
    pub text: Bytes,
}

impl Logs {
    /// The log of a container, if it has one.
    pub fn get(&self, id: &LogId) -> Option<Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Changes the log of a container, which is made if there is none.
    fn change(&self, id: &LogId, change: impl FnOnce(&mut Runs)) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        change(runs.entry(id.clone()).or_insert_with(|| Runs { current: Arc::default(), previous: None }));
    }
}

impl FakeLog {
    pub(super) fn new(server: Arc<Server>, id: LogId) -> Self {
        Self { server, id }
    }

    /// Appends lines, with the time of the cluster's clock. Each ends with a line feed, or with the text; requests that follow the
    /// log get them at once. An empty text makes an empty log.
    pub fn append(&self, text: impl AsRef<[u8]>) {
        self.append_at(self.server.clock.now(), text);
    }

    /// Appends lines with a time of their own. It is not checked that it follows those before.
    pub fn append_at(&self, time: Timestamp, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        let whole = text.strip_suffix(b"\n").unwrap_or(text);
        let lines = whole.split(|byte| *byte == b'\n').map(|line| Line { time, text: Bytes::copy_from_slice(line) });
        self.server.logs.change(&self.id, |runs| {
            runs.current.send_modify(|run| run.lines.extend(lines.filter(|_| !text.is_empty())));
        });
    }

    /// The container terminates: requests that follow the log end.
    pub fn end(&self) {
        self.server.logs.change(&self.id, |runs| runs.current.send_modify(|run| run.has_ended = true));
    }

    /// The container restarts: requests that follow the log end, the lines so far are those that `previous` asks for, and the new log
    /// is empty. The pod's status is left to the test.
    pub fn restart(&self) {
        self.server.logs.change(&self.id, |runs| {
            runs.current.send_modify(|run| run.has_ended = true);
            runs.previous = Some(std::mem::take(&mut runs.current));
        });
    }
}

impl fmt::Debug for FakeLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FakeLog").field(&self.id).finish()
    }
}
