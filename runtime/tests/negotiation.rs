//! JSON or protobuf: what is asked for and sent, what is understood, and what happens when the server declines.
#![allow(missing_docs)]

mod support;

use futures_util::{StreamExt as _, TryStreamExt as _};
use http::Request;
use kubewright_runtime::meta::v1::{List, ListMeta, Status};
use kubewright_runtime::transport::Body;
use kubewright_runtime::{ClientBuilder, Deleted, Patch, WatchEvent, json, protobuf};
use support::{Widget, json as json_response, protobuf as protobuf_response, refusal, scripted, widget, widgets};

const EITHER: &str = "application/vnd.kubernetes.protobuf, application/json";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

fn header<'a, B>(request: &'a Request<B>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn a_kind_with_protobuf_is_asked_for_and_sent_in_it_but_patched_in_json() {
    let (client, _) = scripted([]);
    let (api, object) = (widgets(&client), widget("a", "red"));
    let table = [
        (api.get("a").request(), ""),
        (api.list().request(), ""),
        (api.watch().request(), ""),
        (api.create(&object).request(), PROTOBUF),
        (api.replace(&object).request(), PROTOBUF),
        (api.replace_subresource(&object, "status").request(), PROTOBUF),
        (api.patch("a", Patch::merge(())).request(), "application/merge-patch+json"),
        (api.apply(&object, "me").request(), "application/apply-patch+yaml"),
        (api.delete("a").if_uid("u").request(), "application/json"),
        (api.delete_collection().request(), ""),
    ];
    for (request, content_type) in table {
        let request = request.expect("a request");
        assert_eq!((header(&request, "accept"), header(&request, "content-type")), (EITHER, content_type));
    }
    let body = api.create(&object).request().expect("a request").into_body();
    assert_eq!(protobuf::from_slice::<Widget>(&body).expect("protobuf"), object);
}

#[test]
fn metadata_is_asked_for_in_both_and_a_table_in_json() {
    let (client, _) = scripted([]);
    let api = widgets(&client);
    assert_eq!(
        header(&api.list().metadata_only().request().expect("ok"), "accept"),
        "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, \
         application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    );
    assert_eq!(
        header(&api.get("a").table().request().expect("ok"), "accept"),
        "application/json;as=Table;g=meta.k8s.io;v=v1"
    );
}

#[tokio::test]
async fn json_only_is_json_only() {
    let service = tower::service_fn(|_: Request<Body>| async { Err::<http::Response<Body>, _>("nothing is sent") });
    let client = ClientBuilder::from_service(service).json_only().build();
    let request = widgets(&client).create(&widget("a", "red")).request().expect("a request");
    assert_eq!(
        (header(&request, "accept"), header(&request, "content-type")),
        ("application/json", "application/json")
    );
}

#[tokio::test]
async fn an_answer_is_read_by_what_it_says_it_is() {
    let object = widget("a", "red");
    let text = String::from_utf8(json::to_vec(&object).expect("JSON")).expect("text");
    let list = List {
        metadata: ListMeta { resource_version: Some("7".into()), ..ListMeta::default() },
        items: vec![object.clone()],
        ..List::default()
    };
    let done = Status { status: Some("Success".into()), ..Status::default() };
    let (client, _) = scripted([
        protobuf_response(200, &object),
        json_response(200, &text),
        protobuf_response(200, &list),
        protobuf_response(200, &done),
        protobuf_response(200, &object),
        protobuf_response(200, &done),
    ]);
    let api = widgets(&client);
    assert_eq!(api.get("a").await.expect("protobuf"), object);
    assert_eq!(api.get("a").await.expect("JSON"), object);
    let read = api.list().await.expect("a list");
    assert_eq!((read.items, read.metadata.resource_version), (vec![object.clone()], Some("7".into())));
    assert!(matches!(api.delete("a").await, Ok(Deleted::Done(_))));
    assert!(matches!(api.delete("a").await, Ok(Deleted::Pending(left)) if *left == object));
    assert!(api.delete_collection().await.expect("a status").items.is_empty());
}

#[tokio::test]
async fn a_refusal_in_protobuf_is_a_refusal() {
    let status = Status { reason: Some("NotFound".into()), code: Some(404), ..Status::default() };
    let (client, _) = scripted([protobuf_response(404, &status)]);
    assert!(widgets(&client).get("a").await.expect_err("a refusal").is_not_found());
}

#[tokio::test]
async fn what_says_it_is_protobuf_and_is_not_is_named() {
    let mut page = protobuf_response(200, &Status::default());
    *page.body_mut() = "<html>login</html>".into();
    let other = protobuf_response(200, &Status::default());
    let mut cut = protobuf::to_vec(&widget("a", "red")).expect("protobuf");
    cut.pop();
    let mut short = protobuf_response(200, &Status::default());
    *short.body_mut() = cut.into();
    let (client, _) = scripted([page, other, short]);
    for expected in ["HTML", "expected shapes.example.com/v1 Widget, got v1 Status", "expected a Widget as protobuf"] {
        let error = widgets(&client).get("a").await.expect_err("no widget");
        assert!(error.is_decode() && error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_server_without_protobuf_is_asked_again_in_json_and_it_is_remembered() {
    let object = widget("a", "red");
    let text = String::from_utf8(json::to_vec(&object).expect("JSON")).expect("text");
    for code in [406, 415] {
        let answers = [refusal(code, ""), json_response(201, &text), json_response(200, &text)];
        let (client, log) = scripted(answers);
        let api = widgets(&client);
        assert_eq!(api.create(&object).await.expect("created at last"), object);
        assert_eq!(api.get("a").await.expect("an object"), object);
        let log = log.lock().expect("ok");
        let seen: Vec<_> = log.iter().map(|seen| (seen.content_type.as_deref(), seen.accept.as_deref())).collect();
        let json = Some("application/json");
        assert_eq!(seen, [(Some(PROTOBUF), Some(EITHER)), (json, json), (None, json)]);
        assert_eq!(log[1].body, text);
    }
}

#[tokio::test]
async fn a_refusal_of_json_is_told_and_not_repeated() {
    let (client, log) = scripted([refusal(415, ""), refusal(415, "UnsupportedMediaType")]);
    let error = widgets(&client).create(&widget("a", "red")).await.expect_err("refused");
    assert_eq!(error.reason(), Some("UnsupportedMediaType"));
    assert_eq!(log.lock().expect("ok").len(), 2);
}

#[test]
fn an_object_goes_in_the_encoding_that_has_a_place_for_all_of_it() {
    let (client, _) = scripted([]);
    let mut from_json = widget("a", "red");
    from_json.spec.unknown_fields.insert("weight", "3".parse().expect("JSON"));
    let request = widgets(&client).create(&from_json).request().expect("a request");
    assert_eq!(header(&request, "content-type"), "application/json");

    let mut from_protobuf = widget("a", "red");
    from_protobuf.spec.unknown_fields.push_protobuf(&[0x50, 1]);
    let request = widgets(&client).create(&from_protobuf).request().expect("a request");
    assert_eq!(header(&request, "content-type"), PROTOBUF);
    let error = json::to_vec(&from_protobuf).expect_err("no place");
    assert!(error.needs_protobuf() && error.path() == ".spec", "{error}");
    assert!(serde_json::to_value(&from_protobuf).is_err());

    let mut from_both = from_json;
    from_both.metadata.unknown_fields.push_protobuf(&[0x50, 1]);
    let error = widgets(&client).create(&from_both).request().expect_err("no place in either");
    assert!(
        error.is_build() && error.to_string().contains("JSON") && error.to_string().contains("protobuf"),
        "{error}"
    );
}

/// A watch's frame in protobuf.
fn frame(event: &str, object: &dyn kubewright_runtime::message::Message) -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| {
        let length = u8::try_from(bytes.len()).expect("short");
        let mut out = vec![number << 3 | 2, (length & 0x7f) | 0x80, length >> 7];
        out.extend_from_slice(bytes);
        out
    };
    let object = protobuf::to_vec(object).expect("protobuf");
    let event = [field(1, event.as_bytes()), field(2, &field(1, &object))].concat();
    [&u32::try_from(event.len()).expect("short").to_be_bytes()[..], &event].concat()
}

/// A watch in protobuf that comes in these chunks.
fn watch(chunks: Vec<Vec<u8>>) -> http::Response<Body> {
    let frames = chunks.into_iter().map(|chunk| Ok::<_, std::io::Error>(http_body::Frame::data(chunk.into())));
    http::Response::builder()
        .header("content-type", "application/vnd.kubernetes.protobuf;stream=watch")
        .body(Body::wrap(http_body_util::StreamBody::new(futures_util::stream::iter(frames))))
        .expect("a response")
}

#[tokio::test]
async fn a_watch_in_protobuf_gives_its_events_whatever_the_chunks() {
    let mut mark = Widget::default();
    mark.metadata.resource_version = Some("7".into());
    mark.metadata.annotations.insert("k8s.io/initial-events-end", "true");
    let (a, b) = (widget("a", "red"), widget("b", "blue"));
    let whole = [
        frame("ADDED", &a),
        frame("MODIFIED", &b),
        frame("SOMETHING", &b),
        frame("DELETED", &b),
        frame("BOOKMARK", &mark),
    ]
    .concat();
    for size in [1, 7, whole.len()] {
        let (client, _) = scripted([watch(whole.chunks(size).map(<[u8]>::to_vec).collect())]);
        let events: Vec<_> = widgets(&client).watch().await.expect("a watch").try_collect().await.expect("events");
        assert_eq!(
            events[..3],
            [WatchEvent::Added(a.clone()), WatchEvent::Modified(b.clone()), WatchEvent::Deleted(b.clone())]
        );
        assert!(
            matches!(&events[3], WatchEvent::Bookmark(mark) if mark.resource_version == "7" && mark.initial_events_end())
        );
    }
}

#[tokio::test]
async fn what_goes_wrong_in_a_watch_in_protobuf_is_its_last_item() {
    let expired = Status { reason: Some("Expired".into()), code: Some(410), ..Status::default() };
    let mut cut = frame("ADDED", &widget("a", "red"));
    cut.pop();
    let table = [
        (frame("ERROR", &expired), "Expired (410)"),
        (cut, "truncated in the middle of an event"),
        (b"<html>login</html>".to_vec(), "<html>login</html>"),
        (vec![0xff; 8], "larger than 64 MiB"),
        (vec![0, 0, 0, 2, 0xff, 0xff], "expected a watch event as protobuf"),
        (frame("ADDED", &expired), "expected shapes.example.com/v1 Widget, got v1 Status"),
    ];
    for (bytes, expected) in table {
        let (client, _) = scripted([watch(vec![frame("ADDED", &widget("z", "red")), bytes])]);
        let events: Vec<_> = widgets(&client).watch().await.expect("a watch").collect().await;
        assert!(events.len() == 2 && events[0].is_ok(), "{events:?}");
        let error = events[1].as_ref().expect_err("an error").to_string();
        assert!(error.contains(expected), "{error}");
    }
}
