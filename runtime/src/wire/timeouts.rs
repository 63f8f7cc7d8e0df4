//! What a request says about the time it may take.

use std::time::Duration;

/// An extension of a request whose answer may rightly be silent for long, such as a log that is followed: there is no
/// limit for it. Dead connections are found by HTTP/2 pings.
#[derive(Clone, Copy, Debug)]
pub struct NoReadTimeout;

/// An extension of a request that lasts for as long as its caller wants, such as a watch or a log that is followed: the
/// client's `request_timeout` does not hold for it. One of its [own](Timeouts::request) does.
///
/// These are the API server's long-running requests:
/// <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/> (`--request-timeout`).
#[derive(Clone, Copy, Debug)]
pub struct LongRunning;

/// An extension of a request: time limits of its own, in place of the client's. `None` is the client's, and
/// [`Duration::MAX`] no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to be there, in place of [`Config::connect_timeout`](crate::Config::connect_timeout); not more than
    /// that, for the connection may be made for others too.
    pub connect: Option<Duration>,
    /// For the whole of the request, from the first attempt to the end of the response's body, in place of
    /// [`Config::request_timeout`](crate::Config::request_timeout).
    pub request: Option<Duration>,
    /// For each silence of the server, in place of [`Config::read_timeout`](crate::Config::read_timeout).
    pub read: Option<Duration>,
}
