//! Puts the credentials into the `Authorization` header, and reads them again when the server takes them no longer.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{Either, Ready, ready};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::time::Instant;
use tower::{Layer, Service};

use crate::config::{ConfigError, Credentials, Kind, SecretString};
use crate::transport::BoxError;

/// How long a token that was read from a file is used before the file is read again. The tokens of pods are replaced
/// when 80 % of their life, an hour by default, is over:
/// <https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken>
const TOKEN_FILE_AGE: Duration = Duration::from_secs(60);

/// Makes [`Auth`] services.
#[derive(Clone, Debug)]
pub struct AuthLayer {
    source: Arc<Source>,
}

/// Adds the `Authorization` header, marked sensitive, unless the request has one.
///
/// Where the server answers 401 to a token from a file, the file is read again; if it has another token by now, the
/// response says so to the [retries](super::RetryLayer), which send the request again.
#[derive(Clone, Debug)]
pub struct Auth<S> {
    inner: S,
    source: Arc<Source>,
}

/// An extension of a 401 response: there are other credentials by now than those that were sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refreshed;

impl AuthLayer {
    /// For these credentials. A token file is read at the first request.
    ///
    /// # Errors
    /// A token has characters that a header can't have.
    pub fn new(credentials: &Credentials) -> Result<Self, ConfigError> {
        let source = match credentials {
            Credentials::None => Source::None,
            Credentials::Token(token) => Source::Fixed(bearer(token.expose(), "the token")?),
            Credentials::TokenFile { path, fallback } => Source::File(TokenFile::new(path, fallback.as_ref())?),
            Credentials::Basic { username, password } => {
                let encoded = STANDARD.encode(format!("{username}:{}", password.expose()));
                Source::Fixed(sensitive(&format!("Basic {encoded}"), "the user name and password")?)
            }
            Credentials::Exec(_) | Credentials::Oidc(_) => {
                let message = "credentials of a command (`exec`) and of OpenID Connect are not supported yet";
                return Err(ConfigError::new(Kind::Unsupported, message));
            }
        };
        Ok(Self { source: Arc::new(source) })
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth { inner, source: self.source.clone() }
    }
}

impl<S, B, R> Service<Request<B>> for Auth<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = BoxError>,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Either<AuthFuture<S::Future>, Ready<Result<Response<R>, BoxError>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut sent = None;
        if !request.headers().contains_key(AUTHORIZATION) {
            match self.source.header() {
                Ok(Some(header)) => {
                    if let Source::File(_) = &*self.source {
                        sent = Some((self.source.clone(), header.clone()));
                    }
                    request.headers_mut().insert(AUTHORIZATION, header);
                }
                Ok(None) => {}
                Err(error) => return Either::Right(ready(Err(error.into()))),
            }
        }
        Either::Left(AuthFuture { inner: self.inner.call(request), sent })
    }
}

pin_project_lite::pin_project! {
    /// The future of [`Auth`].
    #[derive(Debug)]
    pub struct AuthFuture<F> {
        #[pin]
        inner: F,
        // The header that was sent, and whence, if there may be another one.
        sent: Option<(Arc<Source>, HeaderValue)>,
    }
}

impl<F, R> Future for AuthFuture<F>
where
    F: Future<Output = Result<Response<R>, BoxError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut result = std::task::ready!(this.inner.poll(cx));
        if let (Ok(response), Some((source, sent))) = (&mut result, this.sent)
            && response.status() == StatusCode::UNAUTHORIZED
            && source.refresh(sent)
        {
            response.extensions_mut().insert(Refreshed);
        }
        Poll::Ready(result)
    }
}

#[derive(Debug)]
enum Source {
    None,
    Fixed(HeaderValue),
    File(TokenFile),
}

impl Source {
    fn header(&self) -> Result<Option<HeaderValue>, ConfigError> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(header) => Ok(Some(header.clone())),
            Self::File(file) => file.header().map(Some),
        }
    }

    /// Whether there are other credentials by now than those that the server did not take.
    fn refresh(&self, refused: &HeaderValue) -> bool {
        match self {
            Self::None | Self::Fixed(_) => false,
            Self::File(file) => file.refresh(refused),
        }
    }
}

#[derive(Debug)]
struct TokenFile {
    path: PathBuf,
    state: Mutex<TokenState>,
}

#[derive(Debug)]
struct TokenState {
    header: Option<HeaderValue>,
    tried: Option<Instant>,
}

impl TokenFile {
    fn new(path: &Path, fallback: Option<&SecretString>) -> Result<Self, ConfigError> {
        let header = fallback.map(|token| bearer(token.expose(), "the token")).transpose()?;
        Ok(Self { path: path.to_owned(), state: Mutex::new(TokenState { header, tried: None }) })
    }

    fn header(&self) -> Result<HeaderValue, ConfigError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = state.tried.is_some_and(|tried| tried.elapsed() < TOKEN_FILE_AGE);
        if let (true, Some(header)) = (fresh, &state.header) {
            return Ok(header.clone());
        }
        state.tried = Some(Instant::now());
        match (self.read(), &state.header) {
            (Ok(header), _) => {
                state.header = Some(header.clone());
                Ok(header)
            }
            (Err(error), Some(last)) => {
                let path = self.path.display();
                tracing::warn!(%path, %error, "cannot read the token file; the last token is used on");
                Ok(last.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    fn refresh(&self, refused: &HeaderValue) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.header.as_ref() == Some(refused) {
            state.tried = Some(Instant::now());
            match self.read() {
                Ok(header) => state.header = Some(header),
                Err(error) => {
                    let path = self.path.display();
                    tracing::debug!(%path, %error, "the server does not take the token, and its file cannot be read");
                }
            }
        }
        // Another request may have read it already.
        state.header.as_ref().is_some_and(|header| header != refused)
    }

    // Blocks, once a minute, for one small file, usually in memory: not worth a thread.
    fn read(&self) -> Result<HeaderValue, ConfigError> {
        let path = self.path.display();
        let text = std::fs::read_to_string(&self.path).map_err(|error| {
            ConfigError::new(Kind::Unreadable, format!("cannot read the token file {path}")).because(error)
        })?;
        match text.trim() {
            "" => Err(ConfigError::new(Kind::Invalid, format!("the token file {path} is empty"))),
            token => bearer(token, &format!("the token in {path}")),
        }
    }
}

fn bearer(token: &str, what: &str) -> Result<HeaderValue, ConfigError> {
    sensitive(&format!("Bearer {}", token.trim()), what)
}

fn sensitive(text: &str, what: &str) -> Result<HeaderValue, ConfigError> {
    let mut header = HeaderValue::from_str(text).map_err(|error| {
        let message = format!("{what} has characters that an HTTP header can't have, such as line breaks");
        ConfigError::new(Kind::Invalid, message).because(error)
    })?;
    header.set_sensitive(true);
    Ok(header)
}
