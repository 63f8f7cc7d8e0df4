//! The proxy between the client and the API server.

use http::Uri;
use percent_encoding::percent_decode_str;

use super::SecretString;
use super::error::{ConfigError, Kind};

/// A proxy between the client and the API server: one that is asked by HTTP (`CONNECT`) to open a tunnel, over `http` or
/// `https`, or a SOCKS5 one (`socks5` and `socks5h` are the same: the proxy looks up host names).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    url: Uri,
    login: Option<(String, SecretString)>,
}

impl Proxy {
    /// Reads a proxy's URL, such as `http://proxy.example:3128`, `https://name:password@proxy.example` or
    /// `socks5://127.0.0.1:1080`. In name and password, what means something else in a URL (`/`, `@`, `:`, `%` …) is escaped:
    /// `%2F`.
    ///
    /// # Errors
    /// It is no URL, it has no host, or its scheme is none of `http`, `https`, `socks5` and `socks5h`
    /// ([`ConfigError::is_unsupported`]).
    pub fn parse(url: &str) -> Result<Self, ConfigError> {
        // The text may hold a password: messages quote it only when it can't.
        let shown = if url.contains('@') { "the proxy's URL".to_owned() } else { format!("the proxy URL {url:?}") };
        let invalid = |why: &str| ConfigError::new(Kind::Invalid, format!("{shown} {why}"));
        let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| {
            invalid("is not a URL; it should look like http://host:port").because(error)
        })?;
        let scheme = uri.scheme_str().map(str::to_ascii_lowercase);
        match scheme.as_deref() {
            Some("http" | "https" | "socks5" | "socks5h") => {}
            Some(other) => {
                return Err(ConfigError::new(
                    Kind::Unsupported,
                    format!("{shown} has the scheme {other:?}: http, https and socks5 are known"),
                ));
            }
            None => return Err(invalid("has no scheme; it should look like http://host:port")),
        }
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(login), host),
            None => (None, authority),
        };
        // Go would take it for one on this machine.
        if host.is_empty() || host.starts_with(':') {
            return Err(invalid("has no host; it should look like http://host:port"));
        }
        // `Uri` takes anything for a port.
        let port = host.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.ends_with(']'));
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            // A password with a slash ends the host too early.
            let advice = match url.contains('@') && login.is_none() {
                true => "; in a login, characters such as / ? # % are escaped (%2F, %3F, %23, %25)",
                false => "",
            };
            return Err(invalid(&format!("has no valid port{advice}")));
        }
        let login = login.map(|login| {
            let (name, password) = login.split_once(':').unwrap_or((login, ""));
            let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            (decode(name), SecretString::new(decode(password)))
        });
        let url = Uri::builder()
            .scheme(scheme.as_deref().unwrap_or("http"))
            .authority(host)
            .path_and_query("/")
            .build()
            .map_err(|error| invalid("has no valid host").because(error))?;
        Ok(Self { url, login })
    }

    /// Scheme, host and port, without the login.
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// User name and password for the proxy itself.
    pub fn login(&self) -> Option<(&str, &SecretString)> {
        self.login.as_ref().map(|(name, password)| (name.as_str(), password))
    }
}
