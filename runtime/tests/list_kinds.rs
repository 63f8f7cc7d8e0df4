//! Lists of custom resources may be of a kind of any name.
#![allow(missing_docs)]

mod support;

use futures_util::TryStreamExt as _;
use kubewright_runtime::meta::v1::List;
use support::{Widget, json, scripted, widgets};

const LIST: &str = r#"{"apiVersion":"shapes.example.com/v1","items":[{"metadata":{"name":"a"}}],"kind":"WidgetCollection","metadata":{"continue":"","resourceVersion":"8"}}"#;

#[tokio::test]
async fn a_list_is_read_whatever_its_kind_is_called() {
    let (client, _) = scripted([json(200, LIST), json(200, LIST), json(200, LIST)]);
    assert_eq!(widgets(&client).list().await.expect("a list").items.len(), 1);
    assert_eq!(widgets(&client).list().stream().try_collect::<Vec<Widget>>().await.expect("items").len(), 1);
    assert_eq!(widgets(&client).delete_collection().await.expect("deleted").items.len(), 1);
}

#[tokio::test]
async fn one_object_and_a_status_are_no_list() {
    for kind in ["Widget", "Status"] {
        let body = format!(r#"{{"apiVersion":"shapes.example.com/v1","kind":"{kind}","metadata":{{}}}}"#);
        let body = if kind == "Status" { body.replace("shapes.example.com/", "") } else { body };
        let (client, _) = scripted([json(200, &body)]);
        let error = widgets(&client).list().await.expect_err(kind);
        assert!(error.is_decode(), "{error}");
    }
}

#[test]
fn a_document_that_is_no_answer_of_a_server_must_have_the_right_kind() {
    assert!(serde_json::from_str::<List<Widget>>(LIST).is_err());
}
