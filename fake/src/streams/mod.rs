//! What is in containers, scripted by the test: logs, commands, and what listens on ports.

mod handlers;
mod log;
mod ports;
mod reader;
mod session;
mod socket;
mod spdy;
mod tunnel;

pub use log::FakeLog;
pub use ports::PortForwardCall;
pub use session::{SessionCall, SessionInput, SessionOutput, TerminalSize, TerminalSizes};

pub(crate) use handlers::Handlers;
pub(crate) use log::{LogId, Logs};
pub(crate) use reader::{LogOptions, PodWatch, read};
pub(crate) use session::{Session, Streams};
pub(crate) use socket::{Switch, serve};
pub(crate) use tunnel::Tunnel;

#[cfg(feature = "listen")]
pub(crate) use socket::Lifetime;

/// What a stream between a handler and its client holds that is not read, in bytes: who writes waits then.
const BUFFER: usize = 64 << 10;

/// The most data of a message or a frame, in bytes.
const CHUNK: usize = 32 << 10;
