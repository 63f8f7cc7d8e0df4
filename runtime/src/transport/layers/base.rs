//! Sends requests to the server: joins its URL and the request's path, and adds the headers that every request has.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{Either, Ready, ready};
use http::header::{HeaderName, USER_AGENT};
use http::uri::{Parts, PathAndQuery};
use http::{HeaderMap, HeaderValue, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tower::{Layer, Service};

use crate::config::{Config, ConfigError, Impersonate, Kind};
use crate::transport::BoxError;
use crate::transport::connect::check_server;

/// What may stand unescaped in a header's name (RFC 9110 `tchar`), but `%`, which escapes.
const HEADER_KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Makes [`Base`] services.
#[derive(Clone, Debug)]
pub struct BaseLayer {
    settings: Arc<Settings>,
}

/// Turns a request for `/api/v1/pods` into one for `https://host/prefix/api/v1/pods`, and adds `User-Agent`, the
/// configuration's own headers (where the request has none of that name) and those of impersonation (always).
///
/// A request that names a server itself passes only if it is this one, and then keeps its whole path: credentials must
/// not reach another server.
#[derive(Clone, Debug)]
pub struct Base<S> {
    inner: S,
    settings: Arc<Settings>,
}

struct Settings {
    server: Uri,
    /// Without a slash at its end.
    prefix: String,
    defaults: HeaderMap,
    impersonation: HeaderMap,
}

/// Without the headers, whose values may be secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl BaseLayer {
    /// For the server, headers and impersonation of `config`.
    ///
    /// # Errors
    /// The URL is not one of a server, or a value has characters that a header can't have.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let server = config.server.clone();
        check_server(&server)?;
        let prefix = server.path().trim_end_matches('/').to_owned();
        let mut defaults = config.headers.clone();
        if !defaults.contains_key(USER_AGENT) {
            defaults.insert(USER_AGENT, value(&config.user_agent, "the user agent")?);
        }
        let impersonation = config.impersonate.as_ref().map(impersonation).transpose()?.unwrap_or_default();
        Ok(Self { settings: Arc::new(Settings { server, prefix, defaults, impersonation }) })
    }
}

impl<S> Layer<S> for BaseLayer {
    type Service = Base<S>;

    fn layer(&self, inner: S) -> Base<S> {
        Base { inner, settings: self.settings.clone() }
    }
}

impl<S, B> Service<Request<B>> for Base<S>
where
    S: Service<Request<B>, Error = BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Either<S::Future, Ready<Result<S::Response, BoxError>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.settings.join(request.uri()) {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => return Either::Right(ready(Err(error.into()))),
        }
        let headers = request.headers_mut();
        for name in self.settings.defaults.keys() {
            if !headers.contains_key(name) {
                append(headers, name, &self.settings.defaults);
            }
        }
        for name in self.settings.impersonation.keys() {
            headers.remove(name);
            append(headers, name, &self.settings.impersonation);
        }
        Either::Left(self.inner.call(request))
    }
}

impl Settings {
    fn join(&self, request: &Uri) -> Result<Uri, ConfigError> {
        let refused = |why: String| ConfigError::new(Kind::Invalid, why);
        if request.authority().is_some() {
            let same = request.scheme() == self.server.scheme() && request.authority() == self.server.authority();
            return match same {
                true => Ok(request.clone()),
                false => Err(refused(format!(
                    "a request for {request} cannot go to {}: give only its path, which starts with /",
                    self.server
                ))),
            };
        }
        let path = request.path_and_query().map_or("/", PathAndQuery::as_str);
        if !path.starts_with('/') {
            return Err(refused(format!("the request path {path:?} should start with /")));
        }
        let invalid = |error: http::Error| refused(format!("the request path {path:?} is not valid")).because(error);
        let joined = match self.prefix.as_str() {
            "" => request.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")),
            prefix => PathAndQuery::try_from(format!("{prefix}{path}")).map_err(|error| invalid(error.into()))?,
        };
        let mut parts = Parts::default();
        parts.scheme = self.server.scheme().cloned();
        parts.authority = self.server.authority().cloned();
        parts.path_and_query = Some(joined);
        Uri::from_parts(parts).map_err(|error| invalid(error.into()))
    }
}

fn append(headers: &mut HeaderMap, name: &HeaderName, from: &HeaderMap) {
    for value in from.get_all(name) {
        headers.append(name.clone(), value.clone());
    }
}

/// <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>
fn impersonation(who: &Impersonate) -> Result<HeaderMap, ConfigError> {
    if who.user.is_empty() {
        return Err(ConfigError::new(Kind::Incomplete, "impersonation needs the name of a user; set `as`"));
    }
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("impersonate-user"), value(&who.user, "the user to impersonate")?);
    if let Some(uid) = &who.uid {
        headers.insert(HeaderName::from_static("impersonate-uid"), value(uid, "the UID to impersonate")?);
    }
    for group in &who.groups {
        headers.append(HeaderName::from_static("impersonate-group"), value(group, "a group to impersonate")?);
    }
    for (key, values) in &who.extra {
        let escaped = format!("impersonate-extra-{}", utf8_percent_encode(key, HEADER_KEY));
        let name = HeaderName::try_from(escaped).map_err(|error| {
            ConfigError::new(Kind::Invalid, format!("as-user-extra has a key that is no header name: {key:?}"))
                .because(error)
        })?;
        for text in values {
            headers.append(name.clone(), value(text, "a value of as-user-extra")?);
        }
    }
    Ok(headers)
}

fn value(text: &str, what: &str) -> Result<HeaderValue, ConfigError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|error| {
        ConfigError::new(Kind::Invalid, format!("{what} {text:?} has characters that an HTTP header can't have"))
            .because(error)
    })
}
