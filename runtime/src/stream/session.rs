//! A running session with a process in a container.

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

/// A running session with a process: its streams, and how it ends.
///
/// Take the streams out of it and use them where you like, in other tasks too. Dropping the session ends it, whatever
/// has become of the streams: keep it as long as they are in use.
#[derive(Debug)]
#[must_use = "dropping a session ends it"]
pub struct Session {
    /// The process's stdin, if it was asked for.
    pub stdin: Option<Stdin>,
    /// The process's stdout, unless it was not wanted.
    pub stdout: Option<Stdout>,
    /// The process's stderr; a process with a terminal has none.
    pub stderr: Option<Stderr>,
    /// The terminal's size, if the process has a terminal.
    pub resize: Option<Resize>,
    shared: Arc<Buffers>,
    protocol: &'static str,
}

/// What a session is started with.
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
        // A server that names no protocol speaks the oldest one, whose messages look the same.
        let protocol = protocol.unwrap_or(V4);
        let closes = protocol == V5;
        let shared = Buffers::new(call.operation(), Channels::HEADER, &[setup.buffer, setup.buffer]);
        driver::spawn(socket, Channels::new(closes), shared.clone(), setup.keep_alive);
        let stdin = setup.stdin.then(|| Stdin { shared: shared.clone(), closes });
        let stdout = Stdout { shared: shared.clone() };
        let stderr = Stderr { shared: shared.clone() };
        let resize = setup.tty.then(|| Resize { shared: shared.clone() });
        // A stream that is dropped at once is one that nobody reads.
        let (stdout, stderr) = (setup.stdout.then_some(stdout), setup.stderr.then_some(stderr));
        Ok(Self { stdin, stdout, stderr, resize, shared, protocol })
    }

    /// Waits for the process to end, and says how it did. It may be called again, and gives the same.
    ///
    /// What is still in the session is given up first: stdin is closed, and output thrown away. (A server that speaks
    /// `v4.channel.k8s.io` can't close stdin: a process that reads it to its end goes on.) Streams that were taken out
    /// must be read or dropped: see [what waits for what](crate::stream#what-waits-for-what).
    ///
    /// # Errors
    /// If the command could not be run (the server's own words, as an API error), or if the connection ended before
    /// the exit status came.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        self.stdin = None;
        self.stdout = None;
        self.stderr = None;
        match poll_fn(|cx| self.shared.poll_end(cx)).await {
            End::Done(exit) => Ok(exit.unwrap_or(ExitStatus::SUCCESS)),
            End::Failed(failure) => Err(failure.to_error(&self.shared.operation)),
        }
    }

    /// The protocol that the server chose: `v5.channel.k8s.io`, or `v4.channel.k8s.io`, which can't close stdin.
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
