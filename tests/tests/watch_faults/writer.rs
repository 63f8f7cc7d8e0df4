//! Objects that are created, changed and deleted, and count their changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use kubewright::ApiGroups as _;
use kubewright::core::v1::ConfigMap;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Client, Patch};
use serde_json::json;

pub const LABEL: &str = "part-of=watch-faults";

/// Writes five objects, one step after the other, until it is to stop.
pub async fn write(client: Client, seed: u64, index: u64, stop: Arc<AtomicBool>) {
    let maps = client.core_v1().config_maps(super::NAMESPACE);
    let mut random = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(index));
    let mut counts = [None; 5];
    for slot in 0..counts.len() {
        // An earlier run may have left it.
        if let Err(error) = maps.delete(&name(index, slot)).await {
            assert!(error.is_not_found(), "{error}");
        }
    }
    while !stop.load(Ordering::Relaxed) {
        let slot = random.usize(0..counts.len());
        let name = name(index, slot);
        counts[slot] = match counts[slot] {
            None => {
                let mut map = ConfigMap { metadata: ObjectMeta::named(&name), ..Default::default() };
                map.metadata.labels.insert("part-of", "watch-faults");
                map.data.insert("count", "0");
                // Sizes differ, so that connections break at all sorts of places.
                map.data.insert("ballast", "x".repeat(random.usize(0..2_000)));
                maps.create(&map).await.expect("created");
                Some(0)
            }
            Some(_) if random.u8(0..10) == 0 => {
                maps.delete(&name).await.expect("deleted");
                None
            }
            Some(count) => {
                let count: u64 = count + 1;
                let patch = Patch::merge(json!({ "data": { "count": count.to_string() } }));
                maps.patch(&name, patch).await.expect("changed");
                Some(count)
            }
        };
    }
}

fn name(index: u64, slot: usize) -> String {
    format!("counter-{index}-{slot}")
}
