//! Settings of an election.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kubewright::Client;

use super::lock::Lock;
use super::{ElectionEvent, LeaderElection, identity};
use crate::lease_error::LeaseError;

/// How much longer than the retry period a delay may be, by jitter: that of client-go.
pub(super) const JITTER: f64 = 1.2;

/// Called with each event.
pub(super) type OnEvent = Arc<dyn Fn(&ElectionEvent<'_>) + Send + Sync>;

/// Builder of a [`LeaderElection`]; see [`LeaderElection::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct LeaderElectionBuilder {
    pub(crate) client: Client,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) identity: String,
    pub(crate) lease_duration: Duration,
    pub(crate) renew_deadline: Duration,
    pub(crate) retry_period: Duration,
    pub(crate) stop_timeout: Duration,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) on_event: Option<OnEvent>,
}

impl LeaderElectionBuilder {
    pub(crate) fn new(client: &Client, namespace: &str, name: &str) -> Self {
        Self {
            client: client.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            identity: identity::unique(),
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
            stop_timeout: Duration::from_secs(30),
            labels: Vec::new(),
            on_event: None,
        }
    }

    /// Sets the identity of this replica (`holderIdentity`), which no other replica may have. The default is the name of
    /// the pod (`POD_NAME` or `HOSTNAME` in the environment) or host, and a random number.
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.identity = identity.into();
        self
    }

    /// Sets how long other replicas wait after the last change of the Lease before one of them takes it over. The
    /// default is 15 s. The Lease has it in whole seconds (`leaseDurationSeconds`), rounded up.
    pub fn lease_duration(mut self, duration: Duration) -> Self {
        self.lease_duration = duration;
        self
    }

    /// Sets how long the leader tries to renew the Lease before it stops leading. It must be less than the lease
    /// duration; the difference is the time that its function has to stop. The default is 10 s.
    pub fn renew_deadline(mut self, deadline: Duration) -> Self {
        self.renew_deadline = deadline;
        self
    }

    /// Sets the time between two attempts to acquire or renew the Lease. Delays of candidates have up to 120 % of it as
    /// jitter on top, as in client-go; 1.2 times the period must be less than the renew deadline. The default is 2 s.
    pub fn retry_period(mut self, period: Duration) -> Self {
        self.retry_period = period;
        self
    }

    /// Sets how long the leader's function, and [permits](crate::Permit) of the gate, may take to end after a shutdown is
    /// requested; the Lease is renewed meanwhile. Then the function is dropped. The default is 30 s.
    pub fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.stop_timeout = timeout;
        self
    }

    /// Adds a label to the Lease when it is written. May be repeated.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push((key.into(), value.into()));
        self
    }

    /// Calls a function with each [event](ElectionEvent). It should return soon: renewals wait for it.
    pub fn on_event(mut self, on_event: impl Fn(&ElectionEvent<'_>) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(on_event));
        self
    }

    /// Checks the settings. Nothing is sent until the election runs.
    ///
    /// # Errors
    /// [`is_config`](LeaseError::is_config): a name is empty, or the durations do not satisfy *lease duration > renew
    /// deadline > 1.2 × retry period > 0*.
    pub fn build(self) -> Result<LeaderElection, LeaseError> {
        let seconds = self.check()?;
        Ok(LeaderElection::new(Lock::new(self, seconds)))
    }

    /// Checks the settings. Returns the lease duration in seconds, as the Lease has it.
    pub(crate) fn check(&self) -> Result<u32, LeaseError> {
        for (what, text) in [("namespace", &self.namespace), ("name", &self.name)] {
            if text.is_empty() {
                return Err(LeaseError::config(format!("the {what} of the Lease is empty")));
            }
        }
        if self.identity.is_empty() {
            return Err(LeaseError::config("the identity is empty"));
        }
        let (lease, renew, retry) = (self.lease_duration, self.renew_deadline, self.retry_period);
        let Some(seconds) = whole_seconds(lease) else {
            return Err(LeaseError::config(format!("the lease duration ({lease:?}) is too long")));
        };
        if lease <= renew {
            let message = format!("the lease duration ({lease:?}) must be greater than the renew deadline ({renew:?})");
            return Err(LeaseError::config(message));
        }
        // Compared first: a product of what is too long would overflow.
        if renew <= retry || renew <= retry.mul_f64(JITTER) {
            let message =
                format!("the renew deadline ({renew:?}) must be greater than 1.2 times the retry period ({retry:?})");
            return Err(LeaseError::config(message));
        }
        if retry.is_zero() {
            return Err(LeaseError::config("the retry period must be greater than zero"));
        }
        Ok(seconds)
    }
}

/// Rounded up: others then wait rather too long.
fn whole_seconds(duration: Duration) -> Option<u32> {
    let seconds = duration.as_secs().checked_add(u64::from(duration.subsec_nanos() > 0))?;
    // The field is a signed one.
    u32::try_from(seconds).ok().filter(|seconds| i32::try_from(*seconds).is_ok())
}

impl fmt::Debug for LeaderElectionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaderElectionBuilder")
            .field("namespace", &self.namespace)
            .field("name", &self.name)
            .field("identity", &self.identity)
            .field("lease_duration", &self.lease_duration)
            .field("renew_deadline", &self.renew_deadline)
            .field("retry_period", &self.retry_period)
            .finish_non_exhaustive()
    }
}
