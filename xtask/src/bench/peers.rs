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
pub const CONTROLLER_RUNTIME: &str = "controller-runtime";
/// The server beside which the fake one is.
pub const KUBE_APISERVER: &str = "kube-apiserver";

/// A program, and how it is called.
#[derive(Clone)]
pub struct Peer {
    /// Its name in the report.
    pub name: &'static str,
    program: PathBuf,
    /// Its twin that counts what it allocates, which costs time.
    counting: PathBuf,
    first: &'static [&'static str],
}

/// All of them, and the programs that make the pods.
pub struct Peers {
    /// The clients.
    pub all: Vec<Peer>,
    /// Those that have caches.
    pub caches: Vec<Peer>,
    /// Those that have controllers.
    pub controllers: Vec<Peer>,
    pub make_pods: PathBuf,
    /// Creates pods at a steady pace, and deletes them.
    pub create_pods: PathBuf,
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
    let mut command = launcher::command(program);
    for variable in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_INCREMENTAL"] {
        command.env_remove(variable);
    }
    command
}

/// Copies all programs out and builds them.
pub fn build(spinner: &mut Spinner) -> Result<Peers> {
    let ours = Built::rust(
        "ours",
        &["bench-ours", "bench-ours-controllers"],
        &[
            ("Cargo.toml", &manifest(include_str!("peers/ours/manifest.toml"))),
            ("src/main.rs", include_str!("peers/ours/main.rs")),
            ("src/controllers.rs", include_str!("peers/ours/controllers.rs")),
            ("src/create_pods.rs", include_str!("peers/ours/create_pods.rs")),
            ("src/heap.rs", include_str!("peers/ours/heap.rs")),
            ("src/receive.rs", include_str!("peers/ours/receive.rs")),
            ("src/make_pods.rs", include_str!("peers/ours/make_pods.rs")),
            ("src/pod.yaml", include_str!("peers/ours/pod.yaml")),
            ("src/applied.yaml", include_str!("peers/ours/applied.yaml")),
            ("src/reconciles.rs", include_str!("peers/reconciles.rs")),
            ("src/report.rs", include_str!("peers/report.rs")),
        ],
        spinner,
    )?;
    let kube = Built::rust(
        "kube",
        &["bench-kube", "bench-kube-controllers"],
        &[
            ("Cargo.toml", include_str!("peers/kube/manifest.toml")),
            ("src/main.rs", include_str!("peers/kube/main.rs")),
            ("src/controllers.rs", include_str!("peers/kube/controllers.rs")),
            ("src/reconciles.rs", include_str!("peers/reconciles.rs")),
            ("src/report.rs", include_str!("peers/report.rs")),
        ],
        spinner,
    )?;
    let client_go = Built::go(
        CLIENT_GO,
        &[
            ("go.mod", include_str!("peers/client-go/go.mod")),
            ("go.sum", include_str!("peers/client-go/go.sum")),
            ("main.go", include_str!("peers/client-go/main.go")),
            ("informer.go", include_str!("peers/client-go/informer.go")),
        ],
        spinner,
    )?;
    let controller_runtime = Built::go(
        CONTROLLER_RUNTIME,
        &[
            ("go.mod", include_str!("peers/controller-runtime/go.mod")),
            ("go.sum", include_str!("peers/controller-runtime/go.sum")),
            ("main.go", include_str!("peers/controller-runtime/main.go")),
        ],
        spinner,
    )?;
    let controllers = [ours.peer(OURS, "bench-ours-controllers", &[]), kube.peer(KUBE, "bench-kube-controllers", &[])];
    let informers = client_go.peer(CLIENT_GO, "bench-client-go", &["protobuf"]);
    Ok(Peers {
        all: vec![
            ours.peer(OURS, "bench-ours", &[]),
            kube.peer(KUBE, "bench-kube", &[]),
            informers.clone(),
            client_go.peer(CLIENT_GO_JSON, "bench-client-go", &["json"]),
        ],
        caches: [&controllers[..], &[informers]].concat(),
        controllers: [
            &controllers[..],
            &[controller_runtime.peer(CONTROLLER_RUNTIME, "bench-controller-runtime", &[])],
        ]
        .concat(),
        make_pods: ours.plain.join("make-pods"),
        create_pods: ours.plain.join("create-pods"),
    })
}

/// The folders with the programs of a language's package: as they are, and with their allocations counted.
struct Built {
    plain: PathBuf,
    counting: PathBuf,
}

impl Built {
    /// Builds Rust programs twice, and whatever other programs are in the package.
    fn rust(name: &str, programs: &[&str], files: &[(&str, &str)], spinner: &mut Spinner) -> Result<Self> {
        let folder = folder()?.join(name);
        copy_out(&folder, files)?;
        let (plain, counting) = (folder.join("target/release"), folder.join("counting"));
        spinner.say(&format!("building the programs that measure {name}"));
        let mut arguments = vec!["build", "--release", "--features", "count"];
        arguments.extend(programs.iter().flat_map(|&program| ["--bin", program]));
        tool(&folder, "cargo", &arguments)?;
        fs::create_dir_all(&counting)?;
        for program in programs {
            let from = plain.join(program);
            fs::copy(&from, counting.join(program))
                .map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
        }
        tool(&folder, "cargo", &["build", "--release"])?;
        Ok(Self { plain, counting })
    }

    /// Builds a Go program, which counts its allocations if it is told to.
    fn go(name: &str, files: &[(&str, &str)], spinner: &mut Spinner) -> Result<Self> {
        let folder = folder()?.join(name);
        copy_out(&folder, files)?;
        spinner.say(&format!("building the program that measures {name}"));
        tool(&folder, "go", &["build", "-o", &format!("bench-{name}"), "."])?;
        Ok(Self { plain: folder.clone(), counting: folder })
    }

    fn peer(&self, name: &'static str, program: &str, first: &'static [&'static str]) -> Peer {
        Peer { name, program: self.plain.join(program), counting: self.counting.join(program), first }
    }
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
