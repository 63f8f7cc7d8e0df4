//! Evictions and requests of them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Printer, aged, list};
use crate::api::table::age;
use crate::api::table::column::Column;

pub(super) const EVICTION: Printer = Printer {
    columns: &[
        Column::text("Target", "target contains a reference to an object (e.g. a pod) that should be evicted. This field is required and immutable."),
        Column::text("Target Type", "target contains a reference to an object (e.g. a pod) that should be evicted. This field is required and immutable."),
        Column::text("Status", "conditions contain information about the eviction request.\n\nEviction specific conditions are: TargetEvicted or Failed (managed by evictionrequest-controller). - Failed means that the eviction request is no longer being processed\n  by any eviction responder. This can happen if the request is canceled or if no responder\n  managed to evict the target (e.g. terminate or delete a pod).\n- TargetEvicted means that the target has been evicted (e.g. a pod has been terminated or deleted).\n\n\tThe maximum length of the conditions list is 100."),
        Column::text("Active Responder", "state specifies a state that is assigned by the evictionrequest-controller. Responders should observe this state in order to navigate their lifecycle. - Inactive means that the responder should not yet process this eviction request. - Active means that the responder is either running or expected to start soon.\n  Also, startTime has been set in the ResponderStatus by the evictionrequest-controller.\n\n  An active responder should currently interact with the eviction process by updating\n  .status.responders, where .name is the active responder name. ResponderStatus fields\n  should be periodically updated to indicate the progress or completion of the eviction process.\n  If .status.responders[].heartbeatTime field is not updated within the heartbeat deadline defined\n  by the Eviction API (currently 20 minutes), the eviction is passed \
             over to the next responder\n\t with a lower priority. Only one responder can be active at a time.\n- Interrupted means that the responder has failed to start or failed to update\n  heartbeatTime in ResponderStatus in a timely manner.\n- Canceled means that the responder has been canceled. In other words, there\tis no\n  EvictionRequest with the same target and Eviction intent in .spec.intent.\n- Completed means that the responder has successfully completed and set completionTime\n  in ResponderStatus.\n\nPlease refer to the ResponderStatus in .status.responders for more details on each responder."),
        Column::text("Responder Status", "ResponderStatus represents the last observed status of the eviction process of the responder. It should be only updated by the designated responder whose name is .name field."),
        Column::text("Responder Expected Finish", "expectedCompletionTime is the time at which the eviction process step is expected to end for the responder. The time cannot be set to the past. May be omitted if no estimate can be made."),
        Column::text("Requesters", "requesters allow you to identify the entities, that requested the eviction of the target. If all the requesters withdraw their eviction intent, the eviction will be canceled.\n\nThe maximum length of the requesters list is 100. If this limit is exceeded, requesters with Withdrawn intent should be dropped first."),
        Column::AGE,
        Column::text("Responder Heartbeat", "heartbeatTime is the last time at which the eviction process was reported to be in progress by the responder. It should reflect the present time when set. Responders should avoid heartbeats more frequent than 20 seconds to avoid overloading the control-plane.").wide(),
        Column::text("Responder Status Message", "message provides human-readable details about the state of the responder and the eviction process. Maximum length is 4000 characters.").wide(),
    ],
    cells: eviction,
};

pub(super) const REQUEST: Printer = Printer {
    columns: &[
        Column::text(
            "Target",
            "target contains a reference to an object (e.g. a pod) that should be evicted. This field is required and immutable.",
        ),
        Column::text(
            "Target Type",
            "target contains a reference to an object (e.g. a pod) that should be evicted. This field is required and immutable.",
        ),
        Column::text(
            "Status",
            "conditions contain information about the eviction request.\n\nEvictionRequest specific conditions are: TargetEvicted or Failed (managed by evictionrequest-controller). - Failed means that the eviction request is no longer being processed\n  by any eviction responder. This can happen if the request is canceled or if no responder\n  managed to evict the target (e.g. terminate or delete a pod).\n- TargetEvicted means that the target has been evicted (e.g. a pod has been terminated or deleted).\n\nThese conditions can be reset if the eviction was unsuccessful and a new Eviction intent has been submitted.\n\nThe maximum length of the conditions list is 100.",
        ),
        Column::text(
            "Requester",
            "requester allows you to identify the entity, that requested the eviction of the target.\n\nIt must be a valid domain-prefixed key (such as \"acme.io/foo\"). Domain names *.k8s.io and *.kubernetes.io are reserved. This field is required and immutable.",
        ),
        Column::text(
            "Intent",
            "intent specifies the action that should be taken for the specified target.\n\n- Eviction means that the requester is interested in the eviction of the target. - Withdrawn means that the requester is no longer interested in the eviction of the target.\n  If all requesters' intents are withdrawn for a common target, the eviction will be canceled.\n  Cancellation consequences:\n  - Inactive responders will never run.\n  - Active responders are expected to cancel the eviction.\n  - Completed or Interrupted responders should not take any action.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        let text = |name: &str| json!(spec[name].as_str().unwrap_or_default());
        let [target, kind] = target(object);
        vec![target, kind, status(object), text("requester"), text("intent"), aged(object, now)]
    },
};

fn eviction(object: &Value, now: Timestamp) -> Vec<Value> {
    let responders = list(&object["status"]["targetResponders"]);
    let state = |responder: &Value| responder["state"].as_str().unwrap_or_default().to_owned();
    let has_begun =
        |responder: &&Value| matches!(&*state(responder), "Active" | "Canceled" | "Interrupted" | "Completed");
    let begun: Vec<&Value> = responders.iter().filter(has_begun).collect();
    let active = begun.iter().rev().find(|responder| state(responder) == "Active").or(begun.last()).copied();
    let name = active.map_or("<unset>", |active| active["name"].as_str().unwrap_or_default());
    let count = format!("{name} ({}/{})", begun.len(), responders.len());
    let mut shown = Responder::default();
    let all = list(&object["status"]["responders"]);
    if let Some((active, responder)) = active.zip(all.iter().find(|known| known["name"] == name)) {
        shown = Responder::of(responder, &state(active), now);
    }
    let Responder { status: of_responder, finish, heartbeat, message } = shown;
    let [target, kind] = target(object);
    let requesters = requesters(list(&object["status"]["requesters"]));
    vec![
        target,
        kind,
        status(object),
        json!(count),
        json!(of_responder),
        json!(finish),
        json!(requesters),
        aged(object, now),
        json!(heartbeat),
        json!(message),
    ]
}

/// What is shown of the responder whose turn it is.
struct Responder {
    status: String,
    finish: String,
    heartbeat: String,
    message: String,
}

impl Default for Responder {
    fn default() -> Self {
        let unset = || "<unset>".to_owned();
        Self { status: unset(), finish: "<unknown>".to_owned(), heartbeat: unset(), message: unset() }
    }
}

impl Responder {
    fn of(responder: &Value, state: &str, now: Timestamp) -> Self {
        let is_set = |name: &str| !responder[name].is_null();
        let ago = |name: &str| format!("{} ago", age::since(&responder[name], now));
        let mut shown = Self { status: state.to_owned(), ..Self::default() };
        match state {
            "Active" if is_set("startTime") => {
                shown.status = format!("Started ({})", ago("startTime"));
                let expected = responder["expectedCompletionTime"].as_str();
                if let Some(time) = expected.and_then(|time| time.parse::<Timestamp>().ok()) {
                    let left = time.as_second() - now.as_second();
                    shown.finish = match left > 0 {
                        true => format!("in {}", age::shown(left)),
                        false => ago("expectedCompletionTime"),
                    };
                }
            }
            "Active" => {}
            _ => {
                if state == "Completed" && is_set("completionTime") {
                    shown.status = format!("{state} ({})", ago("completionTime"));
                }
                shown.finish = "-".to_owned();
            }
        }
        if is_set("heartbeatTime") {
            shown.heartbeat = ago("heartbeatTime");
        }
        let message = responder["message"].as_str().unwrap_or_default().trim();
        if !message.is_empty() {
            shown.message = message.to_owned();
        }
        shown
    }
}

/// Who asks for the eviction: the first, and how many more there are.
fn requesters(all: &[Value]) -> String {
    let mut names: Vec<&str> =
        all.iter().filter(|one| one["intent"] != "Withdrawn").filter_map(|one| one["name"].as_str()).collect();
    names.sort_unstable();
    match names.as_slice() {
        [] if all.is_empty() => "<none>".to_owned(),
        [] => "<withdrawn>".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} + {} more...", rest.len()),
    }
}

/// What is evicted, and of which kind it is.
fn target(object: &Value) -> [Value; 2] {
    match object["spec"]["target"]["pod"]["name"].as_str() {
        Some(name) => [json!(name), json!("Pod")],
        None => [json!("<unset>"), json!("<unset>")],
    }
}

fn status(object: &Value) -> Value {
    let status = &object["status"];
    let is_true = |kind: &str| {
        list(&status["conditions"]).iter().find(|known| known["type"] == kind && known["status"] == "True")
    };
    match is_true("TargetEvicted").or_else(|| is_true("Failed")) {
        Some(condition) => {
            let text = |name: &str| condition[name].as_str().unwrap_or_default();
            json!(format!("{} ({})", text("type"), text("reason")))
        }
        None if status["observedGeneration"].as_i64().unwrap_or(0) > 0 => json!("Progressing"),
        None => json!("Pending"),
    }
}
