//! kubectl against the fake API server: logs, commands, copies and port-forwards, which handlers of the test answer.
#![cfg(unix)]
#![allow(missing_docs)]

#[path = "fake_streams/run_here.rs"]
mod run_here;

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Child;
use std::thread;
use std::time::Duration;

use kubewright::Patch;
use kubewright::prelude::*;
use kubewright_fake::{FakeCluster, FakeListener};
use kubewright_testbed::{Kubectl, minor, or_skip};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

/// A cluster with a pod that runs, and a kubectl for it.
struct Bed {
    kubectl: Kubectl,
    cluster: FakeCluster,
    folder: tempfile::TempDir,
    // They end when they are dropped, in this order.
    _listener: FakeListener,
    _runtime: Runtime,
}

impl Bed {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let kubectl = or_skip(Kubectl::find(minor(None).expect("a minor"), folder.path()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let container = |name: &str| json!({ "name": name, "image": "example.com/app:1" });
        let pod = |name: &str, containers| {
            json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "default" },
                "spec": { "nodeName": "node-1", "containers": containers },
            })
        };
        let builder = FakeCluster::builder().with(pod("web", json!([container("app")])));
        let cluster = builder.with(pod("pair", json!([container("app"), container("proxy")]))).build();
        let cluster = cluster.expect("a cluster");
        let listener = runtime.block_on(async {
            let pods = cluster.client().core_v1().pods("default");
            // kubectl forwards ports of pods that run.
            let status = json!({ "status": { "phase": "Running" } });
            pods.patch_status("web", Patch::merge(status)).await.expect("a status");
            cluster.listen().await.expect("a listener")
        });
        listener.write_kubeconfig(folder.path().join("kubeconfig")).expect("a kubeconfig");
        Some(Self { kubectl, cluster, folder, _listener: listener, _runtime: runtime })
    }

    /// Runs a command that succeeds. What it prints to stdout.
    fn run(&self, arguments: &[&str], input: &str) -> String {
        self.kubectl.run(arguments, input).expect("it succeeds")
    }

    /// Runs a command that fails. Its exit code, and what it prints to stderr.
    fn fail(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.kubectl.output(arguments, "").expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn logs_are_printed_and_followed() {
    let Some(bed) = Bed::start() else { return };
    let log = bed.cluster.log("default", "web", "app");
    log.append_at("2030-01-01T10:00:00.5Z".parse().expect("a time"), "one\ntwo\n");
    assert_eq!(bed.run(&["logs", "web"], ""), "one\ntwo\n");
    assert_eq!(bed.run(&["logs", "web", "--tail=1", "--timestamps"], ""), "2030-01-01T10:00:00.500000000Z two\n");
    assert_eq!(bed.run(&["logs", "web", "--since-time=2030-01-01T10:00:01Z"], ""), "");
    let (code, error) = bed.fail(&["logs", "web", "--previous"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        error,
        "Error from server (BadRequest): previous terminated container \"app\" in pod \"web\" not found\n"
    );
    let (_, error) = bed.fail(&["logs", "pair", "-c", "nope"]);
    assert_eq!(error, "error: container nope is not valid for pod pair out of: app, proxy\n");
    let (_, error) = bed.fail(&["logs", "pair", "-c", "proxy"]);
    assert!(error.contains("(NotImplemented)") && error.contains("FakeCluster::log"), "{error}");

    let followed = thread::scope(|scope| {
        let kubectl = scope.spawn(|| bed.run(&["logs", "web", "--follow"], ""));
        let is_followed = || {
            let logs = bed.cluster.requests().subresource("log");
            logs.iter().any(|request| request.parameter("follow") == Some("true") && request.status.is_some())
        };
        while !is_followed() && !kubectl.is_finished() {
            thread::sleep(Duration::from_millis(5));
        }
        log.append("three");
        log.end();
        kubectl.join().expect("it ran")
    });
    assert_eq!(followed, "one\ntwo\nthree\n");
}

#[test]
fn commands_run_with_input_and_exit_codes() {
    let Some(bed) = Bed::start() else { return };
    let (code, error) = bed.fail(&["exec", "web", "--", "true"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("FakeCluster::on_exec"), "{error}");
    bed.cluster.on_exec(run_here::run_here);
    assert_eq!(bed.run(&["exec", "web", "--", "echo", "a  b"], ""), "a  b\n");
    assert_eq!(bed.run(&["exec", "-i", "web", "--", "wc", "-c"], "hello").trim(), "5");
    let large = "0123456789\n".repeat(100_000);
    assert!(bed.run(&["exec", "-i", "web", "--", "cat"], &large) == large);
    let (code, error) = bed.fail(&["exec", "web", "--", "sh", "-c", "echo oh >&2; exit 3"]);
    assert_eq!((code, error.as_str()), (Some(3), "oh\ncommand terminated with exit code 3\n"));
    let (code, error) = bed.fail(&["exec", "web", "--", "no-such-program"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("error executing command in container: No such file"), "{error}");
    let (_, error) = bed.fail(&["exec", "web", "-c", "nope", "--", "true"]);
    assert!(error.contains("container nope is not valid for pod web"), "{error}");
    let gets = bed.cluster.requests().subresource("exec");
    assert!(gets.iter().any(|request| request.method == "GET" && request.status.is_some_and(|code| code == 101)));
}

#[test]
fn a_client_attaches() {
    let Some(bed) = Bed::start() else { return };
    bed.cluster.on_attach(|mut call| async move {
        call.stdout.write_all(format!("attached to {}\n", call.container).as_bytes()).await?;
        Ok(0)
    });
    let printed = bed.run(&["attach", "web"], "");
    assert!(printed.ends_with("attached to app\n"), "{printed}");
}

#[test]
fn files_are_copied() {
    let Some(bed) = Bed::start() else { return };
    bed.cluster.on_exec(run_here::run_here);
    let path = |name: &str| bed.folder.path().join(name);
    let text = |name: &str| path(name).to_str().expect("UTF-8").to_owned();
    fs::create_dir_all(path("site/css")).expect("made");
    fs::write(path("site/index"), "hello").expect("written");
    fs::write(path("site/css/large"), vec![7; 300_000]).expect("written");
    fs::create_dir(path("remote")).expect("made");
    bed.run(&["cp", &text("site"), &format!("web:{}", text("remote"))], "");
    assert_eq!(fs::read_to_string(path("remote/site/index")).expect("read"), "hello");
    bed.run(&["cp", &format!("web:{}", text("remote/site")), &text("back")], "");
    assert_eq!(fs::read(path("back/css/large")).expect("read"), vec![7; 300_000]);
}

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ports_are_forwarded() {
    let Some(bed) = Bed::start() else { return };
    bed.cluster.on_port_forward(|mut call| async move {
        if call.port != 80 {
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "nothing listens"));
        }
        let mut text = Vec::new();
        call.stream.read_to_end(&mut text).await?;
        call.stream.write_all(&text.to_ascii_uppercase()).await
    });
    let mut kubectl = Running(bed.kubectl.start(&["port-forward", "pod/web", ":80"]).expect("it runs"));
    let stdout = kubectl.0.stdout.take().expect("stdout");
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.next().expect("a line").expect("text");
    let address = line.strip_prefix("Forwarding from ").and_then(|rest| rest.split(' ').next());
    let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
    // Both are open at the same time, in one connection to the server.
    let connect = || TcpStream::connect(&address).expect("a connection");
    let (mut one, mut two) = (connect(), connect());
    let answer = |stream: &mut TcpStream, text: &str| {
        stream.write_all(text.as_bytes()).expect("written");
        stream.shutdown(Shutdown::Write).expect("ended");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("read");
        answer
    };
    let large = "abcdefghij".repeat(50_000);
    assert_eq!(answer(&mut two, "hello"), "HELLO");
    assert!(answer(&mut one, &large) == large.to_uppercase());
    assert_eq!(answer(&mut connect(), "again"), "AGAIN");
    assert_eq!(bed.cluster.requests().subresource("portforward").len(), 1);

    let mut kubectl = Running(bed.kubectl.start(&["port-forward", "pod/web", ":81"]).expect("it runs"));
    let mut lines = BufReader::new(kubectl.0.stdout.take().expect("stdout")).lines();
    let line = lines.next().expect("a line").expect("text");
    let address = line.strip_prefix("Forwarding from ").and_then(|rest| rest.split(' ').next()).expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    // kubectl ends it, in one way or the other.
    let _ = stream.read_to_end(&mut Vec::new());
    let mut printed = String::new();
    kubectl.0.stderr.take().expect("stderr").read_to_string(&mut printed).expect("read");
    assert!(
        printed.contains("error forwarding port 81 to pod web") && printed.contains("nothing listens"),
        "{printed}"
    );
}
