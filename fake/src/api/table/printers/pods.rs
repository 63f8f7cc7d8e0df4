//! Pods.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Printer, aged, list, or_none};
use crate::api::table::age;
use crate::api::table::column::Column;

const COLUMNS: &[Column] = &[
    Column::text("Ready", "The aggregate readiness state of this pod for accepting traffic."),
    Column::text("Status", "The aggregate status of the containers in this pod."),
    Column::text("Restarts", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
    Column::AGE,
    Column::text("IP", "podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.").wide(),
    Column::text("Node", "NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename").wide(),
    Column::text("Nominated Node", "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.").wide(),
    Column::text("Readiness Gates", "If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to \"True\" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates").wide(),
];

pub(super) const POD: Printer = Printer { columns: COLUMNS, cells: |object, now| cells(object, now, true) };

/// As before 1.35: that one of several containers has failed is not shown.
pub(super) const OLDER_POD: Printer = Printer { columns: COLUMNS, cells: |object, now| cells(object, now, false) };

fn cells(object: &Value, now: Timestamp, has_failures: bool) -> Vec<Value> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let seen = Seen::of(object, has_failures);
    let total = list(&spec["containers"]).len() + sidecars(spec).len();
    let restarts = match seen.last_restart {
        Some(last) if seen.restarts > 0 => {
            format!("{} ({} ago)", seen.restarts, age::since(&json!(last.to_string()), now))
        }
        _ => seen.restarts.to_string(),
    };
    let text = |value: &Value| or_none(value.as_str().unwrap_or_default());
    vec![
        json!(format!("{}/{total}", seen.ready)),
        json!(seen.state),
        json!(restarts),
        aged(object, now),
        text(&status["podIPs"][0]["ip"]),
        text(&spec["nodeName"]),
        text(&status["nominatedNodeName"]),
        gates(object),
    ]
}

/// What the statuses of a pod's containers come to.
struct Seen {
    state: String,
    ready: usize,
    restarts: i64,
    last_restart: Option<Timestamp>,
}

impl Seen {
    fn of(pod: &Value, has_failures: bool) -> Self {
        let (spec, status) = (&pod["spec"], &pod["status"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let phase = text(&status["phase"]);
        let mut state = Some(text(&status["reason"])).filter(|reason| !reason.is_empty()).unwrap_or(phase.clone());
        let is_gated =
            |condition: &Value| condition["type"] == "PodScheduled" && condition["reason"] == "SchedulingGated";
        if list(&status["conditions"]).iter().any(is_gated) {
            "SchedulingGated".clone_into(&mut state);
        }
        let mut seen = Self { state, ready: 0, restarts: 0, last_restart: None };
        let is_initializing = seen.init_containers(spec, status);
        if !is_initializing || is_true(status, "Initialized") {
            seen.containers(status, has_failures);
        }
        if pod["metadata"].get("deletionTimestamp").is_some() {
            if status["reason"] == "NodeLost" {
                "Unknown".clone_into(&mut seen.state);
            } else if !matches!(phase.as_str(), "Failed" | "Succeeded") {
                "Terminating".clone_into(&mut seen.state);
            }
        }
        seen
    }

    /// Whether there is one that still runs, or has failed. Of those that have ended, the restarts count no more.
    fn init_containers(&mut self, spec: &Value, status: &Value) -> bool {
        let sidecars = sidecars(spec);
        let (mut kept, mut last_kept) = (0, None);
        for (index, container) in list(&status["initContainerStatuses"]).iter().enumerate() {
            let is_sidecar = container["name"].as_str().is_some_and(|name| sidecars.contains(name));
            self.count(container);
            if is_sidecar {
                kept += container["restartCount"].as_i64().unwrap_or(0);
                last_kept = last_kept.max(ended(container));
            }
            let (terminated, waiting) = (&container["state"]["terminated"], &container["state"]["waiting"]);
            if terminated["exitCode"] == 0 {
                continue;
            }
            if is_sidecar && container["started"] == true {
                self.ready += usize::from(container["ready"] == true);
                continue;
            }
            let why = waiting["reason"].as_str().filter(|reason| !reason.is_empty() && *reason != "PodInitializing");
            self.state = match why {
                _ if !terminated.is_null() => format!("Init:{}", end(terminated)),
                Some(why) => format!("Init:{why}"),
                None => format!("Init:{index}/{}", list(&spec["initContainers"]).len()),
            };
            if is_true(status, "Initialized") {
                (self.restarts, self.last_restart) = (kept, last_kept);
            }
            return true;
        }
        (self.restarts, self.last_restart) = (kept, last_kept);
        false
    }

    fn containers(&mut self, status: &Value, has_failures: bool) {
        let (mut is_running, mut failure) = (false, None);
        for container in list(&status["containerStatuses"]).iter().rev() {
            self.count(container);
            let (terminated, waiting) = (&container["state"]["terminated"], &container["state"]["waiting"]);
            if let Some(reason) = waiting["reason"].as_str().filter(|reason| !reason.is_empty()) {
                reason.clone_into(&mut self.state);
            } else if !terminated.is_null() {
                self.state = end(terminated);
                if has_failures && terminated["exitCode"].as_i64().unwrap_or(0) != 0 {
                    failure = Some(self.state.clone());
                }
            } else if container["ready"] == true && !container["state"]["running"].is_null() {
                is_running = true;
                self.ready += 1;
            }
        }
        if self.state == "Completed" {
            match failure {
                _ if is_running && is_true(status, "Ready") => "Running".clone_into(&mut self.state),
                Some(failure) => self.state = failure,
                None if is_running => "NotReady".clone_into(&mut self.state),
                None => {}
            }
        }
    }

    fn count(&mut self, container: &Value) {
        self.restarts += container["restartCount"].as_i64().unwrap_or(0);
        self.last_restart = self.last_restart.max(ended(container));
    }
}

/// When a container ended last.
fn ended(container: &Value) -> Option<Timestamp> {
    container["lastState"]["terminated"]["finishedAt"].as_str()?.parse().ok()
}

/// Why a container ended.
fn end(terminated: &Value) -> String {
    match (terminated["reason"].as_str(), terminated["signal"].as_i64().unwrap_or(0)) {
        (Some(reason), _) if !reason.is_empty() => reason.to_owned(),
        (_, 0) => format!("ExitCode:{}", terminated["exitCode"].as_i64().unwrap_or(0)),
        (_, signal) => format!("Signal:{signal}"),
    }
}

/// The init containers that go on beside the others.
fn sidecars(spec: &Value) -> BTreeSet<&str> {
    let always = list(&spec["initContainers"]).iter().filter(|container| container["restartPolicy"] == "Always");
    always.filter_map(|container| container["name"].as_str()).collect()
}

fn is_true(status: &Value, kind: &str) -> bool {
    list(&status["conditions"]).iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
}

fn gates(pod: &Value) -> Value {
    let gates = list(&pod["spec"]["readinessGates"]);
    if gates.is_empty() {
        return json!("<none>");
    }
    let open =
        gates.iter().filter(|gate| gate["conditionType"].as_str().is_some_and(|kind| is_true(&pod["status"], kind)));
    json!(format!("{}/{}", open.count(), gates.len()))
}

/// The conditions of a pod's row: whether it has ended.
pub(super) fn conditions(pod: &Value) -> Option<Value> {
    let (reason, message) = match pod["status"]["phase"].as_str()? {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{ "type": "Completed", "status": "True", "reason": reason, "message": message }]))
}
