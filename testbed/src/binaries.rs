//! The servers' binaries: where they are, or that they are not there.

use std::path::{Path, PathBuf};

use crate::build::{Component, cached_path};
use crate::environment::Environment;
use crate::{Error, Minor};

/// The programs that a cluster is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The database.
    pub etcd: PathBuf,
    /// The API server.
    pub kube_apiserver: PathBuf,
    /// The command-line client, which the test bed itself uses too.
    pub kubectl: PathBuf,
    /// The fake kubelet. Without it there are no nodes, no logs, no exec.
    pub kwok: Option<PathBuf>,
    /// The example of an aggregated API server. Without it, [`Cluster::start_sample_apiserver`] has nothing to start.
    ///
    /// [`Cluster::start_sample_apiserver`]: crate::Cluster::start_sample_apiserver
    pub sample_apiserver: Option<PathBuf>,
}

impl Binaries {
    /// Finds the binaries in `KUBEBUILDER_ASSETS` if that is set, else in the cache. Builds nothing.
    ///
    /// # Errors
    /// They are not there: see [`Error::is_not_installed`]. The error says how to get them. A `KUBEBUILDER_ASSETS`
    /// that lacks one is an error of another kind, because somebody meant it to be used.
    pub fn find(minor: &Minor) -> Result<Self, Error> {
        Self::find_in(minor, &Environment::read()?)
    }

    pub(crate) fn find_in(minor: &Minor, environment: &Environment) -> Result<Self, Error> {
        match &environment.assets {
            Some(folder) => Self::in_assets(folder),
            None => Self::in_cache(minor, environment),
        }
    }

    fn in_assets(folder: &Path) -> Result<Self, Error> {
        let program = |name: &str| {
            let path = folder.join(name);
            path.is_file().then_some(path).ok_or_else(|| {
                Error::new(format!(
                    "KUBEBUILDER_ASSETS names {}, which has no {name}: it needs kube-apiserver, etcd and kubectl; \
                     unset it to build them instead",
                    folder.display()
                ))
            })
        };
        Ok(Self {
            etcd: program("etcd")?,
            kube_apiserver: program("kube-apiserver")?,
            kubectl: program("kubectl")?,
            kwok: program("kwok").ok(),
            sample_apiserver: program("sample-apiserver").ok(),
        })
    }

    /// kubectl alone.
    pub(crate) fn kubectl_in(minor: &Minor, environment: &Environment) -> Result<PathBuf, Error> {
        match &environment.assets {
            Some(folder) => Ok(Self::in_assets(folder)?.kubectl),
            None => cached(Component::Kubectl, minor, environment),
        }
    }

    fn in_cache(minor: &Minor, environment: &Environment) -> Result<Self, Error> {
        let program = |component: Component| cached(component, minor, environment);
        Ok(Self {
            etcd: program(Component::Etcd)?,
            kube_apiserver: program(Component::KubeApiserver)?,
            kubectl: program(Component::Kubectl)?,
            kwok: Some(program(Component::Kwok)?),
            sample_apiserver: Some(program(Component::SampleApiserver)?),
        })
    }
}

fn cached(component: Component, minor: &Minor, environment: &Environment) -> Result<PathBuf, Error> {
    let path = cached_path(component, minor, environment)?;
    path.is_file().then_some(path).ok_or_else(|| {
        Error::not_installed(format!(
            "{component} for Kubernetes {} is not built, or its sources have changed since; run \
             `cargo xtask testbed build --kubernetes {}` (once: some minutes, and it needs Go)",
            minor.kubernetes, minor.name
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{environment, minor};

    fn environment(folder: &Path) -> Environment {
        Environment {
            sources: environment::sources(),
            cache: folder.join("cache"),
            assets: None,
            go: "a-go-that-is-not-installed".into(),
        }
    }

    #[test]
    fn an_empty_cache_says_which_command_fills_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let minor = minor(None).expect("newest");
        let error = Binaries::find_in(minor, &environment(folder.path())).expect_err("nothing is built");
        assert!(error.is_not_installed());
        assert!(error.to_string().contains("cargo xtask testbed build"), "{error}");
    }

    #[test]
    fn kubebuilder_assets_come_first_and_need_no_kwok() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for name in ["etcd", "kube-apiserver", "kubectl"] {
            std::fs::write(folder.path().join(name), "").expect("write");
        }
        let environment = Environment { assets: Some(folder.path().into()), ..environment(folder.path()) };
        let binaries = Binaries::find_in(minor(None).expect("newest"), &environment).expect("all are there");
        assert_eq!(binaries.kube_apiserver, folder.path().join("kube-apiserver"));
        assert_eq!(binaries.kwok, None);
        assert_eq!(binaries.sample_apiserver, None);

        std::fs::write(folder.path().join("kwok"), "").expect("write");
        let binaries = Binaries::find_in(minor(None).expect("newest"), &environment).expect("all are there");
        assert_eq!(binaries.kwok, Some(folder.path().join("kwok")));
    }

    #[test]
    fn kubebuilder_assets_without_an_api_server_are_an_error_and_no_reason_to_skip() {
        let folder = tempfile::tempdir().expect("temporary folder");
        std::fs::write(folder.path().join("etcd"), "").expect("write");
        let environment = Environment { assets: Some(folder.path().into()), ..environment(folder.path()) };
        let error = Binaries::find_in(minor(None).expect("newest"), &environment).expect_err("one is missing");
        assert!(!error.is_not_installed());
        assert!(error.to_string().contains("has no kube-apiserver"), "{error}");
    }
}
