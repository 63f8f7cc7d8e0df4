//! Evicting a pod: deleting it, unless a disruption budget forbids that.
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
//!     EvictOutcome::SeveralBudgets(why) => println!("more than one budget selects the pod: {why}"),
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

/// How long to wait between two attempts, as kubectl does.
pub(super) const RETRY_EVERY: Duration = Duration::from_secs(5);

/// How a server is asked again that is busy, and says when to come back.
const MAX_ATTEMPTS: u32 = 3;
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// The delays between attempts: that long, or up to a fifth less, so that pods which are evicted together don't ask
/// together.
pub(super) fn retry_every(pause: Duration) -> Backoff {
    Backoff::new(pause, pause).factor(1.0).jitter(0.2)
}

/// Evicting, as a method of [`Pods`].
pub trait EvictExt: Sealed {
    /// Evicts a pod: it is deleted, and may shut down gracefully, if the disruption budgets over it allow that.
    ///
    /// Awaited, it is an error if the server refuses, for whatever reason:
    /// [`BudgetRefusal::of`] says that a budget forbids it for now, and which one;
    /// [`is_disruption_budget`](Error::is_disruption_budget) that a budget forbids it, be it for now or since the budget
    /// itself is out of order (403, since Kubernetes 1.37); [`is_not_found`](Error::is_not_found) that there is no such pod (any more).
    /// [`outcome`](EvictRequest::outcome) tells these apart by type.
    ///
    /// Success says that the pod is marked for deletion, not that it is gone.
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

/// Evicts one pod. See [`EvictExt::evict`].
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
    /// How long the pod may take to shut down, in seconds; 0 is at once. The default is the pod's own
    /// (`terminationGracePeriodSeconds`).
    pub fn grace_period_seconds(mut self, seconds: i64) -> Self {
        self.options.grace_period_seconds = Some(seconds);
        self
    }

    /// Goes through every step, the budgets included, but evicts nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.options.dry_run = vec!["All".into()];
        self
    }

    /// Evicts the pod only if it is still the one with this UID: one of the same name that was made since stays, and the
    /// error is a conflict ([`is_conflict`](Error::is_conflict)).
    ///
    /// The API server checks the condition last: an eviction that fails by it has used up one of the disruptions that the
    /// budget allows, which no other pod gets until the budget's controller counts again (two minutes later, for a pod that
    /// stays). So the pod is read (the verb `get`) right before each attempt, and nothing is sent if it is another one. What
    /// remains is a pod that is replaced between this read and the eviction, a few milliseconds later. A user who may not
    /// read the pod has the server's check alone.
    pub fn if_uid(mut self, uid: &str) -> Self {
        self.preconditions().uid = Some(uid.into());
        self
    }

    /// Evicts the pod only if nobody has changed it since this version. Otherwise the error is a conflict. The pod is read
    /// before, as for [`if_uid`](Self::if_uid).
    pub fn if_resource_version(mut self, version: &str) -> Self {
        self.preconditions().resource_version = Some(version.into());
        self
    }

    /// What becomes of the objects that the pod owns. The default is that they are deleted afterwards.
    pub fn propagation_policy(mut self, policy: PropagationPolicy) -> Self {
        self.options.propagation_policy = Some(policy.as_str().into());
        self
    }

    /// Asks again, for so long, while a disruption budget forbids it. The default is to ask once.
    pub fn retry_for(mut self, duration: Duration) -> Self {
        self.retry_for = Some(duration);
        self
    }

    /// How long to wait before asking again, where the server does not ask for more; by chance up to a fifth less. The
    /// default is 5 seconds.
    pub fn retry_every(mut self, pause: Duration) -> Self {
        self.retry_every = pause;
        self
    }

    /// Evicts the pod, and tells apart what an eviction can come to.
    ///
    /// # Errors
    /// Whatever else keeps the pod from being evicted, such as missing rights or a precondition that does not hold.
    pub async fn outcome(self) -> Result<EvictOutcome> {
        match self.run().await {
            Ok(()) => Ok(EvictOutcome::Evicted),
            Err(error) if error.is_not_found() => Ok(EvictOutcome::Gone),
            Err(error) => match (BudgetRefusal::of(&error), several_budgets(&error)) {
                (Some(refusal), _) => Ok(EvictOutcome::Blocked(refusal)),
                (None, Some(why)) => Ok(EvictOutcome::SeveralBudgets(why)),
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
            // The client leaves the 429 of an eviction alone: that of a busy server is retried here, as for any other call.
            let is_busy =
                error.is_too_many_requests() && !error.is_disruption_budget() && error.retry_after().is_some();
            if is_busy && let Some(delay) = busy.failed(&error) {
                sleep(delay).await;
                continue;
            }
            let (Some(refusal), Some(limit)) = (BudgetRefusal::of(&error), self.retry_for) else { return Err(error) };
            // Never earlier than asked, and once more when time is up.
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

/// Compares the conditions of an eviction with the pod as it is now, since the server does so only after it has
/// counted the eviction against the budget.
async fn check(pods: &Pods, name: &str, eviction: &Eviction) -> Result<()> {
    let options = eviction.delete_options.as_deref();
    let Some(Preconditions { uid, resource_version, .. }) =
        options.and_then(|options| options.preconditions.as_deref())
    else {
        return Ok(());
    };
    if options.is_some_and(|options| !options.dry_run.is_empty()) {
        // The server counts nothing then.
        return Ok(());
    }
    let pod = match pods.get(name).metadata_only().await {
        Ok(pod) => pod.metadata,
        Err(error) if error.is_not_found() => return Err(error),
        // An eviction may be allowed where a read is not, or may succeed where this one failed.
        Err(_) => return Ok(()),
    };
    differs(name, "UID", uid.as_deref(), pod.uid.as_deref())?;
    differs(name, "resource version", resource_version.as_deref(), pod.resource_version.as_deref())
}

/// A conflict, if something of the pod is not what the condition says.
fn differs(name: &str, what: &str, wanted: Option<&str>, found: Option<&str>) -> Result<()> {
    match (wanted, found) {
        (Some(wanted), Some(found)) if wanted != found => {
            Err(Error::conflict(format!("the pod {name} has the {what} {found}, and not {wanted}: it is not evicted")))
        }
        _ => Ok(()),
    }
}

/// What came of an eviction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a budget may have kept the pod from being evicted"]
pub enum EvictOutcome {
    /// The pod is marked for deletion.
    Evicted,
    /// There is no such pod (any more).
    Gone,
    /// A disruption budget forbids it for now.
    Blocked(BudgetRefusal),
    /// Several budgets are over the pod, which the server does not support: it stays as long as that is so. The server's
    /// words.
    SeveralBudgets(String),
}

/// That a disruption budget forbids an eviction for now, and why.
///
/// <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetRefusal {
    /// The name of the budget, if the server's words have it where they had it when this was written.
    pub budget: Option<CompactString>,
    /// Why, in the server's words.
    pub message: String,
    /// How long the server asks to wait before the next attempt, if it does.
    pub retry_after: Option<Duration>,
}

impl BudgetRefusal {
    /// What a budget said, if that is what the error is: a 429 whose cause is `DisruptionBudget`. A 429 of a busy server
    /// is none, nor is a budget that is out of order (403), since neither ends by waiting for pods.
    pub fn of(error: &Error) -> Option<Self> {
        if !(error.is_disruption_budget() && error.is_too_many_requests()) {
            return None;
        }
        let status = error.status()?;
        let causes = status.details.as_ref().map(|details| &details.causes[..]).unwrap_or_default();
        let cause = causes.iter().find(|cause| cause.reason.as_deref() == Some("DisruptionBudget"));
        let message = cause.and_then(|cause| cause.message.as_deref()).or(status.message.as_deref());
        let message = message.unwrap_or("a disruption budget forbids it").to_owned();
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

/// The server's words, if it refuses since several budgets are over a pod. It gives no reason that a program could read.
fn several_budgets(error: &Error) -> Option<String> {
    let message = error.status()?.message.as_deref()?;
    let several = error.code()?.as_u16() == 500 && message.contains("more than one PodDisruptionBudget");
    several.then(|| message.to_owned())
}
