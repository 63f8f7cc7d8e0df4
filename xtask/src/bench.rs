//! `cargo xtask bench`: kubewright, kube and client-go side by side, on one real API server, in one run.
//!
//! Each of them is a small program in a folder of its own outside the workspace (see `bench/peers`), with the same
//! command line. They take turns, so that whatever else the machine does hits them alike, and of several runs each the
//! median counts.

mod build;
mod chart;
mod cluster;
mod contexts;
mod controllers;
mod crds;
mod fake;
mod load;
mod machine;
mod micro;
mod peers;
mod report;
mod sample;
mod statistics;
mod tables;
mod targets;
mod task;

use std::fs;
use std::path::PathBuf;

use crate::Outcome;
use crate::progress::Spinner;
use report::{Report, Section};

/// A part of what needs an API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Lists, watches, gets, streams and connections
    Clients,
    /// Caches and controllers, with the largest number of pods
    Controllers,
    /// The fake server beside a real one, with the largest number of pods
    Fake,
}

impl Part {
    /// Whether it is measured.
    fn is_in(self, only: Option<Self>) -> bool {
        only.is_none_or(|only| only == self)
    }

    /// What the report says of it.
    fn sections(self) -> &'static [Section] {
        match self {
            Self::Clients => &[Section::Server, Section::Profile, Section::Heap],
            Self::Controllers => &[Section::Controllers],
            Self::Fake => &[Section::Fake],
        }
    }
}

#[derive(clap::Args)]
pub struct Arguments {
    /// How many pods there are; several, with commas, measure once for each
    #[arg(long, value_name = "COUNT", value_delimiter = ',', default_value = "1000,10000")]
    pods: Vec<usize>,
    /// How often each program runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Where the report goes: a folder [default: target/bench]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Keep what the last report in FOLDER says of things that are not measured this time: of the same machine, or with --only
    #[arg(long)]
    keep: bool,
    /// Go on where the last run into FOLDER ended, if it was of this machine, this commit and as many runs
    #[arg(long)]
    resume: bool,
    /// What a reader of the report should know of this run
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Measure builds too: clean, after an edit, and the size of the binary (some minutes)
    #[arg(long)]
    build: bool,
    /// Measure nothing but the codecs
    #[arg(long, conflicts_with = "build")]
    micro: bool,
    /// Measure nothing that needs an API server
    #[arg(long)]
    offline: bool,
    /// Measure this part alone
    #[arg(long, value_name = "PART", conflicts_with_all = ["build", "micro", "offline"])]
    only: Option<Part>,
    /// Measure nothing but clients for the CustomResourceDefinitions in FOLDER: what is emitted, and what it costs to compile
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["pods", "keep", "resume", "note", "build", "micro", "offline", "only", "render"])]
    crds: Option<PathBuf>,
    /// Measure nothing: write the page and the picture again from the figures in FOLDER
    #[arg(long, conflicts_with_all = ["keep", "resume", "note", "build", "micro", "offline", "only"])]
    render: bool,
}

impl Arguments {
    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| machine::target_folder().join("bench"))
    }
}

pub fn run(arguments: Arguments) -> Outcome {
    let out = arguments.out();
    if arguments.render {
        let written = Report::read(&out)?.render(&out)?;
        println!("written: {}", written.display());
        return Ok(());
    }
    let mut spinner = Spinner::default();
    if let Some(folder) = &arguments.crds {
        return crds::measure(folder, &mut spinner);
    }
    fs::create_dir_all(&out).map_err(|error| format!("cannot create {}: {error}", out.display()))?;

    let mut report = Report::new(arguments.runs, arguments.note.clone());
    if arguments.resume {
        report.resume(&out);
    } else if arguments.keep {
        report.take_over(&out, arguments.only.map(Part::sections));
    }
    if arguments.only.is_none() && !report.is_begun(Section::Memory) {
        micro::measure(&mut report, &mut spinner)?;
        report.write(&out)?;
    }
    if !arguments.offline && !arguments.micro && Part::Fake.is_in(arguments.only) && !report.is_begun(Section::Fake) {
        let pods = arguments.pods.iter().max().copied().unwrap_or_default();
        fake::measure(&mut report, pods, arguments.runs, &out, &mut spinner)?;
    }
    if !arguments.offline && !arguments.micro && !load::is_done(&report, arguments.only, &arguments.pods) {
        let peers = peers::build(&mut spinner)?;
        let cluster = cluster::find(&mut spinner)?;
        load::measure(
            &mut report,
            &peers,
            cluster.kubeconfig(),
            arguments.only,
            &arguments.pods,
            arguments.runs,
            &out,
            &mut spinner,
        )?;
    }
    if arguments.build {
        build::measure(&mut report, &out, &mut spinner)?;
    }
    drop(spinner);

    println!("{}", tables::terminal(&report));
    let written = report.write(&out)?;
    println!("written: {}", written.display());
    Ok(())
}
