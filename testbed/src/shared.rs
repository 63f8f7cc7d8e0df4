//! One cluster for all tests of a run, or one of each minor.

use std::borrow::Borrow;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use crate::versions::{MINORS, unknown};
use crate::{Cluster, Error, Minor, Options, Running};

/// The variable that names the clusters of a run, one of each minor.
const CLUSTERS: &str = "KUBEWRIGHT_TESTBED_CLUSTERS";

/// A cluster that the tests of this process share.
#[derive(Debug)]
pub struct Shared {
    kubeconfig: PathBuf,
    has_kubelet: Option<bool>,
    /// Held if it was started by this process: it ends with it.
    _cluster: Option<Cluster>,
}

impl Shared {
    /// The kubeconfig of an administrator.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Whether there are nodes that run pods; `None` if `KUBEWRIGHT_TESTBED_KUBECONFIG` names a cluster of somebody
    /// else, about which the test bed knows nothing.
    #[must_use]
    pub fn has_kubelet(&self) -> Option<bool> {
        self.has_kubelet
    }
}

/// The cluster that tests share: the one that `KUBEWRIGHT_TESTBED_KUBECONFIG` names, else the one that
/// `cargo xtask testbed up` runs, else one that this process starts, once, and that ends with it. It builds nothing.
///
/// Tests use namespaces of their own, and leave the rest of the cluster as it is.
///
/// # Errors
/// There is none and none can be started. If nothing is broken and there is just no test bed on this machine,
/// [`Error::is_not_installed`] says so.
pub fn shared() -> Result<&'static Shared, &'static Error> {
    static GIVEN: OnceLock<Result<Shared, Error>> = OnceLock::new();
    match variable("KUBEWRIGHT_TESTBED_KUBECONFIG") {
        Some(kubeconfig) => GIVEN.get_or_init(|| given("KUBEWRIGHT_TESTBED_KUBECONFIG", kubeconfig.into())).as_ref(),
        None => shared_of(MINORS[0].name),
    }
}

/// The cluster of that minor (`1.34`) that tests share. In a run of `cargo xtask test` it is one of those that the run
/// is about: the newest minor and the oldest, all with `--all-minors`. Else it is the one that `cargo xtask testbed up`
/// runs, else one that this process starts, once, and that ends with it. It builds nothing.
///
/// # Errors
/// As [`shared`]; or there is no such minor, or the run is not about it: see [`Error::is_left_out`].
pub fn shared_of(minor: &str) -> Result<&'static Shared, &'static Error> {
    static SHARED: [OnceLock<Result<Shared, Error>>; MINORS.len()] = [const { OnceLock::new() }; MINORS.len()];
    match MINORS.iter().zip(&SHARED).find(|(known, _)| known.name == minor) {
        Some((minor, shared)) => shared.get_or_init(|| find_or_start(minor)).as_ref(),
        // A test that misspells its minor ends at once, so that this is not many bytes.
        None => Err(Box::leak(Box::new(unknown(minor)))),
    }
}

/// As [`shared_of`]; but `None`, after a word on why, if this run is not about that minor, or it is not at hand: see
/// [`or_skip`].
///
/// # Panics
/// As [`or_skip`].
#[must_use]
pub fn shared_of_or_skip(minor: &str) -> Option<&'static Shared> {
    or_skip(shared_of(minor))
}

/// What `KUBEWRIGHT_TESTBED_CLUSTERS` is set to for a run that is about these minors: each with its kubeconfig.
///
/// # Errors
/// The path of a kubeconfig holds the character that separates paths in variables.
pub fn name_clusters<'a>(clusters: impl IntoIterator<Item = (&'a str, &'a Path)>) -> Result<OsString, Error> {
    let entries = clusters.into_iter().map(|(minor, kubeconfig)| {
        let mut entry = OsString::from(format!("{minor}="));
        entry.push(kubeconfig);
        entry
    });
    env::join_paths(entries).map_err(|e| Error::new(format!("cannot name the clusters of a run: {e}")))
}

/// As [`shared`]; but `None`, after a word on why, if there is no test bed on this machine: see [`or_skip`].
///
/// # Panics
/// As [`or_skip`].
#[must_use]
pub fn shared_or_skip() -> Option<&'static Shared> {
    or_skip(shared())
}

/// As [`shared_or_skip`], for what needs a kubelet: `None`, after a word on why, if the test bed has none.
///
/// # Panics
/// As [`or_skip`].
#[must_use]
pub fn kubelet_or_skip() -> Option<&'static Shared> {
    let bed = shared_or_skip()?;
    if bed.has_kubelet() == Some(false) {
        eprintln!("SKIPPED: the test bed has no kubelet");
        return None;
    }
    Some(bed)
}

/// What a test wants of the test bed; or `None`, if there is just no test bed on this machine. It then prints why,
/// past the test harness's capture, and the test that asked returns.
///
/// # Panics
/// The test bed is broken; or there is none, and `KUBEWRIGHT_REQUIRE_TESTBED` is `1`. That asks for nothing that the run
/// has left out: see [`Error::is_left_out`].
#[must_use]
pub fn or_skip<T, E: Borrow<Error>>(result: Result<T, E>) -> Option<T> {
    let error = match result {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let error = error.borrow();
    let required = env::var_os("KUBEWRIGHT_REQUIRE_TESTBED").is_some_and(|value| value == "1");
    let skip = error.is_left_out() || (error.is_not_installed() && !required);
    assert!(skip, "no test bed: {error}");
    let thread = thread::current();
    // The harness runs each test in a thread of its name, and captures only what print macros write.
    let test = thread.name().unwrap_or("a test");
    let what = if error.is_left_out() { "" } else { "no test bed: " };
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {what}{error}");
    None
}

fn find_or_start(minor: &'static Minor) -> Result<Shared, Error> {
    if let Some(clusters) = variable(CLUSTERS) {
        return given(CLUSTERS, among(&clusters, minor)?);
    }
    if variable("KUBEBUILDER_ASSETS").is_some() && minor != &MINORS[0] {
        let name = minor.name;
        return Err(Error::left_out(format!("KUBEBUILDER_ASSETS stands for the newest minor, and this is {name}")));
    }
    if let Some(Running { kubeconfig: Some(kubeconfig), has_kubelet, .. }) = Running::find(minor)? {
        return Ok(Shared { kubeconfig, has_kubelet: Some(has_kubelet), _cluster: None });
    }
    let cluster = Cluster::start(&Options { minor, ..Options::default() })?;
    Ok(Shared {
        kubeconfig: cluster.kubeconfig().into(),
        has_kubelet: Some(cluster.has_kubelet()),
        _cluster: Some(cluster),
    })
}

/// The cluster of a kubeconfig that a variable names.
fn given(variable: &str, kubeconfig: PathBuf) -> Result<Shared, Error> {
    if !kubeconfig.is_file() {
        return Err(Error::new(format!("{variable} names {}, which is not there", kubeconfig.display())));
    }
    Ok(Shared { has_kubelet: running_kubelet(&kubeconfig), kubeconfig, _cluster: None })
}

/// The kubeconfig of a minor's cluster among those of this run.
fn among(clusters: &OsStr, minor: &Minor) -> Result<PathBuf, Error> {
    let mut others = Vec::new();
    for entry in env::split_paths(clusters) {
        // What is no UTF-8 here names no file that the test bed has made.
        let entry = entry.to_string_lossy().into_owned();
        match entry.split_once('=') {
            Some((name, kubeconfig)) if name == minor.name => return Ok(kubeconfig.into()),
            Some((name, _)) => others.push(name.to_owned()),
            None => return Err(Error::new(format!("{CLUSTERS} holds {entry:?}, which is not MINOR=KUBECONFIG"))),
        }
    }
    Err(Error::left_out(format!(
        "this run is about Kubernetes {}, and not about {}; `cargo xtask test --all-minors` is about all",
        others.join(" and "),
        minor.name
    )))
}

/// A variable's value; an empty one is none.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// What a cluster's own folder says about its kubelet: kwok's files are in it, or not.
fn running_kubelet(kubeconfig: &Path) -> Option<bool> {
    let folder = kubeconfig.parent()?;
    folder.join("kube-apiserver.log").is_file().then(|| folder.join("kwok.log").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minor;

    #[test]
    fn the_clusters_of_a_run_are_found_by_their_minor() {
        let clusters = [("1.37", Path::new("/a b/kubeconfig")), ("1.34", Path::new("/c=d/kubeconfig"))];
        let clusters = name_clusters(clusters).expect("a value");
        let find = |name| among(&clusters, minor(Some(name)).expect("a minor"));
        assert_eq!(find("1.37").expect("a cluster"), Path::new("/a b/kubeconfig"));
        assert_eq!(find("1.34").expect("a cluster"), Path::new("/c=d/kubeconfig"));
    }

    #[test]
    fn a_minor_that_a_run_is_not_about_is_left_out_with_a_word_on_those_it_is_about() {
        let clusters = name_clusters([("1.37", Path::new("/a")), ("1.34", Path::new("/b"))]).expect("a value");
        let error = among(&clusters, minor(Some("1.35")).expect("a minor")).expect_err("it is left out");
        assert!(error.is_left_out() && !error.is_not_installed());
        assert!(error.to_string().contains("about Kubernetes 1.37 and 1.34, and not about 1.35"), "{error}");
    }

    #[test]
    fn a_minor_that_nobody_knows_is_an_error_and_no_reason_to_skip() {
        let error = shared_of("1.2").expect_err("1.2 is unknown");
        assert!(!error.is_left_out() && !error.is_not_installed(), "{error}");
    }
}
