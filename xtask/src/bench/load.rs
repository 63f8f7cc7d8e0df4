//! The tasks against the API server: the programs take turns, and the median of each one's runs goes into the report.

use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::Path;
use std::process::{Command, Stdio};

use indicatif::{ProgressBar, ProgressStyle};

use super::contexts;
use super::peers::{self, Peer, Peers};
use super::report::{Key, Report, Section, Unit};
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
const USER: Figure = Figure { name: "user", unit: Unit::Milliseconds, of: |sample| sample.user_ms };
const SYSTEM: Figure = Figure { name: "system", unit: Unit::Milliseconds, of: |sample| sample.system_ms };
const FAULTS: Figure = Figure { name: "page faults", unit: Unit::Count, of: |sample| sample.page_faults };
const PEAK: Figure = Figure { name: "peak RSS", unit: Unit::Megabytes, of: |sample| Some(sample.peak_rss_mb) };

const RECEIVED: Figure = Figure { name: "received", unit: Unit::Megabytes, of: |sample| sample.received_mb };
const P50: Figure = Figure { name: "p50", unit: Unit::Microseconds, of: |sample| sample.p50_us };

/// How many requests are made by 64 tasks together.
const CONCURRENT: usize = 20_000;
/// How many watches are held open.
const WATCHES: usize = 500;

/// How many bytes go through a command.
const BYTES: usize = 300_000_000;

/// A command of the programs, and what is taken from it.
struct Task {
    section: Section,
    command: &'static str,
    title: &'static str,
    figures: &'static [Figure],
    /// Whether to run once more with the heap counted.
    heap: bool,
}

impl Task {
    const fn new(command: &'static str, title: &'static str, figures: &'static [Figure]) -> Self {
        Self { section: Section::Server, command, title, figures, heap: false }
    }

    /// Of ours alone.
    const fn profile(command: &'static str, title: &'static str, figures: &'static [Figure]) -> Self {
        Self { section: Section::Profile, ..Self::new(command, title, figures) }
    }

    const fn with_heap(self) -> Self {
        Self { heap: true, ..self }
    }

    fn key<'a>(&'a self, what: &'a str, pods: Option<usize>, unit: Unit) -> Key<'a> {
        Key { section: self.section, task: self.title, what, pods, unit }
    }
}

const TASKS: &[Task] = &[
    Task::new("list", "list", &[WALL, CPU, PEAK]).with_heap(),
    Task::new("list-without-managed-fields", "list by pages, managedFields dropped", &[WALL, PEAK]).with_heap(),
    Task::new("watch", "watch", &[WALL, CPU, PEAK]),
    Task::new("list-by-default", "list, compression as by default", &[WALL, CPU]),
    Task::profile(
        "receive-list",
        "list: received, not decoded",
        &[
            Figure { name: "until the first byte", unit: Unit::Milliseconds, of: |sample| sample.first_byte_ms },
            WALL,
            USER,
            SYSTEM,
            FAULTS,
            PEAK,
            RECEIVED,
        ],
    ),
    Task::profile("decode", "list: the same bytes decoded from memory", &[WALL, USER, SYSTEM, FAULTS]),
    Task::profile("list-and-drop", "list: each object dropped", &[WALL, USER, SYSTEM, FAULTS, PEAK]),
    Task::profile("list", "list", &[WALL, USER, SYSTEM, FAULTS, PEAK]),
    Task::profile("receive-watch", "watch: received, not decoded", &[WALL, USER, SYSTEM, FAULTS, PEAK, RECEIVED]),
    Task::profile("watch", "watch", &[WALL, USER, SYSTEM, FAULTS, PEAK]),
];

const GETS: &[Task] = &[
    Task::new(
        "get",
        "get one pod",
        &[
            P50,
            Figure { name: "p99", unit: Unit::Microseconds, of: |sample| sample.p99_us },
            Figure {
                name: "CPU a request",
                unit: Unit::Microseconds,
                of: |sample| Some(sample.cpu_ms * 1e3 / REQUESTS as f64),
            },
        ],
    ),
    Task::profile("receive-get", "2,000 gets: received, not decoded", &[WALL, USER, SYSTEM, FAULTS, P50]),
    Task::profile("get", "2,000 gets", &[WALL, USER, SYSTEM, FAULTS, P50]),
];

/// Encodings are the same for streams: the last peer would be the one before it once more.
const STREAMS: &[Task] = &[
    Task::new("exec-out", "300 MB from a command", &[WALL, CPU, PEAK]),
    Task::new("exec-in", "300 MB to a command", &[WALL, CPU, PEAK]),
];

/// What a client costs beside what it reads.
const CONNECTIONS: &[(Task, usize)] = &[
    (
        Task::new(
            "get",
            FIRST_ANSWER,
            &[Figure { name: "from process start", unit: Unit::Milliseconds, of: |sample| Some(sample.whole_ms) }, CPU],
        ),
        1,
    ),
    (
        Task::new(
            "get-64",
            "20,000 gets, 64 at once",
            &[
                WALL,
                Figure {
                    name: "CPU a request",
                    unit: Unit::Microseconds,
                    of: |sample| Some(sample.cpu_ms * 1e3 / CONCURRENT as f64),
                },
                OPEN,
            ],
        ),
        CONCURRENT,
    ),
    (
        Task::new(
            "watch-idle",
            "500 idle watches",
            &[OPEN, Figure { name: "RSS", unit: Unit::Megabytes, of: |sample| sample.rss_mb }, CPU],
        ),
        WATCHES,
    ),
];

/// The task whose kubeconfig is one of 300 contexts.
const FIRST_ANSWER: &str = "first answer, kubeconfig of 300 contexts";

const OPEN: Figure = Figure { name: "connections", unit: Unit::Count, of: |sample| sample.connections };

const HEAP: Task = Task { section: Section::Heap, ..Task::new("heap", "list", &[]) };

/// Whether a resumed run has measured all of it already.
pub fn is_done(report: &Report, pods: &[usize]) -> bool {
    pods.iter().enumerate().all(|(index, &count)| is_done_with(report, index, count))
}

fn is_done_with(report: &Report, index: usize, count: usize) -> bool {
    let done = |task: &Task, pods| report.is_done(task.section, task.title, pods);
    TASKS.iter().chain([&HEAP]).all(|task| done(task, Some(count)))
        && GETS.iter().chain(STREAMS).all(|task| index > 0 || done(task, None))
        && CONNECTIONS.iter().all(|(task, _)| index > 0 || done(task, None))
}

/// Measures everything, for each number of pods. What is done is written at once, lest a failure cost it all.
#[allow(clippy::too_many_arguments)]
pub fn measure(
    report: &mut Report,
    programs: &Peers,
    kubeconfig: &Path,
    pods: &[usize],
    runs: u32,
    out: &Path,
    spinner: &mut Spinner,
) -> Outcome {
    for (index, &count) in pods.iter().enumerate() {
        if is_done_with(report, index, count) {
            continue;
        }
        let namespace = format!("bench-{count}");
        spinner.clear();
        make(&programs.make_pods, kubeconfig, &namespace, count)?;
        for task in TASKS {
            turn(report, task, &programs.all, kubeconfig, &namespace, Some(count), count, runs)?;
            report.write(out)?;
        }
        heap(report, programs, kubeconfig, &namespace, count)?;
        for task in GETS.iter().filter(|_| index == 0) {
            turn(report, task, &programs.all, kubeconfig, &namespace, None, REQUESTS, runs)?;
        }
        for task in STREAMS.iter().filter(|_| index == 0) {
            turn(report, task, programs.without_encodings(), kubeconfig, &namespace, None, BYTES, runs)?;
        }
        for (task, count) in CONNECTIONS.iter().filter(|_| index == 0) {
            let many =
                if task.title == FIRST_ANSWER { Some(contexts::many(kubeconfig, &peers::folder()?)?) } else { None };
            let kubeconfig = many.as_deref().unwrap_or(kubeconfig);
            turn(report, task, programs.without_encodings(), kubeconfig, &namespace, None, *count, runs)?;
        }
        report.write(out)?;
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
    if status.success() { Ok(()) } else { Err(format!("the pods were not created ({status})").into()) }
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
    if report.is_done(task.section, task.title, pods) {
        return Ok(());
    }
    let peers = match task.section {
        Section::Server => peers,
        _ => &peers[..1],
    };
    let bar = bar(u64::from(runs + 1) * peers.len() as u64, &format!("{} ({count})", task.title));
    let mut samples = vec![Vec::new(); peers.len()];
    for round in 0..=runs {
        for (peer, samples) in peers.iter().zip(&mut samples) {
            let sample = sample::run(peer.command(kubeconfig, task.command, namespace, count))?;
            // Half the objects would be twice as fast.
            if let Some(items) = sample.items.filter(|&items| items != count as u64) {
                return Err(format!("{}: {} got {items} of {count}", task.title, peer.name).into());
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
                report.add(task.key(figure.name, pods, figure.unit), peer.name, spread);
            }
        }
    }
    if task.heap {
        for peer in peers {
            let sample = sample::run(peer.counting(kubeconfig, task.command, namespace, count))?;
            if let Some(live) = sample.live_mb {
                report.add(task.key("live heap", pods, Unit::Megabytes), peer.name, live.into());
            }
            if let Some(allocations) = sample.allocations {
                report.add(task.key("allocations", pods, Unit::Count), peer.name, allocations.into());
            }
        }
    }
    Ok(())
}

/// What the parts of our pods hold of the heap.
fn heap(report: &mut Report, peers: &Peers, kubeconfig: &Path, namespace: &str, count: usize) -> Outcome {
    if report.is_done(HEAP.section, HEAP.title, Some(count)) {
        return Ok(());
    }
    let ours = &peers.all[0];
    let sample = sample::run(ours.counting(kubeconfig, HEAP.command, namespace, count))?;
    for (part, megabytes) in &sample.parts {
        report.add(HEAP.key(part, Some(count), Unit::Megabytes), ours.name, (*megabytes).into());
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
