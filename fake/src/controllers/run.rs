//! Running the controllers until there is nothing left to do.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use http::StatusCode;
use jiff::Timestamp;

use super::context::{Context, Identity, Parked, Refused};
use super::outcome::PodOutcome;
use super::settings::Controllers;
use super::{
    accounts, budgets, cron_jobs, daemon_sets, deployments, endpoints, garbage, jobs, kubelet, namespaces, nodes,
    quotas, replica_sets, scheduler, stateful_sets, ttl,
};
use crate::server::Server;
use crate::status::Status;

/// How many turns there are at most until nothing changes, and how many more for each object that there is.
const TURNS: usize = 1_000;
const TURNS_AN_OBJECT: usize = 20;

/// A controller.
struct Controller {
    name: &'static str,
    /// The service account that it is, in `kube-system`; empty for those that are none.
    account: &'static str,
    sync: fn(&mut Context<'_>),
}

const fn controller(name: &'static str, account: &'static str, sync: fn(&mut Context<'_>)) -> Controller {
    Controller { name, account, sync }
}

/// The controllers, in the order in which they act.
const ALL: &[Controller] = &[
    controller("namespace-controller", "namespace-controller", namespaces::sync),
    controller("serviceaccount-controller", "service-account-controller", accounts::sync_accounts),
    controller("root-ca-certificate-publisher-controller", "root-ca-cert-publisher", accounts::sync_certificates),
    controller("garbage-collector-controller", "generic-garbage-collector", garbage::sync),
    controller("resourcequota-controller", "resourcequota-controller", quotas::sync),
    controller("cronjob-controller", "cronjob-controller", cron_jobs::sync),
    controller("job-controller", "job-controller", jobs::sync),
    controller("ttl-after-finished-controller", "ttl-after-finished-controller", ttl::sync),
    controller("deployment-controller", "deployment-controller", deployments::sync),
    controller("replicaset-controller", "replicaset-controller", replica_sets::sync),
    controller("statefulset-controller", "statefulset-controller", stateful_sets::sync),
    controller("daemonset-controller", "daemon-set-controller", daemon_sets::sync),
    controller("kubelet", "", kubelet::sync_nodes),
    controller("node-lifecycle-controller", "node-controller", nodes::sync),
    controller("kube-scheduler", "", scheduler::sync),
    controller("kubelet", "", kubelet::sync),
    controller("endpointslice-controller", "endpointslice-controller", endpoints::sync_slices),
    controller("endpoints-controller", "endpoint-controller", endpoints::sync_endpoints),
    controller("disruption-controller", "disruption-controller", budgets::sync),
];

/// Runs the controllers of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    settings: Controllers,
    memory: Mutex<Memory>,
    /// The thread in which they run.
    thread: Mutex<Option<ThreadId>>,
    /// Whether webhooks are being asked about a write of theirs.
    is_asking: AtomicBool,
}

/// The turns until they settle.
#[derive(Default)]
struct Turns {
    done: usize,
    /// The latest writes.
    latest: VecDeque<String>,
    /// What was refused after webhooks were asked. It is not tried again before something changes.
    refused: HashMap<String, Refused>,
}

/// While webhooks are being asked; also if the request ends meanwhile.
struct Asking<'a>(&'a AtomicBool);

impl<'a> Asking<'a> {
    /// Begins, unless another request does that.
    fn begin(is_asking: &'a AtomicBool) -> Option<Self> {
        (!is_asking.swap(true, Ordering::AcqRel)).then(|| Self(is_asking))
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What is known from turn to turn.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The outcomes of pods, by their UIDs.
    pub outcomes: HashMap<String, PodOutcome>,
    /// The number of the latest address of a pod.
    pub address: u32,
    /// The version of the objects at which there was nothing to do.
    settled_at: u64,
    due: Option<Timestamp>,
    /// Why they no longer run.
    failure: Option<String>,
}

impl Runner {
    pub fn new(settings: Controllers) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Whether any are on.
    pub fn is_on(&self) -> bool {
        !self.settings.enabled.is_empty()
    }

    /// Whether a controller is on.
    pub fn has(&self, name: &str) -> bool {
        self.settings.is_on(name)
    }

    /// Whether any are on that run in `kube-controller-manager`.
    pub fn has_manager(&self) -> bool {
        self.settings.enabled.iter().any(|name| !matches!(*name, "kube-scheduler" | "kubelet"))
    }

    /// The next time at which there is something to do.
    pub fn due(&self) -> Option<Timestamp> {
        let runs_here = *self.thread() == Some(thread::current().id());
        if self.is_on() && !runs_here { self.memory().due } else { None }
    }

    /// Runs them until a whole turn changes nothing.
    ///
    /// While webhooks are asked about a write of theirs, which may read and write in the cluster, other requests don't wait for the
    /// controllers.
    ///
    /// # Errors
    ///
    /// 500 if that takes too many turns, as when two controllers undo each other's changes. They no longer run then.
    pub async fn settle(&self, server: &Arc<Server>) -> Result<(), Status> {
        let mut turns = Turns::default();
        while let Some(Parked { act, key }) = self.turns(server, &mut turns)? {
            let Some(_asking) = Asking::begin(&self.is_asking) else { return Ok(()) };
            if let Err(refused) = Refused::of(act.answer_with_webhooks(server).await) {
                turns.refused.insert(key, refused);
            }
        }
        Ok(())
    }

    /// The same without webhooks: a write that they have to be asked about is left for the next request.
    ///
    /// # Errors
    ///
    /// As of [`settle`](Self::settle).
    pub fn settle_now(&self, server: &Arc<Server>) -> Result<(), Status> {
        self.turns(server, &mut Turns::default()).map(drop)
    }

    /// Runs them until a whole turn changes nothing, or webhooks have to be asked about a write.
    fn turns(&self, server: &Arc<Server>, turns: &mut Turns) -> Result<Option<Parked>, Status> {
        let this = thread::current().id();
        if !self.is_on() || self.is_asking.load(Ordering::Acquire) || *self.thread() == Some(this) {
            return Ok(None);
        }
        let mut memory = self.memory();
        *self.thread() = Some(this);
        let _running = Running(self);
        self.run(server, &mut memory, ALL, turns)
    }

    fn run(
        &self,
        server: &Arc<Server>,
        memory: &mut Memory,
        controllers: &[Controller],
        turns: &mut Turns,
    ) -> Result<Option<Parked>, Status> {
        if let Some(failure) = &memory.failure {
            return Err(failed(failure));
        }
        let (objects, mut revision) = {
            let state = server.state();
            let objects: usize = state.store.resources().map(|(_, objects)| objects.len()).sum();
            (objects, state.store.revision())
        };
        if memory.settled_at == revision && memory.due.is_none_or(|due| due > server.clock.now()) {
            return Ok(None);
        }
        let most = TURNS + TURNS_AN_OBJECT * objects;
        while turns.done < most {
            turns.done += 1;
            let mut context = Context {
                server,
                settings: &self.settings,
                memory: &mut *memory,
                identity: Identity::Scheduler,
                due: None,
                latest: &mut turns.latest,
                refused: &turns.refused,
                parked: None,
                failed: None,
            };
            for controller in controllers.iter().filter(|controller| self.settings.is_on(controller.name)) {
                context.identity = match controller.account {
                    "" => Identity::Scheduler,
                    account => Identity::Account(account),
                };
                (controller.sync)(&mut context);
                if context.parked.is_some() || context.failed.is_some() {
                    break;
                }
            }
            let Context { due, parked, failed: failure, .. } = context;
            if let Some(failure) = failure {
                let failure = format!("the controllers of the fake cluster are stopped: {failure}");
                let status = failed(&failure);
                memory.failure = Some(failure);
                return Err(status);
            }
            if parked.is_some() {
                return Ok(parked);
            }
            let now = server.state().store.revision();
            if now == revision {
                (memory.settled_at, memory.due) = (now, due);
                return Ok(None);
            }
            revision = now;
        }
        let latest: Vec<String> = turns.latest.drain(..).collect();
        let failure = format!(
            "the controllers of the fake cluster did not settle within {most} turns, and are stopped; their latest writes: {}",
            latest.join(", ")
        );
        let status = failed(&failure);
        memory.failure = Some(failure);
        Err(status)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn thread(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The controllers run until this is dropped, also by a panic.
struct Running<'r>(&'r Runner);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.0.thread() = None;
    }
}

fn failed(why: &str) -> Status {
    Status::new(StatusCode::INTERNAL_SERVER_ERROR, Some("InternalError"), why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::FakeCluster;
    use crate::controllers::kinds::CONFIG_MAPS;

    #[test]
    fn controllers_that_do_not_settle_are_stopped_with_an_error_that_names_their_writes() {
        fn restless(context: &mut Context<'_>) {
            let name = format!("map-{}", context.server.state().store.revision());
            let map = json!({ "metadata": { "name": name, "namespace": "default" } });
            context.create(CONFIG_MAPS, &map).expect("created");
        }
        let cluster = FakeCluster::builder().build().expect("a cluster");
        let runner = Runner::new(Controllers::none().garbage_collector());
        let controllers = [controller("garbage-collector-controller", "generic-garbage-collector", restless)];
        let mut memory = Memory::default();
        let mut run = || {
            let result = runner.run(cluster.server(), &mut memory, &controllers, &mut Turns::default());
            result.map(|parked| assert!(parked.is_none()))
        };
        let failure = run().expect_err("it never ends");
        assert_eq!(failure.code, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(failure.message.contains("did not settle within"), "{}", failure.message);
        let written = "kube-controller-manager POST /api/v1/namespaces/default/configmaps";
        assert!(failure.message.contains(written), "{}", failure.message);
        let before = cluster.resource_version();
        assert_eq!(run().map_err(|again| again.message), Err(failure.message));
        assert_eq!(cluster.resource_version(), before, "they no longer run");
    }
}
