//! The tasks against the API server: the programs take turns, and the median of each one's runs goes into the report.

use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::Path;
use std::process::{Command, Stdio};

use indicatif::{ProgressBar, ProgressStyle};

use super::peers::{Peer, Peers};
use super::report::{Report, Unit};
use super::sample::{self, Sample};
use super::statistics::Spread;
use crate::Outcome;
use crate::progress::Spinner;

/// How many requests `get` makes.
const REQUESTS: usize = 2000;

/// What is taken from a run.
struct Figure {
    name: &'static str,
    unit: Unit,
    of: fn(&Sample) -> Option<f64>,
}

const WALL: Figure = Figure { name: "wall", unit: Unit::Milliseconds, of: |sample| Some(sample.wall_ms) };
const CPU: Figure = Figure { name: "CPU", unit: Unit::Milliseconds, of: |sample| Some(sample.cpu_ms) };
const PEAK: Figure = Figure { name: "peak RSS", unit: Unit::Megabytes, of: |sample| Some(sample.peak_rss_mb) };

/// A command of the programs, and what is taken from it.
struct Task {
    command: &'static str,
    title: &'static str,
    figures: &'static [Figure],
    /// Whether to run once more with the heap counted.
    heap: bool,
}

const TASKS: &[Task] = &[
    Task { command: "list", title: "list", figures: &[WALL, CPU, PEAK], heap: true },
    Task {
        command: "list-without-managed-fields",
        title: "list by pages, managedFields dropped",
        figures: &[WALL, PEAK],
        heap: true,
    },
    Task { command: "watch", title: "watch", figures: &[WALL, CPU, PEAK], heap: false },
    Task { command: "list-by-default", title: "list, compression as by default", figures: &[WALL, CPU], heap: false },
];

const GET: Task = Task {
    command: "get",
    title: "get one pod",
    figures: &[
        Figure { name: "p50", unit: Unit::Microseconds, of: |sample| sample.p50_us },
        Figure { name: "p99", unit: Unit::Microseconds, of: |sample| sample.p99_us },
        Figure {
            name: "CPU a request",
            unit: Unit::Microseconds,
            of: |sample| Some(sample.cpu_ms * 1e3 / REQUESTS as f64),
        },
    ],
    heap: false,
};

/// Measures everything, for each number of pods. What is done is written at once, lest a failure cost it all.
#[allow(clippy::too_many_arguments)]
pub fn measure(
    report: &mut Report,
    peers: &Peers,
    kubeconfig: &Path,
    pods: &[usize],
    runs: u32,
    out: &Path,
    spinner: &mut Spinner,
) -> Outcome {
    for (index, &count) in pods.iter().enumerate() {
        let namespace = format!("bench-{count}");
        spinner.clear();
        make(&peers.make_pods, kubeconfig, &namespace, count)?;
        for task in TASKS {
            turn(report, task, &peers.all, kubeconfig, &namespace, Some(count), count, runs)?;
            report.write(out)?;
        }
        if index == 0 {
            turn(report, &GET, &peers.all, kubeconfig, &namespace, None, REQUESTS, runs)?;
            report.write(out)?;
        }
    }
    Ok(())
}

/// Has the pods made, and shows how far it is.
fn make(program: &Path, kubeconfig: &Path, namespace: &str, count: usize) -> Outcome {
    let bar = bar(count as u64, &format!("making {count} pods"));
    let mut child = Command::new(program)
        .args([namespace, &count.to_string()])
        .env("KUBECONFIG", kubeconfig)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        bar.set_position(line?.parse().unwrap_or_default());
    }
    bar.finish_and_clear();
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("the pods were not made ({status})").into()) }
}

/// Has each program do a task in turn: once untimed, then as often as asked.
#[allow(clippy::too_many_arguments)]
fn turn(
    report: &mut Report,
    task: &Task,
    peers: &[Peer],
    kubeconfig: &Path,
    namespace: &str,
    pods: Option<usize>,
    count: usize,
    runs: u32,
) -> Outcome {
    let bar = bar(u64::from(runs + 1) * peers.len() as u64, &format!("{} ({count})", task.title));
    let mut samples = vec![Vec::new(); peers.len()];
    for round in 0..=runs {
        for (peer, samples) in peers.iter().zip(&mut samples) {
            let sample = sample::run(peer.command(kubeconfig, task.command, namespace, count))?;
            // Half the objects would be twice as fast.
            if sample.items != count as u64 {
                return Err(format!("{}: {} got {} objects of {count}", task.title, peer.name, sample.items).into());
            }
            if round > 0 {
                samples.push(sample);
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for figure in task.figures {
        for (peer, samples) in peers.iter().zip(&samples) {
            if let Some(spread) = Spread::of(samples.iter().filter_map(figure.of)) {
                report.add(task.title, figure.name, pods, figure.unit, peer.name, spread);
            }
        }
    }
    if task.heap {
        for peer in peers {
            let sample = sample::run(peer.counting(kubeconfig, task.command, namespace, count))?;
            if let Some(live) = sample.live_mb {
                report.add(task.title, "live heap", pods, Unit::Megabytes, peer.name, live.into());
            }
            if let Some(allocations) = sample.allocations {
                report.add(task.title, "allocations", pods, Unit::Count, peer.name, allocations.into());
            }
        }
    }
    Ok(())
}

fn bar(length: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
