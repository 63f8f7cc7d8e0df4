//! gzip, as it comes in.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, RANGE};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::mpsc;
use tower::Layer;

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn service(script: &Script) -> HttpService {
    BoxCloneSyncService::new(DecompressLayer::new(true).layer(script.service()))
}

fn packed(body: Body) -> Answer {
    Ok(Response::builder().header(CONTENT_ENCODING, "gzip").header(CONTENT_LENGTH, "9").body(body).expect("a response"))
}

/// A body that is fed by hand.
fn fed() -> (mpsc::UnboundedSender<Vec<u8>>, Body) {
    let (feed, food) = mpsc::unbounded_channel::<Vec<u8>>();
    let frames = futures_util::stream::unfold(food, |mut food| async move {
        let piece = food.recv().await?;
        Some((Ok::<_, BoxError>(Frame::data(Bytes::from(piece))), food))
    });
    (feed, Body::wrap(StreamBody::new(frames)))
}

async fn next(body: &mut Body) -> Bytes {
    let frame = body.frame().await.expect("a piece").expect("good gzip");
    frame.into_data().expect("data")
}

#[tokio::test]
async fn a_compressed_response_is_asked_for_and_unpacked() {
    let large = b"0123456789abcdef".repeat(100_000);
    let script = Script::new([packed(gzip(&large).into())]);
    let response = send(&service(&script), get("/")).await.expect("an answer");
    assert!(!response.headers().contains_key(CONTENT_ENCODING) && !response.headers().contains_key(CONTENT_LENGTH));
    assert_eq!(text(response).await.as_bytes(), large);
    assert_eq!(script.requests()[0].headers()[ACCEPT_ENCODING], "gzip");
}

/// The next event is only sent after the last one was received: if one were held back, this would never end.
#[tokio::test]
async fn each_gzip_member_comes_out_before_the_next_is_in() {
    let (feed, body) = fed();
    let script = Script::new([packed(body)]);
    let mut body = send(&service(&script), get("/")).await.expect("an answer").into_body();
    for event in ["{\"type\":\"ADDED\"}\n", "{\"type\":\"MODIFIED\"}\n", "{\"type\":\"BOOKMARK\"}\n"] {
        feed.send(gzip(event.as_bytes())).expect("a reader");
        assert_eq!(next(&mut body).await, event);
    }
    drop(feed);
    assert!(body.frame().await.is_none());
}

/// One member for the whole watch, flushed after every event, as servers before 1.37 would.
#[tokio::test]
async fn what_is_flushed_within_a_member_comes_out_at_once() {
    let (feed, body) = fed();
    let script = Script::new([packed(body)]);
    let mut body = send(&service(&script), get("/")).await.expect("an answer").into_body();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for event in ["one\n", "two\n", "three\n"] {
        encoder.write_all(event.as_bytes()).expect("memory");
        encoder.flush().expect("memory");
        feed.send(std::mem::take(encoder.get_mut())).expect("a reader");
        assert_eq!(next(&mut body).await, event);
    }
}

#[tokio::test]
async fn members_may_be_cut_anywhere() {
    let events: Vec<u8> = ["first", "", "second", "third"].iter().flat_map(|event| gzip(event.as_bytes())).collect();
    for size in 1..events.len() {
        let (feed, body) = fed();
        events.chunks(size).for_each(|piece| feed.send(piece.to_vec()).expect("a reader"));
        drop(feed);
        let script = Script::new([packed(body)]);
        let response = send(&service(&script), get("/")).await.expect("an answer");
        assert_eq!(text(response).await, "firstsecondthird", "cut every {size} bytes");
    }
}

#[tokio::test]
async fn broken_and_truncated_gzip_is_an_error() {
    let good = gzip(&b"0123456789".repeat(50));
    let mut wrong_sum = good.clone();
    let at = wrong_sum.len() - 5;
    wrong_sum[at] ^= 1;
    let mut garbage_after = good.clone();
    garbage_after.extend_from_slice(b"garbage that is no gzip");
    let truncated = (1..good.len()).map(|length| good[..length].to_vec());
    let broken = [b"not gzip at all, not gzip at all".to_vec(), wrong_sum, garbage_after];
    for bytes in truncated.chain(broken) {
        let length = bytes.len();
        let script = Script::new([packed(bytes.into())]);
        let response = send(&service(&script), get("/")).await.expect("a head");
        let error = response.into_body().collect().await.err().unwrap_or_else(|| panic!("{length} bytes: no error"));
        assert!(TransportError::find(&*error).is_some_and(TransportError::is_garbled), "{length}: {error:?}");
    }
}

#[tokio::test]
async fn an_empty_body_and_a_plain_one_pass() {
    let (feed, nothing) = fed();
    drop(feed);
    let script = Script::new([packed(Body::empty()), packed(nothing), Ok(Response::new("plain".into()))]);
    let service = service(&script);
    for expected in ["", "", "plain"] {
        assert_eq!(text(send(&service, get("/")).await.expect("an answer")).await, expected);
    }
}

#[tokio::test]
async fn a_request_that_chooses_for_itself_is_left_alone() {
    for (name, value) in [(ACCEPT_ENCODING, "identity"), (RANGE, "bytes=0-3")] {
        let script = Script::new([packed("as it is".into())]);
        let request = Request::get("/").header(&name, value).body(Body::empty()).expect("a request");
        let response = send(&service(&script), request).await.expect("an answer");
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(text(response).await, "as it is");
        let sent = script.requests();
        assert_eq!(sent[0].headers().get(ACCEPT_ENCODING).is_some(), name == ACCEPT_ENCODING);
    }
}

#[tokio::test]
async fn turned_off_it_asks_for_nothing() {
    let script = Script::default();
    let service = BoxCloneSyncService::new(DecompressLayer::new(false).layer(script.service()));
    send(&service, get("/")).await.expect("an answer");
    assert!(!script.requests()[0].headers().contains_key(ACCEPT_ENCODING));
}
