//! A proxy that hands on bytes, until it is told to break.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// What happens to the connections.
#[derive(Clone, Copy, Debug)]
pub enum Break {
    /// Both ends are closed.
    Cut,
    /// They are cut, and the next two are not accepted.
    Refused,
    /// Nothing is handed on any more, and after a while they are cut.
    Stalled,
    /// The client reads the end, and may still write.
    ClosedToClient,
    /// The server reads the end, and may still write.
    ClosedToServer,
    /// Bytes come one by one, and after a while both ends are closed.
    Slow,
}

/// After this many more bytes from the server, or after [`SOON`].
type Order = (Break, usize);

/// A connection on which little comes breaks after this.
const SOON: Duration = Duration::from_millis(10);

/// How long one that is dead lingers.
const LINGER: Duration = Duration::from_secs(1);

pub struct Proxy {
    address: std::net::SocketAddr,
    orders: broadcast::Sender<Order>,
    refused: Arc<AtomicUsize>,
}

impl Proxy {
    pub async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (orders, _) = broadcast::channel(64);
        let refused = Arc::new(AtomicUsize::new(0));
        let proxy = Self { address, orders: orders.clone(), refused: refused.clone() };
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else { continue };
                let is_one_less = |left: usize| left.checked_sub(1);
                if refused.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_one_less).is_ok() {
                    continue;
                }
                // Subscribed before the client can know that it is connected.
                let orders = orders.subscribe();
                let server = server.clone();
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(server).await {
                        hand_on(client, server, orders).await;
                    }
                });
            }
        });
        proxy
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// Breaks the connections that there are, after this many milliseconds and bytes.
    pub fn breaks(&self, what: Break, after: u64, bytes: usize) {
        let (orders, refused) = (self.orders.clone(), self.refused.clone());
        tokio::spawn(async move {
            sleep(Duration::from_millis(after)).await;
            if matches!(what, Break::Refused) {
                refused.store(2, Ordering::Relaxed);
            }
            // Fails if there is no connection.
            let _ = orders.send((what, bytes));
        });
    }
}

async fn hand_on(mut client: TcpStream, mut server: TcpStream, mut orders: broadcast::Receiver<Order>) {
    let Some(what) = hand_on_until_ordered(&mut client, &mut server, &mut orders).await else { return };
    match what {
        Break::Slow => {
            // It ends early if one of the ends closes the connection.
            let _ = timeout(LINGER, hand_on_slowly(&mut client, &mut server)).await;
        }
        Break::Stalled => sleep(LINGER).await,
        Break::ClosedToClient => {
            let _ = client.shutdown().await;
            let _ = timeout(LINGER, tokio::io::copy(&mut client, &mut server)).await;
        }
        Break::ClosedToServer => {
            let _ = server.shutdown().await;
            let _ = timeout(LINGER, tokio::io::copy(&mut server, &mut client)).await;
        }
        Break::Cut | Break::Refused => {}
    }
}

/// `None` if one of the ends has closed the connection.
async fn hand_on_until_ordered(
    client: &mut TcpStream,
    server: &mut TcpStream,
    orders: &mut broadcast::Receiver<Order>,
) -> Option<Break> {
    let (mut up, mut down) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let mut order: Option<Order> = None;
    let mut due = Instant::now();
    loop {
        let armed = order.is_some();
        tokio::select! {
            next = orders.recv(), if !armed => {
                if let Ok(next) = next {
                    (order, due) = (Some(next), Instant::now() + SOON);
                }
            }
            () = sleep_until(due), if armed => return order.map(|(what, _)| what),
            read = client.read(&mut up) => match read {
                Ok(0) | Err(_) => return None,
                Ok(count) => server.write_all(&up[..count]).await.ok()?,
            },
            read = server.read(&mut down) => match read {
                Ok(0) | Err(_) => return None,
                Ok(count) => {
                    let left = order.map_or(usize::MAX, |(_, left)| left);
                    // What is slow is not lost: the rest of these bytes comes at once.
                    let sent = match order {
                        Some((Break::Slow, _)) | None => count,
                        Some(_) => count.min(left),
                    };
                    client.write_all(&down[..sent]).await.ok()?;
                    if let Some((what, left)) = &mut order {
                        *left = left.saturating_sub(count);
                        if *left == 0 {
                            return Some(*what);
                        }
                    }
                }
            },
        }
    }
}

async fn hand_on_slowly(client: &mut TcpStream, server: &mut TcpStream) -> std::io::Result<()> {
    let (mut up, mut down) = ([0], [0]);
    loop {
        tokio::select! {
            read = client.read_exact(&mut up) => match read {
                Ok(_) => server.write_all(&up).await?,
                Err(error) => return Err(error),
            },
            read = server.read_exact(&mut down) => match read {
                Ok(_) => client.write_all(&down).await?,
                Err(error) => return Err(error),
            },
        }
        sleep(Duration::from_millis(1)).await;
    }
}
