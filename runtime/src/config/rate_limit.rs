//! How many requests a client may send.

/// The most requests a second on average, and the most at once: a token bucket, as client-go's `QPS` and `Burst`.
///
/// The API server protects itself, with [priority and
/// fairness](https://kubernetes.io/docs/concepts/cluster-administration/flow-control/), and the client heeds what it says
/// (429, `Retry-After`). A limit here is for programs that want to leave room for others of the same user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests a second, on average. Greater than 0; a fraction is one in several seconds.
    pub per_second: f64,
    /// Requests at once, after a pause that was long enough. At least 1.
    pub burst: u32,
}

impl RateLimit {
    /// `per_second` requests on average, and `burst` at once. What is out of range becomes the nearest value in it: a client
    /// that never sends anything is no use.
    pub fn new(per_second: f64, burst: u32) -> Self {
        let per_second = if per_second.is_finite() { per_second.max(1e-6) } else { 1e6 };
        Self { per_second, burst: burst.max(1) }
    }
}
