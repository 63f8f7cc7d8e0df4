//! Lists are read while they come in: what is read when, and what is said when something else comes.
#![allow(missing_docs)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, TryStreamExt as _};
use http::Response;
use kubewright_runtime::meta::v1::{List, ListMeta, Status};
use kubewright_runtime::transport::Body;
use kubewright_runtime::{json, protobuf};
use support::{Widget, scripted, widget, widgets};

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// A body that comes in these chunks, and how many of them were read.
fn chunked(media_type: &str, chunks: Vec<Vec<u8>>) -> (Response<Body>, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    let frames = futures_util::stream::iter(chunks).map(move |chunk| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(http_body::Frame::data(chunk.into()))
    });
    let body = Body::wrap(http_body_util::StreamBody::new(frames));
    (Response::builder().header("content-type", media_type).body(body).expect("a response"), read)
}

fn whole(media_type: &str, body: &[u8]) -> Response<Body> {
    chunked(media_type, vec![body.to_vec()]).0
}

fn list() -> List<Widget> {
    let mut items: Vec<_> = (0..20).map(|n| widget(&format!("w{n}"), "red")).collect();
    items[3].spec.parts = vec![items[1].spec.clone(), items[2].spec.clone()];
    items[4].metadata.labels.insert("brackets", "]}\"{[é");
    let metadata = ListMeta { resource_version: Some("9".into()), ..ListMeta::default() };
    List { metadata, items, ..List::default() }
}

fn bodies() -> [(&'static str, Vec<u8>); 2] {
    [(JSON, json::to_vec(&list()).expect("JSON")), (PROTOBUF, protobuf::to_vec(&list()).expect("protobuf"))]
}

#[tokio::test]
async fn a_list_is_the_same_whatever_its_encoding_and_its_chunks() {
    for (media_type, body) in bodies() {
        for size in [1, 2, 13, 500, body.len()] {
            let chunks = || body.chunks(size).map(<[u8]>::to_vec).collect();
            let (client, _) = scripted([chunked(media_type, chunks()).0, chunked(media_type, chunks()).0]);
            assert_eq!(widgets(&client).list().await.expect("a list"), list());
            let mut stream = widgets(&client).list().stream();
            let items: Vec<_> = stream.by_ref().try_collect().await.expect("items");
            assert_eq!((items, stream.resource_version()), (list().items, Some("9")));
        }
    }
}

#[tokio::test]
async fn no_chunk_is_read_before_the_items_of_the_last_were_taken() {
    let items: Vec<_> = (10..30).map(|n| widget(&format!("w{n}"), "red")).collect();
    let list = List { items, ..List::default() };
    let bodies = [(JSON, json::to_vec(&list).expect("JSON")), (PROTOBUF, protobuf::to_vec(&list).expect("protobuf"))];
    for (media_type, body) in bodies {
        let (response, read) = chunked(media_type, body.chunks(body.len() / 10).map(<[u8]>::to_vec).collect());
        let (client, _) = scripted([response]);
        let mut stream = widgets(&client).list().stream();
        let mut before = 0;
        for taken in 1..=20 {
            stream.next().await.expect("an item").expect("a good one");
            let read = read.load(Ordering::Relaxed);
            assert!(read <= taken / 2 + 2, "{read} chunks of ten for {taken} items of twenty");
            assert!(read >= before, "nothing is read twice");
            before = read;
        }
    }
}

#[tokio::test]
async fn items_may_come_before_the_metadata() {
    let text = br#"{"items":[{"metadata":{"name":"a"}}],"extra":[{"items":[1]}],"metadata":{"resourceVersion":"7"},"kind":"WidgetList","apiVersion":"shapes.example.com/v1"} "#;
    let (client, _) = scripted([whole(JSON, text)]);
    let list = widgets(&client).list().await.expect("a list");
    assert_eq!((list.items.len(), list.metadata.resource_version.as_deref()), (1, Some("7")));
    assert!(list.unknown_fields.get("extra").is_some());
}

#[tokio::test]
async fn absent_and_null_items_are_none() {
    let (client, _) =
        scripted([whole(JSON, br#"{"items":null}"#), whole(JSON, b"{}"), whole(JSON, br#"{"items":[]}"#)]);
    for _ in 0..3 {
        assert_eq!(widgets(&client).list().await.expect("a list"), List::default());
    }
}

#[tokio::test]
async fn a_body_that_ends_early_gives_what_came_and_then_an_error() {
    for (media_type, mut body) in bodies() {
        body.truncate(body.len() * 3 / 4);
        let (client, _) = scripted([whole(media_type, &body)]);
        let items: Vec<_> = widgets(&client).list().stream().collect().await;
        assert!(items.len() > 10, "{}", items.len());
        let (last, rest) = items.split_last().expect("items");
        assert!(rest.iter().all(Result::is_ok));
        let error = last.as_ref().expect_err("cut").to_string();
        assert!(
            error.contains("/widgets: ")
                && error.contains("expected a list of Widget as")
                && error.contains("end here") | error.contains("ends here"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_fault_in_an_item_is_told_with_its_place_in_the_list() {
    let text = br#"{"items":[{},{"spec":{"parts":[{},{"sizes":[1,"x"]}]}}]}"#;
    let good = protobuf::to_vec(&list()).expect("protobuf");
    let at = good.windows(3).position(|bytes| bytes == b"w13").expect("a name");
    let mut bad = good;
    bad[at] = 0xff;
    let cases = [
        (JSON, text.to_vec(), format!(".items[1].spec.parts[1].sizes[1] (byte {})", text.len() - 10)),
        (PROTOBUF, bad, format!(".items[13].metadata.name (byte {at})")),
    ];
    for (media_type, body, expected) in cases {
        let (client, _) = scripted([whole(media_type, &body)]);
        let error = widgets(&client).list().await.expect_err("a bad item");
        assert!(error.is_decode() && error.to_string().contains(&expected), "{error}");
        assert!(error.body().is_some_and(|item| item.len() < 100), "the item alone");
    }
}

#[tokio::test]
async fn what_is_no_list_of_the_kind_is_named() {
    let other = |kind: &str| format!(r#"{{"apiVersion":"v1","kind":"{kind}","items":[{{"spec":7}}]}}"#).into_bytes();
    let status = protobuf::to_vec(&Status::default()).expect("protobuf");
    let page = format!("<html><script>{{\"items\":[</script>{}</html>", "login ".repeat(1000));
    let cases = [
        (JSON, other("PodList"), "expected shapes.example.com/v1 WidgetList, got v1 PodList"),
        (JSON, other("Status"), "got v1 Status"),
        (JSON, page.clone().into_bytes(), "HTML"),
        ("text/html", page.clone().into_bytes(), "login"),
        (PROTOBUF, page.into_bytes(), "HTML"),
        (JSON, b"surprise".to_vec(), "8 bytes of text"),
        (JSON, b"".to_vec(), "an empty body"),
        (PROTOBUF, b"".to_vec(), "an empty body"),
        (JSON, b"{\"items\":[1]}".to_vec(), "expected an object among the items"),
        (JSON, b"{\"items\":[{}]} {}".to_vec(), "found more"),
        (JSON, b"{\"items\":[{}],}".to_vec(), "expected a key in quotes"),
        (PROTOBUF, status, "got v1 Status"),
    ];
    for (media_type, body, expected) in cases {
        let (client, _) = scripted([whole(media_type, &body)]);
        let error = widgets(&client).list().await.expect_err(expected);
        assert!(error.is_decode() && error.to_string().contains(expected), "{expected}: {error}");
    }
}

#[tokio::test]
async fn a_page_of_html_is_not_read_to_its_end() {
    let (response, read) = chunked("text/html", vec![b"<html>".to_vec(); 100]);
    let (client, _) = scripted([response]);
    widgets(&client).list().await.expect_err("no list");
    assert_eq!(read.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_item_that_protobuf_can_not_be_read_to_is_asked_for_in_json() {
    // An envelope whose content is in an encoding that is not ours.
    let mut odd = protobuf::to_vec(&widget("a", "red")).expect("protobuf");
    odd.extend_from_slice(&[3 << 3 | 2, 4, b'g', b'z', b'i', b'p']);
    let text = json::to_vec(&widget("a", "red")).expect("JSON");
    let (client, log) = scripted([whole(PROTOBUF, &odd), whole(JSON, &text)]);
    assert_eq!(widgets(&client).get("a").await.expect("JSON"), widget("a", "red"));
    assert_eq!(log.lock().expect("ok")[1].accept.as_deref(), Some(JSON));
}
