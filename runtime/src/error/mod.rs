//! The one error of the client: what was being done, to what, and at which step it failed.

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

pub(crate) use redact::redacted;

/// What a call comes to.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any source of an error.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// An error of the client.
///
/// It tells apart at which step a call failed: the configuration ([`is_config`](Self::is_config)), building the request
/// ([`is_build`](Self::is_build)), getting credentials ([`is_authentication`](Self::is_authentication)), the connection ([`is_connection`](Self::is_connection)), a time-out
/// ([`is_timeout`](Self::is_timeout)), understanding the response ([`is_response`](Self::is_response)), a server of a minor
/// that does not have what was called ([`is_not_served`](Self::is_not_served)), this machine ([`is_local`](Self::is_local)),
/// a command in a container ([`is_command`](Self::is_command)), or the API server, which understood and said no ([`status`](Self::status) and the predicates by reason, such as
/// [`is_not_found`](Self::is_not_found)). Two more come of what is done by several calls: what was waited for did not come
/// ([`unmet`](Self::unmet)), and a step between the calls was given up ([`is_abandoned`](Self::is_abandoned)).
///
/// `Display` gives this level only; the causes are in the chain of [`source`](StdError::source). The text is for
/// people and is not part of the API. It shows no values that the API server quotes as refused, nor JSON, since they may be
/// secret: a message of the server keeps its sentence and its field paths, and `…` stands for each value
/// ([`unredacted_message`](Self::unredacted_message) has them). What the sentence of an admission webhook or of a CEL rule
/// says in words of its own stays. Bodies are not quoted ([`body`](Self::body) has them).
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    operation: Option<Operation>,
    source: Option<BoxError>,
    body: Option<Bytes>,
    retry_after: Option<Duration>,
    audit_id: Option<Box<str>>,
    /// Whether it is the API server's own answer at a path that it has no handler for.
    unrouted: bool,
    /// Whether the server has no such group and version.
    no_such_group: bool,
}

enum Kind {
    Config,
    /// There are no credentials.
    Authentication,
    Build(String),
    Connection,
    /// A stream broke, and the words say how.
    Stream(String),
    Timeout,
    Response(String),
    Api {
        code: StatusCode,
        status: Box<Status>,
    },
    NotServed(Box<NotServed>),
    /// The server lacks a feature that it does not say it lacks: the gate, what was seen, and when the gate is off.
    FeatureOff {
        gate: &'static str,
        seen: &'static str,
        default: &'static str,
    },
    /// Something on this machine: a file, say.
    #[cfg_attr(not(feature = "copy"), allow(dead_code))]
    Local(String),
    /// A command in a container that a call stands on.
    #[cfg_attr(not(feature = "copy"), allow(dead_code))]
    Command(String),
    /// What is done by several calls ended without what it was for.
    Ended(Box<dyn Ending>),
    /// The program itself gave up, and the words say what.
    Abandoned(String),
}

/// How something ends that is done by several calls, without what it was for. A feature has a type of its own for it, which
/// the error carries without knowing it.
pub(crate) trait Ending: fmt::Display + Any + Send + Sync {
    /// Whether the time was up.
    fn is_timeout(&self) -> bool;

    /// Whether there is no object to do it with.
    fn is_not_found(&self) -> bool;
}

/// Why a server does not have what was called: it is too old for it, or too new.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotServed {
    /// The field that an apply has and the server does not, by its path; `None` if it is the call itself.
    pub field: Option<String>,
    /// Which minors serve it.
    pub by: Served,
    /// What the server is.
    pub server: ServerVersion,
}

/// Which request failed: its method and its path, without the query.
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
    /// Whether the configuration (kubeconfig, service account, TLS material) is at fault.
    pub fn is_config(&self) -> bool {
        matches!(self.0.kind, Kind::Config)
    }

    /// Whether there were no credentials for the request: an exec plugin, an OpenID Connect provider or the program's own
    /// source failed. Nothing was sent. [`auth_error`](Self::auth_error) says more. (A server that does not take the
    /// credentials is [`is_unauthorized`](Self::is_unauthorized).)
    pub fn is_authentication(&self) -> bool {
        matches!(self.0.kind, Kind::Authentication)
    }

    /// Whether the request could not be built: nothing was sent.
    pub fn is_build(&self) -> bool {
        matches!(self.0.kind, Kind::Build(_))
    }

    /// Whether the connection failed: the request was not sent, or its response did not come, or broke off; or a
    /// [stream](crate::stream) ended before it said how.
    pub fn is_connection(&self) -> bool {
        matches!(self.0.kind, Kind::Connection | Kind::Stream(_))
    }

    /// Whether the client gave up waiting: for a response, or for what a [`Wait`](crate::wait::Wait) was for. A time-out
    /// that the server reports is [`is_server_timeout`](Self::is_server_timeout).
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout) || self.ended(Ending::is_timeout)
    }

    /// Why what was done by several calls ended without what it was for, if it was of this type.
    pub(crate) fn ending<T: Ending>(&self) -> Option<&T> {
        match &self.0.kind {
            Kind::Ended(ending) => (&**ending as &dyn Any).downcast_ref(),
            _ => None,
        }
    }

    /// Whether nothing went wrong between client and server, but a step of several was given up by the program: the
    /// function that was to [change](crate::request::ModifyRequest) an object returned an error, which is the
    /// [`source`](StdError::source), or a helper refused what it was asked for.
    pub fn is_abandoned(&self) -> bool {
        matches!(self.0.kind, Kind::Abandoned(_))
    }

    /// Whether a response came that the client does not understand: not JSON, not the kind that was asked for, cut off.
    pub fn is_response(&self) -> bool {
        matches!(self.0.kind, Kind::Response(_))
    }

    /// Whether the API server understood the request and refused it.
    pub fn is_api(&self) -> bool {
        matches!(self.0.kind, Kind::Api { .. })
    }

    /// What the API server said when it refused: reason, message, details, causes.
    ///
    /// It is whole, and so not for logs: the message and the causes quote values that the server refused, and for some
    /// patches the whole object, be it a Secret. `Display` and `Debug` of this error leave values out.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
    pub fn status(&self) -> Option<&Status> {
        match &self.0.kind {
            Kind::Api { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The message of the API server as it came, which may quote any value of the object: see [`status`](Self::status).
    /// `Display` gives it without the values.
    pub fn unredacted_message(&self) -> Option<&str> {
        self.status()?.message.as_deref()
    }

    /// The HTTP status code with which the server refused.
    pub fn code(&self) -> Option<StatusCode> {
        match self.0.kind {
            Kind::Api { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The machine-readable reason that the server gave, such as `NotFound`.
    pub fn reason(&self) -> Option<&str> {
        self.status().and_then(|status| status.reason.as_deref())
    }

    /// That the server is too old for what was called, or too new: it is of another minor of Kubernetes than those that
    /// serve it. The refusal itself is the [`source`](StdError::source); [`is_not_found`](Self::is_not_found) does not
    /// hold, since nothing is known of the object.
    ///
    /// <https://kubernetes.io/releases/version-skew-policy/>
    pub fn not_served_by_version(&self) -> Option<&NotServed> {
        match &self.0.kind {
            Kind::NotServed(why) => Some(why),
            _ => None,
        }
    }

    /// Whether the server does not have what was called: it is too old or too new
    /// ([`not_served_by_version`](Self::not_served_by_version) says more), a [feature gate](Self::feature_gate) is off, or
    /// it has no such group and version, as of a CustomResourceDefinition that is not installed, or not established yet
    /// (then [`is_not_found`](Self::is_not_found) holds too, for the kind).
    pub fn is_not_served(&self) -> bool {
        self.not_served_by_version().is_some() || self.feature_gate().is_some() || self.0.no_such_group
    }

    /// The feature gate of kube-apiserver that what was called needs, where the server has shown that it is off.
    ///
    /// <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>
    pub fn feature_gate(&self) -> Option<&str> {
        match self.0.kind {
            Kind::FeatureOff { gate, .. } => Some(gate),
            _ => None,
        }
    }

    /// Whether something on this machine was in the way, such as a file that can't be read or written. What it was is the
    /// [`source`](StdError::source).
    pub fn is_local(&self) -> bool {
        matches!(self.0.kind, Kind::Local(_))
    }

    /// Whether a command in a container failed, or is not there, that the call stands on; a copy stands on `tar`.
    pub fn is_command(&self) -> bool {
        matches!(self.0.kind, Kind::Command(_))
    }

    /// Which request failed, where there was one.
    pub fn operation(&self) -> Option<&Operation> {
        self.0.operation.as_ref()
    }

    /// The body of the response that was not understood, or of the refusal, as far as it was read. It may hold secrets.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// How long the server asks to wait before the next attempt (`Retry-After`, or the status's `retryAfterSeconds`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after.or_else(|| {
            let seconds = self.status()?.details.as_ref()?.retry_after_seconds?;
            u64::try_from(seconds).ok().map(Duration::from_secs)
        })
    }

    /// The API server's name for the request that it refused (`Audit-Id`): its audit log has it under that name.
    ///
    /// <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>
    pub fn audit_id(&self) -> Option<&str> {
        self.0.audit_id.as_deref()
    }

    /// Whether the object (or the kind of object) does not exist: 404, or a [`Wait`](crate::wait::Wait) for an object
    /// that is not there.
    pub fn is_not_found(&self) -> bool {
        self.says("NotFound", StatusCode::NOT_FOUND) || self.ended(Ending::is_not_found)
    }

    /// Whether the object to be created is there already: 409 with the reason `AlreadyExists`.
    pub fn is_already_exists(&self) -> bool {
        self.reason() == Some("AlreadyExists")
    }

    /// Whether the object has changed in the meantime, or another manager owns an applied field: 409.
    pub fn is_conflict(&self) -> bool {
        !self.is_already_exists() && self.says("Conflict", StatusCode::CONFLICT)
    }

    /// Whether the object breaks a rule of its kind: 422.
    pub fn is_invalid(&self) -> bool {
        self.says("Invalid", StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Whether the server could not read the request: 400.
    pub fn is_bad_request(&self) -> bool {
        self.says("BadRequest", StatusCode::BAD_REQUEST)
    }

    /// Whether the server does not know who is asking: 401.
    pub fn is_unauthorized(&self) -> bool {
        self.says("Unauthorized", StatusCode::UNAUTHORIZED)
    }

    /// Whether who is asking may not do it: 403.
    pub fn is_forbidden(&self) -> bool {
        self.says("Forbidden", StatusCode::FORBIDDEN)
    }

    /// Whether the resource does not have the verb: 405.
    pub fn is_method_not_allowed(&self) -> bool {
        self.says("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED)
    }

    /// Whether the resource version or the continue token is too old to go on from: 410. List afresh.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses>
    pub fn is_expired(&self) -> bool {
        matches!(self.reason(), Some("Expired" | "Gone")) || self.code() == Some(StatusCode::GONE)
    }

    /// Whether the server asks to slow down: 429. A disruption budget that forbids an eviction answers so, too:
    /// [`is_disruption_budget`](Self::is_disruption_budget) tells the two apart.
    pub fn is_too_many_requests(&self) -> bool {
        self.says("TooManyRequests", StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether a disruption budget forbids an eviction: for now, which is a 429, or, since Kubernetes 1.37, as long as the
    /// budget itself is out of order, which is a 403. The second does not end by waiting:
    /// [`is_too_many_requests`](Self::is_too_many_requests) holds for the first alone, and the crate `kubewright` has
    /// `evict::BudgetRefusal` for it.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works>
    pub fn is_disruption_budget(&self) -> bool {
        self.has_cause("DisruptionBudget")
    }

    /// Whether the server named this among the causes of its refusal, such as `FieldValueRequired`, or
    /// `NamespaceTerminating` for what can't be created any more.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
    pub fn has_cause(&self, reason: &str) -> bool {
        let details = self.status().and_then(|status| status.details.as_deref());
        details.is_some_and(|details| details.causes.iter().any(|cause| cause.reason.as_deref() == Some(reason)))
    }

    /// Whether the server could not do it in time: reason `ServerTimeout` or `Timeout`, or 504.
    pub fn is_server_timeout(&self) -> bool {
        matches!(self.reason(), Some("ServerTimeout" | "Timeout")) || self.code() == Some(StatusCode::GATEWAY_TIMEOUT)
    }

    /// Whether the server has a fault of its own: the reason `InternalError`, or a 500 that is not from an API server.
    ///
    /// A `Status` with the code 500 and no reason is nearly always the request's fault (an apply of a field that the server
    /// does not know, a list with two items of one key, a strategic merge patch that is none) and is
    /// [`is_request_fault`](Self::is_request_fault) instead: sent again it fails again.
    pub fn is_internal(&self) -> bool {
        match self.reason() {
            Some(reason) if !reason.is_empty() => reason == "InternalError",
            _ => self.code() == Some(StatusCode::INTERNAL_SERVER_ERROR) && !self.is_request_fault(),
        }
    }

    /// Whether the API server failed with 500 and gave no reason, by which it reports requests that it can't carry out.
    /// Its message says why. (Seldom its store is the cause, as while etcd elects a leader: a few more attempts do no harm,
    /// attempts without end do no good.)
    pub fn is_request_fault(&self) -> bool {
        // What is not from an API server has no `status` in it.
        let bare = |status: &Status| status.status.is_some() && status.reason.as_deref().unwrap_or_default().is_empty();
        self.code() == Some(StatusCode::INTERNAL_SERVER_ERROR) && self.status().is_some_and(bare)
    }

    /// Whether the server can't serve just now: 503.
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

    /// An error of a program's own, between calls, for helpers that are made of several: what is given up, and why.
    /// [`is_abandoned`](Self::is_abandoned) holds.
    pub fn abandoned(message: impl Into<String>) -> Self {
        Self::new(Kind::Abandoned(message.into()), None)
    }

    /// A conflict that was found before the server had to: an object is not the one, or not as, the program takes for
    /// granted. It reads as the server's own, a 409 with the reason `Conflict`: [`is_conflict`](Self::is_conflict) holds.
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

    /// An error that was [abandoned](Self::abandoned), with its cause: its [`source`](StdError::source). Other errors know
    /// their cause already, and stay as they are.
    pub fn because(self, source: impl Into<BoxError>) -> Self {
        if self.is_abandoned() { self.with_source(source) } else { self }
    }

    /// What is done by several calls ended without what it was for.
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

    /// The client has waited long enough, and the words say for what.
    pub(crate) fn timed_out(message: String) -> Self {
        Self::new(Kind::Timeout, Some(message.into()))
    }

    /// A stream that broke.
    pub(crate) fn stream(message: impl Into<String>) -> Self {
        Self::new(Kind::Stream(message.into()), None)
    }

    /// A peer that went silent.
    pub(crate) fn silence(source: impl Into<BoxError>) -> Self {
        Self::new(Kind::Timeout, Some(source.into()))
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
    pub(crate) fn local(message: impl Into<String>) -> Self {
        Self::new(Kind::Local(message.into()), None)
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

    pub(crate) fn feature_off(gate: &'static str, seen: &'static str, default: &'static str) -> Self {
        Self::new(Kind::FeatureOff { gate, seen, default }, None)
    }

    /// The same error of a server that has no such group and version: the text of its web framework says only that.
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

    /// Whether it is the API server's own answer at a path that it has no handler for: text, and no `Status`.
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
            Kind::Config => f.write_str("the client's configuration is not usable"),
            Kind::Authentication => f.write_str("there are no credentials for the request"),
            Kind::Build(message) => write!(f, "the request can't be built: {message}"),
            Kind::Connection => f.write_str("the connection to the API server failed"),
            Kind::Stream(message) | Kind::Local(message) | Kind::Command(message) | Kind::Abandoned(message) => {
                f.write_str(message)
            }
            Kind::Ended(ending) => write!(f, "{ending}"),
            Kind::Timeout => f.write_str("timed out waiting for the API server"),
            Kind::NotServed(why) => {
                let what = why.field.as_deref().unwrap_or("it");
                write!(f, "{what} {}; the server is {}", why.by, why.server)
            }
            Kind::FeatureOff { gate, seen, default } => {
                write!(f, "{seen}; it needs the feature gate {gate} of kube-apiserver, which is {default}")
            }
            Kind::Response(message) => write!(f, "the response can't be understood: {message}"),
            Kind::Api { code, status } => {
                let message = status.message.as_deref().filter(|message| !message.is_empty()).map(redacted);
                let reason = status.reason.as_deref().filter(|reason| !reason.is_empty());
                match (reason, message) {
                    (Some(reason), Some(message)) => write!(f, "{reason} ({}): {message}", code.as_u16()),
                    (Some(reason), None) => write!(f, "{reason} ({})", code.as_u16()),
                    (None, Some(message)) => write!(f, "{code}: {message}"),
                    (None, None) => write!(f, "{code}"),
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

/// So that `?` works on [`extract`](crate::extract()) beside calls.
impl From<ExtractError> for Error {
    fn from(error: ExtractError) -> Self {
        Self::response("what a field manager owns can't be extracted", None).with_source(error)
    }
}
