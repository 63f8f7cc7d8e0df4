//! Devices, claims of them, and groups of pods.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Printer, aged, list, text};
use crate::api::table::age;
use crate::api::table::column::Column;

pub(super) const CLAIM: Printer = Printer {
    columns: &[
        Column::text("State", "A summary of the current state (allocated, pending, reserved, etc.)."),
        Column::AGE,
    ],
    cells: |object, now| {
        let is_deleted = !object["metadata"]["deletionTimestamp"].is_null();
        let is_allocated = !object["status"]["allocation"].is_null();
        let states: Vec<&str> = [
            ("deleted", is_deleted),
            ("pending", !is_allocated && !is_deleted),
            ("allocated", is_allocated),
            ("reserved", is_allocated && !list(&object["status"]["reservedFor"]).is_empty()),
        ]
        .into_iter()
        .filter_map(|(state, is_so)| is_so.then_some(state))
        .collect();
        vec![json!(states.join(",")), aged(object, now)]
    },
};

pub(super) const SLICE: Printer = Printer {
    columns: &[
        Column::text(
            "Node",
            "NodeName identifies the node which provides the resources in this pool. A field selector can be used to list only ResourceSlice objects belonging to a certain node.\n\nThis field can be used to limit access from nodes to ResourceSlices with the same node name. It also indicates to autoscalers that adding new nodes of the same type as some old node might also make new resources available.\n\nExactly one of NodeName, NodeSelector, AllNodes, and PerDeviceNodeSelection must be set. This field is immutable.",
        ),
        Column::text(
            "Driver",
            "Driver identifies the DRA driver providing the capacity information. A field selector can be used to list only ResourceSlice objects with a certain driver name.\n\nMust be a DNS subdomain and should end with a DNS domain owned by the vendor of the driver. It should use only lower case characters. This field is immutable.",
        ),
        Column::text(
            "Pool",
            "Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required. A field selector can be used to list only ResourceSlice objects belonging to a certain pool.\n\nIt must not be longer than 253 characters and must consist of one or more DNS sub-domains separated by slashes. This field is immutable.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        vec![text(&spec["nodeName"]), text(&spec["driver"]), text(&spec["pool"]["name"]), aged(object, now)]
    },
};

pub(super) const TAINT_RULE: Printer = Printer {
    columns: &[
        Column::text("Key", "The taint key to be applied to a device. Must be a label name."),
        Column::text("Value", "The taint value corresponding to the taint key. Must be a label value."),
        Column::text(
            "Effect",
            "The effect of the taint on claims that do not tolerate the taint and through such claims on the pods using them.\n\nValid effects are None, NoSchedule and NoExecute. PreferNoSchedule as used for nodes is not valid here. More effects may get added in the future. Consumers must treat unknown effects like None.",
        ),
        Column::text(
            "TimeAdded",
            "TimeAdded represents the time at which the taint was added or (only in a DeviceTaintRule) the effect was modified. Added automatically during create or update if not set.\n\nIn addition, in a DeviceTaintRule a value provided during an update gets replaced with the current time if the provided value is the same as the old one and the new effect is different. Changing the key and/or value while keeping the effect unchanged is possible and does not update the time stamp because the eviction which uses it is either already started (NoExecute) or not started yet (NoEffect, NoSchedule).",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let taint = &object["spec"]["taint"];
        let added = &taint["timeAdded"];
        let added = if added.is_null() { String::new() } else { age::since(added, now) };
        vec![text(&taint["key"]), text(&taint["value"]), text(&taint["effect"]), json!(added), aged(object, now)]
    },
};

pub(super) const POOL_REQUEST: Printer = Printer {
    columns: &[
        Column::text("Driver", "The driver to query pools for."),
        Column::text("Total", "Total number of devices across all pools."),
        Column::text("Available", "Number of available devices across all pools."),
        Column::text("Allocated", "Number of allocated devices across all pools."),
        Column::text("Unavailable", "Number of unavailable devices across all pools."),
        Column::text("Errors", "Number of pools with validation errors."),
        Column { kind: "integer", ..Column::text("Pools", "Total number of matching pools.") },
        Column::text("Status", "Processing status."),
        Column::text("Completed", "Time since the observation completed."),
    ],
    cells: of_pools,
};

fn of_pools(object: &Value, now: Timestamp) -> Vec<Value> {
    let (status, pools) = (&object["status"], list(&object["status"]["pools"]));
    let known = list(&status["conditions"]).iter().find(|condition| {
        condition["status"] == "True" && (condition["type"] == "Complete" || condition["type"] == "Failed")
    });
    let outcome = known.and_then(|condition| condition["type"].as_str());
    let count = status["poolCount"].as_i64().unwrap_or(0);
    let is_part = usize::try_from(count).is_ok_and(|count| count > pools.len());
    let shown = match outcome {
        Some("Complete") if is_part => format!("Complete ({}/{count} pools)", pools.len()),
        outcome => outcome.unwrap_or("Pending").to_owned(),
    };
    let sum = |field: &str| pools.iter().filter_map(|pool| pool[field].as_i64()).sum::<i64>();
    let errors = pools.iter().filter(|pool| !pool["validationError"].is_null()).count();
    let counts = if status.is_object() && outcome != Some("Failed") {
        let sums = ["totalDevices", "availableDevices", "allocatedDevices", "unavailableDevices"].map(sum);
        sums.iter().map(ToString::to_string).chain([errors.to_string()]).collect()
    } else {
        vec!["-".to_owned(); 5]
    };
    let completed = known.filter(|_| outcome == Some("Complete")).map(|known| &known["lastTransitionTime"]);
    let completed = completed.map_or_else(|| "<none>".to_owned(), |time| age::since(time, now));
    let mut cells = vec![text(&object["spec"]["driver"])];
    cells.extend(counts.into_iter().map(Value::from));
    cells.extend([json!(count), json!(shown), json!(completed)]);
    cells
}

pub(super) const POD_GROUP: Printer = Printer {
    columns: &[
        Column::text(
            "Policy",
            "schedulingPolicy defines the scheduling policy for this instance of the PodGroup. Controllers are expected to fill this field by copying it from a PodGroupTemplate.",
        ),
        Column::text("Workload", "Name of the referenced Workload object"),
        Column::text("Status", "Status of the PodGroup"),
        Column::AGE,
    ],
    cells: |object, now| {
        let of_type =
            |kind: &str| list(&object["status"]["conditions"]).iter().rev().find(|condition| condition["type"] == kind);
        let scheduled = of_type("PodGroupInitiallyScheduled").map(|condition| match condition["status"] == "True" {
            true => "Scheduled",
            false => "Unschedulable",
        });
        let disrupted = of_type("DisruptionTarget").map(|condition| condition["reason"].as_str().unwrap_or_default());
        let status = disrupted.or(scheduled).unwrap_or("Pending");
        let [policy, workload] = of_group(object);
        vec![policy, workload, json!(status), aged(object, now)]
    },
};

pub(super) const COMPOSITE_POD_GROUP: Printer = Printer {
    columns: &[
        Column::text(
            "Policy",
            "schedulingPolicy defines the scheduling policy for this instance of the CompositePodGroup. Controllers are expected to fill this field by copying it from a CompositePodGroupTemplate. This field is immutable.",
        ),
        Column::text("Workload", "Name of the referenced Workload object"),
        Column::AGE,
    ],
    cells: |object, now| {
        let [policy, workload] = of_group(object);
        vec![policy, workload, aged(object, now)]
    },
};

/// How a group is scheduled, and which workload it is of.
fn of_group(object: &Value) -> [Value; 2] {
    let spec = &object["spec"];
    let policy = if spec["schedulingPolicy"]["gang"].is_null() { "Basic" } else { "Gang" };
    [json!(policy), json!(spec["workloadRef"]["workloadName"].as_str().unwrap_or("<none>"))]
}
