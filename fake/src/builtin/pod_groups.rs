//! What admission does to groups of pods: they have priorities as pods do, and a finalizer while pods may be of them.

use serde_json::{Value, json};

use super::priorities::{self, Priority};
use crate::catalog::Resource;
use crate::status::{About, Status};
use crate::store::Store;

/// What a group keeps until a controller knows that no pod is of it.
pub(super) const FINALIZER: &str = "scheduling.k8s.io/podgroup-protection";

/// `Priority` at the creation of a group.
pub(super) fn set_priority(group: &mut Value, resource: &Resource, store: &Store) -> Result<(), Status> {
    let name = group["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let about = About { group: &resource.group, kind: &resource.plural, name: &name };
    let sort = if resource.plural == "podgroups" { "pod group" } else { "composite pod group" };
    let refuse = |why: String| Err(Status::forbidden(about, &why, Value::Null));
    let class = group["spec"]["priorityClassName"].as_str().unwrap_or_default().to_owned();
    let priority = match class.as_str() {
        "" => Some(priorities::default(store)),
        class => priorities::named(store, class),
    };
    let Some(Priority { name: class, value, preemption }) = priority else {
        return refuse(format!("no PriorityClass with name {class} was found"));
    };
    let spec = &mut group["spec"];
    if let Some(given) = spec["priority"].as_i64().filter(|given| *given != value) {
        return refuse(format!(
            "priority set in the {sort} ({given}) must match the priority computed ({value}) based on the priority class set in the spec"
        ));
    }
    if let Some(given) = spec["preemptionPolicy"].as_str().filter(|given| *given != preemption) {
        return refuse(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in {sort} spec; priority admission controller computed {preemption} from the given PriorityClass name"
        ));
    }
    spec["priority"] = json!(value);
    // Groups of the first version that has priorities have none.
    if resource.schema().field("spec").has_property("preemptionPolicy") {
        spec["preemptionPolicy"] = json!(preemption);
    }
    if !class.is_empty() {
        spec["priorityClassName"] = json!(class);
    }
    Ok(())
}
