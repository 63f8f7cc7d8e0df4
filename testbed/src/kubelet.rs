//! The fake kubelet: nodes whose pods run at once, whose logs can be read, into which one can `exec`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::certificates::{Certificates, write};

/// What kwok does for nodes and pods.
const CONFIGURATION: &str = include_str!("../assets/kwok.yaml");

/// What every container has said, in the format that kubelets keep logs in.
const CONTAINER_LOG: &str = "\
2026-01-01T00:00:00.000000000Z stdout F line 1 of 3
2026-01-01T00:00:01.000000000Z stdout F line 2 of 3
2026-01-01T00:00:02.000000000Z stderr F line 3 of 3
";

/// What every container had said before it was restarted: `kubectl logs --previous`.
const PREVIOUS_CONTAINER_LOG: &str = "2025-12-31T23:59:59.000000000Z stdout F the container before this one\n";

/// Writes kwok's files, and returns the command that starts it at that port.
pub(crate) fn command(
    kwok: &Path,
    folder: &Path,
    certificates: &Certificates,
    kubeconfig: &Path,
    port: u16,
) -> Result<Command, Error> {
    let exec = folder.join("exec");
    fs::create_dir_all(&exec).map_err(|e| Error::io(format!("cannot create {}", exec.display()), e))?;
    write(&container_log(folder), CONTAINER_LOG)?;
    write(&folder.join("container-previous.log"), PREVIOUS_CONTAINER_LOG)?;
    let configuration = folder.join("kwok.yaml");
    // The folder stands in quoted YAML strings.
    let quoted = folder.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    write(&configuration, &CONFIGURATION.replace("{{directory}}", &quoted))?;

    let mut command = Command::new(kwok);
    command.arg("--kubeconfig").arg(kubeconfig);
    command.arg("--config").arg(configuration);
    command.args(["--manage-all-nodes", "--cidr", "10.1.0.0/16", "--node-ip", "127.0.0.1"]);
    command.arg("--node-port").arg(port.to_string());
    command.arg("--server-address").arg(format!("127.0.0.1:{port}"));
    command.arg("--tls-cert-file").arg(&certificates.server);
    command.arg("--tls-private-key-file").arg(&certificates.server_key);
    Ok(command)
}

/// The log of all containers.
pub(crate) fn container_log(folder: &Path) -> PathBuf {
    folder.join("container.log")
}

/// Nodes `node-1`, `node-2` and so on, as YAML.
pub(crate) fn nodes(count: usize) -> String {
    (1..=count).fold(String::new(), |mut text, number| {
        let name = format!("node-{number}");
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: Node\nmetadata:\n  name: {name}\n  labels:\n    \
             kubernetes.io/hostname: {name}\n    kubernetes.io/os: linux\n    kubernetes.io/arch: amd64\n"
        );
        text
    })
}
