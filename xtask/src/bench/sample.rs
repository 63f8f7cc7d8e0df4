//! One run of one program: what it says about itself, and what it cost.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde::Deserialize;
use wait4::Wait4 as _;

/// The line that each peer prints.
#[derive(Debug, Clone, Deserialize)]
struct Line {
    wall_ms: f64,
    items: Option<u64>,
    user_ms: Option<f64>,
    system_ms: Option<f64>,
    page_faults: Option<f64>,
    first_byte_ms: Option<f64>,
    received_bytes: Option<f64>,
    #[serde(default)]
    parts: Vec<(String, f64)>,
    live_bytes: Option<f64>,
    allocations: Option<f64>,
    p50_us: Option<f64>,
    p99_us: Option<f64>,
    peak_rss_kib: Option<f64>,
    rss_kib: Option<f64>,
    connections: Option<f64>,
    cache_kib: Option<f64>,
    raised_kib: Option<f64>,
    idle_percent: Option<f64>,
}

/// What a program prints when another one may begin.
const READY: &str = "ready";

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Sample {
    /// From the first request until everything was there, in ms.
    pub wall_ms: f64,
    /// From the start of the program to its end, in ms.
    pub whole_ms: f64,
    /// The processor time of the whole program, its own and the kernel's for it, in ms.
    pub cpu_ms: f64,
    /// The most memory that was resident at once, in MB.
    pub peak_rss_mb: f64,
    /// How many objects came, if the program looked.
    pub items: Option<u64>,
    /// The processor time of the program itself from its first request on, in ms.
    pub user_ms: Option<f64>,
    /// The kernel's for it, from its first request on, in ms.
    pub system_ms: Option<f64>,
    /// How often the kernel had to give a page of memory, from its first request on.
    pub page_faults: Option<f64>,
    /// From the first request until the answer began to come in, in ms.
    pub first_byte_ms: Option<f64>,
    /// What came in, decrypted, in MB.
    pub received_mb: Option<f64>,
    /// What parts of the objects hold of the heap, in MB.
    pub parts: Vec<(String, f64)>,
    /// What the heap held more at the end than at the start, in MB.
    pub live_mb: Option<f64>,
    /// How often memory was asked for.
    pub allocations: Option<f64>,
    /// The half of all requests took no longer, in µs.
    pub p50_us: Option<f64>,
    /// Of a hundred requests 99 took no longer, in µs.
    pub p99_us: Option<f64>,
    /// What memory was resident at the end, in MB.
    pub rss_mb: Option<f64>,
    /// How many TCP connections were open at the end.
    pub connections: Option<f64>,
    /// What memory is resident for a cache, in MB.
    pub cache_mb: Option<f64>,
    /// By how much filling the cache again raised the most memory that was resident at once, in MB.
    pub raised_mb: Option<f64>,
    /// The share of a core that the program used while it idled, in percent.
    pub idle_percent: Option<f64>,
}

/// Runs a program to its end.
pub fn run(command: Command) -> Result<Sample, String> {
    run_beside(command, None)
}

/// The same, with another program that begins when this one says that it is ready, and has to succeed too.
pub fn run_beside(mut command: Command, beside: Option<Command>) -> Result<Sample, String> {
    let mut other = Other { command: beside, child: None };
    let program = format!("{command:?}");
    let failed = |what: &str| format!("{what}: {program}");
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(&format!("cannot run ({error})")))?;
    let mut text = String::new();
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        text = line.map_err(|error| failed(&format!("cannot read what it prints ({error})")))?;
        if text == READY {
            other.begin()?;
        }
    }
    let used = child.wait4().map_err(|error| failed(&format!("cannot wait for its end ({error})")))?;
    let whole_ms = started.elapsed().as_secs_f64() * 1e3;
    if !used.status.success() {
        return Err(failed(&format!("it failed ({})", used.status)));
    }
    other.end()?;
    let line: Line =
        serde_json::from_str(text.trim()).map_err(|error| failed(&format!("it printed {text:?} ({error})")))?;
    // What wait4 counts may include what this program had in memory when it started that one.
    let peak = line.peak_rss_kib.map_or(used.rusage.maxrss as f64, |kib| kib * 1024.0);
    Ok(Sample {
        wall_ms: line.wall_ms,
        whole_ms,
        cpu_ms: (used.rusage.utime + used.rusage.stime).as_secs_f64() * 1e3,
        peak_rss_mb: peak / 1e6,
        items: line.items,
        user_ms: line.user_ms,
        system_ms: line.system_ms,
        page_faults: line.page_faults,
        first_byte_ms: line.first_byte_ms,
        received_mb: line.received_bytes.map(|bytes| bytes / 1e6),
        parts: line.parts.into_iter().map(|(name, bytes)| (name, bytes / 1e6)).collect(),
        live_mb: line.live_bytes.map(|bytes| bytes / 1e6),
        allocations: line.allocations,
        p50_us: line.p50_us,
        p99_us: line.p99_us,
        rss_mb: line.rss_kib.map(|kib| kib * 1024.0 / 1e6),
        connections: line.connections,
        cache_mb: line.cache_kib.map(|kib| kib * 1024.0 / 1e6),
        raised_mb: line.raised_kib.map(|kib| kib * 1024.0 / 1e6),
        idle_percent: line.idle_percent,
    })
}

/// A program that runs beside the one that is measured, and no longer than that.
struct Other {
    command: Option<Command>,
    child: Option<Child>,
}

impl Other {
    fn begin(&mut self) -> Result<(), String> {
        if let Some(mut command) = self.command.take() {
            let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
            self.child = Some(child.map_err(|error| format!("cannot run ({error}): {command:?}"))?);
        }
        Ok(())
    }

    fn end(mut self) -> Result<(), String> {
        if let Some(command) = &self.command {
            return Err(format!("there was no time for it: {command:?}"));
        }
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let status = child.wait().map_err(|error| format!("cannot wait for the program beside ({error})"))?;
        if status.success() { Ok(()) } else { Err(format!("the program beside failed ({status})")) }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_run_tells_what_the_program_printed_and_what_it_cost() {
        let sample = run(shell(r#"echo '{"wall_ms":1.5,"items":3,"peak_rss_kib":1000}'"#)).expect("runs");
        assert_eq!((sample.wall_ms, sample.items, sample.peak_rss_mb), (1.5, Some(3), 1.024));
        assert!(sample.p50_us.is_none());
    }

    #[test]
    fn another_program_begins_when_the_first_is_ready_and_has_to_succeed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("mark").display().to_string();
        let waits = format!(
            r#"test -e {mark} && exit 1; echo ready; until test -e {mark}; do sleep 0.01; done; echo '{{"wall_ms":1}}'"#
        );
        run_beside(shell(&waits), Some(shell(&format!("touch {mark}")))).expect("both run");
        std::fs::remove_file(&mark).expect("a mark");
        let error = run_beside(shell(&waits), Some(shell(&format!("touch {mark}; exit 3")))).expect_err("one fails");
        assert!(error.contains("beside failed"), "{error}");
        let never = run_beside(shell(r#"echo '{"wall_ms":1}'"#), Some(shell("exit 0"))).expect_err("not begun");
        assert!(never.contains("no time"), "{never}");
    }

    #[test]
    fn a_program_that_fails_or_says_nothing_is_an_error_that_names_it() {
        let error = run(shell("exit 3")).expect_err("fails");
        assert!(error.contains("exit 3"), "{error}");
        assert!(run(shell("echo nothing")).is_err());
    }
}
