//! What holds for every call, whichever way it was started: one exchange names the operation in an error, and explains it.
#![allow(missing_docs)]

mod peer;
mod support;

use futures_util::TryStreamExt as _;
use http::Request;
use kubewright_runtime::api::Handle;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{Client, DynamicObject, Error};
use peer::{PODS, pods};
use support::{api, scripted};

/// Every way by which something is sent, as it fails.
async fn failures(client: &Client) -> Vec<(&'static str, Error)> {
    let (pods, api) = (pods(client), api(client));
    let logs = Handle::<DynamicObject>::namespaced(client, &PODS, "shop");
    let request = || Request::get("/api/v1/pods/x").body(Body::empty()).expect("a request");
    vec![
        ("get", api.get("x").await.expect_err("get")),
        ("list", api.list().await.expect_err("list")),
        ("items", api.list().stream().try_next().await.expect_err("items")),
        ("watch", api.watch().await.map(drop).expect_err("watch")),
        ("list and watch", api.list().then_watch().try_next().await.expect_err("list and watch")),
        ("table", api.get("x").table().await.expect_err("table")),
        ("log", logs.text_sub("x", "log").await.expect_err("log")),
        ("lines", logs.text_sub("x", "log").lines().await.map(drop).expect_err("lines")),
        ("exec", pods.exec("x", "exec", ["ls"]).output().await.expect_err("exec")),
        ("connect", pods.connect("x", "attach").await.map(drop).expect_err("connect")),
        ("port-forward", pods.port_forward("x", "portforward", 80).connect().await.map(drop).expect_err("forward")),
        ("text", client.get_text("/openapi/v3", "*/*").await.expect_err("text")),
        ("version", client.server_version().await.expect_err("version")),
        ("raw", client.send(request()).await.map(drop).expect_err("raw")),
        ("proxy", pods.proxy("x", "proxy").get("/").await.map(drop).expect_err("proxy")),
    ]
}

#[tokio::test]
async fn an_error_names_the_operation_whichever_way_the_call_was_started() {
    // The script has no answer: the connection fails.
    let (client, _) = scripted([]);
    for (way, error) in failures(&client).await {
        assert!(error.is_connection(), "{way}: {error:?}");
        let operation = error.operation().unwrap_or_else(|| panic!("{way} names no operation: {error}"));
        assert!(operation.method == http::Method::GET && operation.path.starts_with('/'), "{way}: {operation}");
    }
}
