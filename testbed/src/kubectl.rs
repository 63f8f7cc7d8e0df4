//! Runs kubectl against one cluster.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use crate::environment::Environment;
use crate::{Binaries, Error, Minor};

/// kubectl, for one cluster.
#[derive(Debug, Clone)]
pub struct Kubectl {
    pub(crate) program: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    /// Where it keeps what it has learned about the server's APIs.
    pub(crate) cache: PathBuf,
}

impl Kubectl {
    /// Finds kubectl of a minor, for the cluster of a file `kubeconfig` in a folder; it keeps what it learns there too. Builds
    /// nothing.
    ///
    /// # Errors
    /// It is not there: see [`Error::is_not_installed`].
    pub fn find(minor: &Minor, folder: &Path) -> Result<Self, Error> {
        Ok(Self::new(&Binaries::kubectl_in(minor, &Environment::read()?)?, folder))
    }

    /// Runs it, with `input` as its standard input, and returns what it prints.
    ///
    /// # Errors
    /// It can't be run, or it fails.
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
    ///
    /// # Errors
    /// It can't be run.
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

    /// Starts one that runs until it is killed, without standard input; its output is piped.
    ///
    /// # Errors
    /// It can't be run.
    pub fn start(&self, arguments: &[&str]) -> Result<Child, Error> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|e| Error::io(format!("cannot run {}", self.program.display()), e))
    }

    /// A command that has only the cluster's own arguments yet.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--kubeconfig").arg(&self.kubeconfig).arg("--cache-dir").arg(&self.cache);
        // The developer's own kubectl settings have no say here.
        command.env("KUBERC", "off").env_remove("KUBECONFIG");
        command
    }

    pub(crate) fn new(program: &Path, folder: &Path) -> Self {
        Self { program: program.into(), kubeconfig: folder.join("kubeconfig"), cache: folder.join("kubectl-cache") }
    }
}
