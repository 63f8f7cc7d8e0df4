//! The steps at which a call can fail.

/// Step at which a call failed, as [`Error::kind`](crate::Error::kind) returns it.
///
/// ```
/// use kubewright_runtime::{Error, ErrorKind};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::Config | ErrorKind::Authentication => "check the kubeconfig",
///         ErrorKind::Connection | ErrorKind::Timeout => "is the cluster reachable?",
///         ErrorKind::NotServed => "install the CustomResourceDefinition, or update the cluster",
///         _ => "see the message",
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration is invalid: [`is_config`](crate::Error::is_config).
    Config,
    /// No credentials could be obtained, or not in time: [`is_authentication`](crate::Error::is_authentication).
    Authentication,
    /// The request could not be built: [`is_build`](crate::Error::is_build).
    Build,
    /// The connection or a stream failed: [`is_connection`](crate::Error::is_connection).
    Connection,
    /// The client timed out, waiting for a response or for its own rate limit: [`is_timeout`](crate::Error::is_timeout), which
    /// is true for credentials and conditions that were waited for too.
    Timeout,
    /// The response could not be decoded: [`is_decode`](crate::Error::is_decode).
    Decode,
    /// The API server rejected the request: [`is_api`](crate::Error::is_api), and the predicates by reason.
    Api,
    /// The server does not serve the call: [`is_not_served`](crate::Error::is_not_served).
    NotServed,
    /// The local machine's input or output failed: [`is_io`](crate::Error::is_io).
    Io,
    /// A command in a container failed: [`is_command`](crate::Error::is_command).
    Command,
    /// An operation of more than one call ended without its result, such as a wait whose condition was not met:
    /// [`unmet`](crate::Error::unmet).
    Unmet,
    /// The caller aborted an operation between its calls: [`is_aborted`](crate::Error::is_aborted).
    Aborted,
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::ErrorKind;
    use crate::Error;
    use crate::error::Awaited;
    use crate::meta::v1::Status;

    type Case = (Error, ErrorKind, fn(&Error) -> bool);

    #[test]
    fn the_kind_of_an_error_agrees_with_its_predicates() {
        let status = || Error::api(StatusCode::NOT_FOUND, Status::default());
        let cases: [Case; 13] = [
            (Error::config("no context"), ErrorKind::Config, Error::is_config),
            (Error::authentication("no token".into()), ErrorKind::Authentication, Error::is_authentication),
            (Error::timeout(Awaited::Credentials, "5 s"), ErrorKind::Authentication, Error::is_authentication),
            (Error::build("no name"), ErrorKind::Build, Error::is_build),
            (Error::connection("reset".into()), ErrorKind::Connection, Error::is_connection),
            (Error::stream("cut"), ErrorKind::Connection, Error::is_connection),
            (Error::timeout(Awaited::RateLimit, "5 s"), ErrorKind::Timeout, Error::is_timeout),
            (Error::response("no JSON", None), ErrorKind::Decode, Error::is_decode),
            (status(), ErrorKind::Api, Error::is_api),
            (status().no_such_group("example.com/v1"), ErrorKind::NotServed, Error::is_not_served),
            (Error::io("no file"), ErrorKind::Io, Error::is_io),
            (Error::command("no tar"), ErrorKind::Command, Error::is_command),
            (Error::aborted("by the caller"), ErrorKind::Aborted, Error::is_aborted),
        ];
        for (error, kind, predicate) in cases {
            assert_eq!(error.kind(), kind, "{error}");
            assert!(predicate(&error), "{error}");
        }
        let old = Error::feature_off("ShardedListAndWatch", "it was ignored", "off by default");
        assert!(old.kind() == ErrorKind::NotServed && old.is_not_served());
    }
}
