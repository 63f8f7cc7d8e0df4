//! The tasks against the API server: the programs take turns, and the median of each one's runs goes into the report.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::peers::{self, Peers};
use super::report::{Report, Section, Unit};
use super::task::{self, CPU, FAULTS, Figure, PEAK, SYSTEM, Task, Turns, USER, WALL};
use super::{Part, contexts, controllers, sample};
use crate::Outcome;
use crate::progress::Spinner;

/// How many requests `get` makes.
const REQUESTS: usize = 2000;

const RECEIVED: Figure = Figure { name: "received", unit: Unit::Megabytes, of: |sample| sample.received_mb };
const P50: Figure = Figure { name: "p50", unit: Unit::Microseconds, of: |sample| sample.p50_us };

/// How many requests are made by 64 tasks together.
const CONCURRENT: usize = 20_000;
/// How many watches are held open.
const WATCHES: usize = 500;

/// How many bytes go through a command.
const BYTES: usize = 300_000_000;

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
pub fn is_done(report: &Report, only: Option<Part>, pods: &[usize]) -> bool {
    pods.iter().enumerate().all(|(index, &count)| {
        (!Part::Clients.is_in(only) || clients_are_done(report, index, count))
            && (!has_controllers(only, pods, count) || controllers::is_done(report, count))
    })
}

/// Whether controllers are measured with this number of pods: the largest.
fn has_controllers(only: Option<Part>, pods: &[usize], count: usize) -> bool {
    Part::Controllers.is_in(only) && pods.iter().max() == Some(&count)
}

fn clients_are_done(report: &Report, index: usize, count: usize) -> bool {
    let done = |task: &Task, pods| report.is_done(task.section, task.title, pods);
    TASKS.iter().chain([&HEAP]).all(|task| done(task, Some(count)))
        && GETS.iter().chain(STREAMS).all(|task| index > 0 || done(task, None))
        && CONNECTIONS.iter().all(|(task, _)| index > 0 || done(task, None))
}

/// Measures everything, or one part, for each number of pods. What is done is written at once, lest a failure cost it all.
#[allow(clippy::too_many_arguments)]
pub fn measure(
    report: &mut Report,
    programs: &Peers,
    kubeconfig: &Path,
    only: Option<Part>,
    pods: &[usize],
    runs: u32,
    out: &Path,
    spinner: &mut Spinner,
) -> Outcome {
    for (index, &count) in pods.iter().enumerate() {
        let clients = Part::Clients.is_in(only) && !clients_are_done(report, index, count);
        let controllers = has_controllers(only, pods, count) && !controllers::is_done(report, count);
        if !clients && !controllers {
            continue;
        }
        let namespace = format!("bench-{count}");
        spinner.clear();
        make(&programs.make_pods, kubeconfig, &namespace, count)?;
        if clients {
            measure_clients(report, programs, kubeconfig, index, (&namespace, count), runs, out)?;
        }
        if controllers {
            controllers::measure(report, programs, kubeconfig, (&namespace, count), runs, out)?;
        }
    }
    Ok(())
}

fn measure_clients(
    report: &mut Report,
    programs: &Peers,
    kubeconfig: &Path,
    index: usize,
    (namespace, count): (&str, usize),
    runs: u32,
    out: &Path,
) -> Outcome {
    let all = Turns { kubeconfig, namespace, pods: Some(count), count, runs, create_pods: None };
    let one = Turns { pods: None, ..all };
    for task in TASKS {
        task::turn(report, task, &programs.all, all)?;
        report.write(out)?;
    }
    heap(report, programs, kubeconfig, namespace, count)?;
    for task in GETS.iter().filter(|_| index == 0) {
        task::turn(report, task, &programs.all, Turns { count: REQUESTS, ..one })?;
    }
    for task in STREAMS.iter().filter(|_| index == 0) {
        task::turn(report, task, programs.without_encodings(), Turns { count: BYTES, ..one })?;
    }
    for (task, count) in CONNECTIONS.iter().filter(|_| index == 0) {
        let many = if task.title == FIRST_ANSWER { Some(contexts::many(kubeconfig, &peers::folder()?)?) } else { None };
        let kubeconfig = many.as_deref().unwrap_or(kubeconfig);
        task::turn(report, task, programs.without_encodings(), Turns { kubeconfig, count: *count, ..one })?;
    }
    report.write(out)?;
    Ok(())
}

/// Has the pods made, and shows how far it is.
fn make(program: &Path, kubeconfig: &Path, namespace: &str, count: usize) -> Outcome {
    let bar = task::bar(count as u64, &format!("making {count} pods"));
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
