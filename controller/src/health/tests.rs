use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::Service as _;

use super::{Health, HealthServer};

async fn body(response: Response<Full<Bytes>>) -> (u16, String) {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

async fn get(health: &Health, uri: &str) -> (u16, String) {
    let request = Request::get(uri).body(()).expect("a request");
    body(health.clone().call(request).await.expect("infallible")).await
}

fn failing() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err("the password is hunter2".into())
}

#[tokio::test]
async fn an_endpoint_is_ok_while_all_of_its_checks_pass() {
    let synced = Arc::new(AtomicBool::new(false));
    let health = Health::new().readiness("caches", {
        let synced = synced.clone();
        move || {
            let synced = synced.clone();
            async move { if synced.load(Ordering::SeqCst) { Ok(()) } else { Err("not yet") } }
        }
    });
    assert_eq!(get(&health, "/livez").await, (200, "ok".to_owned()));
    assert_eq!(get(&health, "/healthz").await, (200, "ok".to_owned()));
    let failed = "[+]ping ok\n[-]caches failed: reason withheld\nreadyz check failed\n";
    assert_eq!(get(&health, "/readyz").await, (500, failed.to_owned()));
    synced.store(true, Ordering::SeqCst);
    assert_eq!(get(&health, "/readyz").await, (200, "ok".to_owned()));
    let passed = "[+]ping ok\n[+]caches ok\nreadyz check passed\n";
    assert_eq!(get(&health, "/readyz?verbose").await, (200, passed.to_owned()));
    assert_eq!(get(&health, "/readyz?verbose=1").await, (200, passed.to_owned()));
}

#[tokio::test]
async fn one_check_has_a_path_of_its_own_and_a_reason_is_never_in_a_response() {
    let health = Health::new().liveness("broken", || async { failing() });
    assert_eq!(get(&health, "/livez/ping").await, (200, "ok".to_owned()));
    let failed = (500, "[-]broken failed: reason withheld\n".to_owned());
    assert_eq!(get(&health, "/livez/broken").await, failed);
    assert_eq!(get(&health, "/readyz/broken").await.0, 404);
    assert!(!get(&health, "/livez?verbose").await.1.contains("hunter2"));
}

#[tokio::test]
async fn checks_can_be_excluded_and_unknown_ones_are_reported() {
    let health = Health::new().liveness("broken", || async { failing() });
    assert_eq!(get(&health, "/livez?exclude=broken").await, (200, "ok".to_owned()));
    let lines = "[+]ping ok\n[+]broken excluded: ok\n\
                 warn: some health checks cannot be excluded: no matches for \"x\"\nlivez check passed\n";
    assert_eq!(get(&health, "/livez?exclude=broken&verbose&exclude=x").await, (200, lines.to_owned()));
}

#[tokio::test]
async fn a_check_is_found_by_its_name_however_the_client_encodes_it() {
    let health = Health::new().liveness("cache of pods/shop", || async { failing() });
    for name in ["cache%20of%20pods/shop", "cache%20of%20pods%2Fshop"] {
        assert_eq!(get(&health, &format!("/livez/{name}")).await.0, 500, "{name}");
        assert_eq!(get(&health, &format!("/livez?exclude={name}")).await.0, 200, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_that_panics_or_never_ends_fails() {
    let health = Health::new()
        .liveness("panics", || async {
            if true {
                panic!("a test's panic");
            }
            failing()
        })
        .liveness("panics at once", || -> std::future::Ready<Result<(), &str>> { panic!("a test's panic") })
        .readiness("hangs", || async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            failing()
        });
    let failed = "[+]ping ok\n[-]panics failed: reason withheld\n[-]panics at once failed: reason withheld\n\
                  livez check failed\n";
    assert_eq!(get(&health, "/livez").await, (500, failed.to_owned()));
    assert_eq!(get(&health, "/readyz").await.0, 500);
}

#[tokio::test]
async fn other_paths_are_404_and_other_methods_405() {
    let mut health = Health::new();
    for path in ["/", "/metrics", "/livez/nothing", "/livezz"] {
        assert_eq!(get(&health, path).await.0, 404, "{path}");
    }
    let request = Request::builder().method(Method::POST).uri("/livez").body(()).expect("a request");
    let response = health.call(request).await.expect("infallible");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, HEAD");
}

#[tokio::test]
async fn metrics_are_served_if_there_are_any() {
    let mut health = Health::new().metrics(|| "# TYPE a counter\na 1\n".to_owned());
    assert_eq!(get(&health, "/metrics").await, (200, "# TYPE a counter\na 1\n".to_owned()));
    assert_eq!(get(&health, "/metrics/a").await.0, 404);
    let response = health.call(Request::get("/metrics").body(()).expect("a request")).await.expect("infallible");
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
}

#[tokio::test]
async fn the_server_responds_until_its_shutdown_and_then_returns() {
    let server = HealthServer::bind(Health::new(), "127.0.0.1:0").await.expect("a server");
    let address = server.local_addr();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(stopped));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("\r\n\r\nok"), "{response}");
    stop.send(()).expect("it runs");
    running.await.expect("no panic");
    assert!(TcpStream::connect(address).await.is_err(), "nothing listens any more");
}
