//! The statuses of pods.

use serde_json::{Value, json};

use crate::controllers::outcome::{End, PodOutcome};
use crate::controllers::values::{items, number, set_condition, text};

/// The status of a pod that its node has taken on.
pub(super) fn admitted(pod: &Value, outcome: &PodOutcome, now: &str) -> Value {
    let mut status = pod["status"].clone();
    status["phase"] = json!("Pending");
    status["startTime"] = json!(now);
    status["hostIP"] = json!("10.0.0.10");
    status["hostIPs"] = json!([{ "ip": "10.0.0.10" }]);
    let waiting = match &outcome.end {
        End::Waiting { reason, message } => json!({ "reason": reason, "message": message }),
        _ => json!({ "reason": "ContainerCreating" }),
    };
    set_containers(&mut status, pod, |container| {
        json!({
            "name": container["name"], "image": container["image"], "imageID": "", "ready": false, "started": false,
            "restartCount": 0, "state": { "waiting": waiting }, "lastState": {},
        })
    });
    set_conditions(&mut status, pod, (true, false), now);
    status
}

/// The status of a pod whose containers run.
pub(super) fn running(pod: &Value, outcome: &PodOutcome, address: &str, now: &str) -> Value {
    let mut status = pod["status"].clone();
    status["phase"] = json!("Running");
    status["podIP"] = json!(address);
    status["podIPs"] = json!([{ "ip": address }]);
    let is_ready = outcome.end != End::NotReady;
    set_containers(&mut status, pod, |container| started(container, 0, &json!({}), is_ready, now));
    let initial = items(pod, "/spec/initContainers").iter().map(|container| {
        // A sidecar runs as long as the others do.
        let is_sidecar = container["restartPolicy"] == "Always";
        let mut state = started(container, 0, &json!({}), true, now);
        if !is_sidecar {
            state["started"] = json!(false);
            state["state"] = json!({ "terminated": {
                "exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now,
            } });
        }
        state
    });
    let initial: Vec<Value> = initial.collect();
    if !initial.is_empty() {
        status["initContainerStatuses"] = json!(initial);
    }
    set_conditions(&mut status, pod, (true, is_ready), now);
    status
}

/// The status of a container that runs.
pub(super) fn started(container: &Value, restarts: i64, last: &Value, is_ready: bool, now: &str) -> Value {
    let image = text(container, "/image");
    // What it runs with: such a container can be resized.
    let resources = container.get("resources").cloned().unwrap_or_else(|| json!({}));
    json!({
        "name": container["name"], "image": image, "resources": resources, "imageID": image, "containerID": format!("fake://{}", uuid::Uuid::new_v4()),
        "ready": is_ready, "started": true, "restartCount": restarts, "state": { "running": { "startedAt": now } },
        "lastState": last,
    })
}

/// The status of a running pod once its new ephemeral containers run; none if there are none. They are never ready,
/// since nothing probes them.
pub(super) fn joined(pod: &Value, now: &str) -> Option<Value> {
    let known = items(pod, "/status/ephemeralContainerStatuses");
    let is_new = |container: &&Value| !known.iter().any(|known| known["name"] == container["name"]);
    let new = items(pod, "/spec/ephemeralContainers").iter().filter(is_new).map(|container| {
        let image = text(container, "/image");
        json!({
            "name": container["name"], "image": image, "imageID": image,
            "containerID": format!("fake://{}", uuid::Uuid::new_v4()), "ready": false, "restartCount": 0,
            "state": { "running": { "startedAt": now } }, "lastState": {},
        })
    });
    let new: Vec<Value> = new.collect();
    if new.is_empty() {
        return None;
    }
    let mut status = pod["status"].clone();
    status["ephemeralContainerStatuses"] = json!([known, &new].concat());
    Some(status)
}

/// The status of a pod whose containers have exited.
pub(super) fn exited(pod: &Value, code: i32, phase: &str, now: &str) -> Value {
    let mut status = pod["status"].clone();
    status["phase"] = json!(phase);
    let reason = if code == 0 { "Completed" } else { "Error" };
    // Ephemeral containers end with their pod, not with a run of the others.
    let fields: &[&str] = match phase {
        "Running" => &["containerStatuses"],
        _ => &["containerStatuses", "ephemeralContainerStatuses"],
    };
    let containers = status.as_object_mut().into_iter().flatten().filter(|(field, _)| fields.contains(&field.as_str()));
    for container in containers.flat_map(|(_, containers)| containers.as_array_mut()).flatten() {
        let started = text(container, "/state/running/startedAt");
        let started = if started.is_empty() { now.to_owned() } else { started.to_owned() };
        let id = text(container, "/containerID").to_owned();
        container["ready"] = json!(false);
        container["started"] = json!(false);
        container["state"] = json!({ "terminated": {
            "exitCode": code, "reason": reason, "startedAt": started, "finishedAt": now, "containerID": id,
        } });
    }
    set_conditions(&mut status, pod, (true, false), now);
    if phase == "Succeeded" {
        for condition in status["conditions"].as_array_mut().into_iter().flatten() {
            if matches!(text(condition, "/type"), "Ready" | "ContainersReady") {
                condition["reason"] = json!("PodCompleted");
            }
        }
    }
    status
}

pub(super) fn set_containers(status: &mut Value, pod: &Value, of: impl Fn(&Value) -> Value) {
    let statuses: Vec<Value> = items(pod, "/spec/containers").iter().map(of).collect();
    status["containerStatuses"] = json!(statuses);
}

/// Sets the conditions of a pod: whether it is initialized, and whether it is ready.
pub(super) fn set_conditions(status: &mut Value, pod: &Value, (is_initialized, is_ready): (bool, bool), now: &str) {
    let names: Vec<&str> = items(pod, "/spec/containers").iter().map(|container| text(container, "/name")).collect();
    for (kind, value) in [("Initialized", is_initialized), ("Ready", is_ready), ("ContainersReady", is_ready)] {
        let mut condition =
            json!({ "type": kind, "status": if value { "True" } else { "False" }, "lastProbeTime": null });
        if !value {
            condition["reason"] = json!("ContainersNotReady");
            condition["message"] = json!(format!("containers with unready status: [{}]", names.join(" ")));
        }
        if let Some(generation) = number(pod, "/metadata/generation") {
            condition["observedGeneration"] = json!(generation);
        }
        set_condition(status, condition, now);
    }
    if let Some(generation) = number(pod, "/metadata/generation") {
        status["observedGeneration"] = json!(generation);
    }
}
