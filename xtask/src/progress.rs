//! Shows how a build goes on: a spinner in a terminal, a line for each step elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kubewright_testbed::Progress;

/// One line that turns while something is being done; it goes when this is dropped.
#[derive(Default)]
pub struct Spinner {
    bar: Option<ProgressBar>,
}

impl Spinner {
    /// Shows a step of a build.
    pub fn show(&mut self, step: Progress) {
        match step {
            Progress::Waiting => self.say("waiting for another build"),
            Progress::Building(step) => self.say(&format!("building {step}")),
            Progress::Built(step, elapsed) => self.done(&format!("built {step} in {} s", elapsed.as_secs())),
            Progress::Cached(_) => {}
        }
    }

    /// Shows what begins now.
    pub fn say(&mut self, what: &str) {
        self.clear();
        if !std::io::stderr().is_terminal() {
            eprintln!("{what}");
            return;
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        self.bar = Some(bar);
    }

    fn done(&mut self, what: &str) {
        self.clear();
        eprintln!("{what}");
    }

    /// Takes away what is shown, if something is.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.clear();
    }
}
