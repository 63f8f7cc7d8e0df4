//! Fields that reads leave out, in both encodings, and what must still be good in them.
#![allow(missing_docs)]

mod support;

use futures_util::TryStreamExt as _;
use kubewright_runtime::json::{Filter, Options};
use kubewright_runtime::message::MessageType;
use kubewright_runtime::meta::v1::{List, ManagedFieldsEntry};
use kubewright_runtime::transport::Body;
use kubewright_runtime::{ClientBuilder, WatchEvent, json, protobuf};
use support::{Widget, WidgetSpec, protobuf as protobuf_response, scripted, widget, widgets};

/// A widget with something in every field.
fn full() -> Widget {
    let mut widget = widget("a", "red");
    widget.metadata.managed_fields = vec![ManagedFieldsEntry { manager: Some("me".into()), ..Default::default() }];
    widget.metadata.labels.insert("app", "web");
    let part = WidgetSpec { color: Some("blue".into()), sizes: vec![1, 2], ..WidgetSpec::default() };
    widget.spec.parts = vec![part.clone(), part];
    widget.spec.sizes = vec![3];
    widget
}

/// Reads a widget in both encodings, without these fields.
#[track_caller]
fn read(paths: &[&str]) -> Widget {
    let options = Options::default().filter(Filter::new(Widget::table(), paths).expect("good paths"));
    let (mut from_json, mut from_protobuf) = (Widget::default(), Widget::default());
    let text = String::from_utf8(json::to_vec(&full()).expect("JSON")).expect("text");
    json::decode_into(&mut from_json, &text, &options).expect("good JSON");
    protobuf::decode_into(&mut from_protobuf, &protobuf::to_vec(&full()).expect("protobuf"), &options).expect("good");
    assert_eq!(from_json, from_protobuf);
    from_json
}

#[test]
fn what_a_path_names_is_left_out_and_nothing_else() {
    let mut expected = full();
    expected.metadata.managed_fields.clear();
    assert_eq!(read(&[".metadata.managedFields"]), expected);

    let mut expected = full();
    expected.spec.parts[0].sizes.clear();
    expected.spec.parts[1].sizes.clear();
    expected.metadata.labels.clear();
    assert_eq!(read(&[".spec.parts[].sizes", "metadata.labels"]), expected);
    assert_eq!(read(&[".spec.parts.sizes", ".spec.parts.parts.color", ".metadata.labels"]), expected);

    let expected = Widget { metadata: full().metadata, ..Widget::default() };
    assert_eq!(read(&[".spec.parts.color", ".spec"]), expected);
    assert_eq!(read(&[".spec", ".spec.parts.color"]), expected);
    assert_eq!(read(&[]), full());
}

#[test]
fn null_in_the_way_of_a_path_does_not_lead_it_astray() {
    let text = r#"{"spec":{"parts":null,"color":"red","sizes":[1]},"metadata":null}"#;
    let options = Options::default()
        .filter(Filter::new(Widget::table(), &[".spec.parts.color", ".metadata.name"]).expect("good"));
    let mut widget = Widget::default();
    json::decode_into(&mut widget, text, &options).expect("good JSON");
    assert_eq!((widget.spec.color.as_deref(), &*widget.spec.sizes), (Some("red"), &[1][..]));
}

#[test]
fn a_path_that_leads_nowhere_is_named() {
    for (path, expected) in [
        (".spec.colour", "no field .spec.colour in Widget: WidgetSpec has no field colour"),
        (".spec.color.red", "no field .spec.color.red in Widget: color of WidgetSpec has no fields"),
        ("", "no field  in Widget: Widget has no field "),
    ] {
        assert_eq!(Filter::new(Widget::table(), &[path]).expect_err("no such field").to_string(), expected);
    }
    let (client, _) = scripted([]);
    let error = widgets(&client).list().drop_fields(&[".spec.colour"]).request().expect_err("no such field");
    assert!(error.is_build() && error.to_string().contains("WidgetSpec has no field colour"), "{error}");
}

#[test]
fn what_is_left_out_must_still_be_good() {
    let options = Options::default().filter(Filter::new(Widget::table(), &[".spec"]).expect("good"));
    for text in [r#"{"spec":{"color":}}"#, r#"{"spec":{"color":"red"}"#, r#"{"spec":[1,]}"#, "{\"spec\":\"\u{1}\"}"] {
        let error = json::decode_into(&mut Widget::default(), text, &options).expect_err("bad JSON");
        assert!(error.path().starts_with(".spec") || error.path().is_empty(), "{error}");
    }
    let error = protobuf::decode_bare(&mut Widget::default(), &[2 << 3 | 2, 5, 1], &options).expect_err("cut");
    assert_eq!((error.path().as_str(), error.is_truncated()), (".spec", true));
}

#[tokio::test]
async fn every_read_can_leave_fields_out() {
    let mut expected = full();
    expected.metadata.managed_fields.clear();
    let list = List { items: vec![full(), full()], ..List::default() };
    let line = format!("{{\"type\":\"ADDED\",\"object\":{}}}\n", serde_json::to_string(&full()).expect("JSON"));
    let (client, _) = scripted([
        protobuf_response(200, &full()),
        protobuf_response(200, &list),
        http::Response::new(Body::from(line)),
    ]);
    let api = widgets(&client);
    assert_eq!(api.get("a").without_managed_fields().await.expect("an object"), expected);
    let items = api.list().without_managed_fields().await.expect("a list").items;
    assert_eq!(items, [expected.clone(), expected.clone()]);
    let events: Vec<_> =
        api.watch().without_managed_fields().await.expect("a watch").try_collect().await.expect("events");
    assert_eq!(events, [WatchEvent::Added(expected)]);
}

#[tokio::test]
async fn a_client_can_leave_managed_fields_out_of_all_it_reads() {
    let service = tower::service_fn(|_: http::Request<Body>| async {
        Ok::<_, std::convert::Infallible>(protobuf_response(200, &full()))
    });
    let client = ClientBuilder::from_service(service).without_managed_fields().build();
    let api = widgets(&client);
    assert!(api.get("a").await.expect("an object").metadata.managed_fields.is_empty());
    assert!(api.get("a").drop_fields(&[".spec.sizes"]).metadata_only().request().is_ok());
    assert!(
        !api.create(&full()).await.expect("an object").metadata.managed_fields.is_empty(),
        "what a write answers is whole"
    );
}
