//! `cargo xtask testbed`, as people call it. Without a test bed these tests skip themselves.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kubewright_testbed::{Binaries, minor, or_skip};
use tempfile::TempDir;

/// A cache of its own, so that the developer's own cluster is left alone, with the binaries that are built.
fn cache() -> Option<TempDir> {
    let binaries = or_skip(Binaries::find(minor(None).expect("newest minor")))?;
    let folder = tempfile::tempdir().expect("temporary folder");
    let programs = [
        (Some(binaries.etcd), "etcd"),
        (Some(binaries.kube_apiserver), "kube-apiserver"),
        (Some(binaries.kubectl), "kubectl"),
        (binaries.kwok, "kwok"),
    ];
    for (program, name) in programs {
        if let Some(program) = program {
            symlink(program, folder.path().join(name)).expect("link");
        }
    }
    Some(folder)
}

fn testbed(cache: &Path, action: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["testbed", action])
        .env("KUBEWRIGHT_CACHE", cache)
        .env("KUBEBUILDER_ASSETS", cache)
        .output()
        .expect("run xtask")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The kubeconfig that a command printed for a shell.
fn kubeconfig(output: &Output) -> PathBuf {
    let text = stdout(output);
    let line = text.lines().find_map(|line| line.strip_prefix("export KUBECONFIG="));
    line.unwrap_or_else(|| panic!("no kubeconfig: {output:?}")).into()
}

#[test]
fn up_twice_is_one_cluster_and_down_ends_it() {
    let Some(cache) = cache() else { return };
    let cache = cache.path();
    assert!(stdout(&testbed(cache, "status")).starts_with("No cluster"));
    assert!(stdout(&testbed(cache, "down")).starts_with("No cluster"));

    let first = testbed(cache, "up");
    let folder = kubeconfig(&first).parent().expect("a folder").to_owned();
    let second = testbed(cache, "up");
    assert_eq!(kubeconfig(&first), kubeconfig(&second));
    assert!(String::from_utf8_lossy(&second.stderr).contains("already"), "{second:?}");
    assert_eq!(kubeconfig(&first), kubeconfig(&testbed(cache, "status")));
    assert!(folder.exists());

    let down = testbed(cache, "down");
    assert!(stdout(&down).contains("is stopped"), "{down:?}");
    assert!(!folder.exists());
    assert!(!is_mentioned(&folder));
    assert!(stdout(&testbed(cache, "status")).starts_with("No cluster"));
}

#[test]
fn a_killed_supervisor_leaves_nothing_behind_and_up_works_again() {
    let Some(cache) = cache() else { return };
    let cache = cache.path();
    let folder = kubeconfig(&testbed(cache, "up")).parent().expect("a folder").to_owned();
    let status = stdout(&testbed(cache, "status"));
    let supervisor = status.lines().next().and_then(|line| line.rsplit(' ').next()).expect("a process").to_owned();
    assert!(Command::new("kill").args(["-9", &supervisor]).status().expect("kill").success());

    let deadline = Instant::now() + Duration::from_secs(30);
    while folder.exists() || is_mentioned(&folder) {
        assert!(Instant::now() < deadline, "{} is still in use", folder.display());
        sleep(Duration::from_millis(50));
    }
    assert!(stdout(&testbed(cache, "status")).starts_with("No cluster"));
    assert!(kubeconfig(&testbed(cache, "up")).exists());
    assert!(stdout(&testbed(cache, "down")).contains("is stopped"));
}

#[test]
fn an_up_that_fails_says_why() {
    let Some(cache) = cache() else { return };
    let cache = cache.path();
    std::fs::remove_file(cache.join("etcd")).expect("remove");
    symlink("/bin/false", cache.join("etcd")).expect("link");
    let up = testbed(cache, "up");
    let text = String::from_utf8_lossy(&up.stderr);
    assert!(!up.status.success());
    assert!(text.contains("etcd of the test bed ended"), "{text}");
}

/// Whether the arguments of any process name that path.
fn is_mentioned(path: &Path) -> bool {
    let output = Command::new("ps").args(["-A", "-o", "args="]).output().expect("ps");
    String::from_utf8_lossy(&output.stdout).contains(path.to_str().expect("UTF-8"))
}
