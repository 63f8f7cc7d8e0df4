//! Replication controllers, templates of pods, and revisions.

use serde_json::{Value, json};

use super::{Printer, aged, containers, labels, list, number, workloads};
use crate::api::table::column::Column;

pub(super) const POD_TEMPLATE: Printer = Printer {
    columns: &[
        Column::text("Containers", "Names of each container in the template."),
        Column::text("Images", "Images referenced by each container in the template."),
        Column::text("Pod Labels", "The labels for the pod template."),
    ],
    cells: |object, _| {
        let template = &object["template"];
        let (names, images) = containers(&template["spec"]);
        vec![names, images, labels(&template["metadata"]["labels"])]
    },
};

pub(super) const REPLICATION_CONTROLLER: Printer = Printer {
    columns: &[
        Column { kind: "integer", ..Column::text("Desired", "Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller") },
        Column { kind: "integer", ..Column::text("Current", "Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller") },
        Column { kind: "integer", ..Column::text("Ready", "The number of ready replicas for this replication controller.") },
        Column::AGE,
        Column::text("Containers", "Names of each container in the template.").wide(),
        Column::text("Images", "Images referenced by each container in the template.").wide(),
        Column::text("Selector", "Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors").wide(),
    ],
    cells: |object, now| workloads::replicated(object, labels(&object["spec"]["selector"]), now),
};

pub(super) const REVISION: Printer = Printer {
    columns: &[
        Column::text("Controller", "Controller of the object"),
        Column::text("Revision", "Revision indicates the revision of the state represented by Data."),
        Column::AGE,
    ],
    cells: |object, now| vec![controller(object), number(&object["revision"]), aged(object, now)],
};

/// The owner that controls an object, as `statefulset.apps/web`.
fn controller(object: &Value) -> Value {
    let owners = list(&object["metadata"]["ownerReferences"]);
    let Some(owner) = owners.iter().find(|owner| owner["controller"] == true) else { return json!("<none>") };
    let text = |name: &str| owner[name].as_str().unwrap_or_default();
    let kind = match text("apiVersion").split_once('/') {
        Some((group, _)) if !group.is_empty() => format!("{}.{group}", text("kind")),
        _ => text("kind").to_owned(),
    };
    json!(format!("{}/{}", kind.to_lowercase(), text("name")))
}
