//! Exec, attach, port-forward and proxy through a real API server, with kwok as the kubelet. kwok tells no exit codes,
//! never closes a command's stdin, and answers at every port; what it can't do is tested in the runtime's own suites.
#![allow(missing_docs)]

use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use kubewright::ApiGroups as _;
use kubewright::core::v1::{Container, Pod, PodSpec, Pods};
use kubewright_runtime::api::Handle;
use kubewright_runtime::config::Impersonate;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::stream::{ForwardEvent, Upgraded};
use kubewright_runtime::{Client, Resource as _};
use kubewright_testbed::kubelet_or_skip;
use kubewright_tests::{client, config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A namespace of the test's own with a pod `web` in it, which runs.
async fn pods(client: &Client, namespace: &str) -> Pods {
    kubewright_tests::namespace(client, namespace).await;
    let pods = client.core_v1().pods(namespace);
    for (name, node) in [("web", Some("node-1")), ("nowhere", None)] {
        let container =
            Container { name: "main".into(), image: Some("example.com/web:1".into()), ..Default::default() };
        let pod = Pod {
            metadata: ObjectMeta::named(name),
            spec: PodSpec { node_name: node.map(Into::into), containers: vec![container], ..Default::default() },
            ..Default::default()
        };
        match pods.create(&pod).await {
            Err(error) if !error.is_already_exists() => panic!("{error}"),
            _ => {}
        }
    }
    pods.wait("web").until(kubewright_ops::wait::pod_running).await.expect("a pod that runs");
    pods
}

#[tokio::test]
async fn a_commands_output_and_success_are_told() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-output").await;
    let output = pods.exec("web", ["sh", "-c", "echo to stdout; echo to stderr >&2"]).output().await.expect("output");
    assert_eq!((output.text().as_str(), output.error_text().as_str()), ("to stdout\n", "to stderr\n"));
    assert!(output.success());
    let output = pods.exec("web", ["echo", "a b&c=d", "%2F+?"]).container("main").output().await.expect("output");
    assert_eq!(output.text(), "a b&c=d %2F+?\n");
    let error = pods.exec("web", ["sh", "-c", "exit 3"]).output().await.expect_err("as kwok has it");
    assert!(error.is_internal() && error.to_string().contains("exit status 3"), "{error}");
}

#[tokio::test]
async fn large_data_arrives_whole_in_both_directions() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-large").await;
    let sent: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    // The command waits for a line before it ends: else the server may lose what it wrote last (docs/streams.md).
    let command = ["sh", "-c", "head -c 5000000 && read -r _"];
    let mut session = pods.exec("web", command).stdin().start().await.expect("a session");
    let (mut stdin, mut stdout) = (session.stdin.take().expect("stdin"), session.stdout.take().expect("stdout"));
    let mut echo = vec![0; sent.len()];
    let (written, read) = tokio::join!(stdin.write_all(&sent), stdout.read_exact(&mut echo));
    written.expect("written");
    read.expect("read");
    assert!(echo == sent);
    stdin.write_all(b"\n").await.expect("written");
    assert_eq!(stdout.read(&mut [0; 8]).await.expect("the end"), 0);
    assert!(session.wait().await.expect("a status").success());
}

#[tokio::test]
async fn a_session_reads_and_writes_by_turns() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-session").await;
    let mut session = pods.exec("web", ["cat"]).stdin().start().await.expect("a session");
    assert_eq!(session.protocol(), "v5.channel.k8s.io");
    let (mut stdin, mut stdout) = (session.stdin.take().expect("stdin"), session.stdout.take().expect("stdout"));
    for line in ["one\n", "two\n", "three\n"] {
        stdin.write_all(line.as_bytes()).await.expect("written");
        let mut answer = vec![0; line.len()];
        stdout.read_exact(&mut answer).await.expect("read");
        assert_eq!(answer, line.as_bytes());
    }
    drop(session);
    assert!(stdout.read(&mut [0; 8]).await.is_err(), "dropping the session ended it");
}

#[tokio::test]
async fn a_terminal_is_one_and_has_the_size_that_is_set() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-terminal").await;
    let script = r#"until [ "$(stty size)" = "30 100" ]; do sleep 0.02; done; echo sized; exec cat"#;
    let mut session = pods.exec("web", ["sh", "-c", script]).stdin().tty().start().await.expect("a session");
    session.resize.as_ref().expect("a terminal").set(100, 30).expect("set");
    // kwok loses what a terminal shows last, so this one stays open.
    let (mut text, stdout) = (Vec::new(), session.stdout.as_mut().expect("stdout"));
    while !text.ends_with(b"sized\r\n") {
        text.extend_from_slice(&stdout.chunk().await.expect("read").expect("more"));
    }
    assert!(session.stderr.is_none());
}

#[tokio::test]
async fn attaching_gives_a_session() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-attach").await;
    let session = pods.attach("web").container("main").start().await.expect("a session");
    assert_eq!(session.protocol(), "v5.channel.k8s.io");
    assert!(session.stdin.is_none() && session.stdout.is_some() && session.stderr.is_some());
}

#[tokio::test]
async fn refusals_are_told_by_what_is_wrong() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let pods = pods(&client, "streams-errors").await;
    let error = pods.exec("no-such-pod", ["date"]).output().await.expect_err("no pod");
    assert!(error.is_not_found() && error.to_string().contains("no-such-pod"), "{error}");
    let error = pods.exec("web", ["date"]).container("nope").output().await.expect_err("no container");
    assert!(error.is_bad_request() && error.to_string().contains("container nope"), "{error}");
    let error = pods.exec("nowhere", ["date"]).output().await.expect_err("no node");
    assert!(error.is_bad_request() && error.to_string().contains("host"), "{error}");
    let error = pods.port_forward("no-such-pod", 80).connect().await.expect_err("no pod");
    assert!(error.is_not_found(), "{error}");
    let error = pods.port_forward("no-such-pod", 80).listen("127.0.0.1:0").await.expect_err("no pod");
    assert!(error.is_not_found(), "{error}");
    let error = pods.exec("web", ["no-such-program"]).output().await.expect_err("no program");
    assert!(error.is_internal() && error.to_string().contains("no-such-program"), "{error}");
}

#[tokio::test]
async fn a_session_is_started_as_the_user_that_every_other_call_is_made_as() {
    let Some(bed) = kubelet_or_skip() else { return };
    pods(&client(bed.kubeconfig()), "streams-user").await;
    let mut config = config(bed.kubeconfig());
    config.impersonate = Some(Impersonate { user: "nobody".to_owned(), ..Default::default() });
    let pods = Client::new(&config).expect("a client").core_v1().pods("streams-user");
    let error = pods.exec("web", ["date"]).output().await.expect_err("forbidden");
    assert!(error.is_forbidden() && error.to_string().contains("nobody"), "{error}");
}

#[tokio::test]
async fn a_port_is_forwarded_by_a_tunnel() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-port").await;
    let mut stream = pods.port_forward("web", 8080).connect().await.expect("a stream");
    assert!(stream.half_closes(), "a server of this age tunnels");
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let mut echo = vec![0; sent.len()];
    let (written, read) = tokio::join!(writer.write_all(&sent), reader.read_exact(&mut echo));
    written.expect("written");
    read.expect("read");
    assert!(echo == sent);
}

#[tokio::test]
async fn a_local_port_serves_many_connections_at_once() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "streams-listen").await;
    let failures = Arc::new(Mutex::new(Vec::new()));
    let seen = failures.clone();
    let forward = pods.port_forward("web", 8080).on_event(move |event| {
        if let ForwardEvent::Failed { error, .. } = event {
            seen.lock().expect("not poisoned").push(error.to_string());
        }
    });
    let forward = forward.listen("127.0.0.1:0").await.expect("it listens");
    let mut connections = Vec::new();
    for number in 0..10_u8 {
        let mut connection = TcpStream::connect(forward.local_addr()).await.expect("connected");
        connection.write_all(&[number; 1000]).await.expect("written");
        connections.push((number, connection));
    }
    for (number, connection) in connections.iter_mut().rev() {
        let mut echo = [0; 1000];
        connection.read_exact(&mut echo).await.expect("answered");
        assert_eq!(echo, [*number; 1000]);
    }
    assert_eq!(*failures.lock().expect("not poisoned"), [""; 0]);
}

#[tokio::test]
async fn what_the_api_server_says_about_a_proxied_request_is_the_response() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    // The test bed's node is at 127.0.0.1, to which an API server passes nothing on.
    let response = client.core_v1().nodes().proxy("node-1").get("/healthz?verbose").await.expect("a response");
    assert_eq!(response.status(), 400);
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let body = String::from_utf8_lossy(&body);
    assert!(body.contains("address not allowed"), "{body}");
    let missing = client.core_v1().nodes().proxy("no-such-node").get("/").await.expect("a response");
    assert_eq!(missing.status(), 404);
}

/// All binary messages until the server ends the connection, but the empty ones that say that it is there.
async fn messages(mut connection: Upgraded, wanted: usize) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while messages.len() < wanted
        && let Some(message) = connection.chunk().await.expect("no error")
    {
        if message.len() > 1 {
            messages.push(message.to_vec());
        }
    }
    messages.sort();
    messages
}

#[tokio::test]
async fn what_older_servers_speak_is_what_a_kubelet_still_speaks() {
    let Some(bed) = kubelet_or_skip() else { return };
    let client = client(bed.kubeconfig());
    pods(&client, "streams-older").await;
    let pods: Handle<Pod> = Handle::namespaced(&client, Pod::RESOURCE, "streams-older");
    let command = pods.connect("web", "exec").protocol("v4.channel.k8s.io");
    let command = command.query("command", "echo").query("command", "hello").query("stdout", "true");
    let said = messages(command.await.expect("connected"), 2).await;
    assert_eq!(said[0], b"\x01hello\n");
    assert!(said[1].starts_with(b"\x03{") && said[1].ends_with(b"\"status\":\"Success\"}"), "{said:?}");

    let port = pods.connect("web", "portforward").protocol("v4.channel.k8s.io").query("ports", "8080");
    let mut port = port.await.expect("connected");
    port.write_all(b"\0hello").await.expect("written");
    // The port in front of each channel, then the echo.
    assert_eq!(messages(port, 3).await, [&b"\0hello"[..], b"\0\x90\x1f", b"\x01\x90\x1f"]);
}
