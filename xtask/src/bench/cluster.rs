//! The API server that everything is measured against.

use std::path::{Path, PathBuf};

use kubewright_testbed::{Cluster, Options, build};

use crate::progress::Spinner;

/// A cluster, ours or somebody's.
pub enum Bed {
    /// Started for this run; it ends with it.
    Own(Box<Cluster>),
    /// The one that `KUBEWRIGHT_TESTBED_KUBECONFIG` names: its pods stay there for the next run.
    Given(PathBuf),
}

impl Bed {
    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> &Path {
        match self {
            Self::Own(cluster) => cluster.kubeconfig(),
            Self::Given(kubeconfig) => kubeconfig,
        }
    }
}

/// The cluster that the environment names; else one of its own, which serves what its release serves by itself.
pub fn find(spinner: &mut Spinner) -> Result<Bed, Box<dyn std::error::Error>> {
    if let Some(kubeconfig) = std::env::var_os("KUBEWRIGHT_TESTBED_KUBECONFIG").filter(|value| !value.is_empty()) {
        return Ok(Bed::Given(kubeconfig.into()));
    }
    let options = Options { everything: false, ..Options::default() };
    build(options.minor, &mut |step| spinner.show(step))?;
    spinner.say(&format!("starting Kubernetes {}", options.minor.kubernetes));
    let cluster = Cluster::start(&options)?;
    if !cluster.has_kubelet() {
        return Err("the test bed has no nodes, so that no pod can run: kwok is missing in KUBEBUILDER_ASSETS".into());
    }
    Ok(Bed::Own(Box::new(cluster)))
}
