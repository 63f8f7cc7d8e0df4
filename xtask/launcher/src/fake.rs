//! `cargo kubewright fake`, in a process of its own.

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

/// How long it has to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A fake API server that runs until this is dropped, or this process ends.
pub struct Fake {
    process: Child,
    /// It ends when this is closed.
    input: Option<ChildStdin>,
    kubeconfig: PathBuf,
}

impl Fake {
    /// Starts one, by a command that is `cargo kubewright fake` with arguments, and waits until it listens.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        // Standard error is no terminal: what it tells people there is told by the quick start.
        let piped =
            command.arg("--until-stdin-closes").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = piped.spawn().map_err(|error| format!("cannot start the fake API server: {error}"))?;
        let errors = process.stderr.take();
        let errors = errors.map(|mut errors| thread::spawn(move || io::copy(&mut errors, &mut io::stderr())));
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let mut fake = Self { process, input, kubeconfig: PathBuf::new() };
        // The line comes once it listens; without it, it has ended.
        let mut line = String::new();
        let read = output.map(|output| BufReader::new(output).read_line(&mut line));
        if let Some(path) = line.trim_end().strip_prefix("export KUBECONFIG=") {
            fake.kubeconfig = PathBuf::from(unquoted(path));
            return Ok(fake);
        }
        drop(fake);
        // Why not is said before.
        let _ = errors.map(thread::JoinHandle::join);
        Err(match read {
            Some(Err(error)) => format!("cannot read what the fake API server prints: {error}"),
            _ => "the fake API server did not start".to_owned(),
        })
    }

    /// The file of its kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.input.take());
        let steps = 100;
        for _ in 0..steps {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(PATIENCE / steps);
        }
        // Its kubeconfig stays, which is of no use without it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A path that a shell would read.
fn unquoted(text: &str) -> String {
    match text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(quoted) => quoted.replace(r"'\''", "'"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_a_shell_reads_it() {
        assert_eq!(unquoted("/tmp/a-1/kubeconfig"), "/tmp/a-1/kubeconfig");
        assert_eq!(unquoted(r"'/tmp/it'\''s here'"), "/tmp/it's here");
    }
}
