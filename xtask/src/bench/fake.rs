//! The fake server beside the real one: the same client calls, each against servers that were started for them.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use kubewright_testbed::{Cluster, Options, build};
use serde::Deserialize;

use super::peers::{self, KUBE_APISERVER, OURS};
use super::report::{Key, Report, Section, Unit};
use super::statistics::Spread;
use super::{sample, task};
use crate::Outcome;
use crate::progress::Spinner;

const START: &str = "a server and its first answer";
const TESTS: &str = "200 tests, a server each";
/// How many tests there are.
const TEST_COUNT: usize = 200;

/// What a figure of the pods is called, its unit, and where it is.
type PodFigure = (&'static str, &'static str, Unit, fn(&Pods) -> f64);

const PODS: [PodFigure; 6] = [
    ("creates, 64 at once", "wall", Unit::Milliseconds, |pods| pods.created_ms),
    ("one list: received, not decoded", "wall", Unit::Milliseconds, |pods| pods.list_received_ms),
    ("a watch from the start: received, not decoded", "wall", Unit::Milliseconds, |pods| pods.watch_received_ms),
    ("one list", "wall", Unit::Milliseconds, |pods| pods.listed_ms),
    ("a watch from the start", "wall", Unit::Milliseconds, |pods| pods.watched_ms),
    ("the server with the pods", "RSS", Unit::Megabytes, |pods| pods.rss_kib * 1024.0 / 1e6),
];

/// The line that the program prints of the pods.
#[derive(Debug, Deserialize)]
struct Pods {
    items: usize,
    created_ms: f64,
    list_received_ms: f64,
    watch_received_ms: f64,
    listed_ms: f64,
    watched_ms: f64,
    /// Of the server, after it has sent a list and a watch, and before the client has any of the pods.
    #[serde(skip)]
    rss_kib: f64,
}

/// What the program prints when that may be measured. It waits for a line then.
const READY: &str = "ready";

/// Measures both servers in turn, a new one of each in every run.
pub fn measure(report: &mut Report, count: usize, runs: u32, out: &Path, spinner: &mut Spinner) -> Outcome {
    let folder = peers::folder()?.join("fake");
    peers::copy_out(
        &folder,
        &[
            ("Cargo.toml", &peers::manifest(include_str!("peers/fake/manifest.toml"))),
            ("src/main.rs", include_str!("peers/fake/main.rs")),
            ("src/receive.rs", include_str!("peers/ours/receive.rs")),
            ("src/pod.yaml", include_str!("peers/ours/pod.yaml")),
        ],
    )?;
    spinner.say("building the program that measures the fake server");
    peers::tool(&folder, "cargo", &["build", "--release"])?;
    let program = folder.join("target/release/bench-fake");
    let options = Options { everything: false, ..Options::default() };
    build(options.minor, &mut |step| spinner.show(step))?;
    spinner.clear();

    let call = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).env_remove("KUBECONFIG");
        command
    };
    let (text, tests) = (count.to_string(), TEST_COUNT.to_string());
    let bar = task::bar(u64::from(runs) * 2, &format!("the fake server and kube-apiserver ({count} pods)"));
    let (mut ours, mut theirs) = (Runs::default(), Runs::default());
    let mut suite = Vec::new();
    for _ in 0..runs {
        ours.starts.push(sample::run(call(&["start"]))?.whole_ms);
        suite.push(sample::run(call(&["tests", &tests]))?.whole_ms);
        // The server is in the program, beside a client that has nothing.
        ours.pods
            .push(pods(&mut call(&["pods", "fake", &text]), count, |program| status_of(&format!("/proc/{program}")))?);
        bar.inc(1);

        let start = Instant::now();
        let cluster = Cluster::start(&options)?;
        theirs.starts.push(start.elapsed().as_secs_f64() * 1e3);
        let mut command = call(&["pods", "server", &text]);
        command.env("KUBECONFIG", cluster.kubeconfig());
        theirs.pods.push(pods(&mut command, count, |_| resident(cluster.folder()))?);
        bar.inc(1);
    }
    bar.finish_and_clear();

    for (peer, runs) in [(OURS, &ours), (KUBE_APISERVER, &theirs)] {
        let mut add = |task, what, pods, unit, values: Vec<f64>| {
            let key = Key { section: Section::Fake, task, what, pods, unit };
            if let Some(spread) = Spread::of(values) {
                report.add(key, peer, spread);
            }
        };
        add(START, "wall", None, Unit::Milliseconds, runs.starts.clone());
        for (task, what, unit, of) in PODS {
            add(task, what, Some(count), unit, runs.pods.iter().map(of).collect());
        }
        if peer == OURS {
            add(TESTS, "wall", None, Unit::Milliseconds, suite.clone());
        }
    }
    report.write(out)?;
    Ok(())
}

/// What was measured of a server.
#[derive(Default)]
struct Runs {
    starts: Vec<f64>,
    pods: Vec<Pods>,
}

/// Has the program create the pods, list and watch them. The memory of the server is measured by the number of the program's process.
fn pods(
    command: &mut Command,
    count: usize,
    memory: impl FnOnce(u32) -> Result<f64, Box<dyn std::error::Error>>,
) -> Result<Pods, Box<dyn std::error::Error>> {
    let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
    let (input, output) = (program.stdin.take(), program.stdout.take());
    let mut lines = output.into_iter().flat_map(|output| BufReader::new(output).lines());
    let mut line = || lines.next().transpose().map(Option::unwrap_or_default);
    let mut rss_kib = 0.0;
    if line()? == READY {
        rss_kib = memory(program.id())?;
        if let Some(mut input) = input {
            writeln!(input)?;
        }
    }
    let last = line()?;
    let status = program.wait()?;
    if !status.success() {
        return Err(format!("it failed ({status}): {command:?}").into());
    }
    let pods: Pods = serde_json::from_str(&last).map_err(|error| format!("it printed {last:?} ({error})"))?;
    if pods.items == count {
        Ok(Pods { rss_kib, ..pods })
    } else {
        Err(format!("{} of {count} pods were listed", pods.items).into())
    }
}

/// The memory of a process that is resident, in KiB.
fn status_of(process: &str) -> Result<f64, Box<dyn std::error::Error>> {
    let status = fs::read_to_string(format!("{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| format!("{process} has no memory").into())
}

/// The memory of kube-apiserver and etcd that is resident, in KiB, found by the folder that is in their command lines.
fn resident(folder: &Path) -> Result<f64, Box<dyn std::error::Error>> {
    let folder = folder.display().to_string();
    let (mut found, mut sum) = (0, 0.0);
    for process in fs::read_dir("/proc")?.flatten() {
        // A process may have ended since.
        let Ok(command) = fs::read(process.path().join("cmdline")) else { continue };
        let command = String::from_utf8_lossy(&command).into_owned();
        let program = command.split('\0').next().unwrap_or_default();
        let is_server = ["/kube-apiserver", "/etcd"].iter().any(|name| program.ends_with(name));
        if !is_server || !command.contains(&folder) {
            continue;
        }
        sum += status_of(&process.path().display().to_string())?;
        found += 1;
    }
    if found == 2 { Ok(sum) } else { Err(format!("{found} processes of two were found of {folder}").into()) }
}
