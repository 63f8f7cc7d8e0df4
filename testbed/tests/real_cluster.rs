//! What only a running cluster can show. Without a test bed these tests skip themselves.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kubewright_testbed::{Binaries, Cluster, Error, Options, minor, or_skip};

const POD: &str = r#"{
  "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"},
  "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "example.com/main:1"}]}
}"#;

fn binaries() -> Option<Binaries> {
    or_skip(Binaries::find(minor(None).expect("newest minor")))
}

#[test]
fn a_cluster_runs_pods_with_logs_and_exec_and_leaves_nothing_behind() {
    let Some(binaries) = binaries() else { return };
    let options = Options::default();
    let cluster = Cluster::start_from(&binaries, &options).expect("start");
    let folder = cluster.folder().to_owned();

    let version = cluster.kubectl(&["get", "--raw", "/version"]).expect("version");
    if std::env::var_os("KUBEBUILDER_ASSETS").is_none() {
        assert!(version.contains(&format!("v{}", options.minor.kubernetes)), "{version}");
    }
    let versions = cluster.kubectl(&["api-versions"]).expect("api-versions");
    assert!(versions.contains("alpha"), "alpha APIs are to be served: {versions}");

    if cluster.has_kubelet() {
        cluster.kubectl_with_input(&["create", "-f", "-"], POD).expect("create");
        cluster.kubectl(&["wait", "--for=condition=Ready", "pod/one", "--timeout=60s"]).expect("wait");
        let phase = cluster.kubectl(&["get", "pod", "one", "-o", "jsonpath={.status.phase}"]).expect("get");
        assert_eq!(phase, "Running");
        let log = cluster.kubectl(&["logs", "one"]).expect("logs");
        assert_eq!(log, "line 1 of 3\nline 2 of 3\nline 3 of 3\n");
        let previous = cluster.kubectl(&["logs", "one", "--previous"]).expect("logs --previous");
        assert_eq!(previous, "the container before this one\n");
        // kwok 0.8 does not tell a command that its input has ended, so this one must know by itself.
        let said = cluster.kubectl_with_input(&["exec", "-i", "one", "--", "head", "-n1"], "hello\n").expect("exec");
        assert_eq!(said, "hello\n");
        let place = cluster.kubectl(&["exec", "one", "--", "pwd"]).expect("exec");
        assert!(Path::new(place.trim()).ends_with("exec"), "{place}");
    }

    assert!(!processes(&folder).is_empty(), "the servers must be found while they run");
    drop(cluster);
    assert_eq!(processes(&folder), Vec::<String>::new());
    assert!(!folder.exists());
}

#[test]
fn a_command_that_runs_in_a_pod_ends_with_the_cluster() {
    let Some(binaries) = binaries() else { return };
    if binaries.kwok.is_none() {
        return; // no pods
    }
    let cluster = Cluster::start_from(&binaries, &Options::default()).expect("start");
    cluster.kubectl_with_input(&["create", "-f", "-"], POD).expect("create");
    cluster.kubectl(&["wait", "--for=condition=Ready", "pod/one", "--timeout=60s"]).expect("wait");
    // The name makes it easy to find among the machine's processes.
    let marker = format!("running-{}", cluster.folder().file_name().and_then(|name| name.to_str()).expect("a name"));
    let script = format!("sh -c 'sleep 1000; : {marker}' >/dev/null 2>&1 &");
    cluster.kubectl(&["exec", "one", "--", "sh", "-c", &script]).expect("exec");
    assert_eq!(processes(Path::new(&marker)).len(), 1);
    drop(cluster);
    assert_eq!(processes(Path::new(&marker)), Vec::<String>::new());
}

#[test]
fn a_killed_owner_takes_its_cluster_along() {
    if binaries().is_none() {
        return;
    }
    let mut owner = Command::new(env!("CARGO_BIN_EXE_testbed-hold"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start the owner");
    let mut line = String::new();
    BufReader::new(owner.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let kubeconfig = PathBuf::from(line.trim());
    let folder = kubeconfig.parent().expect("a folder").to_owned();
    assert!(processes(&folder).len() >= 2, "the servers must be found while they run: {line:?}");

    owner.kill().expect("SIGKILL"); // on Unix, this is what kill() sends
    owner.wait().expect("wait");

    let deadline = Instant::now() + Duration::from_secs(30);
    while folder.exists() || !processes(&folder).is_empty() {
        assert!(Instant::now() < deadline, "still there: {:?}", processes(&folder));
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn binaries_of_somebody_else_without_a_kubelet_make_a_cluster_without_nodes() {
    let Some(binaries) = binaries() else { return };
    let options = Options { everything: false, ..Options::default() };
    let cluster = Cluster::start_from(&Binaries { kwok: None, ..binaries }, &options).expect("start");
    assert!(!cluster.has_kubelet());
    assert_eq!(cluster.kubectl(&["get", "nodes", "-o", "name"]).expect("get"), "");
    cluster.kubectl(&["create", "namespace", "mine"]).expect("it works nonetheless");
}

#[test]
fn a_restarted_api_server_has_what_was_stored_and_a_compaction_removes_earlier_states() {
    let Some(binaries) = binaries() else { return };
    let options = Options { nodes: 0, ..Options::default() };
    let mut cluster = Cluster::start_from(&binaries, &options).expect("start");
    let version = |cluster: &Cluster| {
        let version = cluster.kubectl(&["get", "namespace", "mine", "-o", "jsonpath={.metadata.resourceVersion}"]);
        version.expect("get").parse::<u64>().expect("a number")
    };
    cluster.kubectl(&["create", "namespace", "mine"]).expect("create");
    let created = version(&cluster);
    cluster.kubectl(&["label", "namespace", "mine", "a=b"]).expect("label");
    let labelled = version(&cluster);
    assert!(cluster.compact().expect("compact") >= labelled);

    let before =
        processes(cluster.folder()).into_iter().filter(|line| line.contains("kube-apiserver")).collect::<Vec<_>>();
    cluster.restart_apiserver().expect("restart");
    let after =
        processes(cluster.folder()).into_iter().filter(|line| line.contains("kube-apiserver")).collect::<Vec<_>>();
    assert!(before.len() == 1 && after.len() == 1 && before != after, "{before:?} {after:?}");
    assert!(cluster.folder().join("kube-apiserver.log.1").is_file());
    assert_eq!(version(&cluster), labelled);
    // It has no history of its own any more, and etcd has none either.
    let watch = format!("/api/v1/namespaces?watch=true&timeoutSeconds=60&resourceVersion={created}");
    let output = cluster.kubectl_output(&["get", "--raw", &watch], "").expect("kubectl");
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("too old resource version") || text.contains("compacted"), "{text}");
    assert_eq!(cluster.ended(), None);
}

#[test]
fn an_aggregated_api_server_answers_behind_the_clusters_own_and_ends_with_it() {
    let Some(binaries) = binaries() else { return };
    if binaries.sample_apiserver.is_none() {
        return; // somebody's own binaries
    }
    let mut cluster = Cluster::start_from(&binaries, &Options { nodes: 0, ..Options::default() }).expect("start");
    let folder = cluster.folder().to_owned();
    cluster.start_sample_apiserver().expect("start");
    let flunder = r#"{"apiVersion": "wardle.example.com/v1beta1", "kind": "Flunder", "metadata": {"name": "one"}}"#;
    cluster.kubectl_with_input(&["create", "-f", "-"], flunder).expect("create");
    assert_eq!(cluster.kubectl(&["get", "flunders", "-o", "name"]).expect("get"), "flunder.wardle.example.com/one\n");

    let of_sample = || processes(&folder).into_iter().filter(|process| process.contains("sample-apiserver")).count();
    assert_eq!(of_sample(), 1);
    drop(cluster);
    assert_eq!(of_sample(), 0);
}

#[test]
fn binaries_without_an_aggregated_api_server_make_a_cluster_that_says_so_when_asked_for_it() {
    let Some(binaries) = binaries() else { return };
    let binaries = Binaries { kwok: None, sample_apiserver: None, ..binaries };
    let mut cluster = Cluster::start_from(&binaries, &Options::default()).expect("start");
    let error = cluster.start_sample_apiserver().expect_err("there is none");
    assert!(error.is_not_installed() && error.to_string().contains("KUBEBUILDER_ASSETS"), "{error}");
}

#[test]
fn a_server_that_does_not_start_shows_its_log_and_leaves_nothing_behind() {
    let Some(binaries) = binaries() else { return };
    let flag = "--no-such-flag-kubewright".to_owned();
    let options = Options { apiserver_flags: vec![flag.clone()], ..Options::default() };
    let error: Error = Cluster::start_from(&binaries, &options).expect_err("the flag is unknown");
    let text = error.to_string();
    assert!(text.starts_with("kube-apiserver of the test bed ended"), "{text}");
    assert!(text.contains("unknown flag"), "{text}");
    assert_eq!(processes(Path::new(&flag)), Vec::<String>::new());
}

#[test]
fn a_taken_port_is_recognised_in_the_servers_log() {
    let Some(binaries) = binaries() else { return };
    let taken = TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = taken.local_addr().expect("address").port();
    // Given last, this flag wins over the port that the cluster chose, each time it is started anew.
    let options = Options { apiserver_flags: vec![format!("--secure-port={port}")], ..Options::default() };
    let error = Cluster::start_from(&binaries, &options).expect_err("the port is taken");
    assert!(error.to_string().contains("gave up after"), "{error}");
}

/// The processes, those that are only waited for excepted, whose arguments name that path.
fn processes(path: &Path) -> Vec<String> {
    let output = Command::new("ps").args(["-A", "-o", "stat=,pid=,args="]).output().expect("ps");
    let path = path.to_str().expect("UTF-8");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter(|line| !line.starts_with('Z') && line.contains(path)).map(str::to_owned).collect()
}
