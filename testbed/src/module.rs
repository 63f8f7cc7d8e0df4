//! Writes the module file of a minor, from what the release itself requires.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::build::tail;
use crate::environment::Environment;
use crate::{Error, Minor, minors};

/// Writes the module file and the checksums of a minor that has none yet, with Go, and says whether it did. What they
/// require is what that release of `k8s.io/kubernetes` requires: its etcd, its staging modules, its Go. For the newest
/// minor, `go.mod` and `go.sum` are links to them, so that Go's own tools use that one.
///
/// # Errors
/// There is no such release, Go cannot be run, or the files cannot be written.
pub fn write_module(minor: &Minor) -> Result<bool, Error> {
    let folder = Environment::read()?.sources;
    let path = folder.join(minor.modfile());
    if path.is_file() {
        return Ok(false);
    }
    let release = format!("v{}", minor.kubernetes);
    let upstream = upstream(&folder, &release)?;
    let text = fs::read_to_string(&upstream)
        .map_err(|e| Error::io(format!("cannot read the go.mod of Kubernetes {release}"), e))?;
    write(&path, &module(&text, minor)?)?;
    // It adds what the programs import, and all that this requires in turn, in the releases that Kubernetes chose.
    let tidied = go(&folder, &["mod", "tidy", &format!("-modfile={}", minor.modfile())]);
    if let Err(error) = tidied {
        let _ = fs::remove_file(&path);
        return Err(error);
    }
    if minor == &minors()[0] {
        link(&folder.join("go.mod"), &minor.modfile())?;
        link(&folder.join("go.sum"), &minor.modfile().replace(".mod", ".sum"))?;
    }
    Ok(true)
}

/// The module file before Go has completed it.
fn module(upstream: &str, minor: &Minor) -> Result<String, Error> {
    let go = upstream.lines().find(|line| line.starts_with("go "));
    let staged: Vec<_> = upstream.lines().filter_map(|line| line.trim().strip_suffix(" v0.0.0")).collect();
    let (Some(go), false, Some(("1", patch))) = (go, staged.is_empty(), minor.kubernetes.split_once('.')) else {
        return Err(Error::new(format!(
            "the go.mod of Kubernetes {} does not say which Go it needs, or which staging modules are its own: they \
             were those at v0.0.0, and published as v0.MINOR.PATCH",
            minor.kubernetes
        )));
    };
    let mut text = format!("module kubewright/testbed\n\n{go}\n\nrequire k8s.io/kubernetes v1.{patch}\n\nreplace (\n");
    for name in staged {
        let _ = writeln!(text, "\t{name} => {name} v0.{patch}");
    }
    text.push_str(")\n");
    Ok(text)
}

/// Where Go has put the `go.mod` of that release of Kubernetes.
fn upstream(folder: &Path, release: &str) -> Result<PathBuf, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Download {
        go_mod: PathBuf,
    }
    let answer = go(folder, &["mod", "download", "-json", &format!("k8s.io/kubernetes@{release}")])?;
    let download: Download = serde_json::from_slice(&answer)
        .map_err(|e| Error::new(format!("`go mod download` said what nobody expected ({e})")))?;
    Ok(download.go_mod)
}

fn go(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Error> {
    let shown = arguments.join(" ");
    let output = Command::new(Environment::read()?.go)
        .args(arguments)
        .current_dir(folder)
        .env("GOWORK", "off")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::io(format!("cannot run `go {shown}`"), e))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    // With -json, Go says on its standard output what failed.
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Error::new(format!("`go {shown}` failed ({}); its last lines:\n{}", output.status, tail(&said, 20))))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|e| Error::io(format!("cannot write {}", path.display()), e))
}

fn link(path: &Path, target: &str) -> Result<(), Error> {
    let cannot = |e| Error::io(format!("cannot make {} a link to {target}", path.display()), e);
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(cannot(e)),
        _ => symlink(target, path).map_err(cannot),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINOR: Minor = Minor { name: "1.99", kubernetes: "1.99.2" };

    #[test]
    fn a_module_file_replaces_what_the_release_stages() {
        let upstream = "module k8s.io/kubernetes\n\ngo 1.99.0\n\nrequire (\n\tgithub.com/x/y v1.0.0\n\tk8s.io/api v0.0.0\n\
                        \tk8s.io/klog/v2 v2.1.0\n)\n\nrequire (\n\tk8s.io/kms v0.0.0\n)\n";
        assert_eq!(
            module(upstream, &MINOR).expect("a module file"),
            "module kubewright/testbed\n\ngo 1.99.0\n\nrequire k8s.io/kubernetes v1.99.2\n\nreplace (\n\
             \tk8s.io/api => k8s.io/api v0.99.2\n\tk8s.io/kms => k8s.io/kms v0.99.2\n)\n"
        );
    }

    #[test]
    fn a_release_that_stages_nothing_is_refused() {
        let error = module("module k8s.io/kubernetes\n\ngo 1.99.0\n", &MINOR).expect_err("nothing is staged");
        assert!(error.to_string().contains("1.99.2"), "{error}");
    }
}
