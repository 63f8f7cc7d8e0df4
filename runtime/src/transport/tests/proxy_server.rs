//! A proxy in this process, which connects to one server whatever it is asked for, and writes down what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a proxy speaks.
#[derive(Clone)]
pub(super) enum Speaks {
    /// HTTP's CONNECT, answered with this.
    Connect(&'static str),
    /// The same over TLS.
    ConnectOverTls(TlsAcceptor, &'static str),
    /// SOCKS5, with this login if any, and this reply to the request.
    Socks { login: Option<(&'static str, &'static str)>, reply: u8 },
}

pub(super) struct TestProxy {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    pub(super) async fn start(speaks: Speaks, server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (speaks, log) = (speaks.clone(), log.clone());
                tokio::spawn(async move {
                    // What a client does that goes away is nothing to the proxy.
                    let _ = match speaks {
                        Speaks::Connect(answer) => connect(client, answer, server, &log).await,
                        Speaks::ConnectOverTls(tls, answer) => match tls.accept(client).await {
                            Ok(client) => connect(client, answer, server, &log).await,
                            Err(error) => Err(error),
                        },
                        Speaks::Socks { login, reply } => socks(client, login, reply, server, &log).await,
                    };
                });
            }
        });
        Self { address, asked }
    }

    /// What it was asked, a line for each connection.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

async fn connect<S>(mut client: S, answer: &str, server: SocketAddr, log: &Mutex<Vec<String>>) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    log.lock().expect("not poisoned").push(String::from_utf8_lossy(&head).into_owned());
    client.write_all(answer.as_bytes()).await?;
    if answer.contains(" 200 ") {
        copy_bidirectional(&mut client, &mut TcpStream::connect(server).await?).await?;
    }
    Ok(())
}

/// RFC 1928 and 1929.
async fn socks(
    mut client: TcpStream,
    login: Option<(&str, &str)>,
    reply: u8,
    server: SocketAddr,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let [version, methods] = read(&mut client).await?;
    assert_eq!(version, 5, "SOCKS5");
    let mut offered = vec![0; usize::from(methods)];
    client.read_exact(&mut offered).await?;
    let wanted = if login.is_some() { 2 } else { 0 };
    if !offered.contains(&wanted) {
        return client.write_all(&[5, 0xff]).await;
    }
    client.write_all(&[5, wanted]).await?;
    if let Some((name, password)) = login {
        let [_, length] = read(&mut client).await?;
        let given_name = text(&mut client, length).await?;
        let length = client.read_u8().await?;
        let given_password = text(&mut client, length).await?;
        let good = given_name == name && given_password == password;
        client.write_all(&[1, u8::from(!good)]).await?;
        if !good {
            return Ok(());
        }
    }
    let [_, command, _, kind] = read(&mut client).await?;
    assert_eq!(command, 1, "CONNECT");
    let host = match kind {
        1 => std::net::Ipv4Addr::from(read::<4>(&mut client).await?).to_string(),
        4 => std::net::Ipv6Addr::from(read::<16>(&mut client).await?).to_string(),
        _ => {
            let length = client.read_u8().await?;
            text(&mut client, length).await?
        }
    };
    let port = client.read_u16().await?;
    log.lock().expect("not poisoned").push(format!("{host} {port}"));
    client.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    if reply == 0 {
        copy_bidirectional(&mut client, &mut TcpStream::connect(server).await?).await?;
    }
    Ok(())
}

async fn read<const N: usize>(client: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn text(client: &mut TcpStream, length: u8) -> std::io::Result<String> {
    let mut bytes = vec![0; usize::from(length)];
    client.read_exact(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
