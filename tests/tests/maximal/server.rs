//! The server's side: clients of it, requests by hand, and what of its answers differs from object to object.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright::core::v1::Namespace;
use kubewright::message::{Message, Value};
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright::{ClientBuilder, Resource, json};
use kubewright_testbed::Cluster;

use super::fixture;

/// Where what lives in a namespace is created.
pub const NAMESPACE: &str = "maximal";

/// A cluster, and the ways to it.
pub struct Bed {
    /// One that takes protobuf, and one that takes JSON.
    pub clients: [Client; 2],
}

impl Bed {
    /// Of a cluster.
    pub async fn new(cluster: &Cluster) -> Self {
        let config = kubewright_tests::config(cluster.kubeconfig());
        let builder = || ClientBuilder::from_config(&config).expect("a client");
        let clients = [builder().build(), builder().json_only().build()];
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(NAMESPACE.into());
        clients[0].core_v1().namespaces().create(&namespace).await.expect("a namespace");
        Self { clients }
    }

    /// The kind's resource.
    pub fn api<K: Resource>(&self, client: &Client) -> Api<K> {
        if K::RESOURCE.namespaced { Api::namespaced(client, NAMESPACE) } else { Api::all(client) }
    }

    /// An object's body as the server sends it in an encoding, which it must be in.
    pub async fn raw<K: Resource>(&self, name: &str, media_type: &'static str) -> Result<Bytes, String> {
        let request = request(Method::GET, &format!("{}/{name}", path::<K>()), media_type, Body::empty());
        let response = self.clients[0].send(request).await.map_err(|error| error.to_string())?;
        let found = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !found.starts_with(media_type) {
            return Err(format!("asked for {media_type}, the server sent {found}"));
        }
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?;
        Ok(body.to_bytes())
    }

    /// Creates an object of any JSON, or only asks whether it could be. Fields that the server drops are no error.
    pub async fn create_json<K: Resource>(
        &self,
        object: &serde_json::Value,
        rehearsal: bool,
    ) -> Result<serde_json::Value, String> {
        let query = if rehearsal { "?dryRun=All" } else { "" };
        self.json(Method::POST, &format!("{}{query}", path::<K>()), object).await
    }

    /// Asks whether an object could have this status.
    pub async fn put_status_json<K: Resource>(&self, object: &serde_json::Value) -> Result<serde_json::Value, String> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        self.json(Method::PUT, &format!("{}/{name}/status?dryRun=All", path::<K>()), object).await
    }

    /// The object as it is now, with the status of another.
    pub async fn latest_with_status<K: Resource>(
        &self,
        name: &str,
        other: serde_json::Value,
    ) -> Result<serde_json::Value, String> {
        let mut latest: serde_json::Value = serde_json::from_slice(&self.raw::<K>(name, "application/json").await?)
            .map_err(|error| error.to_string())?;
        latest["status"] = other["status"].clone();
        Ok(latest)
    }

    async fn json(
        &self,
        method: Method,
        target: &str,
        object: &serde_json::Value,
    ) -> Result<serde_json::Value, String> {
        let request = request(method, target, "application/json", Body::from(object.to_string()));
        let response = self.clients[1].send(request).await.map_err(|error| error.to_string())?;
        let code = response.status();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let value: serde_json::Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        if matches!(code, StatusCode::OK | StatusCode::CREATED) { Ok(value) } else { Err(value["message"].to_string()) }
    }
}

fn path<K: Resource>() -> String {
    let resource = K::RESOURCE;
    let root = if resource.group.is_empty() { "/api".to_owned() } else { format!("/apis/{}", resource.group) };
    let namespace = if resource.namespaced { format!("/namespaces/{NAMESPACE}") } else { String::new() };
    format!("{root}/{}{namespace}/{}", resource.version, resource.plural)
}

fn request(method: Method, target: &str, accept: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(target)
        .header("accept", accept)
        .header("content-type", "application/json")
        .body(body)
        .expect("a request")
}

/// An object as JSON, without what changes when it is written.
pub fn without_versions<K: Resource>(object: &K) -> String {
    let mut object = object.clone();
    let metadata = object.metadata_mut();
    metadata.managed_fields.clear();
    metadata.resource_version = None;
    text(&object)
}

/// What the server answers as JSON, in one order: it makes some lists in any.
pub fn unordered<K: Resource>(object: &K) -> String {
    fn sort(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => fields.values_mut().for_each(sort),
            serde_json::Value::Array(items) => {
                items.iter_mut().for_each(sort);
                items.sort_by_key(ToString::to_string);
            }
            _ => {}
        }
    }
    let mut value: serde_json::Value = serde_json::from_str(&without_versions(object)).unwrap_or_default();
    sort(&mut value);
    value.to_string()
}

/// An object as JSON, without what differs between two of the same content.
pub fn without_identity<K: Resource>(object: &K) -> String {
    let mut object = object.clone();
    let metadata = object.metadata_mut();
    let name = metadata.name.take().unwrap_or_default();
    metadata.managed_fields.clear();
    (metadata.resource_version, metadata.uid, metadata.creation_timestamp) = (None, None, None);
    metadata.generation = None;
    // What was made of the name, such as a CRD's own names.
    let text = text(&object).replace(&*name, "NAME");
    let text =
        [1, 2].iter().fold(text, |text, digit| text.replace(&fixture::name(K::RESOURCE.version, *digit), "NAME"));
    allocated(K::RESOURCE.kind, text)
}

/// Kinds whose status the server's own controllers write, sooner or later.
pub const STATUS_OF_THE_SERVER: &[&str] =
    &["APIService", "CustomResourceDefinition", "FlowSchema", "PriorityLevelConfiguration"];

/// Takes out what the server allots to each object, or writes the time into.
fn allocated(kind: &str, text: String) -> String {
    let names: &[&str] = match kind {
        "Service" => &["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort"],
        _ if STATUS_OF_THE_SERVER.contains(&kind) => &["status"],
        "LeaseCandidate" => &["pingTime", "renewTime"],
        "IPAddress" => &["name"],
        "Node" => &["podCIDR", "podCIDRs"],
        "ServiceCIDR" => &["cidrs", "lastTransitionTime"],
        "PersistentVolume" => &["lastPhaseTransitionTime", "uid"],
        _ => &["lastTransitionTime", "lastUpdateTime", "creationTimestamp", "uid"],
    };
    fn strip(value: &mut serde_json::Value, names: &[&str]) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.retain(|name, _| !names.contains(&name.as_str()));
                fields.values_mut().for_each(|value| strip(value, names));
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|value| strip(value, names)),
            _ => {}
        }
    }
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    strip(&mut value, names);
    value.to_string()
}

/// A message's JSON, for comparison and for people.
pub fn text(object: &dyn Message) -> String {
    json::to_vec(object)
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .unwrap_or_else(|error| error.to_string())
}

/// An error that names a field which the tables do not know.
pub fn no_unknown_fields(message: &dyn Message, path: &str) -> Result<(), String> {
    match unknown_fields(message, path).into_iter().next() {
        Some(place) => Err(place),
        None => Ok(()),
    }
}

/// Where in it there are fields that the tables do not know: for each message that has any, a line.
pub fn unknown_fields(message: &dyn Message, path: &str) -> Vec<String> {
    let unknown = message.unknown_fields();
    let mut found = Vec::new();
    if !unknown.is_empty() {
        found.push(format!("at {path:?} of {} there are unknown fields: {unknown:?}", message.descriptor().name));
    }
    for (index, field) in message.descriptor().fields.iter().enumerate() {
        within(message.value(index), &format!("{path}.{}", field.name()), &mut found);
    }
    found
}

fn within(value: Value<'_>, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Message(message) => found.extend(unknown_fields(message, path)),
        Value::List(list) => {
            (0..list.len()).for_each(|index| within(list.get(index), &format!("{path}[{index}]"), found));
        }
        Value::Map(map) => {
            let entries = (0..map.len()).filter_map(|index| map.get(index));
            entries.for_each(|(key, value)| within(value, &format!("{path}[{key}]"), found));
        }
        _ => {}
    }
}
