//! Pages of a list that has expired meanwhile.
#![allow(missing_docs)]

use http::Request;
use http_body_util::BodyExt as _;
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::Value;

async fn get(client: &Client, query: &str) -> (u16, Value) {
    let path = format!("/api/v1/namespaces/default/configmaps?{query}");
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), serde_json::from_slice(&body).expect("JSON"))
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("items");
    items.iter().filter_map(|item| item["metadata"]["name"].as_str()).collect()
}

#[tokio::test]
async fn the_rest_of_an_expired_list_is_that_of_now() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let client = cluster.client();
    let config_maps = client.core_v1().config_maps("default");
    let create = async |name: &str| {
        let map = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
        config_maps.create(&map).await.expect("created");
    };
    for name in ["a", "b", "c", "d"] {
        create(name).await;
    }
    let (_, first) = get(&client, "limit=2").await;
    assert_eq!(names(&first), ["a", "b"]);
    let token = first["metadata"]["continue"].as_str().expect("a token");
    create("e").await;
    let (_, second) = get(&client, &format!("continue={token}")).await;
    assert_eq!(names(&second), ["c", "d"], "as it was with the first page");

    create("f").await;
    cluster.compact();
    let (code, expired) = get(&client, &format!("limit=2&continue={token}")).await;
    assert_eq!((code, &expired["reason"]), (410, &Value::from("Expired")));
    let token = expired["metadata"]["continue"].as_str().expect("a token");
    let (code, rest) = get(&client, &format!("limit=3&continue={token}")).await;
    assert_eq!((code, names(&rest)), (200, vec!["c", "d", "e"]));
    assert_eq!(rest["metadata"]["resourceVersion"], cluster.resource_version().to_string());
    let token = rest["metadata"]["continue"].as_str().expect("a token");
    assert_eq!(names(&get(&client, &format!("continue={token}")).await.1), ["f"]);
}

#[tokio::test]
async fn a_version_that_is_too_old_has_no_rest() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let client = cluster.client();
    let map = ConfigMap { metadata: ObjectMeta::named("a"), ..Default::default() };
    client.core_v1().config_maps("default").create(&map).await.expect("created");
    cluster.compact();
    let (code, status) = get(&client, "resourceVersion=1&resourceVersionMatch=Exact").await;
    assert_eq!((code, &status["metadata"]), (410, &serde_json::json!({})));
    let message = "The resourceVersion for the provided list is too old.";
    assert_eq!(status["message"], message);
}
