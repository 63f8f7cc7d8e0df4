//! Commands and attachments that a handler of the test answers.

use std::io;
use std::sync::{Arc, Mutex};

use http::Request;
use http_body_util::BodyExt as _;
use kubewright_fake::{FakeCluster, SessionCall, TerminalSize};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use super::{cluster, connect, listening, pods};

/// A few commands.
async fn shell(mut call: SessionCall) -> io::Result<i32> {
    let command: Vec<&str> = call.command.iter().map(String::as_str).collect();
    match command.as_slice() {
        ["echo", rest @ ..] => {
            call.stdout.write_all(format!("{}\n", rest.join(" ")).as_bytes()).await?;
            Ok(0)
        }
        ["cat"] => {
            tokio::io::copy(&mut call.stdin, &mut call.stdout).await?;
            Ok(0)
        }
        ["fail", code] => {
            call.stdout.write_all(b"before\n").await?;
            call.stderr.write_all(b"it failed\n").await?;
            Ok(code.parse().unwrap_or_default())
        }
        ["where"] => {
            let place = format!("{}/{}/{} {}", call.namespace, call.pod, call.container, call.tty);
            call.stdout.write_all(place.as_bytes()).await?;
            Ok(0)
        }
        _ => Err(io::Error::other(format!("exec: {:?}: executable file not found in $PATH", call.command[0]))),
    }
}

fn with_shell() -> FakeCluster {
    let cluster = cluster();
    cluster.on_exec(shell);
    cluster
}

#[tokio::test]
async fn a_commands_output_and_exit_code_arrive() {
    let cluster = with_shell();
    let (_listener, over_a_port) = listening(&cluster).await;
    for pods in [pods(&cluster), over_a_port] {
        let output = pods.exec("web", ["echo", "a b&c=d", "%2F+?"]).output().await.expect("output");
        assert_eq!((output.text().as_str(), output.error_text().as_str()), ("a b&c=d %2F+?\n", ""));
        assert!(output.success());
        let output = pods.exec("web", ["fail", "42"]).output().await.expect("output");
        assert_eq!((output.text().as_str(), output.error_text().as_str()), ("before\n", "it failed\n"));
        assert_eq!(output.status.code(), 42);
        let output = pods.exec("web", ["fail", "1"]).without_stderr().output().await.expect("output");
        assert_eq!((output.text().as_str(), output.error_text().as_str()), ("before\n", ""));
        let error = pods.exec("web", ["date"]).output().await.expect_err("no such program");
        assert!(error.is_internal() && error.to_string().contains("executable file not found"), "{error}");
        let output = pods.exec("pair", ["where"]).container("proxy").output().await.expect("output");
        assert_eq!(output.text(), "shop/pair/proxy false");
    }
    let requests = cluster.requests().subresource("exec").named("pair");
    requests.assert_count(2);
    assert_eq!(requests[1].parameter("command"), Some("where"));
    assert_eq!(requests[1].status.map(|status| status.as_u16()), Some(101));
}

#[tokio::test]
async fn input_arrives_whole_with_its_end_in_both_directions() {
    let cluster = with_shell();
    let (_listener, over_a_port) = listening(&cluster).await;
    let sent: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    for pods in [pods(&cluster), over_a_port] {
        let output = pods.exec("web", ["cat"]).input(sent.clone()).output().await.expect("output");
        assert!(output.stdout == sent);
        let output = pods.exec("web", ["cat"]).output().await.expect("output");
        assert_eq!(output.text(), "", "stdin that was not asked for is empty");
    }
}

#[tokio::test]
async fn a_session_reads_and_writes_by_turns() {
    let cluster = with_shell();
    let mut session = pods(&cluster).exec("web", ["cat"]).stdin().start().await.expect("a session");
    assert_eq!(session.protocol(), "v5.channel.k8s.io");
    let (mut stdin, mut stdout) = (session.stdin.take().expect("stdin"), session.stdout.take().expect("stdout"));
    for line in ["one\n", "two\n"] {
        stdin.write_all(line.as_bytes()).await.expect("written");
        let mut answer = vec![0; line.len()];
        stdout.read_exact(&mut answer).await.expect("read");
        assert_eq!(answer, line.as_bytes());
    }
    stdin.shutdown().await.expect("ended");
    assert_eq!(stdout.read(&mut [0; 8]).await.expect("the end"), 0);
    assert!(session.wait().await.expect("a status").success());
}

#[tokio::test]
async fn a_terminal_has_the_sizes_that_are_set_and_one_output() {
    let cluster = cluster();
    cluster.on_exec(|mut call| async move {
        let size = call.sizes.next().await.unwrap_or_default();
        let TerminalSize { columns, rows } = size;
        call.stderr.write_all(format!("{columns}x{rows} {}", call.tty).as_bytes()).await?;
        Ok(0)
    });
    let session = pods(&cluster).exec("web", ["sh"]).stdin().tty().start().await;
    let mut session = session.expect("a session");
    session.resize.as_ref().expect("a terminal").set(100, 30).expect("set");
    let mut text = String::new();
    session.stdout.take().expect("stdout").read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "100x30 true");
    assert!(session.stderr.is_none());
    assert!(session.wait().await.expect("a status").success());
}

#[tokio::test]
async fn attaching_has_a_handler_of_its_own_and_no_command() {
    let cluster = with_shell();
    cluster.on_attach(|mut call| async move {
        call.stdout.write_all(format!("{:?} {}", call.command, call.container).as_bytes()).await?;
        Ok(0)
    });
    let mut session = pods(&cluster).attach("pair").container("proxy").start().await.expect("a session");
    let mut text = String::new();
    session.stdout.take().expect("stdout").read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "[] proxy");
    assert!(session.wait().await.expect("a status").success());
}

#[tokio::test]
async fn clients_of_before_the_close_signal_are_served() {
    let cluster = with_shell();
    let query = [("command", "echo"), ("command", "hello"), ("stdout", "1")];
    let mut connection = connect(&cluster, "exec", "v4.channel.k8s.io", &query).await.expect("a session");
    assert_eq!(connection.protocol(), Some("v4.channel.k8s.io"));
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).await.expect("read");
    assert_eq!(bytes, b"\x01\x01hello\n\x03{\"metadata\":{},\"status\":\"Success\"}");
    let error = connect(&cluster, "exec", "v3.channel.k8s.io", &query).await.expect_err("an old protocol");
    assert!(error.to_string().contains("v3.channel.k8s.io"), "{error}");
    assert!(connect(&cluster, "exec", "bogus", &query).await.expect_err("no protocol").is_forbidden());
}

/// Sends when it is dropped.
struct OnDrop(Option<oneshot::Sender<()>>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        // The test may be over.
        let _ = self.0.take().map(|sender| sender.send(()));
    }
}

#[tokio::test]
async fn a_handler_is_dropped_when_the_client_or_the_listener_is() {
    let cluster = cluster();
    let dropped = Arc::new(Mutex::new(None));
    let receivers = dropped.clone();
    cluster.on_exec(move |mut call| {
        let (sender, receiver) = oneshot::channel();
        *receivers.lock().expect("a lock") = Some(receiver);
        async move {
            let _guard = OnDrop(Some(sender));
            call.stdout.write_all(b"started").await?;
            std::future::pending().await
        }
    });
    let is_dropped = || dropped.lock().expect("a lock").take().expect("it was called");
    let mut started = [0; 7];
    let mut session = pods(&cluster).exec("web", ["sleep"]).start().await.expect("a session");
    session.stdout.as_mut().expect("stdout").read_exact(&mut started).await.expect("read");
    drop(session);
    is_dropped().await.expect("the handler is dropped with the client");

    let (listener, pods) = listening(&cluster).await;
    let mut session = pods.exec("web", ["sleep"]).start().await.expect("a session");
    session.stdout.as_mut().expect("stdout").read_exact(&mut started).await.expect("read");
    listener.close().await;
    is_dropped().await.expect("the handler is dropped with the listener");
    let error = session.wait().await.expect_err("no status");
    assert!(error.is_connection(), "{error}");
}

#[tokio::test]
async fn refusals_are_those_of_a_server_and_faults_occur() {
    let cluster = cluster();
    let pods = pods(&cluster);
    let error = pods.exec("web", ["date"]).output().await.expect_err("no handler");
    assert!(error.to_string().contains("FakeCluster::on_exec"), "{error}");
    let error = pods.attach("web").start().await.expect_err("no handler");
    assert!(error.to_string().contains("FakeCluster::on_attach"), "{error}");
    cluster.on_exec(shell);
    let error = pods.exec("absent", ["date"]).output().await.expect_err("no pod");
    assert!(error.is_not_found() && error.to_string().contains("absent"), "{error}");
    let error = pods.exec("pair", ["date"]).output().await.expect_err("two containers");
    assert!(error.is_bad_request() && error.to_string().contains("choose one of: [app proxy]"), "{error}");
    let error = pods.exec("web", ["date"]).container("nope").output().await.expect_err("no container");
    assert!(error.is_bad_request() && error.to_string().contains("container nope is not valid"), "{error}");
    cluster.faults().on_any().subresource("exec").internal_error();
    assert!(pods.exec("web", ["echo"]).output().await.expect_err("a fault").is_internal());
    assert!(pods.exec("web", ["echo"]).output().await.expect("output").success());
}

/// What a POST with these headers is answered with: the status, and the message.
async fn post(cluster: &FakeCluster, headers: &[(&'static str, &'static str)]) -> (u16, String) {
    let mut request = Request::post("/api/v1/namespaces/shop/pods/web/exec?command=cat&stdin=1&stdout=1");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(String::new()).expect("a request");
    let (parts, body) = cluster.service().oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let status: Value = serde_json::from_slice(&body).expect("a status");
    (parts.status.as_u16(), status["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn spdy_and_requests_for_no_other_protocol_are_refused() {
    let cluster = with_shell();
    let (code, message) = post(&cluster, &[("connection", "Upgrade"), ("upgrade", "SPDY/3.1")]).await;
    assert!(code == 501 && message.contains("SPDY, which WebSocket has replaced"), "{code} {message}");
    assert_eq!(post(&cluster, &[]).await, (400, "Upgrade request required".to_owned()));
    let (code, message) = post(&cluster, &[("connection", "keep-alive, upgrade"), ("upgrade", "WebSocket")]).await;
    assert!(code == 400 && message.contains("has no key"), "{code} {message}");
}

#[tokio::test]
async fn a_handler_that_panics_is_a_broken_connection() {
    let cluster = cluster();
    cluster.on_exec(|_| async { panic!("this is what the test wants") });
    let error = pods(&cluster).exec("web", ["echo"]).output().await.expect_err("no status");
    assert!(error.is_connection(), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_copied_by_the_tar_of_a_handler() {
    use std::fs;

    let cluster = cluster();
    cluster.on_exec(crate::run_here::run_here);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let text = |name: &str| path(name).to_str().expect("UTF-8").to_owned();
    fs::create_dir_all(path("site/css")).expect("made");
    fs::write(path("site/index"), "hello").expect("written");
    fs::write(path("site/css/large"), vec![7; 300_000]).expect("written");
    fs::create_dir(path("remote")).expect("made");
    let pods = pods(&cluster);
    pods.copy_to("web", path("site"), &text("remote")).await.expect("copied");
    pods.copy_from("web", &text("remote/site"), path("back")).await.expect("copied");
    assert_eq!(fs::read_to_string(path("back/index")).expect("read"), "hello");
    assert_eq!(fs::read(path("back/css/large")).expect("read"), vec![7; 300_000]);
}
