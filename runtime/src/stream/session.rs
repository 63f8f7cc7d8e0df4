//! Running session with a process in a container.

use std::future::poll_fn;
use std::sync::Arc;

use super::buffers::{Buffers, End};
use super::channel::{Channels, V4, V5};
use super::codec::Codec as _;
use super::driver;
use super::exit::ExitStatus;
use super::halves::{Stderr, Stdin, Stdout};
use super::handshake;
use super::keep_alive::KeepAlive;
use super::resize::Resize;
use crate::client::Client;
use crate::error::Result;
use crate::wire::Call;

/// A running session with a process: its streams and its outcome.
///
/// Take the streams out of it and use them anywhere, in other tasks too. Dropping the session ends it, even if its
/// streams are in use elsewhere: keep it until they are no longer needed.
#[derive(Debug)]
#[must_use = "dropping a session ends it"]
pub struct Session {
    /// The process's stdin, if attached.
    pub stdin: Option<Stdin>,
    /// The process's stdout, unless not attached.
    pub stdout: Option<Stdout>,
    /// The process's stderr, unless not attached; a terminal has none.
    pub stderr: Option<Stderr>,
    /// Resizes the terminal, if there is one.
    pub resize: Option<Resize>,
    shared: Arc<Buffers>,
    protocol: &'static str,
}

/// Parameters of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
    pub(crate) tty: bool,
    pub(crate) buffer: usize,
    pub(crate) keep_alive: KeepAlive,
}

impl Session {
    pub(crate) async fn start(client: &Client, call: &Call, setup: Setup) -> Result<Self> {
        let (socket, protocol) = handshake::websocket(client, call, &[V5, V4]).await?;
        // A server that names no protocol uses the oldest one, whose messages look the same.
        let protocol = protocol.unwrap_or(V4);
        let closes = protocol == V5;
        let shared = Buffers::new(call.operation(), Channels::HEADER, &[setup.buffer, setup.buffer]);
        driver::spawn(socket, Channels::new(closes), shared.clone(), setup.keep_alive, call.read_timeout());
        let stdin = setup.stdin.then(|| Stdin { shared: shared.clone(), closes });
        let stdout = Stdout { shared: shared.clone() };
        let stderr = Stderr { shared: shared.clone() };
        let resize = setup.tty.then(|| Resize { shared: shared.clone() });
        // Dropping a stream discards its data.
        let (stdout, stderr) = (setup.stdout.then_some(stdout), setup.stderr.then_some(stderr));
        Ok(Self { stdin, stdout, stderr, resize, shared, protocol })
    }

    /// Waits for the process to exit, and returns its exit status. It may be called again, with the same result.
    ///
    /// Streams that are still in the session are dropped first: stdin is closed, and output discarded. (A server that
    /// supports only `v4.channel.k8s.io` can't close stdin: a process that reads it to its end keeps running.) Streams
    /// that were taken out must be read or dropped: see [back-pressure](crate::stream#back-pressure).
    ///
    /// # Errors
    /// If the command could not be run (as an API error with the server's message), or if the connection ended before
    /// the exit status was received.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        self.stdin = None;
        self.stdout = None;
        self.stderr = None;
        match poll_fn(|cx| self.shared.poll_end(cx)).await {
            End::Done(exit) => Ok(exit.unwrap_or(ExitStatus::SUCCESS)),
            End::Failed(failure) => Err(failure.to_error(&self.shared.operation)),
        }
    }

    /// Returns the protocol that the server chose: `v5.channel.k8s.io`, or `v4.channel.k8s.io`, which can't close
    /// stdin.
    pub fn protocol(&self) -> &'static str {
        self.protocol
    }

    pub(crate) fn can_close_stdin(&self) -> bool {
        self.protocol == V5
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}
