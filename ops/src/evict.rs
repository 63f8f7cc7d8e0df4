//! Evicting a pod: deletes it unless a PodDisruptionBudget forbids that.
//!
//! ```no_run
//! use std::time::Duration;
//! use kubewright_ops::evict::EvictOutcome;
//! use kubewright::prelude::*;
//! use kubewright_ops::prelude::*;
//!
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let pods = client.core_v1().pods("shop");
//! pods.evict("web-0").grace_period_seconds(30).await?;
//! match pods.evict("web-1").retry_for(Duration::from_secs(120)).outcome().await? {
//!     EvictOutcome::Evicted | EvictOutcome::Gone => {}
//!     EvictOutcome::Blocked(refusal) => println!("not now: {refusal}"),
//!     EvictOutcome::MultipleBudgets(why) => println!("more than one budget selects the pod: {why}"),
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::time::Duration;

use kubewright::core::v1::Pods;
use kubewright::policy::v1::Eviction;
use kubewright_runtime::meta::v1::{DeleteOptions, ObjectMeta, Preconditions};
use kubewright_runtime::retry::{Backoff, RetryState};
use kubewright_runtime::{CompactString, Error, PropagationPolicy, Result};
use tokio::time::{Instant, sleep};

use crate::future;
use crate::sealed::Sealed;

/// Delay between two attempts, as in kubectl.
pub(super) const RETRY_EVERY: Duration = Duration::from_secs(5);

/// Retry policy for a busy server, which says when to retry.
const MAX_ATTEMPTS: u32 = 3;
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// Delays between attempts, each shortened by up to a fifth, so that pods which are evicted together don't retry in
/// step.
pub(super) fn retry_every(pause: Duration) -> Backoff {
    Backoff::new(pause, pause).factor(1.0).jitter(0.2)
}

/// Evicting, as a method of [`Pods`].
pub trait EvictExt: Sealed {
    /// Evicts a pod: it is deleted, with its grace period, if its PodDisruptionBudget allows that.
    ///
    /// Awaited, it returns an error if the server refuses, for whatever reason: [`BudgetRefusal::of`] returns the
    /// budget that forbids it for now; [`is_disruption_budget`](Error::is_disruption_budget) reports that a budget
    /// forbids it, for now or because the budget itself is misconfigured (403, since Kubernetes 1.37);
    /// [`is_not_found`](Error::is_not_found) that the pod does not exist or no longer exists.
    /// [`outcome`](EvictRequest::outcome) tells these apart by type.
    ///
    /// Success means that the pod is marked for deletion, not that it is deleted.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>
    fn evict(&self, name: &str) -> EvictRequest;
}

impl EvictExt for Pods {
    fn evict(&self, name: &str) -> EvictRequest {
        let options = DeleteOptions::default();
        EvictRequest { pods: self.clone(), name: name.to_owned(), options, retry_for: None, retry_every: RETRY_EVERY }
    }
}

/// Request that evicts a pod. See [`EvictExt::evict`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct EvictRequest {
    pods: Pods,
    name: String,
    options: DeleteOptions,
    retry_for: Option<Duration>,
    retry_every: Duration,
}

impl EvictRequest {
    /// Sets the grace period in seconds. The default is the pod's own (`terminationGracePeriodSeconds`).
    pub fn grace_period_seconds(mut self, seconds: i64) -> Self {
        self.options.grace_period_seconds = Some(seconds);
        self
    }

    /// Runs every step, budgets included, but evicts nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.options.dry_run = vec!["All".into()];
        self
    }

    /// Evicts the pod only if it has this UID: a later one of the same name stays, and the error is a conflict
    /// ([`is_conflict`](Error::is_conflict)).
    ///
    /// The API server checks preconditions last: an eviction that fails them still consumes one of the disruptions that
    /// the budget allows, which stays unavailable until the budget's controller recounts (two minutes later, for a pod
    /// that stays). So the pod is read (verb `get`) right before each attempt, and nothing is sent if the precondition
    /// does not hold. A pod that is replaced in the few milliseconds between this read and the eviction still consumes
    /// one. If the user may not read the pod, only the server's check applies.
    pub fn if_uid(mut self, uid: &str) -> Self {
        self.preconditions().uid = Some(uid.into());
        self
    }

    /// Evicts the pod only if it has this resource version. Otherwise the error is a conflict. The pod is read before,
    /// as for [`if_uid`](Self::if_uid).
    pub fn if_resource_version(mut self, version: &str) -> Self {
        self.preconditions().resource_version = Some(version.into());
        self
    }

    /// Sets how dependents are garbage-collected. The default is `Background`.
    pub fn propagation_policy(mut self, policy: PropagationPolicy) -> Self {
        self.options.propagation_policy = Some(policy.as_str().into());
        self
    }

    /// Retries for this long while a PodDisruptionBudget forbids the eviction. The default is a single attempt.
    pub fn retry_for(mut self, duration: Duration) -> Self {
        self.retry_for = Some(duration);
        self
    }

    /// Sets the delay between attempts, unless the server asks for a longer one; jitter shortens it by up to a fifth.
    /// The default is 5 seconds.
    pub fn retry_every(mut self, pause: Duration) -> Self {
        self.retry_every = pause;
        self
    }

    /// Evicts the pod and returns the outcome by type.
    ///
    /// # Errors
    /// Any other reason why the pod can't be evicted, such as missing permissions or a failed precondition.
    pub async fn outcome(self) -> Result<EvictOutcome> {
        match self.run().await {
            Ok(()) => Ok(EvictOutcome::Evicted),
            Err(error) if error.is_not_found() => Ok(EvictOutcome::Gone),
            Err(error) => match (BudgetRefusal::of(&error), multiple_budgets(&error)) {
                (Some(refusal), _) => Ok(EvictOutcome::Blocked(refusal)),
                (None, Some(why)) => Ok(EvictOutcome::MultipleBudgets(why)),
                (None, None) => Err(error),
            },
        }
    }

    async fn run(self) -> Result<()> {
        let eviction = Eviction {
            metadata: ObjectMeta {
                name: Some(self.name.as_str().into()),
                namespace: Some(self.pods.namespace().into()),
                ..Default::default()
            },
            delete_options: Some(Box::new(self.options)),
            ..Default::default()
        };
        let (started, mut backoff) = (Instant::now(), retry_every(self.retry_every));
        let mut busy = RetryState::new(Backoff::new(FIRST_DELAY, LONGEST_DELAY)).max_attempts(MAX_ATTEMPTS);
        loop {
            check(&self.pods, &self.name, &eviction).await?;
            let error = match self.pods.create_eviction(&self.name, &eviction).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            // The client does not retry the 429 of an eviction: that of a busy server is retried here, as for any
            // other call.
            let is_busy =
                error.is_too_many_requests() && !error.is_disruption_budget() && error.retry_after().is_some();
            if is_busy && let Some(delay) = busy.failed(&error) {
                sleep(delay).await;
                continue;
            }
            let (Some(refusal), Some(limit)) = (BudgetRefusal::of(&error), self.retry_for) else { return Err(error) };
            // Never earlier than asked for, with one last attempt at the deadline.
            let left = limit.saturating_sub(started.elapsed());
            let asked = refusal.retry_after.unwrap_or_default();
            if left.is_zero() || asked > left {
                return Err(error);
            }
            sleep(backoff.next_delay_after(Some(asked)).min(left)).await;
        }
    }

    fn preconditions(&mut self) -> &mut Preconditions {
        self.options.preconditions.get_or_insert_default()
    }
}

future!(EvictRequest => ());

/// Checks the preconditions of an eviction against the pod's current state, since the server does so only after it has
/// counted the eviction against the budget.
async fn check(pods: &Pods, name: &str, eviction: &Eviction) -> Result<()> {
    let options = eviction.delete_options.as_deref();
    let Some(Preconditions { uid, resource_version, .. }) =
        options.and_then(|options| options.preconditions.as_deref())
    else {
        return Ok(());
    };
    if options.is_some_and(|options| !options.dry_run.is_empty()) {
        // Then the server does not count the eviction.
        return Ok(());
    }
    let pod = match pods.get(name).metadata_only().await {
        Ok(pod) => pod.metadata,
        Err(error) if error.is_not_found() => return Err(error),
        // An eviction may be permitted where a read is not, or succeed where the read failed.
        Err(_) => return Ok(()),
    };
    differs(name, "UID", uid.as_deref(), pod.uid.as_deref())?;
    differs(name, "resource version", resource_version.as_deref(), pod.resource_version.as_deref())
}

/// Returns a conflict if the pod differs from the precondition.
fn differs(name: &str, what: &str, wanted: Option<&str>, found: Option<&str>) -> Result<()> {
    match (wanted, found) {
        (Some(wanted), Some(found)) if wanted != found => {
            Err(Error::conflict(format!("pod {name} has the {what} {found}, not {wanted}: it is not evicted")))
        }
        _ => Ok(()),
    }
}

/// Outcome of an eviction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a PodDisruptionBudget may have forbidden the eviction"]
pub enum EvictOutcome {
    /// The pod is marked for deletion.
    Evicted,
    /// The pod does not exist or no longer exists.
    Gone,
    /// A PodDisruptionBudget forbids it for now.
    Blocked(BudgetRefusal),
    /// More than one PodDisruptionBudget selects the pod, which the eviction API does not support: no eviction succeeds
    /// until that is changed. Holds the server's message.
    MultipleBudgets(String),
}

/// A PodDisruptionBudget that forbids an eviction for now, and why.
///
/// <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetRefusal {
    /// The name of the budget, if it is found in the server's message.
    pub budget: Option<CompactString>,
    /// The server's message.
    pub message: String,
    /// The delay until the next attempt, if the server asks for one.
    pub retry_after: Option<Duration>,
}

impl BudgetRefusal {
    /// Returns the budget's refusal if that is what the error is: a 429 whose cause is `DisruptionBudget`. Neither the
    /// 429 of a busy server nor a misconfigured budget (403) counts, since waiting for pods ends neither.
    pub fn of(error: &Error) -> Option<Self> {
        if !(error.is_disruption_budget() && error.is_too_many_requests()) {
            return None;
        }
        let status = error.status()?;
        let causes = status.details.as_ref().map(|details| &details.causes[..]).unwrap_or_default();
        let cause = causes.iter().find(|cause| cause.reason.as_deref() == Some("DisruptionBudget"));
        let message = cause.and_then(|cause| cause.message.as_deref()).or(status.message.as_deref());
        let message = message.unwrap_or("a PodDisruptionBudget forbids it").to_owned();
        let budget = message.strip_prefix("The disruption budget ").and_then(|rest| rest.split(' ').next());
        let budget = budget.filter(|name| !name.is_empty()).map(CompactString::from);
        Some(Self { budget, message, retry_after: error.retry_after() })
    }
}

impl fmt::Display for BudgetRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Returns the server's message, if it refuses because more than one budget selects the pod. There is no
/// machine-readable reason for this.
fn multiple_budgets(error: &Error) -> Option<String> {
    let message = error.status()?.message.as_deref()?;
    let multiple = error.code()?.as_u16() == 500 && message.contains("more than one PodDisruptionBudget");
    multiple.then(|| message.to_owned())
}
