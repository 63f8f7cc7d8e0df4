//! The proxies that environment variables name, by the rules of Go, which are kubectl's.
//!
//! hyper-util has a matcher of its own (`client::proxy::matcher`), with other rules: it knows no ports in `NO_PROXY`, lets
//! `.example.com` match `example.com` itself, sends requests to `localhost` through the proxy, asks `ALL_PROXY`, and does
//! without any proxy in a CGI program.

use std::fmt;

use http::Uri;

use super::no_proxy::NoProxy;
use crate::config::{ConfigError, Kind, Proxy, SecretString};

/// Which proxies the environment names: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, or the same in small letters.
///
/// `HTTPS_PROXY` is the one for servers whose URL is `https`, and `HTTP_PROXY` for `http`; of each the first that is not
/// empty counts. A proxy without a scheme is an `http` one. `NO_PROXY` is matched against the server, not the proxy:
///
/// - `example.com` matches that host and those below it; `.example.com` and `*.example.com` those below it only
/// - `10.0.0.0/8`, `10.1.2.3`, `fd00::/8`, `fd00::1` match IP addresses
/// - each but a network may have a port, `example.com:6443` or `[fd00::1]:6443`, and then matches that port only
/// - `*` alone matches everything
/// - commas separate
///
/// `localhost` and loopback addresses are never reached through a proxy. In a CGI program (`REQUEST_METHOD` is set)
/// `HTTP_PROXY` is refused, since whoever sends the request may have set it: <https://golang.org/s/cgihttpproxy>.
#[derive(Clone, Default)]
pub struct ProxyEnvironment {
    http: Option<SecretString>,
    https: Option<SecretString>,
    no_proxy: NoProxy,
    cgi: bool,
}

impl ProxyEnvironment {
    /// That of this process.
    pub fn current() -> Self {
        Self::from_variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// With these values of the variables.
    pub fn from_variables(value: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| value(name).filter(|value| !value.is_empty());
        let either = |upper: &str, lower: &str| value(upper).or_else(|| value(lower));
        let proxy = |upper, lower| either(upper, lower).map(|text| SecretString::from(with_scheme(text)));
        Self {
            http: proxy("HTTP_PROXY", "http_proxy"),
            https: proxy("HTTPS_PROXY", "https_proxy"),
            no_proxy: NoProxy::parse(&either("NO_PROXY", "no_proxy").unwrap_or_default()),
            cgi: value("REQUEST_METHOD").is_some(),
        }
    }

    /// The proxy for requests to `server`, if there is one.
    ///
    /// # Errors
    /// The variable is not the URL of a proxy that can be used, or may not be trusted.
    pub fn proxy_for(&self, server: &Uri) -> Result<Option<Proxy>, ConfigError> {
        let (scheme, host) = (server.scheme_str().unwrap_or_default(), server.host().unwrap_or_default());
        let Some(url) = self.url_for(scheme, host, server.port_u16())? else { return Ok(None) };
        let variable = if scheme == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
        Proxy::parse(url.expose()).map(Some).map_err(|error| {
            let kind = if error.is_unsupported() { Kind::Unsupported } else { Kind::Invalid };
            ConfigError::new(kind, format!("the environment variable {variable} cannot be used")).because(error)
        })
    }

    /// The URL of the proxy for a server. A host of an IPv6 address may be in brackets.
    pub(super) fn url_for(
        &self,
        scheme: &str,
        host: &str,
        port: Option<u16>,
    ) -> Result<Option<&SecretString>, ConfigError> {
        let (proxy, default_port) = match scheme {
            "https" => (&self.https, 443),
            "http" => (&self.http, 80),
            _ => return Ok(None),
        };
        let Some(proxy) = proxy else { return Ok(None) };
        if scheme == "http" && self.cgi {
            let message = "HTTP_PROXY is not used in a CGI program (REQUEST_METHOD is set), where whoever sends the request may \
                           have set it: https://golang.org/s/cgihttpproxy";
            return Err(ConfigError::new(Kind::Invalid, message));
        }
        Ok((!self.no_proxy.matches(host, port.unwrap_or(default_port))).then_some(proxy))
    }
}

impl fmt::Debug for ProxyEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyEnvironment")
            .field("http", &self.http)
            .field("https", &self.https)
            .field("no_proxy", &self.no_proxy)
            .field("cgi", &self.cgi)
            .finish()
    }
}

/// `p:3128` is `http://p:3128`.
fn with_scheme(text: String) -> String {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    match text.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() && !rest.starts_with('/') => text,
        _ => format!("http://{text}"),
    }
}
