//! The objects of a group on the server: the Lease with the table of slots, and those of the members.

use std::future::IntoFuture;
use std::time::Duration;

use kubewright::Error;
use kubewright::coordination::v1::{CoordinationV1, Lease, Leases};
use kubewright::meta::v1::ObjectMeta;
use kubewright::watch::Watcher;
use tokio::time::timeout;

use super::assignment::{Assignment, Settings};
use super::builder::{GROUP_LABEL, MembershipBuilder};
use crate::lease_error::LeaseError;

/// The annotation of the group's Lease that has the table.
const TABLE: &str = "kubewright.dev/shards";

/// An owner that is nobody, of the slots of a table that was created while others may still act by an earlier one.
const NOBODY: &str = "unknown";

pub(super) struct Group {
    leases: Leases,
    name: String,
    /// How long a request may take.
    limit: Duration,
}

/// The table as it was read.
pub(super) struct Read {
    pub(super) table: Assignment,
    lease: Lease,
}

impl Group {
    pub(super) fn new(builder: &MembershipBuilder, limit: Duration) -> Self {
        let leases = CoordinationV1::new(&builder.lease.client).leases(&builder.lease.namespace);
        Self { leases, name: builder.lease.name.clone(), limit }
    }

    async fn request<T>(
        &self,
        action: &'static str,
        request: impl IntoFuture<Output = Result<T, Error>>,
    ) -> Result<T, LeaseError> {
        match timeout(self.limit, request.into_future()).await {
            Ok(outcome) => outcome.map_err(|error| LeaseError::request(action, error)),
            Err(_) => Err(LeaseError::timeout(action, self.limit)),
        }
    }

    /// The Leases of all members, as they are at the time of the request, or later.
    pub(super) async fn members(&self) -> Result<Vec<Lease>, LeaseError> {
        // Without a resource version, the list is never older than the request.
        let list = self.leases.list().labels(&format!("{GROUP_LABEL}={}", self.name));
        Ok(self.request("list the members' Leases", list).await?.items)
    }

    /// Reads the table, which is created if it does not exist.
    pub(super) async fn read(&self, settings: Settings, has_others: bool) -> Result<Read, LeaseError> {
        let lease = match self.request("read the group's Lease", self.leases.get(&self.name)).await {
            Ok(lease) => lease,
            Err(error) if error.api().is_some_and(Error::is_not_found) => self.create(settings, has_others).await?,
            Err(error) => return Err(error),
        };
        let Some(text) = lease.metadata.annotations.get(TABLE) else {
            let message = format!("the Lease {} has no annotation {TABLE}: it is not that of a group", self.name);
            return Err(LeaseError::group(message));
        };
        let table = Assignment::parse(text)?;
        Ok(Read { table, lease })
    }

    async fn create(&self, settings: Settings, has_others: bool) -> Result<Lease, LeaseError> {
        let mut table = Assignment::new(settings);
        if has_others {
            // There may have been a table until just now, by which they act until they read this one.
            table.occupy(NOBODY);
        }
        let mut lease = Lease {
            metadata: ObjectMeta { name: Some(self.name.as_str().into()), ..ObjectMeta::default() },
            ..Lease::default()
        };
        lease.metadata.annotations.insert(TABLE, table.to_text()?);
        self.request("create the group's Lease", self.leases.create(&lease)).await
    }

    /// Writes a table, if the one that was read is still there.
    pub(super) async fn write(&self, read: &Read, table: &Assignment) -> Result<(), LeaseError> {
        let mut lease = read.lease.clone();
        lease.metadata.annotations.insert(TABLE, table.to_text()?);
        self.request("write the group's Lease", self.leases.replace(&lease)).await.map(drop)
    }

    /// Deletes the Lease of a member, unless it does not exist any more.
    pub(super) async fn delete_member(&self, member: &str) -> Result<(), LeaseError> {
        match self.request("delete a member's Lease", self.leases.delete(member)).await {
            Err(error) if !error.api().is_some_and(Error::is_not_found) => Err(error),
            _ => Ok(()),
        }
    }

    /// Watches the table. Its events are only a reason to read: they may be late.
    pub(super) fn watch(&self) -> Watcher<Lease> {
        self.leases.list().fields(&format!("metadata.name={}", self.name)).watcher()
    }
}
