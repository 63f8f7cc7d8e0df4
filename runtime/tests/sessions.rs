//! Exec and attach against a peer that says message by message what comes: what a real server does rarely, or never on
//! the test bed.
#![allow(missing_docs)]

mod peer;
mod support;

use std::io;
use std::time::Duration;

use futures_util::SinkExt as _;
use http::Response;
use kubewright_runtime::Client;
use kubewright_runtime::stream::{ExecRequest, KeepAlive, Session};
use kubewright_runtime::transport::Body;
use peer::{Peer, SUCCESS, V4, V5, client, client_with_buffer, pods};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

fn exec(client: &Client) -> ExecRequest<()> {
    pods(client).exec("web-0", "exec", ["sh", "-c", "date"])
}

fn failure(code: i32) -> String {
    format!(
        r#"{{"status":"Failure","reason":"NonZeroExitCode","message":"command terminated","details":{{"causes":[{{"reason":"ExitCode","message":"{code}"}}]}}}}"#
    )
}

/// A script that hands its peer to the test.
fn handed_over(protocols: &'static [&'static str], buffer: usize) -> (Client, mpsc::UnboundedReceiver<Peer>) {
    let (send, receive) = mpsc::unbounded_channel();
    let (client, _) = client_with_buffer(buffer, protocols, move |peer| {
        let send = send.clone();
        async move { drop(send.send(peer)) }
    });
    (client, receive)
}

async fn started(request: ExecRequest<()>, peers: &mut mpsc::UnboundedReceiver<Peer>) -> (Session, Peer) {
    let session = request.start().await.expect("a session");
    (session, peers.recv().await.expect("a peer"))
}

#[tokio::test]
async fn the_request_is_one_for_websocket_with_the_streams_that_are_wanted() {
    let (client, log) = client_with_buffer(1024, &[V5], |mut peer| async move { peer.say(3, SUCCESS).await });
    exec(&client).container("app").output().await.expect("output");
    let mut shell = exec(&client).stdin().tty().start().await.expect("a session");
    assert!(shell.wait().await.expect("a status").success());
    let log = log.lock().expect("not poisoned");
    let targets: Vec<_> = log.iter().map(|(target, _)| target.as_str()).collect();
    let path = "/api/v1/namespaces/shop/pods/web-0/exec?command=sh&command=-c&command=date";
    assert_eq!(
        targets,
        [format!("{path}&container=app&stdout=true&stderr=true"), format!("{path}&stdin=true&stdout=true&tty=true"),]
    );
    let header = |name: &str| log[0].1.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(header("sec-websocket-protocol"), "v5.channel.k8s.io, v4.channel.k8s.io");
    assert_eq!((header("upgrade"), header("connection")), ("websocket".to_owned(), "Upgrade".to_owned()));
    assert_eq!(header("sec-websocket-version"), "13");
}

/// A service of a program's own that stands in the place of the connections, and can't switch protocols.
#[tokio::test]
async fn a_root_service_without_upgrades_says_so_and_another_one_may_have_them() {
    let answering = |switch: bool| {
        tower::service_fn(move |request: http::Request<Body>| async move {
            let mut response = Response::new(Body::from("answer"));
            let key = request.headers().get("sec-websocket-key");
            if let Some(key) = key.map(http::HeaderValue::as_bytes).filter(|_| switch) {
                *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
                let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key);
                let headers = [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-protocol", V5)];
                for (name, value) in headers {
                    response.headers_mut().insert(name, value.parse().expect("a value"));
                }
                response.headers_mut().insert("sec-websocket-accept", accept.parse().expect("a value"));
            }
            Ok::<_, std::convert::Infallible>(response)
        })
    };
    for (switch, words) in
        [(false, "ClientBuilder::upgrades"), (true, "or put an `Upgrade` into the response's extensions")]
    {
        let client = Client::from_service(answering(switch), "shop");
        let error = exec(&client).output().await.expect_err("no connection");
        assert!(error.to_string().contains(words), "{words}: {error}");
        // Everything else works.
        assert_eq!(client.get_text("/version", "text/plain").await.expect("an answer"), "answer");
    }

    let (peers, _) = client_with_buffer(1024, &[V5], |mut peer| async move { peer.say(3, SUCCESS).await });
    let upgrades = tower::service_fn(move |request: http::Request<Body>| {
        let peers = peers.clone();
        async move { peers.send(request).await }
    });
    let client = kubewright_runtime::ClientBuilder::from_service(answering(false)).upgrades(upgrades).build();
    exec(&client).output().await.expect("output");
    assert_eq!(client.get_text("/version", "text/plain").await.expect("an answer"), "answer");
}

#[tokio::test]
async fn output_has_both_streams_and_the_exit_code() {
    let client = client(&[V5], |mut peer| async move {
        peer.say(1, "").await;
        peer.say(1, "to stdout, ").await;
        peer.say(2, "to stderr").await;
        peer.say(1, "twice").await;
        peer.say(3, failure(42)).await;
        peer.close().await;
    });
    let output = exec(&client).output().await.expect("output");
    assert_eq!((output.text().as_str(), output.error_text().as_str()), ("to stdout, twice", "to stderr"));
    assert_eq!((output.status.code(), output.status.signal(), output.success()), (42, None, false));
}

#[tokio::test]
async fn a_command_that_a_signal_killed_is_told_from_one_that_failed() {
    let client = client(&[V5], |mut peer| async move { peer.say(3, failure(137)).await });
    let output = exec(&client).output().await.expect("output");
    assert_eq!(output.status.signal(), Some(9));
    assert_eq!(output.status.to_string(), "killed by signal 9 (exit code 137)");
}

#[tokio::test]
async fn a_servers_own_error_is_an_api_error_and_no_exit_code() {
    let status = r#"{"status":"Failure","reason":"InternalError","message":"no such file: sh","code":500}"#;
    let client = client(&[V5], move |mut peer| async move { peer.say(3, status).await });
    let error = exec(&client).output().await.expect_err("it can't be run");
    assert!(error.is_api() && error.is_internal(), "{error}");
    assert!(error.to_string().contains("no such file: sh") && error.to_string().contains("/web-0/exec"), "{error}");
}

#[tokio::test]
async fn a_connection_that_ends_without_a_status_is_an_error_on_every_stream() {
    let client = client(&[V5], |mut peer| async move {
        peer.say(1, "so far").await;
        peer.close().await;
    });
    let error = exec(&client).output().await.expect_err("no status");
    assert!(error.is_connection() && error.to_string().contains("without an exit status"), "{error}");
    let mut session = exec(&client).start().await.expect("a session");
    let (mut stdout, mut stderr) = (session.stdout.take().expect("stdout"), session.stderr.take().expect("stderr"));
    assert_eq!(stdout.chunk().await.expect("a piece").as_deref(), Some(&b"so far"[..]));
    assert_eq!(stdout.read(&mut [0; 8]).await.expect_err("no status").kind(), io::ErrorKind::ConnectionAborted);
    assert!(stdout.chunk().await.expect_err("no status").is_connection());
    assert_eq!(stderr.read(&mut [0; 8]).await.expect_err("no status").kind(), io::ErrorKind::ConnectionAborted);
    assert!(session.wait().await.expect_err("no status").is_connection());
    assert!(session.wait().await.expect_err("still none").is_connection());
}

#[tokio::test]
async fn a_connection_that_is_cut_off_is_an_error_too() {
    let client = client(&[V5], |mut peer| async move {
        peer.say(1, "so far").await;
        // Dropped, without a closing handshake.
    });
    let error = exec(&client).output().await.expect_err("no status");
    assert!(error.is_connection(), "{error}");
    assert!(error.to_string().contains("without an exit status"), "{error}");
}

#[tokio::test]
async fn a_status_counts_even_if_the_connection_breaks_after_it() {
    let client = client(&[V5], |mut peer| async move {
        peer.say(1, "all of it").await;
        peer.say(3, SUCCESS).await;
    });
    let output = exec(&client).output().await.expect("output");
    assert!(output.success() && output.text() == "all of it");
}

#[tokio::test]
async fn stdin_is_sent_and_closed() {
    let client = client(&[V5], |mut peer| async move {
        let (data, closed) = peer.hear_all(0).await;
        assert!(closed);
        peer.say(1, data).await;
        peer.say(3, SUCCESS).await;
    });
    let output = exec(&client).input("from here").output().await.expect("output");
    assert_eq!(output.text(), "from here");
    // Shutting it down, and dropping it, are the same.
    for shut_down in [true, false] {
        let mut session = exec(&client).stdin().start().await.expect("a session");
        let mut stdin = session.stdin.take().expect("stdin");
        stdin.write_all(b"by hand").await.expect("written");
        if shut_down {
            stdin.shutdown().await.expect("closed");
            assert_eq!(stdin.write(b"more").await.expect_err("closed").kind(), io::ErrorKind::BrokenPipe);
        }
        drop(stdin);
        let mut text = String::new();
        session.stdout.take().expect("stdout").read_to_string(&mut text).await.expect("read");
        assert_eq!(text, "by hand");
        assert!(session.wait().await.expect("a status").success());
    }
}

#[tokio::test]
async fn waiting_closes_a_stdin_that_nobody_took() {
    let client = client(&[V5], |mut peer| async move {
        assert_eq!(peer.hear_all(0).await, (Vec::new(), true));
        peer.say(1, vec![0; 100_000]).await;
        peer.say(3, SUCCESS).await;
    });
    let mut session = exec(&client).stdin().buffer(10).start().await.expect("a session");
    assert!(session.wait().await.expect("a status").success(), "what nobody reads does not stand in the way");
}

#[tokio::test]
async fn with_v4_a_session_works_but_stdin_cant_be_closed() {
    // The server never closes the connection, and is not waited for.
    tokio::time::pause();
    let (client, mut peers) = handed_over(&[V4], 1024);
    let (mut session, mut peer) = started(exec(&client).stdin(), &mut peers).await;
    assert_eq!(session.protocol(), V4);
    let mut stdin = session.stdin.take().expect("stdin");
    stdin.write_all(b"hello").await.expect("written");
    assert_eq!(peer.hear().await.as_deref(), Some(&b"\0hello"[..]));
    assert_eq!(stdin.shutdown().await.expect_err("not in v4").kind(), io::ErrorKind::Unsupported);
    drop(stdin);
    peer.say(1, "x").await;
    peer.say(3, failure(1)).await;
    assert_eq!(session.wait().await.expect("a status").code(), 1);
    assert_eq!(peer.hear().await, None, "no close signal, which v4 would take for data");

    let (client, _peers) = handed_over(&[V4], 1024);
    let error = exec(&client).input("all").output().await.expect_err("it would wait for ever");
    assert!(error.to_string().contains("can't close stdin"), "{error}");
}

#[tokio::test]
async fn a_server_that_names_no_protocol_is_taken_for_the_old_one() {
    let (client, mut peers) = handed_over(&[], 1024);
    let (session, _peer) = started(exec(&client), &mut peers).await;
    assert_eq!(session.protocol(), V4);
}

#[tokio::test]
async fn large_writes_are_split_into_frames_and_arrive_whole() {
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let expected = sent.clone();
    let client = client(&[V5], move |mut peer| {
        let expected = expected.clone();
        async move {
            let mut data = Vec::new();
            loop {
                let message = peer.hear().await.expect("more");
                if message[..] == [255, 0] {
                    break;
                }
                assert!(message.len() <= (32 << 10) + 1, "{} bytes in one message", message.len());
                data.extend_from_slice(&message[1..]);
            }
            assert!(data == expected);
            peer.say(1, "whole").await;
            peer.say(3, SUCCESS).await;
        }
    });
    let output = exec(&client).input(sent).output().await.expect("output");
    assert_eq!(output.text(), "whole");
}

#[tokio::test]
async fn small_writes_are_gathered_and_a_flush_sends_them() {
    let (client, mut peers) = handed_over(&[V5], 1024);
    let (mut session, mut peer) = started(exec(&client).stdin(), &mut peers).await;
    let mut stdin = session.stdin.take().expect("stdin");
    for byte in b"typed" {
        stdin.write_all(&[*byte]).await.expect("written");
    }
    stdin.flush().await.expect("flushed");
    let mut data = Vec::new();
    while data.len() < 5 {
        data.extend_from_slice(&peer.hear().await.expect("data")[1..]);
    }
    assert_eq!(data, b"typed");
}

#[tokio::test]
async fn an_undrained_stdout_stalls_neither_stdin_nor_pings() {
    tokio::time::pause();
    let (client, mut peers) = handed_over(&[V5], 16 << 10);
    let keep_alive = KeepAlive { interval: Duration::from_secs(5), timeout: Duration::from_secs(20) };
    let (mut session, peer) = started(exec(&client).stdin().buffer(1000).keep_alive(keep_alive), &mut peers).await;
    // The server floods stdout, which nobody reads, and meanwhile listens.
    let (sink, mut stream) = futures_util::StreamExt::split(peer.socket);
    let flood = tokio::spawn(async move {
        let mut sink = sink;
        while sink.send(Message::Binary(vec![1; 4096].into())).await.is_ok() {}
    });
    let mut stdin = session.stdin.take().expect("stdin");
    let writer = tokio::spawn(async move {
        stdin.write_all(&[7; 300_000]).await.expect("written");
        stdin.flush().await.expect("flushed");
        stdin
    });
    let (mut data, mut pings) = (0, 0);
    while data < 300_000 || pings < 10 {
        match futures_util::StreamExt::next(&mut stream).await.expect("open").expect("no error") {
            Message::Binary(bytes) => data += bytes.len() - 1,
            Message::Ping(_) => pings += 1,
            other => panic!("{other:?}"),
        }
    }
    let stdin = writer.await.expect("no panic");
    // Fifty seconds without a pong, which the client has no ear for, are not the server's fault.
    let mut stdout = session.stdout.take().expect("stdout");
    let mut piece = [0; 4096];
    stdout.read_exact(&mut piece).await.expect("still alive");
    drop((session, stdout, stdin));
    flood.await.expect("no panic");
}

/// A client with the layers of the transport around a server that never responds.
fn of_a_silent_server() -> Client {
    let silent = tower::service_fn(|_: http::Request<Body>| async {
        std::future::pending::<Result<Response<Body>, kubewright_runtime::transport::BoxError>>().await
    });
    let config = kubewright_runtime::Config::new("https://server.example".parse().expect("a URL"));
    let service = kubewright_runtime::transport::stack(&config, silent).expect("good");
    Client::from_service(service, "shop")
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_server_does_not_start_in_time_is_a_time_out() {
    let client = of_a_silent_server();
    let limit = Duration::from_secs(3);
    let failures = [
        exec(&client).request_timeout(limit).output().await.map(drop),
        exec(&client).read_timeout(limit).output().await.map(drop),
        pods(&client).attach("web-0", "attach").request_timeout(limit).start().await.map(drop),
        pods(&client).attach("web-0", "attach").read_timeout(limit).start().await.map(drop),
        pods(&client).port_forward("web-0", "portforward", 80).request_timeout(limit).connect().await.map(drop),
        pods(&client).port_forward("web-0", "portforward", 80).read_timeout(limit).connect().await.map(drop),
        pods(&client).connect("web-0", "console").request_timeout(limit).await.map(drop),
        pods(&client).connect("web-0", "console").read_timeout(limit).await.map(drop),
    ];
    for failure in failures {
        let error = failure.expect_err("nobody responds");
        assert!(error.is_timeout() && !error.is_connection(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_transfers_no_data_for_its_read_timeout_fails_though_pings_are_answered() {
    let (client, mut peers) = handed_over(&[V5], 16 << 10);
    let request = exec(&client).stdin().read_timeout(Duration::from_secs(100));
    let (mut session, mut peer) = started(request, &mut peers).await;
    let mut stdin = session.stdin.take().expect("stdin");
    let mut stdout = session.stdout.take().expect("stdout");
    let (sent, mut heard) = mpsc::unbounded_channel();
    // Hears, and so answers pings, until the client has gone; and says what the test tells it to.
    let (say, mut said) = mpsc::unbounded_channel::<&str>();
    let server = tokio::spawn(async move {
        loop {
            tokio::select! {
                message = peer.hear() => match message {
                    Some(message) => drop(sent.send(message)),
                    None => return,
                },
                Some(text) = said.recv() => peer.say(1, text).await,
            }
        }
    });
    // Data in one direction, then in the other: less than the limit between, more than that in all.
    let mut byte = [0];
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        say.send("x").expect("the server runs");
        stdout.read_exact(&mut byte).await.expect("data");
        tokio::time::sleep(Duration::from_secs(60)).await;
        stdin.write_all(b"y").await.expect("written");
        stdin.flush().await.expect("flushed");
        heard.recv().await.expect("data");
    }
    let error = session.wait().await.expect_err("nothing is said any more");
    assert!(error.is_timeout(), "{error:?}");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert_eq!(cause, "no data was transferred for 100s (read_timeout)");
    server.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_be_idle_for_as_long_as_it_wants_without_a_read_timeout() {
    for request in [exec as fn(&Client) -> ExecRequest<()>, |client| exec(client).read_timeout(Duration::MAX)] {
        let (client, mut peers) = handed_over(&[V5], 16 << 10);
        let (mut session, mut peer) = started(request(&client), &mut peers).await;
        let server = tokio::spawn(async move {
            let day = tokio::time::sleep(Duration::from_secs(86_400));
            tokio::select! {
                message = peer.hear() => panic!("{message:?}"),
                () = day => peer.say(3, SUCCESS).await,
            }
            peer.gone().await;
        });
        assert!(session.wait().await.expect("a status").success());
        server.await.expect("no panic");
    }
}

#[tokio::test]
async fn stderr_and_the_status_come_through_as_long_as_stdouts_buffer_has_room() {
    let client = client(&[V5], |mut peer| async move {
        peer.say(1, vec![b'x'; 50_000]).await;
        peer.say(2, "and this").await;
        peer.say(3, failure(3)).await;
    });
    let mut session = exec(&client).start().await.expect("a session");
    let mut stdout = session.stdout.take().expect("stdout");
    let mut text = String::new();
    session.stderr.take().expect("stderr").read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "and this");
    assert_eq!(session.wait().await.expect("a status").code(), 3);
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).await.expect("what came is kept");
    assert_eq!(rest.len(), 50_000);
}

#[tokio::test]
async fn a_full_buffer_stops_the_server_and_reading_starts_it_again() {
    let (client, mut peers) = handed_over(&[V5], 4 << 10);
    let (mut session, mut peer) = started(exec(&client).buffer(8 << 10), &mut peers).await;
    let mut stdout = session.stdout.take().expect("stdout");
    let (progress, mut sent) = mpsc::unbounded_channel();
    let server = tokio::spawn(async move {
        for _ in 0..64 {
            peer.say(1, [5; 2048]).await;
            progress.send(()).expect("the test listens");
        }
        peer.say(3, SUCCESS).await;
        peer
    });
    // Buffers of 8 and 4 KiB and the library's own can't hold 128 KiB: it stops before the end.
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut early = 0;
    while sent.try_recv().is_ok() {
        early += 1;
    }
    assert!((1..64).contains(&early), "{early} messages found room");
    let mut data = Vec::new();
    stdout.read_to_end(&mut data).await.expect("read");
    assert_eq!(data.len(), 64 * 2048);
    drop(server.await.expect("no panic"));
    assert!(session.wait().await.expect("a status").success());
}

#[tokio::test]
async fn dropping_an_output_stream_throws_away_what_comes_for_it() {
    let client = client(&[V5], |mut peer| async move {
        for _ in 0..100 {
            peer.say(2, [0; 10_000]).await;
        }
        peer.say(1, "the end").await;
        peer.say(3, SUCCESS).await;
    });
    let mut session = exec(&client).buffer(1000).start().await.expect("a session");
    session.stderr = None;
    let mut text = String::new();
    session.stdout.take().expect("stdout").read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "the end");
}

#[tokio::test]
async fn dropping_the_session_ends_it_for_the_server_and_for_its_streams() {
    let (client, mut peers) = handed_over(&[V5], 1024);
    let (mut session, peer) = started(exec(&client).stdin(), &mut peers).await;
    let (mut stdin, mut stdout) = (session.stdin.take().expect("stdin"), session.stdout.take().expect("stdout"));
    drop(session);
    peer.gone().await;
    let error = stdout.read(&mut [0; 8]).await.expect_err("ended");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(stdin.write(b"x").await.is_err());
}

#[tokio::test]
async fn dropping_a_session_that_can_neither_read_nor_write_ends_it_all_the_same() {
    let (client, mut peers) = handed_over(&[V5], 256);
    let (mut session, peer) = started(exec(&client).stdin().buffer(1), &mut peers).await;
    let mut stdin = session.stdin.take().expect("stdin");
    // As much as there is room for, which nobody takes.
    let writer = tokio::spawn(async move { stdin.write_all(&[0; 1 << 20]).await });
    drop(session);
    assert!(writer.await.expect("no panic").is_err());
    peer.gone().await;
}

#[tokio::test]
async fn no_task_is_left_when_a_session_is_over() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert_eq!(tasks(), 0);
    let client = client(&[V5], |mut peer| async move {
        peer.say(3, SUCCESS).await;
        peer.close().await;
    });
    exec(&client).output().await.expect("output");
    let (silent, mut peers) = handed_over(&[V5], 1024);
    let (session, peer) = started(exec(&silent).stdin(), &mut peers).await;
    drop(session);
    peer.gone().await;
    // Neither that of a session which ended, nor that of one which was dropped.
    while tasks() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn dropping_a_call_to_output_ends_the_session() {
    let (client, mut peers) = handed_over(&[V5], 1024);
    let call = tokio::spawn(exec(&client).output());
    let mut peer = peers.recv().await.expect("a peer");
    peer.say(1, "x").await;
    call.abort();
    peer.gone().await;
}

#[tokio::test]
async fn output_over_the_limit_is_an_error_that_says_what_to_do() {
    let client = client(&[V5], |mut peer| async move {
        peer.say(1, [0; 600]).await;
        peer.say(1, [0; 600]).await;
        peer.gone().await;
    });
    let error = exec(&client).limit(1000).output().await.expect_err("too much");
    assert!(error.is_decode(), "{error}");
    assert!(error.to_string().contains("stdout exceeds the limit of 1000 bytes"), "{error}");
}

#[tokio::test]
async fn a_terminal_has_one_output_and_a_size_of_which_the_newest_counts() {
    let (client, mut peers) = handed_over(&[V5], 1024);
    let (mut session, mut peer) = started(exec(&client).stdin().tty(), &mut peers).await;
    assert!(session.stderr.is_none());
    let resize = session.resize.clone().expect("a terminal");
    resize.set(80, 24).expect("set");
    resize.set(100, 30).expect("set");
    // Both were set before the connection's task had its turn.
    assert_eq!(peer.hear().await.as_deref(), Some(&b"\x04{\"Width\":100,\"Height\":30}"[..]));
    peer.say(3, SUCCESS).await;
    peer.close().await;
    assert!(session.wait().await.expect("a status").success());
    assert!(resize.set(1, 1).is_err(), "the session has ended");
}

#[tokio::test]
async fn a_session_without_a_terminal_has_no_size() {
    let (client, mut peers) = handed_over(&[V5], 1024);
    let (session, _peer) = started(exec(&client), &mut peers).await;
    assert!(session.resize.is_none() && session.stdin.is_none());
}

#[tokio::test]
async fn a_server_that_answers_no_ping_is_given_up() {
    tokio::time::pause();
    let (client, mut peers) = handed_over(&[V5], 1024);
    let (mut session, _silent) = started(exec(&client), &mut peers).await;
    let error = session.wait().await.expect_err("given up");
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn a_silent_process_on_a_live_server_is_waited_for() {
    tokio::time::pause();
    let client = client(&[V5], |mut peer| async move {
        // Listening answers pings.
        let heard = tokio::time::timeout(Duration::from_secs(10_000), peer.hear()).await;
        assert!(heard.is_err(), "the client has given up");
        peer.say(3, SUCCESS).await;
    });
    assert!(exec(&client).output().await.expect("output").success());
}

#[tokio::test]
async fn garbage_is_an_error_that_says_what_came() {
    let text = client(&[V5], |mut peer| async move {
        peer.socket.send(Message::Text("<html>".into())).await.expect("sent");
        peer.gone().await;
    });
    let error = exec(&text).output().await.expect_err("text");
    assert!(error.is_decode() && error.to_string().contains("<html>"), "{error}");

    let not_websocket = client(&[V5], |mut peer| async move {
        peer.socket.get_mut().write_all(&[0xff; 64]).await.expect("written");
        peer.gone().await;
    });
    let error = exec(&not_websocket).output().await.expect_err("not WebSocket");
    assert!(error.is_decode() && error.to_string().contains("violated the WebSocket protocol"), "{error}");

    let no_status = client(&[V5], |mut peer| async move {
        peer.say(3, "it failed").await;
        peer.close().await;
    });
    let error = exec(&no_status).output().await.expect_err("no Status");
    assert!(error.is_decode() && error.to_string().contains("it failed"), "{error}");
}

#[tokio::test]
async fn a_message_that_says_it_is_huge_is_an_error_before_it_is_read() {
    let client = client(&[V5], |mut peer| async move {
        // The header of a binary message of 2^40 bytes, by RFC 6455, section 5.2.
        let header = [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0];
        peer.socket.get_mut().write_all(&header).await.expect("written");
        peer.gone().await;
    });
    let error = exec(&client).output().await.expect_err("too large");
    assert!(error.is_decode() && error.to_string().contains("too large"), "{error}");
}

#[tokio::test]
async fn messages_on_unknown_channels_and_empty_ones_change_nothing() {
    let client = client(&[V5], |mut peer| async move {
        peer.socket.send(Message::Binary(Vec::new().into())).await.expect("sent");
        peer.say(77, "news").await;
        peer.say(255, [1, 2, 3]).await;
        peer.say(1, "fine").await;
        peer.say(3, SUCCESS).await;
    });
    assert_eq!(exec(&client).output().await.expect("output").text(), "fine");
}

#[tokio::test]
async fn the_servers_refusal_is_the_error_of_the_call() {
    let not_found =
        r#"{"kind":"Status","status":"Failure","reason":"NotFound","message":"pods \"web-0\" not found","code":404}"#;
    let (client, _) =
        support::scripted([support::json(404, not_found), Response::new(Body::from("<html>a proxy's page</html>"))]);
    let error = exec(&client).output().await.expect_err("no pod");
    assert!(
        error.is_not_found() && error.to_string().contains("GET /api/v1/namespaces/shop/pods/web-0/exec"),
        "{error}"
    );
    let error = exec(&client).start().await.expect_err("no WebSocket");
    assert!(error.is_decode() && error.to_string().contains("instead of switching to WebSocket"), "{error}");
}

#[test]
fn every_argument_of_a_command_is_a_parameter_of_its_own_and_escaped() {
    let (client, _) = support::scripted([]);
    let request = pods(&client).exec("web-0", "exec", ["sh", "-c", "a; b & c=\"1+2%\" | d # é"]).request();
    // A server in Go would leave out a parameter with a bare semicolon.
    let expected = "command=sh&command=-c&command=a%3B%20b%20%26%20c%3D%221%2B2%25%22%20|%20d%20%23%20%C3%A9";
    let made = request.expect("a request");
    assert_eq!(made.uri().query(), Some(format!("{expected}&stdout=true&stderr=true").as_str()));
}

#[tokio::test]
async fn what_cant_work_is_refused_before_it_is_sent() {
    let (client, log) = support::scripted([]);
    let nothing: [&str; 0] = [];
    let error = pods(&client).exec("web-0", "exec", nothing).output().await.expect_err("no command");
    assert!(error.is_build() && error.to_string().contains("the command is empty"), "{error}");
    let error = exec(&client).without_stdout().without_stderr().start().await.expect_err("no streams");
    assert!(error.is_build(), "{error}");
    assert!(log.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn attach_has_the_streams_of_a_session() {
    let (client, log) = client_with_buffer(1024, &[V5], |mut peer| async move {
        let said = peer.hear().await.expect("stdin");
        peer.say(1, &said[1..]).await;
        peer.say(3, SUCCESS).await;
    });
    let mut session =
        pods(&client).attach("web-0", "attach").container("app").stdin().start().await.expect("a session");
    session.stdin.as_mut().expect("stdin").write_all(b"echo").await.expect("written");
    let mut text = String::new();
    session.stdout.take().expect("stdout").read_to_string(&mut text).await.expect("read");
    assert_eq!(text, "echo");
    assert!(session.wait().await.expect("a status").success());
    let log = log.lock().expect("not poisoned");
    let path = "/api/v1/namespaces/shop/pods/web-0/attach";
    assert_eq!(log[0].0, format!("{path}?container=app&stdin=true&stdout=true&stderr=true"));
}

#[tokio::test]
async fn a_session_outlives_neither_its_runtime_nor_hangs_on_it() {
    let (send, receive) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let session = runtime.block_on(async {
            let (client, mut peers) = handed_over(&[V5], 1024);
            let (session, peer) = started(exec(&client), &mut peers).await;
            (session, peer)
        });
        drop(runtime);
        assert!(send.send(session).is_ok());
    })
    .join()
    .expect("no panic");
    let (mut session, _peer) = receive.await.expect("a session");
    let error = session.wait().await.expect_err("its runtime is gone");
    assert!(error.to_string().contains("runtime shut down"), "{error}");
}
