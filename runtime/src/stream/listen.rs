//! Local port whose connections are forwarded to a pod.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{Either, pending, select};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::task::{JoinHandle, JoinSet};

use super::forward::PortForwardRequest;
use super::forward_event::{ForwardEvent, Watcher};
use super::port_stream::PortStream;
use crate::error::Error;

/// Buffer size for reads from a local connection.
const READ: usize = 32 << 10;
/// Delay after a failure to accept a connection: mostly there are too many open files, temporarily.
const PAUSE: Duration = Duration::from_millis(100);
/// If the end of the local side can't be forwarded: how long the pod may be silent after it.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A local port whose connections are forwarded to a pod. Dropping it closes the port and all connections.
#[derive(Debug)]
#[must_use = "dropping it stops forwarding"]
pub struct PortForward {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl<K> PortForwardRequest<K> {
    /// Listens on a local address, such as `127.0.0.1:8080`, or `127.0.0.1:0` for any free port, and forwards each
    /// connection. It opens one connection to the server first, so that a missing pod is an error at once.
    ///
    /// # Errors
    /// If the server rejects the request, or it can't listen on the address.
    pub async fn listen(self, address: impl ToSocketAddrs) -> Result<PortForward, Error>
    where
        K: 'static,
    {
        let failed = |error| {
            let error = Error::stream("cannot listen on the local address").with_source(error);
            error.with_operation(&self.call.operation())
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        drop(self.open().await?);
        Ok(PortForward::start(self, listener, address))
    }
}

impl PortForward {
    pub(crate) fn start<K: 'static>(
        request: PortForwardRequest<K>,
        listener: TcpListener,
        address: SocketAddr,
    ) -> Self {
        let task = tokio::spawn(accept(Arc::new(request), listener));
        Self { address, task }
    }

    /// Returns the local address, with the assigned port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for PortForward {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Aborted together with it.
async fn accept<K: 'static>(request: Arc<PortForwardRequest<K>>, listener: TcpListener) {
    let watcher = request.watcher();
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((local, peer)) => {
                connections.spawn(forward(request.clone(), watcher.clone(), local, peer));
            }
            Err(error) => {
                watcher(&ForwardEvent::NotAccepted { error });
                tokio::time::sleep(PAUSE).await;
            }
        }
        // Removes finished tasks.
        while connections.try_join_next().is_some() {}
    }
}

async fn forward<K>(request: Arc<PortForwardRequest<K>>, watcher: Watcher, mut local: TcpStream, peer: SocketAddr) {
    watcher(&ForwardEvent::Opened { peer });
    let carried = async {
        let remote = request.connect().await?;
        carry(&mut local, remote).await
    };
    match carried.await {
        Ok((sent, received)) => watcher(&ForwardEvent::Closed { peer, sent, received }),
        Err(error) => {
            // A regular close would look like success.
            let _ = local.set_zero_linger();
            watcher(&ForwardEvent::Failed { peer, error });
        }
    }
}

/// Copies data in both directions until the pod's side ends, and counts it.
async fn carry(local: &mut TcpStream, remote: PortStream) -> Result<(u64, u64), Error> {
    // Small writes should be sent at once; larger ones were buffered already.
    let _ = local.set_nodelay(true);
    let half_closes = remote.half_closes();
    let (mut from_local, mut to_local) = local.split();
    let (sent, received) = (AtomicU64::new(0), AtomicU64::new(0));
    let broken = |error| Error::stream("the local connection broke").with_source(error);
    let (reader, mut writer) = (&remote.pipe, &remote.pipe);
    let upwards = async {
        let mut buffer = vec![0; READ];
        loop {
            let length = from_local.read(&mut buffer).await.map_err(broken)?;
            if length == 0 {
                break;
            }
            if writer.write_all(&buffer[..length]).await.is_err() {
                // The reason is reported by the other direction.
                return pending().await;
            }
            sent.fetch_add(length as u64, Ordering::Relaxed);
        }
        let _ = AsyncWriteExt::shutdown(&mut writer).await;
        if half_closes {
            return pending().await;
        }
        let mut before = None;
        // While data is received, it may be a response to what was sent.
        while before.replace(received.load(Ordering::Relaxed)) != Some(received.load(Ordering::Relaxed)) {
            tokio::time::sleep(LAST_WORDS).await;
        }
        Ok::<(), Error>(())
    };
    let downwards = async {
        while let Some(chunk) = reader.chunk().await? {
            to_local.write_all(&chunk).await.map_err(broken)?;
            received.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        }
        to_local.shutdown().await.map_err(broken)
    };
    let (upwards, downwards) = (std::pin::pin!(upwards), std::pin::pin!(downwards));
    match select(downwards, upwards).await {
        Either::Left((ended, _)) | Either::Right((ended, _)) => ended?,
    }
    Ok((sent.load(Ordering::Relaxed), received.load(Ordering::Relaxed)))
}
