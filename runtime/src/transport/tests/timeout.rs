//! Silence.

use std::time::Duration;

use http_body_util::{BodyExt, StreamBody};
use tokio::time::sleep;
use tower::Layer;

use super::*;

const LIMIT: Duration = Duration::from_secs(10);

fn timed(inner: HttpService) -> HttpService {
    BoxCloneSyncService::new(ReadTimeoutLayer::new(Some(LIMIT)).layer(inner))
}

/// Three pieces, each after a pause.
fn slow_body(pause: Duration) -> Body {
    let frames = futures_util::stream::unfold(0, move |said| async move {
        sleep(pause).await;
        (said < 3).then_some((Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(b"."))), said + 1))
    });
    Body::wrap(StreamBody::new(frames))
}

fn is_timeout(error: &BoxError) -> bool {
    TransportError::find(&**error).is_some_and(|error| error.is_timeout() && !error.is_connect())
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_is_a_timeout() {
    let silent = BoxCloneSyncService::new(service_fn(|_: Request<Body>| std::future::pending::<Answer>()));
    let error = send(&timed(silent), get("/")).await.expect_err("silence");
    assert!(is_timeout(&error), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn each_piece_of_the_body_has_the_whole_limit() {
    let slow = Script::new([Ok(Response::new(slow_body(LIMIT - Duration::from_secs(1))))]);
    let response = send(&timed(slow.service()), get("/")).await.expect("a head");
    assert_eq!(text(response).await, "...");

    let too_slow = Script::new([Ok(Response::new(slow_body(LIMIT + Duration::from_secs(1))))]);
    let response = send(&timed(too_slow.service()), get("/")).await.expect("a head");
    let error = response.into_body().collect().await.expect_err("silence");
    assert!(is_timeout(&error), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_not_a_silent_server() {
    let script = Script::new([Ok(Response::new(slow_body(Duration::from_secs(1))))]);
    let mut body = send(&timed(script.service()), get("/")).await.expect("a head").into_body();
    for _ in 0..3 {
        sleep(LIMIT * 2).await;
        body.frame().await.expect("a piece").expect("no timeout");
    }
}
