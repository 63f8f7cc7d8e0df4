//! What each builder asks for: method, path, query, media types and body, without anything being sent.
#![allow(missing_docs)]

mod support;

use bytes::Bytes;
use http::Request;
use kubewright_runtime::{
    Api, Client, DynamicObject, DynamicResource, FieldValidation, Patch, PropagationPolicy, ResourceVersionMatch, Scope,
};
use serde_json::json;
use support::{api, crontabs, scripted};

fn client() -> Client {
    scripted([]).0
}

fn line(request: Request<Bytes>) -> String {
    format!("{} {}", request.method(), request.uri())
}

fn body(request: &Request<Bytes>) -> serde_json::Value {
    serde_json::from_slice(request.body()).expect("JSON")
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

const BASE: &str = "/apis/stable.example.com/v1/namespaces/shop/crontabs";

#[test]
fn every_verb_has_its_method_and_path() {
    let (client, mut object) = (client(), DynamicObject::new(&crontabs(), "a"));
    object.set("spec", json!({})).expect("JSON");
    let api = api(&client);
    let table = [
        (api.get("a").request(), format!("GET {BASE}/a")),
        (api.list().request(), format!("GET {BASE}")),
        (api.watch().request(), format!("GET {BASE}?watch=true")),
        (api.create(&object).request(), format!("POST {BASE}")),
        (api.replace(&object).request(), format!("PUT {BASE}/a")),
        (api.patch("a", Patch::merge(json!({}))).request(), format!("PATCH {BASE}/a")),
        (api.apply(&object, "me").request(), format!("PATCH {BASE}/a?fieldManager=me")),
        (api.delete("a").request(), format!("DELETE {BASE}/a")),
        (api.delete_collection().request(), format!("DELETE {BASE}")),
        (api.get_subresource("a", "status").request(), format!("GET {BASE}/a/status")),
        (api.replace_subresource(&object, "status").request(), format!("PUT {BASE}/a/status")),
    ];
    for (request, expected) in table {
        assert_eq!(line(request.expect("a request")), expected);
    }
}

#[test]
fn the_core_group_and_the_cluster_scope_have_their_paths() {
    let nodes = DynamicResource {
        group: String::new(),
        version: "v1".into(),
        kind: "Node".into(),
        plural: "nodes".into(),
        namespaced: false,
    };
    let client = client();
    assert_eq!(
        line(Api::dynamic(&client, &nodes, Scope::Cluster).get("n1").request().expect("ok")),
        "GET /api/v1/nodes/n1"
    );
    let all = Api::dynamic(&client, &crontabs(), Scope::Cluster);
    assert_eq!(line(all.list().request().expect("ok")), "GET /apis/stable.example.com/v1/crontabs");
}

#[test]
fn options_become_the_parameters_of_the_documents() {
    let (client, object) = (client(), DynamicObject::new(&crontabs(), "a"));
    let api = api(&client);
    let list = api
        .list()
        .labels("app=web,tier in (a, b)")
        .labels("x")
        .fields("metadata.name=a")
        .limit(5)
        .resource_version("12")
        .resource_version_match(ResourceVersionMatch::NotOlderThan)
        .timeout_seconds(9)
        .shard_selector("s");
    assert_eq!(
        line(list.request().expect("ok")),
        format!(
            "GET {BASE}?labelSelector=app%3Dweb,tier%20in%20(a,%20b),x&fieldSelector=metadata.name%3Da&limit=5\
             &resourceVersion=12&resourceVersionMatch=NotOlderThan&timeoutSeconds=9&shardSelector=s"
        )
    );
    let watch = api.watch().send_initial_events().resource_version("7");
    assert_eq!(
        line(watch.request().expect("ok")),
        format!(
            "GET {BASE}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=7"
        )
    );
    let create = api.create(&object).dry_run().field_manager("me").field_validation(FieldValidation::Strict);
    assert_eq!(
        line(create.request().expect("ok")),
        format!("POST {BASE}?dryRun=All&fieldManager=me&fieldValidation=Strict")
    );
    let delete = api.delete("a").grace_period_seconds(0).propagation_policy(PropagationPolicy::Orphan).dry_run();
    assert_eq!(
        line(delete.request().expect("ok")),
        format!("DELETE {BASE}/a?gracePeriodSeconds=0&propagationPolicy=Orphan&dryRun=All")
    );
    assert_eq!(
        line(api.get("a").query("new", "a&b=c+d").request().expect("ok")),
        format!("GET {BASE}/a?new=a%26b%3Dc%2Bd")
    );
}

#[test]
fn a_deletion_with_preconditions_has_all_its_options_in_the_body() {
    let client = client();
    let request =
        api(&client).delete("a").if_uid("u-1").grace_period_seconds(3).foreground().dry_run().request().expect("ok");
    assert_eq!(request.uri().query(), None, "a server that gets a body ignores the query");
    assert_eq!(
        body(&request),
        json!({
            "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 3, "propagationPolicy": "Foreground",
            "dryRun": ["All"], "preconditions": { "uid": "u-1" },
        })
    );
}

#[test]
fn each_form_of_patch_has_its_media_type() {
    let client = client();
    let api = api(&client);
    let table = [
        (Patch::json(json!([])), "application/json-patch+json"),
        (Patch::merge(json!({})), "application/merge-patch+json"),
        (Patch::strategic(json!({})), "application/strategic-merge-patch+json"),
        (Patch::apply(json!({})), "application/apply-patch+yaml"),
    ];
    for (patch, media_type) in table {
        assert_eq!(header(&api.patch("a", patch).request().expect("ok"), "content-type"), media_type);
    }
}

#[test]
fn reads_of_metadata_and_tables_ask_for_them() {
    let client = client();
    let api = api(&client);
    let accept = |request: Request<Bytes>| header(&request, "accept").to_owned();
    assert_eq!(
        accept(api.get("a").metadata_only().request().expect("ok")),
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    );
    assert_eq!(
        accept(api.list().metadata_only().request().expect("ok")),
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    );
    assert_eq!(accept(api.list().table().request().expect("ok")), "application/json;as=Table;g=meta.k8s.io;v=v1");
}

#[test]
fn a_request_that_would_address_something_else_is_not_built() {
    let (client, object) = (client(), DynamicObject::new(&crontabs(), "a"));
    let (shop, all) = (api(&client), Api::dynamic(&client, &crontabs(), Scope::Cluster));
    let mut elsewhere = object.clone();
    elsewhere.metadata.namespace = Some("bank".into());
    let unnamed = DynamicObject::default();
    let cases = [
        (shop.delete("").request(), "the name of the CronTab is empty"),
        (shop.get("../x").request(), "is not a valid path segment"),
        (shop.get("..").request(), "is not a valid path segment"),
        (shop.replace(&unnamed).request(), "the name of the CronTab is empty"),
        (all.get("a").request(), "is namespaced"),
        (all.create(&object).request(), "is namespaced"),
        (shop.create(&elsewhere).request(), r#"the object's namespace is "bank", but the handle's is "shop""#),
        (shop.apply(&object, "").request(), "the field manager is empty"),
        (
            Api::dynamic(&client, &crontabs(), Scope::Namespace("")).list().request(),
            "the namespace of the CronTab is empty",
        ),
    ];
    for (request, expected) in cases {
        let error = request.expect_err(expected);
        assert!(error.is_build() && error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn names_are_escaped_where_a_path_needs_it() {
    let client = client();
    let request = api(&client).get("system:node x?#").request().expect("ok");
    assert_eq!(request.uri().path(), format!("{BASE}/system:node%20x%3F%23"));
}

#[test]
fn a_request_carries_its_own_limits_and_says_whether_it_lasts() {
    use std::time::Duration;

    use kubewright_runtime::transport::layers::{LongRunning, NoReadTimeout, Timeouts};

    let client = client();
    let api = api(&client);
    let second = Duration::from_secs(1);
    let request = api.get("a").request_timeout(second).read_timeout(2 * second).connect_timeout(3 * second).request();
    let request = request.expect("a request");
    let expected = Timeouts { request: Some(second), read: Some(2 * second), connect: Some(3 * second) };
    assert_eq!(request.extensions().get::<Timeouts>(), Some(&expected));
    let lasts = |request: &Request<Bytes>| request.extensions().get::<LongRunning>().is_some();
    assert!(!lasts(&request));

    for request in [api.get("a").request(), api.list().request(), api.delete("a").request()] {
        let request = request.expect("a request");
        assert!(!lasts(&request) && request.extensions().get::<Timeouts>().is_none(), "{request:?}");
    }
    // A watch is not patient: its limit is that of the server's silence.
    let watch = api.watch().request().expect("a request");
    assert!(lasts(&watch) && watch.extensions().get::<NoReadTimeout>().is_none());
}
