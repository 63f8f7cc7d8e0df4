//! The server of webhooks.

mod certificates;
mod error;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kubewright::config::Pem;
use rustls::ServerConfig;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio_rustls::TlsAcceptor;

pub use certificates::Certificates;
pub use error::ServerError;

use super::Webhooks;
use crate::serve::{Acceptor, serve};

/// A server of webhooks that listens: HTTPS, over HTTP/2 or HTTP/1.1.
///
/// The API server connects to it by the service or URL in the webhook's configuration, and checks its certificate for
/// `SERVICE.NAMESPACE.svc`.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook>
#[derive(Debug)]
#[must_use = "a server accepts connections once it is run"]
pub struct WebhookServer {
    listener: TcpListener,
    address: SocketAddr,
    tls: Arc<ServerConfig>,
    webhooks: Webhooks,
    grace: Duration,
}

impl WebhookServer {
    /// Starts to configure a server of these webhooks that presents these certificates.
    pub fn builder(webhooks: Webhooks, certificates: Certificates) -> WebhookServerBuilder {
        WebhookServerBuilder { webhooks, certificates, client_ca: None, grace: Duration::from_secs(30) }
    }

    /// Returns the address that it listens on, with the port that the system chose for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready, such as [`signal::shutdown`](crate::signal::shutdown()). Then it accepts no
    /// connection any more and lets requests that run end, within the configured time.
    ///
    /// A webhook's pod should keep serving for a few seconds after it was asked to end, until its service no longer
    /// routes to it: await a sleep in `shutdown`, or use a `preStop` hook.
    pub async fn run_until(self, shutdown: impl Future) {
        let acceptor = Acceptor::Tls(TlsAcceptor::from(self.tls));
        serve(self.listener, acceptor, self.webhooks, shutdown, self.grace).await;
    }
}

/// Configuration of a [`WebhookServer`].
#[derive(Debug)]
#[must_use]
pub struct WebhookServerBuilder {
    webhooks: Webhooks,
    certificates: Certificates,
    client_ca: Option<Pem>,
    grace: Duration,
}

impl WebhookServerBuilder {
    /// Requires clients to present a certificate that these authorities issued. By default any client may connect, as the
    /// API server has no certificate for webhooks unless it is configured to.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers>
    pub fn client_ca(mut self, authorities: Pem) -> Self {
        self.client_ca = Some(authorities);
        self
    }

    /// Sets how long requests may run after the shutdown began. Default: 30 seconds, the longest time-out of a webhook.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }

    /// Listens on an address, such as `0.0.0.0:9443`. Connections are accepted once the server is
    /// [run](WebhookServer::run_until).
    ///
    /// # Errors
    /// A certificate or authority can't be used, or the address can't be listened on.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<WebhookServer, ServerError> {
        let tls = self.certificates.server_config(self.client_ca.as_ref())?;
        let listener = TcpListener::bind(address).await.map_err(ServerError::Listen)?;
        let address = listener.local_addr().map_err(ServerError::Listen)?;
        tracing::info!(%address, webhooks = ?self.webhooks, "webhooks are served");
        Ok(WebhookServer { listener, address, tls: Arc::new(tls), webhooks: self.webhooks, grace: self.grace })
    }
}
