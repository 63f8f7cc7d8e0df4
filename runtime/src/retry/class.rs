//! Classification of errors by whether to retry.

use http::StatusCode;

use crate::error::Error;

/// What a retry would achieve. [`Error::retry_class`] returns it.
///
/// It states whether the same request may succeed later, not whether it is safe to repeat: a write whose response was
/// lost may have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryClass {
    /// Transient: no connection, or one that broke, a time-out, an unavailable server (5xx). Retry with back-off.
    Transient,
    /// The server throttles: 429. Retry with back-off, and not before [`Error::retry_after`]. A PodDisruptionBudget
    /// that forbids an eviction is a 429, too ([`is_disruption_budget`](Error::is_disruption_budget)), possibly for
    /// hours.
    Throttled,
    /// Rarely transient: a response that can't be decoded, a 500 without a reason
    /// ([`is_request_fault`](Error::is_request_fault)), a failed TLS handshake. Retry only a few times.
    Uncertain,
    /// A resource version or continue token has expired: 410. The same request fails again; list from the start.
    Expired,
    /// A conflict: the object was modified concurrently (409). The same request fails again; re-read the object and
    /// apply the change to its current state.
    Conflict,
    /// Permanent: the request, the configuration, the permissions or the program are at fault.
    Permanent,
}

impl RetryClass {
    /// Whether the same request may succeed later: [`Transient`](Self::Transient), [`Throttled`](Self::Throttled) or
    /// [`Uncertain`](Self::Uncertain).
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Transient | Self::Throttled | Self::Uncertain)
    }

    /// Returns the class of an error response by its status alone. The body may refine it: see [`Error::retry_class`].
    pub fn of_status(code: StatusCode) -> Self {
        match code {
            StatusCode::TOO_MANY_REQUESTS => Self::Throttled,
            StatusCode::GONE => Self::Expired,
            StatusCode::CONFLICT => Self::Conflict,
            code if code.is_server_error() => Self::Transient,
            _ => Self::Permanent,
        }
    }
}

impl Error {
    /// Returns what a retry would achieve: the classification by which every part of this library retries.
    ///
    /// | error | class |
    /// |---|---|
    /// | no connection, or one that broke; a [stream](crate::stream) that broke | [`Transient`](RetryClass::Transient) |
    /// | a time-out, of the client or of the server | `Transient` |
    /// | 5xx | `Transient` |
    /// | 429 | [`Throttled`](RetryClass::Throttled) |
    /// | 500 with a `Status` without a reason ([`is_request_fault`](Self::is_request_fault)) | [`Uncertain`](RetryClass::Uncertain) |
    /// | a response that can't be decoded or decompressed | `Uncertain` |
    /// | a failed TLS handshake; an unreadable token file | `Uncertain` |
    /// | no credentials | [`AuthError::retry_class`](crate::auth::AuthError::retry_class) |
    /// | 410 | [`Expired`](RetryClass::Expired) |
    /// | 409, except `AlreadyExists` and fields that another manager owns | [`Conflict`](RetryClass::Conflict) |
    /// | anything else | [`Permanent`](RetryClass::Permanent) |
    ///
    /// A [`Wait`](crate::wait::Wait) that timed out is `Permanent`: it has retried already until its time-out.
    pub fn retry_class(&self) -> RetryClass {
        match self.code() {
            Some(code) => self.class_of_refusal(code),
            None if self.unmet().is_some() => RetryClass::Permanent,
            None if self.is_decode() => RetryClass::Uncertain,
            None if self.is_authentication() => self.class_of_authentication(),
            None if self.is_connection() || self.is_timeout() => self.class_of_transport(),
            None => RetryClass::Permanent,
        }
    }

    fn class_of_refusal(&self, code: StatusCode) -> RetryClass {
        if self.is_expired() {
            RetryClass::Expired
        } else if self.is_too_many_requests() {
            RetryClass::Throttled
        } else if self.is_request_fault() {
            RetryClass::Uncertain
        } else if self.is_server_timeout() || self.is_internal() || self.is_unavailable() || code.is_server_error() {
            RetryClass::Transient
        } else if self.is_conflict() && !self.has_cause("FieldManagerConflict") {
            RetryClass::Conflict
        } else {
            RetryClass::Permanent
        }
    }

    fn class_of_transport(&self) -> RetryClass {
        // A request that could not be built, or a token that could not be read: a volume may be in the middle of an
        // update.
        if let Some(error) = self.config_cause() {
            return if error.is_unreadable() { RetryClass::Uncertain } else { RetryClass::Permanent };
        }
        // A custom service may fail in any way.
        self.transport_cause().map_or(RetryClass::Transient, |error| error.retry_class())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::v1::{Status, StatusCause, StatusDetails};

    fn refusal(code: u16, reason: &str) -> Error {
        let reason = Some(reason).filter(|reason| !reason.is_empty()).map(Into::into);
        let status = Status { status: Some("Failure".into()), reason, code: Some(code.into()), ..Status::default() };
        Error::api(StatusCode::from_u16(code).expect("a code"), status)
    }

    #[test]
    fn every_refusal_has_its_class() {
        let cases = [
            (429, "TooManyRequests", RetryClass::Throttled),
            (429, "", RetryClass::Throttled),
            (500, "InternalError", RetryClass::Transient),
            (500, "ServerTimeout", RetryClass::Transient),
            (500, "", RetryClass::Uncertain),
            (502, "", RetryClass::Transient),
            (503, "ServiceUnavailable", RetryClass::Transient),
            (504, "Timeout", RetryClass::Transient),
            (410, "Expired", RetryClass::Expired),
            (410, "Gone", RetryClass::Expired),
            (410, "", RetryClass::Expired),
            (409, "Conflict", RetryClass::Conflict),
            (409, "AlreadyExists", RetryClass::Permanent),
            (400, "BadRequest", RetryClass::Permanent),
            (401, "Unauthorized", RetryClass::Permanent),
            (403, "Forbidden", RetryClass::Permanent),
            (404, "NotFound", RetryClass::Permanent),
            (405, "MethodNotAllowed", RetryClass::Permanent),
            (422, "Invalid", RetryClass::Permanent),
        ];
        for (code, reason, class) in cases {
            assert_eq!(refusal(code, reason).retry_class(), class, "{code} {reason}");
        }
    }

    #[test]
    fn a_500_that_is_not_from_an_api_server_passes() {
        let error = Error::api(StatusCode::INTERNAL_SERVER_ERROR, Status::default());
        assert_eq!(error.retry_class(), RetryClass::Transient);
    }

    #[test]
    fn fields_of_another_manager_are_a_conflict_that_does_not_pass() {
        let cause = StatusCause { reason: Some("FieldManagerConflict".into()), ..StatusCause::default() };
        let details = StatusDetails { causes: vec![cause], ..StatusDetails::default() };
        let status = Status { reason: Some("Conflict".into()), details: Some(Box::new(details)), ..Status::default() };
        let error = Error::api(StatusCode::CONFLICT, status);
        assert!(error.is_conflict());
        assert_eq!(error.retry_class(), RetryClass::Permanent);
    }

    #[test]
    fn an_error_that_is_no_refusal_is_classified_by_its_step() {
        let broke = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let late = || std::io::Error::from(std::io::ErrorKind::TimedOut);
        let cases = [
            (Error::transport(broke().into()), RetryClass::Transient),
            (Error::transport(late().into()), RetryClass::Transient),
            (Error::stream("the stream broke"), RetryClass::Transient),
            (Error::silence(late()), RetryClass::Transient),
            (Error::response("not JSON", None), RetryClass::Uncertain),
            (Error::build("an empty name"), RetryClass::Permanent),
            (Error::aborted("the program wants no more"), RetryClass::Permanent),
            (Error::io("the disk is full"), RetryClass::Permanent),
            (Error::command("no tar"), RetryClass::Permanent),
        ];
        for (error, class) in cases {
            assert_eq!(error.retry_class(), class, "{error}");
        }
    }

    #[test]
    fn by_its_status_alone_a_response_has_the_class_of_its_code() {
        for (code, class) in [
            (429, RetryClass::Throttled),
            (500, RetryClass::Transient),
            (503, RetryClass::Transient),
            (410, RetryClass::Expired),
            (409, RetryClass::Conflict),
            (404, RetryClass::Permanent),
        ] {
            assert_eq!(RetryClass::of_status(StatusCode::from_u16(code).expect("a code")), class, "{code}");
        }
    }
}
