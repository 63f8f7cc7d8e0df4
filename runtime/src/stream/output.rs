//! A command from beginning to end: what it said, and how it ended.

use std::future::poll_fn;

use bytes::{Bytes, BytesMut};
use futures_util::future::try_join3;
use tokio::io::AsyncWriteExt as _;

use super::buffers::Buffers;
use super::channel::{STDERR_READER, STDOUT_READER};
use super::exit::ExitStatus;
use super::session::Session;
use crate::error::{Error, Result};

/// What a command said, and how it ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Output {
    /// All of stdout; with a terminal, all that was written.
    pub stdout: Bytes,
    /// All of stderr.
    pub stderr: Bytes,
    /// How the command ended.
    pub status: ExitStatus,
}

impl Output {
    /// Whether the command's exit code is 0.
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// Stdout as text. What is not UTF-8 is shown as �.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Stderr as text. What is not UTF-8 is shown as �.
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Feeds a session, reads it to its end, and waits for it. `limit` is that of each stream.
pub(crate) async fn collect(mut session: Session, input: Option<Bytes>, limit: usize) -> Result<Output> {
    if input.is_some() && !session.can_close_stdin() {
        let message = "the server speaks v4.channel.k8s.io, which can't close stdin, so the command could not tell \
                       where its input ends: use start";
        return Err(Error::stream(message));
    }
    let (stdin, stdout, stderr) = (session.stdin.take(), session.stdout.take(), session.stderr.take());
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A command need not read all of its input: how it ended counts.
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
            let message = format!(
                "{name} is larger than the limit of {limit} bytes: raise it, or use start and read as it comes"
            );
            return Err(Error::response(message, None));
        }
        gathered.extend_from_slice(&chunk);
    }
    Ok(gathered.freeze())
}
