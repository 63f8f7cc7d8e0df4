//! `cargo xtask fuzz`: checks the properties for as long as it is told, and says how to repeat a failure.

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use kubewright_fuzz::{Case, Failure, PROPERTIES, Plan, types};

/// Feed the codecs random values, and damage of all sorts, of every message type.
#[derive(Parser)]
#[command(name = "cargo xtask fuzz", bin_name = "cargo xtask fuzz")]
struct Arguments {
    /// How long; each case that has begun is finished
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Where chance starts from: the same seed does the same [default: the time]
    #[arg(long, value_parser = number)]
    seed: Option<u64>,
    /// This property alone
    #[arg(long, value_parser = PROPERTIES.iter().map(|property| property.name).collect::<Vec<_>>())]
    property: Option<String>,
    /// This type alone, such as core::v1::Pod
    #[arg(long = "type", value_name = "TYPE")]
    ty: Option<String>,
    /// This case alone, as a failure names it
    #[arg(long, value_parser = number, requires_all = ["property", "ty"])]
    case: Option<u64>,
}

/// How long a case may take: one that takes longer may have no end.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(ty) = &arguments.ty
        && !types().iter().any(|known| known.path == *ty)
    {
        eprintln!("error: no type is called {ty}: it is a path in the crate, such as core::v1::Pod");
        return ExitCode::FAILURE;
    }
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64);
    let seed = arguments.seed.unwrap_or_else(now);
    let plan = Plan { seed, property: arguments.property, ty: arguments.ty };
    if let Some(case) = arguments.case {
        return repeat(&plan, case);
    }
    println!("seed {seed:#x}");
    match fuzz(&plan, Duration::try_from_secs_f64(arguments.minutes * 60.0).unwrap_or_default()) {
        Ok((rounds, cases)) => {
            println!("{cases} cases hold, in {rounds} rounds over all types");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}\nor the whole run: cargo xtask fuzz --seed {seed:#x}");
            ExitCode::FAILURE
        }
    }
}

fn repeat(plan: &Plan, seed: u64) -> ExitCode {
    for case in plan.round(0) {
        if let Err(failure) = (Case { seed, ..case }).check() {
            eprintln!("error: {failure}");
            return ExitCode::FAILURE;
        }
    }
    println!("it holds");
    ExitCode::SUCCESS
}

/// Checks round after round, until the time is over.
fn fuzz(plan: &Plan, time: Duration) -> Result<(u64, u64), String> {
    let bar = ProgressBar::new(time.as_secs());
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {elapsed_precise} {msg}") {
        bar.set_style(style);
    }
    let started = Instant::now();
    let mut cases = 0;
    let watch = Watch::start();
    for round in 0.. {
        for case in plan.round(round) {
            if started.elapsed() >= time && cases > 0 {
                bar.finish_and_clear();
                return Ok((round, cases));
            }
            watch.begins(case);
            case.check().map_err(|failure: Failure| failure.to_string())?;
            cases += 1;
            if cases % 256 == 0 {
                bar.set_position(started.elapsed().as_secs());
                bar.set_message(format!("{cases} cases, {}", case.property.name));
            }
        }
    }
    Ok((0, cases))
}

/// Ends the process, and says in which case, if one has no end.
struct Watch(mpsc::Sender<Case>);

impl Watch {
    fn start() -> Self {
        let (sender, receiver) = mpsc::channel::<Case>();
        thread::spawn(move || {
            let mut last = None;
            loop {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(case) => last = Some(case),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        let case = last.map(|case: Case| case.to_string()).unwrap_or_default();
                        eprintln!("error: a case takes over {} s: cargo xtask fuzz {case}", PATIENCE.as_secs());
                        std::process::exit(1);
                    }
                }
            }
        });
        Self(sender)
    }

    fn begins(&self, case: Case) {
        // The other side is gone only when this process ends.
        let _ = self.0.send(case);
    }
}

/// A number, which may be hexadecimal.
fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| error.to_string())
}
