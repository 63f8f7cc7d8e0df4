//! One reconcile.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use kubewright::Object;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::context::Context;
use super::statistics::{Counters, Ending};
use super::waiting::Waiting;
use crate::action::Action;
use crate::fencing::FencingToken;
use crate::gate::Permit;
use crate::panics;
use crate::queue::Job;
use crate::store::Store;

/// What all reconciles of a controller share.
pub(super) struct Shared<K, R> {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) store: Store<K>,
    pub(super) waiting: Waiting,
    pub(super) counters: Arc<Counters>,
    pub(super) stopping: watch::Receiver<bool>,
    /// Whether objects that no longer exist are reconciled.
    pub(super) deleted: bool,
    pub(super) reconcile: R,
}

/// Reconciles the object of a job, if there is one and this replica may.
pub(super) async fn reconcile<K, R, F, E>(shared: Arc<Shared<K, R>>, job: Job)
where
    K: Object,
    R: Fn(Option<Arc<K>>, Context) -> F + Send + Sync,
    F: Future<Output = Result<Action, E>> + Send,
    E: Display,
{
    // It was handed out at the last moment.
    if *shared.stopping.borrow() {
        return job.done();
    }
    // The state of now, not of when the key was added.
    let covered = shared.waiting.covered(job.key());
    let object = shared.store.get(job.key());
    // It does not exist only if the cache would have it, before and after it was read.
    let is_deleted = || shared.deleted && covered.is_some() && covered == shared.waiting.covered(job.key());
    if object.is_none() && !is_deleted() {
        shared.waiting.forget(job.key());
        return job.done();
    }
    let Some(permit) = shared.waiting.enter(job.key(), object.as_deref()) else { return job.done() };
    let reconcile_id = shared.counters.started();
    let span = tracing::info_span!(
        "reconcile",
        controller = shared.name,
        kind = shared.kind,
        namespace = job.key().namespace(),
        name = job.key().name(),
        reconcile_id,
    );
    run(shared, job, object, permit, reconcile_id).instrument(span).await;
}

async fn run<K, R, F, E>(shared: Arc<Shared<K, R>>, job: Job, object: Option<Arc<K>>, permit: Permit, reconcile_id: u64)
where
    K: Object,
    R: Fn(Option<Arc<K>>, Context) -> F + Send + Sync,
    F: Future<Output = Result<Action, E>> + Send,
    E: Display,
{
    let is_deleted = object.is_none();
    let mut running = Running { counters: &shared.counters, start: Instant::now(), ending: Ending::Aborted };
    let context = context(&job, reconcile_id, permit.token(), &shared.stopping);
    tracing::debug!(failures = job.failures(), "reconciling");
    // The function itself may panic, before there is a future.
    let reconcile = AssertUnwindSafe(async { (shared.reconcile)(object, context).await }).catch_unwind();
    let outcome = tokio::select! {
        biased;
        () = permit.lost() => {
            tracing::warn!("a reconcile was aborted: this replica may no longer act on the object");
            drop(running);
            drop(permit);
            // It waits in front of the gate, unless that has opened again.
            return job.requeue_after(Duration::ZERO);
        }
        outcome = reconcile => outcome,
    };
    drop(permit);
    match outcome {
        Ok(Ok(action)) => {
            if is_deleted && action.delay().is_none() {
                shared.waiting.forget(job.key());
            }
            match action.delay() {
                None => {
                    running.ending = Ending::Succeeded;
                    drop(running);
                    tracing::debug!("reconciled");
                    job.done();
                }
                Some(delay) => {
                    running.ending = Ending::Requeued;
                    drop(running);
                    tracing::debug!(?delay, "reconciled, and again after a delay");
                    job.requeue_after(delay);
                }
            }
        }
        Ok(Err(error)) => {
            running.ending = Ending::Failed;
            drop(running);
            let (failures, delay) = (job.failures() + 1, job.failed());
            tracing::error!(error = format!("{error:#}"), failures, retry_in = ?delay, "a reconcile failed");
        }
        Err(panic) => {
            running.ending = Ending::Panicked;
            drop(running);
            let (failures, delay) = (job.failures() + 1, job.failed());
            tracing::error!(panic = panics::text(&*panic), failures, retry_in = ?delay, "a reconcile panicked");
        }
    }
}

fn context(job: &Job, reconcile_id: u64, token: FencingToken, stopping: &watch::Receiver<bool>) -> Context {
    let (key, failures) = (job.key().clone(), job.failures());
    Context { key, failures, reconcile_id, token, stopping: stopping.clone() }
}

/// Counts the end of a reconcile, also if it is aborted.
struct Running<'a> {
    counters: &'a Counters,
    start: Instant,
    ending: Ending,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.counters.ended(self.ending, self.start.elapsed());
    }
}
