//! The provider: where its token endpoint is, and a new ID token for a refresh token.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::auth::error::{AuthError, Kind};
use crate::auth::means::Means;
use crate::auth::shown::shown;
use crate::config::{Config, ConfigError, Kind as ConfigKind, OidcConfig, Pem, SecretString};

/// The longest response that is read.
const LIMIT: usize = 1 << 20;
/// The longest time for one request.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What a form escapes: what Go's `url.QueryEscape` does, but a space is `%20`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An OpenID Connect provider, and our account there.
pub(super) struct Provider {
    issuer: Uri,
    client_id: String,
    client_secret: Option<SecretString>,
    ca: Option<Pem>,
    proxy_from_environment: bool,
    means: &'static dyn Means,
}

/// What the provider returned.
pub(super) struct NewTokens {
    pub(super) id: SecretString,
    /// A new one, if the old one is used up.
    pub(super) refresh: Option<SecretString>,
}

/// How the client says who it is (OpenID Connect Core, section 9).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `client_secret_basic`: in the `Authorization` header.
    Basic,
    /// `client_secret_post`: in the body. Also for clients without a secret.
    Body,
}

/// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>
#[derive(Deserialize)]
struct Metadata {
    token_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// <https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse>
#[derive(Deserialize)]
struct TokenResponse {
    id_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

/// RFC 6749, section 5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

impl Provider {
    pub(super) fn new(
        oidc: &OidcConfig,
        proxy_from_environment: bool,
        means: &'static dyn Means,
    ) -> Result<Self, ConfigError> {
        let invalid = |why: &str| {
            let message = format!("auth-provider oidc cannot be used: idp-issuer-url {why}");
            ConfigError::new(ConfigKind::Invalid, message)
        };
        let issuer = oidc.issuer_url.parse::<Uri>().map_err(|error| invalid("is not a URL").because(error))?;
        if !is_safe(&issuer) {
            return Err(invalid("does not start with https://: the refresh token would be sent in clear text"));
        }
        if issuer.query().is_some() || issuer.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(invalid("has a query or a login, which no issuer has"));
        }
        Ok(Self {
            issuer,
            client_id: oidc.client_id.clone(),
            client_secret: oidc.client_secret.clone().filter(|secret| !secret.is_empty()),
            ca: oidc.ca.clone(),
            proxy_from_environment,
            means,
        })
    }

    /// Exchanges the refresh token.
    pub(super) async fn refresh(&self, refresh: &SecretString) -> Result<NewTokens, AuthError> {
        let (endpoint, styles) = self.discover().await?;
        let mut refused = None;
        for style in styles {
            let response = self.send(&endpoint, self.exchange(&endpoint, style, refresh)?).await?;
            if response.status().is_success() {
                return self.tokens(response.body());
            }
            let refusal: Option<Refusal> = serde_json::from_slice(response.body()).ok();
            let is_about_client = refusal.as_ref().is_some_and(|refusal| refusal.error == "invalid_client")
                || (refusal.is_none() && response.status() == StatusCode::UNAUTHORIZED);
            let error = self.refusal(response.status(), refusal, refresh);
            if !is_about_client {
                return Err(error);
            }
            // It does not know the client, and has not checked the refresh token.
            refused.get_or_insert(error);
        }
        Err(refused.unwrap_or_else(|| self.error(Kind::Invalid, "supports no way to log a client in")))
    }

    /// The token endpoint, and how to say who the client is, the likeliest first.
    async fn discover(&self) -> Result<(Uri, Vec<Style>), AuthError> {
        let path = format!("{}/.well-known/openid-configuration", self.issuer.path().trim_end_matches('/'));
        let url = absolute(&self.issuer, &path).ok_or_else(|| self.error(Kind::Invalid, "has no valid URL"))?;
        let request = Request::get(url.clone()).header(ACCEPT, "application/json").body(Bytes::new());
        let request = request.map_err(|_| self.error(Kind::Invalid, "has no valid URL"))?;
        let response = self.send(&url, request).await?;
        if !response.status().is_success() {
            let status = response.status();
            let kind = if status.is_server_error() { Kind::Failed } else { Kind::Invalid };
            return Err(self.error(kind, &format!("returned {status} for {url}, which should be its metadata")));
        }
        let metadata: Metadata = serde_json::from_slice(response.body())
            .map_err(|_| self.error(Kind::Invalid, &format!("has no metadata at {url} that can be understood")))?;
        let endpoint = metadata.token_endpoint.filter(|endpoint| !endpoint.is_empty());
        let endpoint = endpoint.ok_or_else(|| self.error(Kind::Invalid, "names no token_endpoint in its metadata"))?;
        let endpoint: Uri =
            endpoint.parse().map_err(|_| self.error(Kind::Invalid, "names a token_endpoint that is not a URL"))?;
        if !is_safe(&endpoint) {
            return Err(self.error(Kind::Invalid, "names a token_endpoint that does not start with https://"));
        }
        Ok((endpoint, self.styles(metadata.token_endpoint_auth_methods_supported.as_deref())))
    }

    fn styles(&self, supported: Option<&[String]>) -> Vec<Style> {
        let names = |method: &str| supported.is_some_and(|supported| supported.iter().any(|name| name == method));
        if self.client_secret.is_none() {
            vec![Style::Body]
        } else if names("client_secret_post") && !names("client_secret_basic") {
            vec![Style::Body, Style::Basic]
        } else {
            // The default where a provider says nothing.
            vec![Style::Basic, Style::Body]
        }
    }

    fn exchange(&self, endpoint: &Uri, style: Style, refresh: &SecretString) -> Result<Request<Bytes>, AuthError> {
        let secret = self.client_secret.as_ref().map_or("", SecretString::expose);
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        if style == Style::Body {
            form.push(("client_id", &self.client_id));
            if !secret.is_empty() {
                form.push(("client_secret", secret));
            }
        }
        let mut request = Request::post(endpoint.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(&form))
            .map_err(|_| self.error(Kind::Invalid, "names a token_endpoint that is not a URL"))?;
        if style == Style::Basic {
            let login = Zeroizing::new(format!(
                "{}:{}",
                utf8_percent_encode(&self.client_id, FORM),
                utf8_percent_encode(secret, FORM)
            ));
            let header = Zeroizing::new(format!("Basic {}", STANDARD.encode(login.as_bytes())));
            // Base64 always is a header.
            if let Ok(mut header) = HeaderValue::from_str(&header) {
                header.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, header);
            }
        }
        Ok(request)
    }

    async fn send(&self, url: &Uri, request: Request<Bytes>) -> Result<Response<Bytes>, AuthError> {
        let unusable = |error| AuthError::unusable(self.sentence("cannot be reached"), error);
        let origin = absolute(url, "/").ok_or_else(|| self.error(Kind::Invalid, "has no valid URL"))?;
        let mut config = Config::new(origin);
        config.ca.clone_from(&self.ca);
        config.proxy_from_environment = self.proxy_from_environment;
        let http = self.means.http(&config, LIMIT).map_err(unusable)?;
        match tokio::time::timeout(TIMEOUT, http(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(AuthError::because(Kind::Failed, self.sentence("cannot be reached"), error)),
            Err(_) => Err(self.error(Kind::Timeout, &format!("did not answer within {TIMEOUT:?}"))),
        }
    }

    fn tokens(&self, body: &[u8]) -> Result<NewTokens, AuthError> {
        let response: TokenResponse = serde_json::from_slice(body)
            .map_err(|_| self.error(Kind::Invalid, "returned for the refresh token what is no token response"))?;
        let some = |token: Option<SecretString>| token.filter(|token| !token.is_empty());
        let id = some(response.id_token).ok_or_else(|| {
            let words = "returned no id_token for the refresh token: either the scope `openid` was not requested at the login, or \
                         it never returns one; use a plugin such as kubelogin";
            self.error(Kind::LoginRequired, words)
        })?;
        Ok(NewTokens { id, refresh: some(response.refresh_token) })
    }

    fn refusal(&self, status: StatusCode, refusal: Option<Refusal>, refresh: &SecretString) -> AuthError {
        let Some(Refusal { error, error_description }) = refusal else {
            let kind = if is_passing(status) { Kind::Failed } else { Kind::Invalid };
            return self.error(kind, &format!("returned {status} for the refresh token"));
        };
        let secret = self.client_secret.as_ref().map_or("", SecretString::expose);
        // Both are the provider's words, and it may quote what it got.
        let words = |text: &str| shown(text, [refresh.expose(), secret]);
        let said = match error_description.as_deref().map(words).filter(|text| !text.is_empty()) {
            Some(description) => format!("{} ({description})", words(&error)),
            None => words(&error),
        };
        match error.as_str() {
            "invalid_grant" => {
                self.error(Kind::LoginRequired, &format!("refused the refresh token; log in again: {said}"))
            }
            "invalid_client" | "unauthorized_client" => {
                self.error(Kind::Invalid, &format!("refused client-id or client-secret: {said}"))
            }
            _ => {
                let kind = if is_passing(status) { Kind::Failed } else { Kind::Invalid };
                self.error(kind, &format!("refused to refresh the ID token: {said}"))
            }
        }
    }

    fn error(&self, kind: Kind, words: &str) -> AuthError {
        AuthError::new(kind, self.sentence(words))
    }

    fn sentence(&self, words: &str) -> String {
        format!("{self} {words}")
    }
}

/// What messages call it. An issuer's URL holds no login.
impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the OpenID Connect provider {}", self.issuer)
    }
}

/// Whether it passes by itself.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Whether secrets may be sent there: by TLS, or to this machine.
fn is_safe(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    match url.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    }
}

/// Another path on the same server.
fn absolute(url: &Uri, path: &str) -> Option<Uri> {
    let (scheme, authority) = (url.scheme()?.clone(), url.authority()?.clone());
    Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build().ok()
}

/// A form, in memory that is wiped.
fn encode(form: &[(&str, &str)]) -> Bytes {
    let length: usize = form.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
    let mut body = Zeroizing::new(Vec::with_capacity(length));
    for (index, (name, value)) in form.iter().enumerate() {
        if index > 0 {
            body.push(b'&');
        }
        body.extend_from_slice(name.as_bytes());
        body.push(b'=');
        for piece in utf8_percent_encode(value, FORM) {
            body.extend_from_slice(piece.as_bytes());
        }
    }
    Bytes::from_owner(body)
}
