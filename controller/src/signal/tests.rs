//! Signals are the whole process's, so each case runs this program again for one test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::{Signal, shutdown};

/// Set in the process that is to receive signals.
const CHILD: &str = "KUBEWRIGHT_SIGNAL_CHILD";

/// What the child does: it prints a line when it handles signals, one with the first, and ends when its input ends.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let first = runtime.block_on(async {
        let shutdown = shutdown().expect("signals");
        say("ready");
        shutdown.await
    });
    say(&format!("shutdown by {first}"));
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    // No unwinding of the test harness: its exit code is not what is checked.
    std::process::exit(0);
}

fn say(line: &str) {
    // Past the capture of the test harness.
    let mut out = std::io::stderr();
    writeln!(out, "{line}").expect("standard error");
}

struct Process {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Process {
    fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "signal::tests::child", "--nocapture", "--test-threads=1"]).env(CHILD, "1");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a process");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut process = Self { child, lines };
        process.wait_for("ready");
        process
    }

    fn wait_for(&mut self, wanted: &str) {
        let found = self.lines.by_ref().map_while(Result::ok).any(|line| line == wanted);
        assert!(found, "the process ended without the line {wanted:?}");
    }

    fn send(&self, signal: &str) {
        let script = format!("kill -{signal} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &script]).status().expect("sh");
        assert!(status.success(), "{status}");
    }

    fn end(mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        self.child.wait().expect("an end")
    }
}

#[test]
fn the_first_signal_begins_the_shutdown_and_the_program_ends_by_itself() {
    for (signal, shown) in [("TERM", Signal::Terminate), ("INT", Signal::Interrupt)] {
        let mut process = Process::start();
        process.send(signal);
        process.wait_for(&format!("shutdown by {shown}"));
        assert_eq!(process.end().code(), Some(0));
    }
}

#[test]
fn the_second_signal_ends_the_process_at_once() {
    for (second, code) in [("TERM", 143), ("INT", 130)] {
        let mut process = Process::start();
        process.send("TERM");
        process.wait_for("shutdown by SIGTERM");
        process.send(second);
        // Its input stays open, so that it would wait for ever; `wait` closes what it finds.
        let input = process.child.stdin.take();
        let status = process.child.wait().expect("an end");
        drop(input);
        assert_eq!(status.code(), Some(code));
    }
}
