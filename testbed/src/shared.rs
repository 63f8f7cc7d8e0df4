//! One cluster for all tests of a run.

use std::borrow::Borrow;
use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use crate::{Cluster, Error, Options, Running, minor};

/// The cluster that the tests of this process share.
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
    static SHARED: OnceLock<Result<Shared, Error>> = OnceLock::new();
    SHARED.get_or_init(find_or_start).as_ref()
}

/// As [`shared`]; but `None`, after a word on why, if there is no test bed on this machine: see [`or_skip`].
///
/// # Panics
/// As [`or_skip`].
#[must_use]
pub fn shared_or_skip() -> Option<&'static Shared> {
    or_skip(shared())
}

/// What a test wants of the test bed; or `None`, if there is just no test bed on this machine. It then prints why,
/// past the test harness's capture, and the test that asked returns.
///
/// # Panics
/// The test bed is broken; or there is none, and `KUBEWRIGHT_REQUIRE_TESTBED` is `1`.
#[must_use]
pub fn or_skip<T, E: Borrow<Error>>(result: Result<T, E>) -> Option<T> {
    let error = match result {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let error = error.borrow();
    let required = env::var_os("KUBEWRIGHT_REQUIRE_TESTBED").is_some_and(|value| value == "1");
    assert!(error.is_not_installed() && !required, "no test bed: {error}");
    let thread = thread::current();
    // The harness runs each test in a thread of its name, and captures only what print macros write.
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: no test bed: {error}");
    None
}

fn find_or_start() -> Result<Shared, Error> {
    if let Some(kubeconfig) = env::var_os("KUBEWRIGHT_TESTBED_KUBECONFIG").filter(|value| !value.is_empty()) {
        let kubeconfig = PathBuf::from(kubeconfig);
        if !kubeconfig.is_file() {
            let path = kubeconfig.display();
            return Err(Error::new(format!("KUBEWRIGHT_TESTBED_KUBECONFIG names {path}, which is not there")));
        }
        return Ok(Shared { has_kubelet: running_kubelet(&kubeconfig), kubeconfig, _cluster: None });
    }
    let minor = minor(None)?;
    if let Some(Running { kubeconfig: Some(kubeconfig), has_kubelet, .. }) = Running::find(minor)? {
        return Ok(Shared { kubeconfig, has_kubelet: Some(has_kubelet), _cluster: None });
    }
    let cluster = Cluster::start(&Options::default())?;
    Ok(Shared {
        kubeconfig: cluster.kubeconfig().into(),
        has_kubelet: Some(cluster.has_kubelet()),
        _cluster: Some(cluster),
    })
}

/// What a cluster's own folder says about its kubelet: kwok's files are in it, or not.
fn running_kubelet(kubeconfig: &Path) -> Option<bool> {
    let folder = kubeconfig.parent()?;
    folder.join("kube-apiserver.log").is_file().then(|| folder.join("kwok.log").is_file())
}
