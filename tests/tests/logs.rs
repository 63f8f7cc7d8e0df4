//! Logs through a real API server, with kwok as the kubelet: each container's log is a file, which the kubelet's own code
//! reads. kwok takes no notice of `stream`, and a log that is followed there never ends by itself.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use futures_util::{StreamExt as _, TryStreamExt as _};
use kubewright::ApiGroups as _;
use kubewright::core::v1::{Container, Pod, PodSpec, Pods};
use kubewright_ops::logs::{LogEvent, LogStream, LogsRequest};
use kubewright_ops::prelude::*;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Client, CompactString, Map, Time};
use kubewright_testbed::{Cluster, Options, kubelet_or_skip, or_skip};
use kubewright_tests::{client, config};
use tokio::io::{AsyncReadExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const WHOLE: &str = "line 1 of 3\nline 2 of 3\nline 3 of 3\n";

/// The pods of a namespace of the test's own.
async fn namespace(client: &Client, namespace: &str) -> Pods {
    kubewright_tests::namespace(client, namespace).await;
    client.core_v1().pods(namespace)
}

/// A pod that runs, with these containers, the first of which is an init container.
async fn run(pods: &Pods, name: &str, labels: &[(&str, &str)], containers: &[&str]) {
    let mut containers: Vec<_> = containers
        .iter()
        .map(|name| Container { name: (*name).into(), image: Some("example.com/web:1".into()), ..Default::default() })
        .collect();
    let init = containers.remove(0);
    let labels: Map<CompactString> =
        labels.iter().map(|(key, value)| (CompactString::from(*key), CompactString::from(*value))).collect();
    let pod = Pod {
        metadata: ObjectMeta { labels, ..ObjectMeta::named(name) },
        spec: PodSpec {
            node_name: Some("node-1".into()),
            init_containers: vec![init],
            containers,
            ..Default::default()
        },
        ..Default::default()
    };
    match pods.create(&pod).await {
        Err(error) if !error.is_already_exists() => panic!("{error}"),
        _ => {}
    }
    pods.wait(name).until(kubewright_ops::wait::pod_running).await.expect("a pod that runs");
}

#[tokio::test]
async fn a_log_is_read_whole_or_in_part() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = namespace(&client(bed.kubeconfig()), "logs-text").await;
    run(&pods, "web", &[], &["init", "main"]).await;
    assert_eq!(pods.log("web").await.expect("a log"), WHOLE);
    assert_eq!(pods.log("web").container("init").bytes().await.expect("a log"), WHOLE);
    let mut read = String::new();
    pods.log("web").reader().await.expect("a reader").read_to_string(&mut read).await.expect("read");
    assert_eq!(read, WHOLE);

    assert_eq!(pods.log("web").tail_lines(1).await.expect("a log"), "line 3 of 3\n");
    assert_eq!(pods.log("web").limit_bytes(15).await.expect("a log"), "line 1 of 3\nlin");
    assert_eq!(pods.log("web").since_seconds(60).await.expect("a log"), "", "all is older");
    let second = Time::parse("2026-01-01T00:00:01Z").expect("a time");
    assert_eq!(pods.log("web").since_time(second).await.expect("a log"), "line 2 of 3\nline 3 of 3\n");
    // A part of a second is no part to the server.
    let later = Time::parse("2026-01-01T00:00:01.9Z").expect("a time");
    assert_eq!(pods.log("web").since_time(later).await.expect("a log"), "line 2 of 3\nline 3 of 3\n");
    let offset = Time::parse("2026-01-01T01:00:02+01:00").expect("a time");
    assert_eq!(pods.log("web").since_time(offset).await.expect("a log"), "line 3 of 3\n");
    assert_eq!(pods.log("web").previous().await.expect("a log"), "the container before this one\n");
    let stamped = pods.log("web").timestamps().tail_lines(1).await.expect("a log");
    assert_eq!(stamped, "2026-01-01T00:00:02.000000000Z line 3 of 3\n");
}

#[tokio::test]
async fn lines_come_with_their_times() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = namespace(&client(bed.kubeconfig()), "logs-lines").await;
    run(&pods, "web", &[], &["init", "main"]).await;
    let lines = pods.log("web").timestamps().lines().await.expect("lines");
    let lines: Vec<_> = lines.try_collect().await.expect("no error");
    let times: Vec<_> = lines.iter().map(|line| line.time.expect("a time").to_string()).collect();
    assert_eq!(times[0], "2026-01-01T00:00:00.000000000Z");
    assert_eq!(lines.iter().map(|line| line.text().into_owned() + "\n").collect::<String>(), WHOLE);
    // What is followed does not end, and comes as it is written.
    let mut lines = pods.log("web").follow().tail_lines(2).lines().await.expect("lines");
    for expected in ["line 2 of 3", "line 3 of 3"] {
        assert_eq!(lines.try_next().await.expect("no error").expect("a line").to_string(), expected);
    }
}

#[tokio::test]
async fn refusals_are_told_by_what_is_wrong() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = namespace(&client(bed.kubeconfig()), "logs-errors").await;
    run(&pods, "web", &[], &["init", "main", "side"]).await;
    let error = pods.log("no-such-pod").await.expect_err("no pod");
    assert!(error.is_not_found() && error.to_string().contains("no-such-pod"), "{error}");
    let error = pods.log("web").container("nope").lines().await.expect_err("no container");
    assert!(error.is_bad_request() && error.to_string().contains("nope"), "{error}");
    let error = pods.log("web").await.expect_err("which container?");
    assert!(error.is_bad_request() && error.to_string().contains("side"), "{error}");
    let error = pods.log("web").container("main").tail_lines(-1).reader().await.expect_err("not so many");
    assert!(error.is_invalid(), "{error}");
    let both = pods.log("web").container("main").since_seconds(1).since_time(Time::now());
    let error = both.await.expect_err("one of the two");
    assert!(error.is_invalid() && error.to_string().contains("sinceTime"), "{error}");
    // With the feature gate, a stream that isn't one; without it, any stream.
    let error = pods.log("web").container("main").stream("Neither").await.expect_err("no such stream");
    assert!(error.is_invalid() && error.to_string().contains("stream"), "{error}");
}

/// What each container said, and what else was told.
async fn said(logs: LogsRequest) -> (BTreeSet<(String, String)>, Vec<String>) {
    let (mut said, mut told) = (BTreeSet::new(), Vec::new());
    let mut events = logs.stream();
    while let Some(event) = events.try_next().await.expect("the pods are listed") {
        match event {
            LogEvent::Line(line) => {
                assert!(line.line.time.is_some());
                let is_new = said.insert((format!("{}/{}", line.source.pod, line.source.container), line.to_string()));
                assert!(is_new, "{line} came twice");
            }
            LogEvent::Started(_) | LogEvent::Ended(_) => {}
            other => told.push(other.to_string()),
        }
    }
    (said, told)
}

fn expected(containers: &[&str]) -> BTreeSet<(String, String)> {
    let lines = |container: &&str| {
        let container = container.to_string();
        WHOLE.lines().map(move |line| (container.clone(), line.to_owned())).collect::<Vec<_>>()
    };
    containers.iter().flat_map(lines).collect()
}

#[tokio::test]
async fn the_logs_of_a_selectors_pods_and_containers_come_as_one() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let pods = namespace(&client, "logs-merged").await;
    run(&pods, "web-0", &[("app", "web")], &["init", "main", "side"]).await;
    run(&pods, "web-1", &[("app", "web")], &["init", "main", "side"]).await;
    run(&pods, "cache", &[("app", "cache")], &["init", "main"]).await;
    let nothing: Vec<String> = Vec::new();

    let all = ["web-0/main", "web-0/side", "web-1/main", "web-1/side"];
    assert_eq!(said(pods.logs().labels("app=web")).await, (expected(&all), nothing.clone()));
    let main = ["web-0/main", "web-1/main", "cache/main"];
    assert_eq!(said(pods.logs().container("main").max_streams(1)).await, (expected(&main), nothing.clone()));
    let with_init = ["cache/init", "cache/main"];
    assert_eq!(said(pods.logs().pod("cache").init_containers()).await, (expected(&with_init), nothing.clone()));
    let everywhere = LogsRequest::in_all_namespaces(&client).fields("metadata.namespace=logs-merged").container("init");
    assert_eq!(said(everywhere).await, (expected(&["web-0/init", "web-1/init", "cache/init"]), nothing));

    let (lines, told) = said(pods.logs().pod("web-0").pod("gone").container("side").tail_lines(1)).await;
    assert_eq!(lines.into_iter().collect::<Vec<_>>(), [("web-0/side".to_owned(), "line 3 of 3".to_owned())]);
    assert!(told.len() == 1 && told[0].starts_with("logs-merged/gone: ") && told[0].contains("NotFound"), "{told:?}");
    let (lines, told) = said(pods.logs().labels("app=web").previous()).await;
    assert!(lines.is_empty() && told.len() == 4, "no container was started anew: {told:?}");
}

/// A way to a server that can be cut: every connection over it breaks, and new ones can be made.
async fn cuttable(server: &str) -> (SocketAddr, watch::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (cut, cuts) = watch::channel(());
    let server = server.trim_start_matches("https://").to_owned();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (server, mut cuts) = (server.clone(), cuts.clone());
            cuts.mark_unchanged();
            tokio::spawn(async move {
                let Ok(mut far) = TcpStream::connect(server).await else { return };
                tokio::select! {
                    _ = copy_bidirectional(&mut near, &mut far) => {}
                    _ = cuts.changed() => {}
                }
            });
        }
    });
    (address, cut)
}

/// Appends to the log of every container.
fn append(folder: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).open(folder.join("container.log")).expect("a log");
    file.write_all(text.as_bytes()).expect("written");
}

/// The next lines of a pod, and nothing else but that connections broke.
async fn lines(events: &mut LogStream, pod: &str, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.len() < count {
        match events.next().await.expect("no end").expect("no error") {
            LogEvent::Line(line) => {
                assert_eq!(line.source.pod, pod);
                lines.push(line.to_string());
            }
            LogEvent::Retrying { .. } | LogEvent::Unwatched { .. } => {}
            LogEvent::Started(source) => assert_eq!(source.pod, pod),
            other => panic!("{other:?}"),
        }
    }
    lines
}

#[tokio::test]
async fn a_log_that_grows_is_followed_over_connections_that_break_and_new_pods_join() {
    let Some(cluster) = or_skip(Cluster::start(&Options::default())) else { return };
    if !cluster.has_kubelet() {
        eprintln!("SKIPPED: the test bed has no kubelet");
        return;
    }
    let (address, cut) = cuttable(cluster.server()).await;
    let mut config = config(cluster.kubeconfig());
    config.server = format!("https://{address}").parse().expect("an address");
    let direct = namespace(&client(cluster.kubeconfig()), "logs-follow").await;
    run(&direct, "web-0", &[("app", "web")], &["init", "main"]).await;

    let pods = Client::new(&config).expect("a client").core_v1().pods("logs-follow");
    let mut events = pods.logs().labels("app=web").follow().tail_lines(2).stream();
    assert_eq!(lines(&mut events, "web-0", 2).await, ["line 2 of 3", "line 3 of 3"]);
    for round in 0..5 {
        // The same times, and the same lines, on both sides of the cut.
        let line = |text: &str| format!("2026-01-01T00:01:{round:02}.5Z stdout F {text}\n");
        append(cluster.folder(), &(line("same") + &line("same")));
        assert_eq!(lines(&mut events, "web-0", 2).await, ["same", "same"]);
        cut.send(()).expect("somebody listens");
        append(cluster.folder(), &(line("same") + &line("other")));
        assert_eq!(lines(&mut events, "web-0", 2).await, ["same", "other"]);
    }

    run(&direct, "web-1", &[("app", "web")], &["init", "main"]).await;
    let whole = lines(&mut events, "web-1", 23).await;
    assert_eq!((whole[0].as_str(), whole[22].as_str()), ("line 1 of 3", "other"));
}
