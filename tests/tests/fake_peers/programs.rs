//! The programs, and the server that they are started with.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use kubewright_fake::{FakeCluster, FakeListener};
use kubewright_testbed::{Error, build_go_program, build_rust_program, or_skip};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

/// The longest time that a scenario takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// The program with client-go; `None`, after a word on why, without Go.
pub fn client_go() -> Option<&'static PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, Error>> = OnceLock::new();
    or_skip(BUILT.get_or_init(|| build_go_program(&folder("client-go"))).as_ref())
}

/// The program with kube; `None`, after a word on why, if nobody has asked for it.
pub fn kube() -> Option<&'static PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, Error>> = OnceLock::new();
    or_skip(BUILT.get_or_init(|| build_rust_program(&folder("kube"), "peer-kube")).as_ref())
}

/// A cluster that listens, with its kubeconfig in a file.
pub struct Listening {
    _listener: FakeListener,
    pub kubeconfig: PathBuf,
    _folder: TempDir,
}

pub async fn listening(cluster: &FakeCluster) -> Listening {
    let listener = cluster.listen().await.expect("a listener");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    listener.write_kubeconfig(&kubeconfig).expect("a kubeconfig");
    Listening { _listener: listener, kubeconfig, _folder: folder }
}

impl Listening {
    /// A command of a program succeeds.
    pub async fn succeeds(&self, program: &Path, command: &str) {
        let mut started = Command::new(program);
        started.arg(command).env("KUBECONFIG", &self.kubeconfig).stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(PATIENCE, started.output()).await.expect("it ends").expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {command}: {}\n{said}", program.display(), output.status);
    }
}
