//! What pods hold of the heap, part by part: each is dropped from all of them, and what that gives back is counted.

use kubewright::core::v1::Pod;

use crate::report::heap_in_use;

/// The parts, and their bytes.
pub fn parts(mut pods: Vec<Pod>) -> Vec<(&'static str, i64)> {
    let mut parts = Vec::new();
    let mut part = |name, drop_it: fn(&mut Pod)| {
        let before = heap_in_use();
        pods.iter_mut().for_each(drop_it);
        parts.push((name, before - heap_in_use()));
    };
    part("metadata.managedFields", |pod| pod.metadata.managed_fields = Vec::new());
    part("the rest of metadata", |pod| pod.metadata = Default::default());
    part("spec.containers", |pod| pod.spec.containers = Vec::new());
    part("spec.volumes", |pod| pod.spec.volumes = Vec::new());
    part("the rest of spec", |pod| pod.spec = Default::default());
    part("status", |pod| pod.status = Default::default());
    let before = heap_in_use();
    drop(pods);
    parts.push(("the pods themselves", before - heap_in_use()));
    parts
}
