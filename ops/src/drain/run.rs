//! Runs a drain.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use kubewright::ApiGroups as _;
use kubewright::core::v1::Pod;
use kubewright_runtime::retry::{RetryClass, RetryState};
use kubewright_runtime::{Client, Error, PartialObjectMetadata, Result};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::filter::{Action, PodFilter, is_overdue};
use super::{
    DrainError, DrainEvent, DrainReport, DrainRequest, DrainedPod, Listener, Options, PodId, PodOutcome, SkipReason,
};
use crate::cordon::CordonExt as _;
use crate::evict::{BudgetRefusal, EvictExt as _, retry_every};

/// First delay between two reads of a pod that shuts down; later ones are longer.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

pub(super) async fn run(request: DrainRequest) -> Result<DrainReport, DrainError> {
    let DrainRequest { nodes, node, options, mut listener } = request;
    let api = |doing: String| move |source: Error| DrainError::Api { doing, source };
    let cordon = nodes.cordon(&node);
    let cordon = if options.dry_run { cordon.dry_run() } else { cordon };
    let changed = cordon.await.map_err(api(format!("cordoning {node}")))?;
    tell(&mut listener, &DrainEvent::Cordoned { node: &node, changed });

    let client = nodes.client();
    let pods = pods_of(client, &node, &options).await.map_err(api(format!("listing the pods of {node}")))?;
    let mut filter = PodFilter::new(client, &options);
    let (mut stops, mut report) = (Vec::new(), Vec::new());
    for pod in &pods {
        let id = PodId::of(pod);
        let action = filter.action_for(pod).await.map_err(api(format!("looking up the DaemonSet of {id}")))?;
        let (outcome, overridden) = match action {
            Action::Stop(obstacles) => {
                stops.push((id, obstacles));
                continue;
            }
            Action::Skip(reason) => (PodOutcome::Skipped(reason), Vec::new()),
            Action::Evict(overridden) => (PodOutcome::Pending, overridden),
        };
        report.push(DrainedPod { pod: id, outcome, overridden });
    }
    if !stops.is_empty() {
        return Err(DrainError::Stopped { node, pods: stops });
    }
    for one in &report {
        if let PodOutcome::Skipped(reason) = one.outcome {
            tell(&mut listener, &DrainEvent::Skipped { pod: &one.pod, reason });
        }
    }

    let pending = report.iter().enumerate().filter(|(_, one)| matches!(one.outcome, PodOutcome::Pending));
    let pending: Vec<_> = pending.map(|(index, one)| (index, one.pod.clone())).collect();
    let permits = Semaphore::new(options.parallel);
    let progress = Mutex::new(Progress { report, listener });
    let drain = Drain { client, options: &options, permits, progress };
    let all = async {
        let mut pods: FuturesUnordered<_> = pending.iter().map(|(index, pod)| drain.pod(*index, pod)).collect();
        while pods.next().await.is_some() {}
    };
    let in_time = match options.timeout {
        Some(limit) => timeout(limit, all).await.is_ok(),
        None => {
            all.await;
            true
        }
    };
    let pods = drain.progress.into_inner().unwrap_or_else(PoisonError::into_inner).report;
    let failed = pods.iter().any(|one| one.outcome.error().is_some());
    let report = DrainReport { node, newly_cordoned: changed, dry_run: options.dry_run, pods };
    match options.timeout {
        Some(limit) if !in_time => Err(DrainError::TimedOut { report, limit }),
        _ if failed => Err(DrainError::Failed(report)),
        _ => Ok(report),
    }
}

async fn pods_of(client: &Client, node: &str, options: &Options) -> Result<Vec<Pod>> {
    let list = client.core_v1().pods_in_all_namespaces().list();
    let mut list = list.fields(&format!("spec.nodeName={node}")).without_managed_fields();
    if let Some(labels) = &options.pod_selector {
        list = list.labels(labels);
    }
    Ok(list.await?.items)
}

struct Drain<'a> {
    client: &'a Client,
    options: &'a Options,
    /// Limits the requests in flight. Waiting pods hold no permit, so that they hold back no others.
    permits: Semaphore,
    progress: Mutex<Progress>,
}

struct Progress {
    report: Vec<DrainedPod>,
    listener: Option<Listener>,
}

impl Drain<'_> {
    /// Evicts a pod and waits until it is deleted.
    async fn pod(&self, index: usize, pod: &PodId) {
        let outcome = match self.evict(index, pod).await {
            Ok(outcome) => outcome,
            Err(error) => PodOutcome::Failed(error),
        };
        match &outcome {
            PodOutcome::Evicted if self.options.dry_run => {}
            PodOutcome::Evicted | PodOutcome::GoneBefore => self.tell(&DrainEvent::Gone { pod }),
            PodOutcome::Skipped(reason) => self.tell(&DrainEvent::Skipped { pod, reason: *reason }),
            PodOutcome::Failed(error) => self.tell(&DrainEvent::Failed { pod, error }),
            PodOutcome::Unwatched(error) => self.tell(&DrainEvent::Unwatched { pod, error }),
            PodOutcome::Blocked(_) | PodOutcome::ShuttingDown | PodOutcome::Pending => {}
        }
        self.note(index, outcome);
    }

    async fn evict(&self, index: usize, pod: &PodId) -> Result<PodOutcome> {
        self.tell(&DrainEvent::Evicting { pod });
        let mut backoff = retry_every(self.options.retry_every);
        let mut reads = RetryState::new(backoff.clone());
        loop {
            let error = match self.ask(pod).await {
                Ok(()) => break,
                Err(error) if error.is_not_found() => return Ok(PodOutcome::GoneBefore),
                Err(error) => error,
            };
            let again_in = backoff.next_delay_after(error.retry_after());
            if let Some(refusal) = BudgetRefusal::of(&error) {
                let again_in = (!self.options.dry_run).then_some(again_in);
                self.tell(&DrainEvent::Blocked { pod, refusal: &refusal, again_in });
                if self.options.dry_run {
                    return Ok(PodOutcome::Blocked(refusal));
                }
                self.note(index, PodOutcome::Blocked(refusal));
            } else if error.is_conflict() || error.has_cause("NamespaceTerminating") {
                // Another pod of that name, a concurrent modification, or a terminating namespace, whose controller
                // deletes the pod.
                match self.look(pod).await {
                    Ok(None) => return Ok(PodOutcome::GoneBefore),
                    Ok(Some(now)) if now.metadata.deletion_timestamp.is_some() => break,
                    Ok(Some(_)) if self.options.dry_run => return Err(error),
                    Ok(Some(_)) => {
                        reads.progressed();
                        self.tell(&DrainEvent::Delayed { pod, error: &error, again_in });
                    }
                    Err(error) if self.options.dry_run || reads.failed(&error).is_none() => return Err(error),
                    Err(error) => self.tell(&DrainEvent::Delayed { pod, error: &error, again_in }),
                }
            } else if self.asks_again(&error) {
                self.tell(&DrainEvent::Delayed { pod, error: &error, again_in });
            } else {
                return Err(error);
            }
            sleep(again_in).await;
        }
        self.tell(&DrainEvent::Evicted { pod });
        if self.options.dry_run {
            return Ok(PodOutcome::Evicted);
        }
        self.note(index, PodOutcome::ShuttingDown);
        let mut pause = FIRST_LOOK;
        loop {
            match self.look(pod).await {
                Ok(None) => return Ok(PodOutcome::Evicted),
                Ok(Some(now)) if is_overdue(&now.metadata, self.options.skip_wait_for_delete) => {
                    return Ok(PodOutcome::Skipped(SkipReason::Overdue));
                }
                Ok(Some(_)) => {
                    reads.progressed();
                    sleep(pause).await;
                }
                Err(error) => {
                    // The evicted pod may be one that the API server itself depends on: the server may come back.
                    let Some(again_in) = reads.failed(&error) else { return Ok(PodOutcome::Unwatched(error)) };
                    self.tell(&DrainEvent::Delayed { pod, error: &error, again_in });
                    sleep(again_in).await;
                }
            }
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether to retry a failed eviction. It carries the UID, so that repeating one whose response was lost is safe.
    /// An internal error mostly comes from an admission webhook; retrying it would stall the whole drain.
    fn asks_again(&self, error: &Error) -> bool {
        match error.retry_class() {
            RetryClass::Throttled => true,
            RetryClass::Transient => error.is_server_timeout() || !(self.options.dry_run || error.is_internal()),
            _ => false,
        }
    }

    /// Makes one attempt to evict or delete the pod, this one only and not a later one of its name.
    async fn ask(&self, pod: &PodId) -> Result<()> {
        let (pods, options) = (self.client.core_v1().pods(&pod.namespace), self.options);
        let _permit = self.permits.acquire().await;
        if options.disable_eviction {
            let mut delete = pods.delete(&pod.name).if_uid(&pod.uid);
            if let Some(seconds) = options.grace_period_seconds {
                delete = delete.grace_period_seconds(seconds);
            }
            if options.dry_run {
                delete = delete.dry_run();
            }
            return delete.await.map(drop);
        }
        let mut evict = pods.evict(&pod.name).if_uid(&pod.uid);
        if let Some(seconds) = options.grace_period_seconds {
            evict = evict.grace_period_seconds(seconds);
        }
        if options.dry_run {
            evict = evict.dry_run();
        }
        evict.await
    }

    /// Reads the pod; `None` if it is not found or was replaced by another one of its name.
    async fn look(&self, pod: &PodId) -> Result<Option<PartialObjectMetadata>> {
        let pods = self.client.core_v1().pods(&pod.namespace);
        let _permit = self.permits.acquire().await;
        let now = pods.get(&pod.name).metadata_only().optional().await?;
        Ok(now.filter(|now| now.metadata.uid.as_ref() == Some(&pod.uid)))
    }

    /// Records a pod's outcome for the report.
    fn note(&self, index: usize, outcome: PodOutcome) {
        if let Some(one) = self.progress().report.get_mut(index) {
            one.outcome = outcome;
        }
    }

    fn tell(&self, event: &DrainEvent<'_>) {
        tell(&mut self.progress().listener, event);
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(listener: &mut Option<Listener>, event: &DrainEvent<'_>) {
    if let Some(listener) = listener {
        listener(event);
    }
}
