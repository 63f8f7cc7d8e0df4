//! Streams through the API server: commands in containers, attaching to them, port-forwards, and other subresources to
//! connect to.
//!
//! [`ExecRequest`] runs a command: [`output`](ExecRequest::output) collects its output, [`start`](ExecRequest::start)
//! returns a [`Session`] with a stream for each of stdin, stdout and stderr. [`AttachRequest`] starts a session with
//! the main process of a container. [`PortForwardRequest`] opens one [`PortStream`], or listens and
//! [forwards](PortForward) every connection. With the feature `copy`, `CopyFrom` and `CopyTo` copy files and
//! directories, with `tar` in the container. [`ConnectRequest`] is for subresources with other protocols.
//!
//! ```text
//!  your program                                one WebSocket                          the container
//!  ┌──────────────────────────────┐                                            ┌────────────────────────┐
//!  │ Stdin   ─write→  [buffer] ─┐ │                                            │ ┌─→ stdin              │
//!  │ Resize  ─set──→  [latest] ─┼─┼─→ [channel byte][data] ──→ API server ──→ ─┼─┴─→ the terminal's size│
//!  │                            │ │                                            │                        │
//!  │ Stdout  ←read──  [buffer] ←┼─┼─ [channel byte][data] ←── API server ←─── ─┼─┬── stdout             │
//!  │ Stderr  ←read──  [buffer] ←┤ │                                            │ ├── stderr             │
//!  │ wait()  ←──────  [status] ←┘ │                                            │ └── exit status        │
//!  └──────────────────────────────┘                                            └────────────────────────┘
//! ```
//!
//! # Back-pressure
//! A task moves data between the buffers and the connection, so that the streams of a session can be used from
//! different tasks without blocking each other. Writing waits while the buffer towards the server is full, because the
//! process does not read its stdin. Reading waits for data.
//!
//! The protocol has one limit: everything from the server is received over one connection, in order. While stdout is
//! not read, its buffer fills (1 MiB, unless [set](ExecRequest::buffer)); once it is full, everything after it,
//! including stderr and the exit status, stays in the connection, and eventually the process itself waits. Writing to
//! stdin and pings continue. If you need only one of the streams, drop the other, which discards its data.
//!
//! # How a session ends
//! [`Session::wait`] returns the exit status. A connection that ends before the exit status is an error, on every
//! stream and in `wait`: it never looks like success. Dropping the session ends it, with its connection and task.
//!
//! Every connection is pinged, and closed when the server does not respond; see [`KeepAlive`]. An open stream may be idle
//! for as long as it wants, unless [`read_timeout`](ExecRequest::read_timeout) limits it.
//!
//! # Protocols
//! Sessions use `v5.channel.k8s.io` over WebSocket, which servers support since Kubernetes 1.30, and fall back to
//! `v4.channel.k8s.io`, which can't close stdin ([KEP-4006](https://kep.k8s.io/4006)). Port-forwards tunnel SPDY
//! through WebSocket (Kubernetes 1.31, also KEP-4006), and fall back to `v4.channel.k8s.io` of older kubelets, which
//! can't close one direction alone. The requests go through the client's layers, so authentication, impersonation, TLS
//! and proxies are those of every other call.

#[macro_use]
mod timeouts;

mod buffers;
mod channel;
mod codec;
mod connect;
#[cfg(feature = "copy")]
mod copy;
mod copy_methods;
mod driver;
mod exec;
mod exit;
mod failure;
mod forward;
mod forward_event;
mod halves;
mod handle;
mod handshake;
mod idle;
mod keep_alive;
mod listen;
mod output;
mod pipe;
mod port_channel;
mod port_stream;
mod proxy;
mod resize;
mod session;
mod spdy;
#[cfg(test)]
mod tests;
mod tunnel;

pub use connect::{ConnectRequest, Upgraded};
#[cfg(feature = "copy")]
pub use copy::{Copied, CopyFrom, CopyTo, Existing, Links, Progress, Skipped};
pub use exec::{AttachRequest, ExecRequest};
pub use exit::ExitStatus;
pub use forward::PortForwardRequest;
pub use forward_event::ForwardEvent;
pub use halves::{Stderr, Stdin, Stdout};
pub use keep_alive::KeepAlive;
pub use listen::PortForward;
pub use output::Output;
pub use port_stream::PortStream;
pub use proxy::Proxy;
pub use resize::Resize;
pub use session::Session;
