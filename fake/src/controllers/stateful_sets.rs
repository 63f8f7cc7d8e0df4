//! StatefulSets: pods with names and claims of their own, one after the other.
//!
//! There are no ControllerRevisions: a pod that is made again gets the present template, also below the partition of a rolling update.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::claim::claim;
use super::context::Context;
use super::hash::hash;
use super::kinds::{PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS};
use super::pods::{self, from_template, has_ended, is_active, is_available, is_ready};
use super::values::{count, is_deleted, items, name, namespace, text};
use crate::stored::Stored;

const REVISION: &str = "controller-revision-hash";

/// A set with its pods.
struct Set {
    set: Arc<Stored>,
    /// By their ordinals.
    pods: BTreeMap<i64, Arc<Stored>>,
    /// The name of the present template.
    revision: String,
}

pub(super) fn sync(context: &mut Context<'_>) {
    for set in context.list(STATEFUL_SETS) {
        let pods = claim(context, PODS, &set, STATEFUL_SETS);
        let prefix = format!("{}-", name(&set));
        let ordinal = |pod: &Value| -> Option<i64> { name(pod).strip_prefix(&prefix)?.parse().ok() };
        let pods = pods.into_iter().filter_map(|pod| Some((ordinal(&pod)?, pod))).collect();
        let revision = format!("{}-{}", name(&set), hash(&set["spec"]["template"], 0));
        let set = Set { set, pods, revision };
        if !is_deleted(&set.set) {
            set.step(context);
        }
        set.write_status(context);
    }
}

impl Set {
    fn is_parallel(&self) -> bool {
        self.set["spec"]["podManagementPolicy"] == "Parallel"
    }

    /// The ordinals of the pods that should be there.
    fn ordinals(&self) -> std::ops::Range<i64> {
        let start = count(&self.set, "/spec/ordinals/start");
        start..start + count(&self.set, "/spec/replicas")
    }

    fn is_healthy(&self, context: &mut Context<'_>, pod: &Value) -> bool {
        is_active(pod) && is_available(context, pod, count(&self.set, "/spec/minReadySeconds"))
    }

    /// Makes the next pods, else deletes the last ones that are too many, else replaces one of an older template.
    fn step(&self, context: &mut Context<'_>) {
        let ordinals = self.ordinals();
        for ordinal in ordinals.clone() {
            let is_settled = match self.pods.get(&ordinal) {
                None => {
                    self.create(context, ordinal);
                    false
                }
                Some(pod) if has_ended(pod) && !is_deleted(pod) => {
                    pods::delete(context, pod);
                    false
                }
                Some(pod) => self.is_healthy(context, pod),
            };
            if !is_settled && !self.is_parallel() {
                return;
            }
        }
        let surplus: Vec<_> = self.pods.iter().rev().filter(|(ordinal, _)| !ordinals.contains(ordinal)).collect();
        for (_, pod) in &surplus {
            if !is_deleted(pod) {
                pods::delete(context, pod);
            }
            if !self.is_parallel() {
                return;
            }
        }
        if surplus.is_empty() && self.set["spec"]["updateStrategy"]["type"] != "OnDelete" {
            self.replace(context);
        }
    }

    /// Deletes the last pod of an older template, if those after it are healthy.
    fn replace(&self, context: &mut Context<'_>) {
        let partition = count(&self.set, "/spec/updateStrategy/rollingUpdate/partition");
        for ordinal in self.ordinals().rev().take_while(|ordinal| *ordinal >= partition) {
            let Some(pod) = self.pods.get(&ordinal) else { return };
            if !self.has_revision(pod, &self.revision) && !is_deleted(pod) {
                return pods::delete(context, pod);
            }
            if !self.is_healthy(context, pod) {
                return;
            }
        }
    }

    fn has_revision(&self, pod: &Value, revision: &str) -> bool {
        pod["metadata"]["labels"][REVISION] == revision
    }

    fn create(&self, context: &mut Context<'_>, ordinal: i64) {
        let set = &self.set;
        let pod_name = format!("{}-{ordinal}", name(set));
        let mut pod = from_template(set, STATEFUL_SETS);
        if !pod["spec"]["volumes"].is_array() {
            pod["spec"]["volumes"] = json!([]);
        }
        for template in items(set, "/spec/volumeClaimTemplates") {
            let claim_name = format!("{}-{pod_name}", name(template));
            if context.get(PERSISTENT_VOLUME_CLAIMS, namespace(set), &claim_name).is_none() {
                let mut labels = template["metadata"]["labels"].clone();
                if !labels.is_object() {
                    labels = json!({});
                }
                for (key, value) in set["spec"]["selector"]["matchLabels"].as_object().into_iter().flatten() {
                    labels[key] = value.clone();
                }
                let claim = json!({
                    "metadata": {
                        "name": claim_name, "namespace": namespace(set), "labels": labels,
                        "annotations": template["metadata"]["annotations"],
                    },
                    "spec": template["spec"],
                });
                if context.create(PERSISTENT_VOLUME_CLAIMS, &claim).is_err() {
                    return;
                }
            }
            if let Some(volumes) = pod["spec"]["volumes"].as_array_mut() {
                volumes.retain(|volume| volume["name"] != name(template));
                volumes.push(json!({ "name": name(template), "persistentVolumeClaim": { "claimName": claim_name } }));
            }
        }
        pod["metadata"]["name"] = json!(pod_name);
        let labels = [
            ("statefulset.kubernetes.io/pod-name", pod_name.clone()),
            ("apps.kubernetes.io/pod-index", ordinal.to_string()),
            (REVISION, self.revision.clone()),
        ];
        for (key, value) in labels {
            pod["metadata"]["labels"][key] = json!(value);
        }
        pod["spec"]["hostname"] = json!(pod_name);
        if !text(set, "/spec/serviceName").is_empty() {
            pod["spec"]["subdomain"] = set["spec"]["serviceName"].clone();
        }
        // What is refused is tried again when something has changed.
        let _ = context.create(PODS, &pod);
    }

    fn write_status(&self, context: &mut Context<'_>) {
        let known = text(&self.set, "/status/currentRevision");
        let current = if known.is_empty() { self.revision.as_str() } else { known };
        let min_ready = count(&self.set, "/spec/minReadySeconds");
        let pods: Vec<&Arc<Stored>> = self.pods.values().collect();
        let number = |is: &mut dyn FnMut(&Value) -> bool| pods.iter().filter(|pod| is(pod)).count();
        let replicas = pods.len();
        let ready = number(&mut |pod| is_ready(pod));
        let available = number(&mut |pod| is_available(context, pod, min_ready));
        let updated = number(&mut |pod| is_active(pod) && self.has_revision(pod, &self.revision));
        let mut at_current = number(&mut |pod| is_active(pod) && self.has_revision(pod, current));
        let mut current = current.to_owned();
        let wanted = usize::try_from(count(&self.set, "/spec/replicas")).unwrap_or(0);
        if updated == replicas && ready == replicas && replicas == wanted {
            (at_current, current) = (updated, self.revision.clone());
        }
        let mut status = json!({
            "replicas": replicas, "availableReplicas": available, "currentRevision": current,
            "updateRevision": self.revision, "collisionCount": 0,
            "observedGeneration": self.set["metadata"]["generation"],
        });
        for (field, number) in [("readyReplicas", ready), ("currentReplicas", at_current), ("updatedReplicas", updated)]
        {
            if number > 0 {
                status[field] = json!(number);
            }
        }
        // A conflict is resolved in the next turn.
        let _ = context.update_status(STATEFUL_SETS, &self.set, status);
    }
}
