//! Runs kubectl against one cluster.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::Error;

/// kubectl, for one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Kubectl {
    pub program: PathBuf,
    pub kubeconfig: PathBuf,
    /// Where it keeps what it has learned about the server's APIs.
    pub cache: PathBuf,
}

impl Kubectl {
    /// Runs it, with `input` as its standard input, and returns what it prints.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<String, Error> {
        let output = self.output(arguments, input)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Error::new(format!(
            "`kubectl {}` failed ({}): {}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }

    /// The same, whether it succeeds or not.
    pub fn output(&self, arguments: &[&str], input: &str) -> Result<Output, Error> {
        let cannot = |e| Error::io(format!("cannot run {}", self.program.display()), e);
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        let pipe = child.stdin.take();
        // Written while its output is read: it may print before it has read everything.
        thread::scope(|scope| {
            // A kubectl that reads none of its input closes the pipe; its output then says why.
            scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input.as_bytes())));
            child.wait_with_output()
        })
        .map_err(cannot)
    }

    /// A command that has only the cluster's own arguments yet.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--kubeconfig").arg(&self.kubeconfig).arg("--cache-dir").arg(&self.cache);
        // The developer's own kubectl settings have no say here.
        command.env("KUBERC", "off").env_remove("KUBECONFIG");
        command
    }

    pub fn new(program: &Path, folder: &Path) -> Self {
        Self { program: program.into(), kubeconfig: folder.join("kubeconfig"), cache: folder.join("kubectl-cache") }
    }
}
