//! No kind of discovery is one that the server doesn't answer for, in any form: sweeps over all of them don't fail.
#![allow(missing_docs)]

use http::Request;
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::Value;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The forms in which lists are asked for.
const FORMS: [&str; 7] = [
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
    "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io",
];

async fn get(client: &Client, path: &str, accept: &str) -> (u16, Vec<u8>) {
    let request = Request::builder().uri(path).header("accept", accept).body(Body::empty()).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    (parts.status.as_u16(), body.collect().await.expect("a body").to_bytes().to_vec())
}

/// The paths of all lists.
async fn lists(client: &Client) -> Vec<String> {
    let mut paths = Vec::new();
    for root in ["/api", "/apis"] {
        let (_, body) = get(client, root, AGGREGATED).await;
        let discovery: Value = serde_json::from_slice(&body).expect("discovery");
        for group in discovery["items"].as_array().into_iter().flatten() {
            for version in group["versions"].as_array().into_iter().flatten() {
                let name = group["metadata"]["name"].as_str().map(|name| format!("/{name}")).unwrap_or_default();
                let base = format!("{root}{name}/{}", version["version"].as_str().unwrap_or_default());
                for resource in version["resources"].as_array().into_iter().flatten() {
                    if resource["verbs"].as_array().is_some_and(|verbs| verbs.iter().any(|verb| verb == "list")) {
                        paths.push(format!("{base}/{}", resource["resource"].as_str().unwrap_or_default()));
                    }
                }
            }
        }
    }
    paths
}

#[tokio::test]
async fn every_kind_of_discovery_is_listed_in_every_form_by_every_minor() {
    for minor in ["1.34", "1.35", "1.36", "1.37"] {
        let client = FakeCluster::builder().kubernetes(minor).build().expect("a cluster").client();
        let paths = lists(&client).await;
        assert!(paths.len() > 60, "{minor} has all its kinds");
        for path in &paths {
            for form in FORMS {
                let (code, body) = get(&client, path, form).await;
                assert_eq!(code, 200, "{minor}: {path} as {form}: {}", String::from_utf8_lossy(&body));
            }
        }
    }
}
