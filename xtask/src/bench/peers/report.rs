//! What a Rust peer measures about itself, and the line that it prints: the same file for each of them.

use std::time::{Duration, Instant};

#[cfg(feature = "count")]
#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

/// Runs from just before the first request until everything was received.
pub struct Measure {
    start: Instant,
    #[cfg(feature = "count")]
    heap: stats_alloc::Stats,
}

impl Measure {
    pub fn start() -> Self {
        Self {
            #[cfg(feature = "count")]
            heap: ALLOCATOR.stats(),
            start: Instant::now(),
        }
    }

    /// Prints the line. What was received has to be still there, for the live heap to say something.
    pub fn print(self, items: usize, mut requests: Vec<Duration>) {
        let wall = self.start.elapsed();
        let mut line = format!("{{\"wall_ms\":{:.3},\"items\":{items}", wall.as_secs_f64() * 1e3);
        #[cfg(feature = "count")]
        {
            let heap = ALLOCATOR.stats();
            let allocated = heap.bytes_allocated - self.heap.bytes_allocated;
            let freed = heap.bytes_deallocated - self.heap.bytes_deallocated;
            // It counts what a reallocation adds or takes apart from what is allocated and freed.
            let live = allocated as i64 - freed as i64;
            line += &format!(",\"live_bytes\":{live},\"allocations\":{}", heap.allocations - self.heap.allocations);
        }
        if !requests.is_empty() {
            requests.sort_unstable();
            let at = |share: f64| requests[((requests.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
            line += &format!(",\"p50_us\":{:.1},\"p99_us\":{:.1}", at(0.5), at(0.99));
        }
        if let Some(kib) = peak_rss_kib() {
            line += &format!(",\"peak_rss_kib\":{kib}");
        }
        println!("{line}}}");
    }
}

/// The most memory that was resident at once, as Linux counts it for this program alone.
fn peak_rss_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse().ok()
}
