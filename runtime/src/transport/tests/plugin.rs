//! An exec plugin: a shell script in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::config::{Config, Credentials, ExecConfig, ExecEnv};

/// A script that notes each run, and prints the file `answer`. Its folder is in the variable `DIR`.
pub(super) struct Plugin {
    folder: TempDir,
}

impl Plugin {
    /// Runs this before it prints its answer.
    pub(super) fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let this = Self { folder };
        let script = format!("#!/bin/sh\necho run >> \"$DIR/runs\"\n{script}\ncat \"$DIR/answer\"\n");
        std::fs::write(this.path("plugin.sh"), script).expect("a file");
        this.answers(&token("one"));
        this
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it prints from now on.
    pub(super) fn answers(&self, text: &str) {
        // At once, since it may be running.
        std::fs::write(self.path("next"), text).expect("a file");
        std::fs::rename(self.path("next"), self.path("answer")).expect("a file");
    }

    /// How often it ran.
    pub(super) fn runs(&self) -> usize {
        self.read("runs").lines().count()
    }

    /// The text of a file in its folder, empty if it is not there.
    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(super) fn exec(&self) -> ExecConfig {
        let mut exec = ExecConfig::new("sh");
        exec.args = vec![self.path("plugin.sh").display().to_string()];
        exec.env = vec![ExecEnv { name: "DIR".to_owned(), value: self.folder().display().to_string().into() }];
        exec
    }

    /// A configuration with its credentials.
    pub(super) fn config(&self) -> Config {
        let mut config = Config::new("https://server.example:6443".parse().expect("a URL"));
        config.credentials = Credentials::Exec(Box::new(self.exec()));
        config
    }

    /// Makes a file that can be executed. A child writes it: were it open for writing in this process, a child that
    /// another test starts at this moment would hold it open, and it could not be executed ("text file busy").
    pub(super) fn executable(&self, name: &str) {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "cp plugin.sh \"$0.new\" && chmod 755 \"$0.new\" && mv \"$0.new\" \"$0\"", name]);
        assert!(command.current_dir(self.folder()).status().expect("sh").success());
    }
}

/// An answer with this token.
pub(super) fn token(token: &str) -> String {
    answer(json!({ "token": token }))
}

pub(super) fn answer(status: serde_json::Value) -> String {
    json!({ "kind": "ExecCredential", "apiVersion": ExecConfig::V1, "status": status }).to_string()
}

/// Whether a process is there.
pub(super) fn is_alive(pid: &str) -> bool {
    let mut kill = std::process::Command::new("sh");
    kill.args(["-c", "kill -0 \"$0\"", pid.trim()]).stderr(Stdio::null());
    kill.status().expect("sh").success()
}

/// Waits until something holds, by the system's clock.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        // Not tokio's clock, which may be paused.
        let _ = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(10))).await;
    }
    panic!("not within a minute: {what}");
}
