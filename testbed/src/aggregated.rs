//! The upstream example of an aggregated API server, behind the cluster's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::certificates::Certificates;
use crate::{Cluster, Error};

/// The service that stands for it, and what it serves.
const MANIFEST: &str = include_str!("../assets/sample-apiserver.yaml");

/// What it takes to start it, later or never.
#[derive(Debug)]
pub(crate) struct Aggregated {
    program: Option<PathBuf>,
    authority: PathBuf,
    server: PathBuf,
    server_key: PathBuf,
    etcd: u16,
}

impl Aggregated {
    /// The program, if there is one, for the cluster with these certificates and this port of etcd.
    pub fn new(program: Option<&Path>, files: &Certificates, etcd: u16) -> Self {
        Self {
            program: program.map(Path::to_owned),
            authority: files.authority.clone(),
            server: files.server.clone(),
            server_key: files.server_key.clone(),
            etcd,
        }
    }

    /// The command that starts it at that port.
    pub fn command(&self, folder: &Path, kubeconfig: &Path, port: u16) -> Result<Command, Error> {
        let program = self.program.as_ref().ok_or_else(|| {
            Error::not_installed(
                "these binaries have no sample-apiserver, the aggregated API server: put one into the folder that \
                 KUBEBUILDER_ASSETS names, or unset it to build all of them",
            )
        })?;
        let mut command = Command::new(program);
        // It keeps its objects beside the cluster's, below a prefix of its own.
        command.args(["--etcd-servers", &format!("http://127.0.0.1:{}", self.etcd)]);
        command.args(["--bind-address", "127.0.0.1", "--secure-port", &port.to_string()]);
        command.arg("--tls-cert-file").arg(&self.server);
        command.arg("--tls-private-key-file").arg(&self.server_key);
        command.arg("--cert-dir").arg(folder);
        // It asks the cluster's API server who its callers are, what they may do, and which namespaces there are.
        for flag in ["--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig"] {
            command.arg(flag).arg(kubeconfig);
        }
        Ok(command)
    }

    /// What tells the API server about it, as YAML.
    pub fn manifest(&self, port: u16) -> Result<String, Error> {
        let authority =
            fs::read(&self.authority).map_err(|e| Error::io(format!("cannot read {}", self.authority.display()), e))?;
        Ok(MANIFEST.replace("{{port}}", &port.to_string()).replace("{{authority}}", &STANDARD.encode(authority)))
    }

    /// Whether it is in the API server's discovery, and calls reach it.
    pub fn is_available(cluster: &Cluster) -> bool {
        let resources = "flunders.v1alpha1.wardle.example.com,flunders.v1beta1.wardle.example.com";
        cluster.kubectl(&["get", resources, "--all-namespaces", "--request-timeout=5s"]).is_ok()
    }
}
