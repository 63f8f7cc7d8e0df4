//! Workloads: what runs pods.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Printer, aged, containers, labels, list, number, or_none, selector, text};
use crate::api::table::age;
use crate::api::table::column::Column;

pub(super) const DEPLOYMENT: Printer = Printer {
    columns: &[
        Column::text("Ready", "Number of the pod with ready state"),
        Column::text("Up-to-date", "Total number of non-terminating pods targeted by this deployment that have the desired template spec."),
        Column::text("Available", "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment."),
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
        Column::text("Selector", "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.").wide(),
    ],
    cells: |object, now| {
        let (names, images) = containers(&object["spec"]["template"]["spec"]);
        let (spec, status) = (&object["spec"], &object["status"]);
        vec![
            ready(object),
            number(&status["updatedReplicas"]),
            number(&status["availableReplicas"]),
            aged(object, now),
            names,
            images,
            selector(&spec["selector"]),
        ]
    },
};

pub(super) const REPLICA_SET: Printer = Printer {
    columns: &[
        Column { kind: "integer", ..Column::text("Desired", "Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset") },
        Column { kind: "integer", ..Column::text("Current", "Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset") },
        Column { kind: "integer", ..Column::text("Ready", "The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.") },
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
        Column::text("Selector", "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors").wide(),
    ],
    cells: |object, now| replicated(object, selector(&object["spec"]["selector"]), now),
};

/// The cells of what has replicas of one template, with that of its selector.
pub(super) fn replicated(object: &Value, selector: Value, now: Timestamp) -> Vec<Value> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let (names, images) = containers(&spec["template"]["spec"]);
    vec![
        number(&spec["replicas"]),
        number(&status["replicas"]),
        number(&status["readyReplicas"]),
        aged(object, now),
        names,
        images,
        selector,
    ]
}

pub(super) const STATEFUL_SET: Printer = Printer {
    columns: &[
        Column::text("Ready", "Number of the pod with ready state"),
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
    ],
    cells: |object, now| {
        let (names, images) = containers(&object["spec"]["template"]["spec"]);
        vec![ready(object), aged(object, now), names, images]
    },
};

pub(super) const DAEMON_SET: Printer = Printer {
    columns: &[
        Column { kind: "integer", ..Column::text("Desired", "The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/") },
        Column { kind: "integer", ..Column::text("Current", "The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/") },
        Column { kind: "integer", ..Column::text("Ready", "numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.") },
        Column { kind: "integer", ..Column::text("Up-to-date", "The total number of nodes that are running updated daemon pod") },
        Column { kind: "integer", ..Column::text("Available", "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)") },
        Column::text("Node Selector", "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/"),
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
        Column::text("Selector", "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors").wide(),
    ],
    cells: |object, now| {
        let (names, images) = containers(&object["spec"]["template"]["spec"]);
        let (spec, status) = (&object["spec"], &object["status"]);
        vec![
            number(&status["desiredNumberScheduled"]),
            number(&status["currentNumberScheduled"]),
            number(&status["numberReady"]),
            number(&status["updatedNumberScheduled"]),
            number(&status["numberAvailable"]),
            labels(&spec["template"]["spec"]["nodeSelector"]),
            aged(object, now),
            names,
            images,
            selector(&spec["selector"]),
        ]
    },
};

pub(super) const JOB: Printer = Printer {
    columns: &[
        Column::text("Status", "Status of the job."),
        Column::text("Completions", "The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs."),
        Column::text("Duration", "Time required to complete the job."),
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
        Column::text("Selector", "A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors").wide(),
    ],
    cells: |object, now| {
        let (names, images) = containers(&object["spec"]["template"]["spec"]);
        vec![
            json!(state_of_job(object)),
            json!(completions(object)),
            json!(duration(&object["status"], now)),
            aged(object, now),
            names,
            images,
            selector(&object["spec"]["selector"]),
        ]
    },
};

pub(super) const CRON_JOB: Printer = Printer {
    columns: &[
        Column::text("Schedule", "The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."),
        Column::text("Timezone", "The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process. The set of valid time zone names and the time zone offset is loaded from the system-wide time zone database by the API server during CronJob validation and the controller manager during execution. If no system-wide time zone database can be found a bundled version of the database is used instead. If the time zone name becomes invalid during the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones"),
        Column { kind: "boolean", ..Column::text("Suspend", "This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false.") },
        Column { kind: "integer", ..Column::text("Active", "A list of pointers to currently running jobs.") },
        Column::text("Last Schedule", "Information when was the last time the job was successfully scheduled."),
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
        Column::text("Selector", "A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors").wide(),
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        let (names, images) = containers(&spec["jobTemplate"]["spec"]["template"]["spec"]);
        let suspend = match spec["suspend"].as_bool() {
            Some(true) => "True",
            Some(false) => "False",
            None => "<unset>",
        };
        let last = &object["status"]["lastScheduleTime"];
        vec![
            text(&spec["schedule"]),
            or_none(spec["timeZone"].as_str().unwrap_or_default()),
            json!(suspend),
            json!(list(&object["status"]["active"]).len()),
            if last.is_null() { json!("<none>") } else { json!(age::since(last, now)) },
            aged(object, now),
            names,
            images,
            selector(&spec["jobTemplate"]["spec"]["selector"]),
        ]
    },
};

/// How many replicas are ready, of how many.
fn ready(object: &Value) -> Value {
    let count = |value: &Value| value.as_i64().unwrap_or(0);
    json!(format!("{}/{}", count(&object["status"]["readyReplicas"]), count(&object["spec"]["replicas"])))
}

fn state_of_job(job: &Value) -> &'static str {
    let has = |kind: &str| {
        let conditions = list(&job["status"]["conditions"]);
        conditions.iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
    };
    let is_terminating = job["metadata"].get("deletionTimestamp").is_some();
    match () {
        () if has("Complete") => "Complete",
        () if has("Failed") => "Failed",
        () if is_terminating => "Terminating",
        () if has("Suspended") => "Suspended",
        () if has("FailureTarget") => "FailureTarget",
        () if has("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

fn completions(job: &Value) -> String {
    let succeeded = job["status"]["succeeded"].as_i64().unwrap_or(0);
    match (job["spec"]["completions"].as_i64(), job["spec"]["parallelism"].as_i64()) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, Some(parallel)) if parallel > 1 => format!("{succeeded}/1 of {parallel}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

/// How long a job ran, or has run so far.
fn duration(status: &Value, now: Timestamp) -> String {
    if status["startTime"].is_null() {
        return String::new();
    }
    let end = status["completionTime"].as_str().and_then(|time| time.parse().ok());
    age::since(&status["startTime"], end.unwrap_or(now))
}
