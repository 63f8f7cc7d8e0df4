//! The Lease as a lock: acquired, renewed and released by compare-and-swap.

use std::future::IntoFuture;
use std::time::Duration;

use kubewright::coordination::v1::{CoordinationV1, Lease, LeaseSpec, Leases};
use kubewright::meta::v1::ObjectMeta;
use kubewright::{CompactString, Error, MicroTime};
use tokio::time::Instant;

use super::ElectionEvent;
use super::builder::LeaderElectionBuilder;
use crate::clock::Moment;
use crate::fencing::FencingToken;
use crate::lease_error::LeaseError;

pub(crate) struct Lock {
    leases: Leases,
    settings: LeaderElectionBuilder,
    /// The lease duration as the Lease has it.
    seconds: u32,
    /// The Lease as it was last read or written.
    lease: Option<Lease>,
    observed: Option<Observed>,
    /// The term of this replica, while it holds the Lease.
    held: Option<Term>,
    /// When the Lease was acquired, in attempts whose outcome is unknown; and when the first of them was made.
    claim: Option<(MicroTime, Instant)>,
    /// The holder that was last reported.
    reported: Option<(CompactString, i32)>,
}

/// What distinguishes a term in the record. The time is only compared for equality.
#[derive(Clone, Copy, PartialEq)]
struct Term {
    acquire_time: MicroTime,
    transitions: i32,
}

/// A record, and when it was first observed here.
struct Observed {
    record: Record,
    at: Instant,
}

/// The part of the Lease whose change means that its holder is alive.
#[derive(Clone, PartialEq)]
struct Record {
    holder: CompactString,
    seconds: Option<i32>,
    acquire_time: Option<MicroTime>,
    renew_time: Option<MicroTime>,
    transitions: i32,
}

impl Record {
    fn of(spec: &LeaseSpec) -> Self {
        Self {
            holder: spec.holder_identity.clone().unwrap_or_default(),
            seconds: spec.lease_duration_seconds,
            acquire_time: spec.acquire_time,
            renew_time: spec.renew_time,
            transitions: spec.lease_transitions.unwrap_or_default(),
        }
    }
}

/// Outcome of an attempt.
pub(crate) enum Attempt {
    /// This replica holds the Lease.
    Leading {
        /// When the write was sent that others measure from.
        sent: Moment,
        token: FencingToken,
        /// The holder that the Lease prefers to this one.
        preferred: Option<CompactString>,
    },
    /// Another one holds it, at least for this time.
    Following { remaining: Duration },
}

impl Lock {
    pub(crate) fn new(settings: LeaderElectionBuilder, seconds: u32) -> Self {
        let leases = CoordinationV1::new(&settings.client).leases(&settings.namespace);
        Self { leases, settings, seconds, lease: None, observed: None, held: None, claim: None, reported: None }
    }

    pub(crate) fn settings(&self) -> &LeaderElectionBuilder {
        &self.settings
    }

    /// Reports an event.
    pub(crate) fn report(&self, event: &ElectionEvent<'_>) {
        let (namespace, name) = (&self.settings.namespace, &self.settings.name);
        match event {
            ElectionEvent::Failed { error } if error.is_conflict() => {
                tracing::debug!(namespace, name, %error, "leader election")
            }
            ElectionEvent::Failed { error } => {
                let error: &(dyn std::error::Error + 'static) = *error;
                tracing::warn!(namespace, name, error, "leader election");
            }
            _ => tracing::info!(namespace, name, ?event, "leader election"),
        }
        if let Some(on_event) = &self.settings.on_event {
            on_event(event);
        }
    }

    /// Forgets the term: this replica does not renew the Lease again without acquiring it.
    pub(crate) fn forfeit(&mut self) {
        self.held = None;
        self.claim = None;
    }

    /// Acquires the Lease if it is free or has expired.
    ///
    /// May be dropped at any time: a write of which the outcome is unknown is recognized by the next attempt.
    pub(crate) async fn acquire(&mut self, limit: Duration) -> Result<Attempt, LeaseError> {
        self.attempt("acquire the Lease", limit).await
    }

    /// Renews the Lease, which this replica holds. It is not acquired again, if it no longer does.
    ///
    /// May be dropped at any time, as [`acquire`](Self::acquire).
    pub(crate) async fn renew(&mut self, limit: Duration) -> Result<Attempt, LeaseError> {
        self.attempt("renew the Lease", limit).await
    }

    async fn attempt(&mut self, action: &'static str, limit: Duration) -> Result<Attempt, LeaseError> {
        match tokio::time::timeout(limit, self.attempt_once()).await {
            Ok(Ok(attempt)) => Ok(attempt),
            Ok(Err(Failure::Request(error))) => Err(LeaseError::request(action, error)),
            Ok(Err(Failure::Exhausted)) => Err(LeaseError::exhausted()),
            Err(_) => Err(LeaseError::timeout(action, limit)),
        }
    }

    async fn attempt_once(&mut self) -> Result<Attempt, Failure> {
        // A leader assumes that the Lease is as it left it, which saves the read.
        if let (Some(term), Some(lease)) = (self.held, self.lease.clone()) {
            match self.write(lease, term).await {
                Err(error) if error.is_conflict() || error.is_not_found() => {}
                outcome => return Ok(outcome?),
            }
        }
        let lease = match self.leases.get(&self.settings.name).await {
            Ok(lease) => lease,
            Err(error) if error.is_not_found() => return self.create().await,
            Err(error) => return Err(error.into()),
        };
        self.observe(&lease.spec);
        self.lease = Some(lease.clone());
        if self.is_own(&lease.spec) {
            // Also after a write whose response was lost.
            let transitions = lease.spec.lease_transitions.unwrap_or_default();
            let acquire_time = lease.spec.acquire_time.unwrap_or_default();
            return Ok(self.write(lease, Term { acquire_time, transitions }).await?);
        }
        // A term ends with it: what is acquired is another one.
        if self.held.take().is_some() {
            return Ok(Attempt::Following { remaining: Duration::ZERO });
        }
        if let Some(remaining) = self.remaining() {
            return Ok(Attempt::Following { remaining });
        }
        let term = self.next_term(lease.spec.lease_transitions.unwrap_or_default())?;
        let mut acquired = lease;
        // There is no active coordination for a Lease that is acquired without being elected.
        acquired.spec.strategy = None;
        acquired.spec.preferred_holder = None;
        Ok(self.write(acquired, term).await?)
    }

    /// Creates the Lease, which does not exist.
    async fn create(&mut self) -> Result<Attempt, Failure> {
        self.lease = None;
        let term = match (self.held, &self.observed) {
            // It was deleted under its leader.
            (Some(term), _) => term,
            // Under another: that one may lead for as long as it would if it were still there.
            (None, Some(observed)) => match self.remaining() {
                Some(remaining) => return Ok(Attempt::Following { remaining }),
                None => self.next_term(observed.record.transitions)?,
            },
            (None, None) => Term { acquire_time: self.claim_time(), transitions: 0 },
        };
        let mut lease = Lease {
            metadata: ObjectMeta { name: Some(self.settings.name.as_str().into()), ..ObjectMeta::default() },
            ..Lease::default()
        };
        self.fill(&mut lease, term);
        let sent = Moment::now();
        let created = self.leases.create(&lease).await?;
        Ok(self.written(created, term, sent))
    }

    /// Writes the record of a term, if the Lease has not changed since it was read.
    async fn write(&mut self, mut lease: Lease, term: Term) -> Result<Attempt, Error> {
        self.fill(&mut lease, term);
        let sent = Moment::now();
        let written = self.leases.replace(&lease).await?;
        Ok(self.written(written, term, sent))
    }

    fn fill(&self, lease: &mut Lease, term: Term) {
        let spec = &mut lease.spec;
        spec.holder_identity = Some(self.settings.identity.as_str().into());
        spec.lease_duration_seconds = Some(i32::try_from(self.seconds).unwrap_or(i32::MAX));
        spec.acquire_time = Some(term.acquire_time);
        spec.renew_time = Some(MicroTime::now());
        spec.lease_transitions = Some(term.transitions);
        for (key, value) in &self.settings.labels {
            lease.metadata.labels.insert(key.as_str(), value.as_str());
        }
    }

    fn written(&mut self, lease: Lease, term: Term, sent: Moment) -> Attempt {
        self.held = Some(term);
        self.claim = None;
        self.observe(&lease.spec);
        let holder = lease.spec.preferred_holder.clone().filter(|holder| !holder.is_empty());
        let preferred = holder.filter(|holder| *holder != self.settings.identity);
        self.lease = Some(lease);
        Attempt::Leading { sent, token: token(term.transitions), preferred }
    }

    /// Notes the record, and when it changed.
    fn observe(&mut self, spec: &LeaseSpec) {
        let record = Record::of(spec);
        let leader = (record.holder.clone(), record.transitions);
        if self.observed.as_ref().is_none_or(|observed| observed.record != record) {
            self.observed = Some(Observed { record, at: Instant::now() });
        }
        if !leader.0.is_empty() && self.reported.as_ref() != Some(&leader) {
            self.report(&ElectionEvent::Leader { identity: &leader.0, token: token(leader.1) });
            self.reported = Some(leader);
        }
    }

    /// How long the record that was observed still has to be respected; `None` if it has expired, or has no holder.
    fn remaining(&self) -> Option<Duration> {
        let Observed { record, at } = self.observed.as_ref()?;
        if record.holder.is_empty() {
            return None;
        }
        // The server accepts no negative number.
        let seconds = record.seconds.map_or(self.seconds, |seconds| u32::try_from(seconds).unwrap_or_default());
        let duration = Duration::from_secs(seconds.into());
        duration.checked_sub(at.elapsed()).filter(|remaining| !remaining.is_zero())
    }

    /// Whether a record was written by this process, in its term or in an attempt to acquire the Lease.
    fn is_own(&self, spec: &LeaseSpec) -> bool {
        let is_mine = spec.holder_identity.as_deref() == Some(self.settings.identity.as_str());
        let term = self.held.map(|term| term.acquire_time).or(self.claim.map(|(time, _)| time));
        is_mine && term.is_some() && spec.acquire_time == term
    }

    fn next_term(&mut self, transitions: i32) -> Result<Term, Failure> {
        let transitions = transitions.checked_add(1).ok_or(Failure::Exhausted)?;
        Ok(Term { acquire_time: self.claim_time(), transitions })
    }

    /// The time of an attempt to acquire the Lease. It is that of an earlier one whose outcome is unknown, so that
    /// whichever of them succeeded is recognized.
    fn claim_time(&mut self) -> MicroTime {
        match self.claim {
            Some((time, made)) if made.elapsed() < self.settings.lease_duration => time,
            _ => {
                let time = MicroTime::now();
                self.claim = Some((time, Instant::now()));
                time
            }
        }
    }

    /// Gives the Lease up, so that another replica can acquire it at once. Returns whether this replica held it.
    pub(crate) async fn release(&mut self) -> Result<bool, LeaseError> {
        let (action, limit) = ("release the Lease", self.settings.renew_deadline);
        let released = match tokio::time::timeout(limit, self.release_once()).await {
            Ok(outcome) => outcome.map_err(|error| LeaseError::request(action, error)),
            Err(_) => Err(LeaseError::timeout(action, limit)),
        };
        self.forfeit();
        released
    }

    async fn release_once(&mut self) -> Result<bool, Error> {
        let mut known = self.lease.clone();
        loop {
            let (mut lease, is_fresh) = match known.take() {
                Some(lease) => (lease, false),
                None => (self.leases.get(&self.settings.name).into_future().await?, true),
            };
            if !self.is_own(&lease.spec) {
                return Ok(false);
            }
            let now = MicroTime::now();
            lease.spec.holder_identity = Some("".into());
            lease.spec.lease_duration_seconds = Some(1);
            lease.spec.acquire_time = Some(now);
            lease.spec.renew_time = Some(now);
            match self.leases.replace(&lease).await {
                Ok(released) => {
                    self.observe(&released.spec);
                    self.lease = Some(released);
                    return Ok(true);
                }
                // An own renewal may have come between, whose response was not waited for.
                Err(error) if error.is_conflict() && !is_fresh => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The server accepts no negative number.
fn token(transitions: i32) -> FencingToken {
    FencingToken::new(u64::try_from(transitions).unwrap_or_default())
}

/// Why an attempt failed.
enum Failure {
    Request(Error),
    /// The number of transitions can't grow.
    Exhausted,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}
