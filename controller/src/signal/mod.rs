//! The signals that ask a program to end.
//!
//! The kubelet sends `SIGTERM` to a container's first process, and kills it after the pod's
//! `terminationGracePeriodSeconds` (30 by default).
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>

#[cfg(all(test, unix))]
mod tests;

use std::fmt;
use std::io;

/// A signal that asked the program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// `SIGINT`, or Ctrl-C.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
}

impl Signal {
    /// The exit code of a program that the signal ended, by the convention of shells: 130 or 143.
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Interrupt => 128 + 2,
            Self::Terminate => 128 + 15,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// Returns a future that is ready with the first `SIGTERM` or `SIGINT`. **A second one ends the process at once**, with
/// its [exit code](Signal::exit_code): for a person who does not want to wait for the shutdown.
///
/// Signals are handled from this call on, not from the first poll. It is called once, at the start of a program; share
/// its outcome, such as by a `CancellationToken` of `tokio-util`, if several parts of it wait for the shutdown.
///
/// # Errors
/// The operating system does not allow to handle the signals.
///
/// # Panics
/// Outside of a Tokio runtime.
pub fn shutdown() -> io::Result<impl Future<Output = Signal> + Send + 'static> {
    let mut signals = Signals::new()?;
    Ok(async move {
        let first = signals.next().await;
        tracing::info!(signal = %first, "shutting down; a second signal ends the process at once");
        tokio::spawn(async move {
            let second = signals.next().await;
            tracing::warn!(signal = %second, "the process ends without waiting for the shutdown");
            std::process::exit(second.exit_code());
        });
        first
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::Interrupt
    }
}
