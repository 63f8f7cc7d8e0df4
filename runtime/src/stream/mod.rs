//! Streams through the API server: commands in containers, attaching to them, port-forwards, and whatever else a
//! subresource connects to.
//!
//! [`ExecRequest`] runs a command: [`output`](ExecRequest::output) collects what it says, [`start`](ExecRequest::start)
//! gives a [`Session`] with a stream for each of stdin, stdout and stderr. [`AttachRequest`] gives a session with the
//! process that a container already runs. [`PortForwardRequest`] opens one [`PortStream`], or listens and
//! [forwards](PortForward) every connection. With the feature `copy`, `CopyFrom` and `CopyTo` copy files and folders, by
//! a `tar` in the container. [`ConnectRequest`] is for subresources that this crate knows nothing about.
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
//! # What waits for what
//! A task of its own moves data between the buffers and the connection, so the streams of a session can be used from
//! different tasks, and none waits for another. Writing waits while the buffer towards the server is full, which is when
//! the process does not read its stdin. Reading waits for data.
//!
//! One limit lies in the protocol: all that comes from the server comes over one connection, in order. While nobody
//! reads stdout, its buffer fills (1 MiB, unless [set](ExecRequest::buffer)); once it is full, what comes after it,
//! stderr and the exit status too, stays in the connection, and in the end the process itself waits. Writing to stdin
//! goes on, and so do the pings. Who needs only one of the streams drops the other, which throws away what comes for it.
//!
//! # How a session ends
//! [`Session::wait`] gives the exit status. A connection that ends before the exit status is an error, on every stream
//! and in `wait`: it never looks like success. Dropping the session ends it, and with it the connection and the task.
//!
//! Every connection is pinged, and given up when the server does not answer; see [`KeepAlive`].
//!
//! # Protocols
//! Sessions speak `v5.channel.k8s.io` over WebSocket, which servers have since Kubernetes 1.30, and fall back to
//! `v4.channel.k8s.io`; that one can't close stdin ([KEP-4006](https://kep.k8s.io/4006)). Port-forwards tunnel SPDY
//! through WebSocket (Kubernetes 1.31, KEP-4006 too), and fall back to `v4.channel.k8s.io` of older kubelets, which
//! can't close one direction alone. The requests go through the client's own layers, so authentication, impersonation,
//! TLS and proxies are those of every other call.

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
