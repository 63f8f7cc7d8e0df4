//! A tunnel by SOCKS5 ([RFC 1928](https://www.rfc-editor.org/rfc/rfc1928), with logins of
//! [RFC 1929](https://www.rfc-editor.org/rfc/rfc1929)). The proxy resolves the server's name, whether its URL says `socks5` or
//! `socks5h`, as Go has it.
//!
//! Written here: hyper-util's `SocksV5` insists on a login if it has one, where Go lets the proxy do without, and its errors
//! have no names; the crates for it bring more packages than there are messages.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::{Refusal, Target};
use crate::config::SecretString;
use crate::transport::BoxIo;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const NAME_AND_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;

pub(super) async fn open(
    mut proxy: BoxIo,
    target: &Target,
    login: Option<(&str, &SecretString)>,
) -> Result<BoxIo, Refusal> {
    let broken = |error: io::Error| Refusal::failed("broke off").because(error);
    // With a login too the proxy may choose to do without.
    let methods: &[u8] = if login.is_some() { &[NO_LOGIN, NAME_AND_PASSWORD] } else { &[NO_LOGIN] };
    let count = u8::try_from(methods.len()).unwrap_or_default();
    proxy.write_all(&[&[VERSION, count], methods].concat()).await.map_err(broken)?;
    let [version, method] = read(&mut proxy).await.map_err(broken)?;
    if version != VERSION {
        return Err(Refusal::refused("does not answer in SOCKS5"));
    }
    match (method, login) {
        (NO_LOGIN, _) => {}
        (NAME_AND_PASSWORD, Some((name, password))) => {
            let mut login = Zeroizing::new(vec![1]);
            for text in [name, password.expose()] {
                login.push(length(text)?);
                login.extend(text.as_bytes());
            }
            proxy.write_all(&login).await.map_err(broken)?;
            let [_, status] = read(&mut proxy).await.map_err(broken)?;
            if status != 0 {
                return Err(Refusal::refused("does not take the login in its URL"));
            }
        }
        (_, Some(_)) => return Err(Refusal::refused("takes no login by name and password")),
        (_, None) => {
            return Err(Refusal::refused("wants a login: put it into its URL, socks5://NAME:PASSWORD@HOST:PORT"));
        }
    }
    proxy.write_all(&request(target)?).await.map_err(broken)?;
    let [version, reply, _, kind] = read(&mut proxy).await.map_err(broken)?;
    if version != VERSION {
        return Err(Refusal::refused("does not answer in SOCKS5"));
    }
    refusal(reply)?;
    // The address that the proxy connects from, which is of no use here, and its port.
    let address = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(proxy.read_u8().await.map_err(broken)?),
        _ => return Err(Refusal::refused("does not answer in SOCKS5")),
    };
    let mut rest = [0; 255 + 2];
    proxy.read_exact(&mut rest[..address + 2]).await.map_err(broken)?;
    Ok(proxy)
}

fn request(target: &Target) -> Result<Vec<u8>, Refusal> {
    let mut request = vec![VERSION, CONNECT, 0];
    match target.host.parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(1);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(4);
            request.extend(address.octets());
        }
        Err(_) => {
            let too_long = || Refusal::refused("cannot be asked for a name that is so long");
            request.extend([3, u8::try_from(target.host.len()).map_err(|_| too_long())?]);
            request.extend(target.host.as_bytes());
        }
    }
    request.extend(target.port.to_be_bytes());
    Ok(request)
}

/// Of a name or password, as a byte.
fn length(text: &str) -> Result<u8, Refusal> {
    let too_long = "cannot be sent its login: name and password have 1 to 255 bytes each in SOCKS";
    u8::try_from(text.len()).ok().filter(|length| *length > 0).ok_or_else(|| Refusal::refused(too_long))
}

async fn read<const N: usize>(proxy: &mut BoxIo) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    proxy.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// Why the proxy has not connected. (RFC 1928, section 6.)
fn refusal(reply: u8) -> Result<(), Refusal> {
    Err(match reply {
        0 => return Ok(()),
        1 => Refusal::failed("failed to connect to the server"),
        2 => Refusal::refused("does not allow connections to this server"),
        3 | 4 | 6 => Refusal::failed("cannot reach the server"),
        5 => Refusal::failed("was refused by the server"),
        _ => Refusal::refused(format!("opened no connection to the server (reply {reply})")),
    })
}
