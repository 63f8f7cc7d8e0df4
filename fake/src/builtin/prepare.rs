//! What the API server sets itself in new and changed objects, after admission and before the checks.

use kubewright_core::types::Quantity;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{allocate, api_services, claim_sources, devices, set_stored_version};
use crate::access::User;
use crate::catalog::{Resource, Source};
use crate::status::Status;
use crate::store::Store;

/// Sets what the server sets in a new object of a user. `is_dry_run` takes no address; others are taken by what is random.
pub(crate) fn prepare_new(
    object: &mut Value,
    resource: &Resource,
    store: &Store,
    user: &User,
    (now, is_dry_run): (&str, bool),
    random: impl Fn() -> Uuid,
) -> Result<(), Status> {
    if matches!(resource.source, Source::Custom(_)) {
        return Ok(());
    }
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => {
            object["status"] = json!({ "phase": "Pending", "qosClass": quality_of_service(&object["spec"]) });
            if object["spec"]["schedulingGates"].as_array().is_some_and(|gates| !gates.is_empty()) {
                object["status"]["conditions"] = json!([{
                    "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
                    "message": "Scheduling is blocked due to non-empty scheduling gates",
                    "lastProbeTime": null, "lastTransitionTime": now,
                }]);
            }
            remove_nulls(&mut object["spec"]);
        }
        ("", "namespaces") => {
            object["spec"]["finalizers"] = json!(["kubernetes"]);
            // One whose name is generated has none when defaults are set.
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = object["metadata"]["name"].clone();
            object["status"] = json!({ "phase": "Active" });
        }
        ("", "persistentvolumeclaims") => {
            object["status"] = json!({ "phase": "Pending" });
            claim_sources::prepare(object, None);
        }
        ("", "persistentvolumes") => {
            object["status"] = json!({ "phase": "Pending", "lastPhaseTransitionTime": now });
        }
        ("", "services") => allocate::service(object, None, store, (is_dry_run, random))?,
        ("apiregistration.k8s.io", _) => api_services::prepare_new(object, now),
        ("apps", "daemonsets") => set_template_generation(object, 1),
        ("batch", "jobs") => select_own_pods(object),
        ("certificates.k8s.io", "certificatesigningrequests") => requested_by(object, user),
        ("resource.k8s.io", _) => devices::prepare_new(object, resource),
        _ => {}
    }
    Ok(())
}

/// Sets what the server sets in a changed object.
pub(crate) fn prepare_update(
    object: &mut Value,
    old: &Value,
    resource: &Resource,
    store: &Store,
    (is_dry_run, random): (bool, impl Fn() -> Uuid),
) -> Result<(), Status> {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "services") => allocate::service(object, Some(old), store, (is_dry_run, random))?,
        ("", "persistentvolumeclaims") => claim_sources::prepare(object, Some(old)),
        ("apiextensions.k8s.io", "customresourcedefinitions") => set_stored_version(object),
        ("apps", "daemonsets") => {
            let present = old["metadata"]["annotations"][TEMPLATE_GENERATION].as_str();
            let present = present.and_then(|text| text.parse::<i64>().ok()).unwrap_or(1);
            let is_changed = object["spec"]["template"] != old["spec"]["template"];
            set_template_generation(object, present + i64::from(is_changed));
        }
        _ => {}
    }
    Ok(())
}

/// Sets what the server sets when a status, or an approval, is written.
pub(crate) fn prepare_status(object: &mut Value, old: &Value, resource: &Resource, now: &str) {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => {
            // Set once and for all.
            let class = &old["status"]["qosClass"];
            if object["status"]["qosClass"].as_str().unwrap_or_default().is_empty() && !class.is_null() {
                object["status"]["qosClass"] = class.clone();
            }
        }
        ("", "persistentvolumes") => {
            let (status, known) = (&object["status"], &old["status"]);
            let (time, known_time) = (&status["lastPhaseTransitionTime"], &known["lastPhaseTransitionTime"]);
            let time = match (status["phase"] == known["phase"], time.is_null() || time == known_time) {
                (true, true) => known_time.clone(),
                (false, true) => json!(now),
                (_, false) => time.clone(),
            };
            if !time.is_null() {
                object["status"]["lastPhaseTransitionTime"] = time;
            }
        }
        ("certificates.k8s.io", "certificatesigningrequests") => date_conditions(object, old, now),
        ("storage.k8s.io", "csinodes") => {
            // Its feature gate, `CSIVolumeHealth`, is off.
            if let Value::Object(status) = &mut object["status"] {
                status.remove("storageHealth");
            }
        }
        ("resource.k8s.io", _) => devices::prepare_status(object, old, resource),
        _ => {}
    }
}

/// Who asks for a certificate, whatever the request says.
fn requested_by(request: &mut Value, user: &User) {
    const FIELDS: [&str; 4] = ["username", "uid", "groups", "extra"];
    let Value::Object(spec) = &mut request["spec"] else { return };
    let mut user = user.to_json();
    for field in FIELDS {
        match user[field].take() {
            Value::Null => spec.remove(field),
            known => spec.insert(field.to_owned(), known),
        };
    }
}

/// Sets the times of conditions that have none.
fn date_conditions(request: &mut Value, old: &Value, now: &str) {
    let known = old["status"]["conditions"].as_array().cloned().unwrap_or_default();
    for condition in request.pointer_mut("/status/conditions").and_then(Value::as_array_mut).into_iter().flatten() {
        if condition["lastUpdateTime"].is_null() {
            condition["lastUpdateTime"] = json!(now);
        }
        if condition["lastTransitionTime"].is_null() {
            let same = known.iter().find(|known| {
                known["type"] == condition["type"]
                    && known["status"] == condition["status"]
                    && !known["lastTransitionTime"].is_null()
            });
            condition["lastTransitionTime"] =
                same.map_or_else(|| json!(now), |same| same["lastTransitionTime"].clone());
        }
    }
}

const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

fn set_template_generation(object: &mut Value, generation: i64) {
    object["metadata"]["annotations"][TEMPLATE_GENERATION] = json!(generation.to_string());
}

fn remove_nulls(fields: &mut Value) {
    if let Value::Object(fields) = fields {
        fields.retain(|_, value| !value.is_null());
    }
}

/// The labels and the selector by which a job knows its pods.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#specifying-your-own-pod-selector>
fn select_own_pods(job: &mut Value) {
    if job["spec"]["manualSelector"] == true {
        return;
    }
    let (name, uid) = (job["metadata"]["name"].clone(), job["metadata"]["uid"].clone());
    for metadata in ["/metadata", "/spec/template/metadata"] {
        let Some(metadata) = job.pointer_mut(metadata) else { continue };
        let labels = &mut metadata["labels"];
        if !labels.is_object() {
            *labels = json!({});
        }
        for (key, value) in [("job-name", &name), ("controller-uid", &uid)] {
            labels[key] = value.clone();
            labels[format!("batch.kubernetes.io/{key}")] = value.clone();
        }
    }
    job["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"] = uid;
}

/// The class of the quality of service of a pod.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>
pub(super) fn quality_of_service(spec: &Value) -> &'static str {
    let of_pod = Some(&spec["resources"]).filter(|resources| {
        ["requests", "limits"].iter().any(|part| resources[part].as_object().is_some_and(|list| !list.is_empty()))
    });
    let containers = ["containers", "initContainers"].into_iter().filter_map(|list| spec[list].as_array()).flatten();
    let resources: Vec<&Value> = match of_pod {
        Some(resources) => vec![resources],
        None => containers.map(|container| &container["resources"]).collect(),
    };
    let amount = |resources: &Value, part: &str, name: &str| {
        let quantity = Quantity::parse(resources[part][name].as_str()?).ok()?;
        (!quantity.is_zero()).then_some(quantity)
    };
    let mut is_guaranteed = true;
    let mut is_best_effort = true;
    for resources in resources {
        for name in ["cpu", "memory"] {
            let (request, limit) = (amount(resources, "requests", name), amount(resources, "limits", name));
            is_best_effort &= request.is_none() && limit.is_none();
            is_guaranteed &= limit.is_some() && request == limit;
        }
    }
    match (is_best_effort, is_guaranteed) {
        (true, _) => "BestEffort",
        (_, true) => "Guaranteed",
        _ => "Burstable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quality_of_service_follows_from_requests_and_limits() {
        let of = |resources: &[Value]| {
            let containers: Vec<Value> = resources.iter().map(|resources| json!({ "resources": resources })).collect();
            quality_of_service(&json!({ "containers": containers }))
        };
        let full =
            json!({ "limits": { "cpu": "1", "memory": "1Gi" }, "requests": { "cpu": "1000m", "memory": "1Gi" } });
        assert_eq!(of(&[json!({})]), "BestEffort");
        assert_eq!(of(std::slice::from_ref(&full)), "Guaranteed");
        assert_eq!(of(&[full, json!({})]), "Burstable");
        assert_eq!(of(&[json!({ "requests": { "cpu": "0" } })]), "BestEffort");
        assert_eq!(of(&[json!({ "requests": { "cpu": "1" } })]), "Burstable");
    }
}
