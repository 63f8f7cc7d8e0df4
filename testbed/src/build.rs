//! Builds the servers from their Go modules, once for each version and each state of the sources.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::environment::Environment;
use crate::{Binaries, Error, KWOK, Minor};

/// One program of the test bed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// The database.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// The command-line client.
    Kubectl,
    /// The fake kubelet.
    Kwok,
    /// The example of an aggregated API server.
    SampleApiserver,
    /// The program that prints where each field stands in the protobuf encoding.
    Protofields,
    /// The program that writes random objects as Go's own encoders write them.
    Protovectors,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One program of those that a build makes. It displays as `kube-apiserver for Kubernetes 1.37.1 (4 of 5)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The program.
    pub component: Component,
    /// The release of Kubernetes that it is for: `1.37.1`.
    pub kubernetes: &'static str,
    /// Which of the programs it is, from 1.
    pub number: usize,
    /// How many programs there are.
    pub of: usize,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for Kubernetes {} ({} of {})", self.component, self.kubernetes, self.number, self.of)
    }
}

/// What a build is doing, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Another process is building; this one waits for it.
    Waiting,
    /// This program is being built now.
    Building(Step),
    /// This program has been built, in this time.
    Built(Step, Duration),
    /// This program was built before.
    Cached(Component),
}

/// Builds what is not yet in the cache, and returns where everything is. If `KUBEBUILDER_ASSETS` is set, it builds
/// nothing and returns what is there. Two processes do not build at once: one waits for the other.
///
/// # Errors
/// There is no Go, the build fails (the error shows the compiler's last lines), or the cache cannot be written.
pub fn build(minor: &Minor, progress: &mut dyn FnMut(Progress)) -> Result<Binaries, Error> {
    let environment = Environment::read()?;
    if environment.assets.is_none() {
        // The last shares nearly all its packages with the one before, so it costs some seconds only.
        let servers = [
            Component::Etcd,
            Component::Kubectl,
            Component::Kwok,
            Component::KubeApiserver,
            Component::SampleApiserver,
        ];
        build_components(&servers, minor, &environment, progress)?;
    }
    Binaries::find_in(minor, &environment)
}

/// Builds the program that prints `protobuf.json`, the places of all fields in the protobuf encoding of that minor,
/// and returns where it is. It takes `-o FILE`, else prints to its standard output.
///
/// # Errors
/// As [`build()`], except that `KUBEBUILDER_ASSETS` does not help.
pub fn build_protofields(minor: &Minor, progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, Error> {
    let environment = Environment::read()?;
    build_components(&[Component::Protofields], minor, &environment, progress)?;
    cached_path(Component::Protofields, minor, &environment)
}

/// Builds the program that writes random objects of every kind, in JSON and in protobuf as Go's own encoders write them,
/// and checks what others wrote, and returns where it is. Its `-help` says what it takes.
///
/// # Errors
/// As [`build_protofields`].
pub fn build_protovectors(minor: &Minor, progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, Error> {
    let environment = Environment::read()?;
    build_components(&[Component::Protovectors], minor, &environment, progress)?;
    cached_path(Component::Protovectors, minor, &environment)
}

/// Where a program is in the cache, once it is built from the sources as they are now.
pub(crate) fn cached_path(component: Component, minor: &Minor, environment: &Environment) -> Result<PathBuf, Error> {
    let recipe = component.recipe(minor, &environment.sources)?;
    let mut hash = Sha256::new();
    hash.update(recipe.ldflags.as_bytes());
    for file in recipe.inputs(&environment.sources)? {
        let text = fs::read(&file).map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?;
        hash.update(file.strip_prefix(&environment.sources).unwrap_or(&file).as_os_str().as_encoded_bytes());
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let hash: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let folder = format!("{}-{hash}", recipe.version);
    Ok(environment.cache.join(component.name()).join(folder).join(component.name()))
}

/// How a program is built.
struct Recipe {
    /// The folder of its module in the sources.
    module: &'static str,
    modfile: String,
    /// The folder of its main package in the module.
    package: String,
    version: String,
    ldflags: String,
}

impl Component {
    fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::Kubectl => "kubectl",
            Self::Kwok => "kwok",
            Self::SampleApiserver => "sample-apiserver",
            Self::Protofields => "protofields",
            Self::Protovectors => "protovectors",
        }
    }

    fn recipe(self, minor: &Minor, sources: &Path) -> Result<Recipe, Error> {
        let mut recipe = Recipe {
            module: ".",
            modfile: minor.modfile(),
            package: format!("cmd/{}", self.name()),
            version: minor.kubernetes.into(),
            ldflags: "-s -w".into(),
        };
        match self {
            Self::Etcd => recipe.version = required(&sources.join(minor.modfile()), "go.etcd.io/etcd/server/v3")?,
            Self::Kwok => {
                recipe.module = "kwok";
                recipe.modfile = "go.mod".into();
                recipe.package = ".".into();
                recipe.version = KWOK.into();
            }
            Self::KubeApiserver | Self::Kubectl => {
                // /version and `kubectl version` say what the linker writes here.
                let (major, number) = minor.name.split_once('.').unwrap_or((minor.name, ""));
                let variable = "-X k8s.io/component-base/version.git";
                recipe.ldflags += &format!(
                    " {variable}Version=v{} {variable}Major={major} {variable}Minor={number}",
                    minor.kubernetes
                );
            }
            Self::SampleApiserver | Self::Protofields | Self::Protovectors => {}
        }
        Ok(recipe)
    }
}

/// The release of a module that a module file requires, without its `v`.
fn required(modfile: &Path, module: &str) -> Result<String, Error> {
    let text = fs::read_to_string(modfile).map_err(|e| Error::io(format!("cannot read {}", modfile.display()), e))?;
    let lines = text.lines().map(|line| line.trim_start_matches("require ").trim());
    let release = lines.into_iter().find_map(|line| line.strip_prefix(module)?.strip_prefix(" v"));
    let release = release.and_then(|rest| rest.split_whitespace().next());
    let missing = || Error::new(format!("{} does not require {module}", modfile.display()));
    release.map(str::to_owned).ok_or_else(missing)
}

impl Recipe {
    /// The files that the program depends on: its package's, and its module's list of everything else.
    fn inputs(&self, sources: &Path) -> Result<Vec<PathBuf>, Error> {
        let module = sources.join(self.module);
        let package = module.join(&self.package);
        let listing = |e| Error::io(format!("cannot list the Go sources in {}", package.display()), e);
        let mut files = Vec::new();
        for entry in fs::read_dir(&package).map_err(listing)? {
            let path = entry.map_err(listing)?.path();
            if path.extension().is_some_and(|extension| extension == "go") {
                files.push(path);
            }
        }
        files.sort();
        files.push(module.join(&self.modfile));
        files.push(module.join(&self.modfile).with_extension("sum"));
        Ok(files)
    }
}

fn build_components(
    components: &[Component],
    minor: &Minor,
    environment: &Environment,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let mut lock = None;
    for (index, &component) in components.iter().enumerate() {
        let path = cached_path(component, minor, environment)?;
        if !path.is_file() && lock.is_none() {
            check_go(minor, environment)?;
            lock = Some(lock_cache(&environment.cache, progress)?);
        }
        // Asked again, because the process that we waited for may have built it.
        if path.is_file() {
            progress(Progress::Cached(component));
            continue;
        }
        let started = Instant::now();
        let step = Step { component, kubernetes: minor.kubernetes, number: index + 1, of: components.len() };
        progress(Progress::Building(step));
        build_component(component, minor, environment, &path)?;
        progress(Progress::Built(step, started.elapsed()));
    }
    Ok(())
}

fn build_component(component: Component, minor: &Minor, environment: &Environment, path: &Path) -> Result<(), Error> {
    let recipe = component.recipe(minor, &environment.sources)?;
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|e| Error::io(format!("cannot create {}", folder.display()), e))?;
    // The final name appears only when the file is whole.
    let unfinished = path.with_extension("unfinished");
    let output = Command::new(&environment.go)
        .current_dir(environment.sources.join(recipe.module))
        .args(["build", "-trimpath", "-buildvcs=false"])
        .arg(format!("-modfile={}", recipe.modfile))
        .args(["-ldflags", &recipe.ldflags, "-o"])
        .arg(&unfinished)
        .arg(format!("./{}", recipe.package))
        .env("CGO_ENABLED", "0")
        .env("GOWORK", "off")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::io(format!("cannot run Go to build {component}"), e))?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "Go could not build {component} for Kubernetes {} ({}); its last lines:\n{}",
            minor.kubernetes,
            output.status,
            tail(&String::from_utf8_lossy(&output.stderr), 20)
        )));
    }
    fs::rename(&unfinished, path).map_err(|e| Error::io(format!("cannot keep {}", path.display()), e))
}

pub(crate) fn check_go(minor: &Minor, environment: &Environment) -> Result<(), Error> {
    let asked = Command::new(&environment.go).arg("version").stdin(Stdio::null()).output();
    match asked {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Error::new(format!(
            "`go version` failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
        Err(e) if e.kind() == ErrorKind::NotFound => Err(Error::not_installed(format!(
            "the test bed's servers are built with Go, and there is no `go` on the PATH: install Go {} or newer from \
             https://go.dev/dl/, or set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl",
            go_version(&environment.sources.join(minor.modfile()))
        ))),
        Err(e) => Err(Error::io("cannot run `go version`", e)),
    }
}

/// The oldest Go that builds what a module file requires, as it says.
fn go_version(modfile: &Path) -> String {
    let text = fs::read_to_string(modfile).unwrap_or_default();
    let version = text.lines().find_map(|line| line.strip_prefix("go "));
    version.unwrap_or("of the current release").trim().to_owned()
}

/// Keeps other processes from building until the file is closed.
pub(crate) fn lock_cache(cache: &Path, progress: &mut dyn FnMut(Progress)) -> Result<File, Error> {
    let path = cache.join("build.lock");
    let cannot = |e| Error::io(format!("cannot lock {}", path.display()), e);
    fs::create_dir_all(cache).map_err(cannot)?;
    let file = File::create(&path).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            progress(Progress::Waiting);
            file.lock().map_err(cannot)?;
        }
        Err(TryLockError::Error(e)) => return Err(cannot(e)),
    }
    Ok(file)
}

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minor;

    /// A copy of just the files that decide where kubectl is in the cache.
    fn environment(folder: &Path) -> Environment {
        let sources = folder.join("sources");
        fs::create_dir_all(sources.join("cmd/kubectl")).expect("create");
        fs::write(sources.join("cmd/kubectl/main.go"), "package main").expect("write");
        let modfile = sources.join(minor(None).expect("newest").modfile());
        fs::write(&modfile, "module m\n\ngo 9.8.7\n\nrequire example.com/m v1.2.3 // indirect\n").expect("write");
        fs::write(modfile.with_extension("sum"), "").expect("write");
        Environment { sources, cache: folder.join("cache"), assets: None, go: "a-go-that-is-not-installed".into() }
    }

    #[test]
    fn a_change_to_the_sources_or_to_the_modules_asks_for_a_new_build() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let environment = environment(folder.path());
        let path = || cached_path(Component::Kubectl, minor(None).expect("newest"), &environment).expect("path");
        let first = path();
        assert_eq!(first, path());
        fs::write(environment.sources.join("cmd/kubectl/main.go"), "package main // changed").expect("write");
        let second = path();
        assert_ne!(first, second);
        let sums = environment.sources.join(minor(None).expect("newest").modfile()).with_extension("sum");
        fs::write(sums, "changed").expect("write");
        assert_ne!(second, path());
        assert!(first.starts_with(&environment.cache), "{}", first.display());
    }

    #[test]
    fn without_go_the_error_says_which_version_to_install() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let environment = environment(folder.path());
        let mut seen = Vec::new();
        let minor = minor(None).expect("newest");
        let error = build_components(&[Component::Kubectl], minor, &environment, &mut |step| seen.push(step))
            .expect_err("there is no Go");
        assert!(error.is_not_installed());
        assert!(error.to_string().contains("install Go 9.8.7 or newer"), "{error}");
        assert!(error.to_string().contains("KUBEBUILDER_ASSETS"), "{error}");
        assert_eq!(seen, []);
    }

    #[test]
    fn a_module_file_says_which_release_it_requires() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = environment(folder.path()).sources.join(minor(None).expect("newest").modfile());
        assert_eq!(required(&path, "example.com/m").expect("a release"), "1.2.3");
        let error = required(&path, "example.com/other").expect_err("it is not required");
        assert!(error.to_string().contains("example.com/other"), "{error}");
    }

    #[test]
    fn what_is_in_the_cache_is_not_built_again_and_needs_no_go() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let environment = environment(folder.path());
        let minor = minor(None).expect("newest");
        let path = cached_path(Component::Kubectl, minor, &environment).expect("path");
        fs::create_dir_all(path.parent().expect("parent")).expect("create");
        fs::write(&path, "").expect("write");
        let mut seen = Vec::new();
        build_components(&[Component::Kubectl], minor, &environment, &mut |step| seen.push(step)).expect("cached");
        assert_eq!(seen, [Progress::Cached(Component::Kubectl)]);
    }

    #[test]
    fn a_failing_build_shows_the_compilers_last_lines_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let go = folder.path().join("go");
        fs::write(&go, "#!/bin/sh\ntest \"$1\" = version && exit 0\necho 'main.go:1: no such thing' >&2; exit 2\n")
            .expect("write");
        fs::set_permissions(&go, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("chmod");
        let environment = Environment { go: go.into(), ..environment(folder.path()) };
        let minor = minor(None).expect("newest");
        let error =
            build_components(&[Component::Kubectl], minor, &environment, &mut |_| {}).expect_err("the build fails");
        assert!(error.to_string().contains("main.go:1: no such thing"), "{error}");
        assert!(!cached_path(Component::Kubectl, minor, &environment).expect("path").exists());
    }
}
