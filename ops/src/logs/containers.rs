//! Containers of a pod that have logs, and the runs of each that are available.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kubewright::core::v1::{ContainerStatus, Pod};
use kubewright_runtime::log::Instance;
use kubewright_runtime::{CompactString, Time};

use super::request::LogsRequest;

/// A container and its state, from the pod's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The newest run, by restart count.
    pub(super) run: i32,
    pub(super) running: bool,
    /// Whether it runs, or has terminated and is not waiting for a restart.
    pub(super) has_begun: bool,
    /// Start time by the node's clock, which also stamps the log lines.
    pub(super) started: Option<Time>,
    /// Whether the log of this run is available.
    pub(super) has_log: bool,
    /// The run that `previous` reads, if any.
    pub(super) previous: Option<i32>,
}

/// Returns the selected containers of the pod, in the pod's order, each with its state if it has one.
pub(super) fn of(pod: &Pod, request: &LogsRequest) -> Vec<(CompactString, Option<State>)> {
    let (spec, status) = (&pod.spec, &pod.status);
    let named = |name: &CompactString, otherwise: bool| {
        if request.containers.is_empty() { otherwise } else { request.containers.contains(name) }
    };
    let state = |statuses: &[ContainerStatus], name: &CompactString| {
        statuses.iter().find(|status| status.name == *name).map(state_of)
    };
    let mut containers = Vec::new();
    for container in &spec.init_containers {
        let is_sidecar = container.restart_policy.as_deref() == Some("Always");
        if named(&container.name, request.init || is_sidecar) {
            containers.push((container.name.clone(), state(&status.init_container_statuses, &container.name)));
        }
    }
    for container in &spec.containers {
        if named(&container.name, true) {
            containers.push((container.name.clone(), state(&status.container_statuses, &container.name)));
        }
    }
    for container in &spec.ephemeral_containers {
        if named(&container.name, request.ephemeral) {
            containers.push((container.name.clone(), state(&status.ephemeral_container_statuses, &container.name)));
        }
    }
    containers
}

fn state_of(status: &ContainerStatus) -> State {
    let (state, last) = (&status.state, &status.last_state);
    // The restart count is that of the newest run. While the container waits for a restart, as in a crash loop, the
    // newest run is the last one; otherwise the last one is the run before.
    let has_begun = state.running.is_some() || state.terminated.is_some();
    State {
        run: status.restart_count,
        running: state.running.is_some(),
        started: match (&state.running, &state.terminated) {
            (Some(running), _) => running.started_at,
            (None, Some(terminated)) => terminated.started_at,
            (None, None) => last.terminated.as_ref().and_then(|terminated| terminated.started_at),
        },
        // A container that waits for a restart still has the log of the run that terminated.
        has_log: has_begun || last.terminated.is_some(),
        previous: last.terminated.is_some().then(|| status.restart_count - i32::from(has_begun)),
        has_begun,
    }
}

/// Latest state of a container; the log stream asks it whether to resume.
#[derive(Clone, Debug)]
pub(super) struct Watched(Arc<Mutex<Option<State>>>);

impl Watched {
    pub(super) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(Some(state))))
    }

    pub(super) fn set(&self, state: Option<State>) {
        *self.lock() = state;
    }

    /// Returns the state of a run.
    pub(super) fn instance(&self, run: i32) -> Instance {
        match *self.lock() {
            Some(state) if state.run == run && state.running => Instance::Running,
            Some(state) if state.run == run => Instance::Stopped,
            Some(state) if state.run == run + 1 && state.has_begun => Instance::Replaced,
            // Its log is no longer available: `previous` reads that of a newer run.
            _ => Instance::Gone,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        // No code that holds the lock can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
