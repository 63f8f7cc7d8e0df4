//! Whether a request is admitted, and what else the client and the audit log receive.

use http::StatusCode;
use kubewright::meta::v1::{Status, StatusCause, StatusDetails};
use kubewright::{CompactString, Map};

use crate::webhook::v1;

/// The decision of a webhook: admit a request, or deny it.
///
/// ```
/// use http::StatusCode;
/// use kubewright_controller::webhook::{Decision, Denial};
///
/// let admitted = Decision::allow().warn("spec.replicas above 50 needs a quota");
/// let denied = Decision::deny("images come from registry.example.com");
/// let invalid = Decision::deny(
///     Denial::new("the ferry has too many decks")
///         .code(StatusCode::UNPROCESSABLE_ENTITY)
///         .reason("Invalid")
///         .cause("spec.decks", "at most 3"),
/// );
/// assert!(admitted.is_allowed() && !denied.is_allowed() && !invalid.is_allowed());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Decision {
    denial: Option<Denial>,
    warnings: Vec<CompactString>,
    audit_annotations: Map<CompactString>,
}

impl Decision {
    /// Admits the request.
    pub fn allow() -> Self {
        Self { denial: None, warnings: Vec::new(), audit_annotations: Map::default() }
    }

    /// Denies the request. The client receives an error with this message: by default 403, `Forbidden`.
    pub fn deny(denial: impl Into<Denial>) -> Self {
        Self { denial: Some(denial.into()), ..Self::allow() }
    }

    /// Adds a warning, which kubectl prints. It should name the field, in at most 120 characters; the API server
    /// truncates warnings beyond 256 bytes, and beyond 4096 in all.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response>
    pub fn warn(mut self, warning: impl Into<CompactString>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Adds an annotation to the audit event. The API server prefixes the key with the webhook's name.
    ///
    /// <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>
    pub fn audit(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.audit_annotations.insert(key.into(), value.into());
        self
    }

    /// Whether the request is admitted.
    pub fn is_allowed(&self) -> bool {
        self.denial.is_none()
    }

    /// The response to the request with this uid.
    pub(super) fn response(self, uid: CompactString) -> v1::AdmissionResponse {
        v1::AdmissionResponse {
            uid,
            allowed: self.denial.is_none(),
            status: self.denial.map(|denial| Box::new(denial.0)),
            audit_annotations: self.audit_annotations,
            warnings: self.warnings,
            ..Default::default()
        }
    }
}

impl From<Denial> for Decision {
    fn from(denial: Denial) -> Self {
        Self::deny(denial)
    }
}

/// Why a request is denied: the error that the client receives.
///
/// The API server prefixes the message with `admission webhook "NAME" denied the request: `.
#[derive(Clone, Debug)]
#[must_use]
pub struct Denial(Status);

impl Denial {
    /// Creates a denial with a message, the code 403 and the reason `Forbidden`.
    pub fn new(message: impl Into<CompactString>) -> Self {
        Self(Status {
            status: Some("Failure".into()),
            message: Some(message.into()),
            reason: Some("Forbidden".into()),
            code: Some(StatusCode::FORBIDDEN.as_u16().into()),
            ..Status::default()
        })
    }

    /// Sets the HTTP status code. The API server raises codes below 400 to 400.
    pub fn code(mut self, code: StatusCode) -> Self {
        self.0.code = Some(code.as_u16().into());
        self
    }

    /// Sets the reason, which programs check: `Invalid`, `Conflict`, or one of the webhook's own.
    pub fn reason(mut self, reason: impl Into<CompactString>) -> Self {
        self.0.reason = Some(reason.into());
        self
    }

    /// Adds a cause: the field path, such as `spec.containers[0].image`, and what is wrong with its value.
    pub fn cause(mut self, field: impl Into<CompactString>, message: impl Into<CompactString>) -> Self {
        let cause = StatusCause {
            reason: Some("FieldValueInvalid".into()),
            message: Some(message.into()),
            field: Some(field.into()),
            ..StatusCause::default()
        };
        self.0.details.get_or_insert_with(|| Box::new(StatusDetails::default())).causes.push(cause);
        self
    }
}

impl From<&str> for Denial {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<String> for Denial {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}
