//! A tunnel by SOCKS5 ([RFC 1928](https://www.rfc-editor.org/rfc/rfc1928)). The proxy resolves the server's name, whether
//! its URL says `socks5` or `socks5h`, as Go has it.

use std::net::{IpAddr, SocketAddr};

use tokio_socks::tcp::Socks5Stream;
use tokio_socks::{Error, TargetAddr};

use super::{Refusal, Target};
use crate::config::SecretString;
use crate::transport::BoxIo;

pub(super) async fn open(
    to_proxy: BoxIo,
    target: &Target,
    login: Option<(&str, &SecretString)>,
) -> Result<BoxIo, Refusal> {
    let address = match target.host.parse::<IpAddr>() {
        Ok(address) => TargetAddr::Ip(SocketAddr::new(address, target.port)),
        Err(_) => TargetAddr::Domain(target.host.clone().into(), target.port),
    };
    let stream = match login {
        // Also lets the proxy choose to do without.
        Some((name, password)) => {
            Socks5Stream::connect_with_password_and_socket(to_proxy, address, name, password.expose()).await
        }
        None => Socks5Stream::connect_with_socket(to_proxy, address).await,
    };
    match stream {
        Ok(stream) => Ok(stream.into_inner()),
        Err(error) => Err(refusal(error, login.is_some())),
    }
}

fn refusal(error: Error, has_login: bool) -> Refusal {
    let refusal = match &error {
        Error::NoAcceptableAuthMethods if !has_login => {
            Refusal::refused("wants a login: put it into its URL, socks5://NAME:PASSWORD@HOST:PORT")
        }
        Error::NoAcceptableAuthMethods => Refusal::refused("takes no login by name and password"),
        Error::PasswordAuthFailure(_) => Refusal::refused("does not take the login in its URL"),
        Error::InvalidAuthValues(_) => {
            Refusal::refused("cannot be sent its login: name and password have 1 to 255 bytes each in SOCKS")
        }
        Error::ConnectionNotAllowedByRuleset => Refusal::refused("does not allow connections to this server"),
        Error::NetworkUnreachable | Error::HostUnreachable | Error::TtlExpired => {
            Refusal::failed("cannot reach the server")
        }
        Error::ConnectionRefused => Refusal::failed("was refused by the server"),
        Error::GeneralSocksServerFailure => Refusal::failed("failed to connect to the server"),
        Error::InvalidResponseVersion => Refusal::refused("does not answer in SOCKS5"),
        Error::Io(_) => Refusal::failed("broke off"),
        _ => Refusal::refused("opened no connection to the server"),
    };
    refusal.because(error)
}
