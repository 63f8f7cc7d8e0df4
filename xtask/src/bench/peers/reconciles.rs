//! When reconciles start, after the pod was created whose name has that time: the same file for each Rust peer.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// The reconciles that have started.
pub struct Started {
    count: usize,
    latencies: Mutex<Vec<Duration>>,
    all: Notify,
}

impl Started {
    pub fn new(count: usize) -> Self {
        Self { count, latencies: Mutex::new(Vec::with_capacity(count)), all: Notify::new() }
    }

    /// One starts, of a pod whose name ends with the time at which it was created, in ns.
    pub fn now(&self, pod: &str) {
        let created = pod.rsplit('-').next().and_then(|nanoseconds| nanoseconds.parse().ok()).map(Duration::from_nanos);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        latencies.extend(created.map(|created| now.saturating_sub(created)));
        if latencies.len() == self.count {
            self.all.notify_one();
        }
    }

    /// Waits for all of them: how long each took to start.
    pub async fn all(&self) -> Vec<Duration> {
        self.all.notified().await;
        std::mem::take(&mut self.latencies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
