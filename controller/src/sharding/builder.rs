//! Settings of a member.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kubewright::Client;

use super::assignment::{MAX_SLOTS, Settings};
use super::{Membership, ShardingEvent};
use crate::election::{ElectionEvent, LeaderElection, LeaderElectionBuilder};
use crate::lease_error::LeaseError;
use crate::ring::ShardKey;

/// The label of the members' Leases.
pub(super) const GROUP_LABEL: &str = "kubewright.dev/shard-group";

/// The label of a member's Lease that has its settings: it gets slots of a table that has the same.
pub(super) const SETTINGS_LABEL: &str = "kubewright.dev/shard-settings";

/// The longest value of a label.
const MAX_LABEL: usize = 63;

/// Called with each event.
pub(super) type OnEvent = Arc<dyn Fn(&ShardingEvent<'_>) + Send + Sync>;

/// Builder of a [`Membership`]; see [`Membership::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct MembershipBuilder {
    pub(super) client: Client,
    pub(super) namespace: String,
    pub(super) group: String,
    pub(super) identity: Option<String>,
    pub(super) key: ShardKey,
    pub(super) slots: u32,
    pub(super) lease_duration: Duration,
    pub(super) renew_deadline: Duration,
    pub(super) retry_period: Duration,
    pub(super) stop_timeout: Duration,
    pub(super) on_event: Option<OnEvent>,
}

impl MembershipBuilder {
    pub(super) fn new(client: &Client, namespace: &str, group: &str) -> Self {
        Self {
            client: client.clone(),
            namespace: namespace.to_owned(),
            group: group.to_owned(),
            identity: None,
            key: ShardKey::Uid,
            slots: 64,
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
            stop_timeout: Duration::from_secs(30),
            on_event: None,
        }
    }

    /// Sets what people see as the holder of this replica's Lease (`holderIdentity`). The default is the name of the pod
    /// and a random number. Members are told apart by the names of their Leases, which are random.
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.identity = Some(identity.into());
        self
    }

    /// Sets the field by whose hash objects are shared. The default is the uid.
    pub fn key(mut self, key: ShardKey) -> Self {
        self.key = key;
        self
    }

    /// Sets the number of slots, from 1 to 1024: the most replicas that can have a share, and how evenly it is measured.
    /// The default is 64.
    pub fn slots(mut self, slots: u32) -> Self {
        self.slots = slots;
        self
    }

    /// Sets how long others wait after the last change of this replica's Lease before they take its slots. The default
    /// is 15 s. It is rounded up to whole seconds.
    pub fn lease_duration(mut self, duration: Duration) -> Self {
        self.lease_duration = duration;
        self
    }

    /// Sets how long this replica tries to renew its Lease before it stops to act. It must be less than the lease
    /// duration. The default is 10 s.
    pub fn renew_deadline(mut self, deadline: Duration) -> Self {
        self.renew_deadline = deadline;
        self
    }

    /// Sets the time between two renewals of the Lease, and between two reads of the group's. Changes of the table of
    /// slots are watched besides. The default is 2 s.
    pub fn retry_period(mut self, period: Duration) -> Self {
        self.retry_period = period;
        self
    }

    /// Sets how long [permits](crate::Permit) may be held after a shutdown is requested. Then the replica leaves without
    /// a confirmation, and its slots go to others after the lease duration. The default is 30 s.
    pub fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.stop_timeout = timeout;
        self
    }

    /// Calls a function with each [event](ShardingEvent). It should return soon.
    pub fn on_event(mut self, on_event: impl Fn(&ShardingEvent<'_>) + Send + Sync + 'static) -> Self {
        self.on_event = Some(Arc::new(on_event));
        self
    }

    /// Checks the settings. Nothing is sent until the membership runs.
    ///
    /// # Errors
    /// [`is_config`](LeaseError::is_config): a name is empty or too long, the number of slots is out of its range, or
    /// the durations do not satisfy *lease duration > renew deadline > 1.2 × retry period > 0*.
    pub fn build(self) -> Result<Membership, LeaseError> {
        if !(1..=MAX_SLOTS).contains(&self.slots) {
            return Err(LeaseError::config(format!("{} slots: there can be 1 to {MAX_SLOTS}", self.slots)));
        }
        if self.group.is_empty() || self.group.len() > MAX_LABEL {
            let message = format!("the name of the group has {} bytes: it can have 1 to {MAX_LABEL}", self.group.len());
            return Err(LeaseError::config(message));
        }
        let lock = self.lease("member").into_lock()?;
        let seconds = lock.seconds();
        let lease_duration_seconds = u32::try_from(seconds).unwrap_or_default();
        let settings = Settings { key: self.key, slots: self.slots, lease_duration_seconds };
        Ok(Membership::new(self, settings))
    }

    /// The Lease of a member.
    pub(super) fn lease(&self, name: &str) -> LeaderElectionBuilder {
        let lease = LeaderElection::builder(&self.client, &self.namespace, name)
            .lease_duration(self.lease_duration)
            .renew_deadline(self.renew_deadline)
            .retry_period(self.retry_period)
            .label(GROUP_LABEL, self.group.as_str());
        let lease = match &self.on_event {
            Some(on_event) => {
                let on_event = on_event.clone();
                lease.on_event(move |event| {
                    if let ElectionEvent::Failed { error } = event {
                        on_event(&ShardingEvent::Failed { error });
                    }
                })
            }
            None => lease,
        };
        match &self.identity {
            Some(identity) => lease.identity(identity.as_str()),
            None => lease,
        }
    }
}

impl fmt::Debug for MembershipBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MembershipBuilder")
            .field("namespace", &self.namespace)
            .field("group", &self.group)
            .field("key", &self.key)
            .field("slots", &self.slots)
            .field("lease_duration", &self.lease_duration)
            .finish_non_exhaustive()
    }
}
