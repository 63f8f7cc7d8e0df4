//! Reading a log, as the kubelet does.

use std::error::Error;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use jiff::Timestamp;
use tokio::sync::watch;

use super::log::{Line, Run};
use crate::api::Body;
use crate::server::Server;

/// Which part of a log is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogOptions {
    pub follow: bool,
    pub timestamps: bool,
    /// Lines of before that are left out.
    pub since: Option<Timestamp>,
    /// The lines from the end that there are at the start.
    pub tail: Option<usize>,
    /// The bytes after which it ends.
    pub limit: Option<usize>,
}

/// A reader of one run.
struct Reader {
    run: watch::Receiver<Run>,
    /// The number of the next line.
    next: usize,
    options: LogOptions,
    /// The bytes that may follow.
    left: Option<usize>,
    pod: PodWatch,
}

/// The pod whose log is followed.
pub(crate) struct PodWatch {
    pub server: Arc<Server>,
    pub changes: watch::Receiver<u64>,
    /// Whether it still exists.
    pub exists: Box<dyn Fn(&Server) -> bool + Send>,
}

/// The body of an answer: a frame for each line.
pub(crate) fn read(run: &watch::Sender<Run>, options: LogOptions, pod: PodWatch) -> Body {
    let run = run.subscribe();
    let count = run.borrow().lines.len();
    let next = options.tail.map_or(0, |tail| count.saturating_sub(tail));
    let reader = Reader { run, next, left: options.limit, options, pod };
    let frames = stream::unfold(reader, |mut reader| async move {
        let line = reader.next().await?;
        Some((Ok::<_, Box<dyn Error + Send + Sync>>(Frame::data(line)), reader))
    });
    StreamBody::new(frames).boxed_unsync()
}

impl Reader {
    /// The next line. `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.left == Some(0) {
                return None;
            }
            let (line, has_ended) = {
                let run = self.run.borrow_and_update();
                (run.lines.get(self.next).cloned(), run.has_ended)
            };
            match line {
                Some(line) => {
                    self.next += 1;
                    if self.options.since.is_none_or(|since| line.time >= since) {
                        return Some(self.text(&line));
                    }
                }
                None if !self.options.follow || has_ended || !(self.pod.exists)(&self.pod.server) => return None,
                None => tokio::select! {
                    changed = self.run.changed() => changed.ok()?,
                    changed = self.pod.changes.changed() => changed.ok()?,
                },
            }
        }
    }

    /// A line as it is sent, as much of it as may follow.
    fn text(&mut self, line: &Line) -> Bytes {
        let mut text = BytesMut::new();
        if self.options.timestamps {
            // Nine digits, even if they are zeros.
            text.put_slice(format!("{:.9} ", line.time).as_bytes());
        }
        text.put_slice(&line.text);
        text.put_u8(b'\n');
        if let Some(left) = &mut self.left {
            text.truncate(*left);
            *left -= text.len();
        }
        text.freeze()
    }
}
