//! The server of health endpoints.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, ToSocketAddrs};

use super::Health;
use crate::serve::{Acceptor, serve};

/// How long requests may run after the shutdown began.
const GRACE: Duration = Duration::from_secs(1);

/// A server of health endpoints that listens: plain HTTP, as the kubelet's probes call it.
#[derive(Debug)]
#[must_use = "a server accepts connections once it is run"]
pub struct HealthServer {
    listener: TcpListener,
    address: SocketAddr,
    health: Health,
}

impl HealthServer {
    /// Listens on an address, such as `0.0.0.0:8081`. Connections are accepted once the server is
    /// [run](Self::run_until).
    ///
    /// # Errors
    /// The address can't be listened on.
    pub async fn bind(health: Health, address: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "health endpoints are served");
        Ok(Self { listener, address, health })
    }

    /// Returns the address that it listens on, with the port that the system chose for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready. It should be the last server of a program to end, so that probes do not fail
    /// while others finish their work.
    pub async fn run_until(self, shutdown: impl Future) {
        serve(self.listener, Acceptor::Plain, self.health, shutdown, GRACE).await;
    }
}
