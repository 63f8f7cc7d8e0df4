//! Objects that are created, changed and deleted, and count their changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use kubewright::ApiGroups as _;
use kubewright::core::v1::{ConfigMap, ConfigMaps};
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Client, Patch, Result};
use serde_json::json;
use tokio::time::sleep;

pub const LABEL: &str = "part-of=watch-faults";

/// Writes to objects of its own, one step after the other.
pub struct Writer {
    pub client: Client,
    pub seed: u64,
    /// Which of the writers it is.
    pub index: u64,
    /// How many objects it has, most of which exist at a time.
    pub objects: usize,
    /// Whether the server may fail for a while: then it reads what it has, and goes on.
    pub has_outages: bool,
    /// How many changes all writers have made, after so many of which they take their time.
    pub changes: Arc<AtomicUsize>,
    pub enough: usize,
}

impl Writer {
    /// Writes until it is to stop.
    pub async fn run(self, stop: Arc<AtomicBool>) {
        let maps = self.client.core_v1().config_maps(super::NAMESPACE);
        let mut random = Rng::with_seed(self.seed.wrapping_mul(31).wrapping_add(self.index));
        let mut counts = vec![None; self.objects];
        for slot in 0..counts.len() {
            // An earlier run may have left it.
            if let Err(error) = maps.delete(&self.name(slot)).await {
                assert!(error.is_not_found(), "{error}");
            }
        }
        while !stop.load(Ordering::Relaxed) {
            let slot = random.usize(0..counts.len());
            let name = self.name(slot);
            counts[slot] = match step(&maps, &name, counts[slot], &mut random).await {
                Ok(count) => count,
                Err(error) => {
                    assert!(self.has_outages, "{name}: {error}");
                    read(&maps, &name).await
                }
            };
            if self.changes.fetch_add(1, Ordering::Relaxed) >= self.enough {
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    fn name(&self, slot: usize) -> String {
        format!("counter-{}-{slot}", self.index)
    }
}

/// Changes an object that has this count, or does not exist. Returns its next one.
async fn step(maps: &ConfigMaps, name: &str, count: Option<u64>, random: &mut Rng) -> Result<Option<u64>> {
    match count {
        None => {
            let mut map = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
            map.metadata.labels.insert("part-of", "watch-faults");
            map.data.insert("count", "0");
            // Sizes differ, so that connections break at all sorts of places.
            map.data.insert("ballast", "x".repeat(random.usize(0..2_000)));
            maps.create(&map).await?;
            Ok(Some(0))
        }
        Some(_) if random.u8(0..10) == 0 => {
            maps.delete(name).await?;
            Ok(None)
        }
        Some(count) => {
            let count = count + 1;
            maps.patch(name, Patch::merge(json!({ "data": { "count": count.to_string() } }))).await?;
            Ok(Some(count))
        }
    }
}

/// Reads the count of an object, as soon as the server answers.
async fn read(maps: &ConfigMaps, name: &str) -> Option<u64> {
    loop {
        match maps.get(name).await {
            Ok(map) => return map.data.get("count").and_then(|count| count.parse().ok()),
            Err(error) if error.is_not_found() => return None,
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}
