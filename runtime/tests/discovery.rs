//! What a server serves, found out at run time: from servers of a script.
#![allow(missing_docs)]

mod support;

use http::Response;
use kubewright_runtime::discovery::{ApiResource, Discovery};
use kubewright_runtime::transport::Body;
use kubewright_runtime::{Client, DynamicResource};
use support::{json, refusal, scripted};

const CORE: &str = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{"creationTimestamp":null},"versions":[
    {"version":"v1","freshness":"Current","resources":[
        {"resource":"events","responseKind":{"group":"","version":"","kind":"Event"},"scope":"Namespaced","singularResource":"event","verbs":["get","list"],"shortNames":["ev"]},
        {"resource":"pods","responseKind":{"group":"","version":"","kind":"Pod"},"scope":"Namespaced","singularResource":"pod","verbs":["get","list","watch"],"shortNames":["po"],"categories":["all"],
         "subresources":[{"subresource":"status","responseKind":{"group":"","version":"","kind":"Pod"},"verbs":["get","patch"]},
                         {"subresource":"eviction","responseKind":{"group":"policy","version":"v1","kind":"Eviction"},"verbs":["create"]}]}]}]}]}"#;

const GROUPS: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
    {"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[
        {"resource":"deployments","responseKind":{"group":"apps","version":"v1","kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get"],"shortNames":["deploy"],"categories":["all"]}]}]},
    {"metadata":{"name":"events.k8s.io"},"versions":[{"version":"v1","resources":[
        {"resource":"events","responseKind":{"kind":"Event"},"scope":"Namespaced","singularResource":"event","verbs":["get"],"shortNames":["ev"]}]}]},
    {"metadata":{"name":"stable.example.com"},"versions":[
        {"version":"v2","freshness":"Stale","resources":[{"resource":"crontabs","responseKind":{"kind":"CronTab"},"scope":"Namespaced","singularResource":"crontab","verbs":["get"],"shortNames":["po"]}]},
        {"version":"v1","resources":[
            {"resource":"crontabs","responseKind":{"kind":"CronTab"},"scope":"Namespaced","verbs":["get"]},
            {"resource":"deployment","responseKind":{"kind":"Odd"},"scope":"Cluster","verbs":["get"]},
            {"resource":"nothing","scope":"Cluster","verbs":[],"subresources":[{"subresource":"status","verbs":["get"]}]}]}]}]}"#;

fn tagged(body: &str, etag: &str) -> Response<Body> {
    let mut response = json(200, body);
    response.headers_mut().insert("etag", etag.parse().expect("a value"));
    response
}

fn unchanged() -> Response<Body> {
    Response::builder().status(304).body(Body::empty()).expect("a response")
}

fn named(resource: Option<&ApiResource>) -> Option<String> {
    resource.map(|resource| format!("{}.{}", resource.plural, resource.api_version()))
}

async fn discovery(client: &Client) -> std::sync::Arc<Discovery> {
    client.discovery().await.expect("discovery")
}

#[tokio::test]
async fn a_resource_is_found_by_any_name_that_kubectl_takes() {
    let (client, _) = scripted([json(200, CORE), json(200, GROUPS)]);
    let found = discovery(&client).await;
    for (name, resource) in [
        ("pods", Some("pods.v1")),
        ("pod", Some("pods.v1")),
        ("Pod", Some("pods.v1")),
        ("PODS", Some("pods.v1")),
        // The core group's short name, though another group has it too.
        ("po", Some("pods.v1")),
        ("deploy", Some("deployments.apps/v1")),
        ("deployments.apps", Some("deployments.apps/v1")),
        ("deployments.v1.apps", Some("deployments.apps/v1")),
        ("deployments.v2.apps", None),
        ("deployments.extensions", None),
        // A plural goes before a singular.
        ("deployment", Some("deployment.stable.example.com/v1")),
        ("events", Some("events.v1")),
        ("ev.events.k8s.io", Some("events.events.k8s.io/v1")),
        ("events.v1", Some("events.v1")),
        ("events.v1.", Some("events.v1")),
        // The version that the server prefers.
        ("crontabs", Some("crontabs.stable.example.com/v2")),
        ("crontabs.v1.stable.example.com", Some("crontabs.stable.example.com/v1")),
        ("odd", Some("deployment.stable.example.com/v1")),
        ("", None),
        (".", None),
        ("nothing", None),
    ] {
        assert_eq!(named(found.find(name)).as_deref(), resource, "{name:?}");
    }
    assert_eq!(named(found.kind("apps/v1", "Deployment")).as_deref(), Some("deployments.apps/v1"));
    assert_eq!(named(found.kind("v1", "Pod")).as_deref(), Some("pods.v1"));
    assert_eq!(found.kind("apps/v1", "deployment"), None);
    let all: Vec<_> = found.category("all").map(|resource| resource.plural.as_str()).collect();
    assert_eq!(all, ["pods", "deployments"]);
    let stale: Vec<_> = found.stale().map(|(group, version)| format!("{}/{}", group.name, version.version)).collect();
    assert_eq!(stale, ["stable.example.com/v2"]);
    assert_eq!(found.preferred_resources().filter(|resource| resource.plural == "crontabs").count(), 1);
    let pods = found.find("pods").expect("pods");
    assert!(pods.supports("watch") && !pods.supports("create"));
    let eviction = pods.subresource("eviction").expect("eviction");
    assert_eq!((&*eviction.group, &*eviction.version, &*eviction.kind), ("policy", "v1", "Eviction"));
    let status = pods.subresource("status").expect("status");
    assert_eq!((&*status.group, &*status.version, &*status.kind), ("", "v1", "Pod"));
    let resource = DynamicResource::from(found.find("deploy").expect("deployments"));
    assert_eq!((resource.api_version().as_str(), resource.namespaced), ("apps/v1", true));
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let more = GROUPS.replace("deploy\"]", "deploy\",\"dp\"]");
    let (client, log) = scripted([
        tagged(CORE, "\"A\""),
        tagged(GROUPS, "\"B\""),
        unchanged(),
        unchanged(),
        unchanged(),
        tagged(&more, "\"C\""),
        unchanged(),
        unchanged(),
        unchanged(),
        tagged(&more, "\"D\""),
        unchanged(),
        unchanged(),
    ]);
    let first = discovery(&client).await;
    let clone = client.clone();
    let second = tokio::spawn(async move { discovery(&clone).await }).await.expect("no panic");
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert_eq!(first.find("dp"), None);
    let third = discovery(&client).await;
    assert_eq!(named(third.find("dp")).as_deref(), Some("deployments.apps/v1"));
    assert_eq!(named(third.find("pods")).as_deref(), Some("pods.v1"), "the other path is kept");
    assert!(std::sync::Arc::ptr_eq(&third, &discovery(&client).await));
    // Nor is it with a new tag of the same groups.
    assert!(std::sync::Arc::ptr_eq(&third, &discovery(&client).await));
    assert!(std::sync::Arc::ptr_eq(&third, &discovery(&client).await));
    let log = log.lock().expect("not poisoned");
    let asked: Vec<_> = log.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(asked, ["/api", "/apis"].repeat(6));
    assert_eq!(log[11].if_none_match.as_deref(), Some("\"D\""));
    assert!(
        log.iter().all(|seen| seen.accept.as_deref().is_some_and(|accept| accept.contains("apidiscovery.k8s.io;v=v2")))
    );
}

#[tokio::test]
async fn a_server_without_aggregated_discovery_is_asked_group_by_group() {
    let versions = r#"{"kind":"APIVersions","versions":["v1"]}"#;
    let groups = r#"{"kind":"APIGroupList","apiVersion":"v1","groups":[
        {"name":"apps","versions":[{"groupVersion":"apps/v1beta1","version":"v1beta1"},{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}},
        {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1","version":"v1"}]}]}"#;
    let core = r#"{"kind":"APIResourceList","resources":[
        {"name":"pods","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"],"shortNames":["po"]},
        {"name":"pods/eviction","namespaced":true,"group":"policy","version":"v1","kind":"Eviction","verbs":["create"]}]}"#;
    let apps = r#"{"kind":"APIResourceList","resources":[{"name":"deployments","singularName":"deployment","namespaced":true,"kind":"Deployment","verbs":["get"]}]}"#;
    // The two paths are asked side by side.
    let service = tower::service_fn(move |request: http::Request<Body>| async move {
        Ok::<_, std::convert::Infallible>(match request.uri().path() {
            "/api" => json(200, versions),
            "/apis" => json(200, groups),
            "/api/v1" => json(200, core),
            "/apis/apps/v1" | "/apis/apps/v1beta1" => json(200, apps),
            _ => refusal(503, "ServiceUnavailable"),
        })
    });
    let found = discovery(&Client::from_service(service, "default")).await;
    assert_eq!(named(found.find("deployment")).as_deref(), Some("deployments.apps/v1"));
    assert_eq!(named(found.find("deployments.v1beta1.apps")).as_deref(), Some("deployments.apps/v1beta1"));
    let pods = found.find("po").expect("pods");
    assert_eq!(pods.subresource("eviction").map(|eviction| &*eviction.group), Some("policy"));
    let stale: Vec<_> = found.stale().map(|(group, _)| group.name.as_str()).collect();
    assert_eq!(stale, ["metrics.k8s.io"], "a server that is down does not hide the others");
}

#[tokio::test]
async fn what_is_no_discovery_is_an_error_that_names_the_path() {
    for body in ["<html>", "{}", r#"{"kind":"PodList"}"#, r#"{"kind":"APIGroupDiscoveryList","items":5}"#, ""] {
        let (client, _) = scripted([json(200, body), json(200, GROUPS)]);
        let error = client.discovery().await.expect_err(body);
        assert!(error.is_decode(), "{error:?}");
        assert!(error.to_string().contains("/api"), "{error}");
    }
    let (client, _) = scripted([refusal(403, "Forbidden"), json(200, GROUPS)]);
    let error = client.discovery().await.expect_err("refused");
    assert!(error.is_forbidden() && error.operation().is_some_and(|operation| operation.path == "/api"), "{error:?}");
}
