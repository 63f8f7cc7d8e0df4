//! Which members of a group are alive, by what was observed of their Leases.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kubewright::coordination::v1::Lease;
use kubewright::{CompactString, MicroTime};
use tokio::time::Instant;

/// Observations of members, by the name of their Leases.
///
/// A member is dead if no change of its Lease was observed for the lease duration: it renews the Lease more often than that,
/// or has stopped to act. Death is final: a replica that was out of touch joins again as another member. So a decision
/// that was made by it stays right, however late it is carried out.
#[derive(Debug, Default)]
pub(super) struct Roster {
    members: BTreeMap<CompactString, Observed>,
}

#[derive(Debug)]
struct Observed {
    /// What a renewal changes; `None` while the member has no Lease.
    record: Option<(Option<MicroTime>, Option<CompactString>)>,
    /// When it was first observed here, which is not before it was written.
    since: Instant,
    is_listed: bool,
    is_peer: bool,
    is_dead: bool,
}

impl Roster {
    /// Notes what a list has shown, which was requested at `sent`, and shows the state of that time or later. `named` are
    /// further members that must be somewhere: those that the table names. `is_peer` selects members by their settings.
    pub(super) fn observe<'a>(
        &mut self,
        sent: Instant,
        leases: &'a [Lease],
        named: impl IntoIterator<Item = &'a str>,
        lease_duration: Duration,
        is_peer: impl Fn(&Lease) -> bool,
    ) {
        let now = Instant::now();
        let listed: BTreeMap<&str, &Lease> =
            leases.iter().filter_map(|lease| Some((lease.metadata.name.as_deref()?, lease))).collect();
        let known: BTreeSet<&str> = listed.keys().copied().chain(named).collect();
        // Others are not asked for again: names are never used twice.
        self.members.retain(|name, _| known.contains(name.as_str()));
        for name in known {
            let new = || Observed { record: None, since: now, is_listed: false, is_peer: false, is_dead: false };
            self.members.entry(name.into()).or_insert_with(new);
        }
        for (name, member) in &mut self.members {
            let record =
                listed.get(name.as_str()).map(|lease| (lease.spec.renew_time, lease.metadata.resource_version.clone()));
            member.is_listed = record.is_some();
            member.is_peer = listed.get(name.as_str()).is_some_and(|lease| is_peer(lease));
            let is_same = member.record == record;
            // A Lease that was deleted is no sign of life, and none of death: its member may create it again.
            if !is_same && record.is_some() && !member.is_dead {
                (member.record, member.since) = (record, now);
            } else if sent.saturating_duration_since(member.since) >= lease_duration {
                member.is_dead = true;
            }
        }
    }

    /// Members that are not dead, and have a Lease and the settings of the table.
    pub(super) fn live(&self) -> BTreeSet<CompactString> {
        self.select(|member| !member.is_dead && member.is_peer)
    }

    /// Members that are dead.
    pub(super) fn dead(&self) -> BTreeSet<CompactString> {
        self.select(|member| member.is_dead)
    }

    /// Dead members that still have a Lease.
    pub(super) fn dead_leases(&self) -> BTreeSet<CompactString> {
        self.select(|member| member.is_dead && member.is_listed)
    }

    fn select(&self, is_selected: impl Fn(&Observed) -> bool) -> BTreeSet<CompactString> {
        self.members.iter().filter(|(_, member)| is_selected(member)).map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use kubewright::meta::v1::ObjectMeta;
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const DURATION: Duration = Duration::from_secs(15);

    fn lease(name: &str, version: u32) -> Lease {
        let metadata = ObjectMeta {
            name: Some(name.into()),
            resource_version: Some(version.to_string().into()),
            ..ObjectMeta::default()
        };
        Lease { metadata, ..Lease::default() }
    }

    fn names(set: BTreeSet<CompactString>) -> Vec<String> {
        set.into_iter().map(|name| name.to_string()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_member_is_dead_once_its_lease_did_not_change_for_the_lease_duration_and_stays_so() {
        let mut roster = Roster::default();
        for version in 0..10 {
            roster.observe(Instant::now(), &[lease("a", version), lease("b", 0)], [], DURATION, |_| true);
            advance(SECOND * 2).await;
        }
        assert_eq!((names(roster.live()), names(roster.dead())), (vec!["a".into()], vec!["b".into()]));
        roster.observe(Instant::now(), &[lease("a", 9), lease("b", 1)], [], DURATION, |_| true);
        assert_eq!(names(roster.dead()), ["b"], "what it writes now is too late");
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_was_requested_earlier_shows_no_death_since() {
        let mut roster = Roster::default();
        roster.observe(Instant::now(), &[lease("a", 0)], [], DURATION, |_| true);
        advance(SECOND * 14).await;
        let sent = Instant::now();
        // The response takes long.
        advance(SECOND * 10).await;
        roster.observe(sent, &[lease("a", 0)], [], DURATION, |_| true);
        assert!(roster.dead().is_empty());
        roster.observe(Instant::now(), &[lease("a", 0)], [], DURATION, |_| true);
        assert_eq!(names(roster.dead()), ["a"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_member_without_a_lease_is_given_the_lease_duration() {
        let mut roster = Roster::default();
        roster.observe(Instant::now(), &[lease("a", 0)], ["z"], DURATION, |_| true);
        assert_eq!((names(roster.live()), names(roster.dead())), (vec!["a".into()], vec![]));
        advance(SECOND * 10).await;
        // Its Lease is deleted, and created again.
        roster.observe(Instant::now(), &[], ["z"], DURATION, |_| true);
        roster.observe(Instant::now(), &[lease("a", 1)], ["z"], DURATION, |_| true);
        advance(SECOND * 10).await;
        roster.observe(Instant::now(), &[lease("a", 1)], ["z"], DURATION, |_| true);
        assert_eq!((names(roster.live()), names(roster.dead())), (vec!["a".into()], vec!["z".into()]));
    }
}
