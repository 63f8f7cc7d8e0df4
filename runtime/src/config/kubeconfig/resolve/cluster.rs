//! A cluster: where the server is, and how to know that it is the right one.

use super::super::Cluster;
use super::place::At;
use super::{incomplete, invalid, is_secure, server, some};
use crate::config::error::{ConfigError, Kind};
use crate::config::{Config, Proxy};

pub(super) fn read(cluster: &Cluster, at: &At<'_>) -> Result<Config, ConfigError> {
    let place = &at.place;
    let server = some(cluster.server.as_deref())
        .ok_or_else(|| incomplete(format!("{place} has no server; add `server: https://host:port` to it")))?;
    let mut config = Config::new(server::parse(server, place)?);
    config.proxy = some(cluster.proxy_url.as_deref()).map(|url| proxy(url, place)).transpose()?;
    config.compression = !cluster.disable_compression.unwrap_or(false);

    let data = cluster.certificate_authority_data.as_deref();
    let ca = at.pem(data, cluster.certificate_authority.as_deref(), "certificate-authority")?;
    if is_secure(&config.server) {
        config.tls_server_name = some(cluster.tls_server_name.as_deref()).map(str::to_owned);
        config.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify.unwrap_or(false);
        config.ca = ca;
        if config.insecure_skip_tls_verify && config.ca.is_some() {
            return Err(invalid(format!(
                "{place} sets both a certificate-authority and insecure-skip-tls-verify: remove one of them"
            )));
        }
    }
    Ok(config)
}

fn proxy(url: &str, place: &str) -> Result<Proxy, ConfigError> {
    let proxy = Proxy::parse(url).map_err(|error| {
        let kind = if error.is_unsupported() { Kind::Unsupported } else { Kind::Invalid };
        ConfigError::new(kind, format!("{place}: proxy-url cannot be used")).because(error)
    })?;
    if proxy.url().scheme_str() == Some("socks5h") {
        // kubectl would not take it.
        let message = format!(
            "{place}: proxy-url has the scheme socks5h; write socks5, which has the proxy look up host names as well"
        );
        return Err(ConfigError::new(Kind::Unsupported, message));
    }
    Ok(proxy)
}
