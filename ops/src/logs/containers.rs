//! Which containers of a pod have logs, and which run of each is there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kubewright::core::v1::{ContainerStatus, Pod};
use kubewright_runtime::log::Instance;
use kubewright_runtime::{CompactString, Time};

use super::request::LogsRequest;

/// A container as a pod's status has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Which run is the newest, by the restart count.
    pub(super) run: i32,
    pub(super) running: bool,
    /// It runs, or has run and is not to be started anew yet.
    pub(super) has_begun: bool,
    /// When it began, by the node's clock, by which its lines have their times as well.
    pub(super) started: Option<Time>,
    /// There is a log of this run.
    pub(super) has_log: bool,
    /// Which run `previous` gives, if there is one.
    pub(super) previous: Option<i32>,
}

/// The containers of a pod that are meant, in the pod's order, each with its state if it has one.
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
    // The restart count is that of the newest run. While the container waits to be started anew, as in a crash loop, the
    // newest run is the last one; else the last one is that before it.
    let has_begun = state.running.is_some() || state.terminated.is_some();
    State {
        run: status.restart_count,
        running: state.running.is_some(),
        started: match (&state.running, &state.terminated) {
            (Some(running), _) => running.started_at,
            (None, Some(terminated)) => terminated.started_at,
            (None, None) => last.terminated.as_ref().and_then(|terminated| terminated.started_at),
        },
        // One that waits to be started anew still has the log of the run that ended.
        has_log: has_begun || last.terminated.is_some(),
        previous: last.terminated.is_some().then(|| status.restart_count - i32::from(has_begun)),
        has_begun,
    }
}

/// What is known of a container at the moment: the log that is being read asks whether to go on.
#[derive(Clone, Debug)]
pub(super) struct Watched(Arc<Mutex<Option<State>>>);

impl Watched {
    pub(super) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(Some(state))))
    }

    pub(super) fn set(&self, state: Option<State>) {
        *self.lock() = state;
    }

    /// What has become of a run.
    pub(super) fn instance(&self, run: i32) -> Instance {
        match *self.lock() {
            Some(state) if state.run == run && state.running => Instance::Running,
            Some(state) if state.run == run => Instance::Stopped,
            Some(state) if state.run == run + 1 && state.has_begun => Instance::Replaced,
            // Its log can't be asked for any more: `previous` gives that of a newer run.
            _ => Instance::Gone,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        // Nothing that holds it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
