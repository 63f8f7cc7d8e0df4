//! Errors of what is coordinated by Leases.

use std::fmt;
use std::time::Duration;

use kubewright::Error;

/// The error of leader election or scale-out that is misconfigured, or of an attempt to acquire or renew a Lease.
#[derive(Debug)]
pub struct LeaseError(Box<Kind>);

#[derive(Debug)]
enum Kind {
    Config(String),
    Request { action: &'static str, error: Error },
    Timeout { action: &'static str, limit: Duration },
    Exhausted,
    Group(String),
}

impl LeaseError {
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Config(message.into())))
    }

    pub(crate) fn request(action: &'static str, error: Error) -> Self {
        Self(Box::new(Kind::Request { action, error }))
    }

    pub(crate) fn timeout(action: &'static str, limit: Duration) -> Self {
        Self(Box::new(Kind::Timeout { action, limit }))
    }

    pub(crate) fn exhausted() -> Self {
        Self(Box::new(Kind::Exhausted))
    }

    /// The object by which replicas share the work is not what it should be.
    pub(crate) fn group(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Group(message.into())))
    }

    /// Whether the replica is misconfigured.
    pub fn is_config(&self) -> bool {
        matches!(*self.0, Kind::Config(_))
    }

    /// Whether a request timed out.
    pub fn is_timeout(&self) -> bool {
        match &*self.0 {
            Kind::Timeout { .. } => true,
            Kind::Request { error, .. } => error.is_timeout(),
            Kind::Config(_) | Kind::Exhausted | Kind::Group(_) => false,
        }
    }

    /// Whether another client modified or created the object concurrently (409).
    pub fn is_conflict(&self) -> bool {
        self.api().is_some_and(|error| error.is_conflict() || error.is_already_exists())
    }

    /// Returns the error of the request, if one failed.
    pub fn api(&self) -> Option<&Error> {
        match &*self.0 {
            Kind::Request { error, .. } => Some(error),
            Kind::Config(_) | Kind::Timeout { .. } | Kind::Exhausted | Kind::Group(_) => None,
        }
    }

    /// The time before which the server does not want another attempt; zero if it did not say.
    pub(crate) fn retry_after(&self) -> Duration {
        self.api().and_then(Error::retry_after).unwrap_or_default()
    }
}

impl fmt::Display for LeaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Config(message) | Kind::Group(message) => f.write_str(message),
            Kind::Request { action, .. } => write!(f, "failed to {action}"),
            Kind::Timeout { action, limit } => write!(f, "failed to {action}: no response within {limit:?}"),
            Kind::Exhausted => f.write_str("leaseTransitions of the Lease is at its maximum; delete the Lease"),
        }
    }
}

impl std::error::Error for LeaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.api().map(|error| error as _)
    }
}
