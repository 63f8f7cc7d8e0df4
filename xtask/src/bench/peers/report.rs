//! What a Rust peer measures about itself, and the line that it prints: the same file for each of them.
#![allow(dead_code)]

use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

#[cfg(feature = "count")]
#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

/// How long a program rests before its memory is read, so that all that it still had to do is done.
pub const REST: Duration = Duration::from_secs(1);
/// How long an idle program is observed.
pub const IDLE: Duration = Duration::from_secs(30);

/// Runs from just before the first request until everything was received.
pub struct Measure {
    start: Instant,
    usage: Option<Usage>,
    first_byte: Option<Duration>,
    /// How many bytes came in, where that was counted.
    pub received: Option<usize>,
    /// Whether to count connections and what memory is resident at the end.
    pub held: bool,
    /// What parts of it take, in bytes of the heap, where that was counted.
    pub parts: Vec<(&'static str, i64)>,
    /// When a cache was filled, if more is measured afterwards.
    synced: Option<Duration>,
    /// Resident memory at the start, in KiB.
    resident: u64,
    /// Memory once a cache was filled, in KiB: resident, and the most until then.
    filled: Option<(u64, u64)>,
    /// Share of a core that the idle program used, in percent.
    idle: Option<f64>,
    #[cfg(feature = "count")]
    heap: stats_alloc::Stats,
}

impl Measure {
    pub fn start() -> Self {
        Self {
            #[cfg(feature = "count")]
            heap: ALLOCATOR.stats(),
            usage: getrusage(UsageWho::RUSAGE_SELF).ok(),
            first_byte: None,
            received: None,
            held: false,
            parts: Vec::new(),
            synced: None,
            resident: kib_of("VmRSS:").unwrap_or_default(),
            filled: None,
            idle: None,
            start: Instant::now(),
        }
    }

    /// A cache is filled: the wall time ends here.
    pub fn synced(&mut self) {
        self.synced = Some(self.start.elapsed());
    }

    /// A cache is filled, and is about to be filled again.
    pub fn filled(&mut self) {
        self.filled = kib_of("VmRSS:").zip(kib_of("VmHWM:"));
    }

    /// Observes the program while it idles.
    pub async fn idle(&mut self, time: Duration) {
        let (before, start) = (processor_time(), Instant::now());
        tokio::time::sleep(time).await;
        let used = processor_time().zip(before).map(|(now, before)| now - before);
        self.idle = used.map(|used| used / milliseconds(start.elapsed()) * 100.0);
    }

    /// The answer begins to come in.
    pub fn first_byte(&mut self) {
        self.first_byte = Some(self.start.elapsed());
    }

    /// Prints the line. What was received has to be still there, for the live heap to say something.
    pub fn print(self, items: usize, requests: Vec<Duration>) {
        self.line(Some(items), requests);
    }

    /// The same where nobody looked at what was received.
    pub fn print_uncounted(self) {
        self.line(None, Vec::new());
    }

    fn line(self, items: Option<usize>, mut requests: Vec<Duration>) {
        let wall = self.synced.unwrap_or_else(|| self.start.elapsed());
        let mut line = format!("{{\"wall_ms\":{:.3}", milliseconds(wall));
        if let Some(items) = items {
            line += &format!(",\"items\":{items}");
        }
        if let (Some(before), Ok(now)) = (self.usage, getrusage(UsageWho::RUSAGE_SELF)) {
            let user = (now.user_time() - before.user_time()).num_microseconds() as f64 / 1e3;
            let system = (now.system_time() - before.system_time()).num_microseconds() as f64 / 1e3;
            let faults = now.minor_page_faults() - before.minor_page_faults();
            line += &format!(",\"user_ms\":{user:.3},\"system_ms\":{system:.3},\"page_faults\":{faults}");
        }
        #[cfg(feature = "count")]
        {
            let heap = ALLOCATOR.stats();
            let live = in_use(&heap) - in_use(&self.heap);
            line += &format!(",\"live_bytes\":{live},\"allocations\":{}", heap.allocations - self.heap.allocations);
        }
        if let Some(first_byte) = self.first_byte {
            line += &format!(",\"first_byte_ms\":{:.3}", milliseconds(first_byte));
        }
        if let Some(received) = self.received {
            line += &format!(",\"received_bytes\":{received}");
        }
        if !self.parts.is_empty() {
            let parts: Vec<String> = self.parts.iter().map(|(name, bytes)| format!("[\"{name}\",{bytes}]")).collect();
            line += &format!(",\"parts\":[{}]", parts.join(","));
        }
        if !requests.is_empty() {
            requests.sort_unstable();
            let at = |share: f64| requests[((requests.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
            line += &format!(",\"p50_us\":{:.1},\"p99_us\":{:.1}", at(0.5), at(0.99));
        }
        if let Some(kib) = kib_of("VmHWM:") {
            line += &format!(",\"peak_rss_kib\":{kib}");
        }
        if let (Some((resident, peak)), Some(now)) = (self.filled, kib_of("VmHWM:")) {
            let (cache, raised) = (resident.saturating_sub(self.resident), now.saturating_sub(peak));
            line += &format!(",\"cache_kib\":{cache},\"raised_kib\":{raised}");
        }
        if let Some(percent) = self.idle {
            line += &format!(",\"idle_percent\":{percent:.4}");
        }
        if let (true, Some(kib)) = (self.held, kib_of("VmRSS:")) {
            line += &format!(",\"rss_kib\":{kib},\"connections\":{}", connections());
        }
        println!("{line}}}");
    }
}

/// How much of the heap is in use.
#[cfg(feature = "count")]
pub fn heap_in_use() -> i64 {
    in_use(&ALLOCATOR.stats())
}

/// What a reallocation adds or takes is counted with what is allocated and freed.
#[cfg(feature = "count")]
fn in_use(stats: &stats_alloc::Stats) -> i64 {
    stats.bytes_allocated as i64 - stats.bytes_deallocated as i64
}

/// The processor time of this program until now, its own and the kernel's for it, in ms.
fn processor_time() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    Some((usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e3)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// What Linux counts for this program alone: `VmHWM:` is the most memory that was resident at once, `VmRSS:` what is now.
fn kib_of(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().trim_end_matches(" kB").trim().parse().ok()
}

/// How many TCP connections this program has open.
fn connections() -> usize {
    let inode = |line: &str| line.split_ascii_whitespace().nth(9).map(|inode| format!("socket:[{inode}]"));
    let tables =
        ["/proc/self/net/tcp", "/proc/self/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let tcp: std::collections::HashSet<_> = tables.iter().flat_map(|table| table.lines().filter_map(inode)).collect();
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    open.filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter(|target| target.to_str().is_some_and(|target| tcp.contains(target)))
        .count()
}
