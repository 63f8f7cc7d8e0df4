//! An exec plugin: a shell script that prints a file, and notes its runs and what it was told.

use std::path::{Path, PathBuf};

use kubewright_runtime::config::{ExecConfig, ExecEnv};
use serde_json::{Value, json};
use tempfile::TempDir;

const SCRIPT: &str = r#"echo run >> "$DIR/runs"; printf %s "$KUBERNETES_EXEC_INFO" > "$DIR/info"; cat "$DIR/answer""#;

pub struct Plugin {
    folder: TempDir,
}

impl Plugin {
    pub fn new() -> Self {
        let this = Self { folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(this.path("plugin.sh"), SCRIPT).expect("a file");
        this
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// What it prints from now on.
    pub fn answers(&self, text: &str) {
        std::fs::write(self.path("next"), text).expect("a file");
        std::fs::rename(self.path("next"), self.path("answer")).expect("a file");
    }

    pub fn runs(&self) -> usize {
        std::fs::read_to_string(self.path("runs")).unwrap_or_default().lines().count()
    }

    pub fn exec(&self) -> ExecConfig {
        let mut exec = ExecConfig::new("sh");
        exec.args = vec![self.path("plugin.sh").display().to_string()];
        exec.env = vec![ExecEnv { name: "DIR".to_owned(), value: self.folder().display().to_string().into() }];
        exec
    }
}

pub fn answer(status: Value) -> String {
    json!({"kind": "ExecCredential", "apiVersion": ExecConfig::V1, "status": status}).to_string()
}
