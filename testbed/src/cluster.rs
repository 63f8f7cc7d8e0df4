//! A running cluster: etcd, kube-apiserver and, if there is one, the fake kubelet.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::aggregated::Aggregated;
use crate::build::tail;
use crate::certificates::{self, Certificates, FRONT_PROXY, SERVICE_RANGE, write};
use crate::kubectl::Kubectl;
use crate::process_group::ProcessGroup;
use crate::{Binaries, Error, Minor, etcd, kubelet, minor, ports};

/// How often a cluster is started again because a port was taken.
const ATTEMPTS: usize = 5;

const APISERVER: &str = "kube-apiserver";

/// What kind of cluster to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Kubernetes minor. Default: the newest.
    pub minor: &'static Minor,
    /// How many nodes there are at first, `node-1` and so on. Default: 2. Without a fake kubelet there are none; and with
    /// none there is no fake kubelet, so that nobody writes to nodes and pods that a test makes itself.
    pub nodes: usize,
    /// Whether to serve every API and turn on every
    /// [feature](https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/), alpha ones
    /// too. Default: yes. Otherwise the cluster serves what its release serves by itself.
    pub everything: bool,
    /// More flags for kube-apiserver, after the test bed's own. Default: none.
    pub apiserver_flags: Vec<String>,
    /// How long the cluster may take to be ready. Default: 2 minutes; 4 seconds are usual.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            minor: &crate::minors()[0],
            nodes: 2,
            everything: true,
            apiserver_flags: Vec::new(),
            timeout: Duration::from_secs(120),
        }
    }
}

impl Options {
    /// The default options, for that minor (`1.37`), or the newest.
    ///
    /// # Errors
    /// There is no such minor.
    pub fn for_minor(name: Option<&str>) -> Result<Self, Error> {
        Ok(Self { minor: minor(name)?, ..Self::default() })
    }
}

/// A running cluster, which ends, and whose files are removed, when this value is dropped or its process ends.
#[derive(Debug)]
pub struct Cluster {
    // First, because what it holds back writes to the folder.
    processes: ProcessGroup,
    folder: TempDir,
    kubectl: Kubectl,
    server: String,
    has_kubelet: bool,
    aggregated: Aggregated,
    /// The ports of etcd and of kube-apiserver.
    etcd_port: u16,
    secure_port: u16,
    /// The program of kube-apiserver, and its arguments.
    apiserver: (OsString, Vec<OsString>),
    timeout: Duration,
}

impl Cluster {
    /// Starts a cluster from the binaries that [`Binaries::find`] finds, and waits until it and its nodes are ready.
    ///
    /// # Errors
    /// There are no binaries, see [`Error::is_not_installed`]; or a server ends or is not ready in time: the error
    /// shows the last lines of its log.
    pub fn start(options: &Options) -> Result<Self, Error> {
        Self::start_from(&Binaries::find(options.minor)?, options)
    }

    /// Starts a cluster from these binaries.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_from(binaries: &Binaries, options: &Options) -> Result<Self, Error> {
        with_other_ports(|| start_once(binaries, options))
    }

    /// The kubeconfig of an administrator.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubectl.kubeconfig
    }

    /// The address of the API server: `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The cluster's own folder: `etcd.log`, `kube-apiserver.log`, `kwok.log`, the certificates; `container.log`,
    /// which is the log of every container and may be appended to; `exec`, in which commands are run.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Issues a client certificate for a user, perhaps in a group, which the API server takes: the certificate and its key,
    /// in PEM.
    ///
    /// # Errors
    /// The authority's key can't be read.
    pub fn client_certificate(&self, user: &str, group: Option<&str>) -> Result<(String, String), Error> {
        certificates::issue(self.folder(), user, group)
    }

    /// Whether there are nodes that run pods.
    #[must_use]
    pub fn has_kubelet(&self) -> bool {
        self.has_kubelet
    }

    /// Starts the upstream example of an
    /// [aggregated API server](https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/),
    /// registers what it serves, and waits until the API server passes calls on to it: `wardle.example.com`, with
    /// `flunders`, which are namespaced, in `v1alpha1` and `v1beta1`, and `fischers`, which are not, in `v1alpha1`. It
    /// ends with the cluster; its log is `sample-apiserver.log`. What it serves is in OpenAPI a little later.
    ///
    /// # Errors
    /// There is no binary of it, see [`Error::is_not_installed`]; or it ends or is not ready in a minute: the error
    /// shows the last lines of its log.
    pub fn start_sample_apiserver(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + Duration::from_secs(60);
        with_other_ports(|| {
            let [port] = ports::free()?;
            let mut command = self.aggregated.command(self.folder.path(), self.kubeconfig(), port)?;
            self.processes.start("sample-apiserver", &mut command)?;
            let listening = |_: &Self| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            let started = wait_until(self, "sample-apiserver", deadline, listening);
            self.processes.forget_ended();
            started?;
            self.kubectl_with_input(&["apply", "-f", "-"], &self.aggregated.manifest(port)?)?;
            wait_until(self, "sample-apiserver", deadline, Aggregated::is_available)
        })
    }

    /// Kills kube-apiserver, as a machine that fails does, starts it again at the same address, and waits until it is ready.
    /// What is stored stays; connections, and the history that watches resume from, are lost.
    ///
    /// # Errors
    /// It ends or is not ready in the [time of the options](Options::timeout): the error shows the last lines of its log,
    /// which is `kube-apiserver.log`. Those of earlier ones are `kube-apiserver.log.1` and so on.
    pub fn restart_apiserver(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + self.timeout;
        loop {
            self.processes.kill(APISERVER)?;
            let (program, arguments) = &self.apiserver;
            self.processes.start(APISERVER, Command::new(program).args(arguments))?;
            match wait_until(self, APISERVER, deadline, apiserver_is_ready) {
                // Until a moment ago nobody listened at its port, which a client's own end of a connection may have got.
                Err(error) if error.is_port_taken() && Instant::now() < deadline => sleep(Duration::from_millis(100)),
                result => return result,
            }
        }
    }

    /// Removes all states but the present one from etcd ([compaction]), and returns its resource version. A list or watch of
    /// an earlier version, whose events kube-apiserver no longer has itself, is then rejected as expired (410).
    ///
    /// [compaction]: https://etcd.io/docs/latest/op-guide/maintenance/#history-compaction
    ///
    /// # Errors
    /// etcd can't be reached, or rejects it.
    pub fn compact(&self) -> Result<u64, Error> {
        etcd::compact(self.etcd_port)
    }

    /// Runs kubectl against this cluster, and returns what it prints.
    ///
    /// # Errors
    /// It cannot be run, or fails: the error says what it wrote to its standard error.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String, Error> {
        self.kubectl.run(arguments, "")
    }

    /// As [`Cluster::kubectl`], with a standard input, such as a manifest for `create -f -`.
    ///
    /// # Errors
    /// As [`Cluster::kubectl`].
    pub fn kubectl_with_input(&self, arguments: &[&str], input: &str) -> Result<String, Error> {
        self.kubectl.run(arguments, input)
    }

    /// As [`Cluster::kubectl_with_input`], with everything that it prints, whether it succeeds or not.
    ///
    /// # Errors
    /// If kubectl can't be run.
    pub fn kubectl_output(&self, arguments: &[&str], input: &str) -> Result<Output, Error> {
        self.kubectl.output(arguments, input)
    }

    /// The first of the servers that has ended by itself, and how, if one has.
    pub fn ended(&mut self) -> Option<(&'static str, String)> {
        self.processes.ended()
    }
}

/// Tries again, a few times, what failed because a port was taken.
fn with_other_ports<T>(mut start: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut attempt = 1;
    loop {
        match start() {
            Err(error) if error.is_port_taken() && attempt < ATTEMPTS => attempt += 1,
            Err(error) if error.is_port_taken() => {
                return Err(Error::new(format!("gave up after {ATTEMPTS} attempts to find free ports: {error}")));
            }
            result => return result,
        }
    }
}

fn start_once(binaries: &Binaries, options: &Options) -> Result<Cluster, Error> {
    let deadline = Instant::now() + options.timeout;
    let folder = tempfile::Builder::new()
        .prefix("kubewright-testbed-")
        .tempdir()
        .map_err(|e| Error::io("cannot create a folder for the cluster", e))?;
    let processes = ProcessGroup::new(folder.path())?;
    let certificates = Certificates::create(folder.path())?;
    let [client, peer, secure, node] = ports::free()?;
    let server = format!("https://127.0.0.1:{secure}");
    let kubectl = Kubectl::new(&binaries.kubectl, folder.path());
    write(&kubectl.kubeconfig, &certificates.kubeconfig(&server)?)?;
    let kwok = binaries.kwok.as_ref().filter(|_| options.nodes > 0);
    let aggregated = Aggregated::new(binaries.sample_apiserver.as_deref(), &certificates, client);
    let mut apiserver = apiserver_command(&binaries.kube_apiserver, options, &certificates, client, secure);
    apiserver.arg("--cert-dir").arg(folder.path()).args(&options.apiserver_flags);
    let mut cluster = Cluster {
        processes,
        folder,
        kubectl,
        server,
        has_kubelet: kwok.is_some(),
        aggregated,
        etcd_port: client,
        secure_port: secure,
        apiserver: (apiserver.get_program().into(), apiserver.get_args().map(OsString::from).collect()),
        timeout: options.timeout,
    };

    let mut etcd = etcd_command(&binaries.etcd, cluster.folder(), client, peer);
    cluster.processes.start("etcd", &mut etcd)?;
    cluster.processes.start(APISERVER, &mut apiserver)?;
    wait_until(&mut cluster, APISERVER, deadline, apiserver_is_ready)?;

    if let Some(kwok) = kwok {
        let mut kwok = kubelet::command(kwok, cluster.folder(), &certificates, cluster.kubeconfig(), node)?;
        cluster.processes.start("kwok", &mut kwok)?;
        cluster.kubectl_with_input(&["create", "-f", "-"], &kubelet::nodes(options.nodes))?;
        wait_until(&mut cluster, "kwok", deadline, |cluster| {
            let listening = TcpStream::connect((Ipv4Addr::LOCALHOST, node)).is_ok();
            listening && nodes_ready(cluster)
        })?;
    }
    Ok(cluster)
}

fn apiserver_is_ready(cluster: &Cluster) -> bool {
    // A connection costs less than a kubectl, and there is none for the first seconds.
    TcpStream::connect((Ipv4Addr::LOCALHOST, cluster.secure_port)).is_ok()
        && cluster.kubectl(&["get", "--raw", "/readyz", "--request-timeout=5s"]).is_ok()
}

fn nodes_ready(cluster: &Cluster) -> bool {
    cluster.kubectl(&["wait", "--for=condition=Ready", "node", "--all", "--timeout=1s"]).is_ok()
}

fn etcd_command(program: &Path, folder: &Path, client: u16, peer: u16) -> Command {
    let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(folder.join("etcd"));
    command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
    command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
    command.args(["--initial-cluster", &format!("default={peer}")]);
    // Nobody needs the data after a crash of the machine.
    command.args(["--unsafe-no-fsync", "--log-level", "warn"]);
    command
}

fn apiserver_command(program: &Path, options: &Options, files: &Certificates, etcd: u16, secure: u16) -> Command {
    let mut command = Command::new(program);
    command.args(["--etcd-servers", &format!("http://127.0.0.1:{etcd}")]);
    command.args(["--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1"]);
    command.args(["--secure-port", &secure.to_string()]);
    command.arg("--tls-cert-file").arg(&files.server);
    command.arg("--tls-private-key-file").arg(&files.server_key);
    command.arg("--client-ca-file").arg(&files.authority);

    // For logs, exec, attach and port-forward, which it passes on to the (fake) kubelet.
    command.arg("--kubelet-certificate-authority").arg(&files.authority);
    command.arg("--kubelet-client-certificate").arg(&files.admin);
    command.arg("--kubelet-client-key").arg(&files.admin_key);
    command.args(["--kubelet-preferred-address-types", "InternalIP"]);

    // For aggregated API servers, to which it passes on calls with the user's name in headers.
    command.arg("--requestheader-client-ca-file").arg(&files.front_proxy_authority);
    command.args(["--requestheader-allowed-names", FRONT_PROXY]);
    command.args(["--requestheader-username-headers", "X-Remote-User"]);
    command.args(["--requestheader-group-headers", "X-Remote-Group"]);
    command.args(["--requestheader-extra-headers-prefix", "X-Remote-Extra-"]);
    command.arg("--proxy-client-cert-file").arg(&files.front_proxy);
    command.arg("--proxy-client-key-file").arg(&files.front_proxy_key);

    command.args(["--service-account-issuer", "https://kubernetes.default.svc.cluster.local"]);
    command.arg("--service-account-signing-key-file").arg(&files.service_account_key);
    command.arg("--service-account-key-file").arg(&files.service_account_public_key);
    command.args(["--service-cluster-ip-range", SERVICE_RANGE, "--endpoint-reconciler-type", "none"]);

    command.args(["--authorization-mode", "Node,RBAC", "--allow-privileged"]);
    // Nobody here makes the service account that each pod would have to have.
    command.args(["--disable-admission-plugins", "ServiceAccount"]);
    if options.everything {
        // Some APIs are served only if their feature is on, and alpha features may need beta ones that are off.
        // StorageVersionAPI has the server refuse writes in its first seconds, after it has called itself ready.
        command.args(["--runtime-config", "api/all=true"]);
        command.args(["--feature-gates", "AllAlpha=true,AllBeta=true,StorageVersionAPI=false"]);
    }
    command
}

/// Waits for `ready`, as long as all servers live and the time is not up.
fn wait_until(
    cluster: &mut Cluster,
    name: &'static str,
    deadline: Instant,
    ready: impl Fn(&Cluster) -> bool,
) -> Result<(), Error> {
    loop {
        if let Some((name, status)) = cluster.processes.ended() {
            let log = last_lines(&cluster.processes.log(name));
            let message = format!("{name} of the test bed ended ({status}) while it started; its last lines:\n{log}");
            let taken = log.contains("address already in use");
            return Err(if taken { Error::port_taken(message) } else { Error::new(message) });
        }
        if ready(cluster) {
            return Ok(());
        }
        if Instant::now() > deadline {
            let log = last_lines(&cluster.processes.log(name));
            return Err(Error::new(format!("{name} of the test bed was not ready in time; its last lines:\n{log}")));
        }
        sleep(Duration::from_millis(50));
    }
}

fn last_lines(log: &PathBuf) -> String {
    match fs::read(log) {
        Ok(text) => tail(&String::from_utf8_lossy(&text), 15),
        Err(e) => format!("(cannot read {}: {e})", log.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_tried_again_and_another_failure_is_not() {
        let mut left = 2;
        let result = with_other_ports(|| {
            left -= 1;
            if left >= 0 { Err(Error::port_taken("taken")) } else { Ok(()) }
        });
        assert!(result.is_ok());

        let mut tries = 0;
        let result = with_other_ports(|| {
            tries += 1;
            Err::<(), _>(Error::port_taken("taken"))
        });
        assert!(result.is_err());
        assert_eq!(tries, ATTEMPTS);

        let mut tries = 0;
        let result = with_other_ports(|| {
            tries += 1;
            Err::<(), _>(Error::new("broken"))
        });
        assert!(result.is_err());
        assert_eq!(tries, 1);
    }
}
