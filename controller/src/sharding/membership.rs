//! The life of a member: it joins, owns slots, and leaves.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use kubewright::coordination::v1::Lease;
use kubewright::watch::{Watcher, WatcherEvent};
use kubewright::{Client, CompactString};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::ShardingEvent;
use super::assignment::{Assignment, Settings};
use super::builder::{MembershipBuilder, SETTINGS_LABEL};
use super::group::{Group, Read};
use super::roster::Roster;
use super::slots::Slots;
use crate::clock::Deadline;
use crate::election::hold::{campaign, hold, jitter, request_limit};
use crate::election::identity;
use crate::gate::{Gate, Gatekeeper};
use crate::lease_error::LeaseError;
use crate::ring::HashRange;

/// A replica as a member of a group that shares objects. See the [module](super).
pub struct Membership {
    builder: MembershipBuilder,
    settings: Settings,
    group: Group,
    keeper: Gatekeeper,
}

/// How a time as a member ended.
enum End {
    /// It was out of touch.
    Lapsed,
    Left {
        confirmed: bool,
    },
}

/// What is to be done after a step.
enum Next {
    /// The table was written: another step.
    Step,
    Wait,
    /// All slots are handed over.
    Leave,
}

/// What a member knows.
struct Member {
    name: String,
    slots: Slots,
    roster: Roster,
    /// When the members were last listed.
    listed: Option<Instant>,
    /// When the table was last read.
    read: Instant,
    has_others: bool,
    waits: bool,
}

type Stopping = watch::Receiver<bool>;

async fn stopped(mut stopping: Stopping) {
    // An error means that the future that stops was dropped, and this one with it.
    let _ = stopping.wait_for(|stops| *stops).await;
}

impl Membership {
    /// Creates a builder of a member of the group of this name. The group's table of slots is in an annotation of the Lease
    /// of the same name; each member has a Lease besides.
    ///
    /// The replica needs the permissions to get, list, watch, create, update and delete `leases` of
    /// `coordination.k8s.io`.
    pub fn builder(client: &Client, namespace: &str, group: &str) -> MembershipBuilder {
        MembershipBuilder::new(client, namespace, group)
    }

    pub(super) fn new(builder: MembershipBuilder, settings: Settings) -> Self {
        let (keeper, _) = Gatekeeper::new(settings.key);
        let group = Group::new(&builder, request_limit(builder.lease.renew_deadline));
        Self { builder, settings, group, keeper }
    }

    /// Returns the gate that is open for the objects that this replica owns.
    pub fn gate(&self) -> Gate {
        self.keeper.gate()
    }

    /// Takes part in the group until a shutdown, and then hands over what this replica owns.
    ///
    /// - It never fails: errors are [reported](ShardingEvent::Failed) and retried.
    /// - On `shutdown`, the gate lets no one in. The replica has left when the permits are dropped and the table shows it,
    ///   or after the [stop timeout](MembershipBuilder::stop_timeout).
    /// - If this future is dropped, the gate closes, and the replica's slots go to others after the lease duration.
    pub async fn run(&mut self, shutdown: impl Future<Output = ()>) {
        let (stop, stopping) = watch::channel(false);
        let memberships = async {
            loop {
                match self.membership(stopping.clone()).await {
                    End::Lapsed => self.report(&ShardingEvent::Lapsed),
                    End::Left { confirmed } => return self.report(&ShardingEvent::Left { confirmed }),
                }
            }
        };
        let shut_down = async {
            shutdown.await;
            stop.send_replace(true);
        };
        tokio::join!(memberships, shut_down);
    }

    /// One time as a member, under a name of its own.
    async fn membership(&self, stopping: Stopping) -> End {
        let _closes = self.keeper.close_on_drop();
        self.keeper.close_all();
        // What was entered by an earlier membership has to end before this one begins.
        tokio::select! {
            biased;
            () = stopped(stopping.clone()) => return End::Left { confirmed: self.keeper.is_idle(HashRange::ALL) },
            () = self.keeper.idle(HashRange::ALL) => {}
        }
        let name = format!("{}-{}", self.builder.lease.name, identity::random());
        let mut lock = self.builder.lock(&name, &self.settings);
        let Some(acquired) = campaign(&mut lock, pin!(stopped(stopping.clone()))).await else {
            self.delete(&name).await;
            return End::Left { confirmed: true };
        };
        self.keeper.set_deadline(Deadline::after(acquired.sent, self.builder.lease.renew_deadline));
        self.report(&ShardingEvent::Joined { member: &name });

        let too_late = async {
            stopped(stopping.clone()).await;
            sleep(self.builder.lease.stop_timeout).await;
        };
        // No one asks a member to yield.
        let (ignored, _) = watch::channel(false);
        let end = tokio::select! {
            biased;
            _ = hold(&mut lock, &self.keeper, acquired.sent, &ignored) => End::Lapsed,
            end = self.work(&name, stopping.clone()) => end,
            () = too_late => End::Left { confirmed: false },
        };
        self.keeper.close_all();
        if let End::Left { confirmed: true } = end {
            self.delete(&name).await;
        }
        end
    }

    /// Follows the table until all is handed over, or it can't be read.
    async fn work(&self, name: &str, mut stopping: Stopping) -> End {
        let (period, renew) = (self.builder.lease.retry_period, self.builder.lease.renew_deadline);
        let mut member = Member {
            name: name.to_owned(),
            slots: Slots::default(),
            roster: Roster::default(),
            listed: None,
            read: Instant::now(),
            has_others: true,
            waits: false,
        };
        let mut changes = self.group.watch();
        loop {
            let stops = *stopping.borrow_and_update();
            // A table that is not read may have been replaced.
            let rest = renew.saturating_sub(member.read.elapsed());
            let Ok(outcome) = timeout(rest, self.step(&mut member, stops)).await else { return End::Lapsed };
            let (delay, draining) = match outcome {
                Ok(Next::Step) => continue,
                Ok(Next::Leave) => return End::Left { confirmed: true },
                Ok(Next::Wait) => (period.mul_f64(0.75 + fastrand::f64() / 2.0), member.slots.draining()),
                // Another member was faster.
                Err(error) if error.is_conflict() => (jitter(period / 100), Vec::new()),
                Err(error) => {
                    self.fail(&error);
                    (jitter(period / 4).max(error.retry_after()), Vec::new())
                }
            };
            let rest = renew.saturating_sub(member.read.elapsed());
            tokio::select! {
                () = sleep(delay.min(rest)) => {}
                () = changed(&mut changes) => {}
                () = self.keeper.any_idle(&draining) => {}
                _ = stopping.changed(), if !stops => {}
            }
        }
    }

    /// Reads the table, follows it, and writes what has to change.
    async fn step(&self, member: &mut Member, stops: bool) -> Result<Next, LeaseError> {
        let mut leases = None;
        if member.listed.is_none_or(|listed| listed.elapsed() >= self.builder.lease.retry_period) {
            let sent = Instant::now();
            let list = self.group.members().await?;
            member.has_others = list.iter().any(|lease| lease.metadata.name.as_deref() != Some(member.name.as_str()));
            member.listed = Some(sent);
            leases = Some((sent, list));
        }
        let sent = Instant::now();
        let read = self.group.read(self.settings, member.has_others).await?;
        member.read = sent;
        let is_observed = leases.is_some();
        if let Some((sent, list)) = leases {
            let duration = Duration::from_secs(read.table.settings().lease_duration_seconds.into());
            let is_peer = |lease: &Lease| {
                let label = lease.metadata.labels.get(SETTINGS_LABEL);
                label.is_some_and(|label| *label == read.table.settings().to_label())
            };
            member.roster.observe(sent, &list, read.table.members(), duration, is_peer);
        }
        let (live, dead) = (member.roster.live(), member.roster.dead());
        let mut table = read.table.clone();
        if table.settings() != self.settings {
            return self.wait_for_others(member, &read, &dead, stops).await;
        }
        member.waits = false;
        let report = |event: &ShardingEvent<'_>| self.report(event);
        member.slots.follow(&self.keeper, &member.name, &table, stops, report);
        let mut changed = false;
        if stops {
            changed |= table.announce(&member.name);
        }
        changed |= member.slots.confirm(&self.keeper, &member.name, &mut table, stops, report);
        // The first plans; if two believe to be it, one of their writes is a conflict.
        let planner = live.iter().find(|name| !table.is_leaving(name));
        if planner.is_some_and(|planner| *planner == member.name) {
            changed |= table.plan(&live, &dead);
            if is_observed {
                self.clean_up(&member.roster, &table).await;
            }
        }
        if changed {
            self.group.write(&read, &table).await?;
            return Ok(Next::Step);
        }
        Ok(if stops && table.ranges_of(&member.name).is_empty() { Next::Leave } else { Next::Wait })
    }

    /// Waits until no member with other settings is left, and then starts over.
    async fn wait_for_others(
        &self,
        member: &mut Member,
        read: &Read,
        dead: &BTreeSet<CompactString>,
        stops: bool,
    ) -> Result<Next, LeaseError> {
        if stops {
            return Ok(Next::Leave);
        }
        let mut table = read.table.clone();
        if table.reset(self.settings, dead) {
            self.group.write(read, &table).await?;
            return Ok(Next::Step);
        }
        if !std::mem::replace(&mut member.waits, true) {
            self.report(&ShardingEvent::Waiting);
        }
        Ok(Next::Wait)
    }

    /// Deletes the Leases that dead members have left behind, and which the table does not name.
    async fn clean_up(&self, roster: &Roster, table: &Assignment) {
        let named = table.members();
        for name in roster.dead_leases().iter().filter(|name| !named.contains(name.as_str())) {
            self.delete(name).await;
        }
    }

    async fn delete(&self, member: &str) {
        if let Err(error) = self.group.delete_member(member).await {
            self.fail(&error);
        }
    }

    fn fail(&self, error: &LeaseError) {
        self.report(&ShardingEvent::Failed { error });
    }

    fn report(&self, event: &ShardingEvent<'_>) {
        let (namespace, group) = (&self.builder.lease.namespace, &self.builder.lease.name);
        match event {
            ShardingEvent::Failed { error } => {
                let error: &(dyn std::error::Error + 'static) = *error;
                tracing::warn!(namespace, group, error, "scale-out");
            }
            _ => tracing::info!(namespace, group, ?event, "scale-out"),
        }
        if let Some(on_event) = &self.builder.on_event {
            on_event(event);
        }
    }
}

/// Waits for a change of the table. If it can't be watched, never: it is read from time to time.
async fn changed(changes: &mut Watcher<Lease>) {
    loop {
        match changes.next().await {
            Some(Ok(WatcherEvent::Applied(_) | WatcherEvent::Deleted(_) | WatcherEvent::Initial(_))) => return,
            Some(_) => {}
            None => std::future::pending().await,
        }
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership")
            .field("settings", &self.builder)
            .field("gate", &self.keeper.gate())
            .finish_non_exhaustive()
    }
}
