//! `cargo kubewright fake`, in a process of its own.

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// A fake API server that runs until this is dropped.
pub struct Fake {
    process: Child,
    kubeconfig: PathBuf,
}

impl Fake {
    /// Starts one with the definitions of a file, and waits until it listens. It writes the kubeconfig.
    pub fn start(program: &Path, definitions: &Path, kubeconfig: &Path) -> Result<Self, String> {
        let mut process = Command::new(program)
            .arg("fake")
            .arg("--crds")
            .arg(definitions)
            .arg("--kubeconfig")
            .arg(kubeconfig)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Not a terminal: what it tells people there is told by the quick start.
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let errors = process.stderr.take();
        let errors = errors.map(|mut errors| thread::spawn(move || io::copy(&mut errors, &mut io::stderr())));
        let output = process.stdout.take();
        let fake = Self { process, kubeconfig: kubeconfig.to_path_buf() };
        // The line comes once it listens; without it, it has ended.
        let mut line = String::new();
        let problem = match output.map(|output| BufReader::new(output).read_line(&mut line)) {
            Some(Ok(1..)) => return Ok(fake),
            Some(Err(error)) => format!("cannot read what the fake API server prints: {error}"),
            _ => "the fake API server did not start".to_owned(),
        };
        drop(fake);
        // Why not is said before.
        errors.map(thread::JoinHandle::join);
        Err(problem)
    }

    /// The file of its kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        // It holds nothing but memory, and its kubeconfig, which is of no use without it. If it has ended already, all the
        // better.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.kubeconfig);
    }
}
