//! Settings of a member.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kubewright::Client;

use super::assignment::{MAX_SLOTS, Settings};
use super::{Membership, ShardingEvent};
use crate::election::lock::Lock;
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
    /// The settings of the members' Leases, under the name of the group.
    pub(super) lease: LeaderElectionBuilder,
    pub(super) key: ShardKey,
    pub(super) slots: u32,
    pub(super) on_event: Option<OnEvent>,
}

impl MembershipBuilder {
    pub(super) fn new(client: &Client, namespace: &str, group: &str) -> Self {
        let lease = LeaderElection::builder(client, namespace, group).label(GROUP_LABEL, group);
        Self { lease, key: ShardKey::Uid, slots: 64, on_event: None }
    }

    /// Sets the holder of this replica's Lease (`holderIdentity`), for people. The default is the name of the pod and a random
    /// number. Members are distinguished by the names of their Leases, which are random.
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.lease = self.lease.identity(identity);
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
        self.lease = self.lease.lease_duration(duration);
        self
    }

    /// Sets how long this replica tries to renew its Lease before it stops to act. It must be less than the lease
    /// duration. The default is 10 s.
    pub fn renew_deadline(mut self, deadline: Duration) -> Self {
        self.lease = self.lease.renew_deadline(deadline);
        self
    }

    /// Sets the time between two renewals of the Lease, and between two reads of the group's. Changes of the table of
    /// slots are watched besides. The default is 2 s.
    pub fn retry_period(mut self, period: Duration) -> Self {
        self.lease = self.lease.retry_period(period);
        self
    }

    /// Sets how long [permits](crate::Permit) may be held after a shutdown is requested. Then the replica leaves without
    /// a confirmation, and its slots go to others after the lease duration. The default is 30 s.
    pub fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.lease = self.lease.stop_timeout(timeout);
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
        let length = self.lease.name.len();
        if !(1..=MAX_LABEL).contains(&length) {
            let message = format!("the name of the group has {length} bytes: it can have 1 to {MAX_LABEL}");
            return Err(LeaseError::config(message));
        }
        let lease_duration_seconds = self.lease.check()?;
        let settings = Settings { key: self.key, slots: self.slots, lease_duration_seconds };
        Ok(Membership::new(self, settings))
    }

    /// The Lease of a member with this name.
    pub(super) fn lock(&self, name: &str, settings: &Settings) -> Lock {
        let mut lease = self.lease.clone().label(SETTINGS_LABEL, settings.to_label());
        lease.name = name.to_owned();
        if let Some(on_event) = self.on_event.clone() {
            lease = lease.on_event(move |event| {
                if let ElectionEvent::Failed { error } = event {
                    on_event(&ShardingEvent::Failed { error });
                }
            });
        }
        Lock::new(lease, settings.lease_duration_seconds)
    }
}

impl fmt::Debug for MembershipBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MembershipBuilder")
            .field("lease", &self.lease)
            .field("key", &self.key)
            .field("slots", &self.slots)
            .finish_non_exhaustive()
    }
}
