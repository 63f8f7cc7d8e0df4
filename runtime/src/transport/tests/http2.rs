//! HTTP/2 at its edges: servers that close, peers that vanish, callers that go away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use h2::Reason;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::server::{Authority, Options, Server, acceptor_of_http2};
use super::*;
use crate::config::Pem;
use crate::retry::RetryPolicy;
use crate::watch::WatcherEvent;
use crate::{Api, Client, DynamicObject, DynamicResource, Scope};

/// What a connection of [`scripted`] does with its requests.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Connection {
    /// Answers all of them.
    Answers,
    /// Answers the first, without a body, and says GOAWAY once two more have come, which it does not count.
    GoesAway,
    /// The same, but counts the first of the two, and is gone without an answer to it.
    GoesAwayInTheMiddle,
    /// Resets each of them, unprocessed.
    Refuses,
    /// Resets each of them, and doesn't say that it did nothing.
    Breaks,
}

/// A server of HTTP/2 frame by frame. Its connections do one after the other what is asked here, the last one for all that
/// follow. The counter is of the requests that it processed.
async fn scripted(authority: &Authority, connections: &'static [Connection]) -> (Config, Arc<AtomicUsize>) {
    let tls = acceptor_of_http2(&authority.issue("localhost"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let processed = Arc::new(AtomicUsize::new(0));
    let counter = processed.clone();
    tokio::spawn(async move {
        for index in 0.. {
            let does = connections[index.min(connections.len() - 1)];
            let (client, _) = listener.accept().await.expect("a client");
            let (tls, counter) = (tls.clone(), counter.clone());
            tokio::spawn(async move {
                let client = tls.accept(client).await.expect("TLS");
                // A client that goes away is no failure of the server.
                let _ = serve(client, does, &counter).await;
            });
        }
    });
    let mut config = Config::new(format!("https://localhost:{port}").parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.retry = RetryPolicy::never();
    (config, processed)
}

async fn serve<S>(client: S, does: Connection, processed: &AtomicUsize) -> Result<(), h2::Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    if matches!(does, Connection::GoesAway | Connection::GoesAwayInTheMiddle) {
        return go_away(client, does == Connection::GoesAwayInTheMiddle, processed)
            .await
            .map_err(|_| Reason::INTERNAL_ERROR.into());
    }
    let mut connection = h2::server::handshake(client).await?;
    while let Some(request) = connection.accept().await {
        let (_, mut respond) = request?;
        match does {
            Connection::Refuses => respond.send_reset(Reason::REFUSED_STREAM),
            Connection::Breaks => respond.send_reset(Reason::INTERNAL_ERROR),
            Connection::Answers | Connection::GoesAway | Connection::GoesAwayInTheMiddle => {
                processed.fetch_add(1, Ordering::SeqCst);
                respond.send_response(Response::new(()), false)?.send_data(Bytes::from_static(b"answer"), true)?;
            }
        }
    }
    Ok(())
}

/// By hand, since the crate h2 counts all requests that have come as processed.
/// <https://www.rfc-editor.org/rfc/rfc9113#section-6>
async fn go_away<S>(mut client: S, in_the_middle: bool, processed: &AtomicUsize) -> std::io::Result<()>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    let mut preface = [0; 24];
    client.read_exact(&mut preface).await?;
    client.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let mut uncounted = 0;
    loop {
        let mut head = [0; 9];
        client.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut payload = vec![0; length as usize];
        client.read_exact(&mut payload).await?;
        match head[3] {
            // Acknowledged, unless it is an acknowledgement.
            SETTINGS if head[4] & 1 == 0 => client.write_all(&frame(SETTINGS, 1, 0, &[])).await?,
            HEADERS if stream == 1 => {
                processed.fetch_add(1, Ordering::SeqCst);
                // The end of stream and of headers; `:status: 200` of HPACK's static table.
                client.write_all(&frame(HEADERS, 1 | 4, 1, &[0x88])).await?;
            }
            HEADERS => {
                uncounted += 1;
                if uncounted == 2 && in_the_middle {
                    processed.fetch_add(1, Ordering::SeqCst);
                    client.write_all(&frame(GOAWAY, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0])).await?;
                    return client.shutdown().await;
                }
                if uncounted == 2 {
                    // The last stream is 1, and there is no error.
                    client.write_all(&frame(GOAWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])).await?;
                }
            }
            _ => {}
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags];
    [&head, &stream.to_be_bytes()[..], payload].concat()
}

fn post() -> Request<Body> {
    Request::post("/").body("hello".into()).expect("a request")
}

#[tokio::test]
async fn requests_that_a_server_does_not_process_are_sent_again_whatever_they_do() {
    let authority = Authority::new();
    let (config, processed) = scripted(&authority, &[Connection::Refuses, Connection::Answers]).await;
    let service = from_config(&config).expect("good");
    let answers = futures_util::future::join_all((0..20).map(|_| send(&service, post()))).await;
    for answer in answers {
        assert_eq!(text(answer.unwrap_or_else(|error| panic!("{}", told(&error)))).await, "answer");
    }
    assert_eq!(processed.load(Ordering::SeqCst), 20);
}

#[tokio::test]
async fn requests_beyond_the_last_one_of_a_goaway_are_sent_again() {
    let authority = Authority::new();
    let (config, processed) = scripted(&authority, &[Connection::GoesAway, Connection::Answers]).await;
    let service = from_config(&config).expect("good");
    assert_eq!(text(send(&service, post()).await.expect("an answer")).await, "");
    let (one, two) = tokio::join!(send(&service, post()), send(&service, post()));
    for answer in [one, two] {
        assert_eq!(text(answer.unwrap_or_else(|error| panic!("{}", told(&error)))).await, "answer");
    }
    assert_eq!(processed.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_request_that_a_goaway_counts_is_not_sent_again() {
    let authority = Authority::new();
    let (config, processed) = scripted(&authority, &[Connection::GoesAwayInTheMiddle, Connection::Answers]).await;
    let service = from_config(&config).expect("good");
    assert_eq!(text(send(&service, post()).await.expect("an answer")).await, "");
    let (one, two) = tokio::join!(send(&service, post()), send(&service, post()));
    let (answers, errors): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!((answers.len(), errors.len()), (1, 1), "{answers:?} {errors:?}");
    for error in errors.into_iter().filter_map(Result::err) {
        let error = TransportError::find(&*error).expect("a TransportError");
        assert!(!error.is_unprocessed() && !error.is_connect(), "{error:?}");
    }
    // The first one, the one that was lost, and the one that was sent again.
    assert_eq!(processed.load(Ordering::SeqCst), 3);
}

/// Counts the connections that are open.
#[derive(Default)]
struct OpenConnections(watch::Sender<usize>);

impl crate::metrics::Metrics for OpenConnections {
    fn connection_opened(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    fn connection_closed(&self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[tokio::test]
async fn connections_of_a_rush_that_is_over_are_closed() {
    let authority = Authority::new();
    let gone = Arc::new(AtomicUsize::new(0));
    let options = Options { max_streams: Some(2), ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, move |request: Request<Incoming>| {
        let gone = gone.clone();
        async move { Response::new(if request.uri().path() == "/watch" { quiet(&gone) } else { "answer".into() }) }
    })
    .await;
    let open = Arc::new(OpenConnections::default());
    let mut seen = open.0.subscribe();
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.metrics = Some(crate::metrics::MetricsHook::new(open.clone()));
    let service = from_config(&config).expect("good");
    let mut watches = Vec::new();
    for _ in 0..8 {
        watches.push(send(&service, get("/watch")).await.expect("a watch"));
    }
    assert_eq!(*seen.borrow(), 4);
    // One watch on the third goes on, with its connection.
    let stays = watches.swap_remove(4);
    drop(watches);
    let pass = async |seconds| {
        send(&service, get("/")).await.expect("an answer");
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        send(&service, get("/")).await.expect("an answer");
    };
    pass(10).await;
    assert_eq!(*seen.borrow(), 4, "they may be needed again soon");
    pass(100).await;
    seen.wait_for(|count| *count == 2).await.expect("a hook");
    assert_eq!(server.connections(), 4);
    let mut body = stays.into_body();
    body.frame().await.expect("a word").expect("a word");
}

#[tokio::test]
async fn a_server_that_never_processes_a_request_is_told_and_the_request_may_be_sent_again() {
    let authority = Authority::new();
    let (config, _) = scripted(&authority, &[Connection::Refuses]).await;
    let error = send(&from_config(&config).expect("good"), post()).await.expect_err("refused");
    let error = TransportError::find(&*error).expect("a TransportError");
    assert!(error.is_unprocessed() && !error.is_connect(), "{error:?}");
    assert_eq!(error.retry_class(), crate::retry::RetryClass::Transient);
}

#[tokio::test]
async fn a_request_that_may_have_been_processed_is_not_sent_again() {
    let authority = Authority::new();
    let (config, processed) = scripted(&authority, &[Connection::Breaks, Connection::Answers]).await;
    let error = send(&from_config(&config).expect("good"), post()).await.expect_err("broken");
    let error = TransportError::find(&*error).expect("a TransportError");
    assert!(!error.is_unprocessed() && !error.is_connect(), "{error:?}");
    assert_eq!(processed.load(Ordering::SeqCst), 0);
}

/// A body that says one word and then nothing, and which raises the counter when its reader has gone.
fn quiet(gone: &Arc<AtomicUsize>) -> Body {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let frames = futures_util::stream::unfold((false, Counted(gone.clone())), |(said, counted)| async move {
        if said {
            std::future::pending::<()>().await;
        }
        Some((Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(b"word"))), (true, counted)))
    });
    Body::wrap(http_body_util::StreamBody::new(frames))
}

#[tokio::test]
async fn five_hundred_watches_run_over_a_handful_of_connections() {
    let authority = Authority::new();
    let gone = Arc::new(AtomicUsize::new(0));
    // As kube-apiserver has it.
    let options = Options { max_streams: Some(100), ..Default::default() };
    let server = Server::tls(&authority.issue("localhost"), options, move |_: Request<Incoming>| {
        let gone = gone.clone();
        async move { Response::new(quiet(&gone)) }
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let watches = futures_util::future::join_all((0..500).map(|_| send(&service, get("/watch")))).await;
    for watch in watches.iter() {
        assert!(watch.is_ok(), "{watch:?}");
    }
    assert!((5..=6).contains(&server.connections()), "{}", server.connections());
}

#[tokio::test]
async fn a_request_whose_caller_goes_away_is_reset_and_its_connection_used_on() {
    let authority = Authority::new();
    let (asked, mut asking) = watch::channel(0);
    let gone = Arc::new(AtomicUsize::new(0));
    let counter = gone.clone();
    let server = Server::tls(&authority.issue("localhost"), Options::default(), move |request: Request<Incoming>| {
        let (asked, gone) = (asked.clone(), counter.clone());
        async move {
            match request.uri().path() {
                "/watch" => Response::new(quiet(&gone)),
                "/silent" => {
                    asked.send_modify(|count| *count += 1);
                    // Dropped, and so counted, when the stream is reset.
                    let _body = quiet(&gone);
                    std::future::pending().await
                }
                _ => Response::new("answer".into()),
            }
        }
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let is_gone = async |count| {
        while gone.load(Ordering::SeqCst) < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };

    // Before there is a response.
    let waiting = tokio::spawn({
        let service = service.clone();
        async move { send(&service, get("/silent")).await.map(drop) }
    });
    asking.wait_for(|count| *count == 1).await.expect("a server");
    waiting.abort();
    is_gone(1).await;

    // In the middle of one.
    let mut response = send(&service, get("/watch")).await.expect("a watch");
    response.body_mut().frame().await.expect("a word").expect("a word");
    drop(response);
    is_gone(2).await;

    assert_eq!(text(send(&service, get("/")).await.expect("an answer")).await, "answer");
    assert_eq!(server.connections(), 1);
}

/// Between the client and a server, until it stops passing on anything, without a word to either.
async fn wire(server: std::net::SocketAddr) -> (u16, watch::Sender<bool>) {
    let (cut, is_cut) = watch::channel(false);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut is_cut = is_cut.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.expect("a server");
                let cut = async { is_cut.wait_for(|cut| *cut).await.map(drop) };
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    _ = cut => std::future::pending().await,
                }
            });
        }
    });
    (port, cut)
}

#[tokio::test]
async fn a_peer_that_vanishes_is_found_within_25_seconds_and_its_watches_fail() {
    let authority = Authority::new();
    let gone = Arc::new(AtomicUsize::new(0));
    let server = Server::tls(&authority.issue("localhost"), Options::default(), move |_: Request<Incoming>| {
        let gone = gone.clone();
        async move { Response::new(quiet(&gone)) }
    })
    .await;
    let (port, cut) = wire(server.address).await;
    let mut config = Config::new(format!("https://localhost:{port}").parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let service = from_config(&config).expect("good");
    let mut watch = send(&service, get("/watch")).await.expect("a watch").into_body();
    watch.frame().await.expect("a word").expect("a word");

    cut.send_replace(true);
    // Nothing is left to be waited for but the clock, which jumps from timer to timer.
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let error = watch.frame().await.expect("an error").expect_err("a dead peer");
    // Timers count milliseconds.
    assert!(started.elapsed().as_secs() <= 25, "{:?}", started.elapsed());
    let error = TransportError::find(&*error).expect("a TransportError");
    assert_eq!(error.retry_class(), crate::retry::RetryClass::Transient);
    tokio::time::resume();

    // The next one is made on a new connection.
    cut.send_replace(false);
    let mut watch = send(&service, get("/watch")).await.expect("a watch").into_body();
    watch.frame().await.expect("a word").expect("a word");
    assert_eq!(server.connections(), 2);
}

/// One line, and then silence.
fn line(event: serde_json::Value) -> Response<Body> {
    let frame = http_body::Frame::data(Bytes::from(format!("{event}\n")));
    let frames = futures_util::stream::iter([Ok::<_, BoxError>(frame)]).chain(futures_util::stream::pending());
    Response::new(Body::wrap(http_body_util::StreamBody::new(frames)))
}

#[tokio::test]
async fn a_watcher_recovers_from_a_dead_connection_within_thirty_seconds() {
    let authority = Authority::new();
    let server = Server::tls(&authority.issue("localhost"), Options::default(), |request: Request<Incoming>| async move {
        let is_resumed = request.uri().query().is_some_and(|query| query.contains("resourceVersion=5"));
        line(if is_resumed {
            json!({ "type": "ADDED", "object": { "metadata": { "name": "a", "resourceVersion": "6" } } })
        } else {
            let annotations = json!({ "k8s.io/initial-events-end": "true" });
            json!({ "type": "BOOKMARK", "object": { "metadata": { "resourceVersion": "5", "annotations": annotations } } })
        })
    })
    .await;
    let (port, cut) = wire(server.address).await;
    let mut config = Config::new(format!("https://localhost:{port}").parse().expect("a URL"));
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    let client = Client::new(&config).expect("good");
    let resource = DynamicResource {
        group: "stable.example.com".into(),
        version: "v1".into(),
        kind: "CronTab".into(),
        plural: "crontabs".into(),
        namespaced: true,
    };
    let api = Api::<DynamicObject>::dynamic(&client, &resource, Scope::Namespace("shop"));
    let mut events = api.list().watcher();
    let event = events.next().await.expect("an event").expect("no end");
    assert!(matches!(event, WatcherEvent::Synced { .. }), "{event:?}");

    cut.send_replace(true);
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let event = events.next().await.expect("an event").expect("no end");
    let WatcherEvent::Interrupted { error: Some(_), pause } = event else { panic!("{event:?}") };
    let found = started.elapsed();
    assert!((found + pause).as_secs() < 30, "{found:?}, and after {pause:?} another connection");
    tokio::time::resume();

    cut.send_replace(false);
    let event = events.next().await.expect("an event").expect("no end");
    assert!(matches!(event, WatcherEvent::Applied(_)), "{event:?}");
}
