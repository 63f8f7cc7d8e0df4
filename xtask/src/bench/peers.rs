//! The programs that are measured: copied out of `bench/peers` to the cache folder, and built there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::progress::Spinner;
use crate::repository;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The names of the peers, ours first, as they stand in the report.
pub const OURS: &str = "kubewright";
pub const KUBE: &str = "kube";
pub const CLIENT_GO: &str = "client-go";
pub const CLIENT_GO_JSON: &str = "client-go (JSON)";

/// A program, and how it is called.
pub struct Peer {
    /// Its name in the report.
    pub name: &'static str,
    program: PathBuf,
    /// Its twin that counts what it allocates, which costs time.
    counting: PathBuf,
    first: &'static [&'static str],
}

/// All of them, and the program that makes the pods.
pub struct Peers {
    pub all: Vec<Peer>,
    pub make_pods: PathBuf,
}

impl Peers {
    /// Each client once, where the encoding makes no difference.
    pub fn without_encodings(&self) -> &[Peer] {
        match &self.all[..] {
            [others @ .., last] if last.name == CLIENT_GO_JSON => others,
            all => all,
        }
    }
}

impl Peer {
    /// The command line for a task.
    pub fn command(&self, kubeconfig: &Path, task: &str, namespace: &str, count: usize) -> Command {
        self.call(&self.program, kubeconfig, task, namespace, count)
    }

    /// As [`Peer::command`], with the heap counted.
    pub fn counting(&self, kubeconfig: &Path, task: &str, namespace: &str, count: usize) -> Command {
        let mut command = self.call(&self.counting, kubeconfig, task, namespace, count);
        command.env("BENCH_HEAP", "1");
        command
    }

    fn call(&self, program: &Path, kubeconfig: &Path, task: &str, namespace: &str, count: usize) -> Command {
        let mut command = Command::new(program);
        command.args(self.first).args([task, namespace, &count.to_string()]).env("KUBECONFIG", kubeconfig);
        command
    }
}

/// Where the programs are built.
pub fn folder() -> Result<PathBuf> {
    Ok(kubewright_testbed::cache_folder()?.join("bench"))
}

/// A Rust program's manifest, with the place of this checkout.
pub fn manifest(template: &str) -> String {
    template.replace("CHECKOUT", &repository::root().display().to_string())
}

/// Writes files into a folder, each only if it changed, so that nothing is built again without need.
pub fn copy_out(folder: &Path, files: &[(&str, &str)]) -> Result<()> {
    for (name, text) in files {
        let path = folder.join(name);
        if fs::read_to_string(&path).is_ok_and(|there| there == *text) {
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// Runs a tool in a folder, and shows what it said if it fails. What this run of cargo set is not passed on.
pub fn tool(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let output = clean_command(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program} {} failed in {}:\n{said}", arguments.join(" "), folder.display()).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A command that builds in its own `target`, and does not inherit flags.
pub fn clean_command(program: &str) -> Command {
    let mut command = Command::new(program);
    for variable in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_INCREMENTAL", "CARGO_MANIFEST_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// Copies all programs out and builds them.
pub fn build(spinner: &mut Spinner) -> Result<Peers> {
    let ours = rust(
        "ours",
        "bench-ours",
        &[
            ("Cargo.toml", &manifest(include_str!("peers/ours/manifest.toml"))),
            ("src/main.rs", include_str!("peers/ours/main.rs")),
            ("src/heap.rs", include_str!("peers/ours/heap.rs")),
            ("src/receive.rs", include_str!("peers/ours/receive.rs")),
            ("src/make_pods.rs", include_str!("peers/ours/make_pods.rs")),
            ("src/pod.yaml", include_str!("peers/ours/pod.yaml")),
            ("src/applied.yaml", include_str!("peers/ours/applied.yaml")),
            ("src/report.rs", include_str!("peers/report.rs")),
        ],
        spinner,
    )?;
    let kube = rust(
        "kube",
        "bench-kube",
        &[
            ("Cargo.toml", include_str!("peers/kube/manifest.toml")),
            ("src/main.rs", include_str!("peers/kube/main.rs")),
            ("src/report.rs", include_str!("peers/report.rs")),
        ],
        spinner,
    )?;
    let go = client_go(spinner)?;
    let make_pods = ours.0.with_file_name("make-pods");
    let all = vec![
        Peer { name: OURS, program: ours.0, counting: ours.1, first: &[] },
        Peer { name: KUBE, program: kube.0, counting: kube.1, first: &[] },
        Peer { name: CLIENT_GO, program: go.clone(), counting: go.clone(), first: &["protobuf"] },
        Peer { name: CLIENT_GO_JSON, program: go.clone(), counting: go, first: &["json"] },
    ];
    Ok(Peers { all, make_pods })
}

/// Builds a Rust program twice: as it is, and with its allocations counted.
fn rust(name: &str, program: &str, files: &[(&str, &str)], spinner: &mut Spinner) -> Result<(PathBuf, PathBuf)> {
    let folder = folder()?.join(name);
    copy_out(&folder, files)?;
    let (plain, counting) = (folder.join("target/release").join(program), folder.join("counting").join(program));
    spinner.say(&format!("building the program that measures {name}"));
    tool(&folder, "cargo", &["build", "--release", "--features", "count", "--bin", program])?;
    fs::create_dir_all(folder.join("counting"))?;
    fs::copy(&plain, &counting).map_err(|error| format!("cannot copy {}: {error}", plain.display()))?;
    tool(&folder, "cargo", &["build", "--release"])?;
    Ok((plain, counting))
}

fn client_go(spinner: &mut Spinner) -> Result<PathBuf> {
    let folder = folder()?.join("client-go");
    copy_out(
        &folder,
        &[
            ("go.mod", include_str!("peers/client-go/go.mod")),
            ("go.sum", include_str!("peers/client-go/go.sum")),
            ("main.go", include_str!("peers/client-go/main.go")),
        ],
    )?;
    spinner.say("building the program that measures client-go");
    tool(&folder, "go", &["build", "-o", "bench-client-go", "."])?;
    Ok(folder.join("bench-client-go"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_change_is_not_written_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("src/a.rs");
        copy_out(folder.path(), &[("src/a.rs", "one")]).expect("written");
        let first = fs::metadata(&path).and_then(|data| data.modified()).expect("there");
        copy_out(folder.path(), &[("src/a.rs", "one")]).expect("left");
        assert_eq!(fs::metadata(&path).and_then(|data| data.modified()).expect("there"), first);
        copy_out(folder.path(), &[("src/a.rs", "two")]).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "two");
    }

    #[test]
    fn a_tool_that_fails_is_an_error_that_says_what_it_said() {
        let error = tool(Path::new("."), "sh", &["-c", "echo no such thing >&2; exit 1"]).expect_err("fails");
        assert!(error.to_string().contains("no such thing"), "{error}");
    }
}
