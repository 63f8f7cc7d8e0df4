//! The client's error type: the operation, and the step at which it failed.

mod kind;
mod redact;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::Served;
use crate::meta::v1::Status;
use crate::resource::ExtractError;
use crate::version::ServerVersion;

pub use kind::ErrorKind;
pub(crate) use redact::redacted;

/// Result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Source of an error.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// An error of the client.
///
/// [`kind`](Self::kind) reports at which step a call failed, and so does a predicate each: the configuration ([`is_config`](Self::is_config)), building the request
/// ([`is_build`](Self::is_build)), obtaining credentials ([`is_authentication`](Self::is_authentication)), the connection ([`is_connection`](Self::is_connection)), a time-out
/// ([`is_timeout`](Self::is_timeout)), decoding the response ([`is_decode`](Self::is_decode)), a server of a minor
/// that does not serve the call ([`is_not_served`](Self::is_not_served)), the local machine
/// ([`is_io`](Self::is_io)), a command in a container ([`is_command`](Self::is_command)), or the API server,
/// which rejected the request ([`status`](Self::status) and the predicates by reason, such as
/// [`is_not_found`](Self::is_not_found)). Operations of more than one call add two: the condition of a wait was not met
/// ([`unmet`](Self::unmet)), and the caller aborted the operation between calls ([`is_aborted`](Self::is_aborted)).
///
/// `Display` shows this level only; the causes are in the [`source`](StdError::source) chain. The text is
/// human-readable and not part of the API. It omits values that the API server quotes, and JSON, since they may be
/// secret: a message of the server keeps its sentence and its field paths, with `…` for each value
/// ([`unredacted_message`](Self::unredacted_message) has them). The wording of admission webhooks and CEL rules is
/// kept. Bodies are not quoted ([`body`](Self::body) has them).
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    operation: Option<Operation>,
    source: Option<BoxError>,
    body: Option<Bytes>,
    retry_after: Option<Duration>,
    audit_id: Option<Box<str>>,
    /// Whether it is the API server's response for a path without a handler.
    unrouted: bool,
    /// Whether the server does not serve the group and version.
    no_such_group: bool,
}

enum Kind {
    Config,
    /// There are no credentials.
    Authentication,
    Build(String),
    Connection,
    /// A stream broke, with a description.
    Stream(String),
    /// The client timed out.
    Timeout(Awaited),
    Response(String),
    Api {
        code: StatusCode,
        status: Box<Status>,
    },
    NotServed(Box<NotServed>),
    /// A feature gate is off, which the server does not report: the gate, the observation, and when the gate is off.
    FeatureOff {
        gate: &'static str,
        observed: &'static str,
        default: &'static str,
    },
    /// A local failure, such as of a file.
    #[cfg_attr(not(feature = "copy"), allow(dead_code))]
    Io(String),
    /// A command in a container that the call depends on.
    #[cfg_attr(not(feature = "copy"), allow(dead_code))]
    Command(String),
    /// An operation of more than one call ended without its result.
    Ended(Box<dyn Ending>),
    /// The caller aborted, with a description.
    Aborted(String),
}

/// What the client waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    Server,
    Credentials,
    RateLimit,
}

/// Failure of an operation of more than one call. Each operation has a type of its own for it, which the error carries
/// as its source.
pub(crate) trait Ending: fmt::Display + Any + Send + Sync {
    /// Whether it timed out.
    fn is_timeout(&self) -> bool;

    /// Whether the object was not found.
    fn is_not_found(&self) -> bool;
}

/// Why a server does not serve the call: it is too old or too new.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotServed {
    /// Path of the applied field that the server does not know; `None` if it is the call itself.
    pub field: Option<String>,
    /// The minors that serve it.
    pub by: Served,
    /// The server's version.
    pub server: ServerVersion,
}

/// The operation that failed: its method and path, without the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The HTTP method.
    pub method: Method,
    /// The path on the server.
    pub path: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Error {
    /// Returns the step at which the call failed, for a `match`. Each kind has a predicate too, and those of the API server's
    /// errors are by reason: [`is_not_found`](Self::is_not_found), [`is_conflict`](Self::is_conflict) and others.
    pub fn kind(&self) -> ErrorKind {
        match &self.0.kind {
            Kind::Config => ErrorKind::Config,
            Kind::Authentication | Kind::Timeout(Awaited::Credentials) => ErrorKind::Authentication,
            Kind::Build(_) => ErrorKind::Build,
            Kind::Connection | Kind::Stream(_) => ErrorKind::Connection,
            Kind::Timeout(Awaited::Server | Awaited::RateLimit) => ErrorKind::Timeout,
            Kind::Response(_) => ErrorKind::Decode,
            Kind::Api { .. } if self.0.no_such_group => ErrorKind::NotServed,
            Kind::Api { .. } => ErrorKind::Api,
            Kind::NotServed(_) | Kind::FeatureOff { .. } => ErrorKind::NotServed,
            Kind::Io(_) => ErrorKind::Io,
            Kind::Command(_) => ErrorKind::Command,
            Kind::Ended(_) => ErrorKind::Unmet,
            Kind::Aborted(_) => ErrorKind::Aborted,
        }
    }

    /// Whether the configuration (kubeconfig, service account, TLS material) is invalid.
    pub fn is_config(&self) -> bool {
        matches!(self.0.kind, Kind::Config)
    }

    /// Whether no credentials could be obtained for the request: an exec plugin, an OpenID Connect provider or a custom
    /// source failed, or was not ready within the request's [time-out](Self::is_timeout). Nothing was sent.
    /// [`auth_error`](Self::auth_error) has the details. (A server that rejects the credentials is
    /// [`is_unauthorized`](Self::is_unauthorized).)
    pub fn is_authentication(&self) -> bool {
        matches!(self.0.kind, Kind::Authentication | Kind::Timeout(Awaited::Credentials))
    }

    /// Whether the request could not be built. Nothing was sent.
    pub fn is_build(&self) -> bool {
        matches!(self.0.kind, Kind::Build(_))
    }

    /// Whether the connection failed (hyper's `is_connect`, and more): the request was not sent, or its response was
    /// not received or was incomplete; or a [stream](crate::stream) ended without its outcome.
    pub fn is_connection(&self) -> bool {
        matches!(self.0.kind, Kind::Connection | Kind::Stream(_))
    }

    /// Whether the client timed out: waiting for a response, for credentials ([`is_authentication`](Self::is_authentication)
    /// is true too), for its own rate limit, or for the condition of a [`Wait`](crate::wait::Wait). A time-out that the
    /// server reports is [`is_server_timeout`](Self::is_server_timeout).
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout(_)) || self.ended(Ending::is_timeout)
    }

    /// Returns the failure of an operation of more than one call, if it is of this type.
    pub(crate) fn ending<T: Ending>(&self) -> Option<&T> {
        match &self.0.kind {
            Kind::Ended(ending) => (&**ending as &dyn Any).downcast_ref(),
            _ => None,
        }
    }

    /// Whether the caller aborted an operation of more than one call: the function that was to
    /// [change](crate::request::ModifyRequest) an object returned an error, which is the [`source`](StdError::source),
    /// or a helper rejected its arguments.
    pub fn is_aborted(&self) -> bool {
        matches!(self.0.kind, Kind::Aborted(_))
    }

    /// Whether the response could not be decoded: it is not JSON, not of the expected kind, or truncated.
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Response(_))
    }

    /// Whether the API server rejected the request.
    pub fn is_api(&self) -> bool {
        matches!(self.0.kind, Kind::Api { .. })
    }

    /// Returns the API server's `Status`: reason, message, details, causes.
    ///
    /// It is unredacted, and so not for logs: the message and the causes quote rejected values, and for some patches
    /// the whole object, even a Secret. `Display` and `Debug` of this error omit values.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
    pub fn status(&self) -> Option<&Status> {
        match &self.0.kind {
            Kind::Api { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Returns the API server's message unredacted, which may quote any value of the object: see
    /// [`status`](Self::status). `Display` shows it without values.
    pub fn unredacted_message(&self) -> Option<&str> {
        self.status()?.message.as_deref()
    }

    /// Returns the HTTP status code of the error response.
    pub fn code(&self) -> Option<StatusCode> {
        match self.0.kind {
            Kind::Api { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Returns the machine-readable reason of the `Status`, such as `NotFound`.
    pub fn reason(&self) -> Option<&str> {
        self.status().and_then(|status| status.reason.as_deref())
    }

    /// Returns the version mismatch, if the server is too old or too new for the call: its minor is not among those
    /// that serve it. The server's error is the [`source`](StdError::source); [`is_not_found`](Self::is_not_found) is
    /// false, since nothing is known about the object.
    ///
    /// <https://kubernetes.io/releases/version-skew-policy/>
    pub fn not_served_by_version(&self) -> Option<&NotServed> {
        match &self.0.kind {
            Kind::NotServed(why) => Some(why),
            _ => None,
        }
    }

    /// Whether the server does not serve the call: it is too old or too new
    /// ([`not_served_by_version`](Self::not_served_by_version) has the details), a [feature gate](Self::feature_gate)
    /// is off, or it does not serve the group and version, such as of a CustomResourceDefinition that is not installed
    /// or not established (then [`is_not_found`](Self::is_not_found) is true too, for the kind).
    pub fn is_not_served(&self) -> bool {
        self.not_served_by_version().is_some() || self.feature_gate().is_some() || self.0.no_such_group
    }

    /// Returns the feature gate of kube-apiserver that the call requires, if the server has shown that it is off.
    ///
    /// <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>
    pub fn feature_gate(&self) -> Option<&str> {
        match self.0.kind {
            Kind::FeatureOff { gate, .. } => Some(gate),
            _ => None,
        }
    }

    /// Whether the input or output of the local machine failed, such as reading or writing a file. The cause is the
    /// [`source`](StdError::source).
    pub fn is_io(&self) -> bool {
        matches!(self.0.kind, Kind::Io(_))
    }

    /// Whether a command in a container that the call depends on failed or was not found, such as `tar` for a copy.
    pub fn is_command(&self) -> bool {
        matches!(self.0.kind, Kind::Command(_))
    }

    /// Returns the operation that failed, if there was a request.
    pub fn operation(&self) -> Option<&Operation> {
        self.0.operation.as_ref()
    }

    /// Returns the body of the response that could not be decoded, or of the error response, as far as it was read. It
    /// may contain secrets.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// Returns the delay that the server requests before the next attempt (`Retry-After`, or the status's
    /// `retryAfterSeconds`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after.or_else(|| {
            let seconds = self.status()?.details.as_ref()?.retry_after_seconds?;
            u64::try_from(seconds).ok().map(Duration::from_secs)
        })
    }

    /// Returns the `Audit-Id` of the error response, which identifies the request in the API server's audit log.
    ///
    /// <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>
    pub fn audit_id(&self) -> Option<&str> {
        self.0.audit_id.as_deref()
    }

    /// Whether the object (or its kind) does not exist: 404, or a [`Wait`](crate::wait::Wait) for an object that was
    /// not found.
    pub fn is_not_found(&self) -> bool {
        self.says("NotFound", StatusCode::NOT_FOUND) || self.ended(Ending::is_not_found)
    }

    /// Whether the object to create already exists: 409 with the reason `AlreadyExists`.
    pub fn is_already_exists(&self) -> bool {
        self.reason() == Some("AlreadyExists")
    }

    /// Whether there is a conflict: the object was modified concurrently, or another manager owns an applied field:
    /// 409.
    pub fn is_conflict(&self) -> bool {
        !self.is_already_exists() && self.says("Conflict", StatusCode::CONFLICT)
    }

    /// Whether the object is invalid: 422.
    pub fn is_invalid(&self) -> bool {
        self.says("Invalid", StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Whether the request is malformed: 400.
    pub fn is_bad_request(&self) -> bool {
        self.says("BadRequest", StatusCode::BAD_REQUEST)
    }

    /// Whether the client is not authenticated: 401.
    pub fn is_unauthorized(&self) -> bool {
        self.says("Unauthorized", StatusCode::UNAUTHORIZED)
    }

    /// Whether the user is not authorized: 403.
    pub fn is_forbidden(&self) -> bool {
        self.says("Forbidden", StatusCode::FORBIDDEN)
    }

    /// Whether the resource does not support the verb: 405.
    pub fn is_method_not_allowed(&self) -> bool {
        self.says("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED)
    }

    /// Whether the resource version or continue token has expired: 410. List again from the start.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses>
    pub fn is_expired(&self) -> bool {
        matches!(self.reason(), Some("Expired" | "Gone")) || self.code() == Some(StatusCode::GONE)
    }

    /// Whether the server throttles: 429. The refusal of a PodDisruptionBudget to evict a pod is a 429, too:
    /// [`is_disruption_budget`](Self::is_disruption_budget) tells the two apart.
    pub fn is_too_many_requests(&self) -> bool {
        self.says("TooManyRequests", StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether a PodDisruptionBudget forbids an eviction: for now, which is a 429, or, since Kubernetes 1.37, while the
    /// budget itself is misconfigured, which is a 403. Waiting does not resolve the second:
    /// [`is_too_many_requests`](Self::is_too_many_requests) is true for the first only, for which the crate
    /// `kubewright-ops` has `evict::BudgetRefusal`.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works>
    pub fn is_disruption_budget(&self) -> bool {
        self.has_cause("DisruptionBudget")
    }

    /// Whether the causes of the error include this one, such as `FieldValueRequired`, or `NamespaceTerminating` for
    /// creations that are no longer allowed.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
    pub fn has_cause(&self, reason: &str) -> bool {
        let details = self.status().and_then(|status| status.details.as_deref());
        details.is_some_and(|details| details.causes.iter().any(|cause| cause.reason.as_deref() == Some(reason)))
    }

    /// Whether the server timed out: reason `ServerTimeout` or `Timeout`, or 504.
    pub fn is_server_timeout(&self) -> bool {
        matches!(self.reason(), Some("ServerTimeout" | "Timeout")) || self.code() == Some(StatusCode::GATEWAY_TIMEOUT)
    }

    /// Whether it is an internal error of the server: the reason `InternalError`, or a 500 that is not from an API
    /// server.
    ///
    /// A `Status` with the code 500 and no reason is nearly always caused by the request (applying a field that the
    /// server does not know, a list with duplicate keys, an invalid strategic merge patch) and is
    /// [`is_request_fault`](Self::is_request_fault) instead: retried, it fails again.
    pub fn is_internal(&self) -> bool {
        match self.reason() {
            Some(reason) if !reason.is_empty() => reason == "InternalError",
            _ => self.code() == Some(StatusCode::INTERNAL_SERVER_ERROR) && !self.is_request_fault(),
        }
    }

    /// Whether the API server returned 500 without a reason, by which it reports requests that it can't carry out. Its
    /// message has the cause. (Rarely the cause is its store, as while etcd elects a leader: a few retries do no harm,
    /// but unlimited ones do not help.)
    pub fn is_request_fault(&self) -> bool {
        // Responses of others than an API server have no `status`.
        let bare = |status: &Status| status.status.is_some() && status.reason.as_deref().unwrap_or_default().is_empty();
        self.code() == Some(StatusCode::INTERNAL_SERVER_ERROR) && self.status().is_some_and(bare)
    }

    /// Whether the server is unavailable: 503.
    pub fn is_unavailable(&self) -> bool {
        self.says("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE)
    }

    fn says(&self, reason: &str, code: StatusCode) -> bool {
        match self.reason() {
            Some(given) if !given.is_empty() => given == reason,
            _ => self.code() == Some(code),
        }
    }

    fn ended(&self, how: impl FnOnce(&dyn Ending) -> bool) -> bool {
        matches!(&self.0.kind, Kind::Ended(ending) if how(&**ending))
    }

    /// Creates an error with which a helper of more than one call aborts, with a message.
    /// [`is_aborted`](Self::is_aborted) is true.
    pub fn aborted(message: impl Into<String>) -> Self {
        Self::new(Kind::Aborted(message.into()), None)
    }

    /// Creates a conflict that was detected before the server had to: an object is not the expected one, or not in the
    /// expected state. It equals the server's own, a 409 with the reason `Conflict`: [`is_conflict`](Self::is_conflict)
    /// is true.
    pub fn conflict(message: impl Into<String>) -> Self {
        let code = StatusCode::CONFLICT;
        let status = Status {
            status: Some("Failure".into()),
            reason: Some("Conflict".into()),
            message: Some(message.into().into()),
            code: Some(code.as_u16().into()),
            ..Status::default()
        };
        Self::api(code, status)
    }

    /// Sets the cause of an [aborted](Self::aborted) error: its [`source`](StdError::source). Other errors have their
    /// cause already and are unchanged.
    pub fn because(self, source: impl Into<BoxError>) -> Self {
        if self.is_aborted() { self.with_source(source) } else { self }
    }

    /// An operation of more than one call ended without its result.
    pub(crate) fn of_ending(ending: impl Ending) -> Self {
        Self::new(Kind::Ended(Box::new(ending)), None)
    }

    pub(crate) fn config(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Config, Some(source.into()))
    }

    pub(crate) fn build(message: impl Into<String>) -> Self {
        Self::new(Kind::Build(message.into()), None)
    }

    pub(crate) fn authentication(source: BoxError) -> Self {
        Self::new(Kind::Authentication, Some(source))
    }

    /// A connection that failed.
    pub(crate) fn connection(source: BoxError) -> Self {
        Self::new(Kind::Connection, Some(source))
    }

    /// The client timed out, with what it waited for.
    pub(crate) fn timed_out(message: String) -> Self {
        Self::silence(message)
    }

    /// A stream that broke.
    pub(crate) fn stream(message: impl Into<String>) -> Self {
        Self::new(Kind::Stream(message.into()), None)
    }

    /// A peer stopped responding.
    pub(crate) fn silence(source: impl Into<BoxError>) -> Self {
        Self::timeout(Awaited::Server, source)
    }

    /// The client waited for something in vain.
    pub(crate) fn timeout(awaited: Awaited, source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Timeout(awaited), Some(source.into()))
    }

    pub(crate) fn response(message: impl Into<String>, body: Option<Bytes>) -> Self {
        let mut error = Self::new(Kind::Response(message.into()), None);
        error.0.body = body;
        error
    }

    pub(crate) fn api(code: StatusCode, status: Status) -> Self {
        Self::new(Kind::Api { code, status: Box::new(status) }, None)
    }

    #[cfg_attr(not(feature = "copy"), allow(dead_code))]
    pub(crate) fn io(message: impl Into<String>) -> Self {
        Self::new(Kind::Io(message.into()), None)
    }

    #[cfg_attr(not(feature = "copy"), allow(dead_code))]
    pub(crate) fn command(message: impl Into<String>) -> Self {
        Self::new(Kind::Command(message.into()), None)
    }

    pub(crate) fn not_served(by: Served, server: ServerVersion) -> Self {
        Self::new(Kind::NotServed(Box::new(NotServed { field: None, by, server })), None)
    }

    pub(crate) fn field_not_served(field: &str, by: Served, server: ServerVersion) -> Self {
        Self::new(Kind::NotServed(Box::new(NotServed { field: Some(field.to_owned()), by, server })), None)
    }

    pub(crate) fn feature_off(gate: &'static str, observed: &'static str, default: &'static str) -> Self {
        Self::new(Kind::FeatureOff { gate, observed, default }, None)
    }

    /// Marks the error of a server that does not serve the group and version: the response is that of its web
    /// framework.
    pub(crate) fn no_such_group(mut self, group_version: &str) -> Self {
        if let Kind::Api { status, .. } = &mut self.0.kind {
            status.message = Some(format!("the server does not serve {group_version}").into());
            self.0.no_such_group = true;
        }
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.0.body = Some(body);
        self
    }

    pub(crate) fn with_unrouted(mut self, unrouted: bool) -> Self {
        self.0.unrouted = unrouted;
        self
    }

    /// Whether it is the API server's response for a path without a handler: text, not a `Status`.
    pub(crate) fn is_unrouted(&self) -> bool {
        self.0.unrouted
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_audit_id(mut self, audit_id: Option<&str>) -> Self {
        self.0.audit_id = audit_id.map(Into::into);
        self
    }

    pub(crate) fn with_operation(mut self, operation: &Operation) -> Self {
        self.0.operation.get_or_insert_with(|| operation.clone());
        self
    }

    fn new(kind: Kind, source: Option<BoxError>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            source,
            body: None,
            retry_after: None,
            audit_id: None,
            unrouted: false,
            no_such_group: false,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.0.operation {
            write!(f, "{operation}: ")?;
        }
        match &self.0.kind {
            Kind::Config => f.write_str("the client configuration is invalid"),
            Kind::Authentication => f.write_str("cannot obtain credentials for the request"),
            Kind::Build(message) => write!(f, "cannot build the request: {message}"),
            Kind::Connection => f.write_str("the connection to the API server failed"),
            Kind::Stream(message) | Kind::Io(message) | Kind::Command(message) | Kind::Aborted(message) => {
                f.write_str(message)
            }
            Kind::Ended(ending) => write!(f, "{ending}"),
            Kind::Timeout(Awaited::Server) => f.write_str("timed out waiting for the API server"),
            Kind::Timeout(Awaited::Credentials) => f.write_str("timed out waiting for credentials"),
            Kind::Timeout(Awaited::RateLimit) => f.write_str("timed out waiting for the client's rate limit"),
            Kind::NotServed(why) => {
                let what = why.field.as_deref().unwrap_or("it");
                write!(f, "{what} {}; the server is {}", why.by, why.server)
            }
            Kind::FeatureOff { gate, observed, default } => {
                write!(f, "{observed}; it requires the feature gate {gate} of kube-apiserver, which is {default}")
            }
            Kind::Response(message) => write!(f, "cannot decode the response: {message}"),
            Kind::Api { code, status } => {
                let message = status.message.as_deref().filter(|message| !message.is_empty()).map(redacted);
                let reason = status.reason.as_deref().filter(|reason| !reason.is_empty());
                match (reason, message) {
                    (Some(reason), Some(message)) => write!(f, "{reason} ({}): {message}", code.as_u16()),
                    (Some(reason), None) => write!(f, "{reason} ({})", code.as_u16()),
                    (None, Some(message)) => write!(f, "{code}: {message}"),
                    (None, None) => write!(f, "{code}"),
                }?;
                match self.retry_after() {
                    Some(delay) => write!(f, " (retry after {} s)", delay.as_secs_f64().ceil()),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("message", &self.to_string());
        if let Some(id) = &self.0.audit_id {
            out.field("audit_id", id);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Converts an error of [`extract`](crate::extract()), so that `?` works on it among calls.
impl From<ExtractError> for Error {
    fn from(error: ExtractError) -> Self {
        Self::response("cannot extract the fields of a field manager", None).with_source(error)
    }
}
