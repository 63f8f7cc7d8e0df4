//! A task of the programs: they take turns, and the median of each one's runs goes into the report.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::Command;

use indicatif::{ProgressBar, ProgressStyle};

use super::peers::Peer;
use super::report::{Key, Report, Section, Unit};
use super::sample::{self, Sample};
use super::statistics::Spread;
use crate::Outcome;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What is taken from a run.
pub struct Figure {
    pub name: &'static str,
    pub unit: Unit,
    pub of: fn(&Sample) -> Option<f64>,
}

pub const WALL: Figure = Figure { name: "wall", unit: Unit::Milliseconds, of: |sample| Some(sample.wall_ms) };
pub const CPU: Figure = Figure { name: "CPU", unit: Unit::Milliseconds, of: |sample| Some(sample.cpu_ms) };
pub const USER: Figure = Figure { name: "user", unit: Unit::Milliseconds, of: |sample| sample.user_ms };
pub const SYSTEM: Figure = Figure { name: "system", unit: Unit::Milliseconds, of: |sample| sample.system_ms };
pub const FAULTS: Figure = Figure { name: "page faults", unit: Unit::Count, of: |sample| sample.page_faults };
pub const PEAK: Figure = Figure { name: "peak RSS", unit: Unit::Megabytes, of: |sample| Some(sample.peak_rss_mb) };

/// A command of the programs, and what is taken from it.
pub struct Task {
    pub section: Section,
    pub command: &'static str,
    pub title: &'static str,
    pub figures: &'static [Figure],
    /// Whether to run once more with the heap counted.
    pub heap: bool,
}

impl Task {
    pub const fn new(command: &'static str, title: &'static str, figures: &'static [Figure]) -> Self {
        Self { section: Section::Server, command, title, figures, heap: false }
    }

    /// Of ours alone.
    pub const fn profile(command: &'static str, title: &'static str, figures: &'static [Figure]) -> Self {
        Self { section: Section::Profile, ..Self::new(command, title, figures) }
    }

    pub const fn with_heap(self) -> Self {
        Self { heap: true, ..self }
    }

    pub fn key<'a>(&'a self, what: &'a str, pods: Option<usize>, unit: Unit) -> Key<'a> {
        Key { section: self.section, task: self.title, what, pods, unit }
    }
}

/// Where and how often a task is done.
#[derive(Clone, Copy)]
pub struct Turns<'a> {
    pub kubeconfig: &'a Path,
    pub namespace: &'a str,
    /// How many pods there are, where it matters.
    pub pods: Option<usize>,
    /// What the programs are to have done or received at the end.
    pub count: usize,
    pub runs: u32,
    /// The program that creates pods for those that wait for them.
    pub create_pods: Option<&'a Path>,
}

impl Turns<'_> {
    fn run(&self, task: &Task, peer: &Peer) -> Result<Sample> {
        let command = peer.command(self.kubeconfig, task.command, self.namespace, self.count);
        let Some(program) = self.create_pods else { return Ok(sample::run(command)?) };
        let other = |what: &str| {
            let mut command = Command::new(program);
            command.args([what, self.namespace, &self.count.to_string()]).env("KUBECONFIG", self.kubeconfig);
            command
        };
        let status = other("clear").status().map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        if !status.success() {
            return Err(format!("{}: it failed ({status})", program.display()).into());
        }
        Ok(sample::run_beside(command, Some(other("create")))?)
    }
}

/// Has each program do a task in turn: once untimed, then as often as asked.
pub fn turn(report: &mut Report, task: &Task, peers: &[Peer], turns: Turns<'_>) -> Outcome {
    let Turns { kubeconfig, namespace, pods, count, runs, .. } = turns;
    if report.is_done(task.section, task.title, pods) {
        return Ok(());
    }
    let peers = match task.section {
        Section::Server | Section::Controllers => peers,
        _ => &peers[..1],
    };
    let bar = bar(u64::from(runs + 1) * peers.len() as u64, &format!("{} ({count})", task.title));
    let mut samples = vec![Vec::new(); peers.len()];
    for round in 0..=runs {
        for (peer, samples) in peers.iter().zip(&mut samples) {
            let sample = turns.run(task, peer)?;
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

pub fn bar(length: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
