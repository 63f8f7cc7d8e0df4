//! The tasks of caches and controllers: kubewright's, kube-runtime, client-go's informers, and controller-runtime.

use std::path::Path;

use super::peers::Peers;
use super::report::{Report, Section, Unit};
use super::task::{self, CPU, Figure, PEAK, Task, Turns, WALL};
use crate::Outcome;

const READ_P50: Figure = Figure { name: "a read, p50", unit: Unit::Microseconds, of: |sample| sample.p50_us };
const READ_P99: Figure = Figure { name: "a read, p99", unit: Unit::Microseconds, of: |sample| sample.p99_us };
const RAISED: Figure = Figure { name: "peak RSS raised by", unit: Unit::Megabytes, of: |sample| sample.raised_mb };
const RAISED_SHARE: Figure = Figure {
    name: "peak RSS raised by, of the cache",
    unit: Unit::Percent,
    of: |sample| Some(sample.raised_mb? / sample.cache_mb? * 100.0),
};
const STARTED_P50: Figure = Figure { name: "p50", unit: Unit::Milliseconds, of: |sample| Some(sample.p50_us? / 1e3) };
const STARTED_P99: Figure = Figure { name: "p99", unit: Unit::Milliseconds, of: |sample| Some(sample.p99_us? / 1e3) };
const IDLE: Figure = Figure { name: "CPU, of a core", unit: Unit::Percent, of: |sample| sample.idle_percent };

const fn task(command: &'static str, title: &'static str, figures: &'static [Figure]) -> Task {
    Task { section: Section::Controllers, ..Task::new(command, title, figures) }
}

/// Caches of the pods.
const CACHES: &[Task] = &[
    task("cache", "cache until synced, managedFields dropped", &[WALL, CPU, PEAK]).with_heap(),
    task("cache-reads", "packed cache", &[WALL, PEAK, READ_P50, READ_P99]).with_heap(),
    task("relist", "relist of an unchanged cache", &[RAISED, RAISED_SHARE]),
];

/// Each pod that is created is reconciled once.
const RECONCILE: Task = task("reconcile", "reconciles that do nothing", &[STARTED_P50, STARTED_P99, CPU]);
/// The namespace whose pods come and go.
const RECONCILED: &str = "bench-reconciled";

const IDLING: Task = task("idle", "controllers of 20 kinds, idle", &[IDLE]);
/// How many kinds the idle program has.
const KINDS: usize = 20;

/// Whether a resumed run has measured all of it already.
pub fn is_done(report: &Report, count: usize) -> bool {
    let done = |task: &Task, pods| report.is_done(task.section, task.title, pods);
    CACHES.iter().chain([&RECONCILE]).all(|task| done(task, Some(count))) && done(&IDLING, None)
}

/// Measures everything, with the pods of a namespace that has `count` of them.
pub fn measure(
    report: &mut Report,
    programs: &Peers,
    kubeconfig: &Path,
    (namespace, count): (&str, usize),
    runs: u32,
    out: &Path,
) -> Outcome {
    let turns = Turns { kubeconfig, namespace, pods: Some(count), count, runs, create_pods: None };
    for task in CACHES {
        task::turn(report, task, &programs.caches, turns)?;
        report.write(out)?;
    }
    task::turn(report, &IDLING, &programs.controllers, Turns { pods: None, count: KINDS, ..turns })?;
    report.write(out)?;
    // The last, since it leaves pods behind that the idle ones would have in their caches.
    let reconciled = Turns { namespace: RECONCILED, create_pods: Some(&programs.create_pods), ..turns };
    task::turn(report, &RECONCILE, &programs.controllers, reconciled)?;
    report.write(out)?;
    Ok(())
}
