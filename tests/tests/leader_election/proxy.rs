//! The network between one replica and the server.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// State of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Network {
    Up,
    /// Connections are closed, and none is accepted.
    Cut,
    /// Nothing is handed on until it is up again. What was sent meanwhile then arrives.
    Stalled,
}

pub struct Proxy {
    pub address: SocketAddr,
    network: watch::Sender<Network>,
}

impl Proxy {
    pub async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let network = watch::Sender::new(Network::Up);
        let state = network.clone();
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else { continue };
                let state = state.subscribe();
                if *state.borrow() == Network::Cut {
                    continue;
                }
                let server = server.clone();
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(server).await {
                        hand_on(client, server, state).await;
                    }
                });
            }
        });
        Self { address, network }
    }

    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

async fn hand_on(client: TcpStream, server: TcpStream, mut state: watch::Receiver<Network>) {
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut up = tokio::spawn(copy(from_client, to_server, state.clone()));
    let mut down = tokio::spawn(copy(from_server, to_client, state.clone()));
    tokio::select! {
        _ = &mut up => {}
        _ = &mut down => {}
        _ = state.wait_for(|state| *state == Network::Cut) => {}
    }
    up.abort();
    down.abort();
}

async fn copy(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut state: watch::Receiver<Network>,
) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        if state.wait_for(|state| *state == Network::Up).await.is_err() || to.write_all(&buffer[..count]).await.is_err()
        {
            return;
        }
    }
}
