//! Why there are no credentials.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::config::ConfigError;
use crate::retry::RetryClass;

type BoxError = Box<dyn Error + Send + Sync>;

/// There are no credentials for a request: the exec plugin, the OpenID Connect provider or the program's own source failed.
///
/// It is in the chain of sources of the request's [`Error`](crate::Error), whose
/// [`auth_error`](crate::Error::auth_error) finds it. Nothing was sent to the API server. The text is for people, and
/// shows no secrets; programs ask the predicates. Cheap to clone: requests that waited for the same credential share it.
#[derive(Clone)]
pub struct AuthError {
    inner: Arc<Inner>,
}

struct Inner {
    kind: Kind,
    message: String,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "kubeconfig"), allow(dead_code, reason = "some are of exec plugins alone"))]
pub(super) enum Kind {
    /// The plugin's command does not exist.
    NotInstalled,
    /// The plugin policy forbids it.
    NotAllowed,
    /// The plugin needs a terminal, and there is none.
    NotInteractive,
    /// The plugin or the provider was not ready in time.
    Timeout,
    /// The plugin, the provider or the program's source failed, and may succeed later.
    Failed,
    /// What it returned can't be used.
    Invalid,
    /// Somebody must log in again.
    LoginRequired,
}

impl AuthError {
    /// The exec plugin's command does not exist, or may not be executed. The message has the plugin's install hint.
    pub fn is_not_installed(&self) -> bool {
        self.inner.kind == Kind::NotInstalled
    }

    /// The plugin policy does not allow the exec plugin to run.
    pub fn is_not_allowed(&self) -> bool {
        self.inner.kind == Kind::NotAllowed
    }

    /// The exec plugin needs a terminal as standard input (`interactiveMode: Always`), and there is none.
    pub fn is_not_interactive(&self) -> bool {
        self.inner.kind == Kind::NotInteractive
    }

    /// The exec plugin, the provider or the program's source returned no credentials in time.
    pub fn is_timeout(&self) -> bool {
        self.inner.kind == Kind::Timeout
    }

    /// The user must log in again: the provider refused the refresh token, or there is none and the ID token has expired.
    pub fn is_login_required(&self) -> bool {
        self.inner.kind == Kind::LoginRequired
    }

    /// What the exec plugin or the provider returned can't be used, such as a wrong `apiVersion`.
    pub fn is_invalid(&self) -> bool {
        self.inner.kind == Kind::Invalid
    }

    /// What another attempt would do about it.
    pub fn retry_class(&self) -> RetryClass {
        match self.inner.kind {
            Kind::Timeout | Kind::Failed => RetryClass::Transient,
            // A plugin may be mended or installed meanwhile.
            Kind::Invalid | Kind::NotInstalled => RetryClass::Uncertain,
            Kind::NotAllowed | Kind::NotInteractive | Kind::LoginRequired => RetryClass::Permanent,
        }
    }

    /// The first `AuthError` in `error` and its chain of causes.
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            cause = error.source();
        }
        None
    }

    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { inner: Arc::new(Inner { kind, message: message.into(), source: None }) }
    }

    pub(super) fn because(kind: Kind, message: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self { inner: Arc::new(Inner { kind, message: message.into(), source: Some(source.into()) }) }
    }

    /// A request's time was up before there were any from this source.
    pub(crate) fn not_ready(source: &str) -> Self {
        Self::new(Kind::Timeout, format!("{source} has returned no credentials yet"))
    }

    /// A configuration whose fault shows only when it is used.
    pub(super) fn unusable(message: impl Into<String>, source: ConfigError) -> Self {
        Self::because(Kind::Invalid, message, source)
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("AuthError");
        debug.field(&self.inner.kind).field(&self.inner.message);
        if let Some(source) = &self.inner.source {
            debug.field(source);
        }
        debug.finish()
    }
}

impl Error for AuthError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

impl crate::Error {
    /// Why there are no credentials, where that is why the call failed.
    pub fn auth_error(&self) -> Option<&AuthError> {
        AuthError::find(self)
    }

    /// What another attempt would do about missing credentials.
    pub(crate) fn class_of_authentication(&self) -> RetryClass {
        self.auth_error().map_or(RetryClass::Permanent, AuthError::retry_class)
    }
}
