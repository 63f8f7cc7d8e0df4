//! Output and exit status of a command.

use std::future::poll_fn;

use bytes::{Bytes, BytesMut};
use futures_util::future::try_join3;
use tokio::io::AsyncWriteExt as _;

use super::buffers::Buffers;
use super::channel::{STDERR_READER, STDOUT_READER};
use super::exit::ExitStatus;
use super::session::Session;
use crate::error::{Error, Result};

/// Output and exit status of a command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Output {
    /// All of stdout; with a terminal, the merged output.
    pub stdout: Bytes,
    /// All of stderr.
    pub stderr: Bytes,
    /// The exit status.
    pub status: ExitStatus,
}

impl Output {
    /// Whether the command's exit code is 0.
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// Returns stdout as text, in which � replaces invalid UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Returns stderr as text, in which � replaces invalid UTF-8.
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Writes the input of a session, reads its output, and waits for it. `limit` applies to each stream.
pub(crate) async fn collect(mut session: Session, input: Option<Bytes>, limit: usize) -> Result<Output> {
    if input.is_some() && !session.can_close_stdin() {
        let message = "the server supports only v4.channel.k8s.io, which can't close stdin, so the command could not detect \
                       where its input ends: use start";
        return Err(Error::stream(message));
    }
    let (stdin, stdout, stderr) = (session.stdin.take(), session.stdout.take(), session.stderr.take());
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A command need not read all of its input: only its exit status counts.
            let _ = stdin.write_all(&input).await;
        }
        Ok(())
    };
    let out = async {
        match &stdout {
            Some(stdout) => gather(&stdout.shared, STDOUT_READER, "stdout", limit).await,
            None => Ok(Bytes::new()),
        }
    };
    let err = async {
        match &stderr {
            Some(stderr) => gather(&stderr.shared, STDERR_READER, "stderr", limit).await,
            None => Ok(Bytes::new()),
        }
    };
    let ((), stdout, stderr) = try_join3(write, out, err).await?;
    let status = session.wait().await?;
    Ok(Output { stdout, stderr, status })
}

async fn gather(shared: &Buffers, reader: usize, name: &str, limit: usize) -> Result<Bytes> {
    let mut gathered = BytesMut::new();
    while let Some(chunk) = poll_fn(|cx| shared.poll_chunk(reader, cx)).await {
        let chunk = chunk.map_err(|failure| failure.to_error(&shared.operation))?;
        if gathered.len() + chunk.len() > limit {
            let message =
                format!("{name} exceeds the limit of {limit} bytes: raise the limit, or use start and read the stream");
            return Err(Error::response(message, None));
        }
        gathered.extend_from_slice(&chunk);
    }
    Ok(gathered.freeze())
}
